"""What a superior does: more time, thanks, opening a story, asking; and that nobody does it to people elsewhere."""

import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest

from lms.people.types import Role, UnitCategory
from lms.people.views import views_of
from lms.progress import requirements
from lms.recognition import thanks
from lms.store.engine import write_tx
from tests.factories.learning import learn, publish_reading
from tests.factories.people import PASSWORD, make_person, make_unit


@pytest.fixture
def agency(session, tmp_path, now):
    """Dinas Arsip (head Kepala) with Ani, who finished, and Budi; Dinas Lain (head Tetangga) with Zainal, who finished; an admin."""
    published = publish_reading(session, tmp_path, now, key="arsip", title="Arsip Rapi", jp=5)
    with write_tx(session):
        unit, other = make_unit(session, name="Dinas Arsip"), make_unit(session, name="Dinas Lain")
        head = make_person(session, unit=unit, name="Kepala", position="Kepala Dinas", identifier="kepala", password=PASSWORD)
        neighbour = make_person(session, unit=other, name="Tetangga", identifier="tetangga", password=PASSWORD)
        unit.head_id, other.head_id = head.id, neighbour.id
        make_person(session, unit=other, identifier="admin", password=PASSWORD, roles=(Role.ADMIN,))
        ani = make_person(session, unit=unit, name="Ani", identifier="ani", password=PASSWORD)
        budi = make_person(session, unit=unit, name="Budi", position="Arsiparis Ahli", identifier="budi", password=PASSWORD)
        zainal = make_person(session, unit=other, name="Zainal")
        for person in (ani, zainal):
            learn(session, person.id, published, now - timedelta(days=1), lessons=5)
    return SimpleNamespace(published=published, unit=unit, other=other, head=head, ani=ani, budi=budi, zainal=zainal)


@pytest.fixture
def head(browser, agency):
    browser.sign_in("kepala", PASSWORD)
    return browser


def words(browser) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", browser.page.split("<main", 1)[1])).split())


WISH = {"pelatihan": "arsip", "sampai": "2026-03-12", "unit": "Dinas Arsip", "catatan": "Sebelum audit"}


def ask(browser, surface="/tim", **changes) -> None:
    """Through the form, the check and the button."""
    browser.post(f"{surface}/penugasan/periksa", WISH | changes, status=200, form_at=f"{surface}/penugasan/baru")
    kept = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', browser.page)
    sent = {name: unescape(value) for name, value in kept if name != "csrf_token"}
    browser.follow(browser.post(f"{surface}/penugasan", sent))


def test_asking_shows_how_many_first_and_the_learner_reads_who_and_until_when(head, new_browser, session, agency, now):
    head.post("/tim/penugasan/periksa", WISH, status=200, form_at="/tim/penugasan/baru")
    assert "Dinas Arsip dan semua di bawahnya" in words(head)
    assert "Diminta hari ini 3 orang Sudah selesai 1 orang" in words(head)
    assert requirements.of_person(session, agency.budi.id, now) == []
    head.get("/tim/penugasan")
    assert "Belum ada penugasan" in words(head)
    ask(head)
    assert "Penugasan disimpan" in words(head) and "1 dari 3 orang sudah selesai" in words(head)
    learner = new_browser()
    learner.sign_in("budi", PASSWORD)
    sentence = "Diminta oleh Kepala, Kepala Dinas, sampai 12 Maret 2026 (WITA)."
    for page in ("/", "/pelatihan/arsip"):
        learner.get(page)
        assert sentence in unescape(learner.page)
    learner.get("/")
    assert "Mulai pelatihan" in words(learner)
    learner.post("/pelatihan/arsip/daftar", form_at="/pelatihan/arsip")
    learner.get("/")
    assert "Lanjutkan belajar" in words(learner) and sentence in words(learner)
    finished = new_browser()
    finished.sign_in("ani", PASSWORD)
    for page in ("/", "/pelatihan/arsip"):
        finished.get(page)
        assert "Diminta oleh" not in finished.page


def test_head_extends_on_the_front_page_and_the_learner_sees_the_new_day(head, new_browser, session, agency, now):
    ask(head)
    head.get("/tim")
    assert "Budi Arsip Rapi · Belum ikut Sampai 12 Maret 2026 Perpanjang" in words(head)
    form = {name: re.search(rf'name="{name}" value="([^"]+)"', head.page)[1] for name in ("penugasan", "berlaku", "kembali")}
    address = f"/tim/pegawai/{agency.budi.id}/perpanjang"
    for _ in range(2):
        response = head.post(address, form | {"hari": "7"})
        assert response.headers["Location"] == "/tim?pesan=diperpanjang"
    head.follow(response)
    assert "Sampai 19 Maret 2026" in words(head)
    head.post(address, form | {"berlaku": "2026-03-19", "sampai": "2026-04-30"})
    learner = new_browser()
    learner.sign_in("budi", PASSWORD)
    learner.get("/")
    assert "sampai 30 April 2026 (WITA)." in words(learner)
    for sent in ({"sampai": "kapan"}, {"sampai": "2026-03-13"}, {"hari": "9999"}, {"berlaku": ""}):
        head.post(address, form | {"berlaku": "2026-04-30"} | sent, status=400, form_at="/tim")
    late = requirements.of_person(session, agency.budi.id, now)[0]
    assert late.due_on.isoformat() == "2026-04-30"


