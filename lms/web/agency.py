"""Agency settings for pages, read at most once a minute per process: they change a few times a year."""

import time
from dataclasses import dataclass

from flask import current_app

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


def second_factor_is_required() -> bool:
    """Whether pages of staff insist on a second factor. A demo asks nobody for one (DESIGN 4)."""
    return not current_app.config["PELITA"].is_demo and current().second_factor == "required"
