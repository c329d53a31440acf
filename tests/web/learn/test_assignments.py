"""Assignments on screen: draft, files, members, handing in, the result. Everything without JavaScript."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from lms.content import mediastore
from lms.content.types import QuestionKind
from lms.people.models import Person
from lms.quizzes.models import Attempt, Upload
from lms.quizzes.types import AttemptState
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.marking import FULL, HALF, publish_people
from tests.factories.people import PASSWORD, make_person

COURSE = "/pelatihan/tulisan"
PAGE = f"{COURSE}/tugas/rencana-aksi"
HOSTILE = "<script>alert(1)</script>\n  **tebal** {{7*7}}\n[x](javascript:alert(2))"


@pytest.fixture
def course(session, agency, tmp_path, now):
    """Publishes the course of people's work; `course(kind=…, hand_in=…)`."""

    def publish(**over):
        return publish_people(session, tmp_path, now, key="tulisan", title="Menulis Rencana", **over)

    return publish


def enter(browser, word="peserta"):
    browser.sign_in(word, PASSWORD)
    browser.get(COURSE)
    browser.post(f"{COURSE}/daftar")
    browser.get(PAGE)
    browser.post(f"{COURSE}/kuis/rencana-aksi")
    browser.get(PAGE)


def token_of(session, person):
    session.rollback()
    return session.scalars(select(Attempt.token).where(Attempt.person_id == person.id).order_by(Attempt.id.desc())).first()


def picture():
    out = io.BytesIO()
    Image.new("RGB", (2, 2), (10, 80, 90)).save(out, "PNG")
    return out.getvalue()


PICTURE = picture()


def test_essay_is_drafted_looked_at_and_handed_in(browser, session, agency, course, now):
    published = course(hand_in={"due_seconds": 14 * 86400})
    enter(browser)
    token = token_of(session, agency["peserta"])
    assert "19 Maret 2026 pukul 23.59 WITA" in browser.page and "Ketepatan analisis" in browser.page
    browser.follow(browser.post(f"/percobaan/{token}/soal/1", {"t": HOSTILE, "go": "1"}))
    assert "Tersimpan 14.30" in browser.page and "&lt;script&gt;alert(1)&lt;/script&gt;" in browser.page
    assert browser.get(f"/percobaan/{token}", 303).headers["Location"] == PAGE
    browser.follow(browser.post(f"/percobaan/{token}/soal/1", {"t": HOSTILE, "go": "review"}, form_at=PAGE))
    assert "Kumpulkan tugas" in browser.page and "4 kata" in browser.page
    browser.follow(browser.post(f"/percobaan/{token}/kirim"))
    assert "Terkirim, menunggu dinilai" in browser.page and "mentor pelatihan" in browser.page
    browser.get(PAGE)
    assert "menunggu dinilai" in browser.page and "Mulai mengerjakan" not in browser.page
    browser.get("/")
    assert "Mengapa pelayanan publik" in browser.page  # the rest of the course goes on
    make.mark(session, agency["penulis"], token, now, HALF)
    browser.get(f"/percobaan/{token}/hasil")
    assert "Nilai 50" in browser.page and "Datanya belum lengkap." in browser.page and "2 dari 4" in browser.page
    assert "<script>alert" not in browser.page and "&lt;script&gt;" in browser.page
    browser.follow(browser.post(f"{COURSE}/kuis/rencana-aksi"))
    assert "Periksa dan kumpulkan" in browser.page
    assert published.outline.item("rencana-aksi") is not None


def test_everything_left_waits_to_be_marked_and_home_says_so(browser, session, agency, course, now):
    published = course()
    enter(browser)
    make.hand_in(session, agency["peserta"], published, now)
    browser.get(f"{COURSE}/asas/mengapa")
    browser.post(f"{COURSE}/asas/mengapa")
    make.hand_in(session, agency["peserta"], published, now, {"scale": {"0": 4}}, key="evaluasi")
    browser.get("/")
    assert "Menunggu dinilai. Tidak ada yang perlu dikerjakan sekarang." in browser.page
    browser.get(COURSE)
    assert "Menunggu dinilai" in browser.page


def test_essay_above_its_length_is_shown_again_as_it_was_typed(browser, session, agency, course):
    course()
    enter(browser)
    token = token_of(session, agency["peserta"])
    browser.post(f"/percobaan/{token}/soal/1", {"t": "kata " * 4001, "go": "review"}, status=400)
    assert "20.005 karakter" in browser.page and "kata kata kata" in browser.page
    browser.get(f"/percobaan/{token}/periksa")
    browser.post(f"/percobaan/{token}/kirim", status=400)
    assert "Belum ada yang dikumpulkan" in browser.page


