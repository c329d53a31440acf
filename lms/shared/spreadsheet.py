"""One table for every report, and how it is written to CSV and XLSX. What a page shows of it is the same rows. No database.

Text never becomes a formula or a number (R49, D21): it is written as text, and what a spreadsheet program could still take for a
formula after saving and opening gets an apostrophe in front. Numbers and dates stay numbers and dates.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | None
LONGEST_TEXT = 32_767
"""Characters in a cell of XLSX; a longer text would be left out altogether."""
BOM = "\ufeff"


class Kind(StrEnum):
    """What the cells of a column are. The value is the number format of XLSX."""

    TEXT = "General"
    NIP = "@"
    NUMBER = "#,##0"
    DECIMAL = "#,##0.0"
    YEAR = "0"
    PERCENT = "0.0"
    """Per cent with one decimal: 62.5 stands for 62,5 %."""
    DATE = "dd/mm/yyyy"

    @property
    def is_number(self) -> bool:
        return self in (Kind.NUMBER, Kind.DECIMAL, Kind.PERCENT, Kind.YEAR)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    kind: Kind = Kind.TEXT
    width: int = 12
    """Characters in XLSX."""


@dataclass(frozen=True, slots=True)
class Table:
    """A report's rows, cell by cell as their columns say. None is an empty cell, or a figure that is not shown."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    notes: tuple[str, ...] = ()
    """Finished sentences: what the figures mean and leave out."""
    footer: tuple[tuple[Cell, ...], ...] = ()


def safe_text(text: str) -> str:
    """The text as a cell holds it: no signs that files may not hold, and an apostrophe before what could begin a formula. A lone
    sign, such as the "-" of a form, is no formula and stays."""
    kept = "".join(sign for sign in text if sign in "\t\n\r" or unicodedata.category(sign) not in ("Cc", "Cs"))
    kept = kept.replace("\ufffe", "").replace("\uffff", "")
    shown = kept.lstrip(" \n\u00a0")
    begins = unicodedata.normalize("NFKC", shown[:1])
    if begins in ("=", "+", "-", "@", "\t", "\r") and len(shown) > 1:
        kept = "'" + kept
    return kept if len(kept) <= LONGEST_TEXT else kept[: LONGEST_TEXT - 1] + "…"


# ------------------------------------------------------------------ CSV


def write_csv(table: Table, out: TextIO, separator: str = ";") -> None:
    """RFC 4180 with a byte order mark, because Excel asks for one. `separator` ";" goes with the decimal comma of Indonesian
    Excel, "," with the decimal point. Texts, NIP among them, are quoted; numbers are not. Days are yyyy-mm-dd."""
    out.write(BOM)
    for line in csv_lines(table, separator):
        out.write(line)


def csv_lines(table: Table, separator: str) -> Iterator[str]:
    point = "," if separator == ";" else "."
    for row in ([column.title for column in table.columns], *table.rows, *table.footer):
        yield separator.join(_csv_cell(cell, point) for cell in row) + "\r\n"


def _csv_cell(cell: Cell, point: str) -> str:
    if isinstance(cell, str):
        return '"' + safe_text(cell).replace('"', '""') + '"'
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).replace(".", point)


# ------------------------------------------------------------------ XLSX


def write_xlsx(table: Table, path: Path, made_at: datetime) -> None:
    """A workbook that is written row by row, so that its size costs no memory. The same table and time give the same bytes."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with Workbook(str(path), options) as book:
        book.set_properties({"title": safe_text(table.title), "created": made_at.replace(tzinfo=None)})
        formats = {kind: book.add_format({"num_format": str(kind), "valign": "top"}) for kind in Kind}
        strong = {kind: book.add_format({"num_format": str(kind), "valign": "top", "bold": True}) for kind in Kind}
        sheet = book.add_worksheet("Data")
        _page(sheet, table)
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width, formats[column.kind])
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, safe_text(column.title), head)
        for number, row in enumerate(table.rows, 1):
            _row(sheet, number, row, table.columns, formats)
        for number, row in enumerate(table.footer, 1 + len(table.rows)):
            _row(sheet, number, row, table.columns, strong)
        if table.notes:
            _notes(book.add_worksheet("Keterangan"), table, book.add_format({"text_wrap": True, "valign": "top"}), head)


def _page(sheet: Worksheet, table: Table) -> None:
    """The head row stays in view and on every sheet of A4; all columns fit its width."""
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.7, 0.6)
    sheet.set_header("&L" + safe_text(table.title).replace("&", "&&")[:200])
    sheet.set_footer("&R&P/&N")
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _row(sheet: Worksheet, number: int, row: Sequence[Cell], columns: Sequence[Column], formats: dict[Kind, Format]) -> None:
    for place, (cell, column) in enumerate(zip(row, columns, strict=True)):
        if isinstance(cell, str):
            sheet.write_string(number, place, safe_text(cell), formats[column.kind if column.kind is Kind.NIP else Kind.TEXT])
        elif isinstance(cell, date):
            sheet.write_datetime(number, place, cell, formats[Kind.DATE])
        elif cell is not None:
            sheet.write_number(number, place, cell, formats[column.kind])


def _notes(sheet: Worksheet, table: Table, plain: Format, head: Format) -> None:
    sheet.set_column(0, 0, 100)
    for number, text in enumerate((table.title, *table.notes)):
        sheet.write_string(number, 0, safe_text(text), head if number == 0 else plain)
