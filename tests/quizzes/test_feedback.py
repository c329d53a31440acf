"""Feedback in words: of what was chosen, of the key when it may be shown, and never of more."""

from dataclasses import replace

import pytest

from lms.content.types import MARKED_BY_MACHINE, BlankKey, NumberRange, QuestionKind
from lms.quizzes.feedback import feedback_of, key_view
from lms.quizzes.grading import grade
from lms.quizzes.types import KeyView
from tests.factories.content import sample_question
from tests.factories.quizzes import RIGHT, WRONG

SAMPLES = {
    kind: sample_question("soal", kind, if_correct="<p>Bagus.</p>", if_incorrect="<p>Baca lagi.</p>")
    for kind in MARKED_BY_MACHINE
}


def told(kind, answer, *, shows_parts=False, shows_key=False):
    public, key = SAMPLES[kind].public, SAMPLES[kind].key
    return feedback_of(public, key, answer, grade(public, key, answer), shows_parts=shows_parts, shows_key=shows_key)


@pytest.mark.parametrize("kind", MARKED_BY_MACHINE)
def test_author_speaks_after_a_right_and_after_a_wrong_answer_but_not_without_one(kind):
    assert [told(kind, answer).general for answer in (RIGHT[kind], WRONG[kind], {})] == ["<p>Bagus.</p>", "<p>Baca lagi.</p>", ""]
    assert [told(kind, answer).is_answered for answer in (RIGHT[kind], WRONG[kind], {})] == [True, True, False]


def test_only_chosen_options_speak():
    assert told(QuestionKind.SINGLE, {"choice": 1}).chosen == (
        ("Keuntungan instansi", "Bukan. Pelayanan publik tidak mencari laba."),
    )
    assert told(QuestionKind.SINGLE, {"choice": 2}).chosen == ()
    assert told(QuestionKind.MULTIPLE, {"choices": [0, 2]}).chosen == (("Senioritas petugas", "Bukan asas."),)


@pytest.mark.parametrize(
    ("shows_parts", "shows_key", "parts"), [(False, False, ()), (True, False, (True, False)), (False, True, (True, False))]
)
def test_parts_are_told_only_when_asked_for(shows_parts, shows_key, parts):
    assert told(QuestionKind.MATCHING, {"pairs": {"0": 0, "1": 2}}, shows_parts=shows_parts, shows_key=shows_key).parts == parts


def test_reading_of_a_number_is_echoed_whatever_may_be_shown():
    assert told(QuestionKind.NUMBER, {"text": "70,8"}).reading == "70,8 (tujuh puluh koma delapan)"


SHOWN = {
    QuestionKind.SINGLE: {"options": ("Kepentingan umum",)},
    QuestionKind.MULTIPLE: {
        "options": ("Kepastian hukum", "Keterbukaan"),
        "option_feedback": (("Senioritas petugas", "Bukan asas."),),
    },
    QuestionKind.TRUE_FALSE: {"options": ("Benar",)},
    QuestionKind.TEXT: {"texts": ("Dukcapil", "Disdukcapil")},
    QuestionKind.NUMBER: {"texts": ("70,3 sampai 71,3",)},
    QuestionKind.MATCHING: {"pairs": (("Keterbukaan", "Biaya ditempel di loket"), ("Ketepatan waktu", "KTP selesai sehari"))},
    QuestionKind.ORDERING: {"steps": ("Identifikasi layanan", "Susun rancangan", "Tetapkan standar")},
    QuestionKind.CLOZE: {"blanks": ("25", "2009", "Ombudsman")},
}


@pytest.mark.parametrize("kind", MARKED_BY_MACHINE)
def test_key_is_shown_in_words(kind):
    expected = KeyView(explanation="<p>Lihat Pasal 4.</p>", **SHOWN[kind])
    if kind is QuestionKind.SINGLE:
        expected = replace(
            expected,
            option_feedback=(
                ("Kepentingan umum", "Tepat."),
                ("Keuntungan instansi", "Bukan. Pelayanan publik tidak mencari laba."),
            ),
        )
    assert told(kind, WRONG[kind], shows_key=True).key == expected
    assert told(kind, WRONG[kind]).key is None


def test_gap_with_several_answers_lists_them():
    public, key = SAMPLES[QuestionKind.CLOZE].public, SAMPLES[QuestionKind.CLOZE].key
    several = replace(key, blanks=(BlankKey(numbers=(NumberRange("1", "2"),), texts=("satu",)), *key.blanks[1:]))
    assert key_view(public, several).blanks[0] == "satu atau 1 sampai 2"


@pytest.mark.parametrize("kind", MARKED_BY_MACHINE)
@pytest.mark.parametrize("foreign", MARKED_BY_MACHINE)
def test_key_of_another_question_is_shown_as_far_as_it_fits(kind, foreign):
    key_view(SAMPLES[kind].public, SAMPLES[foreign].key)
