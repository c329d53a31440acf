"""Spreadsheets from strangers: every spelling of CSV, honest and hostile workbooks, and never more than an Invalid."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook

from lms.content.spreadsheets import MOST_ROWS, read_sheets
from lms.errors import Invalid


def only(content):
    ((name, rows),) = read_sheets(content)
    return name, rows


def workbook(*sheets):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def excel_workbook(text):
    """One cell, written as Excel does: the text lies in a part of its own."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("S").write_string(0, 0, text)
    return out.getvalue()


def with_part(content, name, change):
    """The workbook with one part of its zip rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return out.getvalue()


TEXT = 'NIP{0}Nama{0}Unit\r\n198609262015051001{0}"Siti é{0} Rahma"{0}Dinas\r\n'


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_csv_of_every_separator_and_encoding(mark, encoding):
    assert only(TEXT.format(mark).encode(encoding)) == (
        "",
        [(1, ["NIP", "Nama", "Unit"], []), (2, ["198609262015051001", f"Siti é{mark} Rahma", "Dinas"], [])],
    )


def test_csv_keeps_row_numbers_and_takes_text_marks_off():
    assert only(b'sep=;\nNIP;Nama\n\n="198609262015051001";"dua\nbaris"\nx;y\n')[1] == [
        (1, ["NIP", "Nama"], []),
        (3, ["198609262015051001", "dua\nbaris"], []),
        (4, ["x", "y"], []),
    ]


def test_workbook_cells_come_as_people_type_them():
    rows = [["a", 7, 7.5, None, True, date(1986, 9, 26), datetime(1986, 9, 26, 7, 30)], [], ["=1+1", 198609262015051001, 2.5e17]]
    assert only(workbook(("Data", rows))) == (
        "Data",
        [
            (1, ["a", "7", "7.5", "", "True", "1986-09-26", "1986-09-26 07:30:00"], []),
            (3, ["=1+1", "1.98609E+17", "2.50000E+17"], [0]),
        ],
    )


def test_workbook_gives_its_sheets_in_order():
    assert [name for name, _ in read_sheets(workbook(("Satu", [["x"]]), ("Dua", [["y"]])))] == ["Satu", "Dua"]


def test_workbook_that_lies_about_its_size_is_read_as_it_is():
    lie = with_part(
        workbook(("S", [["a", "b"]])), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:B1"', b'ref="A1:XFD1048576"')
    )
    assert only(lie) == ("S", [(1, ["a", "b"], [])])


def refused(content):
    with pytest.raises(Invalid) as problem:
        list(read_sheets(content))
    return str(problem.value)


ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY rahasia SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_external_entities_are_refused(part):
    def poison(xml):
        return ENTITY + xml.partition(b"?>")[2].replace(b"rahasia-di-sini", b"&rahasia;")

    assert only(excel_workbook("rahasia-di-sini")) == ("S", [(1, ["rahasia-di-sini"], [])])
    content = with_part(excel_workbook("rahasia-di-sini"), part, poison)
    assert "rusak" in refused(content)


def test_billion_laughs_are_refused():
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    content = with_part(excel_workbook("x"), "xl/sharedStrings.xml", lambda xml: laughs + xml.partition(b"?>")[2])
    assert "rusak" in refused(content)


def test_zip_bomb_is_refused_unread():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"<x/>")
        bomb.writestr("xl/sharedStrings.xml", b"0" * 50_000_000)
    assert "mengembang tidak wajar" in refused(out.getvalue())


def test_a_million_rows_are_refused():
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (line, line) for line in range(1, MOST_ROWS + 3))
    content = with_part(
        workbook(("S", [["x"]])),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.partition(b"<sheetData>")[0] + b"<sheetData>" + rows + b"</sheetData></worksheet>",
    )
    assert refused(content).startswith(f"Tabel ini lebih dari {MOST_ROWS} baris")
    assert refused(b"a;b\n" * (MOST_ROWS + 1)).startswith(f"Tabel ini lebih dari {MOST_ROWS} baris")


def test_a_far_row_number_does_not_fill_the_memory():
    content = with_part(
        workbook(("S", [["x"]])), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<row r="1"', b'<row r="999999999"')
    )
    assert refused(content).startswith(f"Tabel ini lebih dari {MOST_ROWS} baris")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "kosong"),
        (b" \r\n", "kosong"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "Excel lama"),
        (b"%PDF-1.7 x", "PDF"),
        (b"PK\x03\x04 torn", "tidak dapat dibuka dengan aman"),
        (b"<html><table><tr><td>NIP</td></tr></table>", "halaman web"),
        (b"\xef\xbb\xbf  <table>", "halaman web"),
    ],
)
def test_other_files_are_refused_with_what_they_are(content, sentence):
    assert sentence in refused(content)


def test_other_zip_is_refused_with_what_it_is():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "bukan Excel" in refused(out.getvalue())


def test_every_torn_workbook_is_refused_or_read():
    whole = excel_workbook("NIP")
    assert load_workbook(io.BytesIO(whole)).sheetnames == ["S"]
    for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"):
        for change in (lambda xml: xml[: len(xml) // 2], lambda xml: b"", lambda xml: xml.replace(b'"', b"'\x00", 3)):
            try:
                list(read_sheets(with_part(whole, part, change)))
            except Invalid as problem:
                assert "rusak" in str(problem) or "aman" in str(problem)
