"""The registry of check codes, read once from codes.toml, and the collector that turns a finding into a `Problem`.

codes.toml is the only place that knows a code's level, wording, explanation and examples: the checker, `lms jelaskan` and the
tests all read it.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lms.content.types import Level, Problem


@dataclass(frozen=True, slots=True)
class Code:
    """One check. `message` and `help` are templates; `bad` and `good` are snippets of the kind named by `place`."""

    name: str
    level: Level
    title: str
    message: str
    help: str
    explanation: str
    bad: str
    good: str
    place: str
    """Where the snippets belong: `soal` (a quiz body), `materi` (a lesson body), `kepala` (front matter), `kursus` (course.yml),
    `uraian` (told in words, because bytes or several files are needed) or `terbit` (found when publishing, against the database)."""
    fixable: bool


@cache
def registry() -> dict[str, Code]:
    """All codes by name, in order."""
    with (Path(__file__).parent / "codes.toml").open("rb") as stream:
        table = tomllib.load(stream)
    return {
        name: Code(
            name=name,
            level=Level(row["level"]),
            title=row["title"],
            message=row.get("message", row["title"]),
            help=row["help"],
            explanation=row["explanation"].strip(),
            bad=row["bad"].strip("\n"),
            good=row["good"].strip("\n"),
            place=row.get("place", "soal"),
            fixable=row.get("fixable", False),
        )
        for name, row in table.items()
    }


@dataclass(slots=True)
class Reporter:
    """Collects the problems of one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, line: int, column: int = 1, width: int = 1, **values: object) -> None:
        """Report `code` at a place. `values` fill the templates; `message=` or `help=` replace one altogether, `fixable=` says
        that this finding can, or cannot, be repaired although others of its code cannot, or can."""
        entry = registry()[code]
        fixable = bool(values.pop("fixable", entry.fixable))
        message = str(values.pop("message", "")) or entry.message.format(**values)
        advice = str(values.pop("help", "")) or entry.help.format(**values)
        self.problems.append(
            Problem(
                file=self.file,
                line=max(line, 1),
                column=max(column, 1),
                code=code,
                level=entry.level,
                message=_one_line(message),
                help=_one_line(advice),
                width=max(width, 1),
                fixable=fixable,
            )
        )


def _one_line(text: str) -> str:
    """Messages quote authors' text: one line, no control characters, not endless."""
    flat = "".join(character if character.isprintable() else " " for character in text)
    return flat if len(flat) <= 300 else flat[:299] + "…"
