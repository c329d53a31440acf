"""How alike two texts are, to recognise a question or lesson whose id was lost or given to something else. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME = 0.90
"""From here on the same thing, reworded: 87 % of real edits stay above (COURSE-FORMAT.md 2.10)."""
RELATED = 0.60
"""Below this two texts are different things."""
LETTERS = 400
"""Texts up to this length are compared letter by letter, longer ones word by word."""
WORDS = 3000


@dataclass(frozen=True, slots=True)
class Lookalike:
    """`new_id` looks like the vanished `old_id`. `ratio` is 0 … 1."""

    new_id: str
    old_id: str
    ratio: float


def similarity(one: str, other: str) -> float:
    """0 = nothing in common, 1 = equal but for case and blanks."""
    first, second = " ".join(one.casefold().split()), " ".join(other.casefold().split())
    if first == second:
        return 1.0
    if max(len(first), len(second)) <= LETTERS:
        return SequenceMatcher(None, first, second, autojunk=False).ratio()
    return SequenceMatcher(None, first.split()[:WORDS], second.split()[:WORDS], autojunk=False).ratio()


def lookalikes(new: Mapping[str, str], old: Mapping[str, str], at_least: float = RELATED) -> list[Lookalike]:
    """Pairs of new and vanished texts that are alike enough, best first, each text in one pair at most."""
    pairs = [
        Lookalike(new_id, old_id, ratio)
        for new_id, new_text in new.items()
        for old_id, old_text in old.items()
        if new_text.strip() and _may_reach(new_text, old_text, at_least)
        if (ratio := similarity(new_text, old_text)) >= at_least
    ]
    found: list[Lookalike] = []
    for pair in sorted(pairs, key=lambda pair: (-pair.ratio, pair.new_id, pair.old_id)):
        if all(pair.new_id != other.new_id and pair.old_id != other.old_id for other in found):
            found.append(pair)
    return found


def _may_reach(one: str, other: str, at_least: float) -> bool:
    """A cheap bound that spares most comparisons: texts of very different length cannot be alike."""
    short, long = sorted((len(" ".join(one.split())), len(" ".join(other.split()))))
    return long == 0 or 2 * short / (short + long) >= at_least
