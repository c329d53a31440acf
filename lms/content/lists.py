"""GitHub's list layout for Python-Markdown, which wants four spaces a level and a blank line before a list.

A line filter: markers are moved to four spaces a level by CommonMark's rule (a line belongs to the deepest item whose text
column it reaches), and a blank line is put where GitHub lets a list, table, quote or heading interrupt a paragraph.
"""

import re
from dataclasses import dataclass

_MARKER = re.compile(r"^( *)([-*+]|\d{1,9}[.)])( +|$)(.*)$")
_FENCE = re.compile(r"^( *)(`{3,}(?=[^`]*$)|~{3,})")
_QUOTE = re.compile(r"^ {0,3}> ?")
_RULE = re.compile(r"^ {0,3}([-*_])(?: *\1){2,} *$")
_HEADING = re.compile(r"^ {0,3}#{1,6} ")
_TABLE_RULE = re.compile(r"^ {0,3}\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")
_DEEPEST = 12


@dataclass(slots=True)
class _Item:
    column: int
    """Where the text of the item begins in the source."""
    ordered: bool


class _Normaliser:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.stack: list[_Item] = []
        self.after_blank = True
        self.in_later_block = False
        """An open item has had a second paragraph, so the next item needs a blank line before it."""

    def run(self, lines: list[str]) -> list[str]:
        index = 0
        while index < len(lines):
            line = lines[index]
            if fence := _FENCE.match(line):
                index = self._fence(lines, index, fence)
                continue
            if _QUOTE.match(line):
                index = self._quote(lines, index)
                continue
            if not line.strip():
                self.out.append("")
                self.after_blank = True
            elif (marker := _MARKER.match(line)) and not _RULE.match(line) and self._is_item(marker):
                self._item(marker)
            else:
                self._other(line, lines[index + 1] if index + 1 < len(lines) else "")
            index += 1
        return self.out

    def _gap(self) -> None:
        if self.out and self.out[-1].strip():
            self.out.append("")

    def _depth(self, indent: int) -> int:
        """How many open items a line at this indent belongs to."""
        return sum(item.column <= indent for item in self.stack)

    def _is_item(self, marker: re.Match[str]) -> bool:
        indent = len(marker[1])
        if self.stack:
            return True
        if indent > 3:
            return False
        interrupts = not marker[2][0].isdigit() or marker[2][:-1] == "1"
        return self.after_blank or not self.out or (interrupts and bool(marker[4].strip()))

    def _item(self, marker: re.Match[str]) -> None:
        indent = len(marker[1])
        depth = min(self._depth(indent), _DEEPEST)
        if depth < len(self.stack) and len(self.stack) > depth:
            sibling = self.stack[depth]
            if self.after_blank is False and sibling.ordered != marker[2][0].isdigit():
                self._gap()
        elif not self.stack and not self.after_blank:
            self._gap()
        if self.in_later_block:
            self._gap()
            self.in_later_block = False
        del self.stack[depth:]
        width = len(marker[2]) + (len(marker[3]) if 1 <= len(marker[3]) <= 4 else 1)
        self.stack.append(_Item(indent + width, marker[2][0].isdigit()))
        mark = marker[2][:-1] + "." if marker[2][0].isdigit() else "-"
        self.out.append(" " * (4 * depth) + mark + " " + marker[4])
        self.after_blank = False

    def _other(self, line: str, following: str) -> None:
        indent = len(line) - len(line.lstrip())
        breaks = bool(_HEADING.match(line) or _RULE.match(line))
        depth = self._depth(indent)
        if self.stack and not depth and not self.after_blank and not breaks:
            self.out.append(" " * (4 * len(self.stack)) + line.strip())  # a lazy line of the item above
            return
        del self.stack[depth:]
        is_table = "|" in line and _TABLE_RULE.match(following) is not None and "|" in following
        if not self.after_blank and (_HEADING.match(line) or is_table):
            self._gap()
        self.in_later_block = bool(self.stack) and (self.after_blank or self.in_later_block)
        if self.stack:
            inside = indent - self.stack[-1].column
            self.out.append(" " * (4 * depth + inside) + line.strip())
        else:
            self.out.append(line)
        self.after_blank = bool(_HEADING.match(line))

    def _fence(self, lines: list[str], start: int, fence: re.Match[str]) -> int:
        indent, mark = len(fence[1]), fence[2]
        depth = self._depth(indent)
        del self.stack[depth:]
        column = self.stack[-1].column if self.stack else 0
        if not self.after_blank:
            self._gap()
        index = start
        while index < len(lines):
            line = lines[index]
            kept = line[min(column, len(line) - len(line.lstrip())) :]
            self.out.append((" " * (4 * depth) + kept) if line.strip() else "")
            closing = _FENCE.match(line) if index > start else None
            index += 1
            if closing and closing[2][0] == mark[0] and len(closing[2]) >= len(mark) and line.strip() == closing[2]:
                break
        if index < len(lines) and lines[index].strip():
            self.out.append("")  # Python-Markdown would take the line below into the paragraph of the code
        self.after_blank, self.in_later_block = True, bool(self.stack)
        return index

    def _quote(self, lines: list[str], start: int) -> int:
        """Quotes are normalised inside by themselves."""
        index, inner = start, []
        while index < len(lines) and (match := _QUOTE.match(lines[index])):
            inner.append(lines[index][match.end() :])
            index += 1
        self.stack.clear()
        self._gap()
        nested = normalise_lists(inner) if not all(line.startswith(">") for line in inner if line) else inner
        self.out += [f"> {line}".rstrip() for line in nested]
        self.after_blank = False
        return index


def normalise_lists(lines: list[str]) -> list[str]:
    """The same Markdown in the layout Python-Markdown needs."""
    return _Normaliser().run(lines)
