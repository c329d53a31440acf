"""Form fields: what a plain browser posts becomes a canonical answer, and comes back on the screen as it was."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content.types import MARKED_BY_MACHINE, QuestionKind
from lms.errors import Invalid
from lms.quizzes.draw import lay_out
from lms.quizzes.forms import LONGEST_TEXT, field_names, question_fields, read_answer
from lms.quizzes.grading import is_answered
from lms.quizzes.types import Layout
from tests.factories.content import BANK, sample_question
from tests.factories.quizzes import RIGHT, WRONG

PUBLICS = {kind: sample_question(id_, kind).public for id_, kind in zip(BANK, MARKED_BY_MACHINE, strict=True)}
LAYOUTS = {kind: lay_out(public, True, Random(3)) for kind, public in PUBLICS.items()}
KINDS = list(MARKED_BY_MACHINE)
TYPED = (QuestionKind.TEXT, QuestionKind.NUMBER)


def posted(fields):
    """What a browser without JavaScript sends for these fields."""
    form = {}
    if fields.options:
        form[fields.name] = [option.token for option in fields.options if option.is_chosen]
    elif fields.name:
        form[fields.name] = [fields.text]
    form |= {pair.name: [pair.chosen] for pair in fields.pairs}
    form |= {step.name: [str(step.place or "")] for step in fields.steps}
    form |= {blank.name: [blank.chosen if blank.options else blank.text] for blank in fields.blanks}
    return form


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answers", [RIGHT, WRONG], ids=["right", "wrong"])
def test_answer_survives_the_way_to_the_screen_and_back(kind, answers):
    fields = question_fields(PUBLICS[kind], LAYOUTS[kind], answers[kind])
    assert read_answer(PUBLICS[kind], LAYOUTS[kind], posted(fields)) == answers[kind]
    assert tuple(posted(fields)) == field_names(PUBLICS[kind], LAYOUTS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_untouched_form_is_no_answer(kind):
    fields = question_fields(PUBLICS[kind], LAYOUTS[kind], {})
    assert read_answer(PUBLICS[kind], LAYOUTS[kind], posted(fields)) == {}
    assert read_answer(PUBLICS[kind], LAYOUTS[kind], {}) == {}


def test_fields_show_options_in_the_order_of_the_layout_under_their_tokens():
    fields = question_fields(PUBLICS[QuestionKind.SINGLE], LAYOUTS[QuestionKind.SINGLE], {"choice": 1})
    layout = LAYOUTS[QuestionKind.SINGLE]
    assert [option.token for option in fields.options] == [token for token, _ in layout.options]
    assert [option.content for option in fields.options] == [
        PUBLICS[QuestionKind.SINGLE].options[each] for _, each in layout.options
    ]
    assert [option.content for option in fields.options if option.is_chosen] == ["Keuntungan instansi"]


def test_number_field_carries_unit_reading_and_hints():
    public = replace(PUBLICS[QuestionKind.NUMBER], hints=("Bagi dahulu.",))
    fields = question_fields(public, Layout(), {"text": "1.250"})
    assert (fields.text, fields.unit, fields.reading, fields.hints) == (
        "1.250",
        "%",
        "1.250 (seribu dua ratus lima puluh)",
        ("Bagi dahulu.",),
    )


def test_cloze_fields_stand_between_the_parts_of_the_stem():
    fields = question_fields(PUBLICS[QuestionKind.CLOZE], LAYOUTS[QuestionKind.CLOZE], {"blanks": {"0": "25"}})
    assert len(fields.stem) == len(fields.blanks) + 1
    assert [blank.reading for blank in fields.blanks] == ["25 (dua puluh lima)", "", ""]
    assert [(blank.is_number, bool(blank.options), blank.text) for blank in fields.blanks] == [
        (True, False, "25"),
        (False, False, ""),
        (False, True, ""),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_ordinals_and_foreign_tokens_are_not_taken_for_tokens(kind):
    names = field_names(PUBLICS[kind], LAYOUTS[kind])
    form = {name: ["0", "1", "a0", "tidak-ada"] for name in names}
    answer = read_answer(PUBLICS[kind], LAYOUTS[kind], form)
    if kind in TYPED:
        assert answer == {"text": "0"}
    elif kind is QuestionKind.CLOZE:
        assert answer == {"blanks": {"0": "0", "1": "0"}}
    else:
        assert answer == {}


def test_text_at_the_limit_is_taken_and_one_more_character_is_refused_in_words():
    public = PUBLICS[QuestionKind.TEXT]
    assert read_answer(public, Layout(), {"t": ["a" * LONGEST_TEXT]}) == {"text": "a" * LONGEST_TEXT}
    with pytest.raises(Invalid) as refused:
        read_answer(public, Layout(), {"t": ["a" * (LONGEST_TEXT + 1)]})
    assert refused.value.field == "t"
    assert str(refused.value).startswith(
        "Jawaban Anda 2.001 karakter; paling banyak 2.000. Belum disimpan, tetapi teksnya masih ada"
    )


@pytest.mark.parametrize(
    "kind", [QuestionKind.TEXT, QuestionKind.CLOZE, QuestionKind.ORDERING, QuestionKind.MATCHING, QuestionKind.MULTIPLE]
)
def test_refused_form_is_shown_again_as_it_was_posted(kind):
    public, layout = PUBLICS[kind], LAYOUTS[kind]
    form = {name: ["1" if kind is QuestionKind.ORDERING else "x" * 3000] for name in field_names(public, layout)}
    if kind in (QuestionKind.MATCHING, QuestionKind.MULTIPLE):
        form = {name: [layout.options[1][0]] for name in field_names(public, layout)}
    shown = posted(question_fields(public, layout, {}, form))
    if kind is QuestionKind.CLOZE:
        assert [shown["b0"], shown["b1"]] == [form["b0"], form["b1"]]
    else:
        assert shown == form


def test_line_ends_are_unified_and_half_characters_replaced():
    read = read_answer(PUBLICS[QuestionKind.TEXT], Layout(), {"t": ["a\r\nb\rc\ud800d\x00"]})
    assert read == {"text": "a\nb\nc\ufffdd"}


def test_two_steps_with_one_number_are_refused_by_that_number():
    layout = LAYOUTS[QuestionKind.ORDERING]
    names = field_names(PUBLICS[QuestionKind.ORDERING], layout)
    with pytest.raises(Invalid, match="Nomor urut 2 dipakai untuk dua langkah"):
        read_answer(PUBLICS[QuestionKind.ORDERING], layout, dict(zip(names, (["2"], ["1"], ["2"]), strict=True)))


def test_steps_without_a_number_are_left_out_of_the_order():
    layout = LAYOUTS[QuestionKind.ORDERING]
    names = field_names(PUBLICS[QuestionKind.ORDERING], layout)
    given_steps = [step for _, step in layout.steps]
    answer = read_answer(PUBLICS[QuestionKind.ORDERING], layout, dict(zip(names, (["3"], [""], ["1"]), strict=True)))
    assert answer == {"order": [given_steps[2], given_steps[0]]}


VALUES = st.lists(st.text(max_size=6) | st.sampled_from(["1", "2", "3", "٣", "-1", "999999999999", "\ud800"]), max_size=3)


@settings(max_examples=400, deadline=None)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_no_posted_form_breaks_reading(kind, data):
    public, layout = PUBLICS[kind], LAYOUTS[kind]
    names = [*field_names(public, layout), "a", "t", "m0", "b9", "o", ""]
    tokens = [token for token, _ in (*layout.options, *layout.steps, *(each for blank in layout.blanks for each in blank))]
    values = VALUES | (st.lists(st.sampled_from(tokens), max_size=4) if tokens else VALUES)
    form = data.draw(st.dictionaries(st.sampled_from(names), values | st.text(max_size=3) | st.none(), max_size=6))
    try:
        answer = read_answer(public, layout, form)
    except Invalid as refused:
        assert str(refused).endswith("lalu simpan lagi.")
        answer = {}
    assert answer == {} or is_answered(public, answer)
    assert read_answer(public, layout, posted(question_fields(public, layout, answer))) == answer
    question_fields(public, layout, {}, form)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(KINDS), foreign=st.sampled_from(KINDS))
def test_layout_or_answer_of_another_question_breaks_nothing(kind, foreign):
    fields = question_fields(PUBLICS[kind], LAYOUTS[foreign], RIGHT[foreign])
    read_answer(PUBLICS[kind], LAYOUTS[foreign], posted(fields))