def test_link_is_kept_as_a_draft_and_refused_only_on_handing_in(browser, session, agency, course):
    course(kind=QuestionKind.LINK)
    enter(browser)
    token = token_of(session, agency["peserta"])
    browser.follow(browser.post(f"/percobaan/{token}/soal/1", {"t": "javascript:alert(1)", "go": "1"}))
    assert "belum terbaca sebagai alamat web" in browser.page and 'value="javascript:alert(1)"' in browser.page
    browser.get(f"/percobaan/{token}/periksa")
    browser.post(f"/percobaan/{token}/kirim", status=400)
    assert "tulis alamat lengkap" in browser.page
    browser.post(f"/percobaan/{token}/soal/1", {"t": "https://contoh.go.id/a?b=1&c=2", "go": "1"}, form_at=PAGE)
    browser.get(f"/percobaan/{token}/periksa")
    browser.follow(browser.post(f"/percobaan/{token}/kirim"))
    assert 'href="https://contoh.go.id/a?b=1&amp;c=2" rel="noopener noreferrer nofollow"' in browser.page


# ------------------------------------------------------------------ files


def body(token, *files):
    """A multipart body as bytes: the client's own builder leaves large ones behind in open files."""
    parts = [b'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode()]
    for name, content in files:
        head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream'
        parts.append(head.encode() + b"\r\n\r\n" + content)
    return {"data": b"\r\n".join([*parts, b"--b--\r\n"]), "content_type": "multipart/form-data; boundary=b"}


def send(browser, token, *files, status=303):
    response = browser.client.post(f"/percobaan/{token}/soal/1/berkas", **body(browser.token(), *files))
    assert response.status_code == status, response.text[-500:]
    if status == 303:
        browser.get(PAGE)
    else:
        browser.page = response.text
    return response


@pytest.fixture
def draft(browser, session, agency, course):
    course(kind=QuestionKind.FILE)
    enter(browser)
    return token_of(session, agency["peserta"])


def test_files_are_sent_listed_removed_and_handed_in(browser, session, tmp_path, draft):
    send(browser, draft, ("Foto Loket <b>.png", PICTURE), ("catatan.txt", b"Antrean pagi."))
    session.rollback()
    rows = session.scalars(select(Upload).order_by(Upload.id)).all()
    assert [row.name for row in rows] == ["foto-loket-b.png", "catatan.txt"]
    assert all(mediastore.path_of(tmp_path, row.sha256, mediastore.UPLOADS).is_file() for row in rows)
    assert "foto-loket-b.png" in browser.page and "1 KB" in browser.page
    send(browser, draft, ("catatan.txt", b"Antrean pagi."))  # sent twice
    session.rollback()
    assert len(session.scalars(select(Upload.id)).all()) == 2
    browser.post(f"/percobaan/{draft}/berkas/{rows[0].id}/hapus")
    browser.get(f"/percobaan/{draft}/periksa")
    assert "catatan.txt (1 KB)" in browser.page
    browser.follow(browser.post(f"/percobaan/{draft}/kirim"))
    assert f"/percobaan/{draft}/berkas/{rows[1].id}" in browser.page


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("halaman.html", b"<html><script>alert(1)</script></html>", "halaman.html"),
        ("gambar.png", b"<svg onload=alert(1)>", "gambar.png"),
        ("kosong.pdf", b"", "kosong"),
        ("<img src=x>.exe", b"MZ" + b"\0" * 60, "program"),
        ("besar.txt", b"a" * 1_000_001, "terlalu besar"),
    ],
)
def test_files_that_are_refused_are_named_and_the_rest_is_kept(browser, session, draft, name, content, told):
    send(browser, draft, (name, content), ("baik.txt", b"Isi."), status=400)
    assert told in browser.page and "baik.txt" in browser.page and "<img src=x>" not in browser.page
    session.rollback()
    assert session.scalars(select(Upload.name)).all() == ["baik.txt"]


def test_no_file_too_many_files_and_a_full_disk_are_sentences(browser, session, draft, monkeypatch):
    send(browser, draft, status=400)
    assert "Belum ada berkas yang dipilih" in browser.page
    send(browser, draft, *((f"b{n}.txt", f"isi {n}".encode()) for n in range(6)), status=400)
    assert "Paling banyak 5 berkas" in browser.page and "b5.txt" in browser.page

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    browser.post(f"/percobaan/{draft}/berkas/1/hapus", form_at=PAGE)
    browser.get(PAGE)
    send(browser, draft, ("lagi.txt", b"lagi"), status=400)
    assert "penyimpanan server sedang penuh" in browser.page.lower()


