"""Gain from pre-test to post-test, in numbers and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.evaluation import rules

UNKNOWN = "Belum dapat disimpulkan"


@pytest.mark.parametrize(
    ("pre", "post", "change", "normalised", "says"),
    [
        (4000, 8500, 4500, 75, "Peningkatan tinggi"),
        (4000, 7000, 3000, 50, "Peningkatan sedang"),
        (4000, 5000, 1000, 16, "Peningkatan rendah"),
        (0, 10000, 10000, 100, "Peningkatan tinggi"),
        (4000, 4499, 499, 8, UNKNOWN),
        (4000, 3501, -499, -8, UNKNOWN),
        (8000, 6000, -2000, -100, "Nilai tes akhir lebih rendah"),
        (10000, 10000, 0, None, UNKNOWN),
        (None, 8000, None, None, f"{UNKNOWN}: tes awal belum"),
        (4000, None, None, None, f"{UNKNOWN}: tes akhir belum"),
    ],
)
def test_gain_of_a_person(pre, post, change, normalised, says):
    found = rules.gain(pre, post)
    assert (found.gain, found.normalised, found.people) == (change, normalised, 1)
    assert found.verdict.startswith(says)


def test_gain_of_a_group_is_that_of_the_means():
    found = rules.group_gain([(4000, 8000), (5000, 8000), (3000, 8000), (4000, 8500), (4000, 7500)])
    assert (found.pre, found.post, found.gain, found.normalised, found.people) == (4000, 8000, 4000, 66, 5)
    assert found.verdict.startswith("Peningkatan sedang")


def test_gain_of_a_small_group_shows_no_numbers():
    found = rules.group_gain([(0, 10000)] * 4)
    assert (found.pre, found.post, found.gain, found.people) == (None, None, None, 4)
    assert found.verdict == f"{UNKNOWN}: baru 4 orang mengerjakan kedua tes, sedikitnya 5."


def test_gain_that_chance_explains_is_no_conclusion():
    found = rules.group_gain([(2000, 9000), (9000, 2000), (3000, 8000), (8000, 4000), (5000, 5600)])
    assert found.verdict.startswith(UNKNOWN)


@given(st.lists(st.tuples(st.integers(0, 10000), st.integers(0, 10000)), max_size=30))
def test_group_gain_always_says_something(pairs):
    found = rules.group_gain(pairs)
    assert found.verdict.endswith(".")
    assert (found.gain is None) == (len(pairs) < 5)
    if found.gain is not None:
        assert found.gain == found.post - found.pre
