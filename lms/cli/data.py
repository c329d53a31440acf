"""Where the data of this installation lie, for commands that need the database but not the web's configuration."""

import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from config import ROOT
from lms.store import audit
from lms.store.engine import make_engine, require_local_disk, sqlite_url
from lms.store.migrate import current, head, upgrade


def data_folder(wanted: Path | None) -> Path:
    """The folder of `--data`, of PELITA_DATA, or `data` beside the program."""
    return (wanted or Path(os.environ.get("PELITA_DATA", ROOT / "data"))).resolve()


def open_database(folder: Path) -> Engine:
    """An engine on the installation's database with its schema up to date. DATABASE_URL chooses PostgreSQL."""
    folder.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("DATABASE_URL") or sqlite_url(folder)
    if url.startswith("sqlite"):
        require_local_disk(folder)
    engine = make_engine(url)
    audit.arm(engine, folder)
    if current(engine) != head():
        upgrade(engine, backup_at=datetime.now(UTC))
    return engine
