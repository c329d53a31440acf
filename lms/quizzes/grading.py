"""Grades one answer, or a whole attempt, in exact integers. Pure: no database, no clock, no floats in scores.

Answers come from people and their browsers, so nothing here trusts their shape: what cannot be read counts as not answered.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from lms.content.assignments import Criterion
from lms.content.types import (
    MARKED_BY_PERSON,
    WITHOUT_KEY,
    BlankKey,
    BlankKind,
    NumberRange,
    QuestionKey,
    QuestionKind,
    QuestionPublic,
)
from lms.quizzes.types import Answer, Grade, Mark
from lms.shared.numbers import parse_number, read_back

FULL_SCORE = 10_000
"""100 in hundredths."""
LONGEST_ADDRESS = 2000

PICK_ONE = (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.POLL)
TYPED_KINDS = (QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.ESSAY, QuestionKind.LINK, QuestionKind.OPEN)

_FINAL_PUNCTUATION = ".,;:!?…。"


def grade(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    """The grade of `answer` to one question version. Never raises: a malformed answer is an unanswered one and scores 0, and so
    does, here, what people mark and what has no key.

    Single choice and true/false: all or nothing. Multiple choice: (right ticked - wrong ticked) / right, not below 0. Typed text
    and numbers: all or nothing. Matching and cloze: per pair and per gap. Ordering: the steps of the longest run that already
    stand in the right relative order, out of all steps; a single step is no run, so a reversed list scores 0. `Penilaian: penuh`
    (`all_or_nothing`) takes every partial score away. Partial points are rounded half up to hundredths of a point.
    """
    grader = _GRADERS.get(public.kind)
    if grader is None or not isinstance(answer, dict) or not answer:
        return _ungraded(public)
    return grader(public, key, answer)


def is_answered(public: QuestionPublic, answer: Answer) -> bool:
    """Whether `answer` holds something of the kind asked for; an empty or foreign dict is not an answer."""
    return isinstance(answer, dict) and bool(answer) and bool(_readable(public, answer))


def mark(questions: Sequence[tuple[QuestionPublic, QuestionKey, Answer]], pass_mark: int) -> Mark:
    """The outcome of an attempt: points earned out of points possible, in hundredths of 100, rounded half up (D45).

    The pass test compares that integer with `pass_mark`. An attempt without points scores 0. With an answer that a person must
    mark there is no score yet; a survey has none ever and counts as passed, so that nobody is asked to repeat it.
    """
    grades = tuple(grade(public, key, answer) for public, key, answer in questions)
    if any(awaits_marker(public, answer) for public, _, answer in questions):
        return Mark(None, False, grades, is_waiting=True)
    if questions and all(public.kind in WITHOUT_KEY for public, _, _ in questions):
        return Mark(None, True, grades)
    scored = [one for one, (public, _, _) in zip(grades, questions, strict=True) if public.kind not in WITHOUT_KEY]
    score = score_of([one.score for one in scored], [one.points for one in scored])
    return Mark(score, score >= pass_mark, grades)


def awaits_marker(public: QuestionPublic, answer: Answer) -> bool:
    """Whether a person has to mark this answer; an unanswered question scores 0 without anybody."""
    return public.kind in MARKED_BY_PERSON and is_answered(public, answer)


NO_RUBRIC = (Criterion("", FULL_SCORE),)
"""What is marked where the author wrote no rubric: one mark from 0 to 100."""


def criteria_of(public: QuestionPublic) -> tuple[Criterion, ...]:
    return public.rubric or NO_RUBRIC


def most_for(criterion: Criterion) -> int:
    """Hundredths the best level gives; 100 where any mark may be given."""
    return max((level.points for level in criterion.levels), default=FULL_SCORE)


def rubric_score(public: QuestionPublic, levels: Sequence[int]) -> int:
    """Hundredths of a point for what was given on each criterion: its share of the best level, weighted, rounded half up once."""
    criteria = criteria_of(public)
    earned = sum(
        (
            Fraction(criterion.weight * min(given, most_for(criterion)), most_for(criterion) or 1)
            for criterion, given in zip(criteria, levels, strict=True)
        ),
        start=Fraction(0),
    )
    share = earned * public.points / (sum(criterion.weight for criterion in criteria) or 1)
    return min(round_half_up(share.numerator, share.denominator), public.points)


def is_web_address(text: str) -> bool:
    """Whether a typed text is an http(s) address that a marker can open."""
    typed = text.strip()
    if len(typed) > LONGEST_ADDRESS or any(character.isspace() or not character.isprintable() for character in typed):
        return False
    try:
        parts = urlsplit(typed)
        return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and "\\" not in typed and parts.port != 0
    except ValueError:
        return False


def word_count(text: str) -> int:
    return len(text.split())


def score_of(earned: Sequence[int], possible: Sequence[int]) -> int:
    """Hundredths of 100 for points earned out of points possible (both in hundredths of a point)."""
    total = sum(possible)
    return min(round_half_up(sum(earned) * FULL_SCORE, total), FULL_SCORE) if total > 0 else 0


def round_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, halves upwards; both are >= 0 and `denominator` is not 0."""
    return (2 * numerator + denominator) // (2 * denominator)


