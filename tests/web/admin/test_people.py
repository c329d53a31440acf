"""Records of people on pages: found without a NIP in any address, opened with a trace, corrected, moved, given roles and codes."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lms.people import actions
from lms.people.models import Account, Membership, NamedSuperior, Person, PersonalView, RoleGrant, SessionRow
from lms.people.types import EmploymentKind
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, make_person, make_unit

NIP = "198609262015051001"
GROUPED = "19860926 201505 1 001"


def read(session):
    """The session as the database is now: pages write through another one."""
    session.rollback()
    session.expire_all()
    return session


@pytest.fixture
def tenri(session, agency):
    with write_tx(session):
        unit = make_unit(session, name="Dinas Arsip")
        return make_person(session, unit=unit, name="Andi Tenri", title_suffix="S.T.", nip=NIP, position="Arsiparis")


@pytest.fixture
def admin(browser, agency):
    browser.sign_in("pengelola", PASSWORD)
    return browser


def listed(browser) -> list[str]:
    return re.findall(r'scope="row">([^<]+)<br>', browser.page)


def opened(browser, person) -> str:
    browser.follow(browser.post(f"/admin/orang/{person.id}", form_at="/admin/orang"))
    return f"/admin/orang/{person.id}"


def test_people_are_found_by_words_or_by_nip_which_never_stands_in_an_address(admin, tenri):
    found = admin.post("/admin/orang", {"q": "tenri andi"}, form_at="/admin/orang")
    assert found.location == "/admin/orang?q=tenri+andi"
    admin.follow(found)
    assert listed(admin) == ["Andi Tenri, S.T."] and NIP not in admin.page and GROUPED not in admin.page
    for typed in (NIP, GROUPED, "NIP. 19860926.201505.1.001", "'19860926"):
        admin.post("/admin/orang", {"q": typed}, status=200, form_at="/admin/orang")
        assert listed(admin) == ["Andi Tenri, S.T."]
    admin.get(f"/admin/orang?q={NIP}")
    assert "Ketik NIP di kotak pencarian" in admin.page


def test_who_has_no_unit_or_has_left_or_never_signed_in_is_listed_apart(admin, session, tenri, now):
    with write_tx(session):
        make_person(session, name="Tanpa Tempat", password=PASSWORD)
        gone = make_person(session, name="Sudah Pergi", unit=make_unit(session), password=PASSWORD)
        actions.let_leave(session, person_id=gone.id, on=date(2026, 1, 31), now=now)
    admin.get("/admin/orang?keadaan=tanpa-unit")
    assert listed(admin) == ["Tanpa Tempat"]
    admin.get("/admin/orang?keadaan=berhenti")
    assert listed(admin) == ["Sudah Pergi"] and "Berhenti 31 Januari 2026" in admin.page
    admin.get("/admin/orang?keadaan=belum-aktif")
    assert listed(admin) == ["Andi Tenri, S.T."]
    admin.get(
        f"/admin/orang?unit={read(session).scalars(select(Membership.unit_id).where(Membership.person_id == tenri.id)).one()}"
    )
    assert listed(admin) == ["Andi Tenri, S.T."]
    admin.get("/admin/orang?q=bukansiapapun")
    assert "Tidak ada yang cocok" in admin.page


def test_the_list_is_paged_by_name_at_a_constant_cost(admin, session):
    admin.get("/admin/orang?q=warga")
    before = len(admin.statements.selects)
    with write_tx(session):
        for number in range(120):
            make_person(session, name=f"Warga {number % 60:02}")
    seen, url = [], "/admin/orang?q=warga"
    while url:
        admin.get(url)
        assert len(admin.statements.selects) == before
        seen += re.findall(r'formaction="/admin/orang/(\d+)"', admin.page)
        following = re.search(r'rel="next" href="([^"]+)"', admin.page)
        url = following[1].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 120


def test_a_record_opens_only_through_a_logged_step_once_a_day(admin, session, agency, tenri, frozen):
    admin.get(f"/admin/orang/{tenri.id}")
    assert "Buka data pegawai" in admin.page and GROUPED not in admin.page
    for page in ("ubah", "mutasi", "atasan"):
        admin.get(f"/admin/orang/{tenri.id}/{page}")
        assert "Buka data pegawai" in admin.page and GROUPED not in admin.page
    opened(admin, tenri)
    opened(admin, tenri)
    assert GROUPED in admin.page and "Arsiparis" in admin.page
    views = (
        read(session).execute(select(PersonalView.person_id, PersonalView.viewer_id, PersonalView.what, PersonalView.count)).all()
    )
    assert views == [(tenri.id, agency["pengelola"].id, "record", 2)]
    frozen(timedelta(hours=18))
    admin.sign_in("pengelola", PASSWORD)
    admin.get(f"/admin/orang/{tenri.id}")
    assert GROUPED not in admin.page


def test_a_refused_form_shows_the_record_and_counts_as_opening_it(admin, session, agency, tenri):
    admin.get(f"/admin/orang/{tenri.id}")
    admin.post(f"/admin/orang/{tenri.id}/berhenti", {"tanggal": "kemarin"}, status=400)
    assert "Tanggal ini tidak terbaca" in admin.page
    assert read(session).scalars(select(PersonalView.person_id)).all() == [tenri.id]


def test_somebody_new_comes_with_nip_or_with_a_word_and_nothing_typed_is_lost(admin, session, agency):
    address = "/admin/orang/baru"
    form = {
        "nama": "Sitti Hajar",
        "jenis": "pppk",
        "nip": "20001231 2024 21 1 001",
        "golongan": "gol. IX",
        "surel": "hajar@kota.go.id",
    }
    page = admin.post(address, form | {"cari": "perhubungan", "hanya-cari": "1"}, status=200, form_at=address).text
    unit_id = int(re.search(r'name="pilih" value="(\d+)"', page)[1])
    assert 'value="Sitti Hajar"' in page and '<option value="pppk" selected' in page
    form |= {"pilih": unit_id, "mulai": "01-03-2026"}
    for wrong, sentence in (
        ({"surel": "hajar"}, "Alamat surel tidak dapat dibaca"),
        ({"golongan": "Z"}, "tidak dikenal"),
        ({"nip": "123"}, "NIP harus 18 angka"),
        ({"mulai": "2027-01-01"}, "tidak boleh sesudah hari ini"),
        ({"lahir": "1-1-2001"}, "berbeda dengan kolom tanggal lahir"),
        ({"nama": ""}, "Nama harus diisi"),
        ({"jenis": "raja"}, "Jenis pegawai ini tidak ada"),
    ):
        page = admin.post(address, form | wrong, status=400).text
        assert sentence in page and f'value="{unit_id}" checked' in page
    admin.follow(admin.post(address, form))
    assert "Sitti Hajar" in admin.page and "20001231 2024 21 1 001" in admin.page and "hajar@kota.go.id" in admin.page
    person = read(session).scalars(select(Person).where(Person.name == "Sitti Hajar")).one()
    assert (person.employment_kind, person.grade, person.birth_date) == (EmploymentKind.PPPK, "IX", date(2000, 12, 31))
    admin.post(address, {"nama": "Honorer", "jenis": "other", "kata": "honor.er"}, form_at=address)
    word = read(session).execute(select(Account.identifier, Person.nip).join(Person).where(Person.name == "Honorer")).one()
    assert word == ("honor.er", None)
    assert "sudah dipakai" in admin.post(address, {"nama": "Lain", "jenis": "other", "kata": "HONOR.er"}, status=400).text


def test_data_are_corrected_and_a_new_nip_becomes_the_sign_in_name(admin, session, agency):
    with write_tx(session):
        person = make_person(session, name="Honorer", identifier="honor.er")
    address = f"{opened(admin, person)}/ubah"
    form = {"nama": "Honorer Baru", "jenis": "other", "kata": "honor.er", "jabatan": "Operator"}
    admin.post(address, form, form_at=address)
    assert read(session).scalars(select(Account.identifier).where(Account.person_id == person.id)).one() == "honor.er"
    admin.post(address, form | {"nip": GROUPED, "jenis": "pns"}, form_at=address)
    assert read(session).get(Person, person.id).nip == NIP
    assert read(session).scalars(select(Account.identifier).where(Account.person_id == person.id)).one() == NIP
    with write_tx(session):
        other = make_person(session, name="Lain", identifier="lain")
    opened(admin, other)
    assert "sudah dipakai pegawai lain" in admin.post(f"/admin/orang/{other.id}/ubah", form | {"nip": NIP}, status=400).text
    assert "tidak dapat masuk" in admin.post(f"/admin/orang/{other.id}/ubah", form | {"kata": ""}, status=400).text


def test_a_transfer_keeps_the_history_and_a_return_opens_it_again(admin, session, agency, tenri):
    old = read(session).scalars(select(Membership.unit_id).where(Membership.person_id == tenri.id)).one()
    address = f"{opened(admin, tenri)}/mutasi"
    page = admin.post(address, {"cari": "perhub", "hanya-cari": "1", "tanggal": "2026-03-02"}, status=200, form_at=address).text
    unit_id = int(re.search(r'name="pilih" value="(\d+)"', page)[1])
    assert 'value="2026-03-02"' in page
    assert "Cari lalu pilih" in admin.post(address, {"tanggal": "2026-03-02"}, status=400).text
    assert "sesudah hari ini" in admin.post(address, {"pilih": unit_id, "tanggal": "2026-12-01"}, status=400).text
    admin.post(address, {"pilih": unit_id, "tanggal": "2026-03-02"})
    rows = (
        read(session)
        .execute(select(Membership.unit_id, Membership.to_on).where(Membership.person_id == tenri.id).order_by(Membership.id))
        .all()
    )
    assert rows == [(old, date(2026, 3, 2)), (unit_id, None)]
    admin.get(f"/admin/orang/{tenri.id}")
    assert "1 Januari 2020 sampai 1 Maret 2026" in admin.page and "sejak 2 Maret 2026" in admin.page
    admin.post(f"/admin/orang/{tenri.id}/berhenti", {"tanggal": "2026-03-05"})
    admin.get(f"/admin/orang/{tenri.id}")
    assert "Berhenti 5 Maret 2026" in admin.page and "Catat kembali bekerja" in admin.page
    admin.post(address, {"pilih": old, "tanggal": "2026-03-05"}, form_at=address)
    assert read(session).get(Person, tenri.id).left_on is None


def test_a_superior_is_told_with_the_reason_and_overridden_for_a_time(admin, session, agency):
    learner, other = agency["peserta"], agency["rekan"]
    address = f"{opened(admin, learner)}/atasan"
    assert "Orang Kepala" in admin.page and "kepala unit" in admin.page
    page = admin.post(address, {"cari": "rekan", "hanya-cari": "1"}, status=200, form_at=address).text
    assert re.findall(r'name="pilih" value="(\d+)"', page) == [str(other.id)]
    form = {"pilih": other.id, "dari": "2026-03-01", "sampai": "2026-03-31"}
    assert "sebelum hari pertama" in admin.post(address, form | {"sampai": "2026-02-01"}, status=400).text
    assert "atasannya sendiri" in admin.post(address, form | {"pilih": learner.id}, status=400).text
    assert "Cari lalu pilih" in admin.post(address, {}, status=400).text
    admin.follow(admin.post(address, form))
    assert "ditunjuk langsung" in admin.page and "1 Maret 2026 sampai 31 Maret 2026" in admin.page
    admin.post(re.search(r'action="(/admin/orang/\d+/atasan/\d+/akhiri)"', admin.page)[1])
    assert read(session).scalars(select(NamedSuperior.to_on)).one() == date(2026, 3, 5)
    admin.get(f"/admin/orang/{learner.id}")
    assert "kepala unit" in admin.page


def test_roles_are_given_and_taken_but_never_from_the_last_administrator(admin, session, agency, frozen):
    learner, own = agency["peserta"], agency["pengelola"]
    opened(admin, learner)
    admin.post(f"/admin/orang/{learner.id}/peran", {"beri": "author"})
    admin.post(f"/admin/orang/{learner.id}/peran", {"beri": "raja"}, status=404, form_at="/admin/orang")
    roles = set(read(session).execute(select(RoleGrant.person_id, RoleGrant.role)).all())
    assert (learner.id, "author") in roles
    admin.post(f"/admin/orang/{learner.id}/peran", {"cabut": "author"}, form_at="/admin/orang")
    opened(admin, own)
    for url, form in (("peran", {"cabut": "admin"}), ("akun", {"lakukan": "nonaktif"}), ("berhenti", {"tanggal": "2026-03-05"})):
        page = admin.post(f"/admin/orang/{own.id}/{url}", form, status=409).text
        assert "administrator terakhir" in page
    frozen(timedelta(minutes=11))
    asked = admin.post(f"/admin/orang/{learner.id}/peran", {"beri": "admin"}, form_at="/admin/orang")
    assert asked.location.startswith("/akun/konfirmasi")
    assert set(read(session).execute(select(RoleGrant.person_id, RoleGrant.role)).all()) == roles - {(learner.id, "author")}


def test_a_code_is_shown_once_and_the_account_is_switched_off_and_on(admin, session, agency, new_browser):
    learner = agency["peserta"]
    guest = new_browser()
    guest.sign_in("peserta", PASSWORD)
    address = opened(admin, learner)
    page = admin.post(f"{address}/kode", status=200).text
    code = re.search(r"<code>([0-9A-Z-]{14})</code>", page)[1]
    admin.get(address)
    assert (
        code not in admin.page
        and "Pemulihan: Berlaku sampai 5 Maret 2026 pukul 15.00 WITA" in admin.page
        and "Dibuat 5 Maret 2026 pukul 14.30 WITA oleh Pegawai" in admin.page
    )
    admin.post(f"{address}/akun", {"lakukan": "keluarkan"})
    guest.get("/", status=303)
    admin.post(f"{address}/akun", {"lakukan": "nonaktif"}, form_at=address)
    assert "dinonaktifkan" in admin.post(f"{address}/kode", status=409, form_at=address).text
    admin.post(f"{address}/akun", {"lakukan": "aktif"}, form_at=address)
    admin.post(f"{address}/akun", {"lakukan": "terbang"}, status=404, form_at=address)
    assert read(session).scalars(select(Account.disabled_at).where(Account.person_id == learner.id)).one() is None
    assert read(session).scalars(select(SessionRow.ended_at).where(SessionRow.person_id == learner.id)).one() is not None
    entries = read(session).execute(
        select(AuditEntry.actor_id, AuditEntry.subject).where(AuditEntry.action == "account.issue_code")
    )
    assert entries.all() == [(agency["pengelola"].id, f"person:{learner.id}")]


def test_a_person_without_an_account_is_told_what_to_do(admin, session, agency):
    with write_tx(session):
        person_id = actions.make_person(session, name="Tanpa Akun", employment_kind=EmploymentKind.OTHER)
    admin.follow(admin.post(f"/admin/orang/{person_id}", form_at="/admin/orang"))
    assert "Belum punya nama masuk" in admin.page and "Tanpa unit" in admin.page
    admin.post(f"/admin/orang/{person_id}/kode", status=404)
    admin.get("/admin/orang/99999999999", status=404)
    admin.post("/admin/orang/99999999999", status=404, form_at="/admin/orang")
