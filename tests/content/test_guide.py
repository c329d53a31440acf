"""The authors' guide cannot drift: every example in it is executed, every closed list compared, every code page generated again."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from lms.cli.explain import guide_pages
from lms.cli.main import main
from lms.content.allowlist import CALLOUTS
from lms.content.check import check_course
from lms.content.compile import compile_course, render_warnings
from lms.content.keywords import KEYWORDS, KINDS
from lms.content.nodes import QuestionNode
from lms.content.parse import load_course
from lms.content.schemas import COURSE_KEYS, FILE_KEYS, Key
from lms.content.types import Level, Problem, QuestionKind
from tests.content.course_files import write_course, write_files
from tests.content.guide_examples import GUIDE, LANGUAGES, PLACES, examples, lessons

TODAY = date(2026, 11, 2)
"""Just after the guide's own review."""
QUESTION = "## Soal {n}: Apa {n}? {{#{prefix}-{n}}}\n\nTag: dasar\n\nModul: asas\n\n- [x] Satu\n- [ ] Dua\n\nPembahasan: Ya.\n\n"
AROUND: dict[str, str | bytes] = {
    "pretest.md": "---\njudul: Tes awal\njenis: pretest\n---\n\n" + QUESTION.format(n=1, prefix="awal"),
    "posttest.md": "---\njudul: Tes akhir\njenis: posttest\n---\n\n" + QUESTION.format(n=1, prefix="akhir"),
    "01-asas/04-kuis.md": "---\njudul: Kuis\njenis: kuis\n---\n\n" + QUESTION.format(n=1, prefix="kuis"),
    "01-asas/05-tugas.md": "---\njudul: Tugas\njenis: tugas\n---\n\nTulis.\n\nRubrik:\n\n- Isi (100%)\n",
    "bank/antrean.md": "".join(QUESTION.format(n=n, prefix="antrean") for n in range(1, 7)),
    "data/waktu-tunggu.csv": "Loket;Menit\nA;35\nB;20\n",
    "media/menyapa.mp4": b"bukan video sungguhan",
    "media/menyapa.id.vtt": "WEBVTT\n",
    "media/menyapa.md": "Selamat pagi, Pak.\n",
    "berkas/formulir.pdf": b"%PDF-1.4\n",
}
"""What the examples link to and draw from."""

CODE_PAGES = {f"07-kode/{name}": text for name, text in guide_pages().items()}
EXAMPLES = [example for name in lessons(frozenset(CODE_PAGES)) for example in examples(name)]
EXECUTED = [example for example in EXAMPLES if example.language == "markdown"]


@pytest.fixture(scope="session")
def plain_course(tmp_path_factory: pytest.TempPathFactory) -> frozenset[tuple[str, str, str]]:
    return frozenset(map(named, problems(trial(tmp_path_factory.mktemp("polos")))))


def trial(root: Path, files: dict[str, str | bytes] | None = None) -> Path:
    write_course(root, AROUND | (files or {}))
    (root / "media").mkdir(exist_ok=True)
    Image.new("RGB", (60, 40), "teal").save(root / "media" / "loket.png")
    return root


def problems(root: Path) -> list[Problem]:
    loaded = load_course(root)
    found = check_course(loaded, TODAY)
    has_errors = any(problem.level is Level.ERROR for problem in found)
    return found if has_errors else found + render_warnings(loaded)


def named(problem: Problem) -> tuple[str, str, str]:
    return problem.file, problem.code, problem.message


def test_every_example_says_what_it_must_give():
    assert [example.where for example in EXAMPLES if example.place not in LANGUAGES.get(example.language, frozenset())] == []
    assert [example.where for example in EXECUTED if example.place == "soal" and not example.kinds] == []


@pytest.mark.parametrize("example", EXECUTED, ids=lambda example: example.where)
def test_example_gives_what_it_promises(example, tmp_path, plain_course):
    file, whole = PLACES[example.place]
    root = trial(tmp_path, {file: whole(example.text)})
    found = [problem for problem in problems(root) if problem.file == file and named(problem) not in plain_course]
    assert {problem.code for problem in found} - {"K032"} == example.codes
    assert [question.kind for question in questions(root, file)] == [meant(name) for name in example.kinds]
    if not any(problem.level is Level.ERROR for problem in found):
        compile_course(load_course(root))


