"""Reads what answers say about the questions of a course: one grouped statement for quizzes, one for checks inside lessons, one
bounded sample for times. Each person counts once for a question in a quiz, with their first try."""

import html
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.library import Published
from lms.content.models import QuestionVersion
from lms.content.plan import plain_text
from lms.content.types import MARKED_BY_MACHINE, Item, ItemKind, QuestionKind, QuestionPublic
from lms.quizzes.analysis import TYPED, Group, ItemFacts, item_facts
from lms.quizzes.grading import is_answered, ordinals, text_of
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, InlineAnswer
from lms.quizzes.types import Answer, AttemptState

COUNTED_ATTEMPTS = 20_000
"""The newest first tries that are counted."""
TIMED_ATTEMPTS = 500
"""The newest attempts whose times are looked at."""
FINISHED = (AttemptState.GRADED, AttemptState.EXPIRED)
PICKED = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One question in one quiz (or lesson) of the current edition. `source` is "file:line" at publication."""

    question_id: str
    kind: QuestionKind
    stem: str
    item_key: str
    item_title: str
    source: str
    facts: ItemFacts


def item_rows(session: Session, published: Published) -> list[ItemRow]:
    """Every machine-graded question of the edition, quiz by quiz in course order.

    Answers to older wordings count as long as the meaning, the key included, is the same: a corrected key starts anew.
    """
    places = [
        (item, question_id)
        for item in published.outline.items
        if item.kind is not ItemKind.SURVEY
        for question_id in _question_ids(item)
    ]
    current = library.version_ids(session, published.edition_id)
    known = _same_meaning(session, published.course_id, set(current.values()))
    publics = {version_id: version.public for version_id, version in library.versions(session, known).items()}
    groups = _quiz_groups(session, published, publics)
    inline = _inline_groups(session, published.course_id, publics)
    times = _times(session, published.course_id)
    rows = []
    for item, question_id in places:
        public = publics.get(current.get(question_id, 0))
        if public is None or public.kind not in MARKED_BY_MACHINE:
            continue
        found = groups[item.key, question_id] if item.quiz else inline[question_id]
        facts = item_facts(public.kind, found, times.get((item.key, question_id), ()))
        stem = html.unescape(plain_text(" … ".join(public.stem)))
        rows.append(ItemRow(question_id, public.kind, stem, item.key, item.title, known[current[question_id]].source, facts))
    return rows


def _question_ids(item: Item) -> tuple[str, ...]:
    if item.quiz is None:
        return item.question_ids
    return tuple(dict.fromkeys(question_id for draw in item.quiz.draws for question_id in draw.question_ids))


def _same_meaning(session: Session, course_id: int, current: set[int]) -> dict[int, Any]:
    """Versions by id that ask the same as a current one."""
    wanted = select(QuestionVersion.id, QuestionVersion.question_id, QuestionVersion.meaning_hash, QuestionVersion.source)
    rows = session.execute(wanted.where(QuestionVersion.course_id == course_id).order_by(QuestionVersion.id)).all()
    meant = {(row.question_id, row.meaning_hash) for row in rows if row.id in current}
    return {row.id: row for row in rows if (row.question_id, row.meaning_hash) in meant}


def _first_answers(course_id: int) -> Select[*tuple[Any, ...]]:
    """Equal answers in first tries counted, with the sums of their attempts' scores. Bounded, so that growth costs nothing."""
    firsts = (
        select(Attempt.id, Attempt.edition_id, Attempt.quiz_key, Attempt.score.label("total"))
        .where(Attempt.course_id == course_id, Attempt.try_number == 1)
        .where(Attempt.state.in_(FINISHED), Attempt.score.is_not(None))
        .order_by(Attempt.id.desc())
        .limit(COUNTED_ATTEMPTS)
        .subquery()
    )
    saved = and_(AnswerRow.attempt_id == AttemptQuestion.attempt_id, AnswerRow.position == AttemptQuestion.position)
    earned, total = func.coalesce(AnswerRow.score, 0).label("earned"), firsts.c.total
    asked = (AttemptQuestion.question_id, AttemptQuestion.version_id, AnswerRow.value, earned)
    columns = (firsts.c.edition_id, firsts.c.quiz_key, *asked)
    sums = (func.count().label("times"), func.sum(total).label("s"), func.sum(total * total).label("ss"))
    wanted = select(*columns, *sums).join(AttemptQuestion, AttemptQuestion.attempt_id == firsts.c.id).outerjoin(AnswerRow, saved)
    return wanted.group_by(*columns).order_by(*columns)


