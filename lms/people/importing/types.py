"""Words and shapes of a staff import. No database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from lms.people.types import EmploymentKind, UnitCategory


class ImportState(StrEnum):
    PLANNED = "planned"
    """The file lies ready, nothing has changed."""
    APPLYING = "applying"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class RowKind(StrEnum):
    """What becomes of a person. A row that moves or brings back somebody may change their data too."""

    PROBLEM = "problem"
    NEW = "new"
    RETURNED = "returned"
    MOVED = "moved"
    LEFT = "left"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one row. `column` as the file heads it, "" for the row as a whole; `text` a finished sentence."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class UnitWish:
    """The unit a row names: its key in SIASN ("" = none) and its names from the top down, itself last."""

    code: str
    path: tuple[str, ...]
    category: UnitCategory | None = None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A row of the file, read. `values`: columns of Person that the file fills; an empty cell is not in it and erases nothing."""

    line: int
    name: str
    nip: str | None
    siasn_id: str
    birth_date: date | None
    values: Mapping[str, Any]
    wish: UnitWish | None
    usual_kind: EmploymentKind = EmploymentKind.OTHER
    """What the NIP tells, for somebody new of whom the file tells nothing."""
    has_left: bool = False
    """The file says so: kedudukan hukum is Pensiun, Meninggal and the like."""
    decision: str = ""
    """Column Keputusan: "sama" or "baru", whether somebody alike is the same person."""
    problems: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A file, read. `ignored` are headings that nobody here knows."""

    sheet: str
    header_line: int
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[StaffRow, ...]
    cells: Mapping[int, list[str]] = field(repr=False, default_factory=dict)
    """Line to its cells as they stand, for the file of problems."""

    @property
    def numbers(self) -> frozenset[str]:
        """Every NIP and SIASN key that some row names."""
        return frozenset(number for row in self.rows for number in (row.nip, row.siasn_id) if number)


@dataclass(frozen=True, slots=True)
class Options:
    """What the person chose: the day from which it holds, whether the file names the whole staff."""

    on: date
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit as known; `unit_id` is negative for one that the plan makes."""

    unit_id: int
    parent_id: int | None
    name: str
    code: str
    category: UnitCategory


@dataclass(frozen=True, slots=True)
class Post:
    """A membership."""

    post_id: int
    unit_id: int
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class PersonState:
    """A person as known. `values`: the columns of Person that an import may change, left_on among them; `post` the newest one."""

    person_id: int
    values: Mapping[str, Any]
    identifier: str
    """Of the account; "" without one."""
    is_activated: bool
    post: Post | None

    @property
    def nip(self) -> str | None:
        nip: str | None = self.values["nip"]
        return nip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one row, or of one person who is in no row (line 0)."""

    line: int
    kind: RowKind
    name: str
    person_id: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Column of Person to its new value."""
    before: PersonState | None = None
    unit_id: int | None = None
    """Where the person works from now on, when that changes."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit that is new (`before` None) or gets another name, code or category."""

    before: UnitState | None
    after: UnitState


@dataclass(frozen=True, slots=True)
class Plan:
    """All that taking over a file would do to what is there now."""

    outcomes: tuple[Outcome, ...]
    units: tuple[UnitChange, ...]
    unit_names: Mapping[int, str]
    staff: int
    """People who work here now."""

    def count(self, kind: RowKind) -> int:
        return sum(outcome.kind is kind for outcome in self.outcomes)

    @property
    def counts(self) -> dict[str, int]:
        return {kind.value: self.count(kind) for kind in RowKind} | {"units": len(self.units)}

    @property
    def asks_for_number(self) -> bool:
        """Whether so many would leave that the number must be typed: more than a tenth of the staff."""
        return self.count(RowKind.LEFT) * 10 > self.staff