def test_head_thanks_once_and_the_learner_sees_it(head, new_browser, session, agency):
    head.get("/tim")
    reason = unescape(re.search(r"<textarea[^>]*>([^<]+)</textarea>", head.page)[1])
    assert "Arsip Rapi" in reason
    sent = {"pelatihan": str(agency.published.course_id), "alasan": f"{reason}\r\nTerus begitu!"}
    address = f"/tim/pegawai/{agency.ani.id}/penghargaan"
    head.follow(head.post(address, sent))
    assert "Penghargaan terkirim" in words(head) and "Tidak ada yang menunggu penghargaan" in words(head)
    head.post(address, sent, status=409, form_at="/tim/penugasan/baru")
    head.post(address, sent | {"alasan": "  "}, status=400, form_at="/tim/penugasan/baru")
    head.post(address, sent | {"alasan": "x" * 501}, status=400, form_at="/tim/penugasan/baru")
    head.post(f"/tim/pegawai/{agency.budi.id}/penghargaan", sent, status=409, form_at="/tim/penugasan/baru")
    assert [(row.giver, row.reason) for row in thanks.of_people(session, [agency.ani.id, agency.budi.id])] == [
        ("Kepala, Kepala Dinas", f"{reason}\nTerus begitu!")
    ]
    learner = new_browser()
    learner.sign_in("ani", PASSWORD)
    learner.get("/")
    assert "Penghargaan dari Kepala, Kepala Dinas" in words(learner)
    learner.get("/pelatihan/arsip/sertifikat")
    assert "Terus begitu!" in words(learner) and "Kepala, Kepala Dinas" in words(learner)


def test_opening_a_story_is_noted_by_a_button_and_never_by_looking(head, session, agency, frozen):
    address = f"/tim/pegawai/{agency.ani.id}"
    head.get(address)
    assert "Ia dapat melihat bahwa Anda membukanya" in words(head) and "5 dari 20 JP" not in words(head)
    assert views_of(session, agency.ani.id) == []
    for _ in range(2):
        head.follow(head.post(address, form_at="/tim"))
        assert "5 dari 20 JP" in words(head)
    session.rollback()
    rows = [(row.viewer, row.post, row.what, row.count) for row in views_of(session, agency.ani.id)]
    assert rows == [("Kepala", "Kepala Dinas", "progress", 2)]
    frozen(timedelta(days=1))
    head.post("/akun/konfirmasi", {"password": PASSWORD, "next": "/tim"}, form_at="/akun/konfirmasi?lanjut=/tim")
    head.get(address)
    assert "Buka riwayat belajar" in words(head)


def test_people_and_requirements_elsewhere_are_missing_ones(head, new_browser, session, agency, now):
    ask(head)
    number = requirements.of_person(session, agency.budi.id, now)[0].requirement_id
    neighbour = new_browser()
    neighbour.sign_in("tetangga", PASSWORD)
    course = str(agency.published.course_id)
    for path, sent in (
        (f"/tim/pegawai/{agency.budi.id}/perpanjang", {"penugasan": str(number), "berlaku": "2026-03-12", "hari": "7"}),
        (f"/tim/pegawai/{agency.ani.id}/penghargaan", {"pelatihan": course, "alasan": "Hebat"}),
        (f"/tim/pegawai/{agency.ani.id}", {}),
        (f"/tim/penugasan/{number}/akhiri", {}),
        ("/tim/penugasan/periksa", WISH | {"orang": str(agency.budi.id)}),
        ("/tim/penugasan", WISH | {"orang": str(agency.budi.id)}),
    ):
        neighbour.post(path, sent, status=404, form_at="/tim/penugasan/baru")
    neighbour.post("/tim/penugasan", WISH, status=400, form_at="/tim/penugasan/baru")  # no unit of that name is below
    assert "Tidak ada unit dengan nama itu" in words(neighbour)
    neighbour.get("/tim/penugasan")
    assert "Dinas Arsip" not in neighbour.page
    assert [row.due_on.isoformat() for row in requirements.of_person(session, agency.budi.id, now)] == ["2026-03-12"]
    assert thanks.of_people(session, [agency.ani.id]) == [] == views_of(session, agency.ani.id)
    head.post(
        f"/tim/pegawai/{agency.zainal.id}/penghargaan", {"pelatihan": course, "alasan": "Hebat"}, status=404, form_at="/tim"
    )


