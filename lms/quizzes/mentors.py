"""The mentors of a course: who marks beside its authors. Named by NIP, audited."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from lms.errors import Invalid
from lms.people.models import Account, CourseMentor, Person
from lms.people.names import display_name
from lms.people.queries import employed_on
from lms.people.rules import normalise_identifier, staff_date
from lms.store import audit


def mentors(session: Session, course_id: int) -> list[tuple[int, str, str]]:
    """(person id, name with titles, position), by name."""
    rows = session.execute(
        select(Person.id, Person.title_prefix, Person.name, Person.title_suffix, Person.position)
        .join(CourseMentor, CourseMentor.person_id == Person.id)
        .where(CourseMentor.course_id == course_id)
        .order_by(Person.name, Person.id)
    )
    return [(row.id, display_name(row.title_prefix, row.name, row.title_suffix), row.position) for row in rows]


def add_mentor(session: Session, *, course_id: int, number: str, by: int, now: datetime) -> int:
    """Make somebody with an account a mentor; who is one already stays one. Returns the person id. Raises Invalid when the NIP (or
    sign-in word) belongs to nobody who can sign in."""
    typed = normalise_identifier(number)
    person_id = session.scalar(
        select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(
            or_(Person.nip == typed, Account.identifier == typed),
            Account.disabled_at.is_(None),
            employed_on(staff_date(now)),
        )
        .order_by(Person.id)
        .limit(1)
    )
    if not typed or person_id is None:
        raise Invalid("Tidak ada pegawai aktif dengan NIP itu. Periksa angkanya; daftar mentor tidak berubah.", field="number")
    if session.get(CourseMentor, (course_id, person_id)) is None:
        session.add(CourseMentor(course_id=course_id, person_id=person_id))
        audit.record(session, at=now, action="course.add_mentor", actor_id=by, subject=f"course:{course_id}", person_id=person_id)
        session.flush()
    return person_id


def remove_mentor(session: Session, *, course_id: int, person_id: int, by: int, now: datetime) -> None:
    """Take the right to mark away again; what they marked stays. Nothing happens when it is gone already."""
    gone = session.execute(delete(CourseMentor).where(CourseMentor.course_id == course_id, CourseMentor.person_id == person_id))
    if gone.rowcount:  # type: ignore[attr-defined]
        audit.record(
            session, at=now, action="course.remove_mentor", actor_id=by, subject=f"course:{course_id}", person_id=person_id
        )
        session.flush()
