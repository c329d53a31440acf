"""Reads of the JP ledger: what counts, and the year's meter. Rows are only ever added (D1); a correction replaces what it
corrects, and only the last row of such a chain counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from lms.people.settings import AgencySettings, agency_settings
from lms.people.types import EmploymentKind
from lms.progress import rules
from lms.progress.models import JpEntry
from lms.progress.types import JpMeter

IN_CHUNK = 500


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of the JP ledger. Only rows with `counts` are summed; a corrected row stays visible beside its correction."""

    id: int
    person_id: int
    enrolment_id: int | None
    claim_id: int | None
    """Training outside the system (D10); None for our own courses."""
    title: str
    learning_form: int
    jp: int
    year: int
    completed_at: datetime
    time_zone: str
    minutes: int
    rule_version: str
    corrects_id: int | None
    reason: str
    author_id: int | None
    counts: bool


def counted() -> ColumnElement[bool]:
    """Condition: the ledger row is the last of its chain, so its JP count. A correction is always the same person's, and saying so
    lets the database look among that person's few rows instead of reading the whole ledger for each."""
    later = aliased(JpEntry)
    mine = later.person_id == JpEntry.person_id
    return ~select(later.id).where(mine, later.corrects_id == JpEntry.id).correlate(JpEntry).exists()


def target_of(kind: EmploymentKind, settings: AgencySettings, year: int | None = None) -> tuple[int, int]:
    """(yearly target, cap) of JP by kind of employment (D6). 0 = none; partners and others have no duty. A year that the rule file
    names has its own; for any other, and without a year, the settings serve."""
    pns, pppk, cap = settings.jp_target_pns, settings.jp_target_pppk, settings.jp_cap_pppk or 0
    for dated in settings.jp_targets:
        if dated.year == year:
            _, pns, pppk, cap = dated
    if kind == EmploymentKind.PPPK:
        return pppk, cap
    return (0, 0) if kind == EmploymentKind.OTHER else (pns, 0)


def jp_meter(session: Session, person_id: int, year: int, kind: EmploymentKind) -> JpMeter:
    """JP a person earned in a calendar year against the duty of their kind of employment."""
    inside, outside = split_by_person(session, [person_id], year).get(person_id, (0, 0))
    target, cap = target_of(kind, agency_settings(session), year)
    return rules.jp_meter(year, inside + outside, target, cap, outside)


def jp_by_person(session: Session, person_ids: Sequence[int], year: int) -> dict[int, int]:
    """JP of a year by person; people without any are left out. One SELECT per 500 people."""
    return {person_id: sum(parts) for person_id, parts in split_by_person(session, person_ids, year).items()}


def split_by_person(session: Session, person_ids: Sequence[int], year: int) -> dict[int, tuple[int, int]]:
    """(JP earned here, JP of training outside) of a year by person (D10); people without any are left out. One SELECT per 500 people."""
    found: dict[int, tuple[int, int]] = {}
    outside = func.sum(case((JpEntry.claim_id.is_not(None), JpEntry.jp), else_=0))
    for start in range(0, len(person_ids), IN_CHUNK):
        part = person_ids[start : start + IN_CHUNK]
        rows = session.execute(
            select(JpEntry.person_id, func.sum(JpEntry.jp), outside)
            .where(JpEntry.person_id.in_(part), JpEntry.year == year, counted())
            .group_by(JpEntry.person_id)
        )
        found.update({row[0]: (int(row[1]) - int(row[2]), int(row[2])) for row in rows})
    return found


def ledger(session: Session, person_id: int) -> list[LedgerRow]:
    """All JP rows of a person, newest first, corrected ones included."""
    rows = session.execute(
        select(JpEntry, counted().label("counts"))
        .where(JpEntry.person_id == person_id)
        .order_by(JpEntry.completed_at.desc(), JpEntry.id.desc())
    )
    return [_row(entry, bool(counts)) for entry, counts in rows]


def counted_entry(session: Session, enrolment_id: int) -> LedgerRow | None:
    """The row that counts for one enrolment, None when it earned no row."""
    entry = session.scalars(
        select(JpEntry).where(JpEntry.enrolment_id == enrolment_id, counted()).order_by(JpEntry.id.desc())
    ).first()
    return None if entry is None else _row(entry, True)


def _row(entry: JpEntry, counts: bool) -> LedgerRow:
    return LedgerRow(
        id=entry.id,
        person_id=entry.person_id,
        enrolment_id=entry.enrolment_id,
        claim_id=entry.claim_id,
        title=entry.title,
        learning_form=entry.learning_form,
        jp=entry.jp,
        year=entry.year,
        completed_at=entry.completed_at,
        time_zone=entry.time_zone,
        minutes=entry.minutes,
        rule_version=entry.rule_version,
        corrects_id=entry.corrects_id,
        reason=entry.reason,
        author_id=entry.author_id,
        counts=counts,
    )


def reached_count(session: Session, year: int, target: int) -> int:
    """How many people have at least `target` JP in a year. One SELECT."""
    reached = (
        select(JpEntry.person_id)
        .where(JpEntry.year == year, counted())
        .group_by(JpEntry.person_id)
        .having(func.sum(JpEntry.jp) >= target)
    )
    return session.scalar(select(func.count()).select_from(reached.subquery())) or 0
