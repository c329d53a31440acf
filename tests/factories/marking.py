"""Learners who hand in work, and people who mark it, by the real actions. Each call opens its own transaction."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lms.content.library import Published
from lms.people.models import Person
from lms.progress import actions
from lms.quizzes import actions as quiz_actions
from lms.quizzes import queries
from lms.quizzes.marking import Sheet
from lms.quizzes.types import Answer, ClosedAttempt
from lms.recognition.actions import settle
from lms.store.engine import write_tx
from tests.factories.content import people_course, publish_course
from tests.factories.people import make_person

TASK = "rencana-aksi"
ESSAY = {"text": "Loket dibuka lebih pagi, dan nomor antrean dapat diambil dari rumah."}
FULL = Sheet((400, 10000), "Bagus dan dapat dijalankan.")
HALF = Sheet((200, 5000), "Datanya belum lengkap.")
"""Half of the points: below the pass mark of 65."""


def publish_people(session: Session, tmp_path: Path, now: datetime, **over: Any) -> Published:
    return publish_course(session, tmp_path, now, people_course(**over))


def learner(session: Session, published: Published, now: datetime, **over: Any) -> Person:
    """Somebody new, enrolled in the course."""
    with write_tx(session):
        person = make_person(session, **over)
        actions.enrol(session, person_id=person.id, published=published, now=now)
    return person


def begin(session: Session, person: Person, published: Published, now: datetime, key: str = TASK) -> str:
    with write_tx(session):
        return actions.start_quiz(session, person_id=person.id, published=published, quiz_key=key, now=now)


def answer(session: Session, person: Person, token: str, now: datetime, answers: list[Answer]) -> None:
    """Save answers to the questions in order; {} leaves one out."""
    for position, value in enumerate(answers, 1):
        if value:
            with write_tx(session):
                quiz_actions.save_answer(
                    session, person_id=person.id, token=token, position=position, answer=value, sequence=None, now=now
                )


def submit(session: Session, person: Person, token: str, now: datetime) -> ClosedAttempt:
    with write_tx(session):
        closed = actions.submit_quiz(session, person_id=person.id, token=token, now=now)
        own = actions.queries.enrolment(session, person.id, closed.course_id)
        assert own is not None
        settle(session, enrolment_id=own.id, now=now)
    return closed


def hand_in(
    session: Session, person: Person, published: Published, now: datetime, *answers: Answer, key: str = TASK
) -> ClosedAttempt:
    """Start, answer and submit. Without answers the assignment's essay."""
    token = begin(session, person, published, now, key)
    answer(session, person, token, now, list(answers or (ESSAY,)))
    return submit(session, person, token, now)


def mark(
    session: Session, marker: Person, token: str, now: datetime, *sheets: Sheet, seen: int = 10**6, is_author: bool = True
) -> tuple[int, ...]:
    """Mark as staff, answer by answer from the first (FULL when none is given), and settle. Returns the enrolments settled."""
    given = {position: sheet for position, sheet in enumerate(sheets or (FULL,), 1) if sheet}
    with write_tx(session):
        ids = actions.mark_work(session, marker_id=marker.id, is_author=is_author, token=token, sheets=given, seen=seen, now=now)
        for enrolment_id in ids:
            settle(session, enrolment_id=enrolment_id, now=now)
    return ids


def mark_as_peer(session: Session, person: Person, own: str, token: str, now: datetime, sheet: Sheet = FULL) -> tuple[int, ...]:
    with write_tx(session):
        ids = actions.mark_peer_work(session, person_id=person.id, own_token=own, token=token, sheets={1: sheet}, now=now)
        for enrolment_id in ids:
            settle(session, enrolment_id=enrolment_id, now=now)
    return ids


def stands(session: Session, person: Person, published: Published, now: datetime, key: str = TASK) -> Any:
    """Tries of the person, read anew."""
    session.rollback()
    item = published.outline.item(key)
    assert item is not None and item.quiz is not None
    return queries.tries(session, person.id, published.course_id, key, item.quiz, now)
