"""The supervisor's page in the browser: who gets in, whom they see, and that its numbers are the learner's own."""

import re
from datetime import date, timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from lms.people.actions import move_person
from lms.store.engine import write_tx
from tests.factories.learning import learn, publish_reading
from tests.factories.people import PASSWORD, make_person, make_unit

TODAY = date(2026, 3, 5)
NIP = "198609262015051001"


@pytest.fixture
def agency(session, tmp_path, now):
    """Dinas Arsip (head Kepala) with Ani and, one unit deeper, Budi; Dinas Lain (head Tetangga) with Zainal."""
    published = publish_reading(session, tmp_path, now, key="arsip", title="Arsip Rapi", jp=5)
    with write_tx(session):
        unit = make_unit(session, name="Dinas Arsip")
        deeper = make_unit(session, name="Seksi Pindai", parent=make_unit(session, name="Bidang Digital", parent=unit))
        other = make_unit(session, name="Dinas Lain")
        head = make_person(session, unit=unit, name="Kepala", identifier="kepala", password=PASSWORD)
        neighbour = make_person(session, unit=other, name="Tetangga", identifier="tetangga", password=PASSWORD)
        unit.head_id, other.head_id = head.id, neighbour.id
        ani = make_person(
            session,
            unit=unit,
            name="Ani Lestari",
            title_suffix="S.E.",
            nip=NIP,
            position="Arsiparis",
            identifier="ani",
            password=PASSWORD,
        )
        budi = make_person(session, unit=deeper, name="Budi", identifier="budi", password=PASSWORD)
        zainal = make_person(session, unit=other, name="Zainal")
        learn(session, ani.id, published, now - timedelta(days=1), lessons=5)
        learn(session, budi.id, published, now - timedelta(days=20), lessons=2)
    return SimpleNamespace(
        published=published, unit=unit, deeper=deeper, other=other, head=head, ani=ani, budi=budi, zainal=zainal
    )


@pytest.fixture
def head(browser, agency):
    browser.sign_in("kepala", PASSWORD)
    return browser


def listed(browser) -> list[str]:
    return re.findall(r'<th role="rowheader" scope="row"><a href="/tim/pegawai/\d+">([^<]+)</a>', browser.page)


