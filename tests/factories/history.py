"""A small agency with a random past: units of several kinds, people who moved and left, courses begun and finished, JP from elsewhere,
corrections, certificates replaced and withdrawn. Made by the real actions where there are some."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.people.actions import let_leave, move_person
from lms.people.models import Person, Unit
from lms.people.types import EmploymentKind, UnitCategory
from lms.progress.awards import correct_jp
from lms.progress.jp import ledger
from lms.progress.models import JpEntry
from lms.recognition.actions import issue_correction, revoke
from lms.recognition.models import Certificate
from lms.store.engine import write_tx
from tests.factories.hostile import NAMES
from tests.factories.learning import learn, publish_reading
from tests.factories.people import PASSWORD, make_person, make_unit

LATEST = date(2026, 2, 20)


@dataclass
class History:
    root: Unit
    units: list[Unit]
    people: list[Person]
    head: Person
    other_head: Person
    courses: list[int] = field(default_factory=list)


def make_history(session: Session, folder: Path, now: datetime, seed: int, *, people: int = 24) -> History:
    """`head` leads the first unit below the root (and everything under it), `other_head` the second. Sign in: kepala, tetangga."""
    draw = random.Random(seed)
    courses = [publish_reading(session, folder, now, key=key, title=f"{sign}{key}", jp=jp, lessons=3)
               for key, sign, jp in (("arsip", "", 12), ("anggaran", "=", 9), ("surat", "@", 0))]  # fmt: skip
    with write_tx(session):
        root = make_unit(session, name="Pemerintah Kota")
        units = [
            make_unit(session, name=f"Dinas {number}", parent=root, category=category)
            for number, category in enumerate(UnitCategory)
        ]
        units += [
            make_unit(session, name=f"Seksi {number}", parent=units[number], time_zone="Asia/Jayapura") for number in range(3)
        ]
        head = make_person(session, unit=units[0], name="Kepala", identifier="kepala", password=PASSWORD)
        other = make_person(session, unit=units[1], name="Tetangga", identifier="tetangga", password=PASSWORD)
        units[0].head_id, units[1].head_id = head.id, other.id
        made = History(root, units, [head, other], head, other, [course.course_id for course in courses])
        for number in range(people):
            made.people.append(_person(session, draw, made, number))
            _learning(session, draw, made.people[-1], courses, now)
        _move(session, draw, made, now)
        _certificates(session, draw, now)
        session.flush()
    return made


def _person(session: Session, draw: random.Random, made: History, number: int) -> Person:
    nip = f"19860926201505{1 + number % 2}{number + 1:03}" if draw.random() < 0.85 else None
    where = None if number == 0 else draw.choice([made.root, *made.units, *made.units[:2]])
    kind = draw.choice((EmploymentKind.PNS, EmploymentKind.PNS, EmploymentKind.PPPK, EmploymentKind.OTHER))
    name = NAMES[number % 90].replace("\x00", "") if number % 3 else f"Pegawai {number}"
    return make_person(
        session, unit=where, name=name, nip=nip, employment_kind=kind, position=draw.choice(("Analis", "+Arsiparis", "")),
        since=date(2025, 6, 1) + timedelta(days=draw.randrange(60)), siasn_id=f"A8ACA7-{number}" if number % 2 else "",
    )  # fmt: skip


def _learning(session: Session, draw: random.Random, person: Person, courses: list, now: datetime) -> None:
    for course in draw.sample(courses, draw.randrange(4)):
        at = now - timedelta(days=draw.randrange(3, 200), hours=draw.randrange(24))
        learn(session, person.id, course, at, lessons=draw.randrange(4))
    for entry in ledger(session, person.id):
        if draw.random() < 0.2:
            correct_jp(session, entry_id=entry.id, jp=draw.randrange(15), reason="Salah hitung.", author_id=None, now=now)
    for _ in range(draw.randrange(3)):
        at = now - timedelta(days=draw.randrange(2, 120))
        session.add(JpEntry(
            person_id=person.id, title=draw.choice(("Seminar A", "-Bimtek B")), learning_form=draw.choice((1, 3, 9, 14)),
            jp=draw.randrange(9), year=at.year, completed_at=at, time_zone="Asia/Makassar", minutes=90, minutes_per_jp=45,
            rule_version="2026-1",
        ))  # fmt: skip
    session.flush()


def _move(session: Session, draw: random.Random, made: History, now: datetime) -> None:
    for person in draw.sample(made.people[3:], 6):
        move_person(
            session, person_id=person.id, unit_id=draw.choice(made.units).id, on=date(2026, 1, draw.randrange(2, 30)), now=now
        )
    for person in draw.sample(made.people[3:], 2):
        let_leave(session, person_id=person.id, on=LATEST, now=now)


def _certificates(session: Session, draw: random.Random, now: datetime) -> None:
    codes = list(session.scalars(select(Certificate.code).order_by(Certificate.id)))
    if len(codes) > 2:
        first, second = draw.sample(codes, 2)
        issue_correction(session, code=first, by=None, reason="Nama salah.", now=now)
        revoke(session, code=second, by=None, reason="Keliru terbit.", now=now)
