"""The administrator's way: upload, plan, apply, result, undo; what is refused says so and changes nothing."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from lms.content.spreadsheets import read_sheets
from lms.errors import Invalid
from lms.people.importing import queries
from lms.people.importing.rows import read_file
from lms.people.importing.types import ImportState
from lms.people.models import DataExport, Person, StaffImport
from lms.web.admin import imports
from tests.factories.people import PASSWORD

GOOD = "NIP;Nama;Unit Kerja\n198609262015051001;Sitti Rahma;Dinas Perhubungan\n"
SPOILED = GOOD + "1,97E+17;Budi;Dinas Perhubungan\n;=Cici;\n"


@pytest.fixture
def office(browser, agency):
    browser.sign_in("pengelola", PASSWORD)
    return browser


def upload(browser, text, status=303, **fields):
    data = {"file": (BytesIO(text.encode()), "pegawai.csv")} | fields
    answer = browser.post("/admin/impor", data, status=status, form_at="/admin/impor")
    return browser.follow(answer) if status == 303 else answer


def people(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(Person))


def test_spoiled_file_is_told_applied_mended_and_undone(office, session, data_dir):
    before = people(session)
    upload(office, SPOILED)
    assert "Excel merusak NIP; ubah kolom menjadi Teks" in office.page and "Baris 3" in office.page
    assert people(session) == before
    office.get("/admin/impor/1?jenis=new&hal=99")
    assert "Sitti Rahma" in office.page
    answer = office.post("/admin/impor/1/masalah", status=200)
    assert answer.mimetype == "text/csv" and people(session) == before
    (row,) = session.scalars(select(DataExport)).all()
    assert (row.kind, row.people, row.scope_path) == ("staff-problems", 2, "/")
    mended = answer.data.decode("utf-8-sig")
    assert '"1,97E+17";"Budi"' in mended and '"\'=Cici"' in mended
    office.get("/admin/impor/1")
    office.follow(office.post("/admin/impor/1/terapkan"))
    assert "Impor selesai" in office.page and people(session) == before + 1
    assert len(list((data_dir / "impor").iterdir())) == 1
    again = (
        mended.replace("1,97E+17", "198609262015051002")
        .replace("'=Cici", "Cici")
        .replace('"";"Cici";""', '"198609262015051003";"Cici";"Dinas Perhubungan"')
    )
    upload(office, again)
    office.follow(office.post("/admin/impor/2/terapkan"))
    assert people(session) == before + 3
    office.get("/admin/impor/1")
    office.follow(office.post("/admin/impor/1/batalkan"))
    assert "Impor ini sudah dibatalkan" in office.page and people(session) == before + 2
    office.get("/admin/impor")
    assert office.page.count("pegawai.csv") == 2 and "Dibatalkan" in office.page
    office.get("/admin/impor/2")
    assert office.post("/admin/impor/1/batalkan", status=409).status_code == 409


def test_many_leavers_need_their_number_typed(office, session):
    upload(office, GOOD, complete="1")
    assert "Ketik jumlah pegawai yang berhenti" in office.page
    office.post("/admin/impor/1/terapkan", {"leavers": "1"}, status=400)
    assert "4 dari 5 pegawai akan tercatat berhenti" in office.page
    office.post("/admin/impor/1/terapkan", {"leavers": "4"})
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Person).where(Person.left_on.is_not(None))) == 4


@pytest.mark.parametrize(
    ("text", "fields", "sentence"),
    [
        ("apel;jeruk\n1;2\n", {}, "Baris judul kolom tidak ditemukan"),
        (GOOD, {"on": "2030-01-01"}, "hari ini atau sebelumnya"),
        (GOOD, {"on": "besok"}, "Tanggal berlaku tidak terbaca"),
        ("", {}, "kosong"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(office, session, text, fields, sentence):
    upload(office, text, status=400, **fields)
    assert sentence in office.page
    assert session.scalar(select(func.count()).select_from(StaffImport)) == 0


def test_upload_without_a_file_is_refused(office):
    office.post("/admin/impor", {}, status=400, form_at="/admin/impor")
    assert "Pilih dulu berkasnya." in office.page


def test_file_that_changes_nothing_offers_nothing(office):
    upload(office, GOOD)
    office.post("/admin/impor/1/terapkan")
    upload(office, GOOD)
    assert "Tidak ada yang perlu diterapkan" in office.page
    assert office.post("/admin/impor/2/masalah", status=409, form_at="/admin/impor").status_code == 409


def test_old_password_is_asked_again_before_anything_happens(office, session, frozen):
    upload(office, SPOILED)
    frozen(timedelta(minutes=11))
    for act in ("terapkan", "masalah", "batalkan"):
        office.get("/admin/impor/1")
        assert "/akun/konfirmasi" in office.post(f"/admin/impor/1/{act}").headers["Location"]
    session.rollback()
    assert queries.staff_import(session, 1).state is ImportState.PLANNED


def test_work_that_takes_longer_is_shown_and_gone_on_with(office, session, monkeypatch):
    monkeypatch.setattr(imports, "REQUEST_SECONDS", -1.0)
    upload(office, GOOD)
    page = office.follow(office.post("/admin/impor/1/terapkan"))
    assert page.headers["Refresh"] == "3" and "0 dari 1 baris selesai" in office.page
    monkeypatch.setattr(imports, "REQUEST_SECONDS", 60.0)
    office.follow(office.post("/admin/impor/1/terapkan"))
    assert "Impor selesai" in office.page
    monkeypatch.setattr(imports, "REQUEST_SECONDS", -1.0)
    page = office.follow(office.post("/admin/impor/1/batalkan"))
    assert page.headers["Refresh"] == "3" and "Sedang dibatalkan" in office.page
    monkeypatch.setattr(imports, "REQUEST_SECONDS", 60.0)
    office.follow(office.post("/admin/impor/1/batalkan"))
    session.rollback()
    assert queries.staff_import(session, 1).state is ImportState.UNDONE


def test_file_that_was_cleared_away_is_said(office, data_dir):
    upload(office, GOOD)
    next((data_dir / "impor").iterdir()).unlink()
    imports._read.cache_clear()
    assert "Unggah lagi berkasnya" in office.get("/admin/impor/1", 409).text
    office.get("/admin/impor/999", 404)
    office.get(f"/admin/impor/{10**30}", 404)


def test_doubts_are_listed_apart(office):
    upload(office, "NIP;Nama;Unit Kerja;Golongan\n198609262015051001;Sitti;Dinas Perhubungan;Z9\n")
    office.get("/admin/impor/1?jenis=catatan")
    assert "Perlu dilihat lagi" in office.page and "Golongan “Z9” tidak dikenal" in office.page


def test_long_lists_are_paged(office):
    upload(office, GOOD + "".join(f"1986092620150520{n:02d};Orang {n};Dinas Perhubungan\n" for n in range(1, 80)))
    assert "Halaman 1 dari 2" in office.page
    office.get("/admin/impor/1?jenis=new&hal=2")
    assert "Halaman 2 dari 2" in office.page and "Orang 79" in office.page


def test_templates_are_read_as_empty_files_of_text(office):
    book = office.get("/admin/impor/templat/xlsx").data
    sheet = load_workbook(BytesIO(book)).active
    assert {cell.number_format for cell in sheet[2]} == {"@"} and (sheet["A900"].number_format, sheet["E900"].number_format) == (
        "@",
        "@",
    )
    for content in (book, office.get("/admin/impor/templat/csv").data):
        rows = next(read_sheets(content))[1]
        with pytest.raises(Invalid, match="tidak ada satu pun pegawai"):
            read_file([("", rows)])
    office.get("/admin/impor/templat/pdf", 404)


def test_plan_page_takes_the_same_number_of_selects_for_any_size(office):
    counts = []
    for size in (2, 60):
        upload(
            office,
            "NIP;Nama;Unit Kerja\n" + "".join(f"1986092620150520{n:02d};Orang {n};Dinas Perhubungan\n" for n in range(1, size)),
        )
        counts.append(len(office.statements.selects))
    assert counts[0] == counts[1]
