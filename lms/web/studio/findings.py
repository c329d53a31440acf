"""What the checker found, in the shape that pages and the editor's script read."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lms.content.problems import registry
from lms.content.types import Level, Problem

ICONS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "note"}
LONGEST_QUOTE = 160
"""Characters of a quoted line."""
MOST_TOLD = 100
"""Findings of one file that are listed; the first ones are mended first anyway."""

BY_ITSELF = {"K032"}
"""What publishing puts right without being asked: questions get their permanent ids."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem with the explanation of its code. `column` and `width` count characters after tab expansion, from 1."""

    level: str
    level_label: str
    icon: str
    code: str
    line: int
    column: int
    width: int
    url: str
    place: str
    quote: str
    message: str
    help: str
    explanation: str
    bad: str
    good: str


BLANK = Finding("catatan", "", "note", "", 0, 1, 1, "", "", "-", "", "-", "", "", "")
"""What the editor's script copies and fills."""


def told(problems: Iterable[Problem]) -> list[Problem]:
    """Those that an author in the studio has to do with."""
    return [problem for problem in problems if problem.code not in BY_ITSELF]


def of_file(problems: Iterable[Problem], text: str, url: str) -> list[Finding]:
    """The findings of one file, by line, each with the line it is about."""
    lines = text.split("\n")
    rows = []
    for problem in sorted(problems, key=lambda each: (each.line, each.column, each.code))[:MOST_TOLD]:
        quote = lines[problem.line - 1].strip()[:LONGEST_QUOTE] if problem.line <= len(lines) else ""
        rows.append(_finding(problem, f"{url}?baris={problem.line}", f"Baris {problem.line}", quote))
    return rows


def of_course(problems: Sequence[Problem], url_of: Callable[[str], str], most: int) -> list[Finding]:
    """The first findings of a whole course: errors, then warnings, then notes."""
    order = list(ICONS)
    chosen = sorted(problems, key=lambda each: (order.index(each.level), each.file, each.line, each.column, each.code))[:most]
    return [
        _finding(problem, f"{url_of(problem.file)}?baris={problem.line}", f"{problem.file} baris {problem.line}", "")
        for problem in chosen
    ]


def label(problems: Iterable[Problem]) -> str:
    """How many of each level, such as `2 galat, 1 peringatan`, or that there is nothing."""
    counts = Counter(problem.level for problem in problems)
    return ", ".join(f"{counts[level]} {level}" for level in ICONS if counts[level]) or "Tidak ada temuan"


def worst(problems: Iterable[Problem]) -> str:
    """The gravest level among errors and warnings, "" when there is none; notes worry nobody in a list."""
    levels = {problem.level for problem in problems}
    return next((str(level) for level in (Level.ERROR, Level.WARNING) if level in levels), "")


def _finding(problem: Problem, url: str, place: str, quote: str) -> Finding:
    code = registry().get(problem.code)
    return Finding(
        level=str(problem.level),
        level_label=str(problem.level).capitalize(),
        icon=ICONS[problem.level],
        code=problem.code,
        line=problem.line,
        column=problem.column,
        width=problem.width,
        url=url,
        place=place,
        quote=quote,
        message=_sentence(problem.message),
        help=_sentence(problem.help),
        explanation=code.explanation if code else "",
        bad=code.bad if code else "",
        good=code.good if code else "",
    )


def _sentence(text: str) -> str:
    """Messages begin in lower case, because at the terminal they follow a colon."""
    return text[:1].upper() + text[1:]