def words(browser) -> str:
    """The page's text as a reader sees it, blanks made single."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", browser.page.split("<main", 1)[1])).split())


def messages(browser) -> list[str]:
    """Texts of the WhatsApp links on the page."""
    urls = [unescape(url) for url in re.findall(r'href="(https://wa\.me/[^"]*)"', browser.page)]
    assert all(list(parse_qs(urlsplit(url).query)) == ["text"] for url in urls)
    return [parse_qs(urlsplit(url).query)["text"][0] for url in urls]


def test_head_sees_own_people_and_those_of_units_below(head, agency):
    response = head.get("/tim/anggota")
    assert listed(head) == ["Ani Lestari, S.E.", "Budi"]
    assert response.headers["Cache-Control"] == "no-store"
    text = words(head)
    for part in (
        "Dinas Arsip",
        "Ani Lestari, S.E. Arsiparis · Dinas Arsip 5 dari 20 JP Arsip Rapi Selesai 4 Maret 2026 Beri penghargaan",
        "Budi Seksi Pindai 0 dari 20 JP Arsip Rapi Berjalan 40 % 13 Februari 2026 Ajak belajar",
    ):
        assert part in text
    head.get("/tim")
    text = words(head)
    for part in (
        "Dinas Arsip",
        "Mandek 1 orang Sudah mulai, tetapi 14 hari tanpa kegiatan. Budi Arsip Rapi · 40 % · terakhir 13 Februari 2026 Ajak belajar",
        "Segera jatuh tempo 0 orang",
        "Baru selesai 1 orang Dalam 14 hari terakhir. Ani Lestari, S.E. Arsip Rapi Beri penghargaan",
        "Pegawai 2 orang",
        "Mencapai target JP 2026 0 dari 2 orang",
    ):
        assert part in text
    assert "Rata-rata" not in text  # fewer than five people (D60)


def test_numbers_are_those_of_the_learners_own_pages(head, new_browser, agency):
    head.get("/tim/anggota")
    learner = new_browser()
    learner.sign_in("ani", PASSWORD)
    learner.get("/")
    assert "5 dari 20 JP" in words(head)
    assert "5 dari 20 JP" in words(learner) + unescape(re.sub(r"<[^>]+>", " ", learner.page))
    learner = new_browser()
    learner.sign_in("budi", PASSWORD)
    learner.get("/pelatihan/arsip")
    assert "2 dari 5" in unescape(re.sub(r"<[^>]+>", " ", learner.page))
    assert "Berjalan 40 %" in words(head)


def test_learner_is_told_that_the_page_is_for_others(browser, agency):
    browser.sign_in("budi", PASSWORD)
    browser.get("/tim", 403)
    assert "tugas lain" in words(browser) and "Kembali ke Beranda" in words(browser)
    browser.get(f"/tim/pegawai/{agency.ani.id}", 403)


def test_signed_out_visitors_are_asked_to_sign_in(browser, agency):
    assert browser.get("/tim", 303).headers["Location"] == "/masuk?lanjut=/tim"


def test_password_is_asked_again_after_twelve_hours(head, frozen):
    frozen(timedelta(hours=11, minutes=59))
    head.get("/tim")
    frozen(timedelta(minutes=1))
    head.follow(head.get("/tim", 303))
    assert "Kata sandi sekali lagi" in words(head)
    assert head.post("/akun/konfirmasi", {"password": PASSWORD, "next": "/tim"}).headers["Location"] == "/tim"
    head.get("/tim")


def test_people_elsewhere_look_like_people_who_do_not_exist(head, agency):
    bodies = [head.get(f"/tim/pegawai/{number}", 404).text for number in (agency.zainal.id, agency.head.id, 999_999, 10**30)]
    assert len(set(bodies)) == 1
    assert "Zainal" not in bodies[0]


def test_units_elsewhere_look_like_units_that_do_not_exist(head, agency):
    bodies = [head.get(f"/tim/anggota?unit={number}", 404).text for number in (agency.other.id, 999_999)]
    assert len(set(bodies)) == 1


def test_transferred_people_leave_at_once_and_appear_there(head, new_browser, session, agency, now):
    with write_tx(session):
        move_person(session, person_id=agency.ani.id, unit_id=agency.other.id, on=TODAY, now=now)
    head.get("/tim/anggota")
    assert listed(head) == ["Budi"]
    head.get(f"/tim/pegawai/{agency.ani.id}", 404)
    neighbour = new_browser()
    neighbour.sign_in("tetangga", PASSWORD)
    neighbour.get("/tim/anggota")
    assert listed(neighbour) == ["Ani Lestari, S.E.", "Zainal"]
    open_story(neighbour, agency.ani)
    assert "5 dari 20 JP" in words(neighbour)


def open_story(browser, person) -> None:
    """The button that notes it, then the page."""
    browser.follow(browser.post(f"/tim/pegawai/{person.id}", form_at=f"/tim/pegawai/{person.id}"))


def test_story_shows_courses_jp_and_certificate_without_scores_or_nip(head, agency):
    open_story(head, agency.ani)
    text = words(head)
    for part in (
        "Ani Lestari, S.E. Arsiparis · Dinas Arsip",
        "5 dari 20 JP",
        "Arsip Rapi Selesai Selesai 4 Maret 2026",
        "Catatan JP 2026 JP yang dihitung tahun ini Pelatihan Selesai JP Arsip Rapi 4 Maret 2026 5",
        "0001/ARSIP/III/2026 · 4 Maret 2026",
    ):
        assert part in text
    open_story(head, agency.budi)
    assert "Arsip Rapi Berjalan 40 % Kegiatan terakhir 13 Februari 2026" in words(head)
    assert "Belum ada JP" in words(head) and "Belum ada sertifikat" in words(head)


def test_pages_hold_no_nip_and_messages_no_person(head, agency):
    open_story(head, agency.ani)
    open_story(head, agency.budi)
    for url in ("/tim", "/tim/anggota", f"/tim/pegawai/{agency.ani.id}", f"/tim/pegawai/{agency.budi.id}"):
        head.get(url)
        assert NIP not in head.page and "nilai" not in head.page.lower()
        assert messages(head) != [] or url.endswith(str(agency.ani.id))
        for text in messages(head):
            assert not {"Ani", "Lestari", "Budi", "Kepala", "Arsiparis", "Seksi", "Dinas", NIP} & set(re.findall(r"\w+", text))
    head.get("/tim")
    assert "http://127.0.0.1:8000/pelatihan/arsip" in messages(head)[0]
    assert "20 JP lagi" in messages(head)[0]


def test_groups_lead_to_their_people(head, agency):
    head.get("/tim")
    for address, people in (("mandek", ["Budi"]), ("selesai", ["Ani Lestari, S.E."])):
        head.get("/tim")
        assert f'href="/tim/anggota?kelompok={address}"' in head.page
        head.get(f"/tim/anggota?kelompok={address}")
        assert listed(head) == people
    assert '<option value="selesai" selected>' in head.page


def test_units_below_can_be_chosen_one_step_at_a_time(head, agency):
    head.get("/tim/anggota")
    found = re.search(r'<option value="(\d+)">Bidang Digital</option>', head.page)
    head.get(f"/tim/anggota?unit={found[1]}")
    assert listed(head) == ["Budi"]
    assert "<h1>Bidang Digital</h1>" in head.page and "Seksi Pindai</option>" in head.page


@pytest.fixture
def big(session, tmp_path, now):
    """Two heads, one with one person and one with thirty; everyone alike."""
    published = publish_reading(session, tmp_path, now, key="arsip", title="Arsip Rapi", jp=5)
    with write_tx(session):
        for size in (1, 30):
            unit = make_unit(session, name=f"Unit {size}")
            unit.head_id = make_person(session, name="Kepala", identifier=f"kepala{size}", password=PASSWORD).id
            for number in range(size):
                person = make_person(session, unit=unit, name=f"Anggota {number:02}")
                learn(session, person.id, published, now - timedelta(days=20), lessons=2)


def test_thirty_people_fill_two_pages(browser, big):
    browser.sign_in("kepala30", PASSWORD)
    browser.get("/tim/anggota?urut=jp")
    assert listed(browser) == [f"Anggota {number:02}" for number in range(25)]
    assert "Halaman 1 dari 2" in words(browser)
    following = unescape(re.search(r'rel="next" href="([^"]+)"', browser.page)[1])
    assert following == "/tim/anggota?urut=jp&hal=2"
    browser.get(following)
    assert listed(browser) == [f"Anggota {number:02}" for number in range(25, 30)]
    assert 'rel="next"' not in browser.page
    for last in ("99", "999999999"):
        browser.get(f"/tim/anggota?hal={last}")
        assert "Halaman 2 dari 2" in words(browser)
    for first in ("0", "-1", "abc", "1e9", "9" * 40, ""):
        browser.get(f"/tim/anggota?hal={first}")
        assert "Halaman 1 dari 2" in words(browser)


@pytest.mark.parametrize("query", ["", "?q=anggota", "?kelompok=mandek", "?urut=jp"])
def test_page_of_one_person_costs_as_many_selects_as_of_thirty(new_browser, statements, big, query):
    counts = []
    for name in ("kepala1", "kepala30"):
        browser = new_browser()
        browser.sign_in(name, PASSWORD)
        browser.get("/tim/anggota" + query)
        browser.get("/tim/anggota" + query)  # settings and outlines are now kept by the process
        counts.append(len(statements.selects))
    assert counts == ([12, 12] if query == "?q=anggota" else [11, 11])


def test_empty_unit_says_how_people_get_there(browser, session, agency):
    with write_tx(session):
        make_unit(session, name="Unit Baru", head=make_person(session, name="Sendiri", identifier="sendiri", password=PASSWORD))
    browser.sign_in("sendiri", PASSWORD)
    for page in ("/tim", "/tim/anggota"):
        browser.get(page)
        assert "Belum ada pegawai di unit ini" in words(browser) and "<table" not in browser.page


def test_search_without_hits_offers_the_way_back(head):
    head.get("/tim/anggota?q=tidakada")
    assert "Tidak ada yang cocok" in words(head) and 'href="/tim/anggota"' in head.page
    assert 'value="tidakada"' in head.page


def test_typed_nip_is_not_looked_for_and_not_repeated(head):
    head.get(f"/tim/anggota?q={NIP}")
    assert "Carilah dengan nama" in words(head)
    assert NIP not in head.page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=%00", 400),
        ("q=%ff%fe", 200),
        ("q=%ED%A0%80", 200),
        ("q=%25&kelompok=semua&urut=nama", 200),
        ("q=" + "a" * 3000, 200),
        ("q=%3Cscript%3Ealert(1)%3C/script%3E", 200),
        ("unit=abc&pelatihan=-1&hal=x", 200),
        ("unit=99999999999999999999", 200),
        ("pelatihan=999999", 404),
        ("unit=0", 404),
        ("q=a&q=b&unit=&kelompok=&pelatihan=&urut=&hal=", 200),
        ("unit=%D9%A3", 200),
    ],
)
def test_junk_in_the_address_is_harmless(head, query, status):
    head.get(f"/tim/anggota?{query}", status)
    assert "<script>alert" not in head.page


def test_head_of_two_units_chooses_between_them(head, session, agency):
    with write_tx(session):
        agency.other = session.merge(agency.other)
        agency.other.head_id = agency.head.id
    head.get("/tim/anggota")
    assert listed(head) == ["Ani Lestari, S.E.", "Budi", "Tetangga", "Zainal"]
    assert "<h1>Unit-unit Anda</h1>" in head.page
    head.get(f"/tim/anggota?unit={agency.other.id}")
    assert listed(head) == ["Tetangga", "Zainal"]
