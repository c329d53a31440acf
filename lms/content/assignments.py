"""Shapes of work that a person marks: rubrics and the rules of handing in. Part of the compiled course. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Grader(StrEnum):
    """Who marks an assignment (`penilai`)."""

    MENTOR = "mentor"
    SUPERIOR = "atasan"
    PEER = "sejawat"


@dataclass(frozen=True, slots=True)
class RubricLevel:
    """A step of a criterion. `points` in hundredths, e.g. 400 for "4"."""

    points: int
    text: str = ""
    """HTML."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A line of a rubric. `weight` in hundredths of a per cent of the question (4000 = 40 %); weights add up to 10000."""

    name: str
    """HTML."""
    weight: int
    levels: tuple[RubricLevel, ...] = ()
    """Highest first, down to 0: every step that can be given; those the author did not describe have no text. Empty = any mark
    from 0 to 100."""


@dataclass(frozen=True, slots=True)
class HandIn:
    """What `jenis: tugas` adds to the rules of its one question. `due_seconds` counts from enrolment; `due_on` is a date
    (YYYY-MM-DD, until midnight in the learner's zone); neither = no due date. Late work is accepted and says so."""

    grader: Grader = Grader.MENTOR
    peers: int = 0
    """`sejawat 2`: how many other learners mark each hand-in."""
    due_seconds: int = 0
    due_on: str = ""
    is_group: bool = False
