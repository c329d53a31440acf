"""Where heads of the audit log are written down: DATA/jejak/kepala.log, and a second place named by AUDIT_ANCHOR_URL."""

import os
import syslog
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from lms.errors import Refused
from lms.store import audit


def places(folder: Path) -> list[Path]:
    """The files that hold anchors. Raises Refused for an AUDIT_ANCHOR_URL that is neither file:///… nor syslog:."""
    url = urlsplit(os.environ.get("AUDIT_ANCHOR_URL", ""))
    if url.scheme not in ("", "file", "syslog"):
        raise Refused("AUDIT_ANCHOR_URL harus berupa file:///folder/kepala.log atau syslog:. Jangkar belum ditulis ke sana.")
    second = [Path(unquote(url.path))] if url.scheme == "file" else []
    return [folder / audit.HEADS, *second]


def write(session: Session, folder: Path, now: datetime) -> None:
    """Write the newest head down unless it is there already."""
    line = audit.anchor(session, places(folder), now)
    if line and os.environ.get("AUDIT_ANCHOR_URL", "").startswith("syslog:"):
        syslog.syslog(syslog.LOG_NOTICE, f"pelita-audit {line}")
