"""Grading: every kind, exact to the hundredth, whatever the answer looks like."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content.types import (
    MARKED_BY_MACHINE,
    Blank,
    BlankKey,
    BlankKind,
    NumberRange,
    QuestionKey,
    QuestionKind,
    QuestionPublic,
)
from lms.quizzes.grading import grade, is_answered, longest_run, mark, normalise, round_half_up, score_of, text_matches
from lms.quizzes.types import Grade
from tests.factories.content import sample_question
from tests.factories.quizzes import RIGHT, WRONG

SAMPLES = {kind: sample_question("soal", kind) for kind in QuestionKind}


def question(kind, points=100, **parts):
    return QuestionPublic(id="soal", kind=kind, points=points, stem=("<p>?</p>",), **parts)


@pytest.mark.parametrize("kind", MARKED_BY_MACHINE)
def test_right_answer_earns_all_points_and_wrong_answer_none(kind):
    public, key = SAMPLES[kind].public, SAMPLES[kind].key
    right, wrong = grade(public, key, RIGHT[kind]), grade(public, key, WRONG[kind])
    assert (right.score, right.points, right.is_correct) == (100, 100, True)
    assert (wrong.score, wrong.points, wrong.is_correct) == (0, 100, False)


@pytest.mark.parametrize("kind", MARKED_BY_MACHINE)
def test_unanswered_question_earns_nothing(kind):
    assert grade(SAMPLES[kind].public, SAMPLES[kind].key, {}) == Grade(0, 100, False)


@pytest.mark.parametrize(
    ("ticked", "score"),
    [
        ([0, 1, 2], 300),
        ([0, 1], 200),
        ([0], 100),
        ([0, 1, 3], 100),
        ([0, 3], 0),
        ([3, 4], 0),
        ([0, 1, 2, 3, 4], 100),
        ([0, 0, 0], 100),
    ],
)
def test_multiple_choice_takes_wrong_ticks_off_right_ones(ticked, score):
    public = question(QuestionKind.MULTIPLE, 300, options=("a", "b", "c", "d", "e"))
    key = QuestionKey(correct=(0, 1, 2))
    assert grade(public, key, {"choices": ticked}).score == score
    assert grade(public, replace(key, all_or_nothing=True), {"choices": ticked}).score == (300 if score == 300 else 0)


def test_multiple_choice_rounds_a_third_of_a_point_half_up():
    public = question(QuestionKind.MULTIPLE, 100, options=("a", "b", "c", "d"))
    key = QuestionKey(correct=(0, 1, 2))
    assert [grade(public, key, {"choices": ticked}).score for ticked in ([0], [0, 1], [0, 1, 2])] == [33, 67, 100]


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        ("Dukcapil", True), ("  DUKCAPIL  ", True), ("dukcapil.", True), ("Dis dukcapil", False), ("Disdukcapil !", True), ("Ｄukcapil", True),
        ("duk\u200bcapil", True), ("Dinas Kependudukan", False), ("", False), ("   ", False), ("dukcapil dukcapil", False),
    ],
)  # fmt: skip
def test_text_forgives_case_blanks_width_and_final_punctuation(typed, is_right):
    public, key = SAMPLES[QuestionKind.TEXT].public, SAMPLES[QuestionKind.TEXT].key
    assert grade(public, key, {"text": typed}).is_correct is is_right


@pytest.mark.parametrize(("typed", "is_right"), [("Aset", True), (" Aset ", True), ("aset", False), ("Aset.", False)])
def test_exact_text_forgives_nothing_that_can_be_seen(typed, is_right):
    assert text_matches(typed, ("Aset",), "exact") is is_right


@pytest.mark.parametrize(
    ("typed", "percent", "is_right"),
    [
        ("akuntabilitas", 90, True),
        ("akuntabilita", 90, True),
        ("akuntabiltas", 90, True),
        ("akuntansi", 90, False),
        ("akuntansi", 60, True),
    ],
)
def test_similar_text_is_accepted_from_its_percentage_on(typed, percent, is_right):
    assert text_matches(typed, ("Akuntabilitas",), f"similar {percent}") is is_right


def test_similarity_includes_its_very_boundary():
    assert text_matches("abcdefghij", ("abcdefghiX",), "similar 90") is True
    assert text_matches("abcdefghij", ("abcdefghiX",), "similar 91") is False


def test_answer_of_punctuation_alone_can_be_asked_for():
    assert [text_matches(typed, ("?",)) for typed in ("?", "!", "a")] == [True, False, False]


def test_normal_form_is_stable_and_keeps_the_words():
    assert normalise("  Badan\u00a0Kepegawaian\tNEGARA … ") == "badan kepegawaian negara"


@given(st.text(max_size=60))
def test_normal_form_of_a_normal_form_is_itself(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("typed", "is_right", "reading"),
    [
        ("70,3", True, "70,3 (tujuh puluh koma tiga)"),
        ("71,3 %", True, "71,3 (tujuh puluh satu koma tiga)"),
        ("70,29", False, "70,29 (tujuh puluh koma dua sembilan)"),
        ("71,3000000000000000000000000000000001", False, None),
        ("tujuh puluh", False, "tidak terbaca sebagai angka; tulis angkanya saja, misalnya 1.250,5"),
        ("", False, ""),
    ],
)
def test_number_is_read_exactly_and_echoed(typed, is_right, reading):
    judged = grade(SAMPLES[QuestionKind.NUMBER].public, SAMPLES[QuestionKind.NUMBER].key, {"text": typed})
    assert judged.is_correct is is_right
    assert reading is None or judged.reading == reading


def test_number_is_read_in_the_language_of_the_question():
    key = QuestionKey(numbers=(NumberRange("1250", "1250"),))
    assert [grade(question(QuestionKind.NUMBER, language=each), key, {"text": "1.250"}).is_correct for each in ("id", "en")] == [
        True,
        False,
    ]


def test_matching_earns_each_pair_for_itself():
    judged = grade(SAMPLES[QuestionKind.MATCHING].public, SAMPLES[QuestionKind.MATCHING].key, {"pairs": {"0": 0, "1": 2}})
    assert judged == Grade(50, 100, False, (True, False))


@pytest.mark.parametrize(
    ("order", "score", "parts"),
    [
        ([0, 1, 2, 3], 400, (True, True, True, True)),
        ([1, 2, 3, 0], 300, (True, True, True, False)),
        ([3, 0, 1, 2], 300, (False, True, True, True)),
        ([1, 0, 3, 2], 200, (True, False, True, False)),
        ([3, 2, 1, 0], 0, (False, False, False, False)),
        ([2, 3], 200, (True, True)),
        ([2], 0, (False,)),
    ],
)
def test_ordering_earns_the_steps_that_stand_in_right_relative_order(order, score, parts):
    public = question(QuestionKind.ORDERING, 400, steps=("a", "b", "c", "d"))
    judged = grade(public, QuestionKey(order=(0, 1, 2, 3)), {"order": order})
    assert (judged.score, judged.parts, judged.is_correct) == (score, parts, score == 400)


@given(st.permutations(range(6)))
def test_longest_run_rises_and_none_is_longer(places):
    run = longest_run(places)
    subsets = [[place for bit, place in enumerate(places) if mask >> bit & 1] for mask in range(64)]
    assert run in subsets and run == sorted(run)
    assert len(run) == max(len(subset) for subset in subsets if subset == sorted(subset))


def test_cloze_earns_each_gap_for_itself():
    public, key = SAMPLES[QuestionKind.CLOZE].public, SAMPLES[QuestionKind.CLOZE].key
    judged = grade(public, key, {"blanks": {"0": "dua lima", "1": " 2009.", "2": 2}})
    assert judged == Grade(
        67, 100, False, (False, True, True), "tidak terbaca sebagai angka; tulis angkanya saja, misalnya 1.250,5"
    )
    assert grade(public, key, {"blanks": {"0": "25"}}).reading == "25 (dua puluh lima)"
    assert grade(public, replace(key, all_or_nothing=True), {"blanks": {"1": "2009", "2": 2}}).score == 0


def test_gap_follows_the_match_of_its_question():
    public = question(QuestionKind.CLOZE, blanks=(Blank(BlankKind.TEXT),))
    key = QuestionKey(blanks=(BlankKey(texts=("Aset",)),), match="exact")
    assert [grade(public, key, {"blanks": {"0": typed}}).is_correct for typed in ("Aset", "aset")] == [True, False]


def test_attempt_score_is_rounded_half_up_and_passes_on_the_exact_integer():
    assert [score_of([earned], [possible]) for earned, possible in ((1, 3), (2, 3), (1, 8), (0, 0), (7, 7))] == [
        3333,
        6667,
        1250,
        0,
        10000,
    ]
    assert [round_half_up(*pair) for pair in ((1, 2), (3, 2), (5, 10), (49, 100))] == [1, 2, 1, 0]
    public, key = SAMPLES[QuestionKind.SINGLE].public, SAMPLES[QuestionKind.SINGLE].key
    three = [(public, key, {"choice": 0})] * 2 + [(public, key, {})]
    assert [(mark(three, least).score, mark(three, least).passed) for least in (6667, 6668)] == [(6667, True), (6667, False)]


def test_attempt_without_questions_scores_nothing():
    assert (mark([], 7000).score, mark([], 7000).passed, mark([], 0).passed) == (0, False, True)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2) | st.integers(0, 3), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["choice", "choices", "text", "pairs", "order", "blanks", "files", "scale", "x"])
NEAR = st.dictionaries(
    st.sampled_from(["0", "1", "2", "3", "-1", ""]), st.integers(-1, 4) | st.text(max_size=5) | JUNK, max_size=5
)
ANSWERS = st.dictionaries(FIELDS, JUNK | NEAR | st.lists(st.integers(-1, 5), max_size=6), max_size=3) | JUNK


@settings(max_examples=600, deadline=None)
@given(kind=st.sampled_from(list(QuestionKind)), answer=ANSWERS)
def test_no_answer_breaks_grading_and_every_score_lies_within_the_points(kind, answer):
    public, key = SAMPLES[kind].public, SAMPLES[kind].key
    judged = grade(public, key, answer)
    assert 0 <= judged.score <= judged.points == 100
    assert judged.is_correct is (judged.score == judged.points)
    assert judged.score == 0 or is_answered(public, answer)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(list(QuestionKind)), answer=ANSWERS, foreign=st.sampled_from(list(QuestionKind)))
def test_no_key_of_another_question_breaks_grading(kind, answer, foreign):
    judged = grade(SAMPLES[kind].public, SAMPLES[foreign].key, answer)
    assert 0 <= judged.score <= 100


def test_long_typed_answer_is_compared_in_a_moment():
    longest = "a" * 1000 + "b" * 1000
    assert text_matches(longest, ("aturan pelayanan publik",), "similar 50") is False
