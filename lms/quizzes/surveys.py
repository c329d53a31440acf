"""Surveys: answers without key and score. Anonymous ones leave their attempt; results are counted, and hidden while few (D60)."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import Row, and_, func, insert, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.library import Published
from lms.content.types import Item, ItemKind, QuestionKind, QuestionPublic
from lms.people.rules import staff_date
from lms.quizzes.forms import scale_labels
from lms.quizzes.grading import is_answered, scale_of, text_of
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, SurveyAnswer
from lms.quizzes.translate import translate
from lms.quizzes.types import CLOSED, Answer, AttemptQuestionView

FEWEST = 5
"""Answers below which nothing of a question is shown: fewer would point at people (D60)."""


def keep_apart(session: Session, row: Row[Any], questions: Sequence[AttemptQuestionView], now: datetime) -> None:
    """Copy the answers of an attempt to where no person stands beside them: each under a random token, with the day alone. The
    caller deletes the originals in the same transaction."""
    copies = [
        {
            "token": secrets.token_urlsafe(16),
            "course_id": row.course_id,
            "quiz_key": row.quiz_key,
            "question_id": question.question_id,
            "version_id": question.version_id,
            "value": question.answer,
            "answered_on": staff_date(now),
        }
        for question in questions
        if is_answered(question.public, question.answer)
    ]
    if copies:
        session.execute(insert(SurveyAnswer), copies)


@dataclass(frozen=True, slots=True)
class Distribution:
    """How often each choice was taken. `statement` is HTML, "" when the question has only one thing to ask."""

    statement: str
    choices: tuple[tuple[str, int], ...]
    """(HTML, count), in the author's order."""
    mean: int | None = None
    """Of a scale, in hundredths."""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What came in for one question. While `is_hidden`, nothing but the question itself is filled in."""

    question_id: str
    stem: str
    """HTML."""
    count: int
    is_hidden: bool
    distributions: tuple[Distribution, ...] = ()
    texts: tuple[str, ...] = ()
    """Free texts, plain, in an order that tells nothing of who came when."""


@dataclass(frozen=True, slots=True)
class SurveyResult:
    item_key: str
    title: str
    is_anonymous: bool
    respondents: int
    questions: tuple[QuestionResult, ...]


def results(session: Session, published: Published) -> list[SurveyResult]:
    """What people answered to each survey of this edition, in course order; earlier wordings are counted with the present one."""
    return [_result(session, published, item) for item in published.outline.items if item.kind is ItemKind.SURVEY]


def _result(session: Session, published: Published, item: Item) -> SurveyResult:
    assert item.quiz is not None
    where = (Attempt.course_id == published.course_id, Attempt.quiz_key == item.key, Attempt.state.in_(CLOSED))
    respondents = session.scalar(select(func.count()).select_from(Attempt).where(*where)) or 0
    answers = _answers(session, published.course_id, item.key)
    ids = list(dict.fromkeys(id_ for draw in item.quiz.draws for id_ in draw.question_ids))
    found = library.questions(session, published.edition_id, ids)
    asked = library.versions(session, {version_id for _, version_id, _ in answers})
    by_question: dict[str, list[Answer]] = {}
    for question_id, version_id, value in answers:
        version = found.get(question_id)
        if version is not None:
            carried = translate(value, asked[version_id].public, version.public)
            if carried and is_answered(version.public, carried):
                by_question.setdefault(question_id, []).append(carried)
    questions = tuple(_counted(found[id_].public, by_question.get(id_, [])) for id_ in ids if id_ in found)
    return SurveyResult(item.key, item.title, item.quiz.is_anonymous, respondents, questions)


def _answers(session: Session, course_id: int, quiz_key: str) -> list[tuple[str, int, Answer]]:
    """(question id, version id, answer) of both homes: anonymous ones by random token, named ones by their value."""
    wanted = select(SurveyAnswer.question_id, SurveyAnswer.version_id, SurveyAnswer.value)
    apart = session.execute(
        wanted.where(SurveyAnswer.course_id == course_id, SurveyAnswer.quiz_key == quiz_key).order_by(SurveyAnswer.token)
    )
    saved = and_(AnswerRow.attempt_id == AttemptQuestion.attempt_id, AnswerRow.position == AttemptQuestion.position)
    named = session.execute(
        select(AttemptQuestion.question_id, AttemptQuestion.version_id, AnswerRow.value)
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .join(AnswerRow, saved)
        .where(Attempt.course_id == course_id, Attempt.quiz_key == quiz_key, Attempt.state.in_(CLOSED))
        .order_by(AnswerRow.value, AttemptQuestion.attempt_id, AttemptQuestion.position)
    )
    return [(row.question_id, row.version_id, row.value) for row in (*apart, *named)]


def _counted(public: QuestionPublic, answers: Sequence[Answer]) -> QuestionResult:
    count, stem = len(answers), "".join(public.stem)
    if count < FEWEST:
        return QuestionResult(public.id, stem, count, is_hidden=True)
    if public.kind is QuestionKind.POLL:
        taken = Counter(answer["choice"] for answer in answers)
        choices = tuple((option, taken[place]) for place, option in enumerate(public.options))
        return QuestionResult(public.id, stem, count, False, (Distribution("", choices),))
    if public.kind is QuestionKind.SCALE:
        return QuestionResult(public.id, stem, count, False, _scales(public, answers))
    return QuestionResult(public.id, stem, count, False, texts=tuple(text_of(answer.get("text")) for answer in answers))


def _scales(public: QuestionPublic, answers: Sequence[Answer]) -> tuple[Distribution, ...]:
    """A distribution a statement; one that fewer than FEWEST answered stays empty."""
    labels = scale_labels(public.scale) if public.scale else {}
    found = []
    for place, statement in enumerate(public.statements or ("",)):
        given = [numbers[place] for numbers in (scale_of(public, answer) for answer in answers) if place in numbers]
        taken = Counter(given if len(given) >= FEWEST else [])
        choices = tuple(
            (escape(f"{number} – {label}" if label else str(number)), taken[number]) for number, label in labels.items()
        )
        mean = (200 * sum(given) + len(given)) // (2 * len(given)) if taken else None
        found.append(Distribution(statement, choices, mean))
    return tuple(found)
