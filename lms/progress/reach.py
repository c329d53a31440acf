"""How many learners a publication of a course touches. Read by the author's plan, before anything is published."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.progress.models import Completion, Enrolment


@dataclass(frozen=True, slots=True)
class Reach:
    """Numbers of enrolments of one course."""

    running_here: int
    """Unfinished, in the edition number asked about: a correction reaches them at once."""
    running_elsewhere: int
    """Unfinished, in other edition numbers: they are offered the move."""
    finished: int


def reach(session: Session, course_id: int, number: int) -> Reach:
    """Who is in the course now, seen from edition `number`. One SELECT."""
    is_finished = Completion.enrolment_id.is_not(None)
    counted = select(Enrolment.edition_number, is_finished, func.count()).outerjoin(
        Completion, Completion.enrolment_id == Enrolment.id
    )
    rows = session.execute(counted.where(Enrolment.course_id == course_id).group_by(Enrolment.edition_number, is_finished)).all()
    return Reach(
        running_here=sum(count for edition, finished, count in rows if not finished and edition == number),
        running_elsewhere=sum(count for edition, finished, count in rows if not finished and edition != number),
        finished=sum(count for _, finished, count in rows if finished),
    )
