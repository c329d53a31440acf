"""The unit tree, its heads, and who stands below whom: path and parent always agree (R4, D26-D29)."""

import os
import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lms.errors import Invalid, NotFound
from lms.people import hierarchy, queries
from lms.people.actions import let_leave, make_person, move_person
from lms.people.models import Membership, Unit
from lms.people.types import UnitCategory
from lms.people.units import change_unit, make_unit, move_unit, set_head
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories import people as factories

TODAY = date(2026, 3, 5)
PROVE = os.environ.get("PELITA_PROVE") == "1"


@pytest.fixture
def tree(session):
    """Regency 1 > health 2 > clinic 3; regency 1 > schools 4."""
    with write_tx(session):
        root = make_unit(session, name="Pemerintah Kota", time_zone="Asia/Jayapura")
        health = make_unit(session, name="Dinas  Kesehatan ", parent_id=root)
        clinic = make_unit(session, name="Puskesmas", parent_id=health, category=UnitCategory.HEALTH, time_zone="Asia/Makassar")
        schools = make_unit(session, name="Dinas Pendidikan", parent_id=root)
    return root, health, clinic, schools


def paths(session):
    return dict(session.execute(select(Unit.id, Unit.path).order_by(Unit.id)).all())


def test_units_know_their_path_name_and_zone(session, tree):
    root, health, clinic, schools = tree
    assert paths(session) == {root: "/1/", health: "/1/2/", clinic: "/1/2/3/", schools: "/1/4/"}
    rows = session.execute(select(Unit.name, Unit.time_zone).order_by(Unit.id)).all()
    assert rows[1:3] == [("Dinas Kesehatan", "Asia/Jayapura"), ("Puskesmas", "Asia/Makassar")]


def test_moving_a_unit_takes_its_subtree_along(session, tree, now):
    root, health, clinic, schools = tree
    with write_tx(session):
        move_unit(session, unit_id=health, parent_id=schools, now=now)
    assert paths(session) == {root: "/1/", health: "/1/4/2/", clinic: "/1/4/2/3/", schools: "/1/4/"}
    with write_tx(session):
        move_unit(session, unit_id=health, parent_id=None, now=now)
    assert paths(session) == {root: "/1/", health: "/2/", clinic: "/2/3/", schools: "/1/4/"}
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == ["unit.move", "unit.move"]


def test_a_unit_cannot_move_below_itself_or_nowhere(session, tree, now):
    for parent in (tree[1], tree[2]):
        with pytest.raises(Invalid), write_tx(session):
            move_unit(session, unit_id=tree[1], parent_id=parent, now=now)
    with pytest.raises(NotFound), write_tx(session):
        move_unit(session, unit_id=tree[1], parent_id=999, now=now)
    assert paths(session)[tree[2]] == "/1/2/3/"


def test_a_tree_too_deep_is_refused_with_nothing_changed(session, now):
    with write_tx(session):
        chains = []
        for _ in range(2):
            parent = None
            for _ in range(70):
                parent = make_unit(session, name="Seksi", parent_id=parent)
            chains.append(parent)
    before = paths(session)
    with pytest.raises(Invalid), write_tx(session):
        move_unit(session, unit_id=71, parent_id=chains[0], now=now)
    assert paths(session) == before


def test_change_unit_checks_name_and_zone(session, tree, now):
    with write_tx(session):
        change_unit(
            session,
            unit_id=tree[2],
            now=now,
            name=" Puskesmas  Lepo-Lepo ",
            category=UnitCategory.OTHER,
            time_zone="Asia/Jakarta",
        )
    unit = session.get(Unit, tree[2])
    assert (unit.name, unit.category, unit.time_zone) == ("Puskesmas Lepo-Lepo", UnitCategory.OTHER, "Asia/Jakarta")
    for wrong in ({"name": " "}, {"name": "x" * 201}, {"time_zone": "Asia/Kendari"}, {"time_zone": "../etc/passwd"}):
        with pytest.raises(Invalid), write_tx(session):
            change_unit(session, unit_id=tree[2], now=now, **wrong)


