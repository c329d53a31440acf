"""Number prefixes for files in a wanted order, with as few renames as possible. Pure."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from lms.content.slugs import sort_name, without_prefix

UNNUMBERED = 10**9
"""What `sort_name` gives to names without a number: they come after all others."""


def renumbered(names: Sequence[str], newcomer: int = -1) -> list[str]:
    """The names (of files or folders, in the order wanted), some of them with another number, so that sorting gives this order.

    The largest set of names that can stay stays: in order among themselves, and with enough whole numbers between them for those
    that stand there. The rest get those numbers.
    """
    keys = [sort_name(name) for name in names]
    lowest = -1 if any(number == 0 for number, _, _ in keys) else 0

    def fits(left: int, right: int) -> bool:
        """Whether both may stay when nothing between them does; -1 and len(names) are the two ends."""
        if left >= 0 and right < len(keys) and not keys[left] < keys[right]:
            return False
        between = right - left - 1
        low = keys[left][0] if left >= 0 else lowest
        high = keys[right][0] + bool(keys[right][1]) if right < len(keys) else UNNUMBERED
        return between == 0 or between < high - low

    staying, before = [0] * (len(keys) + 1), [-1] * (len(keys) + 1)
    for right in range(len(keys) + 1):
        reachable = [left for left in range(-1, right) if fits(left, right) and (left < 0 or staying[left])]
        if reachable and right != newcomer:
            before[right] = max(reachable, key=lambda left: staying[left] if left >= 0 else 0)
            staying[right] = 1 + (staying[before[right]] if before[right] >= 0 else 0)
    return _filled(names, keys, before, lowest)


def _filled(names: Sequence[str], keys: Sequence[tuple[int, str, str]], before: Sequence[int], lowest: int) -> list[str]:
    stays, at = set(), before[len(keys)]
    while at >= 0:
        stays.add(at)
        at = before[at]
    widths = Counter(len(name) - len(name.lstrip("0123456789")) for name in names)
    widths.pop(0, None)
    width = max(2, widths.most_common(1)[0][0]) if widths else 2
    made, number = [], lowest
    for index, name in enumerate(names):
        if index in stays:
            number = keys[index][0]
            made.append(name)
        else:
            number += 1
            path = PurePosixPath(name)
            made.append(f"{number:0{width}d}-{without_prefix(path.stem)}{path.suffix}")
    return made
