"""Helper of test_kills: children publish one course again and again, with its source and what is left to do afterwards, and are
killed with SIGKILL; after each kill the course must be whole, and anyone can go on with the rest. Called with database address, data folder, number of rounds and a seed; prints the
number of the last publication and of children killed at work."""

import dataclasses
import hashlib
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lms.authoring import follow_up, publishing, sources
from lms.content import actions, library, mediastore
from lms.content.models import EditionMedia, EditionRow, PageRow, QuestionVersion
from lms.quizzes.models import FollowUp
from lms.store import models as all_tables  # noqa: F401 - foreign keys point to tables of other capabilities
from lms.store.audit import AuditEntry
from lms.store.engine import make_engine, write_tx
from tests.factories.content import COURSE_KEY, LESSONS, lesson_page, sample_course, sample_media, sample_question

NOW = datetime(2026, 3, 5, tzinfo=UTC)


def course_number(number):
    """A course in which every part tells the same number. Every third one is a new edition."""
    course = sample_course(
        summary=f"Nomor {number}",
        jp=2 + number // 3 % 2,
        pages={key: lesson_page(f"Halaman nomor n{number}") for key in LESSONS},
        questions={"tunggal": sample_question("tunggal", text=f"Pertanyaan tunggal tentang asas pelayanan publik {number}")},
    )
    return dataclasses.replace(course, media=(sample_media(b"x" * 20_000 + str(number).encode()),))


def publish_on(url, data_dir, number, started):
    engine = make_engine(url)
    with Session(engine) as session:
        library.current(session, COURSE_KEY)
        os.write(started, b".")
        while True:
            number += 1
            publish(session, number, data_dir)
            os.write(started, b".")


def publish(session, number, data_dir):
    """As the command and the page do."""
    order = publishing.Order(course_number(number), data_dir, source=f"folder {number}".encode())
    made = publishing.ready(order)
    with write_tx(session):
        publication = publishing.publish(session, order, made, now=NOW)
    finish(session, publication.edition_id)


def finish(session, edition_id):
    for waiting_id in follow_up.waiting_for(session, edition_id):
        more = True
        while more:
            with write_tx(session):
                more = follow_up.advance(session, waiting_id, now=NOW)


def check(session, data_dir):
    """Every part of the current edition tells the same number. Returns it."""
    published = library.current(session, COURSE_KEY)
    number = int(published.outline.summary.removeprefix("Nomor "))
    expected = course_number(number)
    assert published.sha256 == actions.fingerprint(expected)
    pages = session.execute(select(PageRow.item_key, PageRow.page).where(PageRow.edition_id == published.edition_id)).all()
    assert {row.item_key for row in pages} == set(expected.pages)
    assert {row.page["text"] for row in pages if row.item_key in LESSONS} == {f"Halaman nomor n{number}"}
    ids = library.version_ids(session, published.edition_id)
    hashes = dict(session.execute(select(QuestionVersion.id, QuestionVersion.full_hash)).all())
    assert {name: hashes[ids[name]] for name in ids} == {
        name: question.full_hash for name, question in expected.questions.items()
    }
    for sha256 in session.execute(select(EditionMedia.sha256)).scalars():
        assert hashlib.sha256(mediastore.path_of(data_dir, sha256).read_bytes()).hexdigest() == sha256
    place = "lesson_search_place" if session.get_bind().dialect.name == "sqlite" else "lesson_search"
    indexed = session.execute(text(f"SELECT edition_id, item_key FROM {place}")).all()
    assert sorted(indexed) == sorted((published.edition_id, key) for key in LESSONS)
    publications = session.scalar(select(func.count()).select_from(EditionRow))
    published = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "course.publish")
    assert publications == session.scalar(published)
    editions = library.editions(session, library.current(session, COURSE_KEY).course_id)
    for edition in editions:
        told = edition.outline.summary.removeprefix("Nomor ")
        kept = sources.of_edition(session, edition.edition_id)
        assert sources.read(data_dir, kept) == f"folder {told}".encode()
    assert session.scalar(select(func.count()).select_from(FollowUp)) == publications - 1
    finish(session, editions[0].edition_id)
    assert follow_up.waiting(session) == []
    return number


def main(url, data_dir, rounds, seed):
    """Kill each child within about two publications of its start, or of its first publication in every second round."""
    dice = random.Random(seed)
    number, killed = 0, 0
    engine = make_engine(url)
    with Session(engine) as session:
        for number in range(3):
            began = time.monotonic()
            publish(session, number, data_dir)
    engine.dispose()
    window = 2 * (time.monotonic() - began)
    for turn in range(rounds):
        began, started = os.pipe()
        child = os.fork()
        if child == 0:
            publish_on(url, data_dir, number, started)
        for _ in range(1 + turn % 2):
            os.read(began, 1)
        time.sleep(dice.uniform(0, window))
        os.kill(child, signal.SIGKILL)
        killed += os.waitpid(child, 0)[1] == signal.SIGKILL
        os.close(began)
        os.close(started)
        engine = make_engine(url)
        with Session(engine) as session:
            number = check(session, data_dir)
        engine.dispose()
    print(number, killed)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
