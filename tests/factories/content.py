"""A small compiled course with all eight kinds of question, made without the Markdown pipeline, and its publication."""

import dataclasses
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lms.content import actions, library
from lms.content.assignments import Criterion, HandIn, RubricLevel
from lms.content.library import Published
from lms.content.types import (
    MARKED_BY_MACHINE,
    Blank,
    BlankKey,
    BlankKind,
    CompiledCourse,
    CompiledQuestion,
    CompletionPart,
    DoneWhen,
    Draw,
    FeedbackPolicy,
    Item,
    ItemKind,
    MediaFile,
    Module,
    NumberRange,
    Outline,
    Page,
    PagePart,
    QuestionKey,
    QuestionKind,
    QuestionPublic,
    QuizRules,
    Scale,
)
from lms.shared.codec import encode
from lms.store.base import canonical_json
from lms.store.engine import write_tx

COURSE_KEY = "pelayanan-publik-dasar"
POINT = 100
"""One point, in hundredths."""
BANK = ("tunggal", "jamak", "benar-salah", "isian", "angka", "jodoh", "urutan", "rumpang")
"""Question ids of the bank, one of each kind, in the order of QuestionKind. The first four belong to module `asas`."""
INLINE = ("wajib-susun", "jumlah-asas", "langkah-awal")
"""Checks inside the three lessons, in order."""
SURVEY = ("kepuasan", "seberapa-sering", "hambatan")
"""Questions of a survey: a scale of two statements, a poll, a free text."""
RUBRIC = (
    Criterion("Ketepatan analisis", 6000, (RubricLevel(400, "Data lengkap"), RubricLevel(200, "Sebagian data"))),
    Criterion("Bahasa", 4000),
)
"""Two criteria: levels of 4 and 2 (60 %), and a free mark from 0 to 100 (40 %)."""
LESSONS = ("asas/mengapa", "asas/dua-belas-asas", "standar/menyusun-standar")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def sample_question(
    question_id: str, kind: QuestionKind = QuestionKind.SINGLE, *, text: str = "", **key_over: Any
) -> CompiledQuestion:
    """A question of that kind worth one point. `text` is the stem; further arguments replace fields of its key."""
    text = text or f"Pertanyaan {question_id} tentang asas pelayanan publik"
    public, key = _question_parts(question_id, kind, text)
    return compiled_question(public, dataclasses.replace(key, **key_over))


def compiled_question(public: QuestionPublic, key: QuestionKey) -> CompiledQuestion:
    """Hashes and plain text around a public part and a key."""
    meaning = {"kind": public.kind, "options": sorted(public.options), "points": public.points, "blanks": encode(public.blanks)}
    meaning["key"] = [encode(dataclasses.replace(key, feedback=(), explanation="", if_correct="", if_incorrect=""))]
    return CompiledQuestion(
        public=public,
        key=key,
        full_hash=_hash([encode(public), encode(key)]),
        meaning_hash=_hash(meaning),
        text=" ".join(public.stem).casefold(),
        file="bank/asas.md",
        line=10,
    )


