"""The only place where the web asks what time it is; tests set `forced`."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

forced: datetime | None = None


def now() -> datetime:
    """Aware UTC."""
    return forced or datetime.now(UTC)


def today(time_zone: str) -> date:
    return now().astimezone(ZoneInfo(time_zone)).date()
