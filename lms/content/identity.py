"""Which new question or item is probably an old one whose id was lost, and which id came back on something else. Reads only."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content.likeness import (
    PART,
    RELATED,
    SAME,
    Lookalike,
    is_same_question,
    lookalikes,
    question_similarity,
)
from lms.content.models import CourseRow, EditionRow, QuestionVersion
from lms.content.types import CompiledCourse, CompiledQuestion, Item, ItemKind, Outline


@dataclass(frozen=True, slots=True)
class ReusedId:
    """A retired question's id on a different question: old answers would seem to belong to it (K034)."""

    question: CompiledQuestion
    last_published: datetime

    @property
    def sentence(self) -> str:
        return (
            f"{self.question.file}:{self.question.line}: ID soal {{#{self.question.public.id}}} pernah dipakai soal lain "
            f"(terbit {self.last_published:%d-%m-%Y}) yang sudah dihapus. "
            "Pakai ID lain supaya jawaban lama tidak tertukar; tidak ada yang diterbitkan."
        )


def reused_ids(session: Session, course_id: int, now_asked: Collection[str], compiled: CompiledCourse) -> list[ReusedId]:
    """Questions that come back under a retired id without being the question that left."""
    coming = sorted(question_id for question_id in compiled.questions if question_id not in now_asked)
    wanted = select(QuestionVersion.question_id, QuestionVersion.text, QuestionVersion.published_at)
    wanted = wanted.where(QuestionVersion.course_id == course_id).order_by(QuestionVersion.id)
    former: dict[str, list[Any]] = {}
    for row in session.execute(wanted).all() if coming else []:
        former.setdefault(row.question_id, []).append(row)
    return [
        ReusedId(compiled.questions[question_id], former[question_id][-1].published_at)
        for question_id in coming
        if question_id in former
        and not any(is_same_question(compiled.questions[question_id].text, version.text) for version in former[question_id])
    ]


def maybe_former(session: Session, compiled: CompiledCourse) -> str:
    """Key of the published course with more than half of these questions and items: perhaps this one before it was renamed
    (K110); "" for none."""
    wanted = select(CourseRow.key, EditionRow.questions, EditionRow.outline)
    wanted = wanted.where(EditionRow.id == CourseRow.current_edition_id).order_by(CourseRow.key)
    mine = compiled.questions.keys() | {item.key for item in compiled.outline.items}
    shared = [
        (len(mine & (row.questions.keys() | {item["key"] for item in row.outline["items"]})), row.key)
        for row in session.execute(wanted)
    ]
    most, key = max(shared, default=(0, ""))
    return key if 2 * most > len(mine) else ""


def lost_questions(before: Outline, asked_now: Mapping[str, Any], compiled: CompiledCourse) -> tuple[Lookalike, ...]:
    """New questions that look like vanished ones, within the same quiz or lesson first: tests often repeat a question of a quiz.

    `asked_now` has `.text` by question id. The order of options does not matter (COURSE-FORMAT.md 2.10, 3).
    """
    new = {id_: _ordered(question.text) for id_, question in compiled.questions.items() if id_ not in asked_now}
    old = {id_: _ordered(row.text) for id_, row in asked_now.items() if id_ not in compiled.questions}
    if not new or not old:
        return ()
    new_places, old_places = _places(compiled.outline), _places(before)
    found: list[Lookalike] = []
    for at_least, within in ((1.0, True), (1.0, False), (SAME, True), (RELATED, False)):
        taken = {id_ for pair in found for id_ in (pair.new_id, pair.old_id)}
        rest = (
            {id_: text for id_, text in new.items() if id_ not in taken},
            {id_: text for id_, text in old.items() if id_ not in taken},
        )
        groups = _by_place(*rest, new_places, old_places) if within else [rest]
        for pair in _exact(groups) if at_least == 1.0 else _alike(groups, at_least):
            if pair.new_id not in taken and pair.old_id not in taken:
                found.append(Lookalike(pair.new_id, pair.old_id, pair.ratio, is_sure=within or at_least == 1.0))
                taken |= {pair.new_id, pair.old_id}
    return tuple(found)


Texts = Mapping[str, str]


def _exact(groups: Iterable[tuple[Texts, Texts]]) -> Iterable[Lookalike]:
    for new, old in groups:
        by_text: dict[str, list[str]] = {}
        for id_, text in old.items():
            by_text.setdefault(text, []).append(id_)
        for id_, text in new.items():
            if text.strip() and by_text.get(text):
                yield Lookalike(id_, by_text[text].pop(0), 1.0)


def _alike(groups: Iterable[tuple[Texts, Texts]], at_least: float) -> Iterable[Lookalike]:
    for new, old in groups:
        yield from lookalikes(new, old, at_least, question_similarity)


def _by_place(
    new: Texts, old: Texts, new_places: Mapping[str, set[str]], old_places: Mapping[str, set[str]]
) -> list[tuple[Texts, Texts]]:
    places = sorted({place for id_ in new for place in new_places.get(id_, ())})
    return [
        (
            {id_: text for id_, text in new.items() if place in new_places.get(id_, ())},
            {id_: text for id_, text in old.items() if place in old_places.get(id_, ())},
        )
        for place in places
    ]


def _ordered(text: str) -> str:
    """A normalised question with its options sorted, so that their order makes no difference."""
    stem, *options = text.split(PART)
    return PART.join([stem, *sorted(options)])


def _places(outline: Outline) -> dict[str, set[str]]:
    """Question id to the keys of the items that ask it."""
    found: dict[str, set[str]] = {}
    for item in outline.items:
        for question_id in questions_of(item):
            found.setdefault(question_id, set()).add(item.key)
    return found


def questions_of(item: Item) -> tuple[str, ...]:
    """Every question an item asks or may draw."""
    drawn = [id_ for draw in item.quiz.draws for id_ in draw.question_ids] if item.quiz else []
    return (*item.question_ids, *drawn)


def lost_items(
    before: Outline, asked_now: Mapping[str, Any], pages: Mapping[str, Any], compiled: CompiledCourse
) -> tuple[Lookalike, ...]:
    """New items that look like vanished ones of their kind, by their text and the questions in it: files renamed or moved without
    `id:` (K035). Never sure: the author is asked. `pages` are the stored pages of `before` by item key."""
    vanished = [item for item in before.items if compiled.outline.item(item.key) is None]
    appeared = [item for item in compiled.outline.items if before.item(item.key) is None]
    found: list[Lookalike] = []
    for is_lesson in (True, False):
        old = {
            item.key: _item_text(item, pages.get(item.key, {}).get("text", ""), {id_: row.text for id_, row in asked_now.items()})
            for item in vanished
            if (item.kind is ItemKind.LESSON) == is_lesson
        }
        texts = {id_: question.text for id_, question in compiled.questions.items()}
        new = {
            item.key: _item_text(item, compiled.pages[item.key].text if item.key in compiled.pages else "", texts)
            for item in appeared
            if (item.kind is ItemKind.LESSON) == is_lesson
        }
        found += lookalikes(new, old)
    return tuple(found)


def _item_text(item: Item, page: str, texts: Mapping[str, str]) -> str:
    return "\n".join([page, *(texts.get(id_, "") for id_ in questions_of(item))])
