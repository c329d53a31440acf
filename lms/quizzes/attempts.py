"""Rows of attempts, for `queries` and `actions`: an attempt through its person, its effective score, its questions and its mark."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from lms.content import library
from lms.content.types import QuizRules
from lms.errors import NotFound
from lms.quizzes.grading import mark
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, GroupMember, Regrade
from lms.quizzes.types import CLOSED, AttemptQuestionView, AttemptState, ClosedAttempt, Layout, Mark
from lms.shared.codec import decode


def no_attempt() -> NotFound:
    """One sentence for a missing attempt and for somebody else's: nobody can tell them apart (law 8)."""
    return NotFound("Percobaan ini tidak ditemukan. Buka kuisnya dari halaman pelatihan.")


@cache
def attempts() -> Select[*tuple[Any, ...]]:
    """Attempt rows beside their newest regrade. Built once: building costs more than running, and this stands under every status."""
    newest = aliased(Regrade)
    last = select(func.max(newest.id)).where(newest.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    return select(
        Attempt.id,
        Attempt.token,
        Attempt.person_id,
        Attempt.course_id,
        Attempt.edition_id,
        Attempt.quiz_key,
        Attempt.try_number,
        Attempt.state,
        Attempt.started_at,
        Attempt.deadline_at,
        Attempt.closed_at,
        Attempt.score,
        Attempt.passed,
        Regrade.score.label("new_score"),
        Regrade.passed.label("new_passed"),
        Regrade.edition_id.label("new_edition_id"),
        Regrade.at.label("regraded_at"),
    ).outerjoin(Regrade, and_(Regrade.attempt_id == Attempt.id, Regrade.id == last))


def as_closed(row: Row[Any]) -> ClosedAttempt:
    """A row of `attempts` that is closed or voided."""
    score = row.score if row.new_score is None else row.new_score
    passed = row.passed if row.new_passed is None else row.new_passed
    return ClosedAttempt(
        attempt_id=row.id,
        token=row.token,
        person_id=row.person_id,
        course_id=row.course_id,
        edition_id=row.edition_id,
        quiz_key=row.quiz_key,
        try_number=row.try_number,
        state=AttemptState(row.state),
        started_at=row.started_at,
        closed_at=row.closed_at or row.started_at,
        score=None if row.state == AttemptState.VOIDED else score,
        passed=row.state != AttemptState.VOIDED and bool(passed),
    )


def attempt_row(session: Session, person_id: int, token: str, *, for_update: bool = False) -> Row[Any]:
    """The person's attempt by its token. NotFound for a missing or foreign one."""
    if not is_token(token):
        raise no_attempt()
    wanted = attempts().where(Attempt.token == token, Attempt.person_id == person_id)
    row = session.execute(wanted.with_for_update(of=Attempt) if for_update else wanted).first()
    if row is None:
        raise no_attempt()
    return row


def is_token(token: object) -> bool:
    """Whether a text from an address can be an attempt's token at all."""
    return isinstance(token, str) and len(token) <= 32 and token.isascii() and token.replace("-", "").replace("_", "").isalnum()


def closed_attempts(session: Session, person_id: int, course_id: int, quiz_key: str) -> list[ClosedAttempt]:
    """Closed attempts of one quiz, oldest first, voided ones left out. Scores include the newest regrade."""
    wanted = attempts().where(Attempt.person_id == person_id, Attempt.course_id == course_id, Attempt.quiz_key == quiz_key)
    rows = session.execute(wanted.where(Attempt.state.in_(CLOSED)).order_by(Attempt.try_number)).all()
    return [as_closed(row) for row in rows]


def open_attempt(session: Session, person_id: int, course_id: int, quiz_key: str) -> Row[Any] | None:
    """The row still standing open, even when its time is up."""
    wanted = attempts().where(Attempt.person_id == person_id, Attempt.course_id == course_id, Attempt.quiz_key == quiz_key)
    return session.execute(wanted.where(Attempt.state == AttemptState.OPEN)).first()


def rules_at(session: Session, edition_id: int, quiz_key: str) -> QuizRules | None:
    """The rules that an attempt was begun under."""
    item = library.edition(session, edition_id).outline.item(quiz_key)
    return item.quiz if item else None


def is_anonymous(session: Session, edition_id: int, quiz_key: str) -> bool:
    """Whether answers must not stay beside the person: promised where the attempt was begun, or by the newest revision of that edition,
    which is what its learner reads meanwhile. A promise once read is kept."""
    begun = library.edition(session, edition_id)
    newest = library.of_number(session, begun.course_id, begun.number)
    items = (each.outline.item(quiz_key) for each in (begun, newest))
    return any(item is not None and item.quiz is not None and item.quiz.is_anonymous for item in items)


def pass_mark_of(session: Session, edition_id: int, quiz_key: str) -> int:
    """The pass mark (hundredths of 100) that an attempt was begun under."""
    rules = rules_at(session, edition_id, quiz_key)
    return rules.pass_mark if rules else 0


def work_id(session: Session, attempt_id: int) -> int:
    """The attempt that holds the work: another one when a group handed it in for this person."""
    found = session.scalar(select(GroupMember.attempt_id).where(GroupMember.member_attempt_id == attempt_id))
    return found or attempt_id


def questions_of(session: Session, attempt_id: int) -> tuple[AttemptQuestionView, ...]:
    """The drawn questions as they were asked, with the saved answers, in the order shown."""
    saved = and_(AnswerRow.attempt_id == AttemptQuestion.attempt_id, AnswerRow.position == AttemptQuestion.position)
    rows = session.execute(
        select(
            AttemptQuestion.position,
            AttemptQuestion.question_id,
            AttemptQuestion.version_id,
            AttemptQuestion.layout,
            AnswerRow.value,
            AnswerRow.saved_at,
            AnswerRow.sequence,
        )
        .outerjoin(AnswerRow, saved)
        .where(AttemptQuestion.attempt_id == attempt_id)
        .order_by(AttemptQuestion.position)
    ).all()
    versions = library.versions(session, [row.version_id for row in rows])
    return tuple(
        AttemptQuestionView(
            position=row.position,
            question_id=row.question_id,
            version_id=row.version_id,
            public=versions[row.version_id].public,
            layout=decode(Layout, row.layout),
            answer=row.value or {},
            saved_at=row.saved_at,
            sequence=row.sequence or 0,
        )
        for row in rows
    )


def mark_of(session: Session, edition_id: int, quiz_key: str, questions: Sequence[AttemptQuestionView]) -> Mark:
    """What the saved answers earn under the versions that were served (R11)."""
    keys = library.keys(session, [question.version_id for question in questions])
    answered = [(question.public, keys[question.version_id], question.answer) for question in questions]
    return mark(answered, pass_mark_of(session, edition_id, quiz_key))
