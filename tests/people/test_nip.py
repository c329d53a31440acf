"""Staff numbers: the published examples, every spelling of the field, and what Excel does to them (D18-D22)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.people.nip import EXCEL_DAMAGE, Nip, format_nip, mask_nip, nip_digits, parse_nip
from lms.people.types import EmploymentKind

PNS, PPPK = "198609262015051001", "200012312024211001"


def refusal(text: str, **more: object) -> str:
    with pytest.raises(Invalid) as caught:
        parse_nip(text, **more)
    assert caught.value.field == "nip"
    return str(caught.value)


def test_published_examples_are_read():
    assert parse_nip(PNS) == Nip(PNS, EmploymentKind.PNS, date(1986, 9, 26))
    assert parse_nip(PPPK) == Nip(PPPK, EmploymentKind.PPPK, date(2000, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "19860926 201505 1 001",
        "19860926.201505.1.001",
        "'198609262015051001",
        "’198609262015051001",
        " 19860926\u00a0201505\t1\u200b 001\n",
    ]
    + [
        "NIP. 198609262015051001",
        "NIP: 19860926 201505 1 001",
        "nip 198609262015051001",
        "19860926-201505-1-001",
        "１９８６０９２６２０１５０５１００１",
    ]
    + ['"198609262015051001"', "\ufeff198609262015051001"],
)
def test_spellings_of_the_field_are_read(text):
    assert parse_nip(text).value == PNS


def test_nip_is_grouped_by_kind():
    assert format_nip(PNS) == "19860926 201505 1 001"
    assert format_nip(PPPK) == "20001231 2024 21 1 001"
    assert format_nip("12345") == "12345"


def test_mask_hides_birth_date_and_sex():
    assert mask_nip(PNS) == "•••••••• 201505 • 001"
    assert mask_nip(PPPK) == "•••••••• 2024 21 • 001"
    assert mask_nip("12345") == "•••••"


@pytest.mark.parametrize(
    "text",
    [
        "198609262015051000",
        "1.98609E+17",
        "1,98609E+17",
        "1.98E+17",
        "1.98609262015051e17",
        "2E+17",
        "'1.98E+17",
        "198609262015051001.0",
    ]
    + ["198609262015051000,00", "200012312024211000", "19860926 201505 1 000"],
)
def test_excel_damage_is_named(text):
    assert refusal(text) == EXCEL_DAMAGE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "kosong"),
        ("   ", "kosong"),
        ("NIP.", "kosong"),
        ("-", "kosong"),
        ("19860926201505100", "17 angka"),
        ("1986092620150510011", "19 angka"),
        ("130675001", "NIP lama"),
        ("19860926201505100A", "hanya berisi angka"),
        ("198613262015051001", "tanggal lahir"),
        ("198602302015051001", "tanggal lahir"),
        ("098609262015051001", "tanggal lahir"),
        ("198609262015053001", "ke-15"),
        ("200012312024210001", "ke-15"),
        ("x" * 100_000, "hanya berisi angka"),
    ],
)
def test_wrong_numbers_are_refused_with_the_reason(text, words):
    assert words in refusal(text)


@pytest.mark.parametrize("code", ["00", "13", "20", "31", "99"])
def test_unknown_code_warns_and_is_kept(code):
    read = parse_nip(f"200012312025{code}1001")
    assert (read.kind, len(read.warnings)) == (EmploymentKind.OTHER, 1)
    assert f"Kode {code} " in read.warnings[0]


def test_improbable_appointment_warns():
    assert "2008" in parse_nip("200012312008211001").warnings[0]


def test_birth_date_column_must_agree():
    assert parse_nip(PNS, birth_date=date(1986, 9, 26)).value == PNS
    assert "26-09-1986" in refusal(PNS, birth_date=date(1986, 9, 27))


DATES = st.dates(date(1930, 1, 1), date(2010, 12, 31))


@given(DATES, st.integers(1, 12), st.integers(20, 60), st.sampled_from("12"), st.integers(1, 999))
def test_every_pns_number_is_read_and_survives_grouping(born, month, age, sex, sequence):
    value = f"{born:%Y%m%d}{born.year + age}{month:02}{sex}{sequence:03}"
    assert parse_nip(value, birth_date=born) == Nip(value, EmploymentKind.PNS, born)
    assert parse_nip(format_nip(value)).value == value


@given(DATES, st.integers(1, 9), st.integers(20, 60), st.sampled_from("12"), st.integers(1, 999))
def test_every_pppk_number_is_read_and_survives_grouping(born, frequency, age, sex, sequence):
    value = f"{born:%Y%m%d}{born.year + age}2{frequency}{sex}{sequence:03}"
    assert parse_nip(value, birth_date=born) == Nip(value, EmploymentKind.PPPK, born)
    assert parse_nip(format_nip(value)).value == value


@given(DATES, st.integers(1, 12), st.sampled_from("12"), st.integers(1, 999))
def test_a_number_through_15_digits_is_always_refused(born, month, sex, sequence):
    value = f"{born:%Y%m%d}{born.year + 25}{month:02}{sex}{sequence:03}"
    assert refusal(value[:15] + "000") == EXCEL_DAMAGE
    assert refusal(f"{float(value):.2E}") == EXCEL_DAMAGE


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        read = parse_nip(text)
    except Invalid as problem:
        assert str(problem).endswith(".")
    else:
        assert len(read.value) == 18


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        (PNS, PNS),
        ("19860926 201505 1 001", PNS),
        ("NIP. 19860926.201505", "19860926201505"),
        ("'1986", "1986"),
        ("198", ""),
        (PNS + "0", ""),
        ("Andi 1986", ""),
        ("", ""),
    ],
)
def test_what_is_typed_into_a_search_is_taken_for_the_beginning_of_a_nip(typed, digits):
    assert nip_digits(typed) == digits
