"""The examples of the authors' guide: fenced blocks with an invisible comment above that says what they must give.

    <!-- contoh: soal K062; jenis isian, angka; simpan menyapa.md -->

First a place (what the example is part of) and the codes it must give; then, divided by semicolons, the kinds of its questions
and the file of the session that it is saved to. `jalankan` marks commands, `keluaran` what they print.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.content.course_files import quiz

GUIDE = Path(__file__).parents[2] / "courses" / "panduan-penulis"
LESSON = "01-asas/02-uji.md"
PLACES = {
    "soal": ("01-asas/03-kuis.md", quiz),
    "materi": (LESSON, lambda text: text if text.startswith("# ") else f"# Contoh\n\n{text}\n"),
    "kepala": (LESSON, lambda text: f"---\n{text}\n---\n\n# Contoh\n\nIsi.\n"),
    "berkas": (LESSON, lambda text: f"{text}\n"),
    "tugas": (LESSON, lambda text: f"{text}\n"),
    "evaluasi": (LESSON, lambda text: f"{text}\n"),
    "kursus": ("course.yml", lambda text: f"{text}\n"),
    "istilah": ("istilah.md", lambda text: f"{text}\n"),
}
"""Place -> (file of the trial course, the whole text of that file)."""
LANGUAGES = {"markdown": frozenset(PLACES), "sh": frozenset({"jalankan", "tidak dijalankan"}), "text": frozenset({"keluaran"})}
_FENCE = re.compile(r"(`{3,}|~{3,})\s*(\w*)")
_MARK = re.compile(r"<!-- contoh: ([a-z ]+?)((?: K\d{3})*)(?:; .*|, .*)? -->")


@dataclass(frozen=True)
class Example:
    file: str
    line: int
    language: str
    text: str
    place: str = ""
    """"" = without a mark."""
    codes: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    saved_as: str = ""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def lessons(generated: frozenset[str] = frozenset()) -> list[str]:
    """Files of the guide in reading order, those written by a command left out."""
    names = sorted(path.relative_to(GUIDE).as_posix() for path in GUIDE.rglob("*.md"))
    return [name for name in names if name not in generated]


def examples(name: str) -> Iterator[Example]:
    lines = (GUIDE / name).read_text("utf-8").split("\n")
    index = 0
    while index < len(lines):
        fence = _FENCE.match(lines[index].lstrip())
        if fence:
            end = next(number for number in range(index + 1, len(lines)) if lines[number].strip() == fence[1])
            above = next((line for line in reversed(lines[:index]) if line.strip()), "")
            yield _example(name, index + 1, fence[2], "\n".join(lines[index + 1 : end]), above)
            index = end
        index += 1


def _example(name: str, line: int, language: str, text: str, above: str) -> Example:
    mark = _MARK.fullmatch(above)
    if mark is None:
        return Example(name, line, language, text)
    kinds = re.search(r"; jenis ([^;]+?)(?:;| -->)", above)
    saved = re.search(r"; simpan (\S+)", above)
    return Example(
        name, line, language, text, mark[1], frozenset(mark[2].split()),
        tuple(kinds[1].split(", ")) if kinds else (), saved[1] if saved else "",
    )  # fmt: skip
