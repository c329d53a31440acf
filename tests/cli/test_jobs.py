"""The background worker: overdue attempts, the net below settling, unused media; twice, killed, stopped."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lms.authoring import follow_up, publishing, sources
from lms.authoring.publishing import Order
from lms.cli.demo_bulk import BulkWriter
from lms.cli.demo_history import Learner
from lms.cli.demo_journeys import Goal, journey
from lms.cli.jobs import MEDIA_AGE, Worker
from lms.content.library import Published
from lms.people.models import SessionRow
from lms.progress import actions as progress_actions
from lms.progress import queries as progress_queries
from lms.progress.models import Completion, JpEntry
from lms.progress.types import State
from lms.quizzes import actions as quiz_actions
from lms.quizzes.queries import attempt_view
from lms.quizzes.types import AttemptState
from lms.recognition.models import Certificate
from lms.store.engine import write_tx
from tests.factories.content import LESSONS, change_item, publish_course, quiz_rules, sample_course, sample_question
from tests.factories.people import make_person, make_unit, sign_in
from tests.factories.quizzes import add_person, take

ROOT = Path(__file__).parents[2]


@pytest.fixture
def worker(engine: Engine, tmp_path: Path) -> Worker:
    return Worker(engine, tmp_path, threading.Event())


def count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalars(select(func.count()).select_from(table)).one()


def one_quiz_course(session: Session, tmp_path: Path, now) -> Published:
    """A course that a timed quiz of one question completes."""
    course = change_item(sample_course(), "posttest", quiz=quiz_rules("tunggal", time_limit_seconds=600))
    course = change_item(course, "asas/kuis", required=False)
    for key in LESSONS:
        course = change_item(course, key, required=False)
    return publish_course(session, tmp_path, now - timedelta(days=30), course)


def finished_unsettled(session: Session, tmp_path: Path, now) -> int:
    """A person whose facts complete a course, without completion fact; the enrolment id."""
    published = publish_course(session, tmp_path, now - timedelta(days=500), sample_course())
    with write_tx(session):
        person = make_person(session, unit=make_unit(session))
        rng = random.Random(1)
        made = journey(
            rng, published, Goal(0, 1.0, 20), zone="Asia/Makassar", since=(now - timedelta(days=400)).date(), until=now
        )
        assert made is not None
        finished = BulkWriter(rng).write(session, [Learner(person.id, made)])
    assert len(finished) == 1
    return finished[0].enrolment_id


def test_overdue_attempt_is_graded_as_of_its_deadline_and_settled(session, tmp_path, worker, now):
    published = one_quiz_course(session, tmp_path, now)
    with write_tx(session):
        person = make_person(session, unit=make_unit(session))
        progress_actions.enrol(session, person_id=person.id, published=published, now=now)
        token = progress_actions.start_quiz(session, person_id=person.id, published=published, quiz_key="posttest", now=now)
        quiz_actions.save_answer(
            session,
            person_id=person.id,
            token=token,
            position=1,
            answer={"choice": 0},
            sequence=1,
            now=now + timedelta(minutes=1),
        )
    assert worker.round(now + timedelta(minutes=9))
    assert count(session, Completion) == 0
    assert worker.round(now + timedelta(days=2))
    session.rollback()
    assert attempt_view(session, person.id, token).state == AttemptState.EXPIRED
    card = progress_queries.my_courses(session, person.id)[0]
    assert (card.state, card.percent, card.completed_at) == (State.DONE, 100, now + timedelta(minutes=10))
    assert (count(session, JpEntry), count(session, Certificate)) == (1, 1)


def test_many_overdue_attempts_are_closed_in_small_transactions(session, tmp_path, worker, now):
    published = one_quiz_course(session, tmp_path, now)
    with write_tx(session):
        unit = make_unit(session)
        people = [make_person(session, unit=unit).id for _ in range(45)]
        for person_id in people:
            progress_actions.enrol(session, person_id=person_id, published=published, now=now)
            progress_actions.start_quiz(session, person_id=person_id, published=published, quiz_key="posttest", now=now)
    assert worker.round(now + timedelta(hours=1))
    session.rollback()
    facts = [progress_queries.my_courses(session, person_id)[0].state for person_id in people]
    assert facts == [State.IN_PROGRESS] * 45


def test_finished_course_without_completion_is_settled_once(session, tmp_path, worker, now):
    enrolment_id = finished_unsettled(session, tmp_path, now)
    assert worker.round(now)
    assert worker.round(now + timedelta(minutes=1))
    session.rollback()
    assert session.scalars(select(Completion.enrolment_id)).all() == [enrolment_id]
    assert (count(session, JpEntry), count(session, Certificate)) == (1, 1)


def test_two_workers_at_once_settle_once(engine, session, tmp_path, now):
    finished_unsettled(session, tmp_path, now)
    workers = [Worker(engine, tmp_path, threading.Event()) for _ in range(2)]
    threads = [threading.Thread(target=one.round, args=(now,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (count(session, Completion), count(session, JpEntry), count(session, Certificate)) == (1, 1, 1)


def test_unused_media_go_after_a_day_and_nothing_else(session, tmp_path, worker, now):
    published = publish_course(session, tmp_path, now, sample_course())
    assert published.number == 1
    folder = tmp_path / "media"
    used = {path.name for path in folder.iterdir()}
    old = (now - MEDIA_AGE - timedelta(minutes=1)).timestamp()
    unused, draft, young, foreign = "a" * 64, ".lms-0123", "c" * 64, "catatan.txt"
    for name in (unused, draft, young, foreign):
        (folder / name).write_bytes(b"x")
    for name in (*used, unused, draft, foreign):
        os.utime(folder / name, (old, old))
    os.utime(folder / young, (now.timestamp(), now.timestamp()))
    assert worker.round(now)
    assert {path.name for path in folder.iterdir()} == used | {young, foreign}


def test_media_are_looked_at_once_a_day(tmp_path, worker, now):
    (tmp_path / "media").mkdir()
    path = tmp_path / "media" / ("d" * 64)
    assert worker.round(now)
    path.write_bytes(b"x")
    os.utime(path, (0, 0))
    assert worker.round(now + timedelta(hours=23))
    assert path.exists()
    assert worker.round(now + timedelta(hours=24))
    assert not path.exists()


def test_sessions_long_over_go_and_open_ones_stay(session, worker, now):
    with write_tx(session):
        person = make_person(session, unit=make_unit(session))
        sign_in(session, person, now - timedelta(days=200))
        fresh = sign_in(session, person, now)
    assert worker.round(now)
    session.rollback()
    assert session.scalars(select(SessionRow.id)).all() == [fresh.session_id]


def test_failing_piece_is_told_and_does_not_keep_the_others_from_running(engine, session, tmp_path, now, capsys):
    finished_unsettled(session, tmp_path, now)
    (tmp_path / "media" / "x").parent.mkdir(exist_ok=True)
    with write_tx(session):
        session.connection().exec_driver_sql("ALTER TABLE attempt_question RENAME TO attempt_question_gone")
        session.connection().exec_driver_sql("ALTER TABLE media RENAME TO media_gone")
    worker = Worker(engine, tmp_path, threading.Event())
    assert not worker.round(now)
    assert "clear_media gagal" in capsys.readouterr().err
    assert count(session, Certificate) == 1


def test_worker_stops_soon_after_sigterm(tmp_path):
    environment = {**os.environ, "DATABASE_URL": ""}
    command = [sys.executable, "-m", "lms.cli", "jobs", "--data", str(tmp_path)]
    subprocess.run([*command, "--sekali"], cwd=ROOT, env=environment, check=True)
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    gate = tmp_path / "pelita.sqlite3.gate"
    gate.unlink(missing_ok=True)
    while not gate.exists() and process.poll() is None:  # the first round has begun to write
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_work_that_a_publication_left_is_finished(session, worker, tmp_path, now):
    wrong = {"tunggal": sample_question("tunggal", correct=(1,))}
    published = publish_course(session, tmp_path, now, sample_course(questions=wrong))
    take(session, add_person(session), published, now, right=4)
    order = Order(sample_course(), tmp_path, source=b"zip")
    made = publishing.ready(order)
    with write_tx(session):
        edition_id = publishing.publish(session, order, made, now=now).edition_id
    assert worker.round(now)
    session.rollback()
    done = follow_up.standing(session, edition_id)
    assert (done.is_done, done.raised) == (True, 1)
    kept = sources.of_edition(session, edition_id)
    assert sources.read(tmp_path, kept) == b"zip", "a source that an edition names stays"