def questions(root: Path, file: str) -> Iterator[QuestionNode]:
    loaded = load_course(root)
    return (question for node in loaded.course.all_files() if node.file == file for question in node.questions())


def meant(name: str) -> QuestionKind:
    """The kind that the guide calls so; two kinds have no word of their own, because other lines make them."""
    return {"survei pilihan": QuestionKind.POLL, "tautan": QuestionKind.LINK}.get(name) or KINDS[name.replace("-", " ")]


def test_commands_of_the_guide_print_what_it_shows(tmp_path, monkeypatch):
    """One session from the first lesson to the last, as a learner types it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PELITA_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    printed = ""
    for example in EXAMPLES:
        if example.saved_as:
            write_files(tmp_path, {example.saved_as: example.text + "\n"})
        if example.place == "jalankan":
            printed = "".join(map(run, example.text.split("\n")))
        elif example.place == "keluaran":
            assert re.fullmatch(pattern(example.text), printed.rstrip() + "\n"), (
                f"{example.where} shows what is not printed:\n{printed}"
            )


def run(command: str) -> str:
    words = shlex.split(command)
    assert words[0] == "lms"
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        main(words[1:])
    return out.getvalue()


def pattern(shown: str) -> str:
    """`…` stands for anything in a line, and alone for any lines."""
    lines = [r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + r"\n" for line in shown.split("\n")]
    return "".join(lines)


def test_guide_itself_is_clean():
    found = check_course(load_course(GUIDE), TODAY) + render_warnings(load_course(GUIDE))
    assert {problem.code for problem in found} <= {"K118"}


REFRESH = "Segarkan: lms jelaskan --panduan courses/panduan-penulis/07-kode"


def test_code_pages_are_those_of_the_registry():
    folder = GUIDE / "07-kode"
    found = {path.relative_to(GUIDE).as_posix(): path.read_text("utf-8") for path in folder.glob("[0-9]*.md")}
    assert found == CODE_PAGES, REFRESH


def test_lists_of_words_are_the_closed_lists():
    told = tables("06-rujukan/02-daftar-kata.md")
    common = FILE_KEYS["bank"]
    of_file = {kind: [pair for pair in pairs(keys) if pair not in pairs(common)] for kind, keys in FILE_KEYS.items()}
    tests = told["Kunci kuis, latihan, tes awal, dan tes akhir"]
    assert told["Baris pengaturan soal"] == [[name.capitalize(), alias.capitalize()] for name, alias in KEYWORDS.items()]
    assert told["Jenis soal"] == [list(names) for _, names in groupby(KINDS, key=KINDS.__getitem__)]
    assert told["Kunci course.yml"] == pairs(COURSE_KEYS)
    assert told["Kunci semua berkas"] == pairs(common)
    assert of_file == {
        "pelajaran": told["Kunci materi"], "kuis": tests, "pretest": tests, "posttest": tests, "latihan": tests,
        "tugas": told["Kunci tugas"], "evaluasi": told["Kunci evaluasi"], "bank": [], "readme": [], "istilah": [],
    }  # fmt: skip


def pairs(keys: tuple[Key, ...]) -> list[list[str]]:
    return [[key.name, key.alias] for key in keys]


def tables(name: str) -> dict[str, list[list[str]]]:
    """Heading -> the words in `code` of the first column of every row."""
    found: dict[str, list[list[str]]] = {}
    for line in (GUIDE / name).read_text("utf-8").split("\n"):
        if line.startswith("## "):
            rows = found.setdefault(line[3:], [])
        elif line.startswith("| `"):
            rows.append(re.findall(r"`([^`]+)`", line.split("|")[1]))
    return found


def test_boxes_told_are_the_boxes_there_are():
    told = tables("02-materi/03-kotak-istilah-rumus.md")["Kotak"]
    assert sorted(words[0] for words in told) == sorted(f"[!{name.upper()}]" for name in CALLOUTS)


def test_sheet_to_print_holds_the_examples_of_its_lesson():
    """One page, with every line of every example, blanks aside."""
    reader = pypdf.PdfReader(GUIDE / "berkas" / "contekan-format.pdf")
    printed = "".join(page.extract_text() for page in reader.pages)
    lines = [line for example in examples("06-rujukan/01-contekan.md") for line in example.text.split("\n")]
    assert len(reader.pages) == 1
    assert [line for line in lines if squeezed(line) not in squeezed(printed)] == []


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
