"""The rule file: the shipped one is whole, and whatever is wrong in another is told with its line."""

from datetime import date

import pytest

from lms.people.types import YearTarget
from lms.progress import forms
from lms.progress.forms import Conversion, UnreadableRules
from lms.progress.rule_files import _shipped
from lms.recognition.rules import FORMS

TEXT = _shipped().text
CONVERSIONS = {
    Conversion.PROGRAMME: {1, 2, 3, 5, 6, 11, 12, 16, 17, 19},
    Conversion.HOURS: {4, 7, 8, 9},
    Conversion.FIXED: {10, 18, 20, 21},
    Conversion.SESSION: {14, 15},
    Conversion.DAILY: {22, 23, 24},
    Conversion.NONE: {13, 25},
}


def problems(text):
    with pytest.raises(UnreadableRules) as caught:
        forms.read(text)
    return [(one.line, one.message) for one in caught.value.problems]


def test_shipped_rules_name_all_forms_as_certificates_do_and_claim_nothing_verified():
    book = forms.read(TEXT)
    assert {one.id: one.name for one in book.forms} == FORMS
    assert {kind: {one.id for one in book.forms if one.conversion is kind} for kind in Conversion} == CONVERSIONS
    assert {one.id for one in book.forms if one.is_classical} == {*range(1, 10), 11, 12, 13}
    assert sorted(one.code for one in book.forms) == sorted(f"KL{n:02}" for n in range(1, 13)) + sorted(
        f"NKL{n:02}" for n in range(1, 14)
    )
    assert [one.is_verified for one in book.forms] == [False] * 25
    assert {one.id: (one.jp, one.limit) for one in book.forms if one.jp} == {
        10: (20, 1), 14: (2, 2), 15: (2, 2), 18: (20, 1), 20: (10, 1), 21: (20, 1), 22: (2, 0), 23: (2, 0), 24: (2, 0),
    }  # fmt: skip
    assert (book.targets, book.to_on) == ((), None)


def test_targets_of_years_are_read_by_year():
    more = "target:\n  2027: {pns: 24, pppk: 22, terverifikasi: tidak}\n  2026: {pns: 20, pppk: 20, batas-pppk: 24, sumber: SE 1, terverifikasi: ya}\n"
    book = forms.read(TEXT + more)
    assert [one.target for one in book.targets] == [YearTarget(2026, 20, 20, 24), YearTarget(2027, 24, 22, 0)]
    assert [(one.source, one.is_verified) for one in book.targets] == [("SE 1", True), ("", False)]


def line_of(words, text=TEXT):
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("berlaku: 2018-01-01", "berlaku: 1 Januari", "Isi “berlaku” harus tanggal seperti 2026-01-31."),
        ("versi: 2026-1", "versi:", "Isi “versi” masih kosong."),
        ("versi: 2026-1", "versi: 123456789012345678901", "Isi “versi” terlalu panjang: paling banyak 20 huruf."),
        ("versi: 2026-1", "versi: [1]", "Isi “versi” harus satu baris teks atau angka."),
        ("    nama: Coaching", "    nam: Coaching", "“nam” tidak dikenal pada bentuk 14. Yang dikenal: nama, kelas, kode, hitung, jp, "
         "kali-setahun, sesi-sebulan, sumber, terverifikasi."),
        ("    kode: NKL01", "    kode: NKL01\n    kode: X", "“kode” ditulis dua kali pada bentuk 14. Hapus salah satunya."),
        ("    jp: 2\n    sesi-sebulan: 2", "    jp: dua\n    sesi-sebulan: 2", "Isi “jp” harus bilangan bulat dari 1 sampai 1000."),
        ("    jp: 2\n    sesi-sebulan: 2", "    jp: 2\n    kali-setahun: 2", "“kali-setahun” tidak dipakai pada hitung: sesi. Hapus barisnya."),
        ("    hitung: jam", "    hitung: jam\n    jp: 3", "“jp” tidak dipakai pada hitung: jam. Hapus barisnya."),
        ("    hitung: jam", "    hitung: jams", "Isi “hitung” harus salah satu dari: program, jam, tetap, sesi, harian, tidak."),
        ("    kelas: klasikal", "    kelas: KL", "Isi “kelas” harus salah satu dari: klasikal, nonklasikal."),
        ("  M.03: Komunikasi", "  M3: Komunikasi", "“M3” bukan kode kompetensi. Tulis seperti M.03 atau T.01.2."),
        ("  M.03: Komunikasi", "  M.03:", "Isi “M.03” masih kosong."),
        ("  M.03: Komunikasi", "  M.02: Komunikasi", "“M.02” ditulis dua kali pada kompetensi. Hapus salah satunya."),
        ("  ahli muda: 3", "  ahli muda: 6", "Tingkat “ahli muda” harus 1 sampai 5."),
        ("  ahli muda: 3", "  ahli muda: 23", "Tingkat “ahli muda” harus 1 sampai 5."),
        ("  ahli muda: 3", "  ahli muda: tiga", "Tingkat “ahli muda” harus 1 sampai 5."),
        ("bentuk:\n", "bentuk:\n  26: x\n", "“26” tidak dikenal pada bentuk. Yang dikenal: " + ", ".join(map(str, range(1, 26))) + "."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old, new, told):
    text = TEXT.replace(old, new, 1)
    found = problems(text)
    assert told in [message for _, message in found]
    line = next(line for line, message in found if message == told)
    first_changed = next(n for n, (a, b) in enumerate(zip(TEXT.splitlines(), text.splitlines(), strict=False), 1) if a != b)
    assert line in (first_changed, first_changed + 1)


def test_every_mistake_is_told_at_once_in_order_of_lines():
    text = TEXT.replace("berlaku: 2018-01-01", "berlaku: x").replace("  25:", "  99:")
    assert [line for line, _ in problems(text)] == sorted([line_of("berlaku: x", text), line_of("  1:"), line_of("  99:", text)])


def test_an_end_before_the_beginning_is_told():
    assert problems(TEXT.replace("# sampai: 2030-12-31", "sampai: 2017-01-01 #"))[0][1].startswith("“sampai” mendahului")
    assert forms.read(TEXT.replace("# sampai: 2030-12-31", "sampai: 2030-12-31 #")).to_on == date(2030, 12, 31)


def test_a_verified_value_must_name_its_source():
    text = TEXT.replace("terverifikasi: tidak", "terverifikasi: ya").replace("sumber:", "#")
    assert {message for _, message in problems(text)} == {"Nilai yang terverifikasi harus menyebut “sumber”."}


@pytest.mark.parametrize(
    "text",
    ["", "x", "- 1", "versi: [", "a: 'b", "\tversi: 1", "versi: \x00", "? [a, b]\n: c", "&a [*a]", "bentuk: &b {1: *b}", "[" * 5000,
     "versi: 1\nbentuk: 3", "target: {2026: 1, [1]: 2}", "target: {1: {pns: 1}}", "x" * 70_000, "!!python/object:os.system x", "\ud800"],
)  # fmt: skip
def test_no_text_breaks_the_reader(text):
    assert all(line >= 1 and message.endswith(".") for line, message in problems(text))
