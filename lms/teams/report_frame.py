"""What every report shares: who looks at whom on which day, and the shape that page, print, CSV and XLSX are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import format_decimal
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.people.hierarchy import Team
from lms.people.models import Person
from lms.people.settings import AgencySettings
from lms.people.types import UnitCategory
from lms.progress.rules import end_of_day
from lms.recognition.printing import day
from lms.shared.spreadsheet import Column, Table
from lms.teams import report_queries as queries
from lms.teams.report_queries import Day, UnitPlace

UNIT = Column("Unit kerja", width=36)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at. `limit` None = every row; without rows asked for (0) a report is its headline."""

    on: date
    is_past: bool = False
    """The day has ended: who was where then, and what was finished by then."""
    unit_id: int | None = None
    course_id: int | None = None
    year: int | None = None
    """Of certificates; None = the day's."""
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Strip:
    """People of one line by how far they are: none, less than half, half or more, reached."""

    none: int
    some: int
    half: int
    reached: int


@dataclass(frozen=True, slots=True)
class Report:
    table: Table
    headline: str
    total: int
    """Rows of all pages."""
    people: int = 0
    """How many people all pages are about by name; 0 for figures of groups."""
    is_grouped: bool = False
    """The first column says to which group a line belongs; only lines of one group are to be compared."""
    links: tuple[int | None, ...] = ()
    """Of each row: the unit or course that can be opened, by id."""
    strips: tuple[Strip | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """One look at the agency, by one person. `viewer_id` None = the office, which sees NIP and small groups; a superior sees neither,
    nor their own row among people."""

    session: Session
    asked: Asked
    settings: AgencySettings
    viewer_id: int | None
    team: Team
    """Narrowed to the unit that was chosen."""
    unit: UnitPlace | None
    units: tuple[UnitPlace, ...]
    """One step below, to choose from."""
    top: UnitPlace | None
    names: Mapping[int | None, tuple[str, UnitCategory]]
    """The lines of a report by unit: one for each of `units`, and None for people in the top unit itself or without a unit."""
    line_of: Mapping[int | None, int | None]
    """Unit to the line that its people count for."""
    day: Day

    @property
    def is_office(self) -> bool:
        return self.viewer_id is None

    @property
    def in_units(self) -> Team:
        """Whom figures of units count: people named by hand stand in lists of people only."""
        return Team(self.team.paths)

    @property
    def others(self) -> tuple[ColumnElement[bool], ...]:
        """Conditions on `Person` in lists of people."""
        return () if self.viewer_id is None else (Person.id != self.viewer_id,)

    @property
    def scope_paths(self) -> tuple[str, ...]:
        """For the record of exports (see people.exports)."""
        return (*self.team.paths, *([""] if self.team.named else []))


def frame(session: Session, team: Team, asked: Asked, settings: AgencySettings, *, viewer_id: int | None) -> Frame:
    """Everything that the reports of one request share. Raises NotFound for a unit outside. One SELECT."""
    units = queries.units_of(session, team)
    known = {unit.unit_id: unit for unit in units}
    chosen = known.get(asked.unit_id or 0)
    if asked.unit_id is not None and chosen is None:
        raise NotFound("Unit ini tidak ada di bawah unit Anda. Pilih unit lain dari daftar.")
    tops = [chosen] if chosen else [unit for unit in units if unit.parent_id not in known]
    top = tops[0] if len(tops) == 1 else None
    below = [unit for unit in units if unit.parent_id == top.unit_id] if top else tops
    ends = {zone: end_of_day(asked.on, zone) for zone in {unit.time_zone for unit in units}} if asked.is_past else {}
    if asked.is_past:
        ends[""] = end_of_day(asked.on, settings.time_zone)
    seen = Team((chosen.path,)) if chosen else team
    lines = [top] if top and not below else below
    names: dict[int | None, tuple[str, UnitCategory]] = {unit.unit_id: (unit.name, unit.category) for unit in lines}
    line_of: dict[int | None, int | None] = {None: None}
    for unit in units:
        line_of[unit.unit_id] = next((place for place in map(int, unit.path.strip("/").split("/")) if place in names), None)
    names[None] = (f"{top.name} (langsung)", top.category) if top else ("Belum punya unit", UnitCategory.OTHER)
    return Frame(session, asked, settings, viewer_id, seen, chosen, tuple(below), top, names, line_of, Day(asked.on, ends))


def number(value: int | Decimal | None) -> str:
    return "–" if value is None else format_decimal(value, locale="id")


def as_of(of: Frame) -> str:
    if of.asked.is_past:
        return f"Keadaan {day(of.asked.on.isoformat())}: penempatan pegawai dan JP yang selesai sampai hari itu, menurut catatan yang ada sekarang."
    return f"Keadaan {day(of.asked.on.isoformat())}."


def where(of: Frame) -> str:
    return of.unit.name if of.unit else of.settings.agency_name if of.is_office else of.top.name if of.top else "unit-unit Anda"
