"""A supervisor sees the people below on the date, and nobody else (R4): random agencies with moves, against a plain reference."""

import os
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from lms.errors import NotAllowed, NotFound
from lms.people import actions, units
from lms.people.models import Membership, Person, Unit
from lms.store.engine import write_tx
from lms.teams import queries
from lms.teams.types import TeamFilter
from tests.conftest import NOW

ROUNDS = 1000 if os.environ.get("PELITA_PROVE") else 200
TODAY = date(2026, 3, 5)
FIRST_DAY = date(2025, 1, 1)


@dataclass
class Agency:
    """What should be true, kept without paths and without SQL."""

    parents: dict[int, int | None] = field(default_factory=dict)
    heads: dict[int, int | None] = field(default_factory=dict)
    stays: dict[int, list[tuple[int, date, date | None]]] = field(default_factory=lambda: defaultdict(list))
    left: dict[int, date] = field(default_factory=dict)

    def chain(self, unit_id: int | None) -> list[int]:
        return [] if unit_id is None else [unit_id, *self.chain(self.parents[unit_id])]

    def unit_on(self, person_id: int, on: date) -> int | None:
        if person_id in self.left and self.left[person_id] <= on:
            return None
        return next((unit for unit, start, end in self.stays[person_id] if start <= on and (end is None or on < end)), None)

    def visible(self, head_id: int, on: date, below: int | None = None) -> set[int]:
        return {
            person_id
            for person_id in self.stays
            if person_id != head_id
            and any(self.heads[unit] == head_id for unit in self.chain(self.unit_on(person_id, on)))
            and (below is None or below in self.chain(self.unit_on(person_id, on)))
        }


def build(session: Session, draw: random.Random) -> Agency:
    agency = Agency()
    rows = [Unit(name=f"Unit {number}", path=f"?{draw.getrandbits(60)}") for number in range(draw.randrange(1, 14))]
    people = [Person(name=draw.choice(("Andi", "Siti", "Nur")), employment_kind="pns") for _ in range(draw.randrange(2, 22))]
    session.add_all([*rows, *people])
    session.flush()
    for number, unit in enumerate(rows):
        parent = draw.choice(rows[:number]) if number and draw.random() < 0.85 else None
        unit.parent_id = parent.id if parent else None
        unit.path = f"{parent.path if parent else '/'}{unit.id}/"
        agency.parents[unit.id] = unit.parent_id
        unit.head_id = agency.heads[unit.id] = draw.choice(people).id if draw.random() < 0.6 else None
    for person in people:
        start = FIRST_DAY + timedelta(days=draw.randrange(200))
        agency.stays[person.id] = [(draw.choice(rows).id, start, None)]
        session.add(Membership(person_id=person.id, unit_id=agency.stays[person.id][0][0], from_on=start))
    session.flush()
    return agency


def shake(session: Session, agency: Agency, draw: random.Random) -> None:
    """Some transfers, departures, changes of heads, and moves of whole units."""
    for _ in range(draw.randrange(8)):
        act = draw.choice((transfer, transfer, leave, move_unit, move_unit, name_head))
        act(session, agency, draw)


def transfer(session: Session, agency: Agency, draw: random.Random) -> None:
    person_id, unit_id = draw.choice(list(agency.stays)), draw.choice(list(agency.parents))
    old, start, end = agency.stays[person_id][-1]
    on = draw.choice((TODAY, (end or start) + timedelta(days=draw.randrange(1, 60))))
    if not (end or start) <= on <= TODAY:
        return
    actions.move_person(session, person_id=person_id, unit_id=unit_id, on=on, now=NOW)
    if end is None and old == unit_id:
        return
    if end is None:
        agency.stays[person_id][-1] = (old, start, on)
        if agency.heads[old] == person_id:
            agency.heads[old] = None
    agency.stays[person_id].append((unit_id, on, None))
    agency.left.pop(person_id, None)


