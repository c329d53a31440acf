"""`lms check`: all problems of courses, folders or single files, as text, JSON or GitHub annotations."""

import argparse
import importlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lms.cli.problem_text import as_github, as_json, as_texts, lines_of, prefixed
from lms.content.check import check_course, visible
from lms.content.nodes import LoadedCourse
from lms.content.parse import MANIFEST, load_course
from lms.content.pipe_tables import align_tables
from lms.content.problems import Reporter
from lms.content.repair import repair_folder
from lms.content.rubric_form import convert_rubrics
from lms.content.stamp import stamp_ids
from lms.content.types import Level, Problem
from lms.errors import Refused

EXAMPLE = """Contoh:
  lms check courses/pelayanan-publik-ramah
  lms check courses/pelayanan-publik-ramah/01-asas/03-kuis.md --perbaiki
  lms check courses/pelayanan-publik-ramah --rapikan --luar
  lms check courses --ketat --format github"""


@dataclass(slots=True)
class Target:
    """Something to check: a course folder, or one file of it. `prefix` goes before the file names that are printed."""

    path: Path
    prefix: str
    only: str = ""
    """Show the problems of this file only."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", default=["."], metavar="JALUR", help="folder pelatihan, folder berisi pelatihan, atau berkas .md"
    )
    parser.add_argument(
        "--perbaiki", "--fix", dest="fix", action="store_true", help="perbaiki yang pasti (bertanda ✎), lalu periksa lagi"
    )
    parser.add_argument(
        "--beri-id", "--stamp-ids", dest="stamp", action="store_true", help="tulis ID tetap pada soal yang belum punya"
    )
    parser.add_argument(
        "--ketat", "--strict", dest="strict", action="store_true", help="keluar dengan kode 1 bila ada peringatan"
    )
    parser.add_argument(
        "--rapikan", "--align", dest="align", action="store_true", help="luruskan garis tabel, tanpa mengubah isinya"
    )
    parser.add_argument(
        "--rubrik", "--rubric", dest="rubric", choices=("daftar", "tabel"), help="tulis ulang rubrik sebagai daftar atau tabel"
    )
    parser.add_argument(
        "--luar", "--external", dest="outside", action="store_true", help="coba juga setiap tautan ke luar (butuh internet)"
    )
    parser.add_argument("--format", choices=("teks", "json", "github"), default="teks", help="bentuk keluaran (bawaan: teks)")


def run(arguments: argparse.Namespace) -> int:
    problems: list[Problem] = []
    lines: dict[str, tuple[str, ...]] = {}
    notes: list[str] = []
    files = 0
    for written in arguments.paths:
        targets = list(find_targets(written))
        if not targets:
            reporter = Reporter(written)
            reporter.add("K100", 1, path=written, advice="periksa jalurnya", fixable=False)
            problems += reporter.problems
        for target in targets:
            loaded, found = _check(target, arguments, notes)
            shown = lines_of(loaded, target.prefix)
            files += 1 if target.only else len(shown)
            lines |= shown
            problems += prefixed([problem for problem in found if target.only in ("", problem.file)], target.prefix)
    _print(arguments.format, sorted(problems), lines, notes, files)
    levels = {problem.level for problem in problems}
    return 2 if Level.ERROR in levels else 1 if arguments.strict and Level.WARNING in levels else 0


def find_targets(written: str) -> Iterator[Target]:
    """A course, the courses below a folder, a single file (with its course around it, so that its links are known), or a stranger's folder."""
    path = Path(written)
    if path.is_file():
        course = next((folder for folder in path.resolve().parents if (folder / MANIFEST).is_file()), None)
        if path.name in (MANIFEST, "course.yaml"):
            yield Target(path.parent, _prefix(os.path.dirname(written)), only=path.name)
        elif course is not None:
            inside = path.resolve().relative_to(course).as_posix()
            yield Target(
                course, written[: -len(inside)] if written.replace("\\", "/").endswith(inside) else f"{course}/", only=inside
            )
        else:
            yield Target(path, _prefix(os.path.dirname(written)))
    elif path.is_dir():
        if (path / MANIFEST).is_file() or (path / "course.yaml").is_file():
            yield Target(path, _prefix(written))
            return
        below = sorted({manifest.parent for manifest in [*path.glob(f"*/{MANIFEST}"), *path.glob(f"*/*/{MANIFEST}")]})
        for folder in below:
            yield Target(folder, _prefix(str(folder)))
        if not below:
            yield Target(path, _prefix(written))


def _prefix(written: str) -> str:
    return "" if written in ("", ".") else written.rstrip("/\\") + "/"


def _check(target: Target, arguments: argparse.Namespace, notes: list[str]) -> tuple[LoadedCourse, list[Problem]]:
    """Do what was asked for with the files, then check what they are now."""
    try:
        loaded = _changed(target, arguments, notes)
    except OSError as error:
        raise Refused(
            f"{target.path} tidak dapat dibaca atau ditulis ({error.strerror or error}). Berkas yang sudah ditulis tetap utuh; "
            "periksa izinnya, lalu ulangi."
        ) from error
    problems = check_course(loaded, datetime.now(UTC).date())
    if arguments.outside:  # urllib and ssl are loaded for this only
        problems += visible(loaded, importlib.import_module("lms.cli.outside_links").check_outside(loaded, target.only))
    return loaded, problems


def _changed(target: Target, arguments: argparse.Namespace, notes: list[str]) -> LoadedCourse:
    where = target.prefix or "."
    if arguments.fix and (repaired := repair_folder(target.path, target.only, may_leave_folder=True)):
        notes.append(f"{repaired} hal diperbaiki di {where}")
    loaded = load_course(target.path, may_leave_folder=True)
    if arguments.rubric and (changed := convert_rubrics(loaded, arguments.rubric, target.only)):
        notes.append(f"rubrik ditulis sebagai {arguments.rubric} di {', '.join(changed)}")
        loaded = load_course(target.path, may_leave_folder=True)
    if arguments.align and (changed := align_tables(loaded, target.only)):
        notes.append(f"tabel dirapikan di {', '.join(changed)}")
        loaded = load_course(target.path, may_leave_folder=True)
    if arguments.stamp and (stamps := stamp_ids(loaded, only=target.only)):
        notes.append(f"{len(stamps)} soal diberi ID di {where}")
        loaded = load_course(target.path, may_leave_folder=True)
    return loaded


def _print(form: str, problems: list[Problem], lines: dict[str, tuple[str, ...]], notes: list[str], files: int) -> None:
    if form == "json":
        print(json.dumps([as_json(problem) for problem in problems], ensure_ascii=False, indent=1))
    elif form == "github":
        for problem in problems:
            print(as_github(problem))
    else:
        for note in notes:
            print(note)
        _print_text(problems, lines, files)


def _print_text(problems: list[Problem], lines: dict[str, tuple[str, ...]], files: int) -> None:
    for text in as_texts(problems, lines):
        print(text + "\n")
    counts = {level: sum(problem.level is level for problem in problems) for level in Level}
    if not problems:
        print(f"Bersih: {files} berkas diperiksa, tidak ada masalah.")
        return
    print(", ".join(f"{count} {level}" for level, count in counts.items() if count) + f" di {files} berkas.")
    fixable = sum(problem.fixable and problem.code != "K032" for problem in problems)
    if fixable:
        print(f"{fixable} bertanda ✎ dapat diperbaiki otomatis: lms check --perbaiki")
