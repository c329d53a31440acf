"""Spreadsheets from strangers as rows of text: CSV of any separator and encoding, XLSX. Nothing here touches a disk or a database."""

import io
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook

from lms.content.problems import Reporter
from lms.content.source import decode
from lms.content.tables import split_rows
from lms.content.zips import UnsafeZip, members
from lms.errors import Invalid

MOST_ROWS = 100_000
MOST_CELLS = 4_000_000
LONGEST_CELL = 1_000
"""Characters; what is longer is cut."""
MOST_PARTS = 2_000
LARGEST_UNPACKED = 200_000_000
MOST_RATIO = 200
EXACT_DIGITS = 10**15
"""From here on a spreadsheet's number has lost digits, or may have."""
Row = tuple[int, list[str], list[int]]
"""Number of the row as the spreadsheet shows it, its cells, and the places (from 0) of cells that hold a formula."""
Sheet = tuple[str, list[Row]]
"""Name ("" for CSV) and rows; blank ones are left out."""

_AS_TEXT = re.compile(r'="(.*)"')
"""How a CSV file tells a spreadsheet that digits are text."""
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "Berkas ini berjenis Excel lama (.xls) atau bersandi. Buka di Excel, simpan sebagai .xlsx tanpa sandi, lalu unggah lagi."),
    (b"%PDF", "Berkas ini PDF. Minta berkas Excel (.xlsx) atau CSV-nya, lalu unggah itu."),
)  # fmt: skip


def read_sheets(content: bytes) -> Iterator[Sheet]:
    """The sheets of a file in their order, one after the other. Raises Invalid with a finished sentence.

    Numbers of sixteen digits and more come as a spreadsheet shows them ("1.98609E+17"): their last digits cannot be trusted.
    """
    if not content.strip():
        raise Invalid("Berkas ini kosong. Periksa berkasnya, lalu unggah lagi.", field="file")
    for mark, sentence in _OTHERS:
        if content.startswith(mark):
            raise Invalid(sentence, field="file")
    if content.startswith(b"PK"):
        yield from _workbook_sheets(content)
    else:
        yield "", list(_limited(_csv_rows(content)))


def _csv_rows(content: bytes) -> Iterator[Row]:
    text = decode(content, Reporter(""))
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text, re.IGNORECASE):
        raise Invalid(
            "Berkas ini sebenarnya halaman web yang dinamai Excel. Buka di Excel, simpan sebagai .xlsx, lalu unggah lagi.",
            field="file",
        )
    for line, cells in enumerate(split_rows(text), start=1):
        yield line, [_AS_TEXT.sub(r"\1", cell)[:LONGEST_CELL] for cell in cells], []


def _limited(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows that hold anything, as long as there are not too many of them."""
    size = 0
    for line, cells, formulas in rows:
        size += len(cells)
        if line > MOST_ROWS or size > MOST_CELLS:
            raise Invalid(
                f"Tabel ini lebih dari {MOST_ROWS} baris atau terlalu lebar, jadi tidak dibaca. Hapus baris dan kolom kosong, "
                "atau bagi menjadi beberapa berkas.",
                field="file",
            )
        if any(cells):
            yield line, cells, formulas


def _workbook_sheets(content: bytes) -> Iterator[Sheet]:
    try:
        names = {
            member.name for member in members(content, most_files=MOST_PARTS, most_bytes=LARGEST_UNPACKED, most_ratio=MOST_RATIO)
        }
    except UnsafeZip as reason:
        raise Invalid(
            f"Berkas ini tidak dapat dibuka dengan aman: {reason}. Buka di Excel, simpan ulang sebagai .xlsx, lalu unggah lagi.",
            field="file",
        ) from reason
    if "xl/workbook.xml" not in names:
        raise Invalid("Berkas ini bukan Excel (.xlsx) atau CSV. Simpan sebagai salah satunya, lalu unggah lagi.", field="file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and rules that nobody here looks at
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheets = [(sheet.title, sheet) for sheet in book.worksheets]
            for name, sheet in sheets:
                sheet.reset_dimensions()  # files lie about them, and every row would be filled up to what they say
                yield name, list(_limited(_sheet_rows(sheet)))
        except Invalid:
            raise
        except Exception as problem:  # whatever the library makes of a damaged or hostile file
            raise Invalid(
                "Berkas Excel ini rusak atau memuat hal yang tidak dibaca di sini. Buka di Excel, simpan ulang sebagai .xlsx, "
                "lalu unggah lagi.",
                field="file",
            ) from problem


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        formulas = [place for place, cell in enumerate(cells) if cell.data_type == "f"]
        yield line, ["" if cell.value is None else _text(cell.value)[:LONGEST_CELL] for cell in cells], formulas


def _text(value: Any) -> str:
    """A cell as a person would type it; dates as 1986-09-26."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        if abs(value) >= EXACT_DIGITS:
            return f"{value:.5E}"
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)
