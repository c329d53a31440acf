"""What a publication leaves to do: in pieces, by anyone, stopped anywhere, with the choice made at publication."""

import dataclasses

import pytest
from sqlalchemy import func, select, update

from lms.authoring import follow_up, publishing
from lms.authoring.publishing import Order
from lms.content import library
from lms.progress import actions as progress
from lms.progress import projection
from lms.progress.models import Completion, EnrolmentSummary
from lms.progress.types import State
from lms.quizzes.models import Regrade
from lms.quizzes.types import FollowUpStep, RegradeMode
from lms.store.engine import write_tx
from tests.factories.content import COURSE_KEY, LESSONS, change_item, publish_course, sample_course, sample_question
from tests.factories.people import make_person, make_unit
from tests.factories.quizzes import QUIZ, count, fill_in

WRONG_KEY = {"tunggal": sample_question("tunggal", correct=(1,))}


def easy_course(**over):
    return change_item(sample_course(**over), LESSONS[1], done_when="marked")


def publish(session, tmp_path, now, course, **over):
    order = Order(course, tmp_path, **over)
    made = publishing.ready(order)
    with write_tx(session):
        return publishing.publish(session, order, made, now=now)


@pytest.fixture
def takers(session, tmp_path, now):
    """Five learners who need only the quiz to finish; by the wrong key they failed it by one question."""
    course = easy_course(questions=WRONG_KEY, completion=("semua-kuis",))
    published = publish_course(session, tmp_path, now, change_item(course, QUIZ, quiz=easy_rules(course)))
    people = []
    for _ in range(5):
        with write_tx(session):
            person = make_person(session, unit=make_unit(session))
            progress.enrol(session, person_id=person.id, published=published, now=now)
            token = progress.start_quiz(session, person_id=person.id, published=published, quiz_key=QUIZ, now=now)
        fill_in(session, person.id, token, now, right=2)
        with write_tx(session):
            progress.submit_quiz(session, person_id=person.id, token=token, now=now)
        people.append(person.id)
    return people


def easy_rules(course):
    return dataclasses.replace(course.outline.item(QUIZ).quiz, pass_mark=5000)


def corrected():
    course = easy_course(completion=("semua-kuis",))
    return change_item(course, QUIZ, quiz=easy_rules(course))


def steps(session, edition_id, now):
    """Advance to the end; (step, left) before each piece."""
    seen, more = [], True
    while more:
        session.rollback()
        found = follow_up.standing(session, edition_id)
        seen.append((found.step, found.left))
        with write_tx(session):
            more = follow_up.advance(session, edition_id, now=now)
    return seen


def test_work_goes_on_in_pieces_and_ends(session, tmp_path, now, takers, monkeypatch):
    monkeypatch.setattr(follow_up, "BATCH", 2)
    made = publish(session, tmp_path, now, corrected())
    assert (follow_up.waiting(session), count(session, Regrade), count(session, Completion)) == ([made.edition_id], 0, 0)
    assert steps(session, made.edition_id, now) == [
        (FollowUpStep.JUDGE, 5), (FollowUpStep.JUDGE, 3), (FollowUpStep.JUDGE, 1),
        (FollowUpStep.SUMMARIES, 5), (FollowUpStep.SUMMARIES, 3), (FollowUpStep.SUMMARIES, 1),
        (FollowUpStep.SETTLE, 0), (FollowUpStep.SETTLE, 0), (FollowUpStep.SETTLE, 0),
    ]  # fmt: skip
    session.rollback()
    done = follow_up.standing(session, made.edition_id)
    assert (done.is_done, done.raised, done.lowered, done.newly_passed) == (True, 5, 0, 5)
    assert (follow_up.waiting(session), count(session, Regrade), count(session, Completion)) == ([], 5, 5)
    assert projection.verify(session) == []
    with write_tx(session):
        assert follow_up.advance(session, made.edition_id, now=now) is False
    assert count(session, Regrade) == 5


def test_work_ends_though_some_cannot_be_settled(session, tmp_path, now, takers, monkeypatch):
    monkeypatch.setattr(follow_up, "BATCH", 1)
    monkeypatch.setattr(follow_up, "rebuild_summaries", lambda *_, **__: 0)
    made = publish(session, tmp_path, now, easy_course(questions=WRONG_KEY, completion=("semua-kuis",), summary="Lain."))
    with write_tx(session):
        session.execute(update(EnrolmentSummary).values(state=State.DONE))
    assert [step for step, _ in steps(session, made.edition_id, now)].count(FollowUpStep.SETTLE) == 6
    assert (follow_up.waiting(session), count(session, Completion)) == ([], 0)


def test_choice_of_the_publication_stands_whoever_goes_on(session, new_session, tmp_path, now, takers, monkeypatch):
    monkeypatch.setattr(follow_up, "BATCH", 2)
    made = publish(session, tmp_path, now, corrected(), mode=RegradeMode.KEEP)
    later = publish(session, tmp_path, now, easy_course(summary="Lain.", completion=("semua-kuis",)))
    assert follow_up.waiting(session) == follow_up.waiting_for(session, later.edition_id) == [made.edition_id, later.edition_id]
    assert follow_up.waiting_for(session, made.edition_id) == [made.edition_id]
    for edition_id in follow_up.waiting(session):
        with new_session() as other:
            steps(other, edition_id, now)
    assert (count(session, Regrade), follow_up.waiting(session)) == (0, [])
    assert follow_up.standing(session, made.edition_id).mode is RegradeMode.KEEP


def test_first_publication_leaves_nothing_to_do(session, tmp_path, now):
    made = publish(session, tmp_path, now, sample_course())
    assert (follow_up.waiting(session), follow_up.standing(session, made.edition_id)) == ([], None)
    with write_tx(session):
        assert follow_up.advance(session, made.edition_id, now=now) is False


def test_roll_back_carries_its_choice_and_its_source(session, tmp_path, now, takers):
    first = library.current(session, COURSE_KEY)
    made = publish(session, tmp_path, now, corrected(), source=b"zip of the corrected folder")
    steps(session, made.edition_id, now)
    with write_tx(session):
        back = publishing.roll_back(session, COURSE_KEY, first.edition_id, mode=RegradeMode.FULL, note="", now=now, by=takers[0])
    steps(session, back.edition_id, now)
    done = follow_up.standing(session, back.edition_id)
    assert (done.mode, done.lowered) == (RegradeMode.FULL, 5)
    assert count(session, Completion) == 5, "finished stays finished"
    with write_tx(session):
        again = publishing.roll_back(session, COURSE_KEY, made.edition_id, mode=None, note="Kembali lagi", now=now, by=takers[0])
    kept = publishing.sources.of_edition(session, again.edition_id)
    assert publishing.sources.read(tmp_path, kept) == b"zip of the corrected folder"
    assert publishing.sources.of_edition(session, back.edition_id) is None


def test_regraded_learners_finish_on_the_day_they_learned(session, tmp_path, now, takers):
    made = publish(session, tmp_path, now, corrected())
    steps(session, made.edition_id, now.replace(year=now.year + 1))
    assert session.scalar(select(func.max(Completion.completed_at))) == now
