"""`lms check --rapikan`: the pipes of tables under each other, byte for byte nothing else.

Only the blanks around cells, the dashes of the second row and missing outer pipes change. A table whose rows could be read in
two ways (a pipe inside `code` or `[[…]]`) stays as it is.
"""

import re
from pathlib import Path

from lms.content.answers import CODE_SPAN, GAP
from lms.content.blocks import split_row
from lms.content.nodes import LoadedCourse, Source
from lms.content.rawfile import read_raw
from lms.shared.cells import cells

_PREFIX = re.compile(r"^[ ]*(?:>[ ]?)*[ ]*")
_RULE_CELL = re.compile(r":?-+:?")
_ITEM = re.compile(r"^(\s*)(?:[-*+]|\d{1,9}[.)])(\s+)")


def align_tables(loaded: LoadedCourse, only: str = "") -> list[str]:
    """Align every table of the course (of the file `only`); the files that changed. Raises OSError when a file cannot be written."""
    changed = []
    for node in loaded.course.all_files():
        path = Path(loaded.course.root) / node.file
        if only not in ("", node.file) or not path.is_file():
            continue
        raw = read_raw(path)
        before = list(raw.lines)
        for first, last in _tables(node.source):
            made = _aligned([line.expandtabs(4) for line in raw.lines[first - 1 : last]])
            raw.lines[first - 1 : last] = made or raw.lines[first - 1 : last]
        if raw.lines != before:
            raw.save()
            changed.append(node.file)
    return changed


def _tables(source: Source) -> list[tuple[int, int]]:
    """(first, last) line of every pipe table outside code."""
    found = []
    lines, number, column = source.lines, source.body_start, 0
    while number < len(lines):
        line, below = lines[number - 1], lines[number]
        if item := _ITEM.match(line):
            column = item.end()
        elif line and not line.startswith(" "):
            column = 0
        prefix = _prefix(line)
        is_table = (
            "|" in line
            and number not in source.code
            and len(prefix) < column + 4
            and _prefix(below) == prefix
            and len(_cells(below)) == len(_cells(line))
            and all(_RULE_CELL.fullmatch(cell) for cell in _cells(below))
            and "|" in below
        )
        last = number + 1
        while is_table and last < len(lines) and _goes_on(lines[last], prefix) and last + 1 not in source.code:
            last += 1
        if is_table:
            found.append((number, last))
        number = last + 1 if is_table else number + 1
    return found


def _goes_on(line: str, prefix: str) -> bool:
    """A row below; a line without a pipe would be a row of one cell for GitHub, but is more often the end."""
    return "|" in line and _prefix(line) == prefix


def _prefix(line: str) -> str:
    match = _PREFIX.match(line)
    return match[0] if match else ""


def _cells(line: str) -> list[str]:
    return split_row(line[len(_prefix(line)) :])


def _aligned(lines: list[str]) -> list[str]:
    """The rows in a common layout; [] when a pipe could belong to code or a gap."""
    if any("|" in re.sub(r"\\\|", "", match[0]) for line in lines for form in (CODE_SPAN, GAP) for match in form.finditer(line)):
        return []
    rows = [_cells(line) for line in lines]
    prefix = _prefix(lines[0])
    return [prefix + row for row in align_rows(rows, [(cell.startswith(":"), cell.endswith(":")) for cell in rows[1]])]


def align_rows(rows: list[list[str]], marks: list[tuple[bool, bool]]) -> list[str]:
    """Rows of cells, the second of them the dashes, as lines. `marks` says for each column whether a colon stands left and right."""
    count = max(map(len, rows))
    widths = [
        max(3, *(cells(row[index]) for number, row in enumerate(rows) if number != 1 and index < len(row)), 0)
        for index in range(count)
    ]
    made = []
    for number, row in enumerate(rows):
        if number == 1:
            fields = [_rule(mark, width) for mark, width in zip(marks, widths, strict=False)]
        else:
            fields = [_padded(cell, widths[index], marks[index : index + 1]) for index, cell in enumerate(row)]
        made.append(f"| {' | '.join(fields)} |")
    return made


def _rule(mark: tuple[bool, bool], width: int) -> str:
    return (":" if mark[0] else "-") + "-" * (width - 2) + (":" if mark[1] else "-")


def _padded(cell: str, width: int, mark: list[tuple[bool, bool]]) -> str:
    room = width - cells(cell)
    left = {(False, True): room, (True, True): room // 2}.get(mark[0] if mark else (False, False), 0)
    return " " * left + cell + " " * (room - left)
