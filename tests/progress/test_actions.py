"""Writes of progress, on both databases."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from lms.content import library
from lms.content.models import CourseRow
from lms.errors import Conflict, Invalid, NotFound
from lms.progress import actions, queries
from lms.progress.models import Bookmark, Enrolment, EnrolmentSummary, LessonDone, TestedOut
from lms.progress.projection import rebuild_summaries, verify
from lms.progress.types import State
from lms.recognition.actions import settle
from lms.store.engine import write_tx
from tests.factories.content import INLINE, LESSONS, add_lesson, publish_course, publish_sample, sample_course
from tests.factories.people import make_person
from tests.factories.progress import answer_inline, close_attempt, finish_sample, take_pretest


@pytest.fixture
def person(session):
    with write_tx(session):
        return make_person(session)


@pytest.fixture
def published(session, tmp_path, now):
    return publish_sample(session, tmp_path, now, test_out_mark=8000)


@pytest.fixture
def enrolment_id(session, person, published, now):
    with write_tx(session):
        return actions.enrol(session, person_id=person.id, published=published, now=now)


def summary_of(session, enrolment_id):
    session.rollback()
    columns = (EnrolmentSummary.state, EnrolmentSummary.percent, EnrolmentSummary.next_key, EnrolmentSummary.version)
    return tuple(session.execute(select(*columns).where(EnrolmentSummary.enrolment_id == enrolment_id)).one())


def mark(session, person, published, key, now):
    with write_tx(session):
        return actions.mark_done(session, person_id=person.id, published=published, lesson_key=key, now=now)


# Entering


def test_enrol_starts_with_a_summary_and_is_idempotent(session, person, published, enrolment_id, now):
    with write_tx(session):
        again = actions.enrol(session, person_id=person.id, published=published, now=now + timedelta(days=1))
    assert again == enrolment_id
    assert summary_of(session, enrolment_id) == (State.NOT_STARTED, 0, "pretest", 1)
    assert session.scalar(select(Enrolment.enrolled_at)) == now


def test_enrol_by_16_devices_makes_one_enrolment(session, new_session, person, published, now):
    found = []

    def enrol():
        with new_session() as mine, write_tx(mine):
            found.append(actions.enrol(mine, person_id=person.id, published=published, now=now))

    threads = [threading.Thread(target=enrol) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 16
    assert len(set(found)) == 1
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1


def test_enrol_names_the_course_that_comes_first(session, tmp_path, person, published, now):
    second = publish_sample(
        session, tmp_path, now, key="lanjutan", title="Lanjutan", prerequisites=(published.course_key, "tidak-ada")
    )
    with pytest.raises(Conflict, match="“Pelayanan Publik Dasar”"), write_tx(session):
        actions.enrol(session, person_id=person.id, published=second, now=now)
    with write_tx(session):
        settle(session, enrolment_id=finish_sample(session, person, published, now), now=now)
        assert actions.enrol(session, person_id=person.id, published=second, now=now)


def test_enrol_in_a_retired_course_is_refused_but_those_inside_stay(session, person, published, enrolment_id, now):
    with write_tx(session):
        session.execute(update(CourseRow).values(retired_at=now))
        other = make_person(session)
    retired = library.current(session, published.course_key)
    with pytest.raises(Conflict, match="tidak menerima peserta baru"), write_tx(session):
        actions.enrol(session, person_id=other.id, published=retired, now=now)
    with write_tx(session):
        assert actions.enrol(session, person_id=person.id, published=retired, now=now) == enrolment_id


# Lessons


def test_mark_done_writes_one_fact_and_the_summary(session, person, published, enrolment_id, now):
    status = mark(session, person, published, LESSONS[0], now)
    assert (status.percent, status.items[LESSONS[0]].is_done) == (20, True)
    assert summary_of(session, enrolment_id) == (State.IN_PROGRESS, 20, LESSONS[1], 2)
    row = session.execute(select(LessonDone.lesson_key, LessonDone.edition_id, LessonDone.done_at)).one()
    assert tuple(row) == (LESSONS[0], published.edition_id, now)


def test_mark_done_twice_changes_nothing(session, person, published, enrolment_id, now):
    mark(session, person, published, LESSONS[0], now)
    status = mark(session, person, published, LESSONS[0], now + timedelta(days=9))
    assert status.percent == 20
    assert summary_of(session, enrolment_id)[3] == 2
    assert session.scalars(select(LessonDone.done_at)).all() == [now]


def test_mark_done_asks_for_right_answers_and_says_which_are_missing(session, person, published, enrolment_id, now):
    with write_tx(session):
        answer_inline(session, person, published, INLINE[1], now, right=False)
    with pytest.raises(Invalid, match="1 dari 1 soal yang belum terjawab benar: soal ke-1"):
        mark(session, person, published, LESSONS[1], now)
    assert summary_of(session, enrolment_id)[1] == 0
    with write_tx(session):
        answer_inline(session, person, published, INLINE[1], now)
    assert mark(session, person, published, LESSONS[1], now).percent == 20


def test_mark_done_of_a_locked_lesson_names_what_comes_first(session, tmp_path, person, now):
    ordered = publish_sample(session, tmp_path, now, key="urut", in_order=True)
    with write_tx(session):
        actions.enrol(session, person_id=person.id, published=ordered, now=now)
    with pytest.raises(Conflict, match="“Menyusun Standar” terbuka setelah “Mengapa pelayanan publik” selesai"):
        mark(session, person, ordered, LESSONS[2], now)


@pytest.mark.parametrize("key", ["tidak/ada", "asas/kuis", "pretest", ""])
def test_mark_done_of_anything_but_a_lesson_is_not_found(session, person, published, enrolment_id, now, key):
    with pytest.raises(NotFound):
        mark(session, person, published, key, now)


def test_mark_done_without_enrolment_is_explained(session, person, published, now):
    with pytest.raises(Conflict, match="belum terdaftar"):
        mark(session, person, published, LESSONS[0], now)


def test_lesson_fact_cannot_change(session, person, published, enrolment_id, now):
    mark(session, person, published, LESSONS[0], now)
    for statement in ("UPDATE lesson_done SET lesson_key = 'x'", "DELETE FROM lesson_done"):
        with pytest.raises(Exception, match="is a fact"), write_tx(session):
            session.execute(text(statement))


# Testing out


def test_accept_test_out_skips_the_mastered_module(session, person, published, enrolment_id, now):
    with write_tx(session):
        take_pretest(session, person, published, now, asas=100, standar=50)
        status = actions.accept_test_out(session, person_id=person.id, course=published, module_keys=["asas"], now=now)
    assert (status.percent, status.next_key) == (60, LESSONS[2])
    assert tuple(session.execute(select(TestedOut.module_key, TestedOut.score)).one()) == ("asas", 10000)
    with write_tx(session):
        again = actions.accept_test_out(session, person_id=person.id, course=published, module_keys=["asas", "asas"], now=now)
    assert again.percent == 60


@pytest.mark.parametrize("modules", [["standar"], ["asas", "standar"], ["tidak-ada"], [""]])
def test_accept_test_out_of_an_unmastered_module_skips_none(session, person, published, enrolment_id, now, modules):
    with write_tx(session):
        take_pretest(session, person, published, now, asas=100, standar=75)
    with pytest.raises(Conflict, match="Belum ada yang berubah"), write_tx(session):
        actions.accept_test_out(session, person_id=person.id, course=published, module_keys=modules, now=now)
    assert session.scalars(select(TestedOut.module_key)).all() == []


def test_accept_test_out_believes_only_the_first_pretest(session, person, published, enrolment_id, now):
    with write_tx(session):
        take_pretest(session, person, published, now, asas=50)
        take_pretest(session, person, published, now, asas=100)
    with pytest.raises(Conflict), write_tx(session):
        actions.accept_test_out(session, person_id=person.id, course=published, module_keys=["asas"], now=now)


def test_accept_test_out_without_a_pretest_is_refused(session, person, published, enrolment_id, now):
    with pytest.raises(Conflict), write_tx(session):
        actions.accept_test_out(session, person_id=person.id, course=published, module_keys=["asas"], now=now)


def test_accept_test_out_where_the_course_allows_none(session, tmp_path, person, now):
    strict = publish_sample(session, tmp_path, now, key="ketat")
    with write_tx(session):
        actions.enrol(session, person_id=person.id, published=strict, now=now)
        take_pretest(session, person, strict, now)
    with pytest.raises(Conflict), write_tx(session):
        actions.accept_test_out(session, person_id=person.id, course=strict, module_keys=["asas"], now=now)


# Places


def test_set_bookmark_keeps_the_last_place_and_no_junk(session, person, published, enrolment_id, now):
    for key, heading in ((LESSONS[0], "b-isi"), (LESSONS[1], " \x00b\n-\u202eisi " + "x" * 500)):
        with write_tx(session):
            actions.set_bookmark(
                session, person_id=person.id, course_id=published.course_id, item_key=key, heading=heading, now=now
            )
    assert tuple(session.execute(select(Bookmark.item_key, Bookmark.heading)).one()) == (LESSONS[1], "b - isi " + "x" * 112)
    assert summary_of(session, enrolment_id)[3] == 1


# Editions


def test_move_to_edition_keeps_facts_by_key_and_says_what_changes(session, tmp_path, person, published, enrolment_id, now):
    mark(session, person, published, LESSONS[0], now)
    newer = publish_course(session, tmp_path, now, add_lesson(sample_course(test_out_mark=8000), "standar/baru"))
    assert newer.number == published.number + 1
    own = queries.enrolment(session, person.id, published.course_id)
    offer = queries.edition_offer(session, own)
    assert (offer.from_number, offer.to_number, offer.new_since_completion) == (1, 2, ())
    assert offer.change.added == (("standar/baru", "Materi Tambahan"),)
    assert (offer.change.percent_now, offer.change.percent_then) == (20, 16)
    with write_tx(session):
        change = actions.move_to_edition(session, person_id=person.id, course_id=published.course_id, to_number=2, now=now)
    assert change == offer.change
    assert summary_of(session, enrolment_id) == (State.IN_PROGRESS, 16, LESSONS[1], 3)
    assert queries.edition_offer(session, queries.enrolment(session, person.id, published.course_id)) is None


@pytest.mark.parametrize("number", [0, -1, 3, 10**6])
def test_move_to_any_other_edition_is_refused(session, tmp_path, person, published, enrolment_id, now, number):
    publish_course(session, tmp_path, now, add_lesson(sample_course(), "standar/baru"))
    with pytest.raises(Conflict), write_tx(session):
        actions.move_to_edition(session, person_id=person.id, course_id=published.course_id, to_number=number, now=now)


def test_move_after_finishing_keeps_100_and_offers_what_is_new(session, tmp_path, person, published, now):
    with write_tx(session):
        enrolment_id = finish_sample(session, person, published, now)
        settle(session, enrolment_id=enrolment_id, now=now)
    publish_course(session, tmp_path, now, add_lesson(sample_course(), "standar/baru"))
    offer = queries.edition_offer(session, queries.enrolment(session, person.id, published.course_id))
    assert offer.new_since_completion == (("standar/baru", "Materi Tambahan"),)
    with write_tx(session):
        actions.move_to_edition(session, person_id=person.id, course_id=published.course_id, to_number=2, now=now)
    assert summary_of(session, enrolment_id)[:3] == (State.DONE, 100, "")
    assert mark(session, person, published, "standar/baru", now).percent == 100


# The projection


def test_verify_finds_a_wrong_summary_and_rebuild_repairs_it(session, person, published, enrolment_id, now):
    mark(session, person, published, LESSONS[0], now)
    with write_tx(session):
        session.execute(update(EnrolmentSummary).values(percent=99, next_key="x"))
    found = [(difference.name, difference.stored, difference.derived) for difference in verify(session)]
    assert found == [("percent", "99", "20"), ("next_key", "x", LESSONS[1])]
    with write_tx(session):
        assert rebuild_summaries(session) == 0
    assert verify(session) == []
    assert summary_of(session, enrolment_id) == (State.IN_PROGRESS, 20, LESSONS[1], 3)


def test_rebuild_goes_in_steps_and_leaves_right_summaries_alone(session, person, published, enrolment_id, now):
    with write_tx(session):
        others = [actions.enrol(session, person_id=make_person(session).id, published=published, now=now) for _ in range(2)]
        session.execute(update(EnrolmentSummary).where(EnrolmentSummary.enrolment_id == others[1]).values(minutes_left=1))
    with write_tx(session):
        last = rebuild_summaries(session, course_id=published.course_id, limit=2)
        assert last == others[0]
        assert rebuild_summaries(session, course_id=published.course_id, after_id=last, limit=2) == 0
    assert [summary_of(session, each)[3] for each in (enrolment_id, *others)] == [1, 1, 2]


def test_status_is_read_again_after_every_progress_write(session, person, published, enrolment_id, now):
    def percent():
        session.rollback()
        return queries.status_of(session, queries.enrolment(session, person.id, published.course_id)).percent

    assert percent() == 0
    with pytest.raises(ZeroDivisionError), write_tx(session):
        actions.mark_done(session, person_id=person.id, published=published, lesson_key=LESSONS[0], now=now)
        queries.status_of(session, queries.enrolment(session, person.id, published.course_id))
        raise ZeroDivisionError
    assert percent() == 0
    with write_tx(session):
        close_attempt(session, person, published, "asas/kuis", score=9000, passed=True, at=now)
        actions.refresh_summary(session, enrolment_id, now)
    assert percent() == 20
