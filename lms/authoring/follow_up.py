"""What a publication leaves to do: old answers judged again, summaries renewed, the finished settled (D46).

It is a row in the database, moved on in short transactions by whoever comes first – the command, the page, `lms jobs` – so that it
may be stopped anywhere and goes on where it stood. Every function here runs inside the caller's `write_tx`, or only reads.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.progress.models import Enrolment
from lms.progress.projection import rebuild_summaries
from lms.quizzes import regrading
from lms.quizzes.models import FollowUp
from lms.quizzes.types import FollowUpStep, RegradeMode
from lms.recognition.actions import settle_pending

BATCH = 25
"""Attempts, summaries or completions in one transaction, so that learners never wait for the author (R58)."""
NEXT = {
    FollowUpStep.JUDGE: FollowUpStep.SUMMARIES,
    FollowUpStep.SUMMARIES: FollowUpStep.SETTLE,
    FollowUpStep.SETTLE: FollowUpStep.DONE,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the work after one publication has come. `left` counts attempts or learners that are still to be looked at."""

    mode: RegradeMode
    step: FollowUpStep
    left: int
    raised: int
    lowered: int
    newly_passed: int

    @property
    def is_done(self) -> bool:
        return self.step is FollowUpStep.DONE


def waiting(session: Session) -> list[int]:
    """Edition ids whose work is not done; the oldest first, because the choices of a course build on one another."""
    wanted = select(FollowUp.edition_id).where(FollowUp.step != FollowUpStep.DONE)
    return list(session.scalars(wanted.order_by(FollowUp.edition_id)))


def waiting_for(session: Session, edition_id: int) -> list[int]:
    """The same for this publication and the earlier ones of its course."""
    course_id = library.edition(session, edition_id).course_id
    wanted = select(FollowUp.edition_id).where(FollowUp.course_id == course_id, FollowUp.edition_id <= edition_id)
    return list(session.scalars(wanted.where(FollowUp.step != FollowUpStep.DONE).order_by(FollowUp.edition_id)))


def advance(session: Session, edition_id: int, *, now: datetime) -> bool:
    """Do the next piece and remember it, in the same transaction. False when nothing is left. Safe beside others: they take turns."""
    row = session.get(FollowUp, edition_id, with_for_update=True, populate_existing=True)
    if row is None or row.step is FollowUpStep.DONE:
        return False
    last: int | None = None
    if row.step is FollowUpStep.JUDGE:
        result = regrading.regrade(session, edition_id=edition_id, now=now, after=row.after_id, limit=BATCH)
        row.raised += result.raised
        row.lowered += result.lowered
        row.newly_passed += result.newly_passed
        last = result.last_attempt_id
    elif row.step is FollowUpStep.SUMMARIES:
        last = rebuild_summaries(session, course_id=row.course_id, after_id=row.after_id, limit=BATCH) or None
    else:
        last = settle_pending(session, now=now, after_id=row.after_id, limit=BATCH)[1] or None
    if last is None:
        row.step, last = NEXT[row.step], 0
    row.after_id = last
    session.flush()
    return row.step is not FollowUpStep.DONE


def standing(session: Session, edition_id: int) -> Standing | None:
    """How far the work after a publication has come; None for one that left nothing to do."""
    row = session.get(FollowUp, edition_id, populate_existing=True)
    if row is None:
        return None
    left = 0
    if row.step is FollowUpStep.JUDGE:
        left = regrading.to_judge(session, edition_id, row.after_id)
    elif row.step is FollowUpStep.SUMMARIES:
        behind = select(func.count()).select_from(Enrolment)
        left = session.scalar(behind.where(Enrolment.course_id == row.course_id, Enrolment.id > row.after_id)) or 0
    return Standing(row.mode, row.step, left, row.raised, row.lowered, row.newly_passed)
