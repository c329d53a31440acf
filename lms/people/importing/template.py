"""The blank staff file that is handed out: text columns and one row as an example. Bytes only."""

import csv
import io

import xlsxwriter

HEADINGS = (
    ("NIP", 22), ("Nama", 30), ("Gelar Depan", 14), ("Gelar Belakang", 18), ("Tanggal Lahir", 15), ("Jenis Pegawai", 15), ("Golongan", 11),
    ("Jabatan", 32), ("Unit Kerja", 36), ("Unit Induk", 32), ("Kategori Unit", 16), ("Email", 28),
)  # fmt: skip
"""Heading and width of its column in characters."""
EXAMPLE = (
    "198609262015051001", "Contoh Nama (hapus baris ini)", "", "S.Kom.", "26-09-1986", "PNS", "III/d", "Pranata Komputer Ahli Muda",
    "Bidang Data dan Informasi", "Badan Kepegawaian", "Dinas/Badan", "nama@contoh.go.id",
)  # fmt: skip
"""Left in the file, it is passed over."""
SPARE_ROWS = 5_000
EASILY_DAMAGED = (0, 4)
"""Places of NIP and birth date."""


def workbook() -> bytes:
    """The template for Excel; every cell is text, so that no NIP loses its last digits (D20, D21)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Pegawai")
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        for place, (heading, width) in enumerate(HEADINGS):
            sheet.set_column(place, place, width, text)
            sheet.write_string(0, place, heading, bold)
            sheet.write_string(1, place, EXAMPLE[place], text)
        for line in range(2, SPARE_ROWS):
            for place in EASILY_DAMAGED:  # some spreadsheets know only the format of cells
                sheet.write_blank(line, place, None, text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def table_csv(headings: list[str], rows: list[list[str]]) -> bytes:
    """A CSV that Indonesian Excel opens well: UTF-8 with a mark, semicolons, quotes. What would run as a formula, and long
    numbers, get an apostrophe, which the import takes off again."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(headings)
    writer.writerows([[f"'{cell}" if _needs_mark(cell) else cell for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _needs_mark(cell: str) -> bool:
    return cell[:1] in "=+@-\t\r" and len(cell) > 1 or (cell.isdecimal() and len(cell) > 11)


def plain_text() -> bytes:
    """The template as CSV."""
    return table_csv([heading for heading, _ in HEADINGS], [list(EXAMPLE)])
