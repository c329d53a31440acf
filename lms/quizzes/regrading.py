"""Judges closed attempts again after a key was corrected: an explicit, audited act that adds rows and changes none (D46)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, exists, func, insert, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.models import CourseRow, QuestionVersion
from lms.content.types import MARKED_BY_MACHINE, MARKED_BY_PERSON, WITHOUT_KEY, CompiledQuestion, QuestionKey, QuestionPublic
from lms.quizzes import markings
from lms.quizzes.attempts import as_closed, attempts, pass_mark_of, questions_of
from lms.quizzes.grading import grade, is_answered, score_of
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, Regrade
from lms.quizzes.translate import translate
from lms.quizzes.types import (
    CLOSED,
    Answer,
    AttemptQuestionView,
    ClosedAttempt,
    Grade,
    QuestionEffect,
    RegradeMode,
    RegradeResult,
)
from lms.store import audit


@dataclass(frozen=True, slots=True)
class _Correction:
    """What one edition changed about questions that were asked before."""

    edition_id: int
    mode: RegradeMode
    changed: dict[int, int]
    """Old version id to the version of the edition, where the meaning differs."""
    removed: frozenset[int]
    """Old versions of questions the edition no longer has."""
    publics: Mapping[int, QuestionPublic]
    keys: Mapping[int, QuestionKey]


def regrade(
    session: Session,
    *,
    edition_id: int,
    mode: RegradeMode | str,
    now: datetime,
    by: int | None,
    after: int = 0,
    limit: int | None = None,
) -> RegradeResult:
    """Judge the course's closed attempts by the meanings of this edition, and record the choice in the audit log.

    `tidak-turun`: scores may rise, never fall. `penuh`: they may fall too, and removed questions no longer count. `tidak`: nothing
    but the audit row. A pass once granted stays in every mode (law 3). Only wording changed = nothing happens. Running it twice
    adds nothing. Large courses go in batches: pass `limit`, then `after=result.last_attempt_id` until that is None, each in a
    transaction of its own. The caller refreshes the summaries of `person_ids`.
    """
    mode = RegradeMode(mode)
    course_id = library.edition(session, edition_id).course_id
    session.execute(select(CourseRow.id).where(CourseRow.id == course_id).with_for_update(key_share=True))
    correction = _correction(session, course_id, edition_id, mode)
    rows = [] if mode is RegradeMode.KEEP else _affected(session, course_id, correction, after, limit)
    made: list[tuple[ClosedAttempt, int, bool]] = []
    for row in rows:
        was = as_closed(row)
        score, passed = _judge_again(session, row, was, correction)
        if (score, passed) != (was.score, was.passed):
            made.append((was, score, passed))
    if made:
        shared = {"edition_id": edition_id, "at": now, "by": by}
        new_rows = [{"attempt_id": was.attempt_id, "score": score, "passed": passed} | shared for was, score, passed in made]
        session.execute(insert(Regrade), new_rows)
    result = RegradeResult(
        attempts=len(made),
        raised=sum(score > (was.score or 0) for was, score, _ in made),
        lowered=sum(score < (was.score or 0) for was, score, _ in made),
        newly_passed=sum(passed and not was.passed for was, _, passed in made),
        last_attempt_id=rows[-1].id if limit is not None and len(rows) == limit else None,
        person_ids=tuple(sorted({was.person_id for was, _, _ in made})),
    )
    counts = {name: getattr(result, name) for name in ("attempts", "raised", "lowered", "newly_passed")}
    audit.record(
        session, at=now, action="attempt.regrade", actor_id=by, subject=f"edition:{edition_id}", mode=mode.value, **counts
    )
    session.flush()
    return result


def _correction(session: Session, course_id: int, edition_id: int, mode: RegradeMode) -> _Correction:
    current = library.version_ids(session, edition_id)
    wanted = select(QuestionVersion.id, QuestionVersion.question_id, QuestionVersion.meaning_hash)
    known = session.execute(wanted.where(QuestionVersion.course_id == course_id).order_by(QuestionVersion.id)).all()
    meanings = {row.id: row.meaning_hash for row in known}
    changed = {
        row.id: current[row.question_id]
        for row in known
        if row.question_id in current and row.meaning_hash != meanings.get(current[row.question_id])
    }
    removed = frozenset(row.id for row in known if row.question_id not in current) if mode is RegradeMode.FULL else frozenset()
    new_ids = sorted(set(changed.values()))
    publics = {version_id: version.public for version_id, version in library.versions(session, new_ids).items()}
    return _Correction(edition_id, mode, changed, removed, publics, library.keys(session, new_ids))


def _affected(session: Session, course_id: int, correction: _Correction, after: int, limit: int | None) -> Sequence[Row[Any]]:
    """Closed attempts with a score in which one of the changed or removed versions was asked. Who still waits to be marked has
    none yet; a regrade repeated after the marking finds them."""
    touched = sorted({*correction.changed, *correction.removed})
    asked = exists().where(AttemptQuestion.attempt_id == Attempt.id, AttemptQuestion.version_id.in_(touched))
    wanted = attempts().where(
        Attempt.course_id == course_id, Attempt.state.in_(CLOSED), Attempt.score.is_not(None), Attempt.id > after, asked
    )
    return session.execute(wanted.order_by(Attempt.id).limit(limit)).all()


def _judge_again(session: Session, row: Row[Any], was: ClosedAttempt, correction: _Correction) -> tuple[int, bool]:
    """New score and pass of one attempt."""
    wanted = select(AnswerRow.position, AnswerRow.score).where(AnswerRow.attempt_id == row.id).order_by(AnswerRow.position)
    recorded = {one.position: one.score for one in session.execute(wanted)}
    questions = questions_of(session, row.id)
    if any(question.public.kind in MARKED_BY_PERSON for question in questions):
        recorded |= markings.scores_given(session, row.id, row.edition_id, row.quiz_key)
    grades = [
        _grade_again(question, recorded.get(question.position) or 0, correction)
        for question in questions
        if question.version_id not in correction.removed and question.public.kind not in WITHOUT_KEY
    ]
    old = was.score or 0
    score = score_of([one.score for one in grades], [one.points for one in grades]) if grades else old
    if correction.mode is RegradeMode.NEVER_LOWER:
        score = max(score, old)
    return score, was.passed or score >= pass_mark_of(session, row.edition_id, row.quiz_key)


def _grade_again(question: AttemptQuestionView, recorded: int, correction: _Correction) -> Grade:
    new_id = correction.changed.get(question.version_id)
    if new_id is not None and question.public.kind in MARKED_BY_MACHINE:
        public = correction.publics[new_id]
        carried = translate(question.answer, question.public, public)
        if carried is not None:
            return grade(public, correction.keys[new_id], carried)
    return Grade(recorded, question.public.points, recorded == question.public.points)


def regrade_effect(session: Session, *, course_id: int, questions: Mapping[str, CompiledQuestion]) -> list[QuestionEffect]:
    """What publishing these questions would do to old answers, for the plan the author sees before choosing (K036).

    One entry a question whose meaning changed and that closed attempts have answers to, by question id.
    """
    wanted = select(QuestionVersion.id, QuestionVersion.question_id, QuestionVersion.meaning_hash)
    known = session.execute(wanted.where(QuestionVersion.course_id == course_id).order_by(QuestionVersion.id)).all()
    changed = {
        row.id: questions[row.question_id]
        for row in known
        if row.question_id in questions
        and questions[row.question_id].public.kind in MARKED_BY_MACHINE
        and row.meaning_hash != questions[row.question_id].meaning_hash
    }
    answered = and_(AnswerRow.attempt_id == AttemptQuestion.attempt_id, AnswerRow.position == AttemptQuestion.position)
    grouped = (
        select(AttemptQuestion.version_id, AnswerRow.value, func.count().label("times"))
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .join(AnswerRow, answered)
        .where(Attempt.course_id == course_id, Attempt.state.in_(CLOSED), AttemptQuestion.version_id.in_(sorted(changed)))
        .group_by(AttemptQuestion.version_id, AnswerRow.value)
    )
    versions, keys = library.versions(session, changed), library.keys(session, changed)
    effects: dict[str, QuestionEffect] = {}
    for version_id, value, times in session.execute(grouped):
        old, new = versions[version_id].public, changed[version_id]
        if is_answered(old, value):
            effect = _effect(old, keys[version_id], new, value, times)
            before = effects.get(effect.question_id, QuestionEffect(effect.question_id, 0, 0, 0))
            effects[effect.question_id] = _sum(before, effect)
    return [effects[question_id] for question_id in sorted(effects)]


def _effect(old: QuestionPublic, old_key: QuestionKey, new: CompiledQuestion, value: Answer, times: int) -> QuestionEffect:
    carried = translate(value, old, new.public)
    was_right = grade(old, old_key, value).is_correct
    is_right = was_right if carried is None else grade(new.public, new.key, carried).is_correct
    return QuestionEffect(old.id, times, times * (is_right and not was_right), times * (was_right and not is_right))


def _sum(first: QuestionEffect, second: QuestionEffect) -> QuestionEffect:
    return QuestionEffect(
        first.question_id,
        first.answers + second.answers,
        first.become_right + second.become_right,
        first.become_wrong + second.become_wrong,
    )
