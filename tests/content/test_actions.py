"""Publishing is one act: a correction or a new edition by one rule, whole or not at all, whoever races."""

import dataclasses
import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from lms.content import actions, library, mediastore
from lms.content.models import CourseRow, EditionMedia, EditionRow, MediaRow, QuestionVersion
from lms.content.types import CompletionPart, DoneWhen, ScoreTaken
from lms.errors import Conflict, Invalid, NotFound, Refused
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.content import (
    COURSE_KEY,
    LESSONS,
    add_lesson,
    change_item,
    lesson_page,
    publish_course,
    publish_sample,
    quiz_rules,
    sample_course,
    sample_items,
    sample_media,
    sample_question,
)


def publish(session, tmp_path, now, course, **over):
    with write_tx(session):
        return actions.publish(session, course, data_dir=tmp_path, now=now, published_by=None, **over)


def change_quiz(course, key, **over):
    return change_item(course, key, quiz=dataclasses.replace(course.outline.item(key).quiz, **over))


CORRECTIONS = {
    "lesson text": lambda course: dataclasses.replace(course, pages=course.pages | {LESSONS[0]: lesson_page("Teks lain.")}),
    "wording": lambda course: dataclasses.replace(
        course,
        questions=course.questions
        | {"tunggal": sample_question("tunggal", text="Pertanyaan tunggal tentang asas pelayanan umum")},
    ),
    "key": lambda course: dataclasses.replace(
        course, questions=course.questions | {"tunggal": sample_question("tunggal", correct=(1,))}
    ),
    "title": lambda course: change_item(course, LESSONS[0], title="Judul lain"),
    "minutes": lambda course: change_item(course, LESSONS[0], minutes=21),
    "module": lambda course: change_item(course, LESSONS[0], module_key="standar"),
    "time limit": lambda course: change_quiz(course, "asas/kuis", time_limit_seconds=600),
    "optional lesson": lambda course: add_lesson(course, "standar/bacaan", required=False),
    "summary": lambda course: sample_course(summary="Ringkasan lain."),
    "order": lambda course: sample_course(items=(sample_items()[0], sample_items()[2], sample_items()[1], *sample_items()[3:])),
    "picture": lambda course: dataclasses.replace(course, media=(sample_media(b"lain"),)),
    "order of weights and parts": lambda course: sample_course(
        weights={"posttest": 60, "kuis": 40},
        completion=(CompletionPart.POSTTEST, CompletionPart.ALL_QUIZZES, CompletionPart.ALL_LESSONS),
        summary="Ringkasan lain.",
    ),
}
NEW_EDITIONS = {
    "jp": lambda course: sample_course(jp=3),
    "pass mark": lambda course: sample_course(pass_mark=7500),
    "completion": lambda course: sample_course(completion=(CompletionPart.ALL_LESSONS,)),
    "weights": lambda course: sample_course(weights={"kuis": 50, "posttest": 50}),
    "certificate": lambda course: sample_course(certificate=False),
    "test-out": lambda course: sample_course(test_out_mark=8000),
    "required lesson added": lambda course: add_lesson(course, "standar/aduan"),
    "required lesson removed": lambda course: sample_course(items=(*sample_items()[:2], *sample_items()[3:])),
    "no longer required": lambda course: change_item(course, LESSONS[0], required=False),
    "done when": lambda course: change_item(course, LESSONS[0], done_when=DoneWhen.CORRECT),
    "quiz pass mark": lambda course: change_quiz(course, "asas/kuis", pass_mark=8000),
    "quiz tries": lambda course: change_quiz(course, "posttest", tries=0),
    "score taken": lambda course: change_quiz(course, "posttest", taken=ScoreTaken.LAST),
    "kind": lambda course: change_item(course, LESSONS[0], quiz=quiz_rules("tunggal"), kind="quiz"),
}


