"""Between a marker's form and marks, both ways. Pure.

Field names: criterion `k<position>-<number>` with the points of a level (or a mark from 0 to 100), comment `c<position>`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from lms.content.assignments import Criterion
from lms.content.types import QuestionPublic
from lms.errors import Invalid
from lms.quizzes.forms import Form, typed_text
from lms.quizzes.grading import criteria_of, most_for
from lms.shared.numbers import format_number, parse_number

NOTHING = "Belum tampak"
"""The level that every criterion has, whether the author wrote it or not."""


@dataclass(frozen=True, slots=True)
class LevelField:
    value: str
    label: str
    """Points as people write them: "4"."""
    text: str
    """HTML."""
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class CriterionField:
    """One criterion to mark: levels to choose from, or a mark from 0 to 100 to type when there are none."""

    name: str
    title: str
    """HTML; "" where the author wrote no rubric."""
    weight: int
    """Hundredths of a per cent."""
    most: int
    """Hundredths the best level gives."""
    levels: tuple[LevelField, ...] = ()
    value: str = ""


def comment_name(position: int) -> str:
    return f"c{position}"


def level_name(position: int, number: int) -> str:
    return f"k{position}-{number}"


def criterion_fields(
    public: QuestionPublic, position: int, given: Sequence[int] = (), form: Form | None = None
) -> tuple[CriterionField, ...]:
    """The rubric as fields, filled with what was `given` before or, when a form was refused, with what was posted."""
    fields = []
    for number, criterion in enumerate(criteria_of(public)):
        name = level_name(position, number)
        known = given[number] if number < len(given) else None
        value = "" if known is None else _written(criterion, known)
        if form is not None:
            value = typed_text(form, name)[:20]
        fields.append(
            CriterionField(name, criterion.name, criterion.weight, most_for(criterion), _levels(criterion, value), value)
        )
    return tuple(fields)


def _written(criterion: Criterion, points: int) -> str:
    """As it stands in the field: a level's points as they are, a free mark in hundredths as people type it."""
    return str(points) if criterion.levels else points_text(points)


def points_text(hundredths: int) -> str:
    """350 → 3,5"""
    return format_number(Decimal(hundredths) / 100, "id")


def _levels(criterion: Criterion, chosen: str) -> tuple[LevelField, ...]:
    levels = {level.points: level.text for level in reversed(criterion.levels)}
    if levels:
        levels.setdefault(0, NOTHING)
    return tuple(
        LevelField(str(points), points_text(points), levels[points], chosen == str(points))
        for points in sorted(levels, reverse=True)
    )


def read_levels(public: QuestionPublic, position: int, form: Form) -> tuple[int, ...]:
    """Hundredths for each criterion of a posted form. Raises Invalid, with the field and the criterion's number, for what is missing or
    no mark; show the form again with what was posted."""
    return tuple(
        _read(criterion, number, level_name(position, number), form) for number, criterion in enumerate(criteria_of(public))
    )


def _read(criterion: Criterion, number: int, name: str, form: Form) -> int:
    text = typed_text(form, name).strip()
    if not text:
        raise Invalid(
            f"Kriteria {number + 1} belum dinilai. Penilaian belum disimpan; isian yang lain masih ada di bawah.", field=name
        )
    if criterion.levels:
        if text.isascii() and text.isdigit() and int(text[:9]) in {0, *(level.points for level in criterion.levels)}:
            return int(text[:9])
        raise Invalid("Nilai yang dikirim tidak ada di rubrik. Penilaian belum disimpan; pilih lagi, lalu simpan.", field=name)
    value = parse_number(text[:40], "id")
    if value is None or not 0 <= value <= 100:
        raise Invalid(
            "Nilai ditulis sebagai angka dari 0 sampai 100, misalnya 82,5. Penilaian belum disimpan; perbaiki dulu.", field=name
        )
    return int((value * 100).quantize(Decimal(1), ROUND_HALF_UP))
