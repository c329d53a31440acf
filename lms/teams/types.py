"""Shapes of the supervisor's pages. Only what a supervisor may know (R5, D28): no answers, no scores, no NIP. No database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lms.people.types import EmploymentKind
from lms.progress.types import State


class Group(StrEnum):
    """The people a supervisor can do something for today."""

    STUCK = "stuck"
    """Has a running course without activity for two weeks."""
    DUE = "due"
    """Has not finished what is asked within two weeks, or was due before."""
    NOT_BEGUN = "not_begun"
    FINISHED = "finished"
    """Finished a course in the last two weeks."""


class Order(StrEnum):
    NAME = "name"
    FEWEST_JP = "fewest_jp"
    DUE = "due"
    """Due first in front, within the two weeks of Group.DUE."""


@dataclass(frozen=True, slots=True)
class TeamFilter:
    """What the supervisor asked for. `query` = words of a name; None = all."""

    query: str = ""
    unit_id: int | None = None
    """A unit below the head's; its subtree is shown."""
    course_id: int | None = None
    """Statuses and groups are then about this course alone."""
    group: Group | None = None
    order: Order = Order.NAME
    is_direct: bool = False
    """Direct subordinates only: members of the units headed, and heads of the units one step below."""


@dataclass(frozen=True, slots=True)
class TeamUnit:
    unit_id: int
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class OfferedCourse:
    """A course that is offered now, to choose or to suggest."""

    course_id: int
    course_key: str
    title: str
    jp: int
    minutes: int


@dataclass(frozen=True, slots=True)
class TeamCounts:
    """Figures of everybody in view, whatever page or name was asked for."""

    people: int
    with_target: int
    """People with a yearly duty; partners have none."""
    reached: int
    """Of those, how many reached it."""
    jp: int
    """Sum of everybody's JP in the year."""
    groups: Mapping[Group, int]
    """The front page leaves out those who have not begun."""


@dataclass(frozen=True, slots=True)
class MemberCourse:
    """One course of a member, as its summary has it."""

    course_id: int
    course_key: str
    title: str
    state: State
    percent: int
    last_activity_at: datetime
    """The later of the last fact and the last bookmark."""
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueCourse:
    """A course a member is asked to finish and has not yet."""

    requirement_id: int
    course_id: int
    title: str
    due_on: date
    due_at: datetime
    """When that day ends where the member works."""
    time_zone: str


@dataclass(frozen=True, slots=True)
class TeamRow:
    person_id: int
    display_name: str
    employment_kind: EmploymentKind
    position: str
    unit_name: str
    jp: int
    target: int
    """0 = no yearly duty."""
    courses: tuple[MemberCourse, ...]
    """Running ones first, the latest activity on top; only the chosen course when one was chosen."""
    due: tuple[DueCourse, ...] = ()
    """What is due first in front."""
    thanked: frozenset[int | None] = frozenset()
    """Ids of the courses that the reader has thanked for."""

    @property
    def jp_left(self) -> int:
        return max(0, self.target - self.jp)

    @property
    def last_activity_at(self) -> datetime | None:
        return max((course.last_activity_at for course in self.courses), default=None)


@dataclass(frozen=True, slots=True)
class Word:
    """What a supervisor may say to somebody now: an invitation to a course, or thanks for one."""

    course_key: str
    course_title: str
    is_thanks: bool = False
    is_begun: bool = False
    """The invitation is to go on, not to begin."""
    course_id: int = 0
    """Of thanks."""


@dataclass(frozen=True, slots=True)
class TeamPage:
    """One page of the report. `total` counts the people who match every filter; `page` counts from 1 and is within `page_count`."""

    headed: tuple[TeamUnit, ...]
    """Units the person heads, none inside another."""
    unit: TeamUnit | None
    """The unit chosen, None = all that they head."""
    units: tuple[TeamUnit, ...]
    """Units one step below, to choose from."""
    courses: tuple[OfferedCourse, ...]
    """Everything in the catalogue, by title."""
    counts: TeamCounts
    counted_at: datetime
    """When `counts` was read: now, or up to a minute ago in a unit of more than 200 people."""
    rows: tuple[TeamRow, ...]
    total: int
    page: int
    page_count: int


@dataclass(frozen=True, slots=True)
class Today:
    """The front page: whom the superior can do something for today. `first` has at most five of each group, those not thanked yet
    among the finished."""

    headed: tuple[TeamUnit, ...]
    courses: tuple[OfferedCourse, ...]
    counts: TeamCounts
    counted_at: datetime
    first: Mapping[Group, tuple[TeamRow, ...]]
