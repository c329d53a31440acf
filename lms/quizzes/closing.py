"""Ends attempts: handing in, and closing those whose time is up. Runs inside `write_tx`; see `actions` for the locks.

What a machine can mark is marked here. An attempt with answers for a person to mark then waits as SUBMITTED (`marking` goes on);
the answers to an anonymous survey leave the attempt before it closes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, text, update
from sqlalchemy.orm import Session

from lms.content.types import WITHOUT_KEY, QuestionKind
from lms.errors import Invalid
from lms.quizzes import rules as quiz_rules
from lms.quizzes import surveys
from lms.quizzes.attempts import as_closed, attempt_row, attempts, is_anonymous, mark_of, questions_of, rules_at
from lms.quizzes.grading import awaits_marker, is_answered, is_web_address, text_of
from lms.quizzes.models import AnswerRow, Attempt
from lms.quizzes.regrading import catch_up
from lms.quizzes.types import AttemptQuestionView, AttemptState, ClosedAttempt, Mark

EXPIRE_AT_ONCE = 200
"""Attempts one call of `expire_due` closes: keeps its transaction short."""
_ANSWER: Any = AnswerRow.__table__


def submit(session: Session, *, person_id: int, token: str, now: datetime) -> ClosedAttempt:
    """Close and grade an attempt; of a closed one the result that stands, so that repeating is harmless. NotFound if foreign.

    After the deadline plus grace it is closed as expired. It never counts as finished later than its deadline. Raises Invalid,
    with everything kept, for an assignment without work and for a link that is no web address: a person can still put that right.
    """
    row = attempt_row(session, person_id, token, for_update=True)
    if row.state != AttemptState.OPEN:
        return as_closed(row)
    questions = questions_of(session, row.id)
    if not quiz_rules.is_due(row.deadline_at, now):
        _check_complete(session, row, questions)
    return _close(session, row, questions, now)


def _check_complete(session: Session, row: Row[Any], questions: Sequence[AttemptQuestionView]) -> None:
    rules = rules_at(session, row.edition_id, row.quiz_key)
    if rules and rules.hand_in and not any(is_answered(one.public, one.answer) for one in questions):
        raise Invalid("Belum ada yang dikumpulkan. Isi atau unggah dulu pekerjaan Anda; draf yang ada tetap tersimpan.")
    for one in questions:
        typed = text_of(one.answer.get("text"))
        if one.public.kind is QuestionKind.LINK and typed.strip() and not is_web_address(typed):
            raise Invalid(
                "Alamat yang Anda tulis belum terbaca sebagai alamat web, jadi belum dikirim. Drafnya tersimpan; tulis alamat lengkap "
                "yang dimulai dengan https://, lalu kirim lagi."
            )


def _close(session: Session, row: Row[Any], questions: Sequence[AttemptQuestionView], now: datetime) -> ClosedAttempt:
    """Answers get their scores while the attempt is open, then the attempt closes: the triggers allow no other order."""
    outcome = mark_of(session, row.edition_id, row.quiz_key, questions)
    _keep_scores(session, row.id, questions, outcome)
    if is_anonymous(session, row.edition_id, row.quiz_key):
        surveys.keep_apart(session, row, questions, now)
        session.execute(delete(_ANSWER).where(_ANSWER.c.attempt_id == row.id))
    is_late = quiz_rules.is_due(row.deadline_at, now)
    closed = {
        "state": AttemptState.SUBMITTED if outcome.is_waiting else AttemptState.EXPIRED if is_late else AttemptState.GRADED,
        "closed_at": quiz_rules.closing_time(row.deadline_at, now),
        "score": outcome.score,
    }
    session.execute(
        update(Attempt).where(Attempt.id == row.id).values(passed=None if outcome.is_waiting else outcome.passed, **closed),
        execution_options={"synchronize_session": False},
    )
    result = ClosedAttempt(
        attempt_id=row.id,
        token=row.token,
        person_id=row.person_id,
        course_id=row.course_id,
        edition_id=row.edition_id,
        quiz_key=row.quiz_key,
        try_number=row.try_number,
        started_at=row.started_at,
        passed=outcome.passed,
        **closed,  # type: ignore[arg-type]
    )
    return catch_up(session, result, now)


def _keep_scores(session: Session, attempt_id: int, questions: Sequence[AttemptQuestionView], outcome: Mark) -> None:
    """The machine's scores beside the answers; what people mark and what nobody marks stays without."""
    scores = [
        {"answered_position": question.position, "earned": judged.score}
        for question, judged in zip(questions, outcome.grades, strict=True)
        if question.saved_at is not None
        and question.public.kind not in WITHOUT_KEY
        and not awaits_marker(question.public, question.answer)
    ]
    if scores:
        mine = (_ANSWER.c.attempt_id == attempt_id, _ANSWER.c.position == bindparam("answered_position"))
        session.execute(update(_ANSWER).where(*mine).values(score=bindparam("earned")), scores)


def expire_due(
    session: Session, now: datetime, *, person_id: int | None = None, limit: int = EXPIRE_AT_ONCE
) -> list[ClosedAttempt]:
    """Close attempts whose time is up, graded as of their deadline, the longest overdue first; at most `limit`. Returns them, so that the
    caller refreshes progress. Safe to run twice and beside others: rows somebody else holds are passed over on PostgreSQL."""
    wanted = attempts().where(
        text("attempt.state = 'open'"), Attempt.deadline_at < now - quiz_rules.GRACE
    )  # literal: partial index
    if person_id is not None:
        wanted = wanted.where(Attempt.person_id == person_id)
    wanted = wanted.order_by(Attempt.deadline_at, Attempt.id).limit(limit).with_for_update(of=Attempt, skip_locked=True)
    return [_close(session, row, questions_of(session, row.id), now) for row in session.execute(wanted).all()]