def test_superior_is_the_head_of_the_own_unit_or_the_next_above(session, tree, now):
    root, health, clinic, _ = tree
    with write_tx(session):
        mayor, head, doctor, nurse = (
            make_person(session, name=name, unit_id=unit, from_on=date(2020, 1, 1))
            for name, unit in (("Wali", root), ("Kadis", health), ("Kapus", clinic), ("Perawat", clinic))
        )
        set_head(session, unit_id=root, person_id=mayor, now=now)
        set_head(session, unit_id=health, person_id=head, now=now)
        set_head(session, unit_id=clinic, person_id=doctor, now=now)
    found = [hierarchy.superior_of(session, person, TODAY) for person in (nurse, doctor, head, mayor)]
    assert found == [doctor, head, mayor, None]
    with write_tx(session):
        set_head(session, unit_id=health, person_id=None, now=now)
        let_leave(session, person_id=doctor, on=TODAY, now=now)
    assert hierarchy.superior_of(session, nurse, TODAY) == mayor
    assert hierarchy.superior_of(session, 999, TODAY) is None


def test_only_staff_in_office_become_heads(session, tree, now):
    with write_tx(session):
        person = make_person(session, name="Tenri", unit_id=tree[1], from_on=date(2020, 1, 1))
        let_leave(session, person_id=person, on=TODAY, now=now)
    for person_id in (person, 999):
        with pytest.raises(Invalid), write_tx(session):
            set_head(session, unit_id=tree[1], person_id=person_id, now=now)


def test_headed_paths_leave_out_units_inside_headed_ones(session, tree, now):
    with write_tx(session):
        person = make_person(session, name="Tenri", unit_id=tree[1], from_on=date(2020, 1, 1))
        for unit in tree[1:]:
            set_head(session, unit_id=unit, person_id=person, now=now)
    assert hierarchy.headed_unit_paths(session, person, TODAY) == ["/1/2/", "/1/4/"]


def test_a_transfer_ends_the_headship_and_keeps_the_past(session, tree, now):
    _, health, clinic, schools = tree
    with write_tx(session):
        person = make_person(session, name="Tenri", unit_id=health, from_on=date(2020, 1, 1))
        set_head(session, unit_id=health, person_id=person, now=now)
        set_head(session, unit_id=clinic, person_id=person, now=now)
    with write_tx(session):
        move_person(session, person_id=person, unit_id=schools, on=TODAY, now=now)
        move_person(session, person_id=person, unit_id=schools, on=TODAY, now=now)
    assert hierarchy.headed_unit_paths(session, person, TODAY) == ["/1/2/3/"]
    rows = session.execute(select(Membership.unit_id, Membership.from_on, Membership.to_on).order_by(Membership.id)).all()
    assert rows == [(health, date(2020, 1, 1), TODAY), (schools, TODAY, None)]
    assert queries.identity(session, person, TODAY - timedelta(days=1)).unit_id == health


def test_a_transfer_corrected_on_its_day_leaves_one_row(session, tree, now):
    with write_tx(session):
        person = make_person(session, name="Tenri", unit_id=tree[1], from_on=TODAY)
        move_person(session, person_id=person, unit_id=tree[3], on=TODAY, now=now)
    assert session.execute(select(Membership.unit_id, Membership.from_on, Membership.to_on)).all() == [(tree[3], TODAY, None)]


@pytest.mark.parametrize("on", [date(2026, 3, 6), date(2019, 12, 31)])
def test_a_transfer_from_the_future_or_before_the_last_change_is_refused(session, tree, now, on):
    with write_tx(session):
        person = make_person(session, name="Tenri", unit_id=tree[1], from_on=date(2020, 1, 1))
    with pytest.raises(Invalid) as caught, write_tx(session):
        move_person(session, person_id=person, unit_id=tree[3], on=on, now=now)
    assert caught.value.field == "on"


