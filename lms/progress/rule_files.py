"""Versions of the rule file of the 25 forms (D7): the one that ships with the program, and those the training office saved as text.
A version holds from its day on; nothing that was awarded changes."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.errors import Conflict, NotFound
from lms.people.settings import save_settings
from lms.progress import forms
from lms.progress.forms import Problem, RuleBook, UnreadableRules
from lms.progress.models import RuleFile
from lms.store import audit

NAME = "bentuk-jp"
SHIPPED_ID = 0
_SHIPPED = Path(__file__).with_name("forms.yml")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version; id 0 is the shipped one, which nobody saved."""

    id: int
    version: str
    from_on: date
    text: str
    saved_at: datetime | None = None
    saved_by: int | None = None


@lru_cache(maxsize=1)
def _shipped() -> VersionRow:
    text = _SHIPPED.read_text(encoding="utf-8")
    book = forms.read(text)
    return VersionRow(SHIPPED_ID, book.version, book.from_on, text)


def versions(session: Session) -> list[VersionRow]:
    """All versions, the one that holds latest first, the shipped one last. One SELECT."""
    rows = session.execute(
        select(RuleFile.id, RuleFile.version, RuleFile.from_on, RuleFile.text, RuleFile.saved_at, RuleFile.saved_by)
        .where(RuleFile.name == NAME)
        .order_by(RuleFile.from_on.desc(), RuleFile.id.desc())
    )
    return [*(VersionRow(*row) for row in rows), _shipped()]


def version(session: Session, version_id: int) -> tuple[VersionRow, VersionRow | None]:
    """A version and the one it followed when it was saved (None for the shipped one). Raises NotFound."""
    known = sorted(versions(session), key=lambda one: one.id)
    place = next((place for place, one in enumerate(known) if one.id == version_id), None)
    if place is None:
        raise NotFound("Versi aturan ini tidak ada. Pilih dari daftar versi.")
    return known[place], known[place - 1] if place else None


def in_force(known: Sequence[VersionRow], on: date) -> VersionRow:
    """The version of `versions` that holds on a day: the latest begun that has not ended; the shipped one where none does."""
    for one in known[:-1]:
        ends = forms.read(one.text).to_on
        if one.from_on <= on and (ends is None or on <= ends):
            return one
    return known[-1]


def book_on(known: Sequence[VersionRow], on: date) -> RuleBook:
    """The rules that hold on a day; what an older version does not speak of is as shipped."""
    book, shipped = forms.read(in_force(known, on).text), forms.read(known[-1].text)
    return replace(book, competencies=book.competencies or shipped.competencies, posts=book.posts or shipped.posts)


def checked(session: Session, text: str) -> RuleBook:
    """The rules in a text that may become a version. Raises UnreadableRules, also for a version word that is taken."""
    book = forms.read(text)
    if any(one.version == book.version for one in versions(session)):
        line = next((n for n, row in enumerate(text.splitlines(), 1) if row.startswith("versi")), 1)
        raise UnreadableRules([Problem(line, f"Versi {book.version} sudah ada. Beri nama versi yang baru.")])
    return book


def difference(before: str, after: str) -> list[str]:
    """What changed between two texts, as lines that begin with "+", "-" or a blank, with two lines around each change."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


def save(session: Session, *, text: str, by: int | None, now: datetime) -> int:
    """Keep a text as a new version; the JP targets of the years it names count from now on. Returns its id.

    Raises UnreadableRules, Conflict when somebody saved the same version word in between.
    """
    book = checked(session, text)
    row = RuleFile(name=NAME, version=book.version, from_on=book.from_on, text=text, saved_at=now, saved_by=by)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict(
            f"Versi {book.version} baru saja disimpan orang lain. Beri nama versi yang lain, lalu simpan lagi."
        ) from problem
    save_settings(session, jp_targets=[one.target for one in book.targets])
    audit.record(
        session, at=now, action="rules.save", actor_id=by, subject=f"rules:{book.version}", from_on=book.from_on.isoformat()
    )
    return row.id
