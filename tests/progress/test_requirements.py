"""Who is asked, by when, until they finish, leave or get more time."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from lms.content.actions import retire
from lms.errors import Conflict, Invalid, NotFound
from lms.people import hierarchy
from lms.people.actions import let_leave, move_person
from lms.people.hierarchy import EVERYBODY, Team, team_of
from lms.people.models import NamedSuperior
from lms.people.rules import staff_date
from lms.people.types import EmploymentKind, UnitCategory
from lms.progress import requirement_actions, requirements
from lms.progress.types import Audience
from lms.store.engine import write_tx
from tests.factories.learning import learn, publish_reading
from tests.factories.people import make_person, make_unit

TODAY = date(2026, 3, 5)
DUE = date(2026, 3, 20)


@pytest.fixture
def agency(session, tmp_path, now):
    """Dinas (WITA) with a school (WIT) below; another unit beside. Ani has finished the course."""
    published = publish_reading(session, tmp_path, now, key="arsip", title="Arsip Rapi", jp=5)
    with write_tx(session):
        unit = make_unit(session, name="Dinas")
        school = make_unit(session, name="SD 1", parent=unit, category=UnitCategory.EDUCATION, time_zone="Asia/Jayapura")
        other = make_unit(session, name="Dinas Lain")
        head = make_person(session, unit=unit, name="Kepala", position="Kepala Dinas")
        unit.head_id = head.id
        ani = make_person(session, unit=unit, name="Ani", position="Arsiparis Ahli Muda")
        budi = make_person(session, unit=school, name="Budi", position="Guru Ahli Muda", employment_kind=EmploymentKind.PPPK)
        zainal = make_person(session, unit=other, name="Zainal", position="Guru Ahli Madya")
        learn(session, ani.id, published, now, lessons=5)
    return SimpleNamespace(
        published=published, unit=unit, school=school, other=other, head=head, ani=ani, budi=budi, zainal=zainal
    )


@pytest.fixture
def ask(session, agency, now):
    def ask(team=None, by=None, due_on=DUE, note="", at=now, **audience):
        with write_tx(session):
            return requirement_actions.require_course(
                session,
                course_id=agency.published.course_id,
                audience=Audience(**audience),
                due_on=due_on,
                note=note,
                team=team or team_of(session, agency.head.id, TODAY),
                by=by or agency.head.id,
                now=at,
            )

    return ask


def test_unit_asks_everybody_below_and_the_day_ends_where_each_works(session, agency, ask, now):
    number = ask(unit_id=agency.unit.id, note="  Sebelum \n audit ")
    rows = requirements.of_people(session, [agency.ani.id, agency.budi.id, agency.zainal.id, agency.head.id], now)
    assert [(row.requirement_id, row.person_id, row.is_finished, row.time_zone, row.due_at) for row in rows] == [
        (number, agency.head.id, False, "Asia/Makassar", datetime(2026, 3, 20, 16, tzinfo=UTC)),
        (number, agency.ani.id, True, "Asia/Makassar", datetime(2026, 3, 20, 16, tzinfo=UTC)),
        (number, agency.budi.id, False, "Asia/Jayapura", datetime(2026, 3, 20, 15, tzinfo=UTC)),
    ]
    first = rows[0]
    assert (first.asked_by, first.post, first.note, first.course_key, first.due_on) == (
        "Kepala",
        "Kepala Dinas",
        "Sebelum audit",
        "arsip",
        DUE,
    )


@pytest.mark.parametrize(
    ("audience", "people"),
    [
        ({"employment_kind": EmploymentKind.PPPK}, ["budi"]),
        ({"unit_category": UnitCategory.EDUCATION}, ["budi"]),
        ({"position_words": "guru"}, ["budi", "zainal"]),
        ({"position_words": "muda ahli"}, ["ani", "budi"]),
        ({"position_words": "guru madya"}, ["zainal"]),
        ({"position_words": "guru", "employment_kind": EmploymentKind.PNS}, ["zainal"]),
        ({"position_words": "camat"}, []),
    ],
)
def test_attributes_ask_those_whom_all_of_them_fit(session, agency, ask, now, audience, people):
    ask(team=EVERYBODY, **audience)
    ids = {name: getattr(agency, name).id for name in ("ani", "budi", "zainal")}
    found = {row.person_id for row in requirements.of_people(session, list(ids.values()), now)}
    assert found == {ids[name] for name in people}
    counts = requirements.preview(session, Audience(**audience), agency.published.course_id, EVERYBODY, TODAY)
    assert counts == (len(people), len({"ani"} & set(people)))


def test_joining_moving_and_leaving_change_who_is_asked(session, agency, ask, now):
    ask(unit_id=agency.unit.id)
    who = [agency.budi.id, agency.zainal.id]
    assert [row.person_id for row in requirements.of_people(session, who, now)] == [agency.budi.id]
    with write_tx(session):
        move_person(session, person_id=agency.zainal.id, unit_id=agency.school.id, on=TODAY, now=now)
        let_leave(session, person_id=agency.budi.id, on=TODAY, now=now)
    assert [row.person_id for row in requirements.of_people(session, who, now)] == [agency.zainal.id]


def test_named_people_are_asked_while_they_are_in_the_unit(session, agency, ask, now):
    ask(person_ids=(agency.budi.id,))
    assert [row.person_id for row in requirements.of_people(session, [agency.ani.id, agency.budi.id], now)] == [agency.budi.id]
    with write_tx(session):
        move_person(session, person_id=agency.budi.id, unit_id=agency.other.id, on=TODAY, now=now)
    assert requirements.of_person(session, agency.budi.id, now) == []


def test_people_named_to_a_superior_may_be_asked_by_them(session, agency, ask, now):
    with write_tx(session):
        session.add(NamedSuperior(person_id=agency.zainal.id, superior_id=agency.head.id, from_on=TODAY, to_on=None))
    assert team_of(session, agency.head.id, TODAY) == Team((agency.unit.path,), (agency.zainal.id,))
    number = ask(person_ids=(agency.budi.id, agency.zainal.id))
    rows, total = requirements.requirements_of(session, agency.head.id, team_of(session, agency.head.id, TODAY), TODAY)
    assert [(row.requirement_id, row.asked, row.unit_name, row.is_personal) for row in rows] == [(number, 2, "", True)]
    assert total == 1


def test_foreign_units_and_people_are_missing_ones(session, agency, ask):
    for audience in (
        {"unit_id": agency.other.id},
        {"unit_id": 999_999},
        {"person_ids": (agency.budi.id, agency.zainal.id)},
        {"person_ids": (999_999,)},
    ):
        with pytest.raises(NotFound):
            ask(**audience)
    with pytest.raises(Invalid):
        ask(position_words="guru")  # no unit: only the office asks everybody


@pytest.mark.parametrize("day", [date(2020, 1, 1), TODAY - timedelta(days=2), date(2040, 1, 1)])
def test_days_that_are_past_or_years_away_are_refused(agency, ask, day):
    with pytest.raises(Invalid):
        ask(unit_id=agency.unit.id, due_on=day)


def test_the_same_form_sent_twice_asks_once(agency, ask):
    assert ask(unit_id=agency.unit.id) == ask(unit_id=agency.unit.id)
    assert ask(person_ids=(agency.budi.id,)) == ask(person_ids=(agency.budi.id,))
    assert ask(person_ids=(agency.budi.id,)) != ask(person_ids=(agency.ani.id,))


def test_more_time_counts_from_the_later_of_day_and_today_and_only_once(session, agency, ask, now):
    number = ask(unit_id=agency.unit.id)

    def extend(known, at=now, person=agency.budi, **more):
        with write_tx(session):
            return requirement_actions.extend(
                session, requirement_id=number, person_id=person.id, by=agency.head.id, now=at, known=known, **more
            )

    assert extend(DUE, days=7) == date(2026, 3, 27)
    assert extend(DUE, days=7) == date(2026, 3, 27)  # a second tap of the same form
    assert requirements.of_person(session, agency.budi.id, now)[0].due_on == date(2026, 3, 27)
    assert requirements.of_person(session, agency.head.id, now)[0].due_on == DUE
    late = now + timedelta(days=60)
    assert extend(date(2026, 3, 27), at=late, days=14) == staff_date(late) + timedelta(days=14)
    with pytest.raises(Invalid):
        extend(staff_date(late) + timedelta(days=14), due_on=date(2026, 4, 1))
    with pytest.raises(Conflict):
        extend(DUE, person=agency.ani, days=7)
    with pytest.raises(NotFound):
        extend(DUE, person=agency.zainal, days=7)


def test_ended_and_closed_requirements_ask_nobody(session, agency, ask, now):
    first, second = ask(unit_id=agency.unit.id), ask(unit_id=agency.school.id, due_on=DUE + timedelta(days=1))
    team = team_of(session, agency.head.id, TODAY)
    with pytest.raises(NotFound), write_tx(session):
        requirement_actions.end_requirement(session, requirement_id=first, team=Team((agency.other.path,)), by=7, now=now)
    for _ in range(2):
        with write_tx(session):
            requirement_actions.end_requirement(session, requirement_id=first, team=team, by=agency.head.id, now=now)
    assert [row.requirement_id for row in requirements.of_person(session, agency.budi.id, now)] == [second]
    rows, total = requirements.requirements_of(session, agency.head.id, team, TODAY)
    assert [(row.requirement_id, row.asked, row.finished, row.ended_at) for row in rows] == [
        (second, 1, 0, None),
        (first, 0, 0, now),
    ]
    assert total == 2
    with write_tx(session):
        retire(session, "arsip", now=now, by=None)
    assert requirements.of_person(session, agency.budi.id, now) == []
    assert [row.is_closed for row in requirements.requirements_of(session, agency.head.id, team, TODAY)[0]] == [True, True]


def test_successor_manages_what_the_predecessor_asked(session, agency, ask, now):
    number = ask(unit_id=agency.unit.id)
    with write_tx(session):
        agency.unit.head_id = agency.ani.id
        session.merge(agency.unit)
    for person, seen in ((agency.head, []), (agency.ani, [number])):
        team = team_of(session, person.id, TODAY)
        rows, _ = requirements.requirements_of(session, person.id, team, TODAY)
        assert [row.requirement_id for row in rows] == seen


def test_people_without_a_unit_are_asked_by_the_office_alone(session, agency, ask, now):
    with write_tx(session):
        loose = make_person(session, name="Lepas", position="Staf Ahli")
    ask(team=EVERYBODY, position_words="staf")
    row = requirements.of_person(session, loose.id, now)[0]
    assert (row.time_zone, row.due_at) == ("Asia/Makassar", datetime(2026, 3, 20, 16, tzinfo=UTC))
    assert hierarchy.sees(session, EVERYBODY, loose.id, TODAY)
    assert not hierarchy.sees(session, team_of(session, agency.head.id, TODAY), loose.id, TODAY)