@pytest.mark.parametrize("change", CORRECTIONS.values(), ids=CORRECTIONS.keys())
def test_publication_is_a_correction_while_rules_stand(session, tmp_path, now, change):
    publish(session, tmp_path, now, sample_course())
    made = publish(session, tmp_path, now, change(sample_course()))
    assert (made.number, made.revision, made.is_correction, made.changed) == (1, 2, True, True)


@pytest.mark.parametrize("change", NEW_EDITIONS.values(), ids=NEW_EDITIONS.keys())
def test_publication_is_a_new_edition_when_a_rule_changes(session, tmp_path, now, change):
    publish(session, tmp_path, now, sample_course())
    made = publish(session, tmp_path, now, change(sample_course()))
    assert (made.number, made.revision, made.is_correction, made.changed) == (2, 1, False, True)


def test_unchanged_content_writes_nothing(session, tmp_path, now):
    first = publish(session, tmp_path, now, sample_course())
    moved = {key: dataclasses.replace(question, line=99) for key, question in sample_course().questions.items()}
    again = publish(session, tmp_path, now + timedelta(days=1), sample_course(questions=moved))
    assert again == dataclasses.replace(first, changed=False, is_correction=True)
    assert session.scalar(select(func.count()).select_from(EditionRow)) == 1
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_every_publication_is_audited(session, tmp_path, now):
    publish(session, tmp_path, now, sample_course(), note="Terbitan pertama")
    entry = session.execute(select(AuditEntry)).scalar_one()
    assert (entry.at, entry.actor_id, entry.action, entry.subject) == (now, None, "course.publish", COURSE_KEY)
    sha256 = library.current(session, COURSE_KEY).sha256
    assert entry.detail == {"number": 1, "revision": 1, "sha256": sha256, "note": "Terbitan pertama"}


def test_publishing_an_old_course_again_follows_the_same_rule(session, tmp_path, now):
    old, new = sample_course(), sample_course(jp=3)
    first = publish_course(session, tmp_path, now, old)
    publish(session, tmp_path, now, new)
    back = publish_course(session, tmp_path, now, old)
    assert (back.number, back.revision, back.sha256) == (3, 1, first.sha256)
    publish(session, tmp_path, now, sample_course(summary="Salah ketik."))
    assert publish(session, tmp_path, now, old).revision == 3


def test_roll_back_brings_back_pages_questions_media_and_search(session, tmp_path, now):
    old = sample_course()
    first = publish_course(session, tmp_path, now, old)
    broken = sample_course(
        pages={LESSONS[0]: lesson_page("Salah.")}, questions={"tunggal": sample_question("tunggal", correct=(2,))}, media=()
    )
    publish(session, tmp_path, now, broken)
    with write_tx(session):
        made = actions.roll_back(session, COURSE_KEY, first.edition_id, now=now, by=None)
    assert (made.number, made.revision, made.is_correction, made.changed) == (1, 3, True, True)
    back = library.current(session, COURSE_KEY)
    assert (back.edition_id, back.sha256) == (made.edition_id, first.sha256)
    assert library.page(session, back.edition_id, LESSONS[0]) == old.pages[LESSONS[0]]
    assert library.version_ids(session, back.edition_id) == library.version_ids(session, first.edition_id)
    assert session.scalar(select(func.count()).select_from(EditionMedia).where(EditionMedia.edition_id == back.edition_id)) == 1
    with write_tx(session):
        assert not actions.roll_back(session, COURSE_KEY, first.edition_id, now=now, by=None).changed
    actions_done = session.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars().all()
    assert actions_done == ["course.publish", "course.publish", "course.roll_back"]


