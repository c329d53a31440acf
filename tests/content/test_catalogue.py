"""What every shipped course promises: checked clean, hours that its content carries, and all the parts of a whole course."""

from datetime import date
from pathlib import Path

import pytest

from lms.content import measure
from lms.content.check import check_course
from lms.content.figures import figures_of
from lms.content.parse import load_course
from lms.content.types import MARKED_BY_MACHINE, Level, QuestionKind

COURSES = Path(__file__).resolve().parents[2] / "courses"
MINUTES_PER_JP = 45
LONGEST_SENTENCES = 0.02
"""Part of the sentences that may have more than 25 words."""
FIRST = ("anggaran-transparan-akuntabel", "panduan-penulis", "pelayanan-publik-ramah")
"""Courses older than the promise of a case for groups and a commitment."""
ALL = sorted(path.parent.name for path in COURSES.glob("*/course.yml"))
SHORT = [name for name in ALL if name.startswith("sekilas-")]
WHOLE = [name for name in ALL if name not in (*SHORT, *FIRST)]


@pytest.fixture(scope="module", params=ALL)
def loaded(request):
    return load_course(COURSES / request.param)


def of_kind(course, kind):
    return [node for node in course.files if node.kind == kind]


def test_catalogue_has_the_named_courses():
    assert (len(FIRST), len(WHOLE), len(SHORT)) == (3, 8, 3)


def test_course_is_clean_when_checked_strictly(loaded):
    found = [problem for problem in check_course(loaded, date(2026, 11, 22)) if problem.level is not Level.NOTE]
    assert found == []


def test_declared_hours_are_carried_by_what_must_be_finished(loaded):
    jp, minutes = loaded.course.meta.get("jp"), measure.carried_minutes(loaded.course)
    assert jp in ((1,) if loaded.course.code in SHORT else range(3, 9))
    assert jp * MINUTES_PER_JP <= minutes < (jp + 1) * MINUTES_PER_JP
    assert loaded.course.meta.get("menit", minutes) >= minutes


def test_every_question_teaches(loaded):
    course = loaded.course
    nodes = [*course.banks.values(), *(node for node in course.files if node.kind != "evaluasi")]
    silent = [
        (node.file, question.line)
        for node in nodes
        for question in node.questions()
        if question.kind in MARKED_BY_MACHINE and not (question.explanation and all(one.feedback for one in question.options))
    ]
    assert silent == []


def test_sentences_are_short(loaded):
    figures = figures_of(loaded.course)
    assert figures.long_sentences <= LONGEST_SENTENCES * figures.sentences
    assert 5 < figures.words / figures.sentences < 15


def test_course_has_a_page_to_print_a_survey_and_a_glossary(loaded):
    course = loaded.course
    assert [node.file for node in of_kind(course, "evaluasi") if node.meta.get("anonim", True)] == ["evaluasi.md"]
    assert course.glossary is not None and course.readme is not None
    assert [path for path in course.known_paths if path.startswith("berkas/") and path.endswith(".pdf")] != []
    assert sum(path.startswith("media/") and path.endswith((".png", ".webp")) for path in course.known_paths) >= 2
    assert [text for text in course.meta.get("kompetensi") if text[0] in "MS" and text[-1] in "12345"] != []


@pytest.mark.parametrize("name", SHORT)
def test_short_course_is_one_sitting_with_a_bank_to_draw_from(name):
    course = load_course(COURSES / name).course
    assert (len(course.modules), len(of_kind(course, "posttest"))) == (1, 1)
    assert len(of_kind(course, "pelajaran")) in range(3, 7)
    assert sum(1 for bank in course.banks.values() for _ in bank.questions()) >= 20
    assert len({question.kind for bank in course.banks.values() for question in bank.questions()}) >= 6


@pytest.mark.parametrize("name", WHOLE)
def test_whole_course_has_every_part(name):
    course = load_course(COURSES / name).course
    lessons = of_kind(course, "pelajaran")
    assert 3 <= len(course.modules) <= 5
    assert {len(list(lesson.questions())) >= 1 for lesson in lessons} == {True}, "each lesson recalls"
    assert all(lesson.meta.get("tujuan") for lesson in lessons)
    assert {node.module_key for node in of_kind(course, "kuis")} == {module.key for module in course.modules}
    (pretest,), (posttest,) = of_kind(course, "pretest"), of_kind(course, "posttest")
    for test in (pretest, posttest):
        assert {measure.bank_path(group.bank) for group in test.groups()} == set(course.banks)
    questions = [question for bank in course.banks.values() for question in bank.questions()]
    assert len(questions) >= 40
    assert {question.module for question in questions} == {module.key for module in course.modules}
    assert {question.kind for question in questions} == set(MARKED_BY_MACHINE)
    assert course.meta.get("uji-lewati") == 80 * 100
    (case,) = of_kind(course, "tugas")
    assert (case.meta.get("kelompok"), case.meta.get("wajib")) == (True, False)
    assert {len(criterion.levels) >= 3 for criterion in next(case.questions()).rubric} == {True}


@pytest.mark.parametrize("name", [*WHOLE, *SHORT])
def test_course_ends_with_a_commitment_in_ones_own_words(name):
    course = load_course(COURSES / name).course
    (promise,) = (node for node in of_kind(course, "evaluasi") if not node.meta.get("anonim", True))
    assert QuestionKind.OPEN in {question.kind for question in promise.questions()}
