"""Reads attempts through their person. Nothing that depends on a key leaves here before the feedback policy allows it (R10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.library import Published
from lms.content.types import MARKED_BY_PERSON, FeedbackPolicy, ItemKind, Outline, QuestionKey, QuestionPublic, QuizRules
from lms.quizzes import markings
from lms.quizzes import rules as quiz_rules
from lms.quizzes.attempts import as_closed, attempt_row, attempts, closed_attempts, mark_of, open_attempt, questions_of, work_id
from lms.quizzes.feedback import feedback_of
from lms.quizzes.grading import grade, score_of
from lms.quizzes.judging import choices, judging
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, InlineAnswer
from lms.quizzes.translate import translate
from lms.quizzes.types import (
    CLOSED,
    Answer,
    AttemptQuestionView,
    AttemptState,
    AttemptView,
    ClosedAttempt,
    Feedback,
    InlineShown,
    QuizFact,
    ResultQuestion,
    ResultView,
    Tries,
)


def attempt_view(session: Session, person_id: int, token: str, *, now: datetime | None = None) -> AttemptView:
    """An attempt as its person may see it: questions in order, layouts, saved answers. NotFound for a missing or foreign one.

    With `now`, an open attempt whose time is up shows as expired although no GET moves the row.
    """
    row = attempt_row(session, person_id, token)
    due = row.state == AttemptState.OPEN and now is not None and quiz_rules.is_due(row.deadline_at, now)
    return AttemptView(
        attempt_id=row.id,
        token=row.token,
        course_id=row.course_id,
        edition_id=row.edition_id,
        quiz_key=row.quiz_key,
        try_number=row.try_number,
        state=AttemptState.EXPIRED if due else AttemptState(row.state),
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        closed_at=row.deadline_at if due else row.closed_at,
        questions=questions_of(session, row.id),
        is_due=due,
    )


def answer_feedback(session: Session, person_id: int, token: str, position: int, rules: QuizRules) -> Feedback | None:
    """What may be told at once about a saved answer: only in practice (`langsung`), the key only for a right one. Else None."""
    if not quiz_rules.shows_at_once(rules):
        return None
    questions = questions_of(session, attempt_row(session, person_id, token).id)
    question = next((one for one in questions if one.position == position and one.answer), None)
    if question is None:
        return None
    key = library.keys(session, [question.version_id])[question.version_id]
    judged = grade(question.public, key, question.answer)
    return feedback_of(question.public, key, question.answer, judged, shows_parts=True, shows_key=judged.is_correct)


# Results


def result_view(session: Session, person_id: int, token: str, rules: QuizRules, *, now: datetime | None = None) -> ResultView:
    """The result of a closed attempt with exactly what the feedback policy allows; of an open or voided one nothing but its state.

    With `now`, an open attempt whose time is up is graded for the eye, as of its deadline; the next POST or job moves the row.
    """
    row = attempt_row(session, person_id, token)
    due = row.state == AttemptState.OPEN and now is not None and quiz_rules.is_due(row.deadline_at, now)
    view = ResultView(
        attempt_id=row.id,
        token=row.token,
        course_id=row.course_id,
        edition_id=row.edition_id,
        quiz_key=row.quiz_key,
        try_number=row.try_number,
        state=AttemptState.EXPIRED if due else AttemptState(row.state),
        started_at=row.started_at,
        closed_at=row.deadline_at if due else row.closed_at,
        score=None,
        passed=None,
        is_due=due,
    )
    if row.state not in CLOSED and not due:
        return view
    is_group = rules.hand_in is not None and rules.hand_in.is_group
    questions = questions_of(session, work_id(session, row.id) if is_group else row.id)
    if due:
        outcome = mark_of(session, row.edition_id, row.quiz_key, questions)
        view = replace(view, score=outcome.score, passed=outcome.passed, is_waiting=outcome.is_waiting)
    else:
        closed = as_closed(row)
        waits = row.state == AttemptState.SUBMITTED
        view = replace(view, score=closed.score, passed=closed.passed, is_waiting=waits)
    shown = _reveal(session, row, rules, passes_now=bool(view.passed), due=due)
    judged_by = _judged_by(session, row, questions) if shown.answers or row.regraded_at else []
    if row.regraded_at:
        corrected = tuple(one.position for one, (*_, is_new) in zip(questions, judged_by, strict=True) if is_new)
        view = replace(view, regraded_at=row.regraded_at, first_score=row.score, corrected=corrected)
    feedback = _feedback_by_position(session, row, questions, judged_by, shown) if shown.answers else {}
    judged = tuple(ResultQuestion(question, feedback.get(question.position)) for question in questions)
    return replace(view, questions=judged, shows_answers=shown.answers, shows_key=shown.key)


def _reveal(session: Session, row: Row[Any], rules: QuizRules, *, passes_now: bool, due: bool) -> quiz_rules.Reveal:
    closed = closed_attempts(session, row.person_id, row.course_id, row.quiz_key)
    waiting = None if due else open_attempt(session, row.person_id, row.course_id, row.quiz_key)
    if due:
        closed.append(replace(as_closed(row), closed_at=row.deadline_at, passed=passes_now))
    stands = quiz_rules.standing(rules, closed, waiting is not None, row.started_at)  # the time decides nothing that is used here
    passed_posttest = False
    if rules.feedback is FeedbackPolicy.NEVER:
        passed_posttest = posttest_passed(session, row.person_id, row.course_id, library.edition(session, row.edition_id).outline)
    return quiz_rules.reveal(rules.feedback, passed=stands.passed, is_used_up=stands.is_used_up, posttest_passed=passed_posttest)


_JudgedBy = tuple[QuestionPublic, QuestionKey, Answer, bool]
"""Wording, key and answer that one question is judged by, and whether they are newer than what was asked."""


def _feedback_by_position(
    session: Session,
    row: Row[Any],
    questions: Sequence[AttemptQuestionView],
    judged_by: Sequence[_JudgedBy],
    shown: quiz_rules.Reveal,
) -> dict[int, Feedback]:
    """Feedback for every question. Scores are those recorded at closing; after a regrade those of the corrected wording."""
    wanted = select(AnswerRow.position, AnswerRow.score).where(AnswerRow.attempt_id == row.id).order_by(AnswerRow.position)
    recorded = {row.position: row.score for row in session.execute(wanted)}
    if any(question.public.kind in MARKED_BY_PERSON for question in questions):
        recorded |= markings.scores_given(session, row.id, row.edition_id, row.quiz_key)
    found = {}
    for question, (public, key, answer, is_new) in zip(questions, judged_by, strict=True):
        judged = grade(public, key, answer)
        score = recorded.get(question.position)
        if score is not None and not is_new:
            judged = replace(judged, score=score, is_correct=score == public.points)
        found[question.position] = feedback_of(public, key, answer, judged, shows_parts=False, shows_key=shown.key)
    return found


def _judged_by(session: Session, row: Row[Any], questions: Sequence[AttemptQuestionView]) -> list[_JudgedBy]:
    """What each question is judged by: as served, or as corrected when the attempt was regraded."""
    newer: dict[int, int] = {}
    if row.new_edition_id:
        known = judging(session, row.course_id, choices(session, row.course_id, row.edition_id, row.new_edition_id))
        chosen = known.of(row.edition_id)
        newer = {
            one.version_id: new_id
            for one in questions
            if (new_id := known.differs(one.version_id, one.question_id, chosen)) is not None
        }
    versions = library.versions(session, newer.values())
    keys = library.keys(session, sorted({one.version_id for one in questions} | set(newer.values())))
    judged = []
    for question in questions:
        version = versions.get(newer.get(question.version_id, 0))
        carried = translate(question.answer, question.public, version.public) if version else None
        if version is not None and carried is not None:
            judged.append((version.public, keys[version.version_id], carried, True))
        else:
            judged.append((question.public, keys[question.version_id], question.answer, False))
    return judged


def posttest_passed(session: Session, person_id: int, course_id: int, outline: Outline) -> bool:
    """Whether this person has passed the post-test of the course; False when it has none."""
    tests = [item.key for item in outline.items if item.kind is ItemKind.POSTTEST]
    return any(one.passed for key in tests for one in closed_attempts(session, person_id, course_id, key))


# Standing


def tries(session: Session, person_id: int, course_id: int, quiz_key: str, rules: QuizRules, now: datetime) -> Tries:
    """Where a person stands in one quiz now: tries, rounds, pauses, best score, history. A timed-out attempt counts as closed."""
    history = closed_attempts(session, person_id, course_id, quiz_key)
    row = open_attempt(session, person_id, course_id, quiz_key)
    if row is not None and quiz_rules.is_due(row.deadline_at, now):
        outcome = mark_of(session, row.edition_id, quiz_key, questions_of(session, row.id))
        state = AttemptState.SUBMITTED if outcome.is_waiting else AttemptState.EXPIRED
        timed_out = replace(as_closed(row), state=state, closed_at=row.deadline_at)
        history.append(replace(timed_out, score=outcome.score, passed=outcome.passed))
        row = None
    stands = quiz_rules.standing(rules, history, row is not None, now)
    scores = [one.score for one in history if one.score is not None]
    return Tries(
        used=stands.used,
        left=stands.left,
        round_number=stands.round_number,
        may_start=stands.may_start,
        reason=stands.reason,
        next_try_at=stands.next_try_at,
        next_round_at=stands.next_round_at,
        open_token=row.token if row is not None else None,
        best_score=max(scores, default=None),
        score=quiz_rules.score_taken(rules.taken, scores),
        passed=stands.passed,
        is_used_up=stands.is_used_up,
        history=tuple(history),
    )


def quiz_facts(session: Session, person_id: int, course_id: int, *, outline: Outline | None = None) -> dict[str, QuizFact]:
    """By quiz key, every quiz this person has closed an attempt of. With `outline`, `score` follows each quiz's `nilai-diambil`."""
    wanted = attempts().where(Attempt.person_id == person_id, Attempt.course_id == course_id, Attempt.state.in_(CLOSED))
    grouped: dict[str, list[ClosedAttempt]] = {}
    for row in session.execute(wanted.order_by(Attempt.quiz_key, Attempt.try_number)):
        grouped.setdefault(row.quiz_key, []).append(as_closed(row))
    return {key: _quiz_fact(key, attempts, outline) for key, attempts in grouped.items()}


