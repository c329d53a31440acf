"""Two texts of one file: every difference is shown, and the merged text holds every line of both."""

from hypothesis import given
from hypothesis import strategies as st

from lms.web.studio import compare
from lms.web.studio.compare import Line

TEXTS = st.lists(st.sampled_from(["", "satu", "dua", "tiga", "## Judul", "- [x] ya"]), max_size=12).map("\n".join)


def is_within(part: list[str], whole: list[str]) -> bool:
    """Whether `part` can be had from `whole` by leaving lines out."""
    rest = iter(whole)
    return all(line in rest for line in part)


def test_differences_of_equal_texts_are_none():
    assert compare.differences("satu\ndua", "satu\ndua") == []


def test_difference_carries_its_line_numbers_and_two_equal_lines_around():
    found = compare.differences("a\nb\nc\nd\ne", "a\nb\nC\nC2\nd\ne")
    assert [line for each in found for line in each.mine] == [
        Line(1, "a", True), Line(2, "b", True), Line(3, "c"), Line(4, "d", True), Line(5, "e", True),
    ]  # fmt: skip
    assert [line for each in found for line in each.theirs] == [
        Line(1, "a", True), Line(2, "b", True), Line(3, "C"), Line(4, "C2"), Line(5, "d", True), Line(6, "e", True),
    ]  # fmt: skip


def test_merged_text_of_two_additions_holds_both_once():
    assert compare.merged("a\nmilik saya\nb\nc", "a\nb\nc\nmilik Siti") == "a\nmilik saya\nb\nc\nmilik Siti"


@given(TEXTS, TEXTS)
def test_merged_text_loses_no_line_of_either(mine, theirs):
    merged = compare.merged(mine, theirs).split("\n")
    assert is_within(mine.split("\n"), merged)
    assert is_within(theirs.split("\n"), merged)


@given(TEXTS, TEXTS)
def test_differences_are_empty_exactly_for_equal_texts(mine, theirs):
    assert (compare.differences(mine, theirs) == []) == (mine == theirs)
    assert compare.merged(mine, mine) == mine


def test_long_texts_with_many_blank_lines_are_compared_in_a_moment():
    lines = [line for number in range(4_000) for line in (f"Baris {number}", "")]
    other = [*lines[:4_000], "Sisipan", *lines[4_000:-1], "Akhir lain"]
    assert len(compare.differences("\n".join(lines), "\n".join(other))) == 2
