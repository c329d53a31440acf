"""Reports of the office: what the page shows is what every file holds, and who may take them is who may see them."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.people.models import DataExport
from lms.people.types import Role
from lms.store.engine import write_tx
from lms.teams.reports import REPORTS
from lms.web import report_pages
from tests.factories.history import make_history
from tests.factories.people import PASSWORD, make_person
from tests.office import opened
from tests.web.reports import as_screen, body, in_csv, in_xlsx, on_screen, same_in_csv

KEYS = [kind.key for kind in REPORTS]


@pytest.fixture
def history(session, tmp_path, now):
    made = make_history(session, tmp_path, now, 3)
    with write_tx(session):
        make_person(session, unit=made.root, name="Pengelola", identifier="pengelola", password=PASSWORD, roles=(Role.ADMIN,))
        make_person(session, unit=made.units[1], name="Penulis", identifier="penulis", password=PASSWORD, roles=(Role.AUTHOR,))
        make_person(session, unit=made.units[0], name="Peserta", identifier="peserta", password=PASSWORD)
    return made


@pytest.fixture
def office(browser, history):
    browser.sign_in("pengelola", PASSWORD)
    return browser


def rows_on_all_pages(browser, url):
    """The rows of every page; sums, which every page repeats, once."""
    browser.get(url)
    found = on_screen(browser.page)
    while more := re.search(r'rel="next" href="([^"]+)"', browser.page):
        browser.get(more[1].replace("&amp;", "&"))
        found += on_screen(browser.page)
    return found


def take(browser, url, shape, **kept):
    browser.get(url)
    return body(browser.post(url.split("?")[0], {"bentuk": shape, **kept}, status=200))


def compare(browser, url, **kept):
    """Page, print, XLSX and both CSV hold the same rows. Returns how many."""
    shown = rows_on_all_pages(browser, url)
    assert rows_on_all_pages(browser, url + ("&" if "?" in url else "?") + "cetak=1") == shown
    titles, rows = in_xlsx(take(browser, url, "xlsx", **kept))
    told = [[cell.replace("–", "") for cell in as_screen(titles, row)] for row in rows]
    wanted = [[cell.replace("–", "") for cell in row] for row in shown]
    if titles[0] == "Kategori":  # sums stand under the last group on the page, under their own name in the file
        wanted = [row if row[1] == name[1] else [row[1], "", *row[2:]] for row, name in zip(wanted, told, strict=True)]
    assert [[" ".join(cell.split()) for cell in row] for row in wanted] == [
        [" ".join(cell.split()) for cell in row] for row in told
    ]
    for shape, separator in (("csv", ";"), ("csv-koma", ",")):
        heads, lines = in_csv(take(browser, url, shape, **kept), separator)
        assert heads == titles
        assert len(lines) == len(rows)
        assert [line for row, line in zip(rows, lines, strict=True) if not same_in_csv(row, line, separator)] == []
    return len(rows)


@pytest.mark.parametrize("key", KEYS)
def test_page_print_csv_and_xlsx_hold_the_same_rows(office, history, session, key, monkeypatch):
    monkeypatch.setattr(report_pages, "PAGE_ROWS", 7)
    assert compare(office, f"/admin/laporan/{key}") > 2
    unit = history.units[0].id
    assert compare(office, f"/admin/laporan/{key}?unit={unit}", unit=unit) >= 1
    if key == "penyelesaian":
        assert compare(office, f"/admin/laporan/{key}?pelatihan={history.courses[0]}", pelatihan=history.courses[0]) >= 1
    elif key == "sertifikat":
        compare(office, f"/admin/laporan/{key}?tahun=2025", tahun=2025)
    else:
        compare(office, f"/admin/laporan/{key}?hari=2026-01-31", hari="2026-01-31")


def test_every_file_is_noted_before_it_leaves(office, history, session):
    take(office, f"/admin/laporan/anggota?unit={history.units[0].id}", "csv", unit=history.units[0].id)
    take(office, "/admin/laporan/capaian-jp", "xlsx")
    rows = session.execute(
        select(DataExport.by, DataExport.kind, DataExport.scope_path, DataExport.people, DataExport.detail)
    ).all()
    shown = len(on_screen(office.get(f"/admin/laporan/anggota?unit={history.units[0].id}").text))
    assert [row[1:4] for row in rows] == [("anggota", history.units[0].path, shown), ("capaian-jp", "/", 0)]
    assert rows[0].detail["filters"] == {"unit": str(history.units[0].id)}
    assert rows[0].by is not None


def test_password_is_asked_again_before_a_file_leaves(office, frozen, session):
    office.get("/admin/laporan/anggota?hari=2026-01-31")
    frozen(timedelta(minutes=10))
    answer = office.post("/admin/laporan/anggota", {"bentuk": "csv", "hari": "2026-01-31"})
    assert answer.headers["Location"] == "/akun/konfirmasi?lanjut=/admin/laporan/anggota?hari%3D2026-01-31"
    assert session.scalars(select(DataExport)).all() == []
    for url in ("/admin/laporan/siasn", "/admin/laporan/siasn/1"):
        assert office.post(url).headers["Location"].startswith("/akun/konfirmasi")


def test_unknown_reports_shapes_units_and_days_are_told_kindly(office):
    office.get("/admin/laporan/tidak-ada", 404)
    office.get("/admin/laporan/anggota?unit=999999", 404)
    office.get("/admin/laporan/penyelesaian?pelatihan=999999", 404)
    for junk in ("hari=besok", "hari=2999-01-01", "hari=0001-01-01", "hal=0", "hal=99999999999", "unit=x", "hal=99"):
        office.get(f"/admin/laporan/anggota?{junk}")
    office.get("/admin/laporan/sertifikat?tahun=abc")
    office.get("/admin/laporan/sertifikat?tahun=999999999")
    office.get("/admin/laporan/anggota")
    office.post("/admin/laporan/anggota", {"bentuk": "exe"}, status=400)


def test_index_tells_the_purpose_and_the_headline_of_each(office):
    office.get("/admin/laporan")
    for kind in REPORTS:
        assert kind.label in office.page and kind.purpose in office.page
    assert re.search(r"\d+ % dari \d+ pegawai bertarget mencapai target JP|\d+,\d % dari", office.page)
    assert "sertifikat belum dikirim" in office.page


@pytest.mark.parametrize("who", ["kepala", "peserta", "penulis"])
def test_others_get_neither_page_nor_file_of_the_whole_agency(browser, history, session, who):
    browser.sign_in(who, PASSWORD)
    browser.get("/")
    for url in ("/admin/laporan", "/admin/laporan/anggota", "/admin/laporan/siasn"):
        browser.get(url, 403)
    browser.post("/admin/laporan/anggota", {"bentuk": "csv"}, status=403, form_at="/akun/kata-sandi")
    browser.post("/admin/laporan/siasn", status=403, form_at="/akun/kata-sandi")
    assert session.scalars(select(DataExport)).all() == []


def test_siasn_from_preview_to_files_and_again(office, session):
    office.get("/admin/laporan/siasn")
    shown = on_screen(office.page)
    made = office.post("/admin/laporan/siasn")
    office.follow(made)
    assert "Ekspor sudah dibuat" in office.page
    assert "Semua sertifikat yang dapat dikirim sudah diekspor" in office.page
    url = re.search(r'action="(/admin/laporan/siasn/\d+)"', office.page)[1]
    titles, rows = in_xlsx(body(office.post(url, {"bentuk": "xlsx"}, status=200)))
    assert [[cell.replace("–", "") for cell in as_screen(titles, row)] for row in rows] == [
        [cell.replace("–", "") for cell in row] for row in shown
    ]
    office.get("/admin/laporan/siasn")
    first = body(office.post(url, {"bentuk": "csv"}, status=200))
    heads, lines = in_csv(first, ";")
    assert heads == titles and all(same_in_csv(row, line, ";") for row, line in zip(rows, lines, strict=True))
    assert body(office.post(url, {"bentuk": "csv"}, status=200)) == first
    with zipfile.ZipFile(io.BytesIO(body(office.post(url, {"bentuk": "pdf-1"}, status=200)))) as archive:
        assert sorted(name[:18] for name in archive.namelist()) == sorted(row[0] for row in rows)
    for wrong in ("pdf-2", "pdf-0", "pdf-x", "pdf-99999999999"):
        office.post(url, {"bentuk": wrong}, status=404, form_at="/admin/laporan/siasn")
    office.post("/admin/laporan/siasn/999999", {"bentuk": "csv"}, status=404, form_at="/admin/laporan/siasn")
    office.post("/admin/laporan/siasn", status=409, form_at="/admin/laporan/siasn")
    kinds = list(session.scalars(select(DataExport.kind).order_by(DataExport.id)))
    assert kinds == ["siasn", *["siasn-berkas"] * 4]


def test_libreoffice_opens_every_report_with_whole_nips_and_no_formula(office, session, tmp_path):
    if session.get_bind().dialect.name != "sqlite":
        return
    folder = tmp_path / "berkas"
    folder.mkdir()
    office.post("/admin/laporan/siasn", form_at="/admin/laporan/siasn")
    office.get("/admin/laporan/siasn")
    siasn = re.search(r'action="(/admin/laporan/siasn/\d+)"', office.page)[1]
    for key, url in [*((key, f"/admin/laporan/{key}") for key in KEYS), ("siasn", siasn)]:
        for shape in ("xlsx", "csv"):
            content = body(office.post(url, {"bentuk": shape}, status=200, form_at="/admin/laporan/siasn"))
            (folder / f"{shape}-{key}.{shape}").write_bytes(content)
    found = opened(sorted(folder.glob("*.xlsx")), tmp_path) | opened(sorted(folder.glob("*.csv")), tmp_path, ";")
    assert len(found) == 2 * (len(KEYS) + 1)
    nips = 0
    for rows in found.values():
        assert [text for row in rows for kind, text in row if kind == "formula"] == []
        places = [place for place, (_, text) in enumerate(rows[0]) if text in ("NIP", "nip")]
        for cells in [row for row in rows[1:] if len(row) > 4]:
            for place in places:
                assert cells[place] == ("", "") or (cells[place][0] == "string" and re.fullmatch(r"\d{18}", cells[place][1]))
                nips += cells[place][0] == "string"
    assert nips > 40
