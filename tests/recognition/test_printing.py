"""The words on the certificate, for the PDF and the HTML print page alike."""

import pytest

from lms.recognition import printing
from lms.recognition.printing import SubjectLine
from lms.recognition.types import Subject, SubjectResult
from tests.factories.recognition import VERIFY_URL, make_snapshot


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-03-05", "2026-03-05", "5 Maret 2026"),
        ("2026-03-02", "2026-03-05", "2–5 Maret 2026"),
        ("2026-02-27", "2026-03-05", "27 Februari 2026 – 5 Maret 2026"),
        ("2025-03-02", "2026-03-05", "2 Maret 2025 – 5 Maret 2026"),
        ("2026-03-06", "2026-03-05", "5 Maret 2026"),
    ],
)
def test_period(start, end, words):
    assert printing.period(start, end) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 menit"), (59, "59 menit"), (60, "60 menit (1 jam)"), (270, "270 menit (4 jam 30 menit)")]
)
def test_hours(minutes, words):
    assert printing.hours(minutes) == words


def test_subjects_are_numbered_through_under_their_modules():
    snapshot = make_snapshot(
        subjects=(
            Subject("A", 5, SubjectResult.FINISHED, "Satu"),
            Subject("B", 7, SubjectResult.TESTED_OUT, "Dua"),
            Subject("C", 9, SubjectResult.PASSED),
        )
    )
    assert printing.subject_lines(snapshot) == (
        SubjectLine("", "Satu", "5 menit", "", is_module=True),
        SubjectLine("1", "A", "5 menit", "Selesai"),
        SubjectLine("", "Dua", "–", "", is_module=True),
        SubjectLine("2", "B", "–", "Diakui melalui tes awal"),
        SubjectLine("3", "C", "9 menit", "Lulus"),
    )


def test_statement_names_jp_only_when_there_are_some():
    assert printing.face(make_snapshot(), VERIFY_URL).statement.endswith("setara 6 JP (jam pelajaran)")
    assert printing.face(make_snapshot(jp=0), VERIFY_URL).statement.endswith("pada pelatihan")
