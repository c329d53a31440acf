"""Values with a grammar of their own: durations, dates, sizes, endings, word counts, scales, who marks. Pure; None = unreadable."""

import re
from datetime import date
from decimal import Decimal

from lms.content.assignments import Grader
from lms.content.types import Scale
from lms.shared.numbers import LONGEST, parse_number

ENDINGS = ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "jpg", "jpeg", "png", "webp", "txt", "csv", "mp3", "mp4")
"""What learners may ever be allowed to hand in."""
DEFAULT_ENDINGS = ("pdf", "docx", "xlsx", "pptx", "jpg", "png")
DEFAULT_BYTES = 10_000_000
MOST_BYTES = 25_000_000
MOST_PEERS = 5
_UNIT_SECONDS = {
    **dict.fromkeys(("detik", "second", "seconds"), 1),
    **dict.fromkeys(("menit", "minute", "minutes", "m"), 60),
    **dict.fromkeys(("jam", "hour", "hours", "j"), 3600),
    **dict.fromkeys(("hari", "day", "days"), 86400),
    **dict.fromkeys(("minggu", "pekan", "week", "weeks"), 7 * 86400),
    **dict.fromkeys(("bulan", "month", "months"), 30 * 86400),
    **dict.fromkeys(("tahun", "year", "years"), 365 * 86400),
}
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6, "jul": 7, "agu": 8, "ags": 8, "aug": 8, "sep": 9,
    "okt": 10, "oct": 10, "nov": 11, "nop": 11, "des": 12, "dec": 12,
}  # fmt: skip
_SIZES = {"b": 1, "kb": 1_000, "k": 1_000, "mb": 1_000_000, "m": 1_000_000, "": 1_000_000}
_AT_MOST = ("maks", "maksimal", "maksimum", "max", "paling banyak", "at most", "up to")
_AT_LEAST = ("min", "minimal", "minimum", "paling sedikit", "at least")
_GRADERS = {
    **dict.fromkeys(("mentor", "fasilitator"), Grader.MENTOR),
    **dict.fromkeys(("atasan", "superior", "supervisor"), Grader.SUPERIOR),
    **dict.fromkeys(("sejawat", "peer", "peers"), Grader.PEER),
}


def read_duration(text: str) -> int | None:
    """Seconds of "30 menit", "1 jam 30 menit", "2,5 jam" or "0"."""
    lowered = text.strip().casefold()
    if lowered in ("0", "tidak", "none"):
        return 0
    if len(lowered) > LONGEST:
        return None
    total = Decimal(0)
    parts = re.findall(r"([\d.,]+)\s*([a-z]+)", lowered)
    if not parts or re.sub(r"([\d.,]+)\s*([a-z]+)", "", lowered).strip():
        return None
    for amount, unit in parts:
        value = parse_number(amount)
        if value is None or unit not in _UNIT_SECONDS or value > 10**6:
            return None
        total += value * _UNIT_SECONDS[unit]
    return int(total)


def read_date(text: str) -> str | None:
    """YYYY-MM-DD of "2026-12-01", "1 Desember 2026" or "1/12/2026" (day first)."""
    lowered = " ".join(text.casefold().split())
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", lowered):
        year, month, day = map(int, iso.groups())
    elif local := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", lowered):
        day, month, year = map(int, local.groups())
    elif spoken := re.fullmatch(r"(\d{1,2}) ([a-z]{3,9})\.? (\d{4})", lowered):
        day, month, year = int(spoken[1]), _MONTHS.get(spoken[2][:3], 0), int(spoken[3])
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def read_due(text: str) -> int | str | None:
    """`tenggat`: seconds from enrolment, or a date."""
    return read_date(text) or read_duration(text)


def read_size(text: str) -> int | None:
    """Bytes of "10 MB" or "500 kB", from 1 kB to MOST_BYTES; a bare number counts megabytes."""
    match = re.fullmatch(r"([\d.,]+)\s*([km]?b?)", text.strip().casefold())
    value = parse_number(match[1]) if match else None
    if match is None or value is None:
        return None
    size = int(value * _SIZES[match[2]])
    return size if 1_000 <= size <= MOST_BYTES else None


def read_endings(text: str) -> tuple[str, ...] | None:
    """Lower-case endings without the dot, each once, of "pdf, docx" or ".PDF dan .docx"."""
    words = [word.strip(".*") for word in re.split(r"[\s,;/|]+", text.casefold()) if word not in ("dan", "atau", "and", "or", "")]
    return tuple(dict.fromkeys(words)) if words and all(word in ENDINGS for word in words) else None


def read_words(text: str) -> tuple[int, int] | None:
    """(fewest, most) words of "100-300", "maks 300" or "min 100"; 0 = no limit. A bare number is the most."""
    lowered = re.sub(r"\s*(?:kata|words?)$", "", " ".join(text.casefold().split()))
    match = re.fullmatch(r"(?:(\d[\d.]*)\s*(?:-|–|—|\.\.|sampai|s/d|to)\s*|([a-z][a-z ]*?)\.?\s*)?(\d[\d.]*)", lowered)
    if match is None or (match[2] and match[2] not in (*_AT_MOST, *_AT_LEAST)):
        return None
    number = _count(match[3])
    fewest, most = (number, 0) if match[2] in _AT_LEAST else (_count(match[1] or "0"), number)
    return (fewest, most) if 0 < number <= 20_000 and (fewest <= most or not most) else None


def _count(text: str) -> int:
    value = parse_number(text)
    return int(value) if value is not None and value == int(value) else 0


def read_scale(text: str) -> Scale | None:
    """`1-5 Sangat tidak setuju – Sangat setuju`: two whole numbers, then no label, one at each end, or one a number (`|`)."""
    match = re.fullmatch(
        r"(\d{1,2})\s*(?:-|–|—|\.\.|sampai|s/d|to)\s*(\d{1,2})(?:\s*[:,]\s*|\s+|(?=\()|$)(.*)", " ".join(text.split())
    )
    if match is None:
        return None
    low, high = int(match[1]), int(match[2])
    if not 1 <= high - low <= 10:
        return None
    written = re.sub(r"^\((.*)\)$", r"\1", match[3]).strip()
    parts = written.split("|") if "|" in written else re.split(r"\s*[–—]\s*|\s+--?\s+", written)
    labels = tuple(part.strip() for part in parts) if written else ()
    is_sound = all(labels) and len(labels) in (0, 2, high - low + 1)
    return Scale(low, high, labels) if is_sound else None


def read_grader(text: str) -> tuple[Grader, int] | None:
    """Who marks, and how many peers: "mentor", "atasan", "sejawat 2"."""
    match = re.fullmatch(r"([a-z]+)(?:\s+(\d))?", text.strip().casefold())
    grader = _GRADERS.get(match[1]) if match else None
    if match is None or grader is None or (match[2] and grader is not Grader.PEER):
        return None
    peers = int(match[2] or 2) if grader is Grader.PEER else 0
    return (grader, peers) if grader is not Grader.PEER or 1 <= peers <= MOST_PEERS else None
