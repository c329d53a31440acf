"""Problems as people and programs read them: text with carets under the faulty characters, JSON, GitHub annotations."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from lms.content.nodes import LoadedCourse
from lms.content.types import Level, Problem
from lms.shared.cells import cells

MOST_PER_FILE = 20
WIDEST_LINE = 110
_SEVERITY = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTE: 2}

Lines = Mapping[str, Sequence[str]]
"""The lines of every file as the author sees them (tabs expanded), by the name that the problems have."""


def lines_of(loaded: LoadedCourse, prefix: str = "") -> dict[str, tuple[str, ...]]:
    """What `as_texts` quotes from. `prefix` goes before every file name."""
    return {prefix + source.file: source.original for source in loaded.course.sources()}


def prefixed(problems: Sequence[Problem], prefix: str) -> list[Problem]:
    """The same problems with `prefix` before their file names."""
    return [dataclasses.replace(problem, file=prefix + problem.file) for problem in problems]


def as_json(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in ("file", "line", "column", "code", "level", "message", "help")}


def as_github(problem: Problem) -> str:
    kind = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}[problem.level]
    text = _escaped(f"{problem.message}. {problem.help}")
    file = _escaped(problem.file).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} file={file},line={problem.line},col={problem.column},title={problem.code}::{text}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def as_texts(problems: Sequence[Problem], lines: Lines) -> Iterator[str]:
    """One text a problem, in the order of `problems`; of each file the worst MOST_PER_FILE, then how many were left out."""
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    for file, found in by_file.items():
        worst = {id(problem) for problem in sorted(found, key=lambda problem: _SEVERITY[problem.level])[:MOST_PER_FILE]}
        yield from (as_text(problem, lines.get(file, ())) for problem in found if id(problem) in worst)
        if len(found) > MOST_PER_FILE:
            yield f"… dan {len(found) - MOST_PER_FILE} lagi di {file}"


def as_text(problem: Problem, lines: Sequence[str]) -> str:
    """Place, the quoted line with carets, what was understood, one way out."""
    pencil = " ✎" if problem.fixable else ""
    margin = " " * len(str(problem.line))
    quoted = lines[problem.line - 1] if problem.line <= len(lines) else ""
    parts = [
        f"{problem.level}[{problem.code}]: {problem.message}{pencil}",
        f"{margin}--> {problem.file}:{problem.line}:{problem.column}",
    ]
    if quoted.strip():
        first = problem.column - 1
        start = max(0, first - WIDEST_LINE // 2) if len(quoted) > WIDEST_LINE else 0
        piece = quoted[start : start + WIDEST_LINE]
        before, faulty = piece[: first - start], piece[first - start :][: problem.width]
        carets = " " * cells(before) + "^" * max(1, cells(faulty))
        parts += [f"{margin} |", f"{problem.line} | {piece}", f"{margin} | {carets}"]
    return "\n".join([*parts, f"{margin} = bantuan: {problem.help}"])