def test_who_left_and_came_back_is_counted_once(session, tree, now):
    with write_tx(session):
        person = make_person(session, name="Tenri", unit_id=tree[1], from_on=date(2020, 1, 1))
        let_leave(session, person_id=person, on=date(2025, 1, 1), now=now)
    assert hierarchy.members_below(session, ["/1/"], TODAY) == []
    assert [row.person_id for row in hierarchy.members_below(session, ["/1/"], date(2024, 12, 31))] == [person]
    with write_tx(session):
        move_person(session, person_id=person, unit_id=tree[3], on=TODAY, now=now)
    assert [(row.person_id, row.unit_name) for row in hierarchy.members_below(session, ["/1/"], TODAY)] == [
        (person, "Dinas Pendidikan")
    ]


def test_members_below_are_paged_by_name_and_id(session, tree):
    with write_tx(session):
        people = [make_person(session, name=name, unit_id=tree[2], from_on=TODAY) for name in ("B", "A", "B", "C", "A")]
        make_person(session, name="A", unit_id=tree[3], from_on=TODAY)
    seen, after = [], None
    while page := hierarchy.members_below(session, ["/1/2/"], TODAY, after=after, limit=2):
        seen += [row.person_id for row in page]
        after = (page[-1].name, page[-1].person_id)
    assert seen == [people[1], people[4], people[0], people[2], people[3]]
    assert [row.person_id for row in hierarchy.members_below(session, ["/1/2/"], TODAY, except_person_id=people[1])] == seen[1:]
    assert hierarchy.members_below(session, [], TODAY) == []


@pytest.mark.parametrize("seed", range(1000 if PROVE else 5))
def test_visible_people_equal_the_closure_of_the_tree_after_random_moves(session, now, seed):
    """R4: the path says what the parents say, through moves of units and people; on every date, by parents alone as reference."""
    rng = random.Random(seed)
    with write_tx(session):
        units = [make_unit(session, name="U")]
        for _ in range(199 if PROVE else 60):
            units.append(make_unit(session, name="U", parent_id=rng.choice(units)))
        people = [
            factories.make_person(session, unit=session.get(Unit, rng.choice(units)), since=date(2025, 1, 1)).id
            for _ in range(60)
        ]
        for _ in range(30):
            try:
                move_unit(session, unit_id=rng.choice(units[1:]), parent_id=rng.choice(units), now=now)
            except Invalid:
                continue
        moved_on = {person: date(2025, 1, 1) + timedelta(days=rng.randrange(1, 400)) for person in rng.sample(people, 30)}
        for person, on in moved_on.items():
            move_person(session, person_id=person, unit_id=rng.choice(units), on=on, now=now)
        for person in rng.sample(people, 10):
            let_leave(
                session, person_id=person, on=moved_on.get(person, date(2025, 1, 1)) + timedelta(days=rng.randrange(20)), now=now
            )
    parents = dict(session.execute(select(Unit.id, Unit.parent_id)).all())
    rows = session.execute(select(Membership.person_id, Membership.unit_id, Membership.from_on, Membership.to_on)).all()

    def inside(unit, roots):
        while unit is not None:
            if unit in roots:
                return True
            unit = parents[unit]
        return False

    for _ in range(20):
        roots, on = rng.sample(units, 3), date(2025, 1, 1) + timedelta(days=rng.randrange(430))
        expected = {
            person for person, unit, start, end in rows if start <= on and (end is None or on < end) and inside(unit, roots)
        }
        tops = [path for unit, path in paths(session).items() if unit in roots]
        assert {row.person_id for row in hierarchy.members_below(session, tops, on)} == expected
        assert {row[0] for row in session.execute(hierarchy.members_select(tops, on))} == expected