_CLOSED_OF_MANY = (  # built once: it runs with every progress write
    attempts()
    .where(
        Attempt.person_id.in_(bindparam("people", expanding=True)),
        Attempt.course_id.in_(bindparam("courses", expanding=True)),
        Attempt.state.in_(CLOSED),
    )
    .order_by(Attempt.person_id, Attempt.course_id, Attempt.quiz_key, Attempt.try_number)
)


def quiz_facts_of_many(
    session: Session, outlines: Mapping[tuple[int, int], Outline]
) -> dict[tuple[int, int], dict[str, QuizFact]]:
    """`quiz_facts` of many people at once, by (person id, course id): for rebuilding and verifying. One SELECT; ask for some
    hundreds at a time."""
    people, courses = (sorted({pair[place] for pair in outlines}) for place in (0, 1))
    grouped: dict[tuple[int, int], dict[str, list[ClosedAttempt]]] = {pair: {} for pair in outlines}
    for row in session.execute(_CLOSED_OF_MANY, {"people": people, "courses": courses}):
        quizzes = grouped.get((row.person_id, row.course_id))
        if quizzes is not None:
            quizzes.setdefault(row.quiz_key, []).append(as_closed(row))
    return {
        pair: {key: _quiz_fact(key, found, outlines[pair]) for key, found in quizzes.items()} for pair, quizzes in grouped.items()
    }


