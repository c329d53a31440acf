"""Quizzes through progress: locked ones stay shut, closing moves the summary, time-outs count at their deadline."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.errors import Conflict, NotFound
from lms.progress import actions, queries
from lms.progress.models import EnrolmentSummary
from lms.quizzes.models import Attempt
from lms.quizzes.types import AttemptState
from lms.recognition.actions import settle
from lms.store.engine import write_tx
from tests.factories.content import BANK, INLINE, LESSONS, change_item, publish_course, publish_sample, quiz_rules, sample_course
from tests.factories.people import make_person
from tests.factories.progress import answer_inline, close_attempt
from tests.factories.quizzes import fill_in


@pytest.fixture
def person(session):
    with write_tx(session):
        return make_person(session)


def begin(session, person, published, now):
    with write_tx(session):
        return actions.enrol(session, person_id=person.id, published=published, now=now)


def start(session, person, published, key, now):
    with write_tx(session):
        return actions.start_quiz(session, person_id=person.id, published=published, quiz_key=key, now=now)


def version(session, enrolment_id):
    session.rollback()
    return session.scalar(select(EnrolmentSummary.version).where(EnrolmentSummary.enrolment_id == enrolment_id))


def test_submit_moves_the_summary_in_the_same_transaction(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now)
    enrolment_id = begin(session, person, published, now)
    token = start(session, person, published, "asas/kuis", now)
    fill_in(session, person.id, token, now)
    with write_tx(session):
        closed = actions.submit_quiz(session, person_id=person.id, token=token, now=now)
    status = queries.status_of(session, queries.enrolment(session, person.id, published.course_id))
    assert (closed.passed, status.percent, status.items["asas/kuis"].score) == (True, 20, 10000)
    assert version(session, enrolment_id) == 2
    with write_tx(session):
        again = actions.submit_quiz(session, person_id=person.id, token=token, now=now + timedelta(days=1))
    assert (again.score, again.closed_at) == (closed.score, closed.closed_at)


def test_start_needs_an_enrolment_and_an_open_quiz(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now, in_order=True)
    with pytest.raises(Conflict, match="belum terdaftar"):
        start(session, person, published, "asas/kuis", now)
    begin(session, person, published, now)
    with pytest.raises(Conflict, match="“Kuis Asas” terbuka setelah “Mengapa pelayanan publik” selesai"):
        start(session, person, published, "asas/kuis", now)
    for key in ("tidak-ada", LESSONS[0], ""):
        with pytest.raises(NotFound):
            start(session, person, published, key, now)
    token = start(session, person, published, "pretest", now)
    assert start(session, person, published, "pretest", now) == token


def test_submit_by_a_stranger_is_not_found(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now)
    begin(session, person, published, now)
    token = start(session, person, published, "pretest", now)
    with write_tx(session):
        other = make_person(session)
    with pytest.raises(NotFound), write_tx(session):
        actions.submit_quiz(session, person_id=other.id, token=token, now=now)


def test_pretest_changes_no_percentage_but_the_next_step(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now)
    begin(session, person, published, now)
    token = start(session, person, published, "pretest", now)
    with write_tx(session):
        actions.submit_quiz(session, person_id=person.id, token=token, now=now)
    status = queries.status_of(session, queries.enrolment(session, person.id, published.course_id))
    assert (status.percent, status.next_key, status.items["pretest"].is_done) == (0, LESSONS[0], True)


def test_a_timed_out_attempt_that_passes_completes_at_its_deadline(session, tmp_path, person, now):
    timed = quiz_rules(*BANK[:4], time_limit_seconds=600)
    course = change_item(sample_course(), "asas/kuis", quiz=timed)
    published = publish_course(session, tmp_path, now, course)
    enrolment_id = begin(session, person, published, now)
    with write_tx(session):
        answer_inline(session, person, published, INLINE[1], now)
        for key in LESSONS:
            actions.mark_done(session, person_id=person.id, published=published, lesson_key=key, now=now)
        close_attempt(session, person, published, "posttest", score=9000, passed=True, at=now)
    token = start(session, person, published, "asas/kuis", now)
    fill_in(session, person.id, token, now)
    night = now + timedelta(hours=9)
    with write_tx(session):
        moved = actions.close_due(session, now=night)
        for each, at in moved:
            assert settle(session, enrolment_id=each, now=night, completed_at=at)
    assert moved == [(enrolment_id, now + timedelta(seconds=600))]
    assert session.scalar(select(Attempt.state).where(Attempt.token == token)) == AttemptState.EXPIRED
    [row] = queries.ledger(session, person.id)
    assert row.completed_at == now + timedelta(seconds=600)
    with write_tx(session):
        assert actions.close_due(session, now=night) == []


def test_voiding_takes_the_pass_back_unless_the_course_is_finished(session, tmp_path, person, now):
    published = publish_sample(session, tmp_path, now)
    enrolment_id = begin(session, person, published, now)
    with write_tx(session):
        attempt = close_attempt(session, person, published, "asas/kuis", score=9000, passed=True, at=now)
        actions.refresh_summary(session, enrolment_id, now)
    with write_tx(session):
        actions.void_attempt(session, token=attempt.token, by=None, reason="Soal bocor", now=now)
    assert queries.status_of(session, queries.enrolment(session, person.id, published.course_id)).percent == 0
    assert version(session, enrolment_id) == 3
