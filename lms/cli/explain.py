"""`lms jelaskan`: what a check code means, with a bad and a good example; and all of them as pages of the authors' guide."""

import argparse
import difflib
import re
import sys
from pathlib import Path

from lms.content.problems import Code, registry
from lms.errors import Refused

EXAMPLE = """Contoh:
  lms jelaskan K043
  lms jelaskan K001 K002
  lms jelaskan            (daftar semua kode)
  lms jelaskan --panduan courses/panduan-penulis/09-kode   (tulis halaman panduannya)"""

GROUPS = (
    ("berkas", "Berkas dan kepalanya", 1),
    ("isi", "Isi materi", 10),
    ("bentuk", "Bentuk soal", 20),
    ("id", "ID soal dan materi", 30),
    ("pengaturan", "Pengaturan soal dan kelompok", 40),
    ("jawaban", "Jawaban", 60),
    ("penilaian", "Rubrik, pembahasan, dan kuis", 80),
    ("tautan", "Gambar, tautan, dan lampiran", 100),
    ("pelatihan", "Pelatihan sebagai keseluruhan", 110),
)
"""(page name, title, first number); a group ends where the next one begins."""
_LEVELS = {
    "galat": "Galat: harus diperbaiki sebelum terbit.",
    "peringatan": "Peringatan: boleh terbit, tetapi sebaiknya diperbaiki.",
    "catatan": "Catatan: saran saja.",
}
_WHERE = {"kepala": " (di kepala berkas)", "kursus": " (di course.yml)"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("codes", nargs="*", metavar="KODE", help="kode pemeriksaan, misalnya K043")
    parser.add_argument(
        "--panduan", "--guide", dest="guide", type=Path, metavar="FOLDER", help="tulis halaman panduan semua kode ke folder ini"
    )


def run(arguments: argparse.Namespace) -> int:
    codes = registry()
    if arguments.guide is not None:
        return _write_guide(arguments.guide)
    if not arguments.codes:
        for title, members in _grouped().values():
            print(f"{title}")
            for known in members:
                print(f"  {known.name}  {known.level:<10}  {known.title}{' ✎' if known.fixable else ''}")
            print()
        print("✎ dapat diperbaiki otomatis. Penjelasan dan contoh: lms jelaskan KODE")
        return 0
    result = 0
    for position, written in enumerate(arguments.codes):
        code = codes.get(written.upper())
        if code is None:
            near = difflib.get_close_matches(written.upper(), codes, 1, 0.5)
            print(
                f"Kode {written} tidak ada." + (f" Maksud Anda {near[0]}?" if near else " Daftar semua kode: lms jelaskan"),
                file=sys.stderr,
            )
            result = 2
            continue
        print(("\n" if position else "") + explanation(code))
    return result


def explanation(code: Code) -> str:
    """One code for the terminal."""
    parts = [
        f"{code.name} ({code.level}): {code.title}",
        "",
        " ".join([code.explanation, *_repair_sentence(code)]),
        "",
        f"Belum benar{_WHERE.get(code.place, '')}:",
        _indented(code.bad),
        "",
        "Sudah benar:",
        _indented(code.good),
    ]
    return "\n".join(parts)


def guide_pages() -> dict[str, str]:
    """Markdown lessons of the authors' guide by file name, a section `### K043 · …` for every code."""
    pages = {}
    for number, (name, (title, members)) in enumerate(_grouped().items(), start=1):
        lines = [
            "---",
            f'judul: "{title} ({members[0].name} sampai {members[-1].name})"',
            "---",
            "",
            f"# {title}",
            "",
            "Halaman ini dibuat dari daftar pemeriksaan Pelita dengan `lms jelaskan --panduan`. "
            "Pesan yang sama tampil di terminal dan di studio.",
            "",
            "## Kode di halaman ini",
        ]
        pages[f"{number:02d}-{name}.md"] = "\n".join([*lines, *(_section(code) for code in members)]) + "\n"
    return pages


def _section(code: Code) -> str:
    told = code.place in ("uraian", "terbit")
    return "\n".join(
        [
            "",
            f"### {code.name} · {_escaped(code.title)}",
            "",
            _LEVELS[code.level],
            "",
            " ".join([_escaped(code.explanation), *_repair_sentence(code)]),
            "",
            f"Belum benar{_WHERE.get(code.place, '')}:",
            "",
            _quoted(code.bad, told),
            "",
            "Sudah benar:",
            "",
            _quoted(code.good, told),
        ]
    )


def _repair_sentence(code: Code) -> list[str]:
    command = "lms check --beri-id" if code.name == "K032" else "lms check --perbaiki"
    return [f"Dapat diperbaiki otomatis: `{command}`."] if code.fixable else []


def _escaped(text: str) -> str:
    """Marks that would be Markdown outside `code`."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if piece.startswith("`") else re.sub(r"([*_\[\]<#])", r"\\\1", piece) for piece in pieces)


def _quoted(text: str, told: bool) -> str:
    """A told example as a quote, a written one in a fence longer than any inside it."""
    if told:
        return "\n".join(f"> {_escaped(line)}" for line in text.split("\n"))
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def _grouped() -> dict[str, tuple[str, list[Code]]]:
    """Title and codes by page name, groups without codes left out."""
    found: dict[str, tuple[str, list[Code]]] = {}
    for code in registry().values():
        name, title, _ = max((group for group in GROUPS if group[2] <= int(code.name[1:])), key=lambda group: group[2])
        found.setdefault(name, (title, []))[1].append(code)
    return found


def _write_guide(folder: Path) -> int:
    if not folder.is_dir():
        raise Refused(f"{folder} bukan folder. Buat folder modulnya dulu, lalu jalankan lagi.")
    for name, text in guide_pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print(folder / name)
    return 0


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))
