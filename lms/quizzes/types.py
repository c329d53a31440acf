"""Shapes of attempts and grades. Scores are hundredths: of 100 for attempts, of the points for a question."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class AttemptState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    """Waits for a person to grade (essays); machine-graded attempts never stay here."""
    GRADED = "graded"
    EXPIRED = "expired"
    """The deadline passed; the saved answers were graded as of the deadline."""
    VOIDED = "voided"


CLOSED = (AttemptState.SUBMITTED, AttemptState.GRADED, AttemptState.EXPIRED)

Answer = dict[str, Any]
"""A canonical answer, by kind: {"choice": 2} · {"choices": [0, 2]} · {"text": "70,8"} · {"pairs": {"0": 3}} ·
{"order": [2, 0, 1]} · {"blanks": {"0": "25", "2": 1}} (text typed, or the ordinal chosen). Ordinals refer to the question
version, never to the order on screen. An empty dict is "not answered"."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one question was laid out in one attempt: random tokens stand for ordinals, so a form tells nothing (R10)."""

    options: tuple[tuple[str, int], ...] = ()
    """(token, ordinal) in the order shown; for choice kinds, and for matching the right sides."""
    steps: tuple[tuple[str, int], ...] = ()
    """Ordering: (token, ordinal) in the order shown."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Outcome for one answer. `score` is in hundredths of a point, between 0 and `points`."""

    score: int
    points: int
    is_correct: bool
    parts: tuple[bool, ...] = ()
    """Per pair, step or blank."""
    reading: str = ""
    """How a typed number was understood: "1.250 (seribu dua ratus lima puluh)"."""
