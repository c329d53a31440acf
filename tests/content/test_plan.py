"""The plan says what publishing would change before it happens, and writes nothing."""

import dataclasses

import pytest
from sqlalchemy import func, select

from lms.content import actions
from lms.content.compile import compile_course
from lms.content.handins import question_id
from lms.content.likeness import similarity
from lms.content.models import CourseRow
from lms.content.parse import load_course
from lms.content.plan import Change, shown_key
from lms.content.types import QuestionKind
from lms.store.engine import write_tx
from tests.content.course_files import write_course
from tests.factories.content import (
    BANK,
    COURSE_KEY,
    LESSONS,
    add_lesson,
    change_item,
    lesson_page,
    publish_course,
    publish_sample,
    sample_course,
    sample_items,
    sample_question,
)


def plan_of(session, course):
    return actions.plan(session, course)


def items_of(plan):
    return [(change.change, change.key, change.detail) for change in plan.items]


def questions_of(plan):
    return [(change.change, change.question_id, change.detail) for change in plan.questions]


def test_first_publication_has_nothing_to_compare_with(session):
    plan = plan_of(session, sample_course())
    assert (plan.before, plan.changed, plan.number, plan.revision, plan.is_correction) == (None, True, 1, 1, False)
    assert session.scalar(select(func.count()).select_from(CourseRow)) == 0


def test_unchanged_course_has_an_empty_plan(session, tmp_path, now):
    before = publish_sample(session, tmp_path, now)
    plan = plan_of(session, sample_course())
    assert (plan.before, plan.changed, plan.items, plan.questions, plan.details) == (before, False, (), (), ())


