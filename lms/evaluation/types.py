"""Shapes of effect: what people knew before and after."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gain:
    """Level 2 of Kirkpatrick for one person or a group. All scores in hundredths of 100, None where there is none."""

    pre: int | None
    post: int | None
    gain: int | None
    """post - pre."""
    normalised: int | None
    """(post - pre) / (100 - pre) in hundredths: 100 = everything that was missing was learnt. None when nothing was missing."""
    verdict: str
    """A finished Indonesian sentence."""
    people: int = 1