def _quiz_fact(key: str, attempts: Sequence[ClosedAttempt], outline: Outline | None) -> QuizFact:
    item = outline.item(key) if outline else None
    scores = [one.score for one in attempts if one.score is not None]
    best = max(scores, default=None)
    taken = quiz_rules.score_taken(item.quiz.taken, scores) if item and item.quiz else best
    passed = any(one.passed for one in attempts)
    is_waiting = not passed and any(one.state is AttemptState.SUBMITTED for one in attempts)
    return QuizFact(key, best, taken, passed, len(attempts), max(one.closed_at for one in attempts), is_waiting)


def module_scores(session: Session, attempt_id: int) -> dict[str, int]:
    """By module key, hundredths of 100 earned in a closed attempt on the questions of that module (for testing out, D43)."""
    saved = and_(AnswerRow.attempt_id == AttemptQuestion.attempt_id, AnswerRow.position == AttemptQuestion.position)
    rows = session.execute(
        select(
            AttemptQuestion.version_id,
            AttemptQuestion.position,
            AnswerRow.score,
            Attempt.id,
            Attempt.edition_id,
            Attempt.quiz_key,
        )
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .outerjoin(AnswerRow, saved)
        .where(AttemptQuestion.attempt_id == attempt_id, Attempt.state.in_(CLOSED))
        .order_by(AttemptQuestion.position)
    ).all()
    versions = library.versions(session, [row.version_id for row in rows])
    by_people = markings.scores_given(session, rows[0].id, rows[0].edition_id, rows[0].quiz_key) if rows else {}
    earned: dict[str, tuple[list[int], list[int]]] = {}
    for row in rows:
        public = versions[row.version_id].public
        if public.module_key:
            scores, points = earned.setdefault(public.module_key, ([], []))
            scores.append(by_people.get(row.position, row.score or 0))
            points.append(public.points)
    return {module: score_of(scores, points) for module, (scores, points) in earned.items()}


