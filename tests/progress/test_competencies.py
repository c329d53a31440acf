"""Competencies of a post, what courses gave, and which courses are suggested for it."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.content.library import Published
from lms.progress import competencies, forms
from lms.progress.competencies import Standing
from lms.progress.rule_files import _shipped
from lms.progress.types import CourseCard, State
from tests.factories.content import sample_course

BOOK = forms.read(_shipped().text)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def course(key, written=(), minutes=60, jp=1, tags=()):
    outline = sample_course(key=key, competencies=tuple(written), minutes=minutes, jp=jp, tags=tuple(tags)).outline
    return Published(1, key, 1, 1, 1, "0" * 64, outline, AT)


def card(written, finished=True):
    done = AT if finished else None
    return CourseCard(1, 1, "x", "X", 1, 1, 1, State.DONE, 100, 1, 1, 0, "", "", AT, done, 1, False, tuple(written))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (["M.03-2", "S.01-1"], {"M.03": 2, "S.01": 1}),
        (["M.03-1", "M.03-3", "M.03-2"], {"M.03": 3}),
        (["T.01.2-4", "M.05"], {"T.01.2": 4, "M.05": 1}),
        (["manajerial", "m.03-2", "M.03-7", ""], {}),
    ],
)
def test_levels_are_read_by_code_and_the_highest_counts(written, found):
    assert competencies.levels(written) == found


@pytest.mark.parametrize(
    ("position", "level"),
    [
        ("Analis Kebijakan Ahli Madya", 4),
        ("Analis SDM Aparatur Ahli Muda", 3),
        ("Guru Ahli Pertama", 2),
        ("Perawat Penyelia", 3),
        ("Kepala Dinas Pendidikan dan Kebudayaan", 4),
        ("Kepala Bidang Pelayanan", 3),
        ("KEPALA SEKSI PEMERINTAHAN", 2),
        ("Camat Pulau Damar Timur", 3),
        ("Lurah Melati", 2),
        ("Pengelola Layanan Kependudukan", 1),
        ("", 1),
    ],
)
def test_post_asks_for_the_level_of_the_first_line_that_fits(position, level):
    assert competencies.required_level(BOOK, position) == level


def test_dictionary_of_the_shipped_rules_is_that_of_the_standard():
    assert [code for code, _ in BOOK.competencies] == [f"M.{n:02}" for n in range(1, 9)] + ["S.01"]
    assert competencies.named(BOOK, ["M.05-2", "T.01-1"]) == [("M.05", "Pelayanan publik", 2), ("T.01", "T.01", 1)]


def test_only_finished_courses_count_and_technical_ones_are_not_asked_of_a_post():
    text = _shipped().text.replace("  S.01: Perekat bangsa\n", "  S.01: Perekat bangsa\n  T.01: Data kesehatan\n")
    found = competencies.standings(
        forms.read(text), "Guru Ahli Muda", [card(["M.03-2"]), card(["M.04-3", "T.01-3"], finished=False)]
    )
    assert {one.code: (one.required, one.reached, one.is_open) for one in found if one.code in ("M.03", "M.04")} == {
        "M.03": (3, 2, True),
        "M.04": (3, 0, True),
    }
    assert [one.code for one in found] == [code for code, _ in BOOK.competencies]


def suggested(offered, known, about="", limit=3):
    return [
        (one.published.course_key, one.standing.code if one.standing else None, one.level)
        for one in competencies.suggest(offered, known, about, limit)
    ]


def test_each_suggestion_closes_another_gap_and_the_shortest_comes_first():
    known = [
        Standing("M.03", "Komunikasi", 2, 0),
        Standing("M.05", "Pelayanan publik", 2, 1),
        Standing("M.08", "Keputusan", 2, 2),
    ]
    offered = [
        course("panjang", ["M.03-2"], 200),
        course("komunikasi", ["M.03-1", "M.08-2"], 100),
        course("layanan", ["M.05-2"], 150),
        course("keputusan", ["M.08-3"], 20),
        course("tanpa-jp", ["M.03-2"], 5, jp=0),
        course("setara", ["M.05-1"], 10),
    ]
    assert suggested(offered, known) == [("komunikasi", "M.03", 1), ("layanan", "M.05", 2), ("setara", None, 0)]


def test_of_two_gaps_a_course_names_the_one_it_closes_further():
    known = [Standing("M.03", "Komunikasi", 3, 2), Standing("M.05", "Pelayanan publik", 3, 0)]
    assert suggested([course("dua", ["M.03-3", "M.05-2"])], known) == [("dua", "M.05", 2)]


def test_without_gaps_the_shortest_courses_are_suggested():
    offered = [course("b", minutes=30), course("a", minutes=30), course("c", minutes=10), course("d", minutes=90)]
    assert suggested(offered, []) == [("c", None, 0), ("a", None, 0), ("b", None, 0)]


def test_own_work_comes_before_the_shortest_and_another_trade_last():
    known = [Standing("M.04", "Orientasi pada hasil", 2, 0), Standing("M.05", "Pelayanan publik", 2, 0)]
    offered = [
        course("umum", ["M.05-2"], 40, tags=["antrean", "–"]),
        course("kesehatan", ["M.04-2", "T.02-1"], 10, tags=["puskesmas", "data"]),
        course("daring", ["M.05-2"], 90, tags=["layanan daring", "kependudukan"]),
    ]
    about = "Pengelola Layanan Kependudukan Dinas Kependudukan dan Pencatatan Sipil"
    assert suggested(offered, known, about) == [("daring", "M.05", 2), ("umum", None, 0), ("kesehatan", "M.04", 2)]
    assert suggested(offered, known, "Perawat PUSKESMAS Melati", 1) == [("kesehatan", "M.04", 2)]
    assert [one.topic for one in competencies.suggest(offered, known, about, 3)] == ["kependudukan", "", ""]


CODES = ("M.01", "M.02", "M.03")


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from([f"{c}-{n}" for c, n in product(CODES, range(1, 6))]), max_size=3), st.integers(1, 400)
        )
    ),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=3),
    st.integers(0, 5),
)
def test_suggestions_never_repeat_and_a_named_gap_is_real(written, levels, limit):
    offered = [course(f"k{n}", codes, minutes) for n, (codes, minutes) in enumerate(written)]
    known = [Standing(code, code, *pair) for code, pair in zip(CODES, levels, strict=True)]
    found = competencies.suggest(offered, known, "", limit)
    assert len({one.published.course_key for one in found}) == len(found) == min(limit, len(offered))
    named = [one for one in found if one.standing]
    assert all(one.standing.reached < one.standing.required and one.level > one.standing.reached for one in named)
    assert len({one.standing.code for one in named}) == len(named)
    assert found[: len(named)] == named, "gaps come first"
