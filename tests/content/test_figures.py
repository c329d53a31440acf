"""What is counted of a course; and what the shipped courses promise about their keys."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from lms.content.figures import Figures, Guessing, figures_of, sentences
from lms.content.nodes import Span
from lms.content.parse import load_course
from lms.content.types import QuestionKind
from tests.content.course_files import write_course

COURSES = Path(__file__).resolve().parents[2] / "courses"
MOST = 1.25
"""A test-wise guess may be right this much more often than chance, in each course and over all."""


def prose(text: str) -> list[str]:
    return list(sentences([Span(number, 1, line) for number, line in enumerate(text.split("\n"), start=1)]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Satu kalimat. Dua kalimat? Tiga di sini!", ["Satu kalimat.", "Dua kalimat?", "Tiga di sini!"]),
        ("Baris pertama\ndan lanjutannya.", ["Baris pertama dan lanjutannya."]),
        ("- butir satu\n- butir dua", ["butir satu", "butir dua"]),
        ("1. langkah satu\n2. langkah dua", ["langkah satu", "langkah dua"]),
        ("- [ ] periksa berkas", ["periksa berkas"]),
        ("> [!KASUS]\n> **Kasus rekaan.** Bu Wati pulang.", ["Kasus rekaan.", "Bu Wati pulang."]),
        ('Ia berkata, "Besok datang lagi." Warga pulang.', ['Ia berkata, "Besok datang lagi.', "Warga pulang."]),
        ("# Judul besar\n\nIsi materi.", ["Isi materi."]),
        ("| a b | c d |\n|---|---|\n\nIsi materi.", ["Isi materi."]),
        ("![Gambar dua orang](a.png)\n\n*[ASN]: Aparatur Sipil Negara\n\nIsi materi.", ["Isi materi."]),
        ("Catatan.\n\nBerkas lengkap.", ["Berkas lengkap."]),
        ("Biaya Rp1.250.000 turun 70,8 persen.", ["Biaya Rp1.250.000 turun 70,8 persen."]),
        ("", []),
    ],
)
def test_prose_is_split_into_sentences(text, found):
    assert prose(text) == found


@pytest.mark.parametrize(
    ("chosen", "keys", "options", "hits", "chance"),
    [
        ([0], {0}, 4, Fraction(1), Fraction(1, 4)),
        ([1], {0}, 4, Fraction(0), Fraction(1, 4)),
        ([0, 2], {0}, 4, Fraction(1, 2), Fraction(1, 4)),
        ([1], {0, 1}, 4, Fraction(1), Fraction(1, 2)),
    ],
)
def test_guess_counts_ties_by_their_share(chosen, keys, options, hits, chance):
    guess = Guessing()
    guess.count(chosen, frozenset(keys), options)
    assert guess == Guessing(hits, chance)


BANK = """## Soal 1: Mana yang benar? {#satu}

- [ ] Pendek
- [x] Pilihan yang paling panjang

## Soal 2: Pilih semua. {#dua}

- [x] Sama
- [x] Beda
- [ ] Kata

## Soal 3: Loket buka pukul delapan. {#tiga}

- [x] Benar
- [ ] Salah

## Soal 4 {#empat}

Kota itu bernama [[*Sofifi | Makassar | Kendari]].
"""


def test_figures_of_a_small_course_are_what_a_hand_counts(tmp_path):
    lesson = (
        "# Materi\n\nIni kalimat pendek. Kalimat kedua memakai perkataan berkepanjangan.\n\n```\nbukan kalimat sama sekali\n```\n"
    )
    root = write_course(tmp_path, {"01-asas/01-materi.md": lesson, "bank/etika.md": BANK})
    found = figures_of(load_course(root).course)
    assert (found.words, found.sentences, found.long_sentences, found.long_words) == (8, 2, 0, 5)
    assert (found.words_per_sentence(), found.lix()) == (4, 66.5)
    kinds = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE, QuestionKind.CLOZE)
    assert found.kinds == Counter(kinds)
    assert (found.true_keys, found.true_false) == (1, 1)
    # one of 2; three alike of which 2 are keys; the second longest of 3
    assert found.longest == Guessing(Fraction(1) + Fraction(2, 3) + 0, Fraction(1, 2) + Fraction(2, 3) + Fraction(1, 3))
    assert found.first == Guessing(Fraction(2), Fraction(1, 2) + Fraction(2, 3) + Fraction(1, 3))


def test_nothing_to_count_has_no_ratio():
    assert (Figures().words_per_sentence(), Figures().lix(), Guessing().ratio()) == (None, None, None)


def test_keys_of_the_shipped_courses_are_guessed_no_better_than_by_chance():
    total, found = Figures(), {}
    for manifest in sorted(COURSES.glob("*/course.yml")):
        figures = figures_of(load_course(manifest.parent).course)
        found[manifest.parent.name] = figures.longest.ratio(), figures.first.ratio()
        total += figures
    found["all"] = total.longest.ratio(), total.first.ratio()
    assert {name: pair for name, pair in found.items() if max(pair) > MOST} == {}