def _hash(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _question_parts(question_id: str, kind: QuestionKind, text: str) -> tuple[QuestionPublic, QuestionKey]:
    module = "asas" if question_id in BANK[:4] else "standar"
    public = QuestionPublic(id=question_id, kind=kind, points=POINT, stem=(f"<p>{text}</p>",), module_key=module)
    key = QuestionKey(explanation="<p>Lihat Pasal 4.</p>")
    made: dict[QuestionKind, tuple[dict[str, Any], dict[str, Any]]] = {
        QuestionKind.SINGLE: (
            {"options": ("Kepentingan umum", "Keuntungan instansi", "Kerahasiaan prosedur")},
            {"correct": (0,), "feedback": ("Tepat.", "Bukan. Pelayanan publik tidak mencari laba.", "")},
        ),
        QuestionKind.MULTIPLE: (
            {"options": ("Kepastian hukum", "Keterbukaan", "Senioritas petugas"), "hints": ("Ada dua.",)},
            {"correct": (0, 1), "feedback": ("", "", "Bukan asas.")},
        ),
        QuestionKind.TRUE_FALSE: ({"options": ("Benar", "Salah"), "shuffle": False}, {"correct": (0,), "feedback": ("", "")}),
        QuestionKind.TEXT: ({}, {"texts": ("Dukcapil", "Disdukcapil")}),
        QuestionKind.NUMBER: ({"unit": "%"}, {"numbers": (NumberRange("70.3", "71.3"),)}),
        QuestionKind.MATCHING: (
            {
                "lefts": ("Keterbukaan", "Ketepatan waktu"),
                "rights": ("Biaya ditempel di loket", "KTP selesai sehari", "Pegawai pulang lebih awal"),
            },
            {"pairs": (0, 1)},
        ),
        QuestionKind.ORDERING: ({"steps": ("Identifikasi layanan", "Susun rancangan", "Tetapkan standar")}, {"order": (0, 1, 2)}),
        QuestionKind.CLOZE: (
            {
                "stem": ("<p>UU Nomor ", " Tahun ", " diawasi ", ".</p>"),
                "blanks": (
                    Blank(BlankKind.NUMBER),
                    Blank(BlankKind.TEXT),
                    Blank(BlankKind.CHOICE, ("BPK", "Mahkamah Agung", "Ombudsman")),
                ),
            },
            {"blanks": (BlankKey(numbers=(NumberRange("25", "25"),)), BlankKey(texts=("2009",)), BlankKey(choice=2))},
        ),
        QuestionKind.ESSAY: ({"rubric": RUBRIC, "fewest_words": 3, "most_words": 300}, {}),
        QuestionKind.FILE: ({"rubric": RUBRIC, "file_types": ("pdf", "png", "txt"), "most_bytes": 1_000_000}, {}),
        QuestionKind.LINK: ({}, {}),
        QuestionKind.OPEN: ({}, {}),
        QuestionKind.POLL: ({"options": ("Setiap hari", "Setiap minggu", "Belum pernah")}, {}),
        QuestionKind.SCALE: (
            {
                "scale": Scale(1, 5, ("Sangat tidak setuju", "Sangat setuju")),
                "statements": ("<p>Materi sesuai dengan pekerjaan saya</p>", "<p>Saya akan menerapkannya bulan ini</p>"),
            },
            {},
        ),
    }
    public_over, key_over = made[kind]
    return dataclasses.replace(public, **public_over), dataclasses.replace(key, **key_over)


def quiz_rules(*question_ids: str, pass_mark: int = 7000, tries: int = 3, draws: tuple[Draw, ...] = (), **over: Any) -> QuizRules:
    """Rules of a quiz of these fixed questions, or of the given draws."""
    draws = draws or tuple(Draw((question_id,), 1) for question_id in question_ids)
    count = sum(draw.pick for draw in draws)
    return QuizRules(pass_mark=pass_mark, tries=tries, draws=draws, question_count=count, points_total=count * POINT, **over)


def lesson_page(text: str, *question_ids: str) -> Page:
    """A page of one paragraph and its inline questions."""
    parts = (PagePart(html=f"<p>{text}</p>"), *(PagePart(question_id=question_id) for question_id in question_ids))
    return Page(parts=parts, headings=(("b-isi", "Isi"),), text=text)


def sample_items() -> tuple[Item, ...]:
    """Pre-test; module asas: two lessons and a quiz; module standar: one lesson; post-test."""
    half = (Draw(BANK[:4], 2, "Asas"), Draw(BANK[4:], 2, "Standar"))
    return (
        Item(
            "pretest", ItemKind.PRETEST, "Pre-test", 10,
            quiz=quiz_rules(pass_mark=0, tries=1, draws=half, feedback=FeedbackPolicy.NEVER, shuffle_questions=True),
        ),
        Item(LESSONS[0], ItemKind.LESSON, "Mengapa pelayanan publik", 20, "asas", question_ids=INLINE[:1]),
        Item(
            LESSONS[1], ItemKind.LESSON, "Dua Belas Asas", 25, "asas", done_when=DoneWhen.CORRECT, question_ids=INLINE[1:2],
            objectives=("Menyebutkan dua belas asas pelayanan publik",),
        ),
        Item("asas/kuis", ItemKind.QUIZ, "Kuis Asas", 10, "asas", quiz=quiz_rules("tunggal", "jamak", "benar-salah", "isian")),
        Item(LESSONS[2], ItemKind.LESSON, "Menyusun Standar", 25, "standar", question_ids=INLINE[2:]),
        Item(
            "posttest", ItemKind.POSTTEST, "Post-test", 15,
            quiz=quiz_rules(draws=(Draw(BANK, 5, "Semua"),), tries=2, feedback=FeedbackPolicy.AFTER_PASS, shuffle_questions=True),
        ),
    )  # fmt: skip


def assignment(key: str = "rencana-aksi", question_id: str = "tugas-rencana", *, tries: int = 2, **hand_in: Any) -> Item:
    """An assignment of one question that a person marks; pass mark 65. Its question goes into `questions=` of the course."""
    rules = quiz_rules(question_id, pass_mark=6500, tries=tries, hand_in=HandIn(**hand_in), shuffle_options=False)
    return Item(key, ItemKind.ASSIGNMENT, "Tugas: Rencana aksi unit", 60, quiz=rules)


def survey(key: str = "evaluasi", *, is_anonymous: bool = True, question_ids: tuple[str, ...] = SURVEY) -> Item:
    rules = quiz_rules(
        *question_ids, pass_mark=0, tries=1, feedback=FeedbackPolicy.NEVER, is_anonymous=is_anonymous, shuffle_options=False
    )
    return Item(key, ItemKind.SURVEY, "Evaluasi penyelenggaraan", 3, required=False, quiz=rules)


def people_course(
    *,
    kind: QuestionKind = QuestionKind.ESSAY,
    is_anonymous: bool = True,
    tries: int = 2,
    items: tuple[Item, ...] | None = None,
    hand_in: dict[str, Any] | None = None,
    **over: Any,
) -> CompiledCourse:
    """A lesson, an assignment that a person marks, and a survey: `people_course(hand_in={"grader": Grader.PEER, "peers": 2})`."""
    questions = {"tugas-rencana": sample_question("tugas-rencana", kind, text="Susun rencana aksi unit Anda.")}
    questions |= {
        name: sample_question(name, each)
        for name, each in zip(SURVEY, (QuestionKind.SCALE, QuestionKind.POLL, QuestionKind.OPEN), strict=True)
    }
    lesson = Item(LESSONS[0], ItemKind.LESSON, "Mengapa pelayanan publik", 20, "asas")
    chosen = (lesson, assignment(tries=tries, **(hand_in or {})), survey(is_anonymous=is_anonymous)) if items is None else items
    page = {"rencana-aksi": lesson_page("Pilih satu antrean di unit Anda."), LESSONS[0]: lesson_page("Antrean.")}
    completion = over.pop("completion", (CompletionPart.ALL_LESSONS, CompletionPart.ASSIGNMENTS))
    return sample_course(items=chosen, questions=questions, pages=page, completion=completion, **over)


def sample_questions() -> dict[str, CompiledQuestion]:
    """The bank's eight questions and the three inline checks, by id."""
    found = {question_id: sample_question(question_id, kind) for question_id, kind in zip(BANK, MARKED_BY_MACHINE, strict=True)}
    return found | {question_id: sample_question(question_id) for question_id in INLINE}


def sample_pages() -> dict[str, Page]:
    return {
        LESSONS[0]: lesson_page("Pelayanan yang cepat dan ramah adalah hak setiap warga.", INLINE[0]),
        LESSONS[1]: lesson_page("Dua belas asas: kepentingan umum, kepastian hukum, keterbukaan dan seterusnya.", INLINE[1]),
        LESSONS[2]: lesson_page("Penyelenggara menyusun standar pelayanan bersama masyarakat.", INLINE[2]),
        "asas/kuis": lesson_page("Empat soal tentang asas."),
    }


def sample_course(
    *,
    items: tuple[Item, ...] | None = None,
    pages: dict[str, Page] | None = None,
    questions: dict[str, CompiledQuestion] | None = None,
    media: tuple[MediaFile, ...] | None = None,
    **outline_over: Any,
) -> CompiledCourse:
    """The sample course. `pages` and `questions` are merged over the sample's, `items` and `media` replace them, everything
    else replaces fields of the outline, e.g. `sample_course(key="etika", title="Etika", jp=3)`."""
    chosen = sample_items() if items is None else items
    outline = Outline(
        key=COURSE_KEY,
        title="Pelayanan Publik Dasar",
        summary="Asas dan standar pelayanan dalam 2 JP.",
        jp=2,
        minutes=sum(item.minutes for item in chosen),
        modules=(Module("asas", "Asas"), Module("standar", "Standar")),
        items=chosen,
        organizer="BPSDM Provinsi Maluku Utara",
        weights={"kuis": 40, "posttest": 60},
    )
    return CompiledCourse(
        outline=dataclasses.replace(outline, **outline_over),
        pages=sample_pages() | (pages or {}),
        questions=sample_questions() | (questions or {}),
        media=(sample_media(),) if media is None else media,
    )


def sample_media(content: bytes = PIXEL, name: str = "loket.png") -> MediaFile:
    return MediaFile(hashlib.sha256(content).hexdigest(), name, "image/png", content, 1, 1)


def change_item(course: CompiledCourse, key: str, **over: Any) -> CompiledCourse:
    """The course with fields of one item replaced."""
    items = tuple(dataclasses.replace(item, **over) if item.key == key else item for item in course.outline.items)
    return dataclasses.replace(course, outline=dataclasses.replace(course.outline, items=items))


def add_lesson(course: CompiledCourse, key: str, text: str = "Materi tambahan.", **over: Any) -> CompiledCourse:
    """The course with one more lesson before the post-test."""
    item = Item(key, ItemKind.LESSON, over.pop("title", "Materi Tambahan"), over.pop("minutes", 10), key.split("/")[0], **over)
    items = (*course.outline.items[:-1], item, course.outline.items[-1])
    outline = dataclasses.replace(course.outline, items=items, minutes=course.outline.minutes + item.minutes)
    return dataclasses.replace(course, outline=outline, pages=course.pages | {key: lesson_page(text)})


def publish_course(session: Session, data_dir: Path, now: datetime, course: CompiledCourse, by: int | None = None) -> Published:
    """Publish in a transaction of its own, then read back what learners get."""
    with write_tx(session):
        actions.publish(session, course, data_dir=data_dir, now=now, published_by=by)
    return library.current(session, course.outline.key)


def publish_sample(session: Session, tmp_path: Path, now: datetime, **over: Any) -> Published:
    """`sample_course(**over)`, published."""
    return publish_course(session, tmp_path, now, sample_course(**over))
