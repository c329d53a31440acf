"""Permanent ids for questions that have none, written into the files: one heading line changes, byte for byte nothing else."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lms.content.nodes import LoadedCourse
from lms.content.rawfile import read_raw

ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
LENGTH = 5


@dataclass(frozen=True, slots=True)
class Stamp:
    file: str
    line: int
    id: str


def missing_ids(loaded: LoadedCourse) -> list[tuple[str, int]]:
    """(file, line) of every question heading without an id. Publishing stamps these first."""
    return [(q.file, q.line) for node in loaded.course.all_files() for q in node.questions() if not q.id and not q.id_column]


def stamp_ids(loaded: LoadedCourse, chosen: Mapping[tuple[str, int], str] | None = None, only: str = "") -> list[Stamp]:
    """Write ids into the files below the course folder. Load the course again afterwards. Raises OSError when a file cannot be written.

    `chosen` gives the id for a (file, line) whose question was recognised; all others get new ones. `only` is the one file to write.
    """
    chosen = chosen or {}
    course = loaded.course
    taken = {question.id for node in course.all_files() for question in node.questions()}
    taken |= {group.id for node in course.all_files() for group in node.groups()} | set(chosen.values())
    by_file: dict[str, list[int]] = {}
    for file, line in missing_ids(loaded):
        if only in ("", file):
            by_file.setdefault(file, []).append(line)
    stamps = []
    for file, lines in by_file.items():
        path = Path(course.root) / file
        if not path.is_file():  # a bank outside the folder
            path = Path(course.root) / str(course.meta.get("bank", "bank")) / Path(file).name
        raw = read_raw(path)
        for line in lines:
            made = chosen.get((file, line)) or new_id(taken)
            raw.lines[line - 1] = raw.lines[line - 1].rstrip() + " {#" + made + "}"
            stamps.append(Stamp(file, line, made))
        raw.save()
    return stamps


def new_id(taken: set[str]) -> str:
    """Five characters nobody in the course uses; added to `taken`."""
    while True:
        made = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if made not in taken and not made.isdigit():
            taken.add(made)
            return made
