"""The sheet a marker fills in, beside the work it is about: for staff and, without names, for other learners."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from markupsafe import Markup

from lms.errors import Invalid
from lms.quizzes.forms import Form, typed_text
from lms.quizzes.grading import rubric_score
from lms.quizzes.marking import Sheet
from lms.quizzes.markings import Given
from lms.quizzes.queue import Answered, Work
from lms.quizzes.sheets import CriterionField, comment_name, criterion_fields, read_levels
from lms.web import language, work
from lms.web.learn.questions import answer_in_words
from lms.web.work import FileLink, MarkingCard


@dataclass(frozen=True)
class Level:
    value: str
    label: str
    text: Markup
    checked: bool


@dataclass(frozen=True)
class Criterion:
    name: str
    title: Markup
    weight_label: str
    weight: int
    most: int
    value: str
    levels: list[Level]


@dataclass(frozen=True)
class AnswerSheet:
    """One answer to mark: what was asked and handed in, the rubric as fields, and what was given before."""

    number: int
    stem: Markup
    told: list[Markup]
    files: list[FileLink]
    words: int
    points_label: str
    points: int
    criteria: list[Criterion]
    comment_name: str
    comment: str
    total_label: str
    """The score of what is filled in, "" while something is missing."""
    cards: list[MarkingCard] = field(default_factory=list)


def read(found: Work, form: Form) -> dict[int, Sheet]:
    """The sheets in a posted form. Raises Invalid for what a person must put right."""
    return {
        answered.question.position: Sheet(
            read_levels(answered.question.public, answered.question.position, form),
            typed_text(form, comment_name(answered.question.position)).strip(),
        )
        for answered in found.answers
    }


def sheets(
    found: Work, mine: Callable[[Given], bool], form: Form | None, names: dict[int, str], time_zone: str, **address: str
) -> list[AnswerSheet]:
    """The answers as the page shows them, filled with the newest marking that is `mine` or, when it was refused, with what was
    posted. `names`: of markers whose marks may be shown; `address` is the endpoint of files with its values."""
    return [_sheet(answered, mine, form, names, time_zone, address) for answered in found.answers]


def _sheet(
    answered: Answered,
    mine: Callable[[Given], bool],
    form: Form | None,
    names: dict[int, str],
    time_zone: str,
    address: dict[str, str],
) -> AnswerSheet:
    question, public = answered.question, answered.question.public
    own = next((one for one in reversed(answered.given) if mine(one)), None)
    name = comment_name(question.position)
    text = question.answer.get("text", "")
    return AnswerSheet(
        number=question.position,
        stem=Markup("").join(Markup(part) for part in public.stem),
        told=answer_in_words(public, question.answer),
        files=[
            FileLink(url_for(address["endpoint"], upload_id=one.id, **_rest(address)), _shown(one.name, number, address),
                     language.kilobytes(one.size))
            for number, one in enumerate(answered.files, 1)
        ],
        words=len(text.split()) if public.fewest_words or public.most_words else 0,
        points_label=f"{language.score(public.points)} poin",
        points=public.points,
        criteria=[
            _criterion(each) for each in criterion_fields(public, question.position, own.levels if own else (), form)
        ],
        comment_name=name,
        comment=typed_text(form, name) if form is not None else own.comment if own else "",
        total_label=_total(answered, own, form),
        cards=[
            work.marking_card(public, one, names[one.marker_id], time_zone)
            for one in answered.given
            if one.marker_id in names
        ],
    )  # fmt: skip


def _rest(address: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in address.items() if name not in ("endpoint", "nameless")}


def _shown(name: str, number: int, address: dict[str, str]) -> str:
    """The name of a file; for other learners only its kind, because people write their names into it."""
    return nameless(name, number) if "nameless" in address else name


def nameless(name: str, number: int) -> str:
    return f"berkas-{number}.{name.rsplit('.', 1)[-1]}"


def _criterion(one: CriterionField) -> Criterion:
    levels = [Level(each.value, each.label, Markup(each.text), each.is_chosen) for each in one.levels]
    title = Markup(one.title) or Markup("Nilai")
    return Criterion(one.name, title, f"{language.score(one.weight)} %", one.weight, one.most, one.value, levels)


def _total(answered: Answered, own: Given | None, form: Form | None) -> str:
    public = answered.question.public
    try:
        levels = own.levels if own and form is None else read_levels(public, answered.question.position, form or {})
    except Invalid:
        return ""
    return f"{language.score(rubric_score(public, levels))} dari {language.score(public.points)} poin"
