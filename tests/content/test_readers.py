"""Values with a grammar of their own, in the ways people write them."""

import time

import pytest

from lms.content.assignments import Grader
from lms.content.readers import (
    read_due,
    read_endings,
    read_grader,
    read_scale,
    read_size,
    read_words,
)
from lms.content.types import Scale


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14 hari", 14 * 86400),
        ("2 minggu", 14 * 86400),
        ("tidak", 0),
        ("2026-12-01", "2026-12-01"),
        ("1 Desember 2026", "2026-12-01"),
        ("1 Des. 2026", "2026-12-01"),
        ("1/12/2026", "2026-12-01"),
        ("28 Februari 2027", "2027-02-28"),
        ("31 Februari 2026", None),
        ("1 Bulan 2026", None),
        ("besok", None),
        ("", None),
    ],
)
def test_due_is_a_duration_or_a_date(text, value):
    assert read_due(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10 MB", 10_000_000),
        ("10", 10_000_000),
        ("500 kB", 500_000),
        ("2,5mb", 2_500_000),
        ("25 MB", 25_000_000),
        ("25,1 MB", None),
        ("0", None),
        ("besar", None),
    ],
)
def test_size_is_at_most_25_megabytes(text, value):
    assert read_size(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pdf, docx", ("pdf", "docx")),
        (".PDF dan *.docx, pdf", ("pdf", "docx")),
        ("jpg/png", ("jpg", "png")),
        ("pdf, exe", None),
        ("svg", None),
        ("", None),
    ],
)
def test_endings_are_from_a_closed_list(text, value):
    assert read_endings(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100-300", (100, 300)),
        ("100 – 300 kata", (100, 300)),
        ("maks 300", (0, 300)),
        ("Maksimal 1.500 kata", (0, 1500)),
        ("at most 300 words", (0, 300)),
        ("min 100", (100, 0)),
        ("300", (0, 300)),
        ("300-100", None),
        ("sekitar 300", None),
        ("0", None),
        ("-300", None),
    ],
)
def test_words_are_a_range_or_a_limit(text, value):
    assert read_words(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1-5 Sangat tidak setuju – Sangat setuju", Scale(1, 5, ("Sangat tidak setuju", "Sangat setuju"))),
        ("1-5 Sangat tidak setuju - Sangat setuju", Scale(1, 5, ("Sangat tidak setuju", "Sangat setuju"))),
        ("1–5: Tidak-tahu — Tahu", Scale(1, 5, ("Tidak-tahu", "Tahu"))),
        ("1-4 Kurang | Cukup | Baik | Sangat baik", Scale(1, 4, ("Kurang", "Cukup", "Baik", "Sangat baik"))),
        ("0-10", Scale(0, 10)),
        ("1 sampai 3 (Buruk – Baik (sekali))", Scale(1, 3, ("Buruk", "Baik (sekali)"))),
        ("1-3 Kurang – Cukup – Baik", Scale(1, 3, ("Kurang", "Cukup", "Baik"))),
        ("1-5 Setuju", None),
        ("1-5 a | b | c", None),
        ("5-1 a – b", None),
        ("1-50", None),
        ("Tidak setuju – Setuju", None),
    ],
)
def test_scale_has_no_label_one_at_each_end_or_one_a_number(text, value):
    assert read_scale(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mentor", (Grader.MENTOR, 0)),
        ("Atasan", (Grader.SUPERIOR, 0)),
        ("sejawat 3", (Grader.PEER, 3)),
        ("sejawat", (Grader.PEER, 2)),
        ("peer 1", (Grader.PEER, 1)),
        ("sejawat 9", None),
        ("mentor 2", None),
        ("guru", None),
    ],
)
def test_grader_may_name_how_many_peers(text, value):
    assert read_grader(text) == value


@pytest.mark.parametrize("run", [" " * 190_000, "9" * 190_000, "- " * 95_000, "a" * 190_000, "– " * 95_000])
def test_endless_values_take_no_time(run):
    started = time.process_time()
    for text in (run + "x", "1-5 a" + run + "b", "100" + run + "300", "maks " + run + "9"):
        for reader in (read_due, read_endings, read_grader, read_scale, read_size, read_words):
            reader(text)
    assert time.process_time() - started < 20  # much less than a second; minutes, if it grew with the square of the text
