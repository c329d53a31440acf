"""Unit against units of its own kind (D26): the share that reached the yearly target, and the median JP. Units that are not below
the reader are never named, and small groups say nothing (D60)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean, median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.people.models import Membership, Person, Unit
from lms.people.queries import employed_on, member_on
from lms.people.settings import AgencySettings
from lms.people.types import UnitCategory
from lms.progress import jp
from lms.progress.models import JpEntry
from lms.teams.queries import require_team
from lms.teams.rules import SMALLEST_GROUP

Kind = tuple[UnitCategory, int]
"""Category, and how many units of the same category lie above: so a dinas is compared with dinas and not with its own bidang, and
units that are compared never hold each other's people."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of people with a yearly duty. `share`: per cent who reached the target; `median`: JP."""

    people: int
    share: int
    median: float


@dataclass(frozen=True, slots=True)
class UnitFigures:
    unit_id: int
    name: str
    figures: Figures | None
    """None for fewer than five people."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`units`: those of the reader, by name. `others`: means of the rest, None where there is none or the kind is hidden."""

    category: UnitCategory
    units: tuple[UnitFigures, ...]
    other_count: int
    others: Figures | None
    is_hidden: bool
    """Fewer than five units of this kind have five people, so nothing is compared."""


@dataclass(frozen=True, slots=True)
class _Place:
    unit_id: int
    path: str
    name: str
    kind: Kind
    is_own: bool
    """Headed by the reader, or one step below."""


def comparisons(session: Session, person_id: int, on: date, year: int, settings: AgencySettings) -> list[Comparison]:
    """The units a person heads and those one step below, each kind with the agency's other units of that kind. Two SELECTs over the
    whole agency."""
    paths = require_team(session, person_id, on).paths
    rows = session.execute(select(Unit.id, Unit.path, Unit.name, Unit.category).order_by(Unit.name, Unit.id)).all()
    categories = {row.id: row.category for row in rows}
    places = []
    for row in rows:
        *above, _ = [int(part) for part in row.path.strip("/").split("/")]
        level = sum(categories.get(each) is row.category for each in above)
        own = any(row.path.startswith(path) and row.path.count("/") <= path.count("/") + 1 for path in paths)
        places.append(_Place(row.id, row.path, row.name, (row.category, level), own))
    wanted = {place.kind for place in places if place.is_own}
    figures = _figures([place for place in places if place.kind in wanted], _earned(session, on, year, settings))
    return [_comparison(kind, [place for place in places if place.kind == kind], figures) for kind in sorted(wanted)]


def _comparison(kind: Kind, places: Sequence[_Place], figures: Mapping[int, Figures]) -> Comparison:
    known = [place for place in places if place.unit_id in figures]
    is_hidden = len(known) < SMALLEST_GROUP
    others = [figures[place.unit_id] for place in known if not place.is_own]
    means = None
    if len(others) > 1 and not is_hidden:  # the mean of one unit would be that unit
        share, middle = round(mean(each.share for each in others)), median(each.median for each in others)
        means = Figures(sum(each.people for each in others), share, middle)
    own = tuple(UnitFigures(place.unit_id, place.name, figures.get(place.unit_id)) for place in places if place.is_own)
    return Comparison(kind[0], own, len(others), means, is_hidden)


def _earned(session: Session, on: date, year: int, settings: AgencySettings) -> dict[str, list[tuple[int, int, int]]]:
    """By path of the unit: (JP of the year, target, how many people). One SELECT; a row for each sum that occurs in a unit."""
    earned = select(func.coalesce(func.sum(JpEntry.jp), 0)).where(
        JpEntry.person_id == Person.id, JpEntry.year == year, jp.counted()
    )
    each = (
        select(Unit.path, Person.employment_kind.label("kind"), earned.correlate(Person).scalar_subquery().label("jp"))
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(member_on(on), employed_on(on))
        .subquery()
    )
    found: dict[str, list[tuple[int, int, int]]] = {}
    columns = (each.c.path, each.c.kind, each.c.jp)
    for path, kind, total, count in session.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns)):
        target = jp.target_of(kind, settings)[0]
        if target:
            found.setdefault(path, []).append((int(total), target, count))
    return found


def _figures(places: Iterable[_Place], earned: Mapping[str, Sequence[tuple[int, int, int]]]) -> dict[int, Figures]:
    """Figures of the subtree of each unit that has five people; smaller ones are left out."""
    wanted = {place.unit_id for place in places}
    people: dict[int, list[tuple[int, bool]]] = {}
    for path, sums in earned.items():
        for unit_id in wanted.intersection(int(part) for part in path.strip("/").split("/")):
            for total, target, count in sums:
                people.setdefault(unit_id, []).extend([(total, total >= target)] * count)
    return {
        unit_id: Figures(len(each), round(100 * sum(done for _, done in each) / len(each)), median(total for total, _ in each))
        for unit_id, each in people.items()
        if len(each) >= SMALLEST_GROUP
    }
