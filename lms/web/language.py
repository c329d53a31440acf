"""Words, dates and numbers as Indonesians write them. Message ids are Indonesian; another language is a catalogue."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from markupsafe import Markup, escape

ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
LANGUAGE = "id"


def long_date(value: date | datetime, time_zone: str = "Asia/Makassar") -> str:
    """5 Maret 2025"""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(time_zone)).date()
    return _long_day(value)


@lru_cache(maxsize=4096)
def _long_day(day: date) -> str:
    return format_date(day, "d MMMM y", locale=LANGUAGE)


def clock_time(value: datetime, time_zone: str = "Asia/Makassar") -> str:
    """14.30 WITA"""
    local = value.astimezone(ZoneInfo(time_zone))
    return f"{local:%H.%M} {zone_name(time_zone, value)}"


def zone_name(time_zone: str, value: datetime) -> str:
    """WITA"""
    return ZONE_NAMES.get(time_zone) or value.astimezone(ZoneInfo(time_zone)).tzname() or time_zone


def hour_and_minute(value: datetime, time_zone: str) -> str:
    """14.30, for what just happened to the reader"""
    return f"{value.astimezone(ZoneInfo(time_zone)):%H.%M}"


def date_and_time(value: datetime, time_zone: str = "Asia/Makassar") -> str:
    """5 Maret 2025 pukul 14.30 WITA"""
    return f"{long_date(value, time_zone)} pukul {clock_time(value, time_zone)}"


@lru_cache(maxsize=4096)
def score(hundredths: int | None) -> str:
    """8050 → 80,5; None → –"""
    if hundredths is None:
        return "–"
    value = Decimal(hundredths) / 100
    return format_decimal(value, "#,##0.##", locale=LANGUAGE)


@lru_cache(maxsize=4096)
def kilobytes(size_bytes: int) -> str:
    """24 KB, or 1,2 MB from a thousand kilobytes on"""
    if size_bytes >= 1_000_000:
        return f"{format_decimal(Decimal(size_bytes) / 1_000_000, '0.#', locale=LANGUAGE)} MB"
    return f"{max(1, int((Decimal(size_bytes) / 1000).quantize(Decimal(1), ROUND_HALF_UP)))} KB"


def number(value: int | Decimal) -> str:
    """1.250"""
    return format_decimal(value, locale=LANGUAGE)


def code_marks(text: str) -> Markup:
    """A message with its `marked` pieces as code."""
    parts = escape(text).split("`")
    marked = [
        part if not index % 2 else f"<code>{part}</code>" if index < len(parts) - 1 else f"`{part}"
        for index, part in enumerate(parts)
    ]
    return Markup("".join(marked))


def register(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        long_date=long_date,
        clock_time=clock_time,
        date_and_time=date_and_time,
        score=score,
        kilobytes=kilobytes,
        number=number,
        code_marks=code_marks,
    )
    app.jinja_env.globals["language"] = LANGUAGE
