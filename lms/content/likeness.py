"""How alike two texts are, to recognise a question or lesson whose id was lost or given to something else. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME = 0.90
"""From here on the same thing, reworded: 87 % of real edits stay above (COURSE-FORMAT.md 2.10)."""
RELATED = 0.60
"""Below this two texts are different things."""
LETTERS = 400
"""Texts up to this length are compared letter by letter, longer ones word by word."""
WORDS = 3000
PART = " | "
"""Between the stem of a question and its options in its normalised text."""


@dataclass(frozen=True, slots=True)
class Lookalike:
    """`new_id` looks like the vanished `old_id`. `ratio` is 0 … 1."""

    new_id: str
    old_id: str
    ratio: float
    is_sure: bool = False
    """Questions: the same text, or at least `SAME` within the same quiz or lesson; no need to ask."""

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means equal."""
        return int(self.ratio * 100)


def similarity(one: str, other: str) -> float:
    """0 = nothing in common, 1 = equal but for case and blanks."""
    first, second = _flat(one), _flat(other)
    if first == second:
        return 1.0
    if max(len(first), len(second)) <= LETTERS:
        return SequenceMatcher(None, first, second, autojunk=False).ratio()
    return SequenceMatcher(None, first.split()[:WORDS], second.split()[:WORDS], autojunk=False).ratio()


def question_similarity(one: str, other: str) -> float:
    """`similarity` of two normalised questions: stem with stem, and the options in whatever order they stand, each by its length."""
    (first, *options), (second, *others) = one.split(PART), other.split(PART)
    total = sum(map(len, (first, second, *options, *others)))
    if not total:
        return 1.0
    alike = similarity(first, second) * (len(first) + len(second))
    pairs = sorted(((similarity(a, b), i, j) for i, a in enumerate(options) for j, b in enumerate(others)), reverse=True)
    paired: tuple[set[int], set[int]] = (set(), set())
    for ratio, i, j in pairs:
        if i not in paired[0] and j not in paired[1]:
            paired[0].add(i)
            paired[1].add(j)
            alike += ratio * (len(options[i]) + len(others[j]))
    return alike / total


def is_same_question(one: str, other: str) -> bool:
    """Whether a question that comes back under a retired id can be the one that left: alike as a whole and in its stem."""
    stems = similarity(one.split(PART)[0], other.split(PART)[0])
    return stems >= RELATED and question_similarity(one, other) >= RELATED


def lookalikes(
    new: Mapping[str, str],
    old: Mapping[str, str],
    at_least: float = RELATED,
    likeness: Callable[[str, str], float] = similarity,
) -> list[Lookalike]:
    """Pairs of new and vanished texts that are alike enough, best first, each text in one pair at most."""
    letters = {text: Counter(_flat(text)) for text in (*new.values(), *old.values())}
    pairs = [
        Lookalike(new_id, old_id, ratio)
        for new_id, new_text in new.items()
        for old_id, old_text in old.items()
        if new_text.strip() and _may_reach(letters[new_text], letters[old_text], at_least)
        if (ratio := likeness(new_text, old_text)) >= at_least
    ]
    found: list[Lookalike] = []
    taken_new, taken_old = set(), set()
    for pair in sorted(pairs, key=lambda pair: (-pair.ratio, pair.new_id, pair.old_id)):
        if pair.new_id not in taken_new and pair.old_id not in taken_old:
            found.append(pair)
            taken_new.add(pair.new_id)
            taken_old.add(pair.old_id)
    return found


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _may_reach(one: Counter[str], other: Counter[str], at_least: float) -> bool:
    """A cheap bound that spares most comparisons: texts share no more than the letters they have in common."""
    total = one.total() + other.total()
    short = min(one.total(), other.total())
    if not total or 2 * short / total < at_least:
        return not total
    return 2 * (one & other).total() / total >= at_least
