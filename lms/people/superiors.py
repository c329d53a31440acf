"""Superiors for a time (D27): who acts as head of a unit (Plt, Plh), and superiors named by hand. History is kept: terms end, none is
deleted."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from lms.errors import Invalid, NotFound
from lms.people.models import ActingHead, NamedSuperior, Person, Unit
from lms.people.names import display_name
from lms.people.queries import employed_on
from lms.people.rules import staff_date
from lms.people.types import ActingKind
from lms.store import audit


@dataclass(frozen=True, slots=True)
class Term:
    """One acting head or named superior, from and to (exclusive; None = until further notice). `kind` only of acting heads."""

    term_id: int
    person_id: int
    display_name: str
    kind: ActingKind | None
    from_on: date
    to_on: date | None


def acting_heads(session: Session, unit_id: int) -> list[Term]:
    """Everybody who acted as head of a unit, the newest first."""
    rows = session.execute(
        select(ActingHead, Person)
        .join(Person, Person.id == ActingHead.person_id)
        .where(ActingHead.unit_id == unit_id)
        .order_by(ActingHead.from_on.desc(), ActingHead.id.desc())
    )
    return [_term(row, person, row.kind) for row, person in rows]


def named_superiors(session: Session, person_id: int) -> list[Term]:
    """Every superior named by hand for a person, the newest first."""
    rows = session.execute(
        select(NamedSuperior, Person)
        .join(Person, Person.id == NamedSuperior.superior_id)
        .where(NamedSuperior.person_id == person_id)
        .order_by(NamedSuperior.from_on.desc(), NamedSuperior.id.desc())
    )
    return [_term(row, person, None) for row, person in rows]


def _term(row: ActingHead | NamedSuperior, person: Person, kind: ActingKind | None) -> Term:
    name = display_name(person.title_prefix, person.name, person.title_suffix)
    return Term(row.id, person.id, name, kind, row.from_on, row.to_on)


def name_acting_head(
    session: Session,
    *,
    unit_id: int,
    person_id: int,
    kind: ActingKind,
    from_on: date,
    to_on: date | None,
    now: datetime,
    by: int | None = None,
) -> int:
    """Plt or Plh of a unit from one day to another (exclusive). A Plh needs the end. Returns the term's id. Raises NotFound, Invalid."""
    unit = session.scalar(select(Unit).where(Unit.id == unit_id).with_for_update())
    if unit is None:
        raise NotFound("Unit kerja ini tidak ditemukan.")
    if kind is ActingKind.PLH and to_on is None:
        raise Invalid("Plh menggantikan untuk beberapa hari saja. Isi sampai kapan.", field="to_on")
    _check_term(session, person_id, from_on, to_on, now)
    if unit.head_id == person_id:
        raise Invalid("Orang ini sudah kepala unit itu, jadi tidak perlu Plt atau Plh.", field="person_id")
    overlap = and_(_overlaps(ActingHead, from_on, to_on), ActingHead.unit_id == unit_id, ActingHead.person_id == person_id)
    if session.scalar(select(ActingHead.id).where(overlap).limit(1)):
        raise Invalid("Orang ini sudah tercatat sebagai Plt atau Plh unit itu pada sebagian waktu tersebut.", field="from_on")
    row = ActingHead(unit_id=unit_id, person_id=person_id, kind=kind, from_on=from_on, to_on=to_on)
    session.add(row)
    _record(session, "unit.acting", f"unit:{unit_id}", person_id, from_on, to_on, now, by, kind=kind.value)
    return row.id


def end_acting_head(session: Session, *, unit_id: int, term_id: int, now: datetime, by: int | None = None) -> None:
    """End a term today, before its time; it stays in the history. Ending it twice is fine. Raises NotFound."""
    row = session.scalar(select(ActingHead).where(ActingHead.id == term_id, ActingHead.unit_id == unit_id).with_for_update())
    _end(session, row, "unit.acting_end", f"unit:{unit_id}", now, by)


def name_superior(
    session: Session,
    *,
    person_id: int,
    superior_id: int,
    from_on: date,
    to_on: date | None,
    now: datetime,
    by: int | None = None,
) -> int:
    """Name somebody's superior by hand, from one day to another (exclusive). One named before ends where this one begins.

    Returns the term's id. Raises NotFound, Invalid.
    """
    if session.scalar(select(Person.id).where(Person.id == person_id).with_for_update()) is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    if superior_id == person_id:
        raise Invalid("Seseorang tidak dapat menjadi atasannya sendiri. Pilih orang lain.", field="person_id")
    _check_term(session, superior_id, from_on, to_on, now)
    others = select(NamedSuperior).where(NamedSuperior.person_id == person_id, _overlaps(NamedSuperior, from_on, to_on))
    for other in session.scalars(others.order_by(NamedSuperior.id)):
        other.to_on = max(other.from_on, from_on)
    row = NamedSuperior(person_id=person_id, superior_id=superior_id, from_on=from_on, to_on=to_on)
    session.add(row)
    _record(session, "person.superior", f"person:{person_id}", superior_id, from_on, to_on, now, by)
    return row.id


def end_named_superior(session: Session, *, person_id: int, term_id: int, now: datetime, by: int | None = None) -> None:
    """From today the tree tells the superior again. Ending it twice is fine. Raises NotFound."""
    wanted = select(NamedSuperior).where(NamedSuperior.id == term_id, NamedSuperior.person_id == person_id)
    _end(session, session.scalar(wanted.with_for_update()), "person.superior_end", f"person:{person_id}", now, by)


def _check_term(session: Session, person_id: int, from_on: date, to_on: date | None, now: datetime) -> None:
    if to_on is not None and to_on <= from_on:
        raise Invalid("Hari terakhir tidak boleh sebelum hari pertama.", field="to_on")
    if not session.scalar(select(Person.id).where(Person.id == person_id, employed_on(max(from_on, staff_date(now))))):
        raise Invalid("Orang ini bukan pegawai yang masih aktif pada waktu itu. Pilih orang lain.", field="person_id")


def _overlaps(dated: type[ActingHead] | type[NamedSuperior], from_on: date, to_on: date | None) -> ColumnElement[bool]:
    """Condition: a term that holds on some day of this one."""
    holds = or_(dated.to_on.is_(None), and_(dated.to_on > from_on, dated.to_on > dated.from_on))
    return holds if to_on is None else and_(holds, dated.from_on < to_on)


def _record(
    session: Session,
    action: str,
    subject: str,
    person_id: int,
    from_on: date,
    to_on: date | None,
    now: datetime,
    by: int | None,
    **more: str,
) -> None:
    until = to_on.isoformat() if to_on else None
    audit.record(
        session,
        at=now,
        action=action,
        actor_id=by,
        subject=subject,
        person=person_id,
        on=from_on.isoformat(),
        until=until,
        **more,
    )
    session.flush()


def _end(
    session: Session, row: ActingHead | NamedSuperior | None, action: str, subject: str, now: datetime, by: int | None
) -> None:
    if row is None:
        raise NotFound("Penunjukan ini tidak ditemukan.")
    today = staff_date(now)
    if row.to_on is not None and row.to_on <= today:
        return
    row.to_on = max(row.from_on, today)
    audit.record(session, at=now, action=action, actor_id=by, subject=subject, term=row.id)
    session.flush()
