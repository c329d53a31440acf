"""Who sees whom, and who is whose superior, through moves, acting heads and superiors named by hand, against a reference without
paths and without SQL (R4, D27)."""

import os
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from lms.errors import Invalid
from lms.people import actions, hierarchy, superiors, units
from lms.people.types import ActingKind, Superior, SuperiorSource
from lms.store.engine import write_tx
from tests.factories import people as factories

TODAY = date(2026, 3, 5)
FIRST = date(2025, 1, 1)
ROUNDS = 1000 if os.environ.get("PELITA_PROVE") == "1" else 25


@dataclass
class Term:
    about: int
    """Unit, or person whose superior is named."""
    person: int
    source: SuperiorSource
    start: date
    end: date | None

    def holds(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)


@dataclass
class Agency:
    """What should be true."""

    parents: dict[int, int | None] = field(default_factory=dict)
    heads: dict[int, int | None] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    """Person to unit; nobody moves between units here."""
    left: dict[int, date] = field(default_factory=dict)
    acting: list[Term] = field(default_factory=list)
    named: list[Term] = field(default_factory=list)

    def works(self, person: int, on: date) -> bool:
        return person not in self.left or on < self.left[person]

    def chain(self, unit: int | None) -> list[int]:
        return [] if unit is None else [unit, *self.chain(self.parents[unit])]

    def leads(self, person: int, unit: int, on: date) -> bool:
        return self.heads[unit] == person or any(
            (one.about, one.person) == (unit, person) and one.holds(on) for one in self.acting
        )

    def visible(self, viewer: int, on: date) -> set[int]:
        below = {person for person, unit in self.units.items() if any(self.leads(viewer, one, on) for one in self.chain(unit))}
        named = {one.about for one in self.named if one.person == viewer and one.holds(on)}
        return {person for person in below | named if self.works(person, on)}

    def superior(self, person: int, on: date) -> Superior | None:
        named = [one for one in self.named if one.about == person and one.holds(on) and self.works(one.person, on)]
        if named:
            return Superior(named[-1].person, SuperiorSource.NAMED)
        if not self.works(person, on):
            return None
        for unit in self.chain(self.units[person]):
            acting = [one for one in self.acting if one.about == unit and one.holds(on)]
            in_order = sorted(enumerate(acting), key=lambda pair: (pair[1].start, pair[0]), reverse=True)
            leaders = [(one.person, one.source) for _, one in in_order]
            leaders += [(self.heads[unit], SuperiorSource.HEAD)] if self.heads[unit] else []
            for leader, source in leaders:
                if leader != person and self.works(leader, on):
                    return Superior(leader, source)
        return None


def build(session: Session, draw: random.Random, now) -> Agency:
    agency = Agency()
    for _ in range(draw.randrange(2, 8)):
        parent = draw.choice([None, *agency.parents]) if draw.random() < 0.2 else draw.choice(list(agency.parents) or [None])
        unit = units.make_unit(session, name="Unit", parent_id=parent)
        agency.parents[unit], agency.heads[unit] = parent, None
    for _ in range(draw.randrange(4, 16)):
        unit = draw.choice(list(agency.parents))
        session_unit = session.get(factories.Unit, unit)
        agency.units[factories.make_person(session, unit=session_unit, since=FIRST).id] = unit
    for _ in range(draw.randrange(8, 30)):
        draw.choice((name_head, name_acting, name_acting, name_superior, move_unit, move_unit))(session, agency, draw, now)
    for person in draw.sample(list(agency.units), draw.randrange(0, 3)):
        agency.left[person] = on = TODAY - timedelta(days=draw.randrange(0, 60))
        actions.let_leave(session, person_id=person, on=on, now=now)
        agency.heads = {unit: None if head == person else head for unit, head in agency.heads.items()}
    return agency


def name_head(session, agency, draw, now) -> None:
    unit, person = draw.choice(list(agency.parents)), draw.choice([None, *agency.units])
    units.set_head(session, unit_id=unit, person_id=person, now=now)
    agency.heads[unit] = person


def name_acting(session, agency, draw, now) -> None:
    unit, person, kind = draw.choice(list(agency.parents)), draw.choice(list(agency.units)), draw.choice(list(ActingKind))
    start, end = term(draw, ended=kind is ActingKind.PLH)
    try:
        superiors.name_acting_head(session, unit_id=unit, person_id=person, kind=kind, from_on=start, to_on=end, now=now)
    except Invalid:
        return  # the head already, or twice at once; nothing was written
    agency.acting.append(Term(unit, person, SuperiorSource(kind.value), start, end))


def name_superior(session, agency, draw, now) -> None:
    person, superior = draw.sample(list(agency.units), 2)
    start, end = term(draw)
    superiors.name_superior(session, person_id=person, superior_id=superior, from_on=start, to_on=end, now=now)
    for other in agency.named:
        meets = (end is None or other.start < end) and (other.end is None or (other.end > start and other.end > other.start))
        if other.about == person and meets:
            other.end = max(other.start, start)
    agency.named.append(Term(person, superior, SuperiorSource.NAMED, start, end))
    agency.named.sort(key=lambda one: one.start)


def move_unit(session, agency, draw, now) -> None:
    unit = draw.choice(list(agency.parents))
    parent = draw.choice([None, *(other for other in agency.parents if unit not in agency.chain(other))])
    units.move_unit(session, unit_id=unit, parent_id=parent, now=now)
    agency.parents[unit] = parent


def term(draw: random.Random, ended: bool = False) -> tuple[date, date | None]:
    start = TODAY + timedelta(days=draw.randrange(-60, 20))
    return start, start + timedelta(days=draw.randrange(1, 40)) if ended or draw.random() < 0.6 else None


@pytest.mark.parametrize("first", range(0, ROUNDS, 5))
def test_who_sees_whom_and_who_is_whose_superior_equals_the_reference(session, now, first):
    for seed in range(first, first + 5):
        draw = random.Random(seed)
        with write_tx(session):
            agency = build(session, draw, now)
        for on in (TODAY, *(TODAY + timedelta(days=draw.randrange(-90, 40)) for _ in range(3))):
            expected = {person: agency.superior(person, on) for person in agency.units}
            found = hierarchy.superiors_with_source(session, list(agency.units), on)
            assert found == {person: one for person, one in expected.items() if one is not None}, (seed, on)
            for viewer in agency.units:
                paths = hierarchy.headed_unit_paths(session, viewer, on)
                below = {row[0] for row in session.execute(hierarchy.members_select(paths, on))}
                seen = below | set(hierarchy.named_below(session, viewer, on))
                assert seen == agency.visible(viewer, on), (seed, on, viewer)