def test_roll_back_to_a_foreign_edition_is_not_found(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    foreign = publish_sample(session, tmp_path, now, key="etika")
    for edition_id in (foreign.edition_id, 999):
        with pytest.raises(NotFound), write_tx(session):
            actions.roll_back(session, COURSE_KEY, edition_id, now=now, by=None)


def test_question_wordings_are_kept_once(session, tmp_path, now):
    publish(session, tmp_path, now, sample_course())
    publish(session, tmp_path, now, sample_course(questions={"tunggal": sample_question("tunggal", correct=(1,))}))
    publish(session, tmp_path, now, sample_course())
    wanted = select(QuestionVersion.full_hash).where(QuestionVersion.question_id == "tunggal").order_by(QuestionVersion.id)
    assert session.execute(wanted).scalars().all() == [
        sample_question("tunggal").full_hash,
        sample_question("tunggal", correct=(1,)).full_hash,
    ]


def test_retired_question_id_may_not_name_another_question(session, tmp_path, now):
    before = publish_sample(session, tmp_path, now, questions={"lama": sample_question("lama")})
    publish_sample(session, tmp_path, now)
    other = sample_question("lama", text="Berapa lama masa berlaku paspor biasa bagi orang dewasa?")
    with pytest.raises(Invalid, match="lama.*pernah dipakai soal lain"):
        publish(session, tmp_path, now, sample_course(questions={"lama": other}))
    assert library.current(session, COURSE_KEY).revision == 2
    back = publish_sample(session, tmp_path, now, questions={"lama": sample_question("lama")})
    assert library.version_ids(session, back.edition_id)["lama"] == library.version_ids(session, before.edition_id)["lama"]


def test_former_key_of_a_renamed_course_cannot_be_published(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    with write_tx(session):
        actions.rename(session, COURSE_KEY, "layanan", now=now, by=None)
    with pytest.raises(Invalid, match="nama lama"):
        publish(session, tmp_path, now, sample_course())
    assert session.execute(select(CourseRow.key)).scalars().all() == ["layanan"]
    assert publish(session, tmp_path, now, sample_course(key="layanan")).revision == 2


def test_rename_to_a_taken_key_is_refused(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    publish_sample(session, tmp_path, now, key="etika")
    publish_sample(session, tmp_path, now, key="anggaran")
    with write_tx(session):
        actions.rename(session, "anggaran", "keuangan", now=now, by=None)
    for taken in ("etika", "anggaran"):
        with pytest.raises(Conflict), write_tx(session):
            actions.rename(session, COURSE_KEY, taken, now=now, by=None)


def test_media_are_on_disk_before_the_edition_is(session, tmp_path, now):
    file = sample_media()
    publish(session, tmp_path, now, sample_course(media=(file, dataclasses.replace(file, name="salinan.png"))))
    assert [path.name for path in (tmp_path / "media").iterdir()] == [file.sha256]
    assert mediastore.path_of(tmp_path, file.sha256).read_bytes() == file.content
    assert session.execute(select(MediaRow.sha256)).scalars().all() == [file.sha256]
    names = session.execute(select(EditionMedia.name).order_by(EditionMedia.name)).scalars().all()
    assert names == ["loket.png", "salinan.png"]


def test_media_that_cannot_be_written_leave_the_old_edition_serving(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(Refused, match="edisi lama tetap berlaku"):
        publish(session, blocked, now, sample_course(media=(sample_media(b"baru"),)))
    assert library.current(session, COURSE_KEY).revision == 1


def test_media_with_a_wrong_hash_are_refused(session, tmp_path, now):
    with pytest.raises(Refused, match="sidik jari"):
        publish(session, tmp_path, now, sample_course(media=(dataclasses.replace(sample_media(), content=b"lain"),)))
    with pytest.raises(NotFound):
        library.current(session, COURSE_KEY)


def test_torn_media_file_is_written_again(session, tmp_path, now):
    file = sample_media()
    target = mediastore.path_of(tmp_path, file.sha256)
    target.parent.mkdir()
    target.write_bytes(file.content[:5])
    publish(session, tmp_path, now, sample_course(media=(file,)))
    assert target.read_bytes() == file.content


def test_clearing_removes_only_old_files_that_no_edition_names(session, tmp_path, now):
    kept = sample_media()
    publish(session, tmp_path, now, sample_course(media=(kept,)))
    old, fresh = sample_media(b"lama"), sample_media(b"baru")
    mediastore.store((old, fresh), tmp_path)
    for file in (kept, old):
        os.utime(mediastore.path_of(tmp_path, file.sha256), (1000, 1000))
    before = datetime.fromtimestamp(2000, UTC)
    assert mediastore.clear(tmp_path, keep=library.media_hashes(session), before=before) == 1
    assert {path.name for path in (tmp_path / "media").iterdir()} == {kept.sha256, fresh.sha256}
    assert mediastore.clear(tmp_path / "kosong", keep=set(), before=before) == 0


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 63 + "/"])
def test_media_path_is_only_for_hashes(tmp_path, name):
    with pytest.raises(Refused):
        mediastore.path_of(tmp_path, name)


def test_failure_inside_leaves_the_old_edition_whole(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    with pytest.raises(ZeroDivisionError), write_tx(session):
        actions.publish(session, sample_course(jp=9), data_dir=tmp_path, now=now, published_by=None)
        raise ZeroDivisionError
    assert library.current(session, COURSE_KEY).outline.jp == 2
    assert session.scalar(select(func.count()).select_from(EditionRow)) == 1


def race(new_session, tmp_path, now, courses):
    """Publish all courses at once, each in its own thread and session; what came of each, in order."""
    results = [None] * len(courses)
    barrier = threading.Barrier(len(courses))

    def act(index):
        with new_session() as session:
            prepared = actions.prepare(courses[index], tmp_path)
            barrier.wait()
            with write_tx(session):
                results[index] = actions.publish(
                    session, courses[index], data_dir=tmp_path, now=now, published_by=None, prepared=prepared
                )

    threads = [threading.Thread(target=act, args=(index,)) for index in range(len(courses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_sixteen_publishers_of_one_content_make_one_edition(session, new_session, tmp_path, now):
    results = race(new_session, tmp_path, now, [sample_course()] * 16)
    assert sorted(result.changed for result in results) == [False] * 15 + [True]
    assert {result.edition_id for result in results} == {library.current(session, COURSE_KEY).edition_id}
    assert session.scalar(select(func.count()).select_from(EditionRow)) == 1


def test_sixteen_publishers_of_different_contents_take_turns(session, new_session, tmp_path, now):
    results = race(new_session, tmp_path, now, [sample_course(jp=3 + index) for index in range(16)])
    assert sorted(result.number for result in results) == list(range(1, 17))
    assert {result.revision for result in results} == {1}
    newest = max(results, key=lambda result: result.number)
    assert library.current(session, COURSE_KEY).edition_id == newest.edition_id


@pytest.mark.parametrize(("folder", "name"), [("uploads", ""), ("sources", ".zip")])
def test_other_stores_keep_and_clear_by_hash(tmp_path, folder, name):
    kept, gone = (mediastore.keep(content, tmp_path, folder) for content in (b"satu", b"dua"))
    assert mediastore.keep(b"satu", tmp_path, folder) == kept == hashlib.sha256(b"satu").hexdigest()
    assert {path.name for path in (tmp_path / folder).iterdir()} == {kept + name, gone + name}
    assert mediastore.path_of(tmp_path, kept, folder).read_bytes() == b"satu"
    for sha256 in (kept, gone):
        os.utime(mediastore.path_of(tmp_path, sha256, folder), (1000, 1000))
    assert mediastore.clear(tmp_path, keep={kept}, before=datetime.fromtimestamp(2000, UTC), folder=folder) == 1
    assert [path.name for path in (tmp_path / folder).iterdir()] == [kept + name]


def test_full_disk_is_told_in_a_sentence(tmp_path):
    (tmp_path / "uploads").write_text("a file where a folder should be")
    with pytest.raises(Refused, match="Tidak ada yang disimpan"):
        mediastore.keep(b"satu", tmp_path, "uploads")
