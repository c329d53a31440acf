"""Dates, times and numbers as the language of the request writes them, the way Indonesians do unless English was asked for."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from markupsafe import Markup, escape

from lms.web import translation

ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def long_date(value: date | datetime, time_zone: str = "Asia/Makassar") -> str:
    """5 Maret 2025"""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(time_zone)).date()
    return _long_day(value, translation.current())


@lru_cache(maxsize=4096)
def _long_day(day: date, locale: str) -> str:
    return format_date(day, "d MMMM y", locale=locale)


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
    joint = {translation.ENGLISH: "at"}.get(translation.current(), "pukul")
    return f"{long_date(value, time_zone)} {joint} {clock_time(value, time_zone)}"


def score(hundredths: int | None) -> str:
    """8050 → 80,5; None → –"""
    return "–" if hundredths is None else _decimal(Decimal(hundredths) / 100, "#,##0.##", translation.current())


def kilobytes(size_bytes: int) -> str:
    """24 KB, or 1,2 MB from a thousand kilobytes on"""
    if size_bytes >= 1_000_000:
        return f"{_decimal(Decimal(size_bytes) / 1_000_000, '0.#', translation.current())} MB"
    return f"{max(1, int((Decimal(size_bytes) / 1000).quantize(Decimal(1), ROUND_HALF_UP)))} KB"


def number(value: int | Decimal) -> str:
    """1.250"""
    return format_decimal(value, locale=translation.current())


@lru_cache(maxsize=4096)
def _decimal(value: Decimal, pattern: str, locale: str) -> str:
    return format_decimal(value, pattern, locale=locale)


def code_marks(text: str) -> Markup:
    """A message with its `marked` pieces as code."""
    parts = escape(translation.translate(text)).split("`")
    marked = [
        part if not index % 2 else f"<code>{part}</code>" if index < len(parts) - 1 else f"`{part}"
        for index, part in enumerate(parts)
    ]
    return Markup("".join(marked))


def register(app: Flask) -> None:
    translation.register(app)
    app.jinja_env.filters.update(
        long_date=long_date,
        clock_time=clock_time,
        date_and_time=date_and_time,
        score=score,
        kilobytes=kilobytes,
        number=number,
        code_marks=code_marks,
    )
