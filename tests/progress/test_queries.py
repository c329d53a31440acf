"""Reads of progress for home and course pages, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from lms.content.types import ItemKind
from lms.progress import actions, queries
from lms.progress.types import State
from lms.recognition.actions import settle
from lms.store.engine import write_tx
from tests.factories.content import LESSONS, add_lesson, change_item, publish_course, publish_sample, sample_course, survey
from tests.factories.people import make_person
from tests.factories.progress import finish_sample, take_pretest


@pytest.fixture
def person(session):
    with write_tx(session):
        return make_person(session)


@pytest.fixture
def published(session, tmp_path, now):
    return publish_sample(session, tmp_path, now)


def enrol(session, person, published, now):
    with write_tx(session):
        return actions.enrol(session, person_id=person.id, published=published, now=now)


def bookmark(session, person, published, key, now, heading="b-isi"):
    with write_tx(session):
        actions.set_bookmark(session, person_id=person.id, course_id=published.course_id, item_key=key, heading=heading, now=now)


def mark(session, person, published, key, now):
    with write_tx(session):
        actions.mark_done(session, person_id=person.id, published=published, lesson_key=key, now=now)


def count_selects(engine, act):
    seen = []

    def listen(connection, cursor, statement, *rest):
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return len(seen)


def test_enrolment_is_none_for_strangers(session, person, published):
    assert queries.enrolment(session, person.id, published.course_id) is None


def test_my_courses_from_summaries_running_ones_first(session, tmp_path, person, published, now):
    other = publish_sample(session, tmp_path, now, key="etika", title="Etika", jp=3)
    with write_tx(session):
        settle(session, enrolment_id=finish_sample(session, person, published, now), now=now)
    enrol(session, person, other, now - timedelta(days=2))
    cards = queries.my_courses(session, person.id)
    assert [(card.course_key, card.state, card.percent, card.jp, card.next_title) for card in cards] == [
        ("etika", State.NOT_STARTED, 0, 3, "Pre-test"),
        (published.course_key, State.DONE, 100, 2, ""),
    ]
    assert [card.completed_at for card in cards] == [None, now]
    assert [card.has_newer_edition for card in cards] == [False, False]


def test_my_courses_tells_of_a_newer_edition(session, tmp_path, person, published, now):
    enrol(session, person, published, now)
    publish_course(session, tmp_path, now, add_lesson(sample_course(), "standar/baru"))
    [card] = queries.my_courses(session, person.id)
    assert (card.edition_number, card.has_newer_edition, card.total_count) == (1, True, 5)


def test_my_courses_shows_a_correction_to_those_inside(session, tmp_path, person, published, now):
    enrol(session, person, published, now)
    correction = publish_course(session, tmp_path, now, change_item(sample_course(), "pretest", title="Tes Awal"))
    assert (correction.number, correction.revision) == (1, 2)
    [card] = queries.my_courses(session, person.id)
    assert (card.edition_id, card.next_title, card.has_newer_edition) == (correction.edition_id, "Tes Awal", False)


def test_my_courses_costs_the_same_however_many(session, tmp_path, engine, person, now):
    courses = [publish_sample(session, tmp_path, now, key=f"k{number}") for number in range(12)]
    enrol(session, person, courses[0], now)
    queries.my_courses(session, person.id)
    one = count_selects(engine, lambda: queries.my_courses(session, person.id))
    for course in courses[1:]:
        enrol(session, person, course, now)
    queries.my_courses(session, person.id)
    assert count_selects(engine, lambda: queries.my_courses(session, person.id)) == one == 2


def test_status_costs_nothing_while_nothing_changed(session, engine, person, published, now):
    enrol(session, person, published, now)
    own = queries.enrolment(session, person.id, published.course_id)
    assert count_selects(engine, lambda: queries.status_of(session, own, published)) == 3
    assert count_selects(engine, lambda: queries.status_of(session, own, published)) == 0


# Resuming


def test_resume_place_without_courses_is_none(session, person):
    assert queries.resume_place(session, person.id) is None


def test_resume_place_without_a_bookmark_is_the_first_unfinished_item(session, person, published, now):
    enrol(session, person, published, now)
    mark(session, person, published, LESSONS[0], now)
    place = queries.resume_place(session, person.id)
    assert (place.item_key, place.item_title, place.heading, place.percent) == (LESSONS[1], "Dua Belas Asas", "", 20)


def test_resume_place_is_the_exact_place_left(session, person, published, now):
    enrol(session, person, published, now)
    bookmark(session, person, published, LESSONS[2], now, "b-langkah")
    place = queries.resume_place(session, person.id)
    assert (place.item_key, place.heading, place.kind, place.minutes) == (LESSONS[2], "b-langkah", ItemKind.LESSON, 25)


@pytest.mark.parametrize("key", [LESSONS[0], "sudah/dihapus"])
def test_resume_place_passes_over_done_and_vanished_items(session, person, published, now, key):
    enrol(session, person, published, now)
    bookmark(session, person, published, key, now)
    mark(session, person, published, LESSONS[0], now)
    assert queries.resume_place(session, person.id).item_key == LESSONS[1]


def test_resume_place_follows_the_latest_course(session, tmp_path, person, published, now):
    other = publish_sample(session, tmp_path, now, key="etika")
    enrol(session, person, published, now)
    enrol(session, person, other, now + timedelta(hours=1))
    assert queries.resume_place(session, person.id).course_key == "etika"
    bookmark(session, person, published, LESSONS[0], now + timedelta(hours=2))
    assert queries.resume_place(session, person.id).course_key == published.course_key


def test_resume_place_leaves_finished_courses(session, person, published, now):
    with write_tx(session):
        settle(session, enrolment_id=finish_sample(session, person, published, now), now=now)
    bookmark(session, person, published, LESSONS[0], now)
    assert queries.resume_place(session, person.id) is None


# Short pieces and courses


def test_short_pieces_fit_into_the_time(session, person, published, now):
    enrol(session, person, published, now)
    assert [(piece.item_key, piece.minutes) for piece in queries.short_pieces(session, person.id)] == [("pretest", 10)]
    with write_tx(session):
        take_pretest(session, person, published, now)
        actions.refresh_summary(session, queries.enrolment(session, person.id, published.course_id).id, now)
    assert [piece.item_key for piece in queries.short_pieces(session, person.id)] == ["asas/kuis"]
    assert [piece.item_key for piece in queries.short_pieces(session, person.id, 30)] == [LESSONS[0]]


def test_short_pieces_fall_back_to_the_shortest(session, tmp_path, person, now):
    long = publish_course(
        session, tmp_path, now, change_item(change_item(sample_course(), "pretest", minutes=40), "asas/kuis", minutes=30)
    )
    enrol(session, person, long, now)
    assert [(piece.item_key, piece.minutes) for piece in queries.short_pieces(session, person.id)] == [("posttest", 15)]
    assert queries.short_pieces(session, person.id, 1)[0].minutes == 15


def test_short_pieces_are_an_opinion_only_when_nothing_is_left_to_learn(session, tmp_path, person, now):
    long = sample_course(items=tuple(replace(item, minutes=12) for item in (*sample_course().outline.items, survey())))
    published = publish_course(session, tmp_path, now, long)
    enrol(session, person, published, now)
    assert [piece.kind for piece in queries.short_pieces(session, person.id)] == [ItemKind.PRETEST]


def test_short_pieces_leave_locked_items_out(session, tmp_path, person, now):
    ordered = publish_sample(session, tmp_path, now, key="urut", in_order=True)
    enrol(session, person, ordered, now)
    with write_tx(session):
        take_pretest(session, person, ordered, now)
        actions.refresh_summary(session, queries.enrolment(session, person.id, ordered.course_id).id, now)
    assert [piece.item_key for piece in queries.short_pieces(session, person.id)] == [LESSONS[0]]


def test_suggestions_leave_out_what_was_begun_gives_no_jp_or_waits_for_another(session, tmp_path, person, published, now):
    for key, over in {
        "panjang": {"minutes": 900, "jp": 20},
        "pendek": {"minutes": 45, "jp": 1},
        "tanpa-jp": {"minutes": 5, "jp": 0},
        "lanjutan": {"minutes": 10, "jp": 1, "prerequisites": ("panjang",)},
        "bebas": {"minutes": 60, "jp": 1, "prerequisites": ("tidak-ada",)},
    }.items():
        publish_sample(session, tmp_path, now, key=key, **over)
    enrol(session, person, published, now)
    found = queries.suggestions(session, queries.my_courses(session, person.id), [])
    assert [one.published.course_key for one in found] == ["pendek", "bebas", "panjang"]
