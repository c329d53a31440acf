"""Shapes of progress: the facts that go in, the status that comes out."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from lms.content.types import ItemKind
from lms.people.types import EmploymentKind, UnitCategory


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
    waiting: frozenset[str] = frozenset()
    """Handed in and not marked yet, and not passed before."""
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
    is_waiting: bool = False
    """Handed in; a person marks it. Nothing is to be done there meanwhile."""
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How far someone is in one course. The only source of percentages, ticks and "next" anywhere."""

    state: State
    percent: int
    """0 … 100; 100 exactly when the course is completed."""
    done_count: int
    total_count: int
    """Required items of the edition; after a move to a newer edition a passed course may show fewer done than required."""
    minutes_left: int
    next_key: str
    """First unfinished open item, required ones first; an untried pre-test before anything else is begun; "" when done."""
    items: dict[str, ItemStatus]
    is_complete: bool
    """Every condition holds now; `settle` turns this into the completion fact."""
    final_score: int | None = None
    """Hundredths of 100, weighted; None without graded items."""


@dataclass(frozen=True, slots=True)
class ModuleOffer:
    """What the pre-test says about one module. `score` in hundredths of 100; `minutes` is the time skipping it saves (D43)."""

    module_key: str
    title: str
    score: int
    may_skip: bool
    minutes: int


@dataclass(frozen=True, slots=True)
class EditionChange:
    """What moving to another edition means for one learner. Items by (key, title), in the order of the course."""

    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    percent_now: int
    percent_then: int
    minutes_then: int
    """Minutes left after the move."""


@dataclass(frozen=True, slots=True)
class JpMeter:
    """JP of one calendar year. `cap_warning` is a finished sentence, "" unless a PPPK is above the yearly limit (D6)."""

    year: int
    earned: int
    target: int
    """0 = no yearly duty."""
    left: int
    cap_warning: str = ""
    outside: int = 0
    """How many of `earned` are of training outside the system (D10)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a stored projection disagrees with the facts; `stored` and `derived` are printable."""

    subject: str
    name: str
    stored: str
    derived: str


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """A person in a course. `version` goes up with every progress write; it belongs in ETags."""

    id: int
    person_id: int
    course_id: int
    edition_number: int
    enrolled_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class CourseCard:
    """One of my courses, as home and the course list show it."""

    enrolment_id: int
    course_id: int
    course_key: str
    title: str
    jp: int
    edition_number: int
    edition_id: int
    state: State
    percent: int
    done_count: int
    total_count: int
    minutes_left: int
    next_key: str
    next_title: str
    last_activity_at: datetime
    completed_at: datetime | None
    version: int
    has_newer_edition: bool
    competencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on. `heading` is the anchor that was last seen, "" for the top of the page."""

    course_key: str
    course_title: str
    item_key: str
    item_title: str
    kind: ItemKind
    minutes: int
    heading: str
    percent: int
    is_waiting: bool = False
    """Only work that waits to be marked is left in the course."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A lesson or quiz that can be done now."""

    course_key: str
    course_title: str
    item_key: str
    title: str
    kind: ItemKind
    minutes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class EditionOffer:
    """A newer edition one may move to, with what would change."""

    from_number: int
    to_number: int
    change: EditionChange
    rules: tuple[str, ...]
    """Pass rules that differ, as sentences."""
    new_since_completion: tuple[tuple[str, str], ...]
    """(key, title) of required items added since the learner finished; () while the course is running."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a requirement asks: everybody whom all that is given fits on the day; with `person_ids` only of those."""

    unit_id: int | None = None
    """The unit and all below it."""
    unit_category: UnitCategory | None = None
    employment_kind: EmploymentKind | None = None
    position_words: str = ""
    """As rules.position_words makes them."""
    person_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One person asked to take one course. `asked_by` and `post` are those of the one who asks."""

    requirement_id: int
    person_id: int
    course_id: int
    course_key: str
    edition_id: int
    """The current edition, for the title."""
    asked_by: str
    post: str
    note: str
    due_on: date
    """Their own last day, longer than the others' when time was added."""
    time_zone: str
    """Where the person works; the day ends there (D75)."""
    due_at: datetime
    is_finished: bool


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A requirement in a list, with how many of the people whom the reader may see are asked and have finished today."""

    requirement_id: int
    course_key: str
    title: str
    asked_by: str
    audience: Audience
    is_personal: bool
    unit_name: str
    due_on: date
    note: str
    ended_at: datetime | None
    is_closed: bool
    """The course is no longer offered, so nobody is asked."""
    asked: int
    finished: int
