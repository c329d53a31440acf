"""`lms ukur`: how big courses are, how hard to read, and whether their keys can be guessed."""

import argparse
from collections import Counter
from pathlib import Path

from lms.cli.check import find_targets
from lms.content.figures import LONG_SENTENCE, Figures, figures_of
from lms.content.keywords import KIND_NAMES
from lms.content.parse import load_course
from lms.errors import Refused

EXAMPLE = """Contoh:
  lms ukur courses
  lms ukur courses/pelayanan-publik-ramah"""

COLUMNS = (
    "pelatihan",
    "menit",
    "kata",
    "kata/kalimat",
    f"> {LONG_SENTENCE} kata",
    "LIX",
    "soal",
    "terpanjang",
    "pertama",
    "Benar",
)
NOTES = f"""
kata/kalimat, > {LONG_SENTENCE} kata, LIX: seberapa berat kalimat materi; makin kecil makin ringan.
terpanjang, pertama: berapa kali lebih sering dari kebetulan pilihan terpanjang, atau pilihan pertama, adalah kunci. Baik bila paling banyak 1,25.
Benar: bagian soal benar-salah yang kuncinya Benar. Baik bila dekat 50%."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", default=["."], metavar="JALUR", help="folder pelatihan atau folder berisi pelatihan")


def run(arguments: argparse.Namespace) -> int:
    courses = [target.path for written in arguments.paths for target in find_targets(written)]
    if not courses:
        raise Refused(f"Tidak ada pelatihan di {', '.join(arguments.paths)}. Periksa jalurnya.")
    total = Figures()
    rows = []
    for path in courses:
        found = figures_of(load_course(path, may_leave_folder=True).course)
        rows.append(_row(Path(path).resolve().name, found))
        total += found
    if len(courses) > 1:
        rows.append(_row("semua", total))
    _print(rows)
    names = Counter(dict.fromkeys(KIND_NAMES.values(), 0))
    for kind, count in total.kinds.items():
        names[KIND_NAMES[kind]] += count
    print("\nSoal menurut jenis: " + ", ".join(f"{name} {count}" for name, count in names.items() if count))
    print(NOTES)
    return 0


def _row(name: str, found: Figures) -> tuple[str, ...]:
    return (
        name,
        str(found.minutes),
        str(found.words),
        _number(found.words_per_sentence(), 1),
        _share(found.long_sentences, found.sentences),
        _number(found.lix(), 0),
        str(found.kinds.total()),
        _number(found.longest.ratio(), 2),
        _number(found.first.ratio(), 2),
        _share(found.true_keys, found.true_false),
    )


def _print(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[n]) for row in [COLUMNS, *rows]) for n in range(len(COLUMNS))]
    for row in [COLUMNS, *rows]:
        print("  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]))


def _number(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}".replace(".", ",")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "-"