def test_large_body_is_taken_here_and_nowhere_else(browser, draft):
    big = b"%PDF-1.7\n" + b"0" * 1_500_000
    send(browser, draft, ("besar.pdf", big), status=400)  # above the question's own limit, told as a sentence
    assert "besar.pdf" in browser.page
    data = {"csrf_token": browser.token(), "t": "x" * 1_500_000}
    assert browser.client.post(f"/percobaan/{draft}/soal/1", data=data).status_code == 413
    address = f"/percobaan/{draft}/soal/1/berkas"
    assert browser.client.post(address, **body(browser.token(), ("x.pdf", b"0" * 52_000_000))).status_code == 413
    browser.client.delete_cookie("lms")
    assert browser.client.post(address, **body("", ("x.pdf", b"0" * 2_000_000))).status_code == 413


def test_file_is_opened_safely_and_only_by_who_may(browser, new_browser, session, agency, draft):
    send(browser, draft, ("foto.png", PICTURE), ("catatan.txt", b"Antrean {{7*7}}"))
    session.rollback()
    first, second = session.scalars(select(Upload.id).order_by(Upload.id)).all()
    shown, saved = (browser.get(f"/percobaan/{draft}/berkas/{one}") for one in (first, second))
    for response, disposition in ((shown, "inline"), (saved, "attachment")):
        assert response.headers["Content-Disposition"].startswith(disposition)
        assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "private, no-store"
        response.close()
    other = new_browser()
    enter(other, "rekan")
    theirs = token_of(session, agency["rekan"])
    for url in (
        f"/percobaan/{draft}/berkas/{first}",
        f"/percobaan/{theirs}/berkas/{first}",
        f"/percobaan/{theirs}/berkas/{2**70}",
    ):
        other.get(url, 404)
    author = new_browser()
    author.sign_in("penulis", PASSWORD)
    author.get(f"/penilaian/{draft}/berkas/{first}", 404)  # still a draft
    browser.get(f"/percobaan/{draft}/periksa")
    browser.post(f"/percobaan/{draft}/kirim")
    author.get(f"/penilaian/{draft}/berkas/{first}").close()


def test_every_request_of_one_learner_is_not_there_for_another(browser, new_browser, session, agency, draft):
    """R2: what the first may do with their hand-in, replayed by the second, finds nothing and changes nothing."""
    send(browser, draft, ("foto.png", PICTURE))
    session.rollback()
    upload = session.scalars(select(Upload.id)).one()
    other = new_browser()
    enter(other, "rekan")
    gets = ("", "/soal/1", "/periksa", "/hasil", f"/berkas/{upload}", f"/sejawat/{draft}", f"/sejawat/{draft}/berkas/{upload}")
    for tail in gets:
        other.get(f"/percobaan/{draft}{tail}", 404)
    other.get(PAGE)
    posts = (
        "/soal/1",
        "/kirim",
        f"/berkas/{upload}/hapus",
        "/anggota",
        "/anggota/1/hapus",
        "/anggota/keluar",
        f"/sejawat/{draft}",
        "/soal/1/berkas",
    )
    for tail in posts:
        other.get(PAGE)
        other.post(f"/percobaan/{draft}{tail}", {"t": "bukan milik saya", "number": "1"}, status=404)
    session.rollback()
    assert session.scalars(select(Upload.id)).all() == [upload]
    assert session.scalars(select(Attempt.state).where(Attempt.token == draft)).all() == [AttemptState.OPEN]


# ------------------------------------------------------------------ late, together


def test_late_work_is_taken_and_says_how_late(browser, session, agency, course, frozen):
    course(hand_in={"due_seconds": 86400})
    enter(browser)
    token = token_of(session, agency["peserta"])
    frozen(timedelta(days=3))
    browser.get(PAGE)
    assert "Terlambat 2 hari" in browser.page
    browser.post(f"/percobaan/{token}/soal/1", {"t": "Rencana.", "go": "review"})
    browser.get(f"/percobaan/{token}/periksa")
    browser.follow(browser.post(f"/percobaan/{token}/kirim"))
    assert "Terlambat 2 hari" in browser.page and "tetap diterima" in browser.page


