"""Codes, numbers, file names, predicates and subjects, without a database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.progress.types import Facts
from lms.recognition import rules
from lms.recognition.types import Subject, SubjectResult
from tests.factories.content import LESSONS, sample_course

CODE = "7K3M9QXT2B4D01Z8"


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        "7K3M-9QXT-2B4D-01Z8",
        " 7k3m 9qxt 2b4d 01z8\n",
        "7K3M–9QXT—2B4D−01Z8",
        "7K3M-9QXT-2B4D-OIZ8",
        "7K3M9QXT2B4DoLz8",
    ],
)
def test_code_is_read_as_people_type_it(typed):
    assert rules.parse_code(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", CODE[:15], CODE + "0", CODE[:15] + "U", CODE[:15] + "é", "٣" * 16, "x" * 10**6, "%00", "7K3M/9QXT2B4D01Z8"]
)
def test_what_is_no_code_is_none(typed):
    assert rules.parse_code(typed) is None


@given(st.integers(0, 2**80 - 1))
def test_code_survives_grouping(bits):
    code = rules.make_code(bits)
    assert len(code) == 16
    assert rules.parse_code(rules.grouped_code(code)) == code


@given(st.text(max_size=40))
def test_reading_a_code_never_fails(text):
    code = rules.parse_code(text)
    assert code is None or (len(code) == 16 and set(code) <= set(rules.CODE_ALPHABET))


def test_codes_differ_when_any_bit_differs():
    assert len({rules.make_code(1 << bit) for bit in range(80)}) == 80


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("{no:04}/{kode}/{unit}/{bulan_romawi}/{tahun}", "0042/PPD/DKPS/III/2026"),
        ("B.{no}/BDA/RSDM.510/{bulan_romawi}/{tahun}", "B.42/BDA/RSDM.510/III/2026"),
        ("{no:06}-{tahun}-{bulan:02}", "000042-2026-03"),
        ("SK/{kode}", "0042/SK/PPD/2026"),
        ("{no.__class__}/{nip}/{no}/{tahun}", "{no.__class__}/{nip}/42/2026"),
        ("  {no}   /  {tahun} ", "42 / 2026"),
        ("", "0042//2026"),
        ("{no}/{tahun}/" + "panjang" * 30, "0042/PPD/DKPS/III/2026"),
    ],
)
def test_certificate_number_by_pattern(pattern, number):
    values = {"sequence": 42, "course_key": "ppd", "unit_name": "Dinas Kependudukan dan Pencatatan Sipil"}
    assert rules.certificate_number(pattern, **values, issued_on=date(2026, 3, 5)) == number


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=200), st.integers(1, 10**6))
def test_certificate_numbers_of_one_year_always_differ_and_fit(pattern, key, unit, sequence):
    first, second = (
        rules.certificate_number(pattern, sequence=number, course_key=key, unit_name=unit, issued_on=date(2026, 12, 31))
        for number in (sequence, sequence + 1)
    )
    assert first != second
    assert 0 < len(first) <= rules.NUMBER_LENGTH


@pytest.mark.parametrize(("month", "roman"), [(1, "I"), (4, "IV"), (9, "IX"), (12, "XII")])
def test_roman_months(month, roman):
    number = rules.certificate_number(
        "{no}/{bulan_romawi}/{tahun}", sequence=1, course_key="", unit_name="", issued_on=date(2026, month, 1)
    )
    assert number == f"1/{roman}/2026"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Dinas Kependudukan dan Pencatatan Sipil", "DKPS"),
        ("BKPSDM", "BKPSDM"),
        ("UPT Puskesmas Kalumata", "UPT-PK"),
        ("dinas  kesehatan", "DK"),
        ("SD Negeri 1 Tanjung", "SD-N1T"),
        ("", "UNIT"),
        ("///", "UNIT"),
    ],
)
def test_unit_abbreviation(name, short):
    assert rules.unit_abbreviation(name) == short


@pytest.mark.parametrize(
    ("number", "name", "file"),
    [
        ("0042/PPD/III/2026", "Siti Rahma, S.T.", "Sertifikat-0042-PPD-III-2026-Siti-Rahma-S.T.pdf"),
        ("../../etc/passwd", "", "Sertifikat-etc-passwd.pdf"),
        ('1"\r\nX: y\\z', "é", "Sertifikat-1-X-y-z.pdf"),
    ],
)
def test_file_name_is_safe(number, name, file):
    assert rules.file_name(number, name) == file


@pytest.mark.parametrize(
    ("score", "word"),
    [
        (None, ""),
        (9001, "Sangat Memuaskan"),
        (9000, "Memuaskan"),
        (8001, "Memuaskan"),
        (8000, "Baik"),
        (7001, "Baik"),
        (7000, "Cukup"),
        (0, "Cukup"),
    ],
)
def test_predicate_bands(score, word):
    assert rules.predicate(score) == word


@pytest.mark.parametrize(
    ("rank", "grade", "line"),
    [("Penata Tk. I", "III/d", "Penata Tk. I, III/d"), ("Golongan IX", "IX", "IX"), ("", "IX", "IX"), ("", "", "")],
)
def test_rank_line(rank, grade, line):
    assert rules.rank_line(rank, grade) == line


def test_subjects_are_what_was_done_or_recognised():
    facts = Facts(
        lessons_done=frozenset({LESSONS[2]}),
        quizzes_passed=frozenset({"posttest"}),
        quizzes_tried=frozenset({"pretest", "posttest"}),
        modules_tested_out=frozenset({"asas"}),
    )
    assert rules.subjects(sample_course().outline, facts) == (
        Subject("Mengapa pelayanan publik", 20, SubjectResult.TESTED_OUT, "Asas"),
        Subject("Dua Belas Asas", 25, SubjectResult.TESTED_OUT, "Asas"),
        Subject("Kuis Asas", 10, SubjectResult.TESTED_OUT, "Asas"),
        Subject("Menyusun Standar", 25, SubjectResult.FINISHED, "Standar"),
        Subject("Post-test", 15, SubjectResult.PASSED, ""),
    )


def test_jp_note_explains_every_shortfall():
    assert rules.jp_note(2, 2, 1) == ""
    assert "Seluruh materi diakui melalui tes awal" in rules.jp_note(2, 0, 2)
    assert rules.jp_note(6, 4, 1).startswith("1 modul diakui melalui tes awal")
    assert rules.jp_note(6, 5, 0).startswith("JP dihitung dari menit belajar")