def normalise(text: str) -> str:
    """The forgiving form of a typed answer: NFKC, case-folded, blanks collapsed, final punctuation gone."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return " ".join(" ".join(visible.split()).rstrip(_FINAL_PUNCTUATION).split())


def text_matches(typed: str, accepted: Sequence[str], match: str = "") -> bool:
    """Whether `typed` equals one of `accepted` under `match`: forgiving (""), "exact", or "similar 90" (per cent alike).

    "exact" still ignores blanks at both ends and the way accents are encoded (NFC): nobody can see those.
    """
    if match == "exact":
        wanted = unicodedata.normalize("NFC", typed).strip()
        return any(wanted == unicodedata.normalize("NFC", text).strip() for text in accepted)
    plain = normalise(typed)
    if not plain:  # an answer of punctuation alone ("?", "!") has nothing left to forgive
        return any(typed.strip() == text.strip() for text in accepted)
    if any(plain == normalise(text) for text in accepted):
        return True
    least = _least_similarity(match)
    return least is not None and any(_is_similar(plain, normalise(text), least) for text in accepted)


def _least_similarity(match: str) -> int | None:
    word, _, percent = match.partition(" ")
    return int(percent) if word == "similar" and percent.isascii() and percent.isdigit() else None


def _is_similar(first: str, second: str, percent: int) -> bool:
    """Twice the matching characters over all characters reaches `percent` per cent. The cheap upper bounds come first, because
    the exact ratio of two long texts is slow."""
    matcher = SequenceMatcher(None, second, first, autojunk=False)
    if any(bound() * 100 + 0.001 < percent for bound in (matcher.real_quick_ratio, matcher.quick_ratio)):
        return False
    common = sum(block.size for block in matcher.get_matching_blocks())
    return 200 * common >= percent * (len(first) + len(second))


def number_matches(typed: str, ranges: Sequence[NumberRange], language: str) -> bool:
    """Whether the typed number lies in one of `ranges`, ends included, compared as exact decimals."""
    value = parse_number(typed, language)
    return value is not None and any(_within(value, accepted) for accepted in ranges)


def _within(value: Decimal, accepted: NumberRange) -> bool:
    try:
        return Decimal(accepted.low) <= value <= Decimal(accepted.high)
    except InvalidOperation:
        return False


def reading_of(typed: str, language: str) -> str:
    """How a typed number is understood, or what to type instead; "" for an empty field. The learner sees it echoed."""
    if not typed.strip():
        return ""
    value = parse_number(typed, language)
    if value is not None:
        return read_back(value, language)
    example = "1,250.5" if language == "en" else "1.250,5"
    return f"tidak terbaca sebagai angka; tulis angkanya saja, misalnya {example}"


def _ungraded(public: QuestionPublic) -> Grade:
    return Grade(0, public.points, False)


def _partial(public: QuestionPublic, key: QuestionKey, earned: int, possible: int, parts: tuple[bool, ...] = ()) -> Grade:
    """`earned` of `possible` equal parts, in hundredths of a point."""
    is_correct = possible > 0 and earned == possible
    if is_correct:
        return Grade(public.points, public.points, True, parts)
    if key.all_or_nothing or earned <= 0 or possible <= 0:
        return Grade(0, public.points, False, parts)
    return Grade(round_half_up(public.points * earned, possible), public.points, False, parts)


def _readable(public: QuestionPublic, answer: Answer) -> Any:
    """The usable content of an answer by kind; falsy when there is none."""
    if public.kind in PICK_ONE:
        return ordinal(answer.get("choice"), len(public.options)) is not None
    if public.kind is QuestionKind.MULTIPLE:
        return ordinals(answer.get("choices"), len(public.options))
    if public.kind in TYPED_KINDS:
        return text_of(answer.get("text")).strip()
    if public.kind is QuestionKind.FILE:
        return files_of(answer)
    if public.kind is QuestionKind.SCALE:
        return scale_of(public, answer)
    if public.kind is QuestionKind.MATCHING:
        return pairs_of(public, answer)
    if public.kind is QuestionKind.ORDERING:
        return ordinals(answer.get("order"), len(public.steps))
    return blanks_of(public, answer)


def ordinal(value: Any, count: int) -> int | None:
    """`value` when it is an ordinal below `count`, else None. True and 1.0 are no ordinals."""
    return value if type(value) is int and 0 <= value < count else None


def ordinals(value: Any, count: int) -> list[int]:
    """The distinct ordinals below `count` in a list, in its order; anything else is left out."""
    if not isinstance(value, list | tuple):
        return []
    return list(dict.fromkeys(part for part in value if ordinal(part, count) is not None))


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def files_of(answer: Answer) -> list[int]:
    """Ids of the uploads handed in, in their order."""
    value = answer.get("files")
    return [one for one in value if type(one) is int] if isinstance(value, list) else []


def scale_of(public: QuestionPublic, answer: Answer) -> dict[int, int]:
    """Statement to the number given to it, as far as the answer can be read."""
    value = answer.get("scale")
    if not isinstance(value, dict) or public.scale is None:
        return {}
    found = {place: value.get(str(place)) for place in range(max(1, len(public.statements)))}
    return {
        place: given for place, given in found.items() if type(given) is int and public.scale.low <= given <= public.scale.high
    }


def pairs_of(public: QuestionPublic, answer: Answer) -> dict[int, int]:
    """Left ordinal to right ordinal, as far as the answer can be read."""
    value = answer.get("pairs")
    if not isinstance(value, dict):
        return {}
    found = {left: ordinal(value.get(str(left)), len(public.rights)) for left in range(len(public.lefts))}
    return {left: right for left, right in found.items() if right is not None}


def blanks_of(public: QuestionPublic, answer: Answer) -> dict[int, str | int]:
    """Gap number to the text typed or the ordinal chosen, as far as the answer can be read."""
    value = answer.get("blanks")
    if not isinstance(value, dict):
        return {}
    found: dict[int, str | int] = {}
    for number, blank in enumerate(public.blanks):
        given = value.get(str(number))
        if blank.kind is BlankKind.CHOICE:
            chosen = ordinal(given, len(blank.options))
            if chosen is not None:
                found[number] = chosen
        elif isinstance(given, str) and given.strip():
            found[number] = given
    return found


def _grade_single(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    chosen = ordinal(answer.get("choice"), len(public.options))
    is_correct = chosen is not None and chosen in key.correct
    return Grade(public.points if is_correct else 0, public.points, is_correct)


def _grade_multiple(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    ticked = ordinals(answer.get("choices"), len(public.options))
    right = sum(1 for chosen in ticked if chosen in key.correct)
    return _partial(public, key, right - (len(ticked) - right), len(set(key.correct)))


def _grade_text(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    typed = text_of(answer.get("text"))
    is_correct = bool(typed.strip()) and text_matches(typed, key.texts, key.match)
    return Grade(public.points if is_correct else 0, public.points, is_correct)


def _grade_number(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    typed = text_of(answer.get("text"))
    is_correct = number_matches(typed, key.numbers, public.language)
    return Grade(public.points if is_correct else 0, public.points, is_correct, (), reading_of(typed, public.language))


def _grade_matching(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    chosen = pairs_of(public, answer)
    parts = tuple(chosen.get(left) == right for left, right in enumerate(key.pairs[: len(public.lefts)]))
    return _partial(public, key, sum(parts), len(parts), parts)


def _grade_ordering(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    """`parts` follow the order given, so that they say nothing about steps beyond it: does the step stand in the right run?"""
    rank = {step: place for place, step in enumerate(key.order)}
    given = [rank.get(step, -1) for step in ordinals(answer.get("order"), len(public.steps))]
    run = longest_run([place for place in given if place >= 0])
    kept = set(run) if len(run) > 1 else set()
    return _partial(public, key, len(kept), len(key.order), tuple(place in kept for place in given))


def longest_run(places: Sequence[int]) -> list[int]:
    """The longest strictly rising subsequence; of several the one that ends first in the list."""
    best: list[list[int]] = []
    for place in places:
        before = max((run for run in best if run[-1] < place), key=len, default=[])
        best.append([*before, place])
    return max(best, key=len, default=[])


def _grade_cloze(public: QuestionPublic, key: QuestionKey, answer: Answer) -> Grade:
    given = blanks_of(public, answer)
    parts = tuple(
        _blank_matches(public, number, blank_key, key.match, given.get(number))
        for number, blank_key in enumerate(key.blanks[: len(public.blanks)])
    )
    numbers = (number for number, blank in enumerate(public.blanks) if blank.kind is BlankKind.NUMBER)
    readings = (reading_of(str(given[number]), public.language) for number in numbers if number in given)
    return replace(_partial(public, key, sum(parts), len(parts), parts), reading="; ".join(readings))


def _blank_matches(public: QuestionPublic, number: int, key: BlankKey, match: str, given: str | int | None) -> bool:
    kind = public.blanks[number].kind
    if kind is BlankKind.CHOICE:
        return given is not None and given == key.choice
    if not isinstance(given, str):
        return False
    if kind is BlankKind.NUMBER:
        return number_matches(given, key.numbers, public.language) or text_matches(given, key.texts, match)
    return text_matches(given, key.texts, match)


_GRADERS: dict[QuestionKind, Callable[[QuestionPublic, QuestionKey, Answer], Grade]] = {
    QuestionKind.SINGLE: _grade_single,
    QuestionKind.TRUE_FALSE: _grade_single,
    QuestionKind.MULTIPLE: _grade_multiple,
    QuestionKind.TEXT: _grade_text,
    QuestionKind.NUMBER: _grade_number,
    QuestionKind.MATCHING: _grade_matching,
    QuestionKind.ORDERING: _grade_ordering,
    QuestionKind.CLOZE: _grade_cloze,
}
