"""Golongan in the spellings of the field (D24)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.people.grades import RANKS, ROMAN, parse_grade, rank_name
from lms.people.types import EmploymentKind


@pytest.mark.parametrize(
    "text",
    [
        "III/d",
        "III-d",
        "III.d",
        "IIID",
        "iiid",
        "III d",
        "III/D",
        "Penata Tk. I / III-d",
        "Penata Tingkat I, III/d",
        "PENATA TK.I (III/d)",
    ]
    + ["Gol. III/d", "3d", "3/d", "Penata Tk I", "penata tingkat i", " III / d ", "III\\d"],
)
def test_spellings_of_one_grade(text):
    assert parse_grade(text) == "III/d"


@pytest.mark.parametrize(
    ("text", "grade"),
    [("IX", "IX"), ("ix", "IX"), ("Golongan IX", "IX"), ("Gol. IX", "IX"), ("9", "IX"), ("golongan 17", "XVII"), ("I", "I")],
)
def test_grades_of_pppk(text, grade):
    assert parse_grade(text) == grade


@pytest.mark.parametrize("text", ["", " ", "-", "–"])
def test_an_empty_grade_stays_empty(text):
    assert parse_grade(text) == ""


@pytest.mark.parametrize("text", ["III/e", "V/a", "XVIII", "18", "0", "III/dd", "Kepala", "IIII", "²", "IV/f", "3" * 500])
def test_unknown_grades_are_refused(text):
    with pytest.raises(Invalid) as caught:
        parse_grade(text)
    assert caught.value.field == "grade"


def test_rank_names_follow_the_kind_of_staff():
    assert rank_name("III/d", EmploymentKind.PNS) == "Penata Tk I"
    assert rank_name("III/a", EmploymentKind.CPNS) == "Penata Muda"
    assert rank_name("IX", EmploymentKind.PPPK) == "Golongan IX"
    assert rank_name("", EmploymentKind.PPPK) == ""
    assert rank_name("III/d", EmploymentKind.OTHER) == ""


@given(st.sampled_from([*RANKS, *ROMAN]))
def test_the_canonical_form_and_the_rank_name_read_back(grade):
    assert parse_grade(grade) == grade
    assert parse_grade(rank_name(grade, EmploymentKind.PNS)) == grade


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        assert parse_grade(text) in {"", *RANKS, *ROMAN}
    except Invalid as problem:
        assert str(problem).endswith(".")
