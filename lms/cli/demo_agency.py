"""Builds the whole demo agency inside one transaction: settings, units, people, their history, JP and certificates.

One transaction, so that a killed run leaves nothing behind that looks like an agency.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.cli import demo_care, demo_courses, demo_messages
from lms.cli.demo_awards import Awards, Finished
from lms.cli.demo_bulk import BulkWriter
from lms.cli.demo_claims import leave_claims, write_recognised
from lms.cli.demo_data import (
    AGENCY,
    CITY,
    CORE_UNITS,
    SUPERVISED,
    WITA,
    PersonPlan,
    UnitPlan,
    headcounts,
    plan_people,
    plan_units,
    write_people,
    write_units,
)
from lms.cli.demo_history import Learner, events, leave_open, play
from lms.cli.demo_journeys import Goal, goals, journey
from lms.cli.demo_marking import leave_waiting
from lms.cli.demo_people import put_in_order
from lms.cli.demo_teams import ask_and_thank
from lms.content.library import Published
from lms.content.types import ItemKind, Outline
from lms.people.models import Account
from lms.people.settings import AgencySettings, save_settings
from lms.progress import queries as progress_queries
from lms.progress.rules import jp_of, required_items
from lms.store import audit

SEED = "Kota Tanjung Damar"
PEOPLE_AT_ONCE = 500
SMALL_AGENCY = 200
GUIDE = "panduan-"
"""Courses about this program itself; only the author has taken them."""
LEARNER_JP = 12
Tell = Callable[[str, int, int], None]
"""Called with (what, done, of): progress for the person who waits."""


@dataclass(slots=True)
class _Making:
    """What one build carries along."""

    session: Session
    random: Random
    staff: int
    now: datetime
    courses: list[Published]
    ordinary: int
    """How many of `courses`, from the first, ordinary staff take."""
    writer: BulkWriter
    tell: Tell
    cast: list[Learner] = field(default_factory=list)
    finished: list[Finished] = field(default_factory=list)
    """Courses finished in bulk that still wait for their certificate."""
    accounts: dict[str, tuple[int, PersonPlan]] = field(default_factory=dict)

    def cast_of(self, unit: int) -> int:
        """How many people of a core unit have their history played: everybody in a small agency, the head in a large one."""
        return CORE_UNITS[unit].weight + 1 if self.staff <= SMALL_AGENCY else 1


def build(
    session: Session, *, staff: int, now: datetime, courses: list[Published], password_hashes: Mapping[str, str], tell: Tell
) -> dict[str, str]:
    """Everything but the published courses; call it inside `write_tx`. Returns the identifier of each printed account by role."""
    offered = sorted(courses, key=lambda one: (one.course_key.startswith(GUIDE), bool(one.outline.prerequisites), one.course_key))
    ordinary = sum(not one.course_key.startswith(GUIDE) and not one.outline.prerequisites for one in offered) or len(offered)
    random = Random(SEED)
    making = _Making(session, random, staff, now, offered, ordinary, BulkWriter(random), tell)
    units = plan_units(staff)
    settings = _settings(making)
    unit_ids = write_units(session, units)
    _people(making, units, unit_ids, staff)
    today = now.astimezone(ZoneInfo(WITA)).date()
    put_in_order(session, unit_ids, today, [person_id for person_id, _ in making.accounts.values()])
    _activate(making, password_hashes)
    _outside_jp(making, settings)
    _history(making, settings)
    learner, author, head, admin = (making.accounts[role][0] for role in ("learner", "author", "supervisor", "admin"))
    demo_care.write(session, learner_id=learner, head_id=head, admin_id=admin, other_id=author, now=now)
    demo_messages.tell(session, [person_id for person_id, _ in making.accounts.values()], now)
    ids = {f"{role}_id": making.accounts[role][0] for role in ("supervisor", "admin", "learner")}
    ask_and_thank(session, **ids, courses=offered[:ordinary], now=now, zone=WITA)
    audit.record(session, at=now, action="demo.create", subject=CITY, staff=staff)
    return {role: person.nip or "" for role, (_, person) in making.accounts.items()}


def _settings(making: _Making) -> AgencySettings:
    return save_settings(
        making.session,
        agency_name=AGENCY,
        agency_place=CITY,
        signatory_name="Dr. Hj. Andi Marlina, S.Sos., M.Si.",
        signatory_nip="197004121995032001",
        signatory_position="Kepala Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
        time_zone=WITA,
        help_contact="BKPSDM Kota Tanjung Damar, loket 3",
    )


# ------------------------------------------------------------------ people and what they learned


def _people(making: _Making, units: list[UnitPlan], unit_ids: list[int], staff: int) -> None:
    waiting: list[PersonPlan] = []
    written = 0
    counts = headcounts(units, staff)
    today = making.now.astimezone(ZoneInfo(WITA)).date()
    for people in plan_people(making.random, units, counts, today):
        waiting += people
        if len(waiting) >= PEOPLE_AT_ONCE:
            written += _write(making, units, unit_ids, waiting)
            waiting = []
            making.tell("pegawai", written, staff)
    written += _write(making, units, unit_ids, waiting)
    making.tell("pegawai", written, staff)


def _write(making: _Making, units: list[UnitPlan], unit_ids: list[int], people: list[PersonPlan]) -> int:
    if not people:
        return 0
    ids = write_people(making.session, people, unit_ids)
    others: list[Learner] = []
    core: dict[int, int] = {}
    for person_id, person in zip(ids, people, strict=True):
        if person.account:
            making.accounts[person.account] = (person_id, person)
        core[person.unit] = core.get(person.unit, 0) + 1
        is_core = person.unit < len(CORE_UNITS) and core[person.unit] <= making.cast_of(person.unit)
        is_cast = bool(person.account) or is_core
        (making.cast if is_cast else others).extend(_learning(making, units[person.unit].zone, person_id, person))
    if others:
        making.finished += making.writer.write(making.session, others, making.accounts["author"][0])
    return len(people)


def _learning(making: _Making, zone: str, person_id: int, person: PersonPlan) -> list[Learner]:
    until = making.now
    if person.left_on is not None:
        until = datetime.combine(person.left_on, time(0), ZoneInfo(zone)).astimezone(UTC)
    wanted = _account_goals(making, person.account) if person.account else goals(making.random, making.ordinary)
    if making.staff <= SMALL_AGENCY and person.unit == SUPERVISED and person.position.startswith("Analis"):
        wanted = [Goal(0, 1.0, 3 + person_id % 7)]  # somebody whom the printed supervisor can thank; large agencies have some
    found = []
    for goal in wanted:
        published = making.courses[goal.course]
        since = person.entered + timedelta(days=10)
        made = journey(making.random, published, goal, zone=zone, since=since, until=until)
        if made is not None:
            found.append(Learner(person_id, made))
    return found


def _account_goals(making: _Making, role: str) -> list[Goal]:
    """The printed accounts: the learner stands in the middle of a course, the others have finished one."""
    last = demo_courses.running(making.courses[: making.ordinary])
    if role == "learner":
        this_year = making.now.astimezone(ZoneInfo(WITA)).timetuple().tm_yday - 1
        running = Goal(last, _share_between_lessons(making.courses[last].outline), 1)
        return [Goal(0, 1.0, max(1, min(45, this_year))), running] if last else [running]
    if role == "author":
        guides = [Goal(place, 1.0, 150) for place in range(making.ordinary, len(making.courses))]
        return [Goal(0, 1.0, 210), *guides]
    return [Goal(last, 1.0, 95 if role == "supervisor" else 130)]


def _share_between_lessons(outline: Outline) -> float:
    """About half of the course, at a place where a lesson follows a lesson, so that "Lanjutkan belajar" opens a text."""
    required = required_items(outline)
    for done in range(max(1, len(required) * 2 // 5), len(required)):
        if required[done].kind is ItemKind.LESSON and required[done - 1].kind is ItemKind.LESSON:
            return done / len(required)
    return 0.5


def _activate(making: _Making, password_hashes: Mapping[str, str]) -> None:
    for role, (person_id, _) in sorted(making.accounts.items()):
        values = {"password_hash": password_hashes[role], "password_changed_at": making.now - timedelta(days=120)}
        making.session.execute(update(Account).where(Account.person_id == person_id).values(**values))


# ------------------------------------------------------------------ JP and certificates


def _history(making: _Making, settings: AgencySettings) -> None:
    """Play the cast by time; certificates of everybody else are written in between, so that numbers follow dates."""
    session, happened = making.session, events(making.cast)
    awards = Awards(settings, making.finished)
    total = len(happened) + len(awards)
    played = 0

    def pay(until: datetime | None) -> None:
        while awards.pay(session, until):
            session.expunge_all()
            making.tell("riwayat belajar", played + awards.paid, total)

    def count(number: int) -> None:
        nonlocal played
        played = number
        if number % 100 == 0:
            session.expunge_all()
        making.tell("riwayat belajar", played + awards.paid, total)

    play(session, making.random, happened, pay, count)
    pay(None)
    making.tell("riwayat belajar", total, total)
    _leave_some_open(making)
    printed = {person_id for person_id, _ in making.accounts.values()}
    people = dict.fromkeys(learner.person_id for learner in making.cast if learner.person_id not in printed)
    leave_waiting(session, making.random, people, making.courses, making.now)
    ids = {f"{role}_id": making.accounts[role][0] for role in ("learner", "supervisor", "admin")}
    leave_claims(session, now=making.now, others=list(people), **ids)


def _leave_some_open(making: _Making, wanted: int = 2) -> None:
    """Two people were called away in the middle of a quiz."""
    for learner in making.cast:
        published = learner.journey.published
        own = progress_queries.enrolment(making.session, learner.person_id, published.course_id)
        if wanted == 0 or own is None or not learner.journey.steps or learner.person_id == making.accounts["learner"][0]:
            continue
        item = published.outline.item(progress_queries.status_of(making.session, own, published).next_key)
        at = learner.journey.steps[-1].at + timedelta(minutes=2)
        is_free = (
            item is not None and item.quiz is not None and not item.quiz.time_limit_seconds and not learner.journey.goal.is_stuck
        )
        if item is not None and is_free and at + timedelta(hours=1) < making.now:
            leave_open(making.session, making.random, learner, item.key, at)
            wanted -= 1


def _outside_jp(making: _Making, settings: AgencySettings) -> None:
    """Trainings outside this system that BKPSDM recognised. They bring the printed learner to LEARNER_JP."""
    learner_id, _ = making.accounts["learner"]
    finished = [one.journey.published.outline for one in making.cast if one.person_id == learner_id and one.journey.finishes]
    finished_jp = sum(jp_of(outline, (), settings.minutes_per_jp)[0] for outline in finished)
    write_recognised(
        making.session,
        making.random,
        now=making.now,
        settings=settings,
        admin_id=making.accounts["admin"][0],
        learner=(learner_id, max(0, LEARNER_JP - finished_jp)),
        others=list(dict.fromkeys(learner.person_id for learner in making.cast)),
    )
