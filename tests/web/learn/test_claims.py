"""Claims in the browser: the draft and its proofs, who sees what, superior and office, bulk approval and corrections."""

import io
import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from PIL import Image

from lms.people.types import Role
from lms.progress import claims, jp
from lms.progress.claims import Step
from lms.store.engine import write_tx
from tests.factories.claims import decide_claim, make_claim, put_at_office, send_claim
from tests.factories.people import PASSWORD, make_person, make_unit

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
FIELDS = {
    "title": "Seminar Arsip Digital",
    "organizer": "ANRI",
    "from_on": "2026-03-02",
    "to_on": "2026-03-02",
    "hours": "6",
    "minutes": "",
}


def photo(kind="JPEG"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(out, kind)
    return out.getvalue()


@pytest.fixture
def people(session):
    with write_tx(session):
        unit, other = make_unit(session, name="Dinas Arsip"), make_unit(session, name="Dinas Lain")
        made = {
            w: make_person(session, unit=unit, name=w.title(), identifier=w, password=PASSWORD) for w in ("ani", "budi", "kepala")
        }
        made["jauh"] = make_person(session, unit=other, name="Jauh", identifier="jauh", password=PASSWORD)
        made["admin"] = make_person(
            session, unit=other, name="Pengelola", identifier="admin", password=PASSWORD, roles=(Role.ADMIN,)
        )
        unit.head_id, other.head_id = made["kepala"].id, made["jauh"].id
    return SimpleNamespace(**{word: person.id for word, person in made.items()})


@pytest.fixture
def as_(new_browser, people):
    known = {}

    def browser_of(word):
        if word not in known:
            known[word] = new_browser()
            known[word].sign_in(word, PASSWORD)
        return known[word]

    return browser_of


def text_of(browser):
    return " ".join(re.sub(r"<[^>]+>", " ", browser.page).split())


def test_a_seminar_is_claimed_mended_approved_and_arrives_in_the_ledger(as_, people, session):
    ani, head, admin = as_("ani"), as_("kepala"), as_("admin")
    ani.get("/")
    assert 'href="/klaim"' in ani.page
    ani.get("/klaim")
    assert "Belum ada klaim" in ani.page
    ani.get("/klaim/baru")
    assert len(re.findall(r'href="/klaim/baru\?bentuk=\d+"', ani.page)) == 25
    ani.get("/klaim/baru?bentuk=9")
    assert "45 menit = 1 JP" in ani.page
    ani.follow(ani.post("/klaim/baru", FIELDS | {"bentuk": "9"}))
    assert "8 JP" in text_of(ani) and "6 jam ÷ 45 menit = 8 JP" in ani.page and "Tambahkan bukti" in ani.page
    claim = re.search(r'action="(/klaim/\d+)"', ani.page)[1]
    ani.post(claim, FIELDS | {"aksi": "kirim"}, status=400)
    assert "Belum dikirim, tetapi sudah tersimpan. Tambahkan bukti" in ani.page
    ani.get(claim)
    ani.post(claim, FIELDS | {"aksi": "kirim", "file": (io.BytesIO(photo()), "foto.JPG")})
    head.get("/tim")
    assert "1 klaim JP menunggu Anda periksa" in text_of(head)
    head.get("/tim/klaim")
    assert "Seminar Arsip Digital" in head.page and "8 JP" in head.page
    head.get(f"/tim{claim}")
    picture = re.search(rf'href="(/tim{claim}/berkas/\d+)"', head.page)[1]
    response = head.get(picture)
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (response.mimetype, response.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    response.close()
    head.get(f"/tim{claim}")
    head.post(f"/tim{claim}", {"putusan": "revise", "catatan": ""}, status=400)
    assert "Tuliskan alasannya" in head.page
    head.post(f"/tim{claim}", {"putusan": "revise", "catatan": "Lamanya 3 jam, bukan 6."})
    ani.get("/klaim")
    assert "Perlu perbaikan" in ani.page
    ani.get(claim)
    assert "Lamanya 3 jam, bukan 6." in ani.page and 'value="Seminar Arsip Digital"' in ani.page and "foto.jpg" in ani.page
    ani.post(claim, FIELDS | {"hours": "3", "aksi": "kirim"})
    head.get(f"/tim{claim}")
    head.post(f"/tim{claim}", {"putusan": "approved"})
    head.get("/tim/klaim?keadaan=selesai")
    assert "Menunggu pengelola" in head.page
    admin.get("/admin")
    assert "Klaim JP menunggu" in admin.page
    admin.get(f"/admin{claim}")
    assert "3 jam ÷ 45 menit = 4 JP. Aturan versi 2026-1" in admin.page
    admin.get(re.search(rf'href="(/admin{claim}/berkas/\d+)"', admin.page)[1]).close()
    admin.post(f"/admin{claim}", {"putusan": "approved"}, form_at=f"/admin{claim}")
    ani.get("/klaim")
    assert "4 JP diakui" in ani.page and "JP luar LMS tahun 2026" in ani.page
    ani.get("/")
    assert "Termasuk 4 JP luar LMS." in ani.page and "4 dari 20 JP" in text_of(ani)
    session.rollback()
    assert jp.split_by_person(session, [people.ani], 2026) == {people.ani: (0, 4)}


def test_what_was_typed_stays_when_it_cannot_be_taken(as_, people):
    ani = as_("ani")
    for wrong, told in (
        ({"title": ""}, "Isi nama kegiatannya."),
        ({"from_on": "kemarin"}, "Isi tanggalnya"),
        ({"to_on": "2026-03-01"}, "Tanggal selesai mendahului"),
        ({"to_on": "2027-01-01"}, "Kegiatan ini belum selesai"),
        ({"hours": "enam"}, "Isi dengan angka bulat."),
        ({"hours": "0"}, "Lama kegiatan harus lebih dari nol"),
        ({"report": "x" * 2001}, "paling banyak 2000 karakter"),
    ):
        ani.get("/klaim/baru?bentuk=9")
        ani.post("/klaim/baru", FIELDS | {"bentuk": "9", "organizer": "Panitia & Rekan"} | wrong, status=400)
        assert told in ani.page and "Panitia &amp; Rekan" in ani.page
    for number in ("", "0", "26", "x", "9" * 30, "²"):
        ani.get(f"/klaim/baru?bentuk={number or 'z'}", status=400)
        ani.post("/klaim/baru", FIELDS | {"bentuk": number}, status=400, form_at="/klaim/baru?bentuk=9")


def test_files_are_judged_one_by_one_and_good_ones_stay(as_, people, session, now, monkeypatch):
    with write_tx(session):
        claim_id = make_claim(session, people.ani, now, files=0)
    ani = as_("ani")
    sent = [(io.BytesIO(PDF), "surat.pdf"), (io.BytesIO(b"MZ" + b"x" * 50), "virus.pdf"), (io.BytesIO(b"<svg/>"), "a.svg")]
    ani.post(f"/klaim/{claim_id}", FIELDS | {"file": sent}, status=400, form_at=f"/klaim/{claim_id}")
    assert "surat.pdf" in ani.page and "virus.pdf" in ani.page and "a.svg" in ani.page
    assert len(re.findall(rf'href="/klaim/{claim_id}/berkas/\d+"', ani.page)) == 1
    monkeypatch.setattr(claims, "LARGEST_FILE", 2_000)  # the test client leaves larger bodies open
    big = PDF.replace(b"endobj", b"endobj\n" + b"%" * 2_000)
    ani.post(f"/klaim/{claim_id}", FIELDS | {"file": (io.BytesIO(big), "besar.pdf")}, status=400)
    assert "terlalu besar" in ani.page
    remove = re.search(r'value="(hapus-\d+)"', ani.page)[1]
    ani.follow(ani.post(f"/klaim/{claim_id}", FIELDS | {"aksi": remove}))
    assert "surat.pdf" not in ani.page
    ani.post(f"/klaim/{claim_id}", FIELDS | {"title": "", "file": (io.BytesIO(PDF), "kedua.pdf")}, status=400)
    assert "kedua.pdf" in ani.page and "Isi nama kegiatannya." in ani.page


def test_a_session_is_confirmed_by_the_partner_who_sees_only_the_session(as_, people, session, now):
    ani, budi = as_("ani"), as_("budi")
    ani.get("/klaim/baru?bentuk=14")
    fields = {"title": "Menyusun SKP", "from_on": "2026-03-02", "hours": "1", "minutes": "30", "report": "Dicoba dua minggu."}
    ani.follow(ani.post("/klaim/baru", fields | {"bentuk": "14"}))
    claim = re.search(r'action="(/klaim/\d+)"', ani.page)[1]
    ani.follow(ani.post(claim, fields | {"aksi": "cari", "cari": "bud"}))
    assert "Budi" in ani.page and "Dinas Arsip" in ani.page and "Kepala" not in ani.page
    ani.follow(ani.post(claim, fields | {"aksi": "cari", "cari": "1986"}))
    assert "Tidak ada yang cocok" in ani.page
    ani.post(claim, fields | {"aksi": "kirim", "partner_id": str(people.budi), "file": (io.BytesIO(PDF), "surat.pdf")})
    budi.get("/klaim")
    assert "Menunggu konfirmasi Anda" in budi.page
    budi.get(f"{claim}/konfirmasi")
    told = text_of(budi)
    assert "Menyusun SKP" in told and "Dicoba dua minggu." in told and "1 jam 30 menit" in told
    assert "surat.pdf" not in told and "diakui" not in told
    for hidden in (claim, f"{claim}/berkas/1", f"/tim{claim}"):
        assert budi.client.get(hidden).status_code in (403, 404)
    budi.post(f"{claim}/konfirmasi", {}, status=400)
    budi.post(f"{claim}/konfirmasi", {"putusan": "revise", "catatan": ""}, status=400)
    budi.post(f"{claim}/konfirmasi", {"putusan": "approved"})
    budi.get(f"{claim}/konfirmasi", status=404)
    as_("kepala").get(f"/tim{claim}")
    ani.get(claim)
    assert "Rekan menyetujui" in ani.page


def test_a_foreign_claim_is_a_missing_one(as_, people, session, now):
    with write_tx(session):
        claim_id = send_claim(session, people.ani, now)
        draft = make_claim(session, people.ani, now)
    for word in ("budi", "kepala", "jauh", "admin"):
        browser = as_(word)
        for url in (f"/klaim/{claim_id}", f"/klaim/{claim_id}/berkas/1", f"/klaim/{claim_id}/konfirmasi", f"/klaim/{draft}"):
            browser.get(url, status=404)
        browser.get("/klaim/baru?bentuk=9")
        for url in (f"/klaim/{claim_id}", f"/klaim/{claim_id}/tarik", f"/klaim/{draft}/hapus", f"/klaim/{claim_id}/konfirmasi"):
            browser.post(url, FIELDS | {"putusan": "approved"}, status=404)
            browser.get("/klaim/baru?bentuk=9")
    jauh = as_("jauh")
    for url in (f"/tim/klaim/{claim_id}", f"/tim/klaim/{claim_id}/berkas/1", f"/tim/klaim/{draft}", f"/tim/klaim/{10**12}"):
        jauh.get(url, status=404)
    jauh.post(f"/tim/klaim/{claim_id}", {"putusan": "approved"}, status=404, form_at="/klaim/baru?bentuk=9")
    jauh.get("/tim/klaim")
    assert "Kegiatan nomor" not in jauh.page and "Tidak ada klaim di sini" in jauh.page
    as_("admin").get(f"/admin/klaim/{draft}", status=404)


def test_a_claim_is_withdrawn_and_a_draft_discarded(as_, people, session, now):
    with write_tx(session):
        sent, draft = send_claim(session, people.ani, now), make_claim(session, people.ani, now, title="Draf Saya")
    ani = as_("ani")
    ani.follow(ani.post(f"/klaim/{sent}/tarik", form_at=f"/klaim/{sent}"))
    assert "Klaim ditarik" in ani.page and "Kirim klaim" in ani.page
    ani.post(f"/klaim/{sent}/tarik", status=409)
    ani.follow(ani.post(f"/klaim/{draft}/hapus", form_at=f"/klaim/{draft}"))
    assert "Draf Saya" not in ani.page
    ani.get(f"/klaim/{draft}", status=404)
    with write_tx(session):
        again = send_claim(session, people.ani, now)
    ani.get("/klaim/baru?bentuk=9")
    ani.post(f"/klaim/{again}", FIELDS, status=409)


def test_the_office_approves_many_corrects_and_filters(as_, people, session, now):
    with write_tx(session):
        first, second = (put_at_office(session, people.ani, now - timedelta(n), learning_form=10) for n in (2, 1))
        other = put_at_office(session, people.budi, now)
        own = put_at_office(session, people.admin, now)
    admin = as_("admin")
    admin.get("/admin/klaim")
    assert re.findall(r'name="klaim" value="(\d+)"', admin.page) == [str(one) for one in (first, second, other, own)]
    admin.follow(admin.post("/admin/klaim/setujui", {"klaim": [str(first), str(second), str(other), "x", "9" * 12]}))
    assert "Sebagian belum disetujui" in admin.page
    assert "Tahun itu sudah 1 kegiatan" in admin.page and re.findall(r'name="klaim" value="(\d+)"', admin.page) == [str(own)]
    admin.follow(admin.post("/admin/klaim/setujui", {}))
    assert "Belum ada klaim yang dicentang" in admin.page
    admin.get(f"/admin/klaim/{own}")
    assert "Ini klaim Anda sendiri" in admin.page
    admin.post(f"/admin/klaim/{own}", {"putusan": "approved"}, status=409, form_at=f"/admin/klaim/{second}")
    admin.get(f"/admin/klaim/{first}")
    for typed in ({"jp": "dua", "alasan": "Salah"}, {"jp": "5", "alasan": " "}, {"jp": "1001", "alasan": "Salah"}):
        admin.post(f"/admin/klaim/{first}/koreksi", typed, status=400)
        assert f'value="{typed["jp"]}"' in admin.page
    admin.follow(admin.post(f"/admin/klaim/{first}/koreksi", {"jp": "5", "alasan": "Hanya separuh waktu"}))
    assert "sudah dikoreksi" in admin.page and "Hanya separuh waktu" in admin.page
    for query, shown in (
        ("keadaan=approved", {first, other}),
        ("keadaan=semua&q=budi", {other}),
        ("keadaan=semua&bentuk=10", {first, second}),
        ("q=lain", {own}),
        ("bentuk=99&hal=7", set()),
        ("keadaan=partner", set()),
    ):
        admin.get(f"/admin/klaim?{query}")
        assert set(map(int, re.findall(r'href="/admin/klaim/(\d+)"', admin.page))) == shown


def test_the_office_decides_one_claim_and_sees_who_is_waited_for(as_, people, session, now):
    with write_tx(session):
        waits, here = send_claim(session, people.ani, now), put_at_office(session, people.budi, now)
    admin = as_("admin")
    admin.get("/admin/klaim?keadaan=superior")
    assert "Menunggu Kepala." in admin.page
    admin.get(f"/admin/klaim/{waits}")
    assert "Putusan Anda" not in admin.page
    admin.post(f"/admin/klaim/{here}", {"putusan": "rejected"}, status=400, form_at=f"/admin/klaim/{here}")
    admin.post(f"/admin/klaim/{here}", {"putusan": "rejected", "catatan": "Rapat bukan pelatihan."})
    admin.post(f"/admin/klaim/{here}", {"putusan": "approved"}, status=409)
    as_("budi").get(f"/klaim/{here}")
    assert "Rapat bukan pelatihan." in as_("budi").page


def test_queues_take_the_same_number_of_statements_for_one_and_many(as_, people, session, now, statements):
    counts = {}
    for total in (2, 30):
        with write_tx(session):
            unit_id = session.execute(
                __import__("sqlalchemy").text("SELECT id FROM unit WHERE name = 'Dinas Arsip'")
            ).scalar_one()
            made = session.info.setdefault("made", [])
            unit = session.get(type(make_unit(session)), unit_id)
            while len(made) < total:
                made.append(make_person(session, unit=unit).id)
                send_claim(session, made[-1], now)
                put_at_office(session, made[-1], now)
        for word, url in (("kepala", "/tim/klaim"), ("admin", "/admin/klaim"), ("ani", "/klaim")):
            browser = as_(word)
            browser.get(url)
            browser.get(url)
            counts.setdefault(url, []).append(len(browser.statements.selects))
    assert all(few == many for few, many in counts.values()), counts


def test_a_queue_is_paged_with_its_filters(as_, people, session, now):
    with write_tx(session):
        for number in range(51):
            put_at_office(
                session,
                people.budi,
                now + timedelta(seconds=number),
                title=f"Kegiatan ke {number}",
                from_on=date(2026, 1, 1) + timedelta(number),
            )
    admin = as_("admin")
    admin.get("/admin/klaim?q=budi")
    assert "Halaman 1 dari 2" in admin.page
    admin.get(re.search(r'rel="next" href="([^"]+)"', admin.page)[1].replace("&amp;", "&"))
    assert re.findall(r'href="/admin/klaim/(\d+)"', admin.page) == ["51"]


def test_a_decided_claim_can_be_read_by_the_superior_and_not_decided_again(as_, people, session, now):
    with write_tx(session):
        claim_id = send_claim(session, people.ani, now)
        decide_claim(session, claim_id, people.kepala, now, Step.SUPERIOR)
    head = as_("kepala")
    head.get(f"/tim/klaim/{claim_id}")
    assert "Putusan Anda" not in head.page
    head.post(f"/tim/klaim/{claim_id}", {"putusan": "approved"}, status=409, form_at="/klaim/baru?bentuk=9")