def test_plan_promises_what_publishing_does(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    for course in (sample_course(summary="Lain."), sample_course(jp=3), sample_course(jp=3, title="Lain"), sample_course()):
        plan = plan_of(session, course)
        with write_tx(session):
            made = actions.publish(session, course, data_dir=tmp_path, now=now, published_by=None)
        assert (plan.number, plan.revision, plan.is_correction, plan.changed) == (
            made.number, made.revision, made.is_correction, made.changed,
        )  # fmt: skip


def test_new_edition_is_explained_in_sentences(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    course = add_lesson(sample_course(jp=3, pass_mark=7550, weights={}), "standar/aduan", title="Pengaduan")
    assert plan_of(session, course).reasons == (
        "JP berubah dari 2 menjadi 3.",
        "Nilai lulus pelatihan berubah dari 70 menjadi 75,5.",
        "Bobot nilai berubah dari kuis 40%, posttest 60% menjadi tanpa bobot.",
        '"Pengaduan" (standar/aduan) menjadi materi wajib.',
    )


def test_item_changes_are_named(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    pretest, why, principles, quiz, standard, posttest = sample_items()
    course = sample_course(
        items=(
            pretest,
            principles,
            dataclasses.replace(why, title="Mengapa kita melayani", minutes=30),
            dataclasses.replace(quiz, module_key="standar"),
            posttest,
        ),
        pages={LESSONS[1]: lesson_page("Dua belas asas yang lain.")},
    )
    course = add_lesson(course, "standar/aduan")
    plan = plan_of(session, course)
    assert standard.key == LESSONS[2]
    assert items_of(plan) == [
        (Change.REMOVED, LESSONS[2], ""),
        (Change.MOVED, LESSONS[1], "kini urutan ke-2"),
        (Change.EDITED, LESSONS[1], "teks"),
        (Change.RENAMED, LESSONS[0], "dari Mengapa pelayanan publik"),
        (Change.EDITED, LESSONS[0], "perkiraan waktu"),
        (Change.MOVED, "asas/kuis", 'ke modul "Standar"'),
        (Change.ADDED, "standar/aduan", ""),
    ]


def test_question_changes_are_named(session, tmp_path, now):
    publish_sample(session, tmp_path, now, questions={"pensiun": sample_question("pensiun", text="Kapan pegawai pensiun?")})
    course = sample_course(
        questions={
            "tunggal": sample_question("tunggal", correct=(2,)),
            "jamak": sample_question("jamak", QuestionKind.MULTIPLE, text="Manakah asas pelayanan? Pilih semua."),
            "isian": sample_question("isian", QuestionKind.TEXT, texts=("Dukcapil",)),
            "angka": sample_question("angka", QuestionKind.NUMBER, explanation="<p>Penjelasan lain.</p>"),
            "benar-salah": dataclasses.replace(sample_question("benar-salah", QuestionKind.TRUE_FALSE), line=77),
            "baru": sample_question("baru", text="Siapa yang mengawasi Ombudsman di daerah?"),
        }
    )
    plan = plan_of(session, course)
    assert questions_of(plan) == [
        (Change.RETIRED, "pensiun", ""),
        (Change.KEY, "tunggal", "A → C"),
        (Change.WORDING, "jamak", ""),
        (Change.KEY, "isian", "Dukcapil | Disdukcapil → Dukcapil"),
        (Change.WORDING, "angka", ""),
        (Change.ADDED, "baru", ""),
    ]
    assert [change.place for change in plan.questions[:2]] == ["", "bank/asas.md:10"]
    assert plan.is_correction and plan.lost_questions == ()


def test_reordered_options_are_no_new_key(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    old = sample_question("tunggal")
    public = dataclasses.replace(old.public, options=tuple(reversed(old.public.options)))
    turned = dataclasses.replace(old, public=public, key=dataclasses.replace(old.key, correct=(2,)), full_hash="f" * 64)
    assert questions_of(plan_of(session, sample_course(questions={"tunggal": turned}))) == [(Change.WORDING, "tunggal", "")]
    other = dataclasses.replace(turned, meaning_hash="e" * 64)
    assert questions_of(plan_of(session, sample_course(questions={"tunggal": other}))) == [(Change.MEANING, "tunggal", "pilihan")]


def test_lost_ids_are_recognised(session, tmp_path, now):
    course = add_lesson(
        sample_course(questions={"lama": sample_question("lama", text="Siapa menyusun standar pelayanan?")}),
        "standar/aduan",
        "Cara warga mengadu dan berapa lama dijawab.",
    )
    publish_course(session, tmp_path, now, course)
    renamed = add_lesson(
        sample_course(questions={"x7k2p": sample_question("x7k2p", text="Siapa menyusun standar pelayanan publik?")}),
        "standar/pengaduan",
        "Cara warga mengadu dan berapa lama harus dijawab.",
    )
    plan = plan_of(session, renamed)
    assert [(pair.new_id, pair.old_id) for pair in plan.lost_questions] == [("x7k2p", "lama")]
    assert [(pair.new_id, pair.old_id) for pair in plan.lost_items] == [("standar/pengaduan", "standar/aduan")]


def test_obstacles_are_told_before_publishing(session, tmp_path, now):
    publish_sample(session, tmp_path, now, questions={"lama": sample_question("lama")})
    publish_sample(session, tmp_path, now)
    other = sample_question("lama", text="Berapa lama masa berlaku paspor biasa bagi orang dewasa?")
    [reused] = plan_of(session, sample_course(questions={"lama": other})).reused
    assert reused.sentence.startswith("bank/asas.md:10: ID soal {#lama} pernah dipakai soal lain (terbit 05-03-2026)")
    with write_tx(session):
        actions.rename(session, COURSE_KEY, "layanan", now=now, by=None)
    assert plan_of(session, sample_course()).renamed_to == "layanan"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (QuestionKind.SINGLE, "A"),
        (QuestionKind.MULTIPLE, "A, B"),
        (QuestionKind.TRUE_FALSE, "A"),
        (QuestionKind.TEXT, "Dukcapil | Disdukcapil"),
        (QuestionKind.NUMBER, "70.3..71.3"),
        (QuestionKind.MATCHING, "Keterbukaan = Biaya ditempel di loket; Ketepatan waktu = KTP selesai sehari"),
        (QuestionKind.ORDERING, "Identifikasi layanan > Susun rancangan > Tetapkan standar"),
        (QuestionKind.CLOZE, "rumpang"),
    ],
)
def test_every_kind_of_key_can_be_shown(kind, shown):
    question = sample_question(BANK[0], kind)
    assert shown_key(question.public, question.key) == shown


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("Asas utama?", "asas  utama?", 1, 1),
        ("", "", 1, 1),
        ("", "abc", 0, 0),
        ("Siapa menyusun standar pelayanan?", "Siapa yang menyusun standar pelayanan?", 0.9, 0.99),
        ("Siapa menyusun standar?", "Berapa biaya paspor biasa?", 0, 0.6),
        ("kata " * 500, "kata " * 450, 0.9, 0.99),
    ],
)
def test_similarity_of_texts(one, other, low, high):
    assert low <= similarity(one, other) <= high


