"""Answers carried to a corrected wording: by text, then by place, never onto something else."""

from dataclasses import replace

import pytest

from lms.content.types import Blank, BlankKind, QuestionKind
from lms.quizzes.translate import places, translate
from tests.factories.content import sample_question
from tests.factories.quizzes import RIGHT, WRONG

PUBLICS = {kind: sample_question("soal", kind).public for kind in QuestionKind}


@pytest.mark.parametrize("kind", QuestionKind)
@pytest.mark.parametrize("answers", [RIGHT, WRONG], ids=["right", "wrong"])
def test_unchanged_wording_changes_no_answer(kind, answers):
    assert translate(answers[kind], PUBLICS[kind], PUBLICS[kind]) == answers[kind]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (("a", "b", "c"), ("c", "a", "b"), {0: 1, 1: 2, 2: 0}),
        (("a", "b"), ("a",), {0: 0}),
        (("a", "b"), ("X", "Y"), {}),
        (("Kepentingan umun", "Laba"), ("Laba instansi", "Kepentingan umum"), {0: 1}),
        (("Kepastian hukum", "Kepastian huku"), ("Kepastian hukum", "Kepastian hukun"), {0: 0, 1: 1}),
        (("Tahun 2009", "Tahun 2010"), ("Tahun 2009", "Tahun 2010", "Tahun 2011"), {0: 0, 1: 1}),
    ],
)
def test_parts_are_found_by_text_and_reworded_ones_by_likeness(old, new, found):
    assert places(old, new) == found


def test_reordered_options_keep_what_was_meant():
    old = PUBLICS[QuestionKind.SINGLE]
    new = replace(old, options=tuple(reversed(old.options)))
    assert translate({"choice": 0}, old, new) == {"choice": 2}


def test_removed_choice_is_no_longer_an_answer():
    old = PUBLICS[QuestionKind.SINGLE]
    assert translate({"choice": 1}, old, replace(old, options=(old.options[0], old.options[2]))) == {}


def test_single_choice_becomes_multiple_when_the_key_gains_a_second_option():
    single, multiple = PUBLICS[QuestionKind.SINGLE], replace(PUBLICS[QuestionKind.SINGLE], kind=QuestionKind.MULTIPLE)
    assert translate({"choice": 1}, single, multiple) == {"choices": [1]}
    assert translate({"choices": [1]}, multiple, single) == {"choice": 1}
    assert translate({"choices": [0, 1]}, multiple, single) == {}


def test_matching_and_ordering_follow_their_texts():
    old = PUBLICS[QuestionKind.MATCHING]
    new = replace(old, lefts=tuple(reversed(old.lefts)), rights=("Baru", *old.rights))
    assert translate({"pairs": {"0": 0, "1": 2}}, old, new) == {"pairs": {"1": 1, "0": 3}}
    steps = PUBLICS[QuestionKind.ORDERING]
    assert translate({"order": [2, 0]}, steps, replace(steps, steps=(*reversed(steps.steps), "Evaluasi"))) == {"order": [0, 2]}


def test_gap_that_turned_into_a_drop_down_loses_what_was_typed():
    old = PUBLICS[QuestionKind.CLOZE]
    new = replace(
        old, blanks=(old.blanks[0], Blank(BlankKind.CHOICE, ("2009", "2010")), Blank(BlankKind.CHOICE, ("Ombudsman", "BPK")))
    )
    assert translate(RIGHT[QuestionKind.CLOZE], old, new) == {"blanks": {"0": "25", "2": 0}}


def test_kinds_that_cannot_be_compared_give_none_and_a_number_may_become_text():
    assert translate({"choice": 0}, PUBLICS[QuestionKind.SINGLE], PUBLICS[QuestionKind.TEXT]) is None
    assert translate({"text": "25"}, PUBLICS[QuestionKind.NUMBER], PUBLICS[QuestionKind.TEXT]) == {"text": "25"}
