"""Published courses are read back as they were compiled, cheaply, and never mixed up."""

import dataclasses
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lms.content import actions, library
from lms.content.types import MARKED_BY_MACHINE
from lms.errors import NotFound
from lms.store.engine import make_engine, write_tx
from lms.store.migrate import upgrade
from tests.factories.content import (
    BANK,
    COURSE_KEY,
    INLINE,
    LESSONS,
    add_lesson,
    change_item,
    lesson_page,
    publish_course,
    publish_sample,
    sample_course,
    sample_question,
)


@contextmanager
def counted(engine):
    """The SELECTs that run inside, as a list of texts."""
    seen = []

    def note(connection, cursor, statement, *_):
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_published_course_reads_back_as_compiled(session, tmp_path, now):
    course = sample_course()
    published = publish_course(session, tmp_path, now, course)
    assert (published.number, published.revision, published.published_at) == (1, 1, now)
    assert published.outline == course.outline
    assert {key: library.page(session, published.edition_id, key) for key in course.pages} == course.pages
    versions = library.questions(session, published.edition_id, [*BANK, *INLINE])
    assert {key: version.public for key, version in versions.items()} == {key: q.public for key, q in course.questions.items()}
    keys = library.keys(session, [version.version_id for version in versions.values()])
    assert {name: keys[version.version_id] for name, version in versions.items()} == {
        name: q.key for name, q in course.questions.items()
    }
    assert sorted({version.public.kind for version in versions.values()}) == sorted(MARKED_BY_MACHINE)


def test_opening_a_known_lesson_costs_one_select(session, engine, tmp_path, now):
    published = publish_sample(session, tmp_path, now)
    library.page(session, published.edition_id, LESSONS[0])
    library.questions(session, published.edition_id, INLINE)
    with counted(engine) as selects:
        again = library.current(session, COURSE_KEY)
        library.page(session, again.edition_id, LESSONS[0])
        library.questions(session, again.edition_id, INLINE[:1])
    assert len(selects) == 1
    with counted(engine) as selects:
        library.of_number(session, again.course_id, 1)
    assert len(selects) == 1


def test_unknown_things_are_not_found(session, tmp_path, now):
    published = publish_sample(session, tmp_path, now)
    for missing in (
        lambda: library.current(session, "tidak-ada"),
        lambda: library.current(session, ""),
        lambda: library.current(session, "a\x00b"),
        lambda: library.current(session, "\udcff"),
        lambda: library.of_number(session, published.course_id, 2),
        lambda: library.edition(session, 999),
        lambda: library.page(session, published.edition_id, "asas/tidak-ada"),
        lambda: library.page(session, published.edition_id, "asas/\x00"),
        lambda: library.page(session, 999, LESSONS[0]),
        lambda: library.version_ids(session, 999),
    ):
        with pytest.raises(NotFound):
            missing()
    assert library.questions(session, published.edition_id, ["tidak-ada"]) == {}
    assert library.versions(session, [999]) == {}
    assert library.keys(session, []) == {}
    assert library.media(session, "0" * 64) is None
    assert library.media(session, "\x00") is None


def test_media_tells_what_serving_needs(session, tmp_path, now):
    course = sample_course()
    publish_course(session, tmp_path, now, course)
    [file] = course.media
    assert library.media(session, file.sha256) == library.Media(file.sha256, "image/png", len(file.content), 1, 1)


def test_catalogue_is_ordered_by_title_in_one_select(session, engine, tmp_path, now):
    for key, title in (("c", "etika"), ("a", "Zakat"), ("b", "Anggaran")):
        publish_sample(session, tmp_path, now, key=key, title=title)
    with write_tx(session):
        actions.publish(session, sample_course(key="d", title="Bahasa"), data_dir=tmp_path, now=now, published_by=None)
        actions.retire(session, "d", now=now, by=None)
    library.catalogue(session)
    with counted(engine) as selects:
        found = library.catalogue(session)
    assert [published.outline.title for published in found] == ["Anggaran", "etika", "Zakat"]
    assert len(selects) == 1


