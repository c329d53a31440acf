"""The one table as CSV and XLSX: nothing becomes a formula, nothing is damaged."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.shared.spreadsheet import LONGEST_TEXT, Column, Kind, Table, safe_text, write_csv, write_xlsx
from tests.conftest import NOW
from tests.factories.hostile import NAMES
from tests.office import opened

NIP = "198609262015051001"
COLUMNS = (
    Column("NIP", Kind.NIP), Column("Nama"), Column("JP", Kind.NUMBER), Column("Capaian (%)", Kind.PERCENT), Column("Terbit", Kind.DATE),
)  # fmt: skip
HOSTILE = Table("Nama & angka", COLUMNS, [(NIP, name, -5, Decimal("62.5"), date(2026, 3, 5)) for name in NAMES], notes=("=1+1",))


def as_csv(table: Table, separator: str = ";") -> str:
    out = io.StringIO(newline="")
    write_csv(table, out, separator)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=1+1", "'=1+1"), ("+62 812", "'+62 812"), ("-5", "'-5"), ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "'\rx"), ("\x00=1", "'=1"),
        ("＝1", "'＝1"), ("－1", "'－1"), (" =1", "' =1"), ("\n=1", "'\n=1"), ("-", "-"), ("=", "="), ("a=1", "a=1"), ("", ""),
        ("Siti\x07\ud800", "Siti"), ("–", "–"),
    ],
)  # fmt: skip
def test_text_that_could_begin_a_formula_gets_an_apostrophe(text, kept):
    assert safe_text(text) == kept


def test_text_longer_than_a_cell_is_cut_where_it_would_be_lost():
    assert safe_text("x" * 40_000) == "x" * (LONGEST_TEXT - 1) + "…"


def test_csv_quotes_texts_and_leaves_numbers():
    table = Table("T", COLUMNS, [(NIP, 'Siti "Nur"; S.E.', -5, Decimal("62.5"), date(2026, 3, 5)), (None, "", 1000, None, None)])
    assert as_csv(table) == (
        "\ufeff"
        '"NIP";"Nama";"JP";"Capaian (%)";"Terbit"\r\n'
        '"198609262015051001";"Siti ""Nur""; S.E.";-5;62,5;2026-03-05\r\n'
        ';"";1000;;\r\n'
    )  # fmt: skip
    assert '"198609262015051001","Siti ""Nur""; S.E.",-5,62.5,2026-03-05' in as_csv(table, ",")


@given(st.lists(st.tuples(st.none(), st.text(), st.integers(), st.decimals(-99, 99, places=1), st.dates()), max_size=5))
def test_csv_reads_back_as_it_was_written(rows):
    found = list(csv.reader(io.StringIO(as_csv(Table("T", COLUMNS, rows)).removeprefix("\ufeff"), newline=""), delimiter=";"))[1:]
    assert found == [["", safe_text(row[1]), str(row[2]), str(row[3]).replace(".", ","), row[4].isoformat()] for row in rows]


def test_xlsx_holds_text_numbers_and_days(tmp_path):
    write_xlsx(HOSTILE, tmp_path / "a.xlsx", NOW)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    rows = list(book["Data"].iter_rows(min_row=2))
    assert [cell.value for cell in rows[0]] == [NIP, safe_text(NAMES[0]), -5, 62.5, rows[0][4].value]
    assert rows[0][4].value.date() == date(2026, 3, 5)
    assert {cell.data_type for row in rows for cell in row} == {"s", "n", "d"}
    assert {row[0].number_format for row in rows} == {"@"}
    assert book["Data"].freeze_panes == "A2"
    assert (book["Data"].print_title_rows, book["Data"].page_setup.orientation, book["Data"].page_setup.paperSize) == (
        "$1:$1",
        "landscape",
        9,
    )
    assert [row[0].value for row in book["Keterangan"].iter_rows()] == ["Nama & angka", "'=1+1"]


def test_xlsx_of_the_same_table_and_time_is_the_same_file(tmp_path):
    for name in ("a", "b"):
        write_xlsx(HOSTILE, tmp_path / name, NOW)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(("name", "separator"), [("x.xlsx", ""), ("titik-koma.csv", ";"), ("koma.csv", ",")])
def test_libreoffice_finds_no_formula_and_every_nip_whole(tmp_path, name, separator):
    path = tmp_path / name
    if separator:
        path.write_text(as_csv(HOSTILE, separator), encoding="utf-8", newline="")
    else:
        write_xlsx(HOSTILE, path, NOW)
    assert len(NAMES) > 100
    rows = opened([path], tmp_path, separator)[name][1 : len(NAMES) + 1]
    assert [kind for row in rows for kind, _ in row if kind == "formula"] == []
    assert {row[0] for row in rows} == {("string", NIP)}
    assert {kind for row in rows for kind, _ in row[1:2]} == {"string"}
    if not separator:
        assert {row[2] for row in rows} == {("float", "-5")}


def test_libreoffice_does_find_a_formula_that_nobody_stopped(tmp_path):
    (tmp_path / "x.csv").write_text('"NIP";"Nama"\r\n"1";=1+1\r\n', encoding="utf-8", newline="")
    assert opened([tmp_path / "x.csv"], tmp_path, ";")["x.csv"][1][1] == ("formula", "2")
