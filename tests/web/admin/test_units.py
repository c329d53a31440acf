"""The unit tree on pages: found by words, one level at a time, and changed with the errors beside what was typed."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lms.people.models import ActingHead, Unit, UnitOperator
from lms.people.types import Role, UnitCategory
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, make_person, make_unit


def read(session):
    """The session as the database is now: pages write through another one."""
    session.rollback()
    session.expire_all()
    return session


@pytest.fixture
def tree(session):
    """Kota > Dinas Kesehatan > Puskesmas Wara; Kota > Dinas Pendidikan. Rina works in the clinic, Andi heads health."""
    with write_tx(session):
        root = make_unit(session, name="Pemerintah Kota")
        health = make_unit(session, parent=root, name="Dinas Kesehatan", category=UnitCategory.HEALTH)
        clinic = make_unit(session, parent=health, name="Puskesmas Wara")
        schools = make_unit(session, parent=root, name="Dinas Pendidikan")
        health.head_id = make_person(session, unit=health, name="Andi Tenri").id
        make_person(session, unit=clinic, name="Rina Wati", identifier="rina", password=PASSWORD)
        make_person(session, unit=schools, identifier="pengelola", password=PASSWORD, roles=(Role.ADMIN,))
    return {"root": root, "health": health, "clinic": clinic, "schools": schools}


@pytest.fixture
def admin(browser, tree):
    browser.sign_in("pengelola", PASSWORD)
    return browser


def rows(browser) -> list[tuple[str, str]]:
    """(unit, what stands under its name)."""
    return re.findall(r'scope="row"><a href="/admin/unit/\d+">([^<]+)</a><br><span class="redup">([^<]*)</span>', browser.page)


def test_tree_is_walked_level_by_level_with_people_counted_below(admin, tree):
    admin.get("/admin/unit")
    assert rows(admin) == [("Pemerintah Kota", "3 pegawai · 3 unit di bawahnya")]
    admin.get(f"/admin/unit/{tree['root'].id}")
    assert rows(admin) == [("Dinas Kesehatan", "2 pegawai · 1 unit di bawahnya"), ("Dinas Pendidikan", "1 pegawai")]
    assert "Andi Tenri" in admin.page
    admin.get(f"/admin/unit/{tree['clinic'].id}")
    assert rows(admin) == [] and "Tidak ada unit di bawahnya" in admin.page
    assert re.findall(r'<li><a href="[^"]+">([^<]+)</a>', admin.page)[:3] == [
        "Unit kerja",
        "Pemerintah Kota",
        "Dinas Kesehatan",
    ]


def test_units_are_found_by_words_with_the_way_up(admin, tree):
    admin.get("/admin/unit?q=wara+PUSK")
    assert rows(admin) == [("Puskesmas Wara", "Pemerintah Kota › Dinas Kesehatan")]
    admin.get("/admin/unit?q=tidakada")
    assert "Tidak ada unit yang cocok" in admin.page


def test_a_tree_of_1200_units_costs_the_same_selects_as_a_small_one(admin, session, tree):
    def selects(url: str) -> int:
        admin.get(url)
        return len(admin.statements.selects)

    urls = ["/admin/unit", f"/admin/unit/{tree['root'].id}", "/admin/unit?q=dinas"]
    before = [selects(url) for url in urls]
    with write_tx(session):
        for number in range(1200):
            make_unit(session, parent=tree["schools"] if number % 2 else tree["root"], name=f"Dinas Sekolah {number:04}")
    assert [selects(url) for url in urls] == before
    admin.get(f"/admin/unit/{tree['root'].id}?hal=3")
    assert len(rows(admin)) == 100 and "Halaman 3 dari 7" in admin.page
    assert f'href="/admin/unit/{tree["root"].id}?hal=4"' in admin.page


def test_a_unit_is_made_renamed_and_wrong_words_come_back(admin, session, tree):
    root = tree["root"].id
    form = {"induk": root, "nama": "Dinas Sosial", "kategori": "office", "zona": "Asia/Jayapura", "kode": "A-17"}
    made = admin.post("/admin/unit/baru", form, form_at=f"/admin/unit/baru?induk={root}")
    unit = read(session).scalars(select(Unit).where(Unit.code == "A-17")).one()
    assert made.location == f"/admin/unit/{unit.id}?pesan=tersimpan"
    assert (unit.name, unit.parent_id, unit.path, unit.time_zone) == (
        "Dinas Sosial",
        root,
        f"/{root}/{unit.id}/",
        "Asia/Jayapura",
    )
    address = f"/admin/unit/{tree['schools'].id}/ubah"
    refused = admin.post(address, form | {"nama": "Dinas Pendidikan dan Olahraga"}, status=400, form_at=address)
    assert "Kode ini sudah dipakai unit lain" in refused.text and 'value="Dinas Pendidikan dan Olahraga"' in refused.text
    admin.post(address, form | {"nama": "Dinas Pendidikan dan Olahraga", "kode": "", "kategori": "education"})
    assert read(session).get(Unit, tree["schools"].id).category is UnitCategory.EDUCATION
    for wrong in ({"nama": " "}, {"kategori": "bukan"}, {"zona": "Asia/Kendari"}):
        admin.post("/admin/unit/baru", form | {"kode": ""} | wrong, status=400, form_at="/admin/unit/baru")


def test_a_unit_moves_below_one_found_by_words_but_never_below_itself(admin, session, tree):
    health, clinic, schools = (tree[name].id for name in ("health", "clinic", "schools"))
    address = f"/admin/unit/{health}/pindah"
    found = admin.post(address, {"cari": "pendidikan", "hanya-cari": "1"}, status=200, form_at=address)
    assert re.findall(r'name="pilih" value="(\d+)"', found.text) == [str(schools)]
    assert re.findall(r'name="pilih"', admin.post(address, {"cari": "wara", "hanya-cari": "1"}, status=200).text) == []
    assert "Pilih dulu unit" in admin.post(address, {"cari": "pendidikan"}, status=400).text
    assert "tidak dapat dipindahkan" in admin.post(address, {"pilih": clinic}, status=400).text
    assert admin.post(address, {"pilih": 99999}, status=400).status_code == 400
    admin.post(address, {"pilih": schools})
    assert read(session).get(Unit, clinic).path == f"{read(session).get(Unit, schools).path}{health}/{clinic}/"
    admin.post(address, {"puncak": "1"}, form_at=address)
    assert read(session).get(Unit, health).path == f"/{health}/"


def test_head_acting_head_and_operator_are_named_with_dates_and_ended(admin, session, tree, frozen):
    clinic = tree["clinic"].id
    address = f"/admin/unit/{clinic}/tunjuk"
    found = admin.post(address, {"cari": "rina", "hanya-cari": "1", "jabatan": "plh"}, status=200, form_at=address).text
    rina = int(re.search(r'name="pilih" value="(\d+)"', found)[1])
    assert '<option value="plh" selected' in found and "Puskesmas Wara" in found
    form = {"pilih": rina, "cari": "rina", "jabatan": "plh", "dari": "2026-03-05", "sampai": ""}
    refused = admin.post(address, form, status=400).text
    assert "Plh menggantikan untuk beberapa hari" in refused and 'value="2026-03-05"' in refused
    assert "Tanggal ini tidak terbaca" in admin.post(address, form | {"dari": "31-02-2026"}, status=400).text
    assert "sebelum hari pertama" in admin.post(address, form | {"sampai": "04/03/2026"}, status=400).text
    assert "Pilih dulu sebagai apa" in admin.post(address, form | {"jabatan": "raja"}, status=400).text
    assert "Cari lalu pilih dulu" in admin.post(address, {"jabatan": "plt"}, status=400).text
    admin.post(address, form | {"sampai": "07-03-2026"})
    row = read(session).execute(select(ActingHead.person_id, ActingHead.kind, ActingHead.from_on, ActingHead.to_on)).one()
    assert row == (rina, "plh", date(2026, 3, 5), date(2026, 3, 8))
    admin.post(address, form | {"jabatan": "operator"}, form_at=address)
    admin.post(address, form | {"jabatan": "kepala"})
    admin.get(f"/admin/unit/{clinic}")
    assert "Pelaksana harian (Plh), 5 Maret 2026 sampai 7 Maret 2026" in admin.page
    term = re.search(r'action="(/admin/unit/\d+/plt/\d+/akhiri)"', admin.page)[1]
    for url in (term, f"/admin/unit/{clinic}/kosongkan", f"/admin/unit/{clinic}/operator/{rina}/hapus"):
        admin.post(url, form_at=f"/admin/unit/{clinic}")
    assert read(session).scalars(select(ActingHead.to_on)).one() == date(2026, 3, 5)
    assert read(session).get(Unit, clinic).head_id is None and read(session).scalars(select(UnitOperator.unit_id)).all() == []
    wanted = ["unit.acting", "unit.operator", "unit.head", "unit.acting_end", "unit.head", "unit.operator_end"]
    acts = (
        read(session)
        .scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("unit.")).order_by(AuditEntry.id))
        .all()
    )
    assert acts == wanted
    admin.get(f"/admin/unit/{clinic}")
    assert "dibatalkan sebelum berlaku" in admin.page


def test_a_plh_sees_the_team_only_within_its_dates(admin, session, tree, frozen, new_browser):
    with write_tx(session):
        deputy = make_person(session, unit=tree["schools"], name="Wakil", identifier="wakil", password=PASSWORD).id
    form = {"pilih": deputy, "jabatan": "plh", "dari": "2026-03-06", "sampai": "2026-03-07"}
    admin.post(f"/admin/unit/{tree['health'].id}/tunjuk", form, form_at=f"/admin/unit/{tree['health'].id}/tunjuk")
    for days, status in ((0, 403), (1, 200), (1, 200), (1, 403)):
        frozen(timedelta(days=days))
        guest = new_browser()
        guest.sign_in("wakil", PASSWORD)
        guest.get("/tim/anggota", status=status)
        assert ("Rina Wati" in guest.page) is (status == 200)


def test_rights_change_only_after_the_password_and_the_choice_comes_back(admin, session, tree, frozen):
    frozen(timedelta(minutes=11))
    clinic, rina = tree["clinic"].id, make_rina_id(session)
    address = f"/admin/unit/{clinic}/tunjuk"
    form = {"pilih": rina, "jabatan": "plt", "dari": "2026-03-05", "sampai": "2026-04-30"}
    asked = admin.follow(admin.post(address, form, form_at=address))
    assert asked.request.path == "/akun/konfirmasi"
    target = re.search(r'name="next" value="([^"]+)"', admin.page)[1].replace("&amp;", "&")
    admin.follow(admin.post("/akun/konfirmasi", {"password": PASSWORD, "next": target}))
    assert f'value="{rina}" checked' in admin.page and 'value="2026-04-30"' in admin.page
    assert '<option value="plt" selected' in admin.page
    assert read(session).scalars(select(ActingHead.id)).all() == []
    admin.post(address, form)
    assert read(session).scalars(select(ActingHead.person_id)).all() == [rina]


def make_rina_id(session) -> int:
    with write_tx(session):
        return make_person(session, name="Rina Kedua").id


@pytest.mark.parametrize("path", ["", "/ubah", "/pindah", "/tunjuk"])
def test_a_unit_that_is_not_there_is_a_missing_page(admin, path):
    admin.get(f"/admin/unit/99999999999999{path}", status=404)
    admin.get(f"/admin/unit/424242{path}", status=404)