def leave(session: Session, agency: Agency, draw: random.Random) -> None:
    person_id = draw.choice(list(agency.stays))
    unit_id, start, end = agency.stays[person_id][-1]
    if end is not None or person_id in agency.left:
        return
    on = draw.choice((TODAY, TODAY + timedelta(days=1), TODAY - timedelta(days=draw.randrange(1, 90))))
    if on < start:
        return
    actions.let_leave(session, person_id=person_id, on=on, now=NOW)
    agency.stays[person_id][-1] = (unit_id, start, on)
    agency.left[person_id] = on
    if on <= TODAY:
        agency.heads = {unit: None if head == person_id else head for unit, head in agency.heads.items()}


def move_unit(session: Session, agency: Agency, draw: random.Random) -> None:
    unit_id = draw.choice(list(agency.parents))
    parent_id = draw.choice([None, *(other for other in agency.parents if unit_id not in agency.chain(other))])
    units.move_unit(session, unit_id=unit_id, parent_id=parent_id, now=NOW)
    agency.parents[unit_id] = parent_id


def name_head(session: Session, agency: Agency, draw: random.Random) -> None:
    unit_id = draw.choice(list(agency.parents))
    person_id = draw.choice([None, *(person for person in agency.stays if person not in agency.left)])
    units.set_head(session, unit_id=unit_id, person_id=person_id, now=NOW)
    agency.heads[unit_id] = person_id


def seen(session: Session, head_id: int, on: date, wanted: TeamFilter, limit: int) -> set[int]:
    """Everybody on all pages; each once, and as many as the page says."""
    found: list[int] = []
    page = 1
    while True:
        report = queries.team_report(session, head_id, on, now=NOW, year=2026, wanted=wanted, page=page, limit=limit)
        found += [row.person_id for row in report.rows]
        if page >= report.page_count:
            assert (len(found), len(set(found)), report.counts.people) == (report.total, report.total, report.total)
            return set(found)
        page += 1


def check(session: Session, agency: Agency, draw: random.Random) -> int:
    on = draw.choice((TODAY, TODAY, FIRST_DAY + timedelta(days=draw.randrange(400))))
    heads = sorted({head for head in agency.heads.values() if head is not None})
    for head_id in draw.sample(heads, min(2, len(heads))):
        assert seen(session, head_id, on, TeamFilter(), draw.choice((7, 50, 50))) == agency.visible(head_id, on)
        unit_id = draw.choice(list(agency.parents))
        if any(agency.heads[unit] == head_id for unit in agency.chain(unit_id)):
            assert seen(session, head_id, on, TeamFilter(unit_id=unit_id), 50) == agency.visible(head_id, on, unit_id)
        else:
            with pytest.raises(NotFound):
                queries.team_report(session, head_id, on, now=NOW, year=2026, wanted=TeamFilter(unit_id=unit_id))
        somebody = draw.choice(list(agency.stays))
        if somebody in agency.visible(head_id, on):
            assert queries.learning_story(session, head_id, somebody, on, now=NOW).person_id == somebody
        else:
            with pytest.raises(NotFound):
                queries.learning_story(session, head_id, somebody, on, now=NOW)
    nobody = next((person for person in agency.stays if person not in heads), None)
    if nobody is not None:
        with pytest.raises(NotAllowed):
            queries.team_report(session, nobody, on, now=NOW, year=2026)
    return len(heads)


@pytest.mark.long
def test_supervisor_sees_exactly_the_people_below(session, monkeypatch):
    draw = random.Random(20260305)
    checked = 0
    for number in range(ROUNDS):
        monkeypatch.setattr(queries, "READ_BY_NAME_ABOVE", 0 if number % 2 else 1000)
        with write_tx(session):
            agency = build(session, draw)
            shake(session, agency, draw)
        checked += check(session, agency, draw)
        session.expunge_all()
    assert checked > ROUNDS
