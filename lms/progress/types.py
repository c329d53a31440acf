"""Shapes of progress: the facts that go in, the status that comes out."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened in one enrolment. Keys are item keys; scores hundredths of 100."""

    lessons_done: frozenset[str] = frozenset()
    quizzes_passed: frozenset[str] = frozenset()
    quizzes_tried: frozenset[str] = frozenset()
    best_scores: dict[str, int] = field(default_factory=dict)
    modules_tested_out: frozenset[str] = frozenset()
    inline_correct: frozenset[str] = frozenset()
    """Question ids answered correctly at least once."""
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ItemStatus:
    key: str
    is_done: bool
    is_tested_out: bool = False
    locked_by: str = ""
    """Key of the unfinished item that must come first; "" = open."""
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How far someone is in one course. The only source of percentages, ticks and "next" anywhere."""

    state: State
    percent: int
    """0 … 100; 100 exactly when the course is completed."""
    done_count: int
    total_count: int
    """Required items."""
    minutes_left: int
    next_key: str
    """First unfinished open item, required ones first; "" when done."""
    items: dict[str, ItemStatus]
    is_complete: bool
    """Every condition holds now; `settle` turns this into the completion fact."""
    final_score: int | None = None
    """Hundredths of 100, weighted; None without graded items."""
