from decimal import Decimal

import pytest

from lms.shared.numbers import format_number, parse_number, read_back


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("70,8", "70.8"),
        ("70.8", "70.8"),
        ("1.250", "1250"),
        ("1.250,5", "1250.5"),
        ("1,250.5", "1250.5"),
        ("1,250,000", "1250000"),
        ("1 250 000", "1250000"),
        ("16,000", "16.000"),
        ("0.125", "0.125"),
        ("1250.000", "1250.000"),
        ("Rp1.250.000", "1250000"),
        ("Rp 1.250.000,-", "1250000"),
        ("Rp. 1.250.000,00", "1250000.00"),
        ("-Rp5.000", "-5000"),
        ("Rp1,25 juta", "1250000"),
        ("2 ribu", "2000"),
        ("70,8 %", "70.8"),
        ("70,8 persen", "70.8"),
        ("35 menit", "35"),
        ("12 m2", "12"),
        ("60 km/jam", "60"),
        ("−5", "-5"),
        ("+5", "5"),
        ("-0", "0"),
        (",5", "0.5"),
        ("12.", "12"),
        ("\u00a035\u00a0", "35"),
        ("３５", "35"),
        ("0,1000000000000000000000000000000001", "0.1000000000000000000000000000000001"),
    ],
)
def test_parse_number_reads_indonesian_notation(typed, value):
    assert parse_number(typed, "id") == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "value"), [("1,250", "1250"), ("1.250", "1.250"), ("16,000", "16000"), ("70,8", "70.8"), ("2 million", "2000000")]
)
def test_parse_number_reads_english_notation(typed, value):
    assert parse_number(typed, "en") == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "abc",
        "Rp",
        "1.250.5",
        "1..2",
        "1,2,3",
        "10²",
        "1e3",
        "5-10",
        "12 Maret 2025",
        "2 jam 30 menit",
        "1/2",
        "½",
        "1 25",
        "9" * 61,
        "--5",
    ],
)
def test_parse_number_refuses_what_is_not_one_number(typed):
    assert parse_number(typed, "id") is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1250", "1.250 (seribu dua ratus lima puluh)"),
        ("70.8", "70,8 (tujuh puluh koma delapan)"),
        ("16.000", "16 (enam belas)"),
        ("-11.05", "-11,05 (minus sebelas koma nol lima)"),
        ("1000000", "1.000.000 (satu juta)"),
        ("110", "110 (seratus sepuluh)"),
        ("21119", "21.119 (dua puluh satu ribu seratus sembilan belas)"),
        ("0", "0 (nol)"),
        ("1E+20", "100.000.000.000.000.000.000"),
    ],
)
def test_read_back_says_the_number_in_words(value, said):
    assert read_back(Decimal(value), "id") == said


def test_read_back_in_english_uses_english_words_and_marks():
    assert read_back(Decimal("1250.5"), "en") == "1,250.5 (one thousand two hundred fifty point five)"


def test_format_number_and_parse_number_agree_on_every_whole_number_in_groups():
    for number in (0, 7, 999, 1000, 12345, 10**6, 987654321):
        assert parse_number(format_number(Decimal(number), "id"), "id") == number
