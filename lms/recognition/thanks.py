"""*Penghargaan*: a superior's word of thanks with its reason (D61). Given once by each superior for each course; a fact."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid
from lms.people import queries as people
from lms.people.models import Person
from lms.people.rules import staff_date
from lms.progress.models import Completion, Enrolment
from lms.recognition.models import Recognition

LONGEST_REASON = 500
LONGEST_GIVER = 400


@dataclass(frozen=True, slots=True)
class Thanks:
    """One word of thanks. `giver` = name and post as they were that day; `course_id` None = not for a course."""

    person_id: int
    given_by: int
    giver: str
    course_id: int | None
    reason: str
    given_at: datetime


def give(session: Session, *, person_id: int, given_by: int, course_id: int, reason: str, now: datetime) -> None:
    """Thank a person for a course they finished. The caller has checked that the person is below the giver.

    Raises Invalid for an empty or too long reason, Conflict when the course is not finished or was thanked for already.
    """
    words = "\n".join(" ".join(line.split()) for line in reason.replace("\x00", "").splitlines()).strip()
    if not 1 <= len(words) <= LONGEST_REASON:
        raise Invalid(f"Tulis alasannya, paling banyak {LONGEST_REASON} huruf. Penghargaan belum dikirim.", field="reason")
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())  # two taps at once give one
    finished = select(Completion.enrolment_id).join(Enrolment, Enrolment.id == Completion.enrolment_id)
    if session.scalar(finished.where(Enrolment.person_id == person_id, Enrolment.course_id == course_id)) is None:
        raise Conflict("Pelatihan ini belum diselesaikannya, jadi penghargaan belum dikirim.")
    if any(row.given_by == given_by for row in of_people(session, [person_id], course_id)):
        raise Conflict("Anda sudah memberi penghargaan untuk pelatihan ini. Penghargaan yang pertama tetap terlihat olehnya.")
    giver = people.identity(session, given_by, staff_date(now))
    named = ", ".join(part for part in (giver.display_name, giver.position or giver.unit_name) if part)
    session.add(
        Recognition(
            person_id=person_id,
            given_by=given_by,
            giver=named[:LONGEST_GIVER],
            course_id=course_id,
            reason=words,
            given_at=now,
        )
    )
    session.flush()


_OF_PEOPLE = (
    select(*(getattr(Recognition, name) for name in Thanks.__slots__))
    .where(Recognition.person_id.in_(bindparam("people", expanding=True)))
    .order_by(Recognition.given_at.desc(), Recognition.id.desc())
)  # built once: home and the superior's pages read it


def of_people(session: Session, person_ids: Collection[int], course_id: int | None = None) -> list[Thanks]:
    """What these people were given (for one course, or for all), the newest first. One SELECT, for some hundred people at most."""
    rows = session.connection().execute(_OF_PEOPLE, {"people": list(person_ids)})
    return [Thanks(*row) for row in rows if course_id in (None, row.course_id)]