def test_form_keeps_what_was_typed_and_finds_people(head, session, agency, now):
    head.get(f"/tim/penugasan/baru?orang={agency.budi.id}")
    assert re.search(rf'value="{agency.budi.id}" checked', head.page)
    for sent, message in (
        ({"pelatihan": ""}, "Pilih pelatihan"),
        ({"sampai": "besok"}, "Pilih tanggal"),
        ({"sampai": "2020-01-01"}, "harus hari ini atau sesudahnya"),
        ({"unit": "Dinas Antah"}, "Tidak ada unit dengan nama itu"),
        ({"unit": ""}, "Pilih unit atau orang"),
        ({"catatan": "x" * 301}, "Catatan terlalu panjang"),
    ):
        for step in ("/tim/penugasan/periksa", "/tim/penugasan"):
            head.post(step, WISH | sent, status=400, form_at="/tim/penugasan/baru")
            assert message in words(head)
            assert sent.get("catatan", "Sebelum audit") in head.page
    head.post("/tim/penugasan/periksa", WISH | {"langkah": "cari", "cari": "bud"}, status=200, form_at="/tim/penugasan/baru")
    assert re.search(rf'value="{agency.budi.id}"', head.page) and "Sebelum audit" in head.page
    ask(head, orang=str(agency.budi.id))
    assert "Orang tertentu di Dinas Arsip" in words(head) and "0 dari 1 orang sudah selesai" in words(head)


def test_units_of_one_name_are_told_apart(head, session, agency):
    with write_tx(session):
        unit = session.merge(agency.unit)
        for name in ("Bidang A", "Bidang B"):
            make_unit(session, name="Seksi Umum", parent=make_unit(session, name=name, parent=unit))
    head.post("/tim/penugasan/periksa", WISH | {"unit": "seksi umum"}, status=400, form_at="/tim/penugasan/baru")
    choices = re.findall(r'name="unit_id" value="(\d+)"><span>Seksi Umum<br><span class="redup">([^<]+)<', head.page)
    assert [above for _, above in choices] == ["Bidang A", "Bidang B"]
    head.post("/tim/penugasan/periksa", WISH | {"unit": "seksi umum", "unit_id": choices[1][0]}, status=200)
    assert "Seksi Umum dan semua di bawahnya" in words(head) and "Diminta hari ini 0 orang" in words(head)


def test_office_asks_anywhere_with_the_same_pages_and_ends_what_heads_asked(browser, new_browser, session, agency, now):
    head = new_browser()
    head.sign_in("kepala", PASSWORD)
    ask(head)
    browser.sign_in("admin", PASSWORD)
    ask(browser, "/admin", unit="", jabatan="Ahli, arsiparis!", sampai="2026-03-20")
    assert "Seluruh instansi · jabatan memuat “ahli arsiparis”" in words(browser)
    assert [row.due_on.isoformat() for row in requirements.of_person(session, agency.budi.id, now)] == [
        "2026-03-12",
        "2026-03-20",
    ]
    browser.get("/admin/penugasan?hal=99999999")
    addresses = re.findall(r'action="(/admin/penugasan/\d+/akhiri)"', browser.page)
    assert len(addresses) == 2
    for address in addresses:
        browser.follow(browser.post(address))
        assert "Penugasan diakhiri" in words(browser)
    session.rollback()
    assert requirements.of_person(session, agency.budi.id, now) == []
    browser.get("/tim", 403)


def test_course_shows_the_funnel_from_five_people_on(head, session, agency, now):
    head.get("/tim/pelatihan")
    assert "Arsip Rapi 1 ikut · 1 selesai" in words(head)
    head.get("/tim/pelatihan/arsip")
    assert (
        "1 orang diminta atau ikut. Rinciannya tampil mulai 5 orang" in words(head) and "<svg" not in head.page.split("<main")[1]
    )
    with write_tx(session):
        unit = session.merge(agency.unit)
        for done in (0, 1, 1, 3, 3, 4):
            learn(session, make_person(session, unit=unit).id, agency.published, now, lessons=done)
    ask(head)
    head.get("/tim/pelatihan/arsip")
    figures = re.findall(r'<th scope="row">([^<]+)</th>.*?<td class="angka">(\d+)</td>', head.page)
    assert figures == [
        ("Diminta atau ikut", "8"),
        ("Sudah mulai", "6"),
        ("Sampai setengah", "4"),
        ("Selesai", "1"),
        ("Materi 2", "2"),
        ("Materi 4", "2"),
        ("Materi 5", "1"),
    ]
    head.get("/tim/pelatihan/tidak-ada", 404)


def test_units_are_compared_with_their_kind_and_others_have_no_names(head, session, agency, tmp_path, now):
    with write_tx(session):
        units = [session.merge(agency.unit), session.merge(agency.other)]
        units += [make_unit(session, name=f"Dinas {name}") for name in ("Satu", "Dua", "Tiga")]
        school = make_unit(session, name="SD Kecil", parent=units[0], category=UnitCategory.EDUCATION)
        make_person(session, unit=school)
        for unit in units:
            for _ in range(5):
                make_person(session, unit=unit)
    head.get("/tim/banding")
    text = words(head)
    assert "Dinas Arsip 9 orang 0 % 0 JP" in text
    assert "Rata-rata 4 dinas/badan lain" in text
    assert "SD Kecil Kurang dari 5 orang" in text and "Belum ada 5 unit sejenis" in text
    for name in ("Dinas Lain", "Dinas Satu", "Dinas Dua", "Dinas Tiga"):
        assert name not in head.page
