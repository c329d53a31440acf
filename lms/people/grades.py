"""Golongan: reading the many spellings of the field, and the rank names that belong to them (D24, DOMAIN 3.10-3.12). Pure."""

import re

from lms.errors import Invalid
from lms.people.types import EmploymentKind

RANKS = {
    "I/a": "Juru Muda",
    "I/b": "Juru Muda Tk I",
    "I/c": "Juru",
    "I/d": "Juru Tk I",
    "II/a": "Pengatur Muda",
    "II/b": "Pengatur Muda Tk I",
    "II/c": "Pengatur",
    "II/d": "Pengatur Tk I",
    "III/a": "Penata Muda",
    "III/b": "Penata Muda Tk I",
    "III/c": "Penata",
    "III/d": "Penata Tk I",
    "IV/a": "Pembina",
    "IV/b": "Pembina Tk I",
    "IV/c": "Pembina Utama Muda",
    "IV/d": "Pembina Utama Madya",
    "IV/e": "Pembina Utama",
}
"""Rank name of each grade of a PNS."""

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII")
"""Grades of a PPPK, which have no rank name."""

_PNS = re.compile(r"(?:^|[^A-Z0-9])(IV|III|II|I|[1-4])[\s/.,\\|_-]*([A-E])$")
_PPPK = re.compile(r"^(?:GOLONGAN|GOL)?[\s.:]*([IVX]+|\d{1,2})$")
_BRACKETS = re.compile(r"[()\[\]]")
_BLANKS = re.compile(r"\s+")


def _plain_rank(text: str) -> str:
    """A rank name reduced to its letters, so that "Penata Tingkat I", "PENATA TK.I" and "Penata Tk I" are one."""
    return re.sub(r"[^A-Z]", "", text.upper().replace("TINGKAT", "TK"))


_BY_RANK = {_plain_rank(rank): grade for grade, rank in RANKS.items()}


def parse_grade(text: str) -> str:
    """The canonical grade: "III/d" (PNS) or "IX" (PPPK); "" for an empty field or a dash.

    Accepts "III/d", "III-d", "III.d", "IIID", "3d", "Penata Tk. I / III-d", "Penata Tk. I", "Golongan IX", "9". Raises Invalid.
    """
    clean = _BLANKS.sub(" ", _BRACKETS.sub(" ", text)).strip().upper()
    if not clean.strip("-–— "):
        return ""
    as_pppk = _PPPK.match(clean)
    if as_pppk:
        number = as_pppk[1]
        if number in ROMAN:
            return number
        if number.isdecimal() and number.isascii() and 1 <= int(number) <= len(ROMAN):
            return ROMAN[int(number) - 1]
    as_pns = _PNS.search(clean)
    if as_pns:
        level = ROMAN[int(as_pns[1]) - 1] if as_pns[1].isdecimal() else as_pns[1]
        grade = f"{level}/{as_pns[2].lower()}"
        if grade in RANKS:
            return grade
    by_rank = _BY_RANK.get(_plain_rank(clean))
    if by_rank:
        return by_rank
    raise Invalid(
        f"Golongan “{text.strip()[:40]}” tidak dikenal. Tulis misalnya III/d untuk PNS atau IX untuk PPPK.", field="grade"
    )


def rank_name(grade: str, kind: EmploymentKind) -> str:
    """What stands for the rank on documents: "Penata Tk I" (PNS), "Golongan IX" (PPPK), "" when there is none. Never "-"."""
    if kind in (EmploymentKind.PNS, EmploymentKind.CPNS) and grade in RANKS:
        return RANKS[grade]
    return f"Golongan {grade}" if grade in ROMAN else ""
