"""Unit operators (D30): who hands out activation slips in a unit and everything below it."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms.errors import Invalid, NotFound
from lms.people.models import Person, Unit, UnitOperator
from lms.people.queries import employed_on
from lms.people.rules import staff_date
from lms.store import audit


def operated_paths(session: Session, person_id: int) -> list[str]:
    """Paths of the units a person operates, in order."""
    operated = select(Unit.path).join(UnitOperator, UnitOperator.unit_id == Unit.id).where(UnitOperator.person_id == person_id)
    return list(session.scalars(operated.order_by(Unit.path)))


def operators_of(session: Session, unit_id: int) -> list[int]:
    """Person ids of the operators of a unit itself, by name."""
    named = select(Person.id).join(UnitOperator, UnitOperator.person_id == Person.id).where(UnitOperator.unit_id == unit_id)
    return list(session.scalars(named.order_by(Person.name, Person.id)))


def name_operator(session: Session, *, unit_id: int, person_id: int, now: datetime, by: int | None = None) -> None:
    """Let a person hand out slips in a unit and below it. Naming them twice is fine. Raises NotFound, Invalid."""
    if session.scalar(select(Unit.id).where(Unit.id == unit_id).with_for_update()) is None:
        raise NotFound("Unit kerja ini tidak ditemukan.")
    if not session.scalar(select(Person.id).where(Person.id == person_id, employed_on(staff_date(now)))):
        raise Invalid("Operator unit harus pegawai yang masih aktif.", field="person_id")
    if session.get(UnitOperator, (unit_id, person_id)) is None:
        session.add(UnitOperator(unit_id=unit_id, person_id=person_id))
        audit.record(session, at=now, action="unit.operator", actor_id=by, subject=f"unit:{unit_id}", person=person_id)
        session.flush()


def remove_operator(session: Session, *, unit_id: int, person_id: int, now: datetime, by: int | None = None) -> None:
    """Take the right back, at once. Doing it twice is fine."""
    gone = session.scalars(
        delete(UnitOperator)
        .where(UnitOperator.unit_id == unit_id, UnitOperator.person_id == person_id)
        .returning(UnitOperator.unit_id)
    ).all()
    if gone:
        audit.record(session, at=now, action="unit.operator_end", actor_id=by, subject=f"unit:{unit_id}", person=person_id)
        session.flush()
