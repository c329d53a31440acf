"""Random histories with time going by, judged by a model that knows nothing of the program: who gets what, when, how often, and why."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import MailServer
from lms.cli import mail, reminding
from lms.content import library
from lms.content.actions import retire
from lms.messages import rules
from lms.messages.models import Message
from lms.messages.types import MessageKind, MessageState, Occasion
from lms.people import actions as people_actions
from lms.people.models import Membership, Person
from lms.people.rules import staff_date
from lms.people.types import UnitCategory
from lms.progress import actions as progress_actions
from lms.progress.models import Requirement, RequirementExtension
from lms.recognition.actions import settle
from lms.store.engine import make_engine, write_tx
from tests.factories.learning import publish_reading
from tests.factories.messages import SENDER, Mailbox, free_port
from tests.factories.people import make_person, make_unit

BEGIN = datetime(2026, 8, 31, 1, 0, tzinfo=UTC)
UNITS = (
    ("Asia/Makassar", UnitCategory.OFFICE),
    ("Asia/Jayapura", UnitCategory.HEALTH),
    ("Asia/Jakarta", UnitCategory.EDUCATION),
)
PEOPLE, COURSES, LESSONS = 4, 2, 3
SEEN: dict[str, int] = {}
"""How often each occasion was sent over all histories, so that the test cannot pass by saying nothing."""


@dataclass
class World:
    """What truly happened."""

    unit: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)
    done: dict[tuple[int, int], int] = field(default_factory=dict)
    active_at: dict[tuple[int, int], datetime] = field(default_factory=dict)
    retired: set[int] = field(default_factory=set)
    asked: dict[int, tuple[int, int | None, date]] = field(default_factory=dict)
    """Requirement id to (course, unit place or None = everybody, day)."""
    ended: set[int] = field(default_factory=set)
    longer: dict[tuple[int, int], date] = field(default_factory=dict)


class Post(Mailbox):
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses


@pytest.fixture(scope="module", autouse=True)
def everything_was_said():
    """After the histories: they made the worker say something of every kind, so that what they prove is not empty."""
    yield
    assert {Occasion.QUIET, Occasion.DUE_SOON, Occasion.OVERDUE, Occasion.TARGET, Occasion.CERTIFICATE} <= set(SEEN)


@pytest.fixture(scope="module")
def base(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("histories")
    path = folder / "base.sqlite3"
    shutil.copy(sqlite_template, path)
    (folder / "media").mkdir()
    engine = make_engine(f"sqlite:///{path}")
    with Session(engine, expire_on_commit=False) as session:
        for number in range(COURSES):
            publish_reading(
                session, folder, BEGIN - timedelta(days=200), lessons=LESSONS, key=f"kursus-{number}", title=f"Kursus {number}"
            )
        with write_tx(session):
            units = [make_unit(session, time_zone=zone, category=category) for zone, category in UNITS]
            for number in range(PEOPLE):
                make_person(session, unit=units[number % 3], email=f"p{number}@kota.example", name=f"Orang {number}")
    engine.dispose()
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Post, MailServer]]:
    box = Post()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), server_hostname="surel.test")
    controller.start()
    yield box, MailServer("127.0.0.1", controller.port, "smtp", "", "", SENDER, "Pelita")
    controller.stop()


PERSON, COURSE = st.integers(0, PEOPLE - 1), st.integers(0, COURSES - 1)
EVENTS = st.one_of(
    st.tuples(st.just("learn"), PERSON, COURSE),
    st.tuples(st.just("finish"), PERSON, COURSE),
    st.tuples(st.just("leave"), PERSON),
    st.tuples(st.just("close"), PERSON),
    st.tuples(st.just("move"), PERSON, st.integers(0, 2)),
    st.tuples(st.just("choose"), PERSON, st.booleans()),
    st.tuples(st.just("retire"), COURSE, st.booleans()),
    st.tuples(st.just("require"), COURSE, st.one_of(st.none(), st.integers(0, 2)), st.integers(0, 20)),
    st.tuples(st.just("extend"), st.integers(0, 5), PERSON, st.integers(0, 20)),
    st.tuples(st.just("end"), st.integers(0, 5)),
    st.tuples(st.just("nothing")),
)  # fmt: skip
HISTORY = st.lists(st.tuples(st.integers(1, 240), EVENTS, st.booleans()), min_size=5, max_size=30)


SURE = [
    (1, ("learn", 0, 0), True),
    (24 * 15, ("nothing",), True),
    (24 * 7, ("require", 1, None, 6), True),
    (24 * 9, ("nothing",), True),
    (24 * 4, ("nothing",), True),
    (24, ("finish", 0, 0), True),
]
"""Weekday mornings on which each occasion comes up."""


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@example(history=SURE)
@given(history=HISTORY)
def test_only_who_is_concerned_hears_of_it_at_a_good_time_and_once(history, base, server, tmp_path_factory):
    box, mail_to = server
    path = tmp_path_factory.mktemp("one") / "pelita.sqlite3"
    shutil.copy(base, path)
    engine = make_engine(f"sqlite:///{path}")
    world, now, said = World(), BEGIN, []
    with Session(engine, expire_on_commit=False) as session:
        ids = list(session.scalars(select(Person.id).where(Person.email != "").order_by(Person.id)))
        units = list(session.scalars(select(Membership.unit_id).order_by(Membership.person_id)))[:3]
        world.unit = {number: number % 3 for number in range(PEOPLE)}
        courses = _courses(session)
        for hours, event, mail_works in history:
            now += timedelta(hours=hours)
            _happen(session, world, event, now, ids, units, courses)
            session.rollback()
            before = len(box.envelopes)
            reminding.remind(engine, now, threading.Event(), has_mail=True)
            reminding.tell_news(engine, now, has_mail=True)
            if mail_works:
                mail.deliver(engine, mail.Post(mail_to, "https://x.example"), lambda at=now: at, threading.Event())
            for letter in box.letters[before:]:
                number = int(letter["Message-ID"].split(".")[1])
                row = session.get(Message, number, populate_existing=True)
                said.append((number, now, row))
                _judge(world, row, ids.index(row.person_id), now)
            session.rollback()
        _judge_all(session, said)
    engine.dispose()


def _courses(session):
    return sorted(library.catalogue(session), key=lambda each: each.course_key)


def _happen(session, world, event, now, ids, units, courses):
    word, *rest = event
    with write_tx(session):
        if word in ("learn", "finish"):
            person, course = rest
            if person in world.gone:
                return
            _learn(session, world, person, course, LESSONS if word == "finish" else 1, now, ids, courses)
        elif word == "leave" and rest[0] not in world.gone:
            people_actions.let_leave(session, person_id=ids[rest[0]], on=staff_date(now), now=now)
            world.gone.add(rest[0])
        elif word == "close":
            people_actions.disable_account(session, person_id=ids[rest[0]], now=now)
            world.gone.add(rest[0])
        elif word == "move" and rest[0] not in world.gone:
            people_actions.move_person(session, person_id=ids[rest[0]], unit_id=units[rest[1]], on=staff_date(now), now=now)
            world.unit[rest[0]] = rest[1]
        elif word == "choose":
            session.get(Person, ids[rest[0]]).wants_email = rest[1]
            (world.silent.discard if rest[1] else world.silent.add)(rest[0])
        elif word == "retire":
            retire(session, courses[rest[0]].course_key, now=now, by=None, retired=rest[1])
            (world.retired.add if rest[1] else world.retired.discard)(rest[0])
        elif word == "require":
            course, unit, days = rest
            row = Requirement(
                course_id=courses[course].course_id, made_by=ids[0], made_at=now, is_personal=False, due_on=staff_date(now) + timedelta(days=days),
                unit_id=None if unit is None else units[unit],
            )  # fmt: skip
            session.add(row)
            session.flush()
            world.asked[row.id] = (course, unit, row.due_on)
        elif word == "extend" and rest[0] + 1 in world.asked:
            key = (rest[0] + 1, rest[1])
            world.longer[key] = staff_date(now) + timedelta(days=rest[2])
            session.add(
                RequirementExtension(requirement_id=key[0], person_id=ids[key[1]], due_on=world.longer[key], by=ids[0], at=now)
            )
        elif word == "end" and rest[0] + 1 in world.asked:
            session.get(Requirement, rest[0] + 1).ended_at = now
            world.ended.add(rest[0] + 1)


def _learn(session, world, person, course, wanted, now, ids, courses):
    key = (person, course)
    had = world.done.get(key, 0)
    if had == 0 and course in world.retired:
        return
    if had >= LESSONS:
        return
    published = courses[course]
    enrolment_id = progress_actions.enrol(session, person_id=ids[person], published=published, now=now)
    for item in published.outline.items[had : had + wanted]:
        progress_actions.mark_done(session, person_id=ids[person], published=published, lesson_key=item.key, now=now)
    settle(session, enrolment_id=enrolment_id, now=now)
    world.done[key], world.active_at[key] = min(LESSONS, had + wanted), now


def _judge(world, row, person, now):
    """One letter that has just gone out."""
    occasion = row.reason["occasion"]
    SEEN[occasion] = SEEN.get(occasion, 0) + 1
    zone, category = UNITS[world.unit[person]]
    local = now.astimezone(ZoneInfo(zone))
    assert person not in world.gone
    assert person not in world.silent
    assert 6 <= local.hour < 21
    if category is UnitCategory.OFFICE:
        assert local.weekday() < 5
    elif category is UnitCategory.EDUCATION:
        assert local.weekday() < 6 and local.hour < 12
    if occasion == Occasion.QUIET:
        quiet = [
            key for key, at in world.active_at.items()
            if key[0] == person and world.done[key] < LESSONS and key[1] not in world.retired and now - at >= timedelta(days=14)
        ]  # fmt: skip
        newest = max(quiet, key=lambda key: world.active_at[key])
        assert row.reason["title"] in {f"Kursus {key[1]}" for key in quiet if world.active_at[key] == world.active_at[newest]}
        assert row.reason["on"] == world.active_at[newest].astimezone(ZoneInfo(zone)).date().isoformat()
    elif occasion == Occasion.TARGET:
        assert (local.month, local.day <= 7) in {(10, True), (12, True)}
        assert all(now - at > timedelta(days=30) for key, at in world.active_at.items() if key[0] == person)
    elif occasion in (Occasion.DUE_SOON, Occasion.DUE_TOMORROW, Occasion.OVERDUE):
        number = row.reason["requirement"]
        course, unit, day = world.asked[number]
        day = world.longer.get((number, person), day)
        assert row.reason["on"] == day.isoformat()
        assert world.done.get((person, course), 0) < LESSONS
        assert course not in world.retired and number not in world.ended
        assert unit in (None, world.unit[person])
        assert rules.due_occasion((day - local.date()).days) == occasion
    else:
        assert occasion == Occasion.CERTIFICATE
    assert rules.why(row.reason) != rules.why({})


def _judge_all(session, said):
    """All letters of one history together, and every row that became none."""
    assert len({number for number, *_ in said}) == len(said)
    reminded: dict[int, datetime] = {}
    for _, at, row in said:
        if row.kind == MessageKind.REMINDER:
            assert at - reminded.get(row.person_id, BEGIN - timedelta(days=9)) >= timedelta(days=3)
            reminded[row.person_id] = at
    for row in session.scalars(select(Message)):
        assert row.state in {MessageState.WAITING, MessageState.SENT, MessageState.DROPPED, MessageState.SHOWN}
        assert row.outcome or row.state in {MessageState.WAITING, MessageState.SHOWN}
        assert (row.id in {number for number, *_ in said}) == (row.state == MessageState.SENT)
