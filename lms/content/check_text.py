"""Checks of the Markdown of one file, line by line: headings, lists, HTML, foreign notations."""

import re

from lms.content.allowlist import TAGS
from lms.content.answers import mask_code
from lms.content.keywords import setting_line
from lms.content.nodes import FileNode, Source
from lms.content.problems import Reporter

_TAG = re.compile(r"(?<!\]\()<([a-zA-Z][\w-]{0,30})(?=[\s/>])([^<>]{0,500})>")
_UNSAFE_ATTRIBUTE = re.compile(r"\s(on[a-z]+|style|srcdoc|formaction)\s*=", re.IGNORECASE)
_LIST_ITEM = re.compile(r"^\s{0,3}(?:[-*+]|1[.)])\s+\S")
_ANY_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|\[)")
_STRUCTURE = re.compile(r"^\s*(?:>|#|\||```|~~~|<|\[\^|\*\[|:\s)")
_FOREIGN_NOTE = re.compile(r"^(!!!|\?\?\?\+?|:{3,})\s*\{?\.?(\w+)")
_NOTE_END = re.compile(r"^:{3,}\s*$")
MARKS = "[*_`<~(^"
_ADVICE = {
    "iframe": "pakai tautan biasa: `[Buka …](https://…)`",
    "video": "pakai tautan pada baris sendiri: `[▶ Video: Judul (4 menit)](media/nama.mp4)`",
    "script": "skrip tidak pernah dijalankan",
    "center": "hapus; susunan halaman diatur Pelita",
    "font": "pakai **tebal** atau *miring*",
    "u": "pakai **tebal** atau *miring*",
    "b": "pakai **tebal**",
    "i": "pakai *miring*",
}


def check_text(node: FileNode, reporter: Reporter) -> None:
    """K011, K013, K014, K016 of one file."""
    _check_headings(node, reporter)
    in_list = False
    before = ""
    for number in range(node.source.body_start, len(node.source.lines) + 1):
        line = node.source.lines[number - 1]
        if number in node.source.code:
            before, in_list = "", False
            continue
        if note := _FOREIGN_NOTE.match(line):
            is_open = note[1][0] == ":" and not any(map(_NOTE_END.match, node.source.lines[number:]))
            reporter.add("K016", number, 1, len(line), mark=note[1][:3], kind=note[2], fixable=not is_open)
        if "<" in line:
            _check_html(line, number, reporter)
        is_item = bool(_ANY_ITEM.match(line))
        if (
            is_item
            and not in_list
            and before.strip()
            and _LIST_ITEM.match(line)
            and not _STRUCTURE.match(before)
            and not setting_line(before)
        ):
            reporter.add("K013", number, 1, len(line))
        in_list = is_item or (in_list and (not line.strip() or line.startswith("  ") or bool(before.strip())))
        before = line


def _check_headings(node: FileNode, reporter: Reporter) -> None:
    level, titles = 0, 0
    for heading in node.headings:
        titles += heading.level == 1
        width = len(heading.text) + heading.level + 1
        if heading.level == 1 and titles > 1:
            reporter.add(
                "K011",
                heading.line,
                heading.column,
                width,
                message="lebih dari satu judul tingkat 1",
                help="turunkan menjadi `## …`",
            )
        elif level and heading.level > level + 1:
            reporter.add("K011", heading.line, heading.column, width, level=heading.level, before=level)
        level = heading.level


def _check_html(line: str, number: int, reporter: Reporter) -> None:
    for match in _TAG.finditer(mask_code(line)):
        name = match[1].casefold()
        unsafe = _UNSAFE_ATTRIBUTE.search(match[2])
        if name not in TAGS and name not in ("b", "i"):
            advice = _ADVICE.get(name, f"bila ini teks biasa, apit dengan tanda kutip balik: `<{match[1]}>`")
            reporter.add("K014", number, match.start() + 1, len(match[0]), tag=match[1], advice=advice)
        elif unsafe:
            advice = f"`{unsafe[1]}` tidak pernah tampil; hapus saja"
            reporter.add("K014", number, match.start() + 1, len(match[0]), tag=f"{match[1]} {unsafe[1]}", advice=advice)


def density(source: Source, by_line: bool) -> tuple[int, int, str]:
    """(count, line, mark) of the mark that is repeated most in one line, or in one paragraph."""
    worst = (0, 1, "[")
    counts = dict.fromkeys(MARKS, 0)
    start = source.body_start
    for number in range(source.body_start, len(source.lines) + 1):
        line = source.lines[number - 1]
        if by_line or not line or line.startswith("|"):
            counts, start = dict.fromkeys(MARKS, 0), number
        if len(line) + sum(counts.values()) < 100 or number in source.code:
            if not by_line:
                for mark in MARKS:
                    counts[mark] += line.count(mark)
            continue
        for mark in MARKS:
            counts[mark] += line.count(mark)
            worst = max(worst, (counts[mark], start if not by_line else number, mark))
    return worst
