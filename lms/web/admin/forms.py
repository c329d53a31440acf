"""What the administrator's forms share: reading what was typed, and choosing a person or a unit by typing words, never from a list of
thousands. A form has two buttons: one searches and comes back with everything that was typed, the other saves."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import request

from lms.errors import Invalid
from lms.people import queries, tree
from lms.people.codes import IssuedCode
from lms.people.rules import staff_date
from lms.people.types import CodePurpose, CodeState, EmploymentKind, Role, SuperiorSource, UnitCategory
from lms.web import clock, language
from lms.web.extensions import reading
from lms.web.identity import user

KINDS = {
    EmploymentKind.PNS: "PNS",
    EmploymentKind.CPNS: "CPNS",
    EmploymentKind.PPPK: "PPPK",
    EmploymentKind.OTHER: "Bukan ASN",
}
CATEGORIES = {
    UnitCategory.OFFICE: "Dinas, badan, sekretariat",
    UnitCategory.HEALTH: "Kesehatan",
    UnitCategory.EDUCATION: "Pendidikan",
    UnitCategory.TERRITORY: "Kecamatan, kelurahan",
    UnitCategory.OTHER: "UPT lain",
}
SOURCES = {
    SuperiorSource.HEAD: "kepala unit",
    SuperiorSource.PLT: "pelaksana tugas (Plt)",
    SuperiorSource.PLH: "pelaksana harian (Plh)",
    SuperiorSource.NAMED: "ditunjuk langsung",
}
POSTS = {"head": "Kepala unit", "plt": "Pelaksana tugas (Plt)", "plh": "Pelaksana harian (Plh)", "operator": "Operator unit"}
ROLES = {Role.AUTHOR: "Penulis materi", Role.ADMIN: "Administrator"}
LARGEST_ID = 2**31 - 1
YEAR_FIRST = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", re.ASCII)
DAY_FIRST = re.compile(r"(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>\d{4})", re.ASCII)


@dataclass(frozen=True)
class Choice:
    value: int
    label: str
    detail: str
    checked: bool


def typed() -> Mapping[str, str]:
    """What a form holds: posted, or brought back in the address after the password was asked."""
    return request.form if request.method == "POST" else request.args


def text(name: str, most: int = 200) -> str:
    return typed().get(name, "")[:most].strip()


def chosen(name: str) -> int | None:
    """The number of a person or unit; None for anything else."""
    return whole(typed().get(name, ""))


def whole(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 10 and int(value) <= LARGEST_ID else None


def day(name: str, *, needed: bool = True) -> date | None:
    """A day as typed or picked. Raises Invalid for what cannot be read, and when it is needed and missing."""
    value = text(name)
    if not value and not needed:
        return None
    match = DAY_FIRST.fullmatch(value) or YEAR_FIRST.fullmatch(value)
    try:
        if match and 1900 <= int(match["y"]) <= 2100:
            return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        pass  # the 31st of a short month is told like anything else that is no day
    raise Invalid("Tanggal ini tidak terbaca. Tulis hari, bulan, dan tahun, misalnya 05-03-2026.", field=name)


def term(begin: str, last: str) -> tuple[date, date | None]:
    """First day and, exclusive, the day after the last one: people name the last day, the tables the first day without."""
    from_on, last_on = day(begin), day(last, needed=False)
    assert from_on is not None
    return from_on, last_on + timedelta(days=1) if last_on else None


def told_term(from_on: date, to_on: date | None) -> str:
    """1 Maret 2026 sampai 14 Maret 2026"""
    if to_on is None:
        return f"sejak {language.long_date(from_on)}"
    if to_on <= from_on:
        return f"{language.long_date(from_on)}, dibatalkan sebelum berlaku"
    return f"{language.long_date(from_on)} sampai {language.long_date(to_on - timedelta(days=1))}"


def told_state(state: CodeState, at: datetime) -> str:
    """What became of a one-time code; `at` = when it was used, or until when it works or worked."""
    when = language.date_and_time(at, user().time_zone)
    if state is CodeState.USED:
        return f"Dipakai {when}"
    return f"Berlaku sampai {when}" if state is CodeState.VALID else f"Tidak berlaku sejak {when}"


def told_codes(found: list[IssuedCode]) -> list[dict[str, str]]:
    """Codes that were issued, for a list: whose, when and by whom, and what became of each."""
    names = queries.names_of(reading(), {one.issued_by for one in found if one.issued_by})
    zone = user().time_zone
    return [
        {
            "name": one.display_name,
            "purpose": "Aktivasi" if one.purpose is CodePurpose.ACTIVATION else "Pemulihan",
            "made": language.date_and_time(one.issued_at, zone) if one.issued_at else "Sebelum dicatat",
            "by": names.get(one.issued_by or 0, "Baris perintah"),
            "state": told_state(one.state, one.ended_at),
            "kind": {CodeState.USED: "baik", CodeState.VALID: "ingat"}.get(one.state, ""),
        }
        for one in found
    ]


def people_choices(words: str, picked: int | None, *, but: int | None = None) -> list[Choice]:
    """People found by `words`, the one picked before first; nobody who has left, nor `but`."""
    session, today = reading(), staff_date(clock.now())
    found = queries.find_people(session, words, today, limit=20) if words else []
    rows = [
        (one.person_id, one.display_name, _joined((one.position, one.unit_name or "Tanpa unit")))
        for one in found
        if one.person_id not in (picked, but) and (one.left_on is None or one.left_on > today)
    ]
    if picked is not None and picked in queries.names_of(session, [picked]):
        known = queries.identity(session, picked, today)
        rows.insert(0, (picked, known.display_name, _joined((known.position, known.unit_name or "Tanpa unit"))))
    return [Choice(*row, row[0] == picked) for row in rows]


def unit_choices(words: str, picked: int | None, *, but_below: str = "-") -> list[Choice]:
    """Units found by `words` with the way up to the root, the one picked before first; none inside the subtree `but_below`."""
    session = reading()
    found = queries.find_units(session, words) if words else []
    found = [one for one in found if one.unit_id != picked and not one.path.startswith(but_below)]
    if picked is not None:
        found.insert(0, queries.unit(session, picked))
    above = tree.trails(session, [one.path for one in found])
    return [Choice(one.unit_id, one.name, above[one.path], one.unit_id == picked) for one in found]


def options(labels: Mapping[str, str], chosen_value: str) -> list[tuple[str, str, bool]]:
    """(value, label, is chosen) of a drop-down."""
    return [(value, label, value == chosen_value) for value, label in labels.items()]


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)