def _quiz_groups(
    session: Session, published: Published, publics: Mapping[int, QuestionPublic]
) -> dict[tuple[str, str], list[Group]]:
    wholes = _points_total(session, published.course_id)
    found: dict[tuple[str, str], list[Group]] = defaultdict(list)
    for row in session.execute(_first_answers(published.course_id)):
        public = publics.get(row.version_id)
        if public is None:
            continue
        whole = wholes.get((row.edition_id, row.quiz_key), 0)
        own = 10000 * row.earned / whole if whole else 0.0  # the part of the attempt's score that this answer made
        total, square = float(row.s), float(row.ss)
        has_rest = whole > public.points
        found[row.quiz_key, row.question_id].append(
            Group(
                answer=in_words(public, row.value or {}, row.earned),
                count=row.times,
                score=row.earned,
                points=public.points,
                totals=total - own * row.times if has_rest else 0.0,
                squares=square - 2 * own * total + own * own * row.times if has_rest else 0.0,
                stratum=row.edition_id,
            )
        )
    return found


def _points_total(session: Session, course_id: int) -> dict[tuple[int, str], int]:
    """Points of a whole attempt, by (edition id, quiz key)."""
    return {
        (edition.edition_id, item.key): item.quiz.points_total
        for edition in library.editions(session, course_id)
        for item in edition.outline.items
        if item.quiz is not None
    }


def _inline_groups(session: Session, course_id: int, publics: Mapping[int, QuestionPublic]) -> dict[str, list[Group]]:
    order = (InlineAnswer.person_id, InlineAnswer.question_id)
    number = func.row_number().over(partition_by=order, order_by=InlineAnswer.id)
    first = (
        select(
            InlineAnswer.question_id, InlineAnswer.version_id, InlineAnswer.value, InlineAnswer.is_correct, number.label("number")
        )
        .where(InlineAnswer.course_id == course_id)
        .subquery()
    )
    columns = (first.c.question_id, first.c.version_id, first.c.value, first.c.is_correct)
    wanted = select(*columns, func.count().label("times")).where(first.c.number == 1).group_by(*columns).order_by(*columns)
    found: dict[str, list[Group]] = defaultdict(list)
    for row in session.execute(wanted):
        public = publics.get(row.version_id)
        if public is not None:
            score = public.points if row.is_correct else 0
            found[row.question_id].append(Group(in_words(public, row.value, score), row.times, score, public.points))
    return found


def _times(session: Session, course_id: int) -> dict[tuple[str, str], list[float]]:
    """Seconds from one saved answer to the next, by (quiz key, question id), in the newest attempts."""
    newest = (
        select(Attempt.id)
        .where(Attempt.course_id == course_id, Attempt.state.in_(FINISHED))
        .order_by(Attempt.id.desc())
        .limit(TIMED_ATTEMPTS)
        .subquery()
    )
    asked = and_(AnswerRow.attempt_id == AttemptQuestion.attempt_id, AnswerRow.position == AttemptQuestion.position)
    rows = session.execute(
        select(Attempt.id, Attempt.quiz_key, Attempt.started_at, AttemptQuestion.question_id, AnswerRow.saved_at)
        .join(newest, newest.c.id == Attempt.id)
        .join(AttemptQuestion, AttemptQuestion.attempt_id == Attempt.id)
        .join(AnswerRow, asked)
        .order_by(Attempt.id, AnswerRow.saved_at, AnswerRow.position)
    )
    return _gaps(rows)


def _gaps(rows: Iterable[Any]) -> dict[tuple[str, str], list[float]]:
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    before: dict[int, datetime] = {}
    for row in rows:
        waited = row.saved_at - before.get(row.id, row.started_at)
        found[row.quiz_key, row.question_id].append(waited.total_seconds())
        before[row.id] = row.saved_at
    return found


def in_words(public: QuestionPublic, answer: Answer, earned: int) -> str:
    """An answer as plain text: chosen options, or what was typed (case and blanks apart); "" = left empty. Answers of several
    parts have too many forms to count: they are told by how much of them is right."""
    if not is_answered(public, answer):
        return ""
    if public.kind in PICKED:
        given = answer.get("choices") if public.kind is QuestionKind.MULTIPLE else [answer.get("choice")]
        return html.unescape("; ".join(plain_text(public.options[each]) for each in ordinals(given, len(public.options))))
    if public.kind in TYPED:
        return " ".join(text_of(answer.get("text")).split()).casefold()
    return "benar semua" if earned >= public.points else "benar sebagian" if earned else "belum benar"
