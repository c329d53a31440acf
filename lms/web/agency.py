"""Agency settings for pages, read at most once a minute per process: they change a few times a year."""

import time
from dataclasses import dataclass

from lms.people import settings
from lms.web.extensions import reading

KEEP_SECONDS = 60.0


@dataclass
class _Kept:
    value: settings.AgencySettings | None = None
    until: float = 0.0
    database: str = ""


_kept = _Kept()


def forget() -> None:
    """Read anew at once: this process has just saved them."""
    _kept.value = None


def current() -> settings.AgencySettings:
    session = reading()
    database = str(session.get_bind())
    if _kept.value is None or _kept.until < time.monotonic() or _kept.database != database:
        _kept.value = settings.agency_settings(session)
        _kept.until = time.monotonic() + KEEP_SECONDS
        _kept.database = database
    return _kept.value
