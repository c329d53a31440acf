"""Tables from CSV files, as spreadsheets of any language save them: comma, semicolon or tab, with a mark or a `sep=` line."""

import csv
import html
import io
import re
from collections import Counter
from dataclasses import dataclass

from lms.content.problems import Reporter
from lms.content.source import decode

TABLE_LINK = re.compile(r"\s*(?:Tabel|Table)\s*:", re.IGNORECASE)
"""How the text of a link begins that becomes a table, when it is a paragraph of its own."""
MOST_ROWS = 500
MOST_COLUMNS = 30
LARGEST = 400_000
"""Bytes read of one file."""


@dataclass(frozen=True, slots=True)
class Table:
    rows: list[list[str]]
    """The heading first; all of one width. Empty for a file without a table."""
    cut: str = ""
    """What was left out, for the author."""


def read_table(data: bytes) -> Table:
    rows = [row for row in split_rows(decode(data[:LARGEST], Reporter(""))) if any(row)]
    width = max(map(len, rows), default=0)
    cuts = {
        f"isi setelah {LARGEST // 1000} kB": len(data) > LARGEST,
        f"baris setelah {MOST_ROWS}": len(rows) > MOST_ROWS + 1,
        f"kolom setelah {MOST_COLUMNS}": width > MOST_COLUMNS,
    }
    width = min(width, MOST_COLUMNS)
    even = [row[:width] + [""] * (width - len(row)) for row in rows[: MOST_ROWS + 1]]
    return Table(even, " dan ".join(cut for cut, is_cut in cuts.items() if is_cut))


def split_rows(text: str) -> list[list[str]]:
    """The cells of a CSV text, blank rows too; whatever divides them. Empty when it cannot be read as a table."""
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)
    return _rows(rest, told[1]) if told else _rows(text, _mark(text))


def _mark(text: str) -> str:
    """What divides the cells: the mark that gives most lines the same number of them, more than one."""

    def evenness(mark: str) -> int:
        widths = Counter(len(row) for row in _rows("\n".join(text.split("\n")[:50]), mark) if len(row) > 1)
        return max(widths.values(), default=0)

    return max(";\t,", key=evenness)


def _rows(text: str, mark: str) -> list[list[str]]:
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]
    except csv.Error:
        return []


def table_html(table: Table, caption: str) -> str:
    """A table in a frame that scrolls sideways; `caption` is plain text."""
    cells = [[html.escape(cell, quote=False) for cell in row] for row in table.rows]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in cells[0])
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells[1:])
    made = f"<table><caption>{html.escape(caption, quote=False)}</caption><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return f'<div class="gulir" tabindex="0" role="region" aria-label="Tabel {html.escape(caption)}">{made}</div>'