def test_group_is_named_by_nip_and_its_members_see_who_handed_in(browser, new_browser, session, agency, course):
    course(hand_in={"is_group": True})
    with write_tx(session):
        session.get(Person, agency["rekan"].id).nip = "198609262015031001"
        make_person(session, nip="198609262015031002")
    other = new_browser()
    enter(other, "rekan")
    enter(browser)
    token = token_of(session, agency["peserta"])
    browser.post(f"/percobaan/{token}/anggota", {"number": "19860926 201503 1 002"}, status=400)
    assert "tidak dapat ditambahkan" in browser.page and "19860926 201503 1 002" in browser.page
    browser.follow(browser.post(f"/percobaan/{token}/anggota", {"number": "19860926 201503 1 001"}, form_at=PAGE))
    assert "Orang Rekan" in browser.page
    browser.post(f"/percobaan/{token}/anggota/{agency['rekan'].id}/hapus")
    browser.follow(browser.post(f"/percobaan/{token}/anggota", {"number": "198609262015031001"}, form_at=PAGE))
    other.get(PAGE)
    assert "Orang Peserta menyebut Anda" in other.page
    browser.post(f"/percobaan/{token}/soal/1", {"t": "Rencana kami.", "go": "review"}, form_at=PAGE)
    browser.get(f"/percobaan/{token}/periksa")
    assert "Dikumpulkan bersama: Orang Rekan." in browser.page
    browser.follow(browser.post(f"/percobaan/{token}/kirim"))
    assert "Dikumpulkan untuk Anda dan Orang Rekan" in browser.page
    theirs = token_of(session, agency["rekan"])
    other.get(f"/percobaan/{theirs}/hasil")
    assert "Dikumpulkan Orang Peserta atas nama kelompok" in other.page and "Rencana kami." in other.page


def test_who_was_named_unasked_takes_the_name_off_again(browser, new_browser, session, agency, course):
    course(hand_in={"is_group": True})
    other = new_browser()
    enter(other, "rekan")
    enter(browser)
    token = token_of(session, agency["peserta"])
    browser.post(f"/percobaan/{token}/anggota", {"number": "rekan"}, form_at=PAGE)
    other.follow(other.post(f"/percobaan/{token}/anggota/keluar", form_at=PAGE))
    assert "dikeluarkan dari kelompok" in other.page
    browser.get(PAGE)
    assert "Orang Rekan" not in browser.page


# ------------------------------------------------------------------ peers


def test_learners_mark_each_other_without_names(browser, new_browser, session, agency, course, now):
    published = course(kind=QuestionKind.FILE, hand_in={"grader": "sejawat", "peers": 1})
    enter(browser)
    mine = token_of(session, agency["peserta"])
    other = new_browser()
    enter(other, "rekan")
    theirs = token_of(session, agency["rekan"])
    for each, token in ((browser, mine), (other, theirs)):
        send(each, token, ("rencana-orang-rekan.txt", f"Rencana {token}".encode()))
        each.get(f"/percobaan/{token}/periksa")
        each.follow(each.post(f"/percobaan/{token}/kirim"))
    browser.get(f"/percobaan/{mine}/hasil")
    assert "0 dari 1 pekerjaan rekan" in browser.page
    address = f"/percobaan/{mine}/sejawat/{theirs}"
    browser.get(address)
    assert "Orang Rekan" not in browser.page and "rencana-orang-rekan" not in browser.page and "berkas-1.txt" in browser.page
    session.rollback()
    upload = session.scalars(select(Upload.id).order_by(Upload.id.desc())).first()
    opened = browser.get(f"{address}/berkas/{upload}")
    assert "berkas-" in opened.headers["Content-Disposition"]
    opened.close()
    browser.get(address)
    browser.post(address, {"k1-0": "400", "go": "save"}, status=400)
    assert "Kriteria 2 belum dinilai" in browser.page
    browser.post(address, {"k1-0": "400", "k1-1": "50", "c1": HOSTILE, "go": "count"}, status=200)
    assert "0,8 dari 1 poin" in browser.page
    browser.follow(browser.post(address, {"k1-0": "400", "k1-1": "50", "c1": HOSTILE, "go": "save"}))
    assert "1 dari 1 pekerjaan rekan" in browser.page
    other.get(f"/percobaan/{theirs}/hasil")
    assert "Lulus dengan nilai 80" in other.page and "Rekan 1" in other.page and "Orang Peserta" not in other.page
    assert "<script>alert" not in other.page and "**tebal** {{7*7}}" in other.page
    assert published is not None and FULL is not None