# Checks inside lessons


def inline_correct(session: Session, person_id: int, course_id: int) -> set[str]:
    """Ids of the inline questions this person has answered correctly at least once."""
    wanted = select(InlineAnswer.question_id).where(InlineAnswer.person_id == person_id, InlineAnswer.course_id == course_id)
    return set(session.scalars(wanted.where(InlineAnswer.is_correct.is_(True)).distinct()))


@dataclass(frozen=True, slots=True)
class _LastInline:
    answer: Answer
    version_id: int
    was_correct: bool


def inline_shown(session: Session, person_id: int, published: Published, question_ids: Iterable[str]) -> dict[str, InlineShown]:
    """By question id, the last answer to each inline question and what may be told about it; unanswered ones are left out.

    The key and the explanation come once the question has been answered correctly.
    """
    wanted = list(question_ids)
    last = _last_inline(session, person_id, published.course_id, wanted) if wanted else {}
    current = library.questions(session, published.edition_id, last)
    keys = library.keys(session, [version.version_id for version in current.values()])
    answered = library.versions(session, [found.version_id for found in last.values()])
    shown = {}
    for question_id, version in current.items():
        found = last[question_id]
        answer = translate(found.answer, answered[found.version_id].public, version.public) or {}
        judged = grade(version.public, keys[version.version_id], answer)
        knows = found.was_correct or judged.is_correct
        told = feedback_of(version.public, keys[version.version_id], answer, judged, shows_parts=True, shows_key=knows)
        shown[question_id] = InlineShown(answer, told, found.was_correct)
    return shown


def _last_inline_statement() -> Select[Any]:
    newest = (
        select(func.max(InlineAnswer.id).label("id"), func.max(case((InlineAnswer.is_correct, 1), else_=0)).label("ever"))
        .where(
            InlineAnswer.person_id == bindparam("person_id"),
            InlineAnswer.course_id == bindparam("course_id"),
            InlineAnswer.question_id.in_(bindparam("question_ids", expanding=True)),
        )
        .group_by(InlineAnswer.question_id)
        .subquery()
    )
    return (
        select(InlineAnswer.question_id, InlineAnswer.value, InlineAnswer.version_id, newest.c.ever)
        .join(newest, newest.c.id == InlineAnswer.id)
        .order_by(InlineAnswer.id)
    )


_LAST_INLINE = _last_inline_statement()
"""Built once: every lesson with checks runs it."""


def _last_inline(session: Session, person_id: int, course_id: int, question_ids: Sequence[str]) -> dict[str, _LastInline]:
    wanted = {"person_id": person_id, "course_id": course_id, "question_ids": list(question_ids)}
    rows = session.connection().execute(_LAST_INLINE, wanted)
    return {row.question_id: _LastInline(row.value, row.version_id, bool(row.ever)) for row in rows}
