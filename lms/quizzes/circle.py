"""Who marks what. A piece of work is fetched through its marker: what is not theirs to mark does not exist for them (law 8).

Authors and the course's mentors mark everything handed in to a course, for work that the superior or other learners should mark
as their substitutes; the direct superior marks what a course gives to superiors. Nobody marks work that is their own or their
group's. Other learners (`sejawat`) come through their own hand-in, see `peers`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists
from sqlalchemy.orm import Session

from lms.content.assignments import Grader
from lms.content.types import QuizRules
from lms.errors import NotFound
from lms.people import hierarchy
from lms.people.models import CourseMentor
from lms.people.rules import staff_date
from lms.quizzes.attempts import attempts, is_token, rules_at
from lms.quizzes.models import Attempt, GroupMember
from lms.quizzes.types import AttemptState

MARKABLE = (AttemptState.SUBMITTED, AttemptState.GRADED, AttemptState.EXPIRED)


def no_work() -> NotFound:
    """One sentence for work that is missing and for work that is somebody else's to mark."""
    return NotFound("Pekerjaan ini tidak ada di daftar penilaian Anda. Buka halaman Penilaian untuk melihat yang menunggu.")


def not_own(person_id: int) -> ColumnElement[bool]:
    """Condition on `Attempt`: a piece of work in which this person has no part. Members' own rows hold no work and are left out."""
    holds_none = exists().where(GroupMember.member_attempt_id == Attempt.id)
    takes_part = exists().where(GroupMember.attempt_id == Attempt.id, GroupMember.person_id == person_id)
    return (Attempt.person_id != person_id) & ~holds_none & ~takes_part


def work_row(session: Session, token: str, person_id: int, *, for_update: bool = False) -> Row[Any]:
    """A row of `attempts` with somebody else's work, whoever may mark it. NotFound when there is none for this person."""
    if not is_token(token):
        raise no_work()
    wanted = attempts().where(Attempt.token == token, Attempt.state.in_(MARKABLE), not_own(person_id))
    row = session.execute(wanted.with_for_update(of=Attempt) if for_update else wanted).first()
    if row is None:
        raise no_work()
    return row


def work_for_staff(
    session: Session, *, marker_id: int, is_author: bool, token: str, now: datetime, for_update: bool = False
) -> tuple[Row[Any], QuizRules]:
    """The work behind a token with its rules, for an author, a mentor of the course or the direct superior. Else NotFound."""
    row = work_row(session, token, marker_id, for_update=for_update)
    rules = rules_at(session, row.edition_id, row.quiz_key)
    if rules is None or not (
        is_author or _is_mentor(session, marker_id, row.course_id) or _is_superior(session, marker_id, row.person_id, rules, now)
    ):
        raise no_work()
    return row, rules


def is_for_superiors(rules: QuizRules | None) -> bool:
    return bool(rules and rules.hand_in and rules.hand_in.grader is Grader.SUPERIOR)


def _is_mentor(session: Session, person_id: int, course_id: int) -> bool:
    return session.get(CourseMentor, (course_id, person_id)) is not None


def _is_superior(session: Session, marker_id: int, person_id: int, rules: QuizRules, now: datetime) -> bool:
    return is_for_superiors(rules) and hierarchy.superior_of(session, person_id, staff_date(now)) == marker_id
