"""Two texts of one file beside each other, when somebody else saved while the author was writing."""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

AROUND = 2
"""Equal lines shown before and after a difference."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    is_equal: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the texts part. `mine` and `theirs` hold the lines of each, a few equal ones around them included."""

    mine: list[Line] = field(default_factory=list)
    theirs: list[Line] = field(default_factory=list)


def differences(mine: str, theirs: str) -> list[Difference]:
    """Every place where two texts differ, in order; empty when they are equal."""
    ours, others = mine.split("\n"), theirs.split("\n")
    found = []
    for kind, one, one_end, two, two_end in _steps(ours, others):
        if kind == "equal":
            continue
        found.append(Difference(_lines(ours, one, one_end), _lines(others, two, two_end)))
    return found


def merged(mine: str, theirs: str) -> str:
    """One text with every line of both: what is equal once, where they differ mine first. Nothing of either is missing."""
    ours, others = mine.split("\n"), theirs.split("\n")
    lines: list[str] = []
    for kind, one, one_end, two, two_end in _steps(ours, others):
        lines += ours[one:one_end]
        if kind != "equal":
            lines += others[two:two_end]
    return "\n".join(lines)


def _steps(ours: list[str], others: list[str]) -> list[tuple[str, int, int, int, int]]:
    """difflib's opcodes; equal beginnings and ends are cut off first, because it is slow on long files with many blank lines."""
    most = min(len(ours), len(others))
    head = next((at for at in range(most) if ours[at] != others[at]), most)
    tail = next((at for at in range(most - head) if ours[-1 - at] != others[-1 - at]), most - head)
    middle = SequenceMatcher(None, ours[head : len(ours) - tail], others[head : len(others) - tail]).get_opcodes()
    steps = [("equal", 0, head, 0, head), *((kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in middle)]
    return [*steps, ("equal", len(ours) - tail, len(ours), len(others) - tail, len(others))]


def _lines(lines: list[str], start: int, end: int) -> list[Line]:
    first, last = max(start - AROUND, 0), min(end + AROUND, len(lines))
    return [Line(number + 1, lines[number], not start <= number < end) for number in range(first, last)]
