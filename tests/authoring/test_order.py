"""Renumbering: sorting gives the order wanted, and no smaller number of renames could."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.authoring.order import renumbered
from lms.content.slugs import key_segment, sort_name

PREFIXES = st.one_of(
    st.just(""),
    st.integers(0, 20).map(lambda number: f"{number:02d}-"),
    st.tuples(st.integers(1, 4), st.sampled_from("abc")).map(lambda pair: f"{pair[0]:02d}{pair[1]}-"),
)
NAMES = st.lists(PREFIXES, min_size=1, max_size=6).map(
    lambda found: [f"{prefix}{name}.md" for prefix, name in zip(found, "qrstuv", strict=False)]
)


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        (["01-a.md", "02-b.md"], ["01-a.md", "02-b.md"]),
        (["02-b.md", "01-a.md"], ["02-b.md", "03-a.md"]),
        (["01-a.md", "03-c.md", "02-b.md", "04-d.md"], ["01-a.md", "03-c.md", "04-b.md", "05-d.md"]),
        (["10-a.md", "30-c.md", "20-b.md", "40-d.md"], ["10-a.md", "30-c.md", "31-b.md", "40-d.md"]),
        (["05-b.md", "01-a.md", "02-c.md"], ["05-b.md", "06-a.md", "07-c.md"]),
        (["001-a.md", "003-c.md", "002-b.md"], ["001-a.md", "003-c.md", "004-b.md"]),
        (["penutup.md", "01-a.md"], ["01-penutup.md", "02-a.md"]),
        (["01-a.md", "02b-b.md", "02-c.md"], ["01-a.md", "02b-b.md", "03-c.md"]),
        (["01-materi.md", "01-materi.md"], ["01-materi.md", "02-materi.md"]),
        (["02-standar", "01-asas"], ["02-standar", "03-asas"]),
    ],
)
def test_renumbering_keeps_what_it_can(wanted, made):
    assert renumbered(wanted) == made


@pytest.mark.parametrize(
    ("wanted", "newcomer", "made"),
    [
        (["01-a.md", "01-x.md"], 1, ["01-a.md", "02-x.md"]),
        (["07-x.md", "01-a.md", "02-b.md"], 0, ["01-x.md", "02-a.md", "03-b.md"]),
        (["x.md"], 0, ["01-x.md"]),
        (["10-a.md", "x.md", "20-b.md"], 1, ["10-a.md", "11-x.md", "20-b.md"]),
    ],
)
def test_newcomer_gets_a_number_of_its_own(wanted, newcomer, made):
    assert renumbered(wanted, newcomer) == made


def fewest(names):
    """By trying every set of names that stay."""
    lowest = 0 if any(sort_name(name)[0] == 0 for name in names) else 1
    for size in range(len(names), -1, -1):
        if any(possible(names, staying, lowest) for staying in itertools.combinations(range(len(names)), size)):
            return len(names) - size
    return len(names)


def possible(names, staying, lowest):
    before, number, filled = (-1, "", ""), lowest - 1, False
    for index, name in enumerate(names):
        if index in staying:
            key = sort_name(name)
            if not before < key or (filled and key[0] == number and not key[1]):
                return False
            before, number, filled = key, key[0], False
        else:
            number, filled = number + 1, True
            before = (number, "", name)
            if number >= 10**9:
                return False
    return True


@settings(max_examples=300, deadline=None)
@given(NAMES)
def test_order_is_right_keys_stay_and_renames_are_fewest(names):
    made = renumbered(names)
    assert made == sorted(made, key=sort_name)
    assert [key_segment(name[:-3]) for name in made] == [key_segment(name[:-3]) for name in names]
    assert sum(old != new for old, new in zip(names, made, strict=True)) <= fewest(names)
