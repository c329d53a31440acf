"""Essays and file hand-ins in a quiz: recognised by form, with their limits, and told where a form contradicts itself."""

import pytest

from lms.content.check import check_course
from lms.content.compile import compile_course
from lms.content.compile_questions import joined
from lms.content.parse import load_course
from lms.content.types import QuestionKind
from tests.content.course_files import quiz, write_course

FILE = "01-asas/03-kuis.md"
RUBRIC = "Rubrik:\n\n- Isi (100%)\n"


def reading(tmp_path, body):
    """The question below the heading, and what is said about it without notes on reach and explanations."""
    root = write_course(tmp_path, {FILE: quiz("## Soal 1: Uraikan. {#q1}\n\n" + body, "nilai-lulus: 0\n")})
    loaded = load_course(root)
    [question] = next(node for node in loaded.course.files if node.file == FILE).questions()
    return question, [(p.code, p.line) for p in check_course(loaded) if p.file == FILE and p.code != "K090"]


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        ("Jenis: esai\n\n" + RUBRIC, QuestionKind.ESSAY, []),
        ("Type: essay\n\n" + RUBRIC.replace("Rubrik", "Rubric"), QuestionKind.ESSAY, []),
        (RUBRIC, QuestionKind.ESSAY, []),
        ("- a -> b\n- c -> d\n\n" + RUBRIC, QuestionKind.ESSAY, []),
        ("Jenis: unggah\n\n" + RUBRIC, QuestionKind.FILE, []),
        ("Jenis: esai\n", QuestionKind.ESSAY, [("K081", 7)]),
        (RUBRIC + "\n- [x] a\n- [ ] b\n", QuestionKind.SINGLE, [("K043", 7)]),
        (RUBRIC + "\nJawaban: 12\n", QuestionKind.NUMBER, [("K043", 7)]),
        ("Jenis: esai\n\nJawaban: 12\n\n" + RUBRIC, QuestionKind.ESSAY, [("K043", 7)]),
        (RUBRIC + "\nRubrik:\n\n", QuestionKind.ESSAY, [("K040", 13)]),
        (RUBRIC + "\nBerkas: pdf\n\nMaks: 5 MB\n", QuestionKind.ESSAY, [("K086", 13), ("K086", 15)]),
        ("Jenis: berkas\n\nKata: 100\n\n" + RUBRIC, QuestionKind.FILE, [("K086", 11)]),
        ("Kata: 100\n\n- [x] a\n- [ ] b\n", QuestionKind.SINGLE, [("K086", 9)]),
        ("Kata: banyak\n\n" + RUBRIC, QuestionKind.ESSAY, [("K044", 9)]),
        ("Jenis: berkas\n\nBerkas: exe\n\nMaks: 1 GB\n\n" + RUBRIC, QuestionKind.FILE, [("K044", 11), ("K044", 13)]),
    ],
)
def test_kind_of_marked_work_follows_from_its_form(tmp_path, body, kind, found):
    question, problems = reading(tmp_path, body)
    assert (question.kind, problems) == (kind, found)


@pytest.mark.parametrize(
    ("body", "limits"),
    [
        ("Jenis: esai\n\nKata: 100-300\n", (100, 300, (), 0)),
        ("Jenis: esai\n\nWords: min 100\n", (100, 0, (), 0)),
        ("Jenis: berkas\n", (0, 0, ("pdf", "docx", "xlsx", "pptx", "jpg", "png"), 10_000_000)),
        ("Jenis: berkas\n\nFiles: PDF, docx\n\nMax: 500 kB\n", (0, 0, ("pdf", "docx"), 500_000)),
    ],
)
def test_limits_of_marked_work(tmp_path, body, limits):
    question, _ = reading(tmp_path, body)
    assert (question.fewest_words, question.most_words, question.file_types, question.most_bytes) == limits


def test_lists_in_an_essay_stay_in_its_text(tmp_path):
    body = (
        "Baca kasus:\n\n- warga -> loket\n- loket -> arsip\n\n1. satu\n2. [[dua]]\n\n" + RUBRIC + "\n> **Pembahasan:** contoh.\n"
    )
    question, problems = reading(tmp_path, body)
    assert [line for line in joined(question.stem).split("\n") if line] == [
        "Uraikan.", "Baca kasus:", "- warga -> loket", "- loket -> arsip", "1. satu", "2. [[dua]]",
    ]  # fmt: skip
    assert (joined(question.explanation), problems) == ("contoh.", [])


def one(tmp_path, body):
    root = write_course(tmp_path, {FILE: quiz("## Soal 1: Uraikan. {#q1}\n\n" + body)})
    return compile_course(load_course(root)).questions["q1"]


BASE = "Jenis: esai\n\nKata: 100-300\n\nRubrik:\n\n- Isi (60%)\n    - 4: Lengkap\n- Bahasa (40%)\n"


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        (BASE.replace("Lengkap", "Sangat lengkap"), True),
        (BASE.replace("Jenis: esai", "Jenis: esai\n\nPetunjuk: ringkas"), True),
        (BASE.replace("60%", "50%").replace("40%", "50%"), False),
        (BASE.replace("4: L", "5: L"), False),
        (BASE.replace("100-300", "100-400"), False),
        (BASE.replace("Jenis: esai\n\nKata: 100-300", "Jenis: berkas"), False),
    ],
)
def test_meaning_of_an_essay_is_its_rubric_and_limits(tmp_path, changed, is_same):
    first, second = one(tmp_path / "a", BASE), one(tmp_path / "b", changed)
    assert (first.meaning_hash == second.meaning_hash, first.full_hash == second.full_hash) == (is_same, False)


def test_meaning_of_older_kinds_is_hashed_as_before(tmp_path):
    """Published courses hold these hashes: another one would announce every question as changed."""
    question = one(tmp_path, "- [x] satu\n- [ ] dua\n")
    assert (question.meaning_hash[:16], question.full_hash[:16]) == ("8f567bc48cdeb04e", "2cc9b0391bd84c38")
