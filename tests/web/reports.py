"""What a report's page, CSV and XLSX hold, in one form, so that they can be compared."""

import csv
import io
import re
from decimal import Decimal
from html import unescape

import openpyxl

from lms.people.nip import format_nip
from lms.shared.spreadsheet import safe_text
from lms.web import language

ROW = re.compile(r'<tr role="row"(?: class="(\w+)")?>(.*?)</tr>', re.S)
CELL = re.compile(r'<(?:th|td) role="(?:rowheader|cell)"([^>]*)>(.*?)</(?:th|td)>', re.S)


def on_screen(page: str) -> list[list[str]]:
    """The rows of the report's table as a reader sees them, group by group, sums included."""
    table = page.split('<table class="tumpuk laporan"', 1)[1].split("</table>", 1)[0]
    found, heading = [], None
    for kind, row in ROW.findall(table):
        cells = [
            safe_text(unescape(re.sub(r"<[^>]+>", "", text)))
            for attributes, text in CELL.findall(row)
            if "lajur" not in attributes
        ]
        if kind == "kelompok":
            heading = unescape(re.sub(r"<[^>]+>", "", row)).strip()
        elif cells:
            found.append(cells if heading is None else [heading, *cells])
    return found


def body(response) -> bytes:
    """The file in an answer, which is closed as a server would close it."""
    content = response.data
    response.close()
    return content


def in_xlsx(content: bytes) -> tuple[list[str], list[list[object]]]:
    """(titles, rows with their types)."""
    rows = [list(row) for row in openpyxl.load_workbook(io.BytesIO(content))["Data"].iter_rows(values_only=True)]
    return [str(title) for title in rows[0]], rows[1:]


def in_csv(content: bytes, separator: str) -> tuple[list[str], list[list[str]]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))
    return rows[0], rows[1:]


def as_screen(titles: list[str], row: list[object]) -> list[str]:
    """A row of XLSX as the page writes it."""
    return [_told(title, value) for title, value in zip(titles, row, strict=True)]


def _told(title: str, value: object) -> str:
    if value is None:
        return "–"
    if hasattr(value, "date"):
        return language.long_date(value.date())
    if isinstance(value, int | float):
        text = language.number(Decimal(str(value)))
        return f"{text} %" if "(%)" in title else str(value) if title == "tahunKursus" else text
    return format_nip(str(value)) if title in ("NIP", "nip") else str(value)


def as_csv(row: list[object], separator: str) -> list[object]:
    """A row of XLSX with numbers and days as CSV writes them; numbers compare by value."""
    return ["" if value is None else value.date().isoformat() if hasattr(value, "date") else value for value in row]


def same_in_csv(wanted: list[object], got: list[str], separator: str) -> bool:
    point = "," if separator == ";" else "."
    for value, text in zip(as_csv(wanted, separator), got, strict=True):
        if isinstance(value, int | float):
            if Decimal(text.replace(point, ".")) != Decimal(str(value)):
                return False
        elif str(value) != text.replace("\r\n", "\n").replace("\r", "\n"):
            return False
    return True
