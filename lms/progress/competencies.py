"""Competencies (D12, D13): what a post asks for, what finished courses gave, and which courses would close the gap (D11, D15). Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.content.library import Published
from lms.progress.forms import RuleBook
from lms.progress.rules import position_words
from lms.progress.types import CourseCard

DEMANDED = ("M", "S")
"""Kinds of competencies that a post's level stands for: managerial and socio-cultural. Technical ones have a dictionary of their own."""
_WRITTEN = re.compile(r"([A-Z]\.[0-9.]+?)(?:-([1-5]))?")


@dataclass(frozen=True, slots=True)
class Standing:
    """One competency of one person. Levels 0 (nothing on record) … 5; what Pelita does not know of does not count."""

    code: str
    name: str
    required: int
    reached: int

    @property
    def is_open(self) -> bool:
        return self.reached < self.required


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A course, and what speaks for it beside its JP."""

    published: Published
    standing: Standing | None
    """The competency whose gap it makes smaller."""
    level: int = 0
    """Where the course leads."""
    topic: str = ""
    """A tag of the course that stands in the person's post or unit."""


def levels(written: Iterable[str]) -> dict[str, int]:
    """Level by code of `kompetensi: [M.03-2, …]`; 1 where none is named. What is no code is left out."""
    found: dict[str, int] = {}
    for text in written:
        if match := _WRITTEN.fullmatch(text):
            found[match[1]] = max(found.get(match[1], 0), int(match[2] or 1))
    return found


def named(book: RuleBook, written: Iterable[str]) -> list[tuple[str, str, int]]:
    """(code, name, level) of a course's competencies; a code that the dictionary does not know is its own name."""
    names = dict(book.competencies)
    return [(code, names.get(code, code), level) for code, level in levels(written).items()]


def required_level(book: RuleBook, position: str) -> int:
    """What a post asks for, by its name; 0 when no line of the rule file fits."""
    words = set(position_words(position).split())
    return next((level for wanted, level in book.posts if set(position_words(wanted).split()) <= words), 0)


def standings(book: RuleBook, position: str, mine: Iterable[CourseCard]) -> list[Standing]:
    """All demanded competencies in the order of the dictionary, as far as finished courses speak for them."""
    finished = (text for card in mine if card.completed_at for text in card.competencies)
    required, reached = required_level(book, position), levels(finished)
    return [Standing(code, name, required, reached.get(code, 0)) for code, name in book.competencies if code.startswith(DEMANDED)]


def suggest(offered: Iterable[Published], known: Sequence[Standing], about: str, limit: int) -> list[Suggestion]:
    """Courses in the order in which they help: first those that make a gap smaller, each another gap as long as there are others; of
    these what is about the person's own work (`about`: post and unit), then the shortest. A course for another trade comes last, one
    without JP helps nobody's year and is left out."""
    by_code, words = {standing.code: standing for standing in known}, set(position_words(about).split())
    left = sorted((each for each in offered if each.outline.jp > 0), key=lambda each: (each.outline.minutes, each.course_key))
    chosen: list[Suggestion] = []
    spoken_for: set[str] = set()
    while left and len(chosen) < limit:
        best = min((_helps(each, by_code, words, spoken_for) for each in left), key=_rank)
        chosen.append(best)
        left.remove(best.published)
        spoken_for.update(levels(best.published.outline.competencies))
    return chosen


def _helps(published: Published, by_code: dict[str, Standing], words: set[str], spoken_for: set[str]) -> Suggestion:
    """With the widest gap that no earlier suggestion speaks of."""
    outline = published.outline
    topic = next((tag for tag in outline.tags if (told := set(position_words(tag).split())) and told <= words), "")
    gaps = [
        Suggestion(published, standing, level, topic)
        for code, level in levels(outline.competencies).items()
        if (standing := by_code.get(code)) and standing.is_open and level > standing.reached and code not in spoken_for
    ]
    return min(gaps, key=_remaining, default=Suggestion(published, None, topic=topic))


def _rank(suggestion: Suggestion) -> tuple[bool, bool, bool]:
    written = suggestion.published.outline.competencies
    is_technical = any(text.startswith("T.") or text.casefold().startswith("teknis") for text in written)
    return is_technical and not suggestion.topic, suggestion.standing is None, not suggestion.topic


def _remaining(suggestion: Suggestion) -> tuple[int, str]:
    standing = suggestion.standing
    return (0, "") if standing is None else (standing.reached - min(standing.required, suggestion.level), standing.code)
