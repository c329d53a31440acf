"""Who is asked on a date: random agencies with moves and random rules, against a plain reference without SQL (D75, R4)."""

import os
import random
from datetime import date, timedelta

import pytest

from lms.errors import NotFound
from lms.people.hierarchy import EVERYBODY, team_of
from lms.people.models import Person, Unit
from lms.people.types import EmploymentKind, UnitCategory
from lms.progress import requirement_actions, requirements
from lms.progress import requirement_queries as sql
from lms.progress.models import Requirement
from lms.progress.types import Audience
from lms.store.engine import write_tx
from lms.teams import queries
from lms.teams.types import Group, TeamFilter
from tests.conftest import NOW
from tests.factories.learning import publish_reading
from tests.teams.test_closure import FIRST_DAY, TODAY, build, shake

ROUNDS = 300 if os.environ.get("PELITA_PROVE") else 40
POSITIONS = ("Guru Ahli Muda", "guru ahli pertama", "Perawat Ahli", "Kepala Sekolah", "GURU", "")
WORDS = ("", "guru", "ahli guru", "perawat", "kepala sekolah", "camat")


def fits(agency, audience: Audience, person: Person, categories, on: date) -> bool:
    """The reference: nothing but dictionaries."""
    if person.id in agency.left and agency.left[person.id] <= on:
        return False
    unit = agency.unit_on(person.id, on)
    return (
        (audience.unit_id is None or audience.unit_id in agency.chain(unit))
        and (audience.unit_category is None or (unit is not None and categories[unit] is audience.unit_category))
        and (audience.employment_kind is None or audience.employment_kind is person.employment_kind)
        and all(word in person.position.lower() for word in audience.position_words.split())
        and (not audience.person_ids or person.id in audience.person_ids)
    )


@pytest.mark.long
def test_exactly_those_are_asked_whom_the_rule_fits_and_nobody_sees_more(session, tmp_path):
    published = publish_reading(session, tmp_path, NOW - timedelta(days=90), key="arsip", title="Arsip", jp=2)
    draw = random.Random(20260306)
    seen_someone = 0
    for _ in range(ROUNDS):
        with write_tx(session):
            agency = build(session, draw)
            people = {each: session.get_one(Person, each) for each in agency.stays}
            categories = {}
            for unit_id in agency.parents:
                unit = session.get_one(Unit, unit_id)
                unit.category = categories[unit_id] = draw.choice(list(UnitCategory))
            for person in people.values():
                person.position, person.employment_kind = draw.choice(POSITIONS), draw.choice(list(EmploymentKind))
            session.flush()
            rules = {}
            for _ in range(3):
                named = tuple(sorted(draw.sample(list(people), 2))) if draw.random() < 0.3 else ()
                audience = Audience(
                    draw.choice([None, *agency.parents]) if not named else None,
                    draw.choice([None, None, *UnitCategory]) if not named else None,
                    draw.choice([None, None, *EmploymentKind]) if not named else None,
                    draw.choice(WORDS) if not named else "",
                    tuple(each for each in named if each not in agency.left),
                )
                number = requirement_actions.require_course(
                    session,
                    course_id=published.course_id,
                    audience=audience,
                    due_on=TODAY + timedelta(days=draw.randrange(1, 40)),
                    note="",
                    team=EVERYBODY,
                    by=draw.choice(list(people)),
                    now=NOW,
                )
                rules[number] = audience
            shake(session, agency, draw)
        for on in (TODAY, FIRST_DAY + timedelta(days=draw.randrange(400))):
            found = session.execute(
                sql.asked(on, Requirement.id, Person.id).where(Requirement.id.in_(rules), Person.id.in_(people))
            ).all()
            expected = {
                (number, person_id)
                for number, audience in rules.items()
                for person_id, person in people.items()
                if fits(agency, audience, person, categories, on)
            }
            assert sorted(map(tuple, found)) == sorted(expected)
        today = set(expected_today(agency, rules, people, categories))
        asked = {
            (row.requirement_id, row.person_id)
            for row in requirements.of_people(session, list(people), NOW)
            if row.requirement_id in rules
        }
        assert asked == today
        seen_someone += check_heads(session, agency, today, draw)
        with write_tx(session):  # the next round has the agency to itself
            for number in rules:
                requirement_actions.end_requirement(session, requirement_id=number, team=EVERYBODY, by=1, now=NOW)
        session.expunge_all()
    assert seen_someone > ROUNDS // 2


def expected_today(agency, rules, people, categories):
    for number, audience in rules.items():
        for person_id, person in people.items():
            if fits(agency, audience, person, categories, TODAY):
                yield number, person_id


def check_heads(session, agency, asked, draw) -> int:
    """The page of a head names exactly those of the asked who stand below, and lets them ask nobody else."""
    heads = sorted({head for head in agency.heads.values() if head is not None})
    for head_id in draw.sample(heads, min(2, len(heads))):
        below = agency.visible(head_id, TODAY)
        report = queries.team_report(session, head_id, TODAY, now=NOW, year=2026, wanted=TeamFilter(group=Group.DUE), limit=100)
        soon = {row.person_id for row in report.rows}
        assert soon <= below & {person_id for _, person_id in asked}
        assert {row.person_id for rows in front(session, head_id).values() for row in rows} <= below
        stranger = next((person_id for person_id in agency.stays if person_id not in below and person_id != head_id), None)
        if stranger is not None:
            team = team_of(session, head_id, TODAY)
            with pytest.raises(NotFound):
                requirement_actions.check_audience(session, Audience(person_ids=(stranger,)), team, TODAY)
    return len(heads)


def front(session, head_id):
    return queries.today(session, head_id, TODAY, now=NOW, year=2026).first
