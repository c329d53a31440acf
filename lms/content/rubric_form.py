"""`lms check --rubrik`: a rubric written as a list becomes a table, or the other way round; everything else keeps its bytes.

Both forms mean the same (COURSE-FORMAT.md 2.8), so this is a wish and no repair. A rubric with anything in it that would be lost
in the other form stays as it is.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lms.content.blocks import split_row
from lms.content.keywords import setting_line
from lms.content.nodes import LoadedCourse
from lms.content.pipe_tables import align_rows
from lms.content.rawfile import RawFile, read_raw

_CRITERION = re.compile(r"^ {0,3}[-*+]\s+(.*?)\s*\(\s*([\d.,]+)\s*%\s*\)\s*$")
_LEVEL = re.compile(r"^(?:\t| {2,})\s*[-*+]\s+([\d.,]+)\s*:\s*(.+?)\s*$")
_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")


@dataclass(slots=True)
class _Criterion:
    name: str
    weight: str
    levels: dict[str, str]


def convert_rubrics(loaded: LoadedCourse, to: str, only: str = "") -> list[str]:
    """Rewrite every rubric of the course (of the file `only`) as `daftar` or `tabel`; the files that changed. Raises OSError."""
    changed = []
    for node in loaded.course.all_files():
        path = Path(loaded.course.root) / node.file
        if only not in ("", node.file) or not path.is_file():
            continue
        raw = read_raw(path)
        before = raw.content()
        for number in range(len(node.source.lines), node.source.body_start - 1, -1):
            setting = setting_line(node.source.lines[number - 1])
            if setting and setting[1] == "rubrik" and not setting[2].strip() and number not in node.source.code:
                _convert(raw, number, to)
        if raw.content() != before:
            raw.save()
            changed.append(node.file)
    return changed


def _convert(raw: RawFile, first: int, to: str) -> None:
    """`first` is the index below the line `Rubrik:`."""
    while first < len(raw.lines) and not raw.lines[first].strip():
        first += 1
    end = first
    while end < len(raw.lines) and re.match(r"^\s*(?:[-*+]\s|\|)|^\s+\S", raw.lines[end]):
        end += 1
    lines = raw.lines[first:end]
    if not lines or lines[0].lstrip().startswith("|") == (to == "tabel"):
        return
    criteria = _from_list(lines) if to == "tabel" else _from_table(lines)
    if not criteria:
        return
    made = _as_table(criteria) if to == "tabel" else _as_list(criteria)
    usual = next((end for end in raw.ends if end), "\n")
    ends = [usual] * (len(made) - 1) + [raw.ends[end - 1]]
    raw.lines[first:end], raw.ends[first:end] = made, ends


def _from_list(lines: list[str]) -> list[_Criterion]:
    criteria: list[_Criterion] = []
    for line in lines:
        if match := _CRITERION.match(line):
            criteria.append(_Criterion(match[1], match[2], {}))
        elif (match := _LEVEL.match(line)) and criteria and match[1] not in criteria[-1].levels:
            criteria[-1].levels[match[1]] = match[2]
        else:
            return []
    return criteria


def _from_table(lines: list[str]) -> list[_Criterion]:
    rows = [split_row(line) for line in lines]
    if len(rows) < 3 or not _RULE.match(lines[1]) or len(rows[0]) < 3 or any(len(row) > len(rows[0]) for row in rows):
        return []
    levels = rows[0][2:]
    if not all(re.fullmatch(r"[\d.,]+", level) for level in levels) or len(set(levels)) < len(levels):
        return []
    criteria = []
    for row in rows[2:]:
        weight = re.fullmatch(r"([\d.,]+)\s*%?", row[1]) if len(row) > 1 else None
        if weight is None or not row[0]:
            return []
        texts = {level: cell.replace("\\|", "|") for level, cell in zip(levels, row[2:], strict=False) if cell}
        criteria.append(_Criterion(row[0].replace("\\|", "|"), weight[1], texts))
    return criteria


def _as_list(criteria: list[_Criterion]) -> list[str]:
    lines = []
    for criterion in criteria:
        lines.append(f"- {criterion.name} ({criterion.weight}%)")
        lines += [f"    - {level}: {text}" for level, text in criterion.levels.items()]
    return lines


def _as_table(criteria: list[_Criterion]) -> list[str]:
    found = {level for criterion in criteria for level in criterion.levels}
    levels = sorted(found, key=lambda level: float(level.replace(",", ".").strip(".") or 0), reverse=True)
    rows = [["Kriteria", "Bobot", *levels], ["---"] * (2 + len(levels))]
    for criterion in criteria:
        texts = (criterion.name, f"{criterion.weight}%", *(criterion.levels.get(level, "") for level in levels))
        rows.append([text.replace("|", "\\|") for text in texts])
    return align_rows(rows, [(False, False)] * (2 + len(levels)))
