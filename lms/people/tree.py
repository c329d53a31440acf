"""Reads of the unit tree, one level at a time (D26): what hangs below a unit, how many people that is, and the way up to the root."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.people.models import Membership, Person, Unit
from lms.people.queries import employed_on, member_on, units
from lms.people.types import UnitRow


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit with how many people work in it and below it, and how many units hang below it."""

    unit: UnitRow
    people: int
    units_below: int


def level(session: Session, parent: UnitRow | None, on: date) -> tuple[int, list[Branch]]:
    """How many people work in a unit and below it, and the units directly below it (None = the whole agency, its roots), by name.
    Two SELECTs, however large the tree is."""
    working = dict(
        session.execute(
            select(Membership.unit_id, func.count())
            .join(Person, Person.id == Membership.person_id)
            .where(member_on(on), employed_on(on))
            .group_by(Membership.unit_id)
            .order_by(Membership.unit_id)
        ).all()
    )
    place = parent.path.count("/") - 1 if parent else 0
    start = parent.path if parent else "/"
    total = working.get(parent.unit_id, 0) if parent else 0
    people: Counter[int] = Counter()
    inside: Counter[int] = Counter()
    children = []
    for unit in units(session):
        if not unit.path.startswith(start) or unit.path == start:
            continue
        child_id = int(unit.path.strip("/").split("/")[place])
        people[child_id] += working.get(unit.unit_id, 0)
        inside[child_id] += 1
        if child_id == unit.unit_id:
            children.append(unit)
    return total + people.total(), [Branch(unit, people[unit.unit_id], inside[unit.unit_id] - 1) for unit in children]


def trails(session: Session, paths: Collection[str]) -> dict[str, str]:
    """Names of the units above each path, from the root: "Pemerintah Kota › Dinas Kesehatan"; "" for a root. One SELECT."""
    chains = {path: [int(part) for part in path.strip("/").split("/")][:-1] for path in paths}
    above = {unit_id for chain in chains.values() for unit_id in chain}
    names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(above)).order_by(Unit.id)).all()) if above else {}
    return {path: " › ".join(names[unit_id] for unit_id in chain) for path, chain in chains.items()}
