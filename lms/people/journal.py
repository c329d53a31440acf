"""The audit log for people to read: filtered, paged by id, with the names of those it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lms.people.models import Unit
from lms.people.queries import names_of
from lms.store.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """`prefixes` of actions; `person_id` who acted or was acted on; `until` is exclusive."""

    prefixes: tuple[str, ...] = ()
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class JournalRow:
    """`who`: "" for the command line, a job, or somebody not signed in. `about`: a name, or the subject as it is stored."""

    id: int
    at: datetime
    who: str
    action: str
    about: str
    detail: dict[str, Any]


def entries(session: Session, wanted: JournalFilter, *, before_id: int | None = None, limit: int = 50) -> list[JournalRow]:
    """Rows that the filter lets through, newest first, older than `before_id`. Three SELECTs."""
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    if wanted.prefixes:
        statement = statement.where(or_(*(AuditEntry.action.startswith(prefix, autoescape=True) for prefix in wanted.prefixes)))
    if wanted.person_id is not None:
        subject = f"person:{wanted.person_id}"
        statement = statement.where(or_(AuditEntry.actor_id == wanted.person_id, AuditEntry.subject == subject))
    if wanted.since is not None:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEntry.at < wanted.until)
    rows = session.scalars(statement).all()
    people = {number for row in rows for number in (row.actor_id, _number(row.subject, "person")) if number is not None}
    names = names_of(session, people)
    unit_ids = {number for row in rows if (number := _number(row.subject, "unit")) is not None}
    rows_of_units = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids))) if unit_ids else ()
    units = {row[0]: row[1] for row in rows_of_units}
    return [
        JournalRow(row.id, row.at, names.get(row.actor_id or 0, ""), row.action, _about(row.subject, names, units), row.detail)
        for row in rows
    ]


def _number(subject: str, kind: str) -> int | None:
    """12 of "person:12"."""
    name, _, number = subject.partition(":")
    return int(number) if name == kind and number.isascii() and number.isdecimal() else None


def _about(subject: str, names: dict[int, str], units: dict[int, str]) -> str:
    person, unit = _number(subject, "person"), _number(subject, "unit")
    return names.get(person or 0, "") or units.get(unit or 0, "") or subject.partition(":")[2] or subject