def test_changed_item_rules_are_told(session, tmp_path, now):
    publish_sample(session, tmp_path, now)
    course = change_item(sample_course(summary="Lain.", in_order=True), LESSONS[0], required=False, objectives=("Tahu",))
    plan = plan_of(session, course)
    assert items_of(plan) == [(Change.EDITED, LESSONS[0], "wajib atau tidak, tujuan")]
    assert plan.details == ("ringkasan", "urutan wajib")


TASK = "---\njudul: Rencana aksi\njenis: tugas\n{head}---\n\n# Rencana aksi\n\nSusun.\n\nRubrik:\n\n- Isi ({isi}%)\n- Bahasa ({bahasa}%)\n"
SURVEY = "---\njudul: Evaluasi\njenis: evaluasi\n---\n\n## Soal 1: Puas? {{#puas}}\n\nSkala: {scale}\n\n- Materi\n"


def folder(path, head="", isi=60, bahasa=40, scale="1-5", **files):
    files = {
        "01-asas/02-tugas.md": TASK.format(head=head, isi=isi, bahasa=bahasa),
        "evaluasi.md": SURVEY.format(scale=scale),
    } | files
    return compile_course(load_course(write_course(path, {name: text for name, text in files.items() if text})))


@pytest.mark.parametrize(
    ("change", "questions", "items", "reasons"),
    [
        ({"isi": 50, "bahasa": 50}, [(Change.MEANING, question_id("asas/tugas"), "rubrik")], [], ()),
        (
            {"head": "berkas: pdf\n"},
            [(Change.MEANING, question_id("asas/tugas"), "jenis berkas")], [], (),
        ),
        (
            {"head": "kumpul: teks\n"},
            [(Change.MEANING, question_id("asas/tugas"), "jenis soal")], [], (),
        ),
        ({"head": "tenggat: 7 hari\n"}, [], [(Change.EDITED, "asas/tugas", "aturan pengerjaan")], ()),
        (
            {"head": "nilai-lulus: 60\n"}, [], [(Change.EDITED, "asas/tugas", "aturan pengerjaan")],
            ('Nilai lulus "Rencana aksi" (asas/tugas) berubah dari 70 menjadi 60.',),
        ),
        ({"scale": "1-4"}, [(Change.MEANING, "puas", "skala")], [], ()),
        (
            {"evaluasi.md": SURVEY.format(scale="1-5").replace("Materi", "Contoh").replace("judul: Evaluasi", "judul: Survei\nanonim: tidak")},
            [(Change.MEANING, "puas", "pernyataan")],
            [(Change.RENAMED, "evaluasi", "dari Evaluasi"), (Change.EDITED, "evaluasi", "aturan pengerjaan")], (),
        ),
        ({"evaluasi.md": ""}, [(Change.RETIRED, "puas", "")], [(Change.REMOVED, "evaluasi", "")], ()),
        (
            {"01-asas/02-tugas.md": ""},
            [(Change.RETIRED, question_id("asas/tugas"), "")], [(Change.REMOVED, "asas/tugas", "")],
            (
                "Syarat lulus berubah dari semua-pelajaran + tugas menjadi semua-pelajaran.",
                'Materi wajib "Rencana aksi" (asas/tugas) tidak ada lagi atau tidak lagi wajib.',
            ),
        ),
    ],
)  # fmt: skip
def test_changed_assignment_and_survey_are_told(session, tmp_path, now, change, questions, items, reasons):
    publish_course(session, tmp_path, now, folder(tmp_path / "a"))
    plan = plan_of(session, folder(tmp_path / "b", **change))
    assert (questions_of(plan), items_of(plan), plan.reasons) == (questions, items, reasons)


def test_added_assignment_makes_a_new_edition_and_an_added_survey_does_not(session, tmp_path, now):
    publish_course(session, tmp_path, now, folder(tmp_path / "a", **{"01-asas/02-tugas.md": "", "evaluasi.md": ""}))
    with_survey = plan_of(session, folder(tmp_path / "b", **{"01-asas/02-tugas.md": ""}))
    with_both = plan_of(session, folder(tmp_path / "c"))
    assert (with_survey.is_correction, with_both.is_correction) == (True, False)
    assert with_both.reasons == (
        "Syarat lulus berubah dari semua-pelajaran menjadi semua-pelajaran + tugas.",
        '"Rencana aksi" (asas/tugas) menjadi materi wajib.',
    )