def test_retired_course_stays_readable_for_those_inside(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    with write_tx(session):
        actions.retire(session, COURSE_KEY, now=now, by=None)
    assert library.current(session, COURSE_KEY).is_retired
    with write_tx(session):
        actions.retire(session, COURSE_KEY, now=now, by=None, retired=False)
    assert not library.current(session, COURSE_KEY).is_retired
    assert [published.course_key for published in library.catalogue(session)] == [COURSE_KEY]


def test_former_key_leads_to_the_renamed_course(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    with write_tx(session):
        actions.rename(session, COURSE_KEY, "layanan-publik", now=now, by=None)
    found = library.current(session, COURSE_KEY)
    assert (found.course_key, found.outline.key) == ("layanan-publik", "layanan-publik")
    assert library.current(session, "layanan-publik") == found
    with write_tx(session):
        actions.rename(session, "layanan-publik", COURSE_KEY, now=now, by=None)
    assert library.current(session, "layanan-publik").course_key == COURSE_KEY


def test_enrolment_in_an_old_number_keeps_its_newest_revision(session, tmp_path, now):
    first = publish_sample(session, tmp_path, now)
    correction = publish_sample(session, tmp_path, now + timedelta(days=1), summary="Ringkasan yang benar.")
    second = publish_sample(session, tmp_path, now + timedelta(days=2), jp=3)
    assert [(p.number, p.revision) for p in (first, correction, second)] == [(1, 1), (1, 2), (2, 1)]
    assert library.of_number(session, first.course_id, 1) == correction
    assert library.edition(session, first.edition_id) == first
    assert library.current(session, COURSE_KEY) == second
    assert library.editions(session, first.course_id) == [second, correction, first]
    assert library.by_ids(session, [first.edition_id, second.edition_id, 999]) == {
        first.edition_id: first,
        second.edition_id: second,
    }


def test_questions_of_old_attempts_are_shown_as_they_were_asked(session, tmp_path, now):
    first = publish_sample(session, tmp_path, now)
    asked = library.questions(session, first.edition_id, ["tunggal"])["tunggal"]
    changed = publish_sample(session, tmp_path, now, questions={"tunggal": sample_question("tunggal", correct=(1,))})
    now_asked = library.questions(session, changed.edition_id, ["tunggal"])["tunggal"]
    assert now_asked.version_id != asked.version_id
    assert library.versions(session, [asked.version_id, now_asked.version_id]) == {
        asked.version_id: asked,
        now_asked.version_id: now_asked,
    }
    keys = library.keys(session, [asked.version_id, now_asked.version_id])
    assert [keys[asked.version_id].correct, keys[now_asked.version_id].correct] == [(0,), (1,)]


def test_nothing_read_in_a_transaction_that_fails_is_remembered(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    with pytest.raises(ZeroDivisionError), write_tx(session):
        lost = actions.publish(session, sample_course(title="Batal"), data_dir=tmp_path, now=now, published_by=None)
        library.page(session, lost.edition_id, LESSONS[0])
        library.version_ids(session, lost.edition_id)
        raise ZeroDivisionError
    assert library.current(session, COURSE_KEY).outline.title == "Pelayanan Publik Dasar"
    course = sample_course(pages={LESSONS[0]: lesson_page("Teks yang benar-benar terbit.")})
    kept = publish_course(session, tmp_path, now, course)
    assert library.page(session, kept.edition_id, LESSONS[0]) == course.pages[LESSONS[0]]


def test_two_databases_in_one_process_are_not_mixed_up(session, tmp_path, now):
    first = publish_sample(session, tmp_path, now)
    library.page(session, first.edition_id, LESSONS[0])
    engine = make_engine(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    upgrade(engine)
    with Session(engine) as other:
        course = sample_course(pages={LESSONS[0]: lesson_page("Basis data lain.")})
        published = publish_course(other, tmp_path, now, course)
        assert library.page(other, published.edition_id, LESSONS[0]) == course.pages[LESSONS[0]]
    engine.dispose()


def test_publication_is_seen_by_other_sessions_at_once(session, new_session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    with new_session() as reader:
        assert library.current(reader, COURSE_KEY).number == 1
        reader.rollback()
        publish_sample(session, tmp_path, now, jp=3)
        assert library.current(reader, COURSE_KEY).number == 2


def test_changes_name_new_changed_and_removed_items(session, tmp_path, now):
    course = sample_course()
    older = publish_course(session, tmp_path, now, course)
    grown = add_lesson(add_lesson(course, "standar/aduan"), "standar/survei")
    items = tuple(item for item in grown.outline.items if item.key != LESSONS[0])
    grown = dataclasses.replace(
        grown,
        outline=dataclasses.replace(grown.outline, items=items),
        pages=grown.pages | {LESSONS[1]: lesson_page("Dua belas asas, diperbarui.", INLINE[1])},
        questions=grown.questions | {"langkah-awal": sample_question("langkah-awal", correct=(2,))},
    )
    newer = publish_course(session, tmp_path, now, grown)
    changes = library.changes_between(session, older, newer)
    assert [item.key for item in changes.new_items] == ["standar/aduan", "standar/survei"]
    assert [item.key for item in changes.changed_items] == [LESSONS[1], LESSONS[2]]
    assert [item.key for item in changes.removed_items] == [LESSONS[0]]
    assert library.changes_between(session, older, older) == library.Changes()
    assert not library.Changes()


def test_markup_made_anew_is_no_change_for_the_reader(session, tmp_path, now):
    course = sample_course()
    older = publish_course(session, tmp_path, now, course)
    page = course.pages[LESSONS[0]]
    dressed = dataclasses.replace(
        page, parts=tuple(dataclasses.replace(part, html=part.html.replace("<p>", '<p class="isi">')) for part in page.parts)
    )
    newer = publish_course(session, tmp_path, now, sample_course(pages={LESSONS[0]: dressed}))
    assert newer.edition_id != older.edition_id
    assert library.changes_between(session, older, newer) == library.Changes()


def test_other_quiz_rules_are_a_change(session, tmp_path, now):
    course = sample_course()
    older = publish_course(session, tmp_path, now, course)
    rules = dataclasses.replace(course.outline.item("asas/kuis").quiz, time_limit_seconds=600)
    newer = publish_course(session, tmp_path, now, change_item(course, "asas/kuis", quiz=rules))
    assert [item.key for item in library.changes_between(session, older, newer).changed_items] == ["asas/kuis"]
