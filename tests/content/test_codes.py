"""Every code of the registry is emitted for its bad example, without other errors, and a good example gives nothing at all."""

import io
import random
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from lms.content.check import check_course
from lms.content.compile import render_warnings
from lms.content.parse import load_course
from lms.content.problems import registry
from lms.content.types import Level
from tests.content.course_files import quiz, write_course

TODAY = date(2026, 3, 5)
LESSON = "01-asas/02-uji.md"
QUIZ = "01-asas/03-kuis.md"


def snippet_files(place: str, text: str) -> dict[str, str]:
    if place == "soal":
        return {QUIZ: quiz(text)}
    if place in ("materi", "berkas"):
        return {LESSON: text + "\n"}
    if place == "kepala":
        return {LESSON: f"---\n{text}\n---\n\n# Uji\n\nIsi.\n"}
    assert place == "kursus"
    judul = "" if "judul:" in text or "ringkasan:" in text else "judul: Contoh\n"
    return {"course.yml": f"kode: contoh\n{judul}{text}\n"}


def many(letter: str, key: str = "tidak") -> str:
    return quiz(
        "\n".join(f"## Soal {n}: Apa {letter}{n}?\n\n- [x] satu{n}\n- [ ] dua{n}\n- [ ] tiga{n}\n" for n in range(6)),
        f"acak-pilihan: {key}\n",
    )


PRETEST = "---\njudul: Tes awal\njenis: pretest\n---\n\n## Soal 1: Apa?\n\n{module}- [x] satu\n- [ ] dua\n"
TEST_OUT = {"course.yml": "judul: Contoh\nuji-lewati: 80\n"}


def heavy_picture() -> bytes:
    """A photograph-like PNG of 1.4 MB."""
    stream = io.BytesIO()
    Image.frombytes("RGB", (800, 600), random.Random(7).randbytes(800 * 600 * 3)).save(stream, "PNG")
    return stream.getvalue()


TOLD = {
    "K001": ({LESSON: b"# Materi\n\n70,8 \xb1 0,5\n"}, {LESSON: "# Materi\n\n70,8 ± 0,5\n"}),
    "K002": ({LESSON: "# Materi\n".encode("utf-16")}, {LESSON: "# Materi\n"}),
    "K003": ({LESSON: "# Materi\r\n\nIsi.\n"}, {LESSON: "# Materi\r\n\r\nIsi.\r\n"}),
    "K018": ({LESSON: "# Materi\n\n" + "kata kerja\n" * 19_000}, {LESSON: "# Materi\n\n" + "kata kerja\n" * 100}),
    "K019": ({LESSON: "# Materi\n\n" + "[" * 5000}, {LESSON: "# Materi\n\n" + "[ " * 20}),
    "K091": ({QUIZ: many("a")}, {QUIZ: many("a", "ya")}),
    "K092": (
        {**TEST_OUT, "pretest.md": PRETEST.format(module="")},
        {**TEST_OUT, "pretest.md": PRETEST.format(module="Modul: asas\n\n")},
    ),
    "K103": (
        {LESSON: "# M\n\n![Foto](media/besar.png)\n", "01-asas/media/besar.png": heavy_picture()},
        {LESSON: "# M\n\n![Foto](media/loket.png)\n"},
    ),
    "K109": (
        {LESSON: "# M\n\n[Tabel: Rekap](../data/ikm.csv)\n", "data/ikm.csv": "a,b\n" * 600},
        {LESSON: "# M\n\n[Tabel: Rekap](../data/ikm.csv)\n", "data/ikm.csv": "a,b\n" * 500},
    ),
    "K118": ({".git/HEAD": "ref: x\n"}, {}),
    "K119": ({"01-asas/02-materi.md": "# Kembar\n"}, {"01-asas/02-lain.md": "# Lain\n"}),
    "K121": ({"01-asas/Pengenalan Umum.md": "# Umum\n"}, {"01-asas/02-pengenalan-umum.md": "# Umum\n"}),
}


def codes_of(root: Path) -> set[str]:
    return {problem.code for problem in check_course(load_course(root), TODAY)}


HARMLESS = {"K032", "K090", "K095"}
"""Notes that short snippets of questions always get: no id, no explanation, and a lone essay that waits for a person."""
COMES_WITH = {"K114": {"K086"}}
"""Notes that a good example gets in the skeleton course: its weights name quizzes that are not there."""


def new_codes(tmp_path: Path, files: dict[str, str | bytes]) -> set[str]:
    """What `files` add to the findings of the skeleton course."""
    without = codes_of(write_course(tmp_path / "kerangka"))
    return codes_of(write_course(tmp_path / "uji", files)) - without


def errors_among(codes: set[str]) -> set[str]:
    return {code for code in codes if registry()[code].level is Level.ERROR}


@pytest.mark.parametrize("name", [name for name, code in registry().items() if code.place not in ("uraian", "terbit")])
def test_bad_example_gives_its_code_and_no_other_error_and_the_good_one_gives_nothing(tmp_path, name):
    code = registry()[name]
    bad = new_codes(tmp_path / "buruk", snippet_files(code.place, code.bad))
    good = new_codes(tmp_path / "baik", snippet_files(code.place, code.good))
    unexpected = good - (HARMLESS - {name}) - COMES_WITH.get(name, set())
    assert (name in bad, errors_among(bad - {name}), unexpected) == (True, set(), set())


@pytest.mark.parametrize("name", sorted(TOLD))
def test_code_told_in_words_is_emitted_for_a_bad_folder_only(tmp_path, name):
    bad_files, good_files = TOLD[name]
    bad = new_codes(tmp_path / "buruk", bad_files)
    good = set() if good_files is None else new_codes(tmp_path / "baik", good_files)
    assert (name in bad, errors_among(bad - {name}), good - HARMLESS) == (True, set(), set())


def test_only_media_that_no_file_links_are_reported(tmp_path):
    links = "# M\n\n![a](media/loket.png)\n\n[x](media/sambutan.mp4)\n\n[y](media/lengkap.mp4)\n\n[w](<media/formulir standar.pdf>)\n\n![z](media/bagan.svg)\n"
    root = write_course(tmp_path, {LESSON: links, "01-asas/media/lama.png": b"x"})
    unused = [problem.message for problem in check_course(load_course(root), TODAY) if problem.code == "K117"]
    assert unused == ["berkas `01-asas/media/lama.png` tidak dipakai"]


def test_unknown_macro_in_a_formula_is_found_when_rendering(tmp_path):
    files = {"course.yml": "judul: Contoh\nrumus: ya\n", LESSON: "# M\n\nRumus $\\badmacro{x}$ dan $\\frac{a}{b}$.\n"}
    problems = render_warnings(load_course(write_course(tmp_path, files)))
    assert [(problem.code, problem.file, problem.line) for problem in problems] == [("K108", LESSON, 3)]


def test_every_code_has_a_test_here():
    told = {name for name, code in registry().items() if code.place == "uraian"}
    assert told == {*TOLD, "K108", "K117"}


def test_every_code_explains_itself_in_full():
    for code in registry().values():
        assert all((code.title, code.message, code.help, code.explanation, code.bad, code.good)), code.name
