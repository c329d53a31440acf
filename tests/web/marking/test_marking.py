"""The marking surface: the queue, one piece of work at a time, two markers, and what learners wrote is only ever text."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.content.assignments import Grader
from lms.people.models import CourseMentor
from lms.quizzes.models import Attempt, Marking, Regrade
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.marking import HALF, publish_people
from tests.factories.people import PASSWORD, make_person

HOSTILE = '"><svg onload=alert(1)>{{7*7}}\n<script>alert(2)</script>'


@pytest.fixture
def published(session, agency, tmp_path, now):
    return publish_people(session, tmp_path, now, key="tulisan", title="Menulis Rencana", hand_in={"due_seconds": 86400})


@pytest.fixture
def handed(session, published, now):
    """Three hand-ins, the oldest first; the first one hostile in name and text."""
    names = (f"Ani {HOSTILE}", "Budi", "Citra")
    people = [make.learner(session, published, now, name=name) for name in names]
    answers = ({"text": HOSTILE}, make.ESSAY, make.ESSAY)
    return [make.hand_in(session, person, published, now, answer).token for person, answer in zip(people, answers, strict=True)]


@pytest.fixture
def author(browser, handed):
    browser.sign_in("penulis", PASSWORD)
    return browser


def scores(session):
    session.rollback()
    return session.scalars(select(Attempt.score).order_by(Attempt.id)).all()


def test_queue_leads_from_the_oldest_to_the_next_until_nothing_waits(author, session, handed):
    author.get("/")
    assert 'href="/penilaian"' in author.page
    author.get("/penilaian")
    assert "3 menunggu Anda nilai" in author.page and author.page.index("Ani") < author.page.index("Budi")
    assert "<svg onload" not in author.page and "&lt;svg onload=alert(1)&gt;{{7*7}}" in author.page
    for place, token in enumerate(handed):
        author.get(f"/penilaian/{token}")
        assert "<script>alert(2)" not in author.page and ">49" not in author.page
        fields = {"k1-0": "400", "k1-1": "75,5", "c1": "Baik.", "seen": "0", "go": "next"}
        response = author.post(f"/penilaian/{token}", fields)
        following = handed[place + 1] if place < 2 else None
        assert response.headers["Location"] == (f"/penilaian/{following}?pesan=nilai" if following else "/penilaian?pesan=nilai")
    author.get("/penilaian")
    assert "Semua sudah dinilai" in author.page and "Terakhir Anda nilai" in author.page
    assert scores(session) == [9000, 9000, 9000]  # 60 and 30.2 hundredths of a point


def test_points_are_added_up_without_a_script_and_nothing_is_written(author, session, handed):
    author.get(f"/penilaian/{handed[1]}")
    assert "Belum tampak" in author.page and "60 %" in author.page
    author.post(f"/penilaian/{handed[1]}", {"k1-0": "200", "k1-1": "50", "c1": HOSTILE, "go": "count"}, status=200)
    assert "0,5 dari 1 poin" in author.page and "&lt;script&gt;alert(2)" in author.page
    session.rollback()
    assert session.scalars(select(Marking.id)).all() == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"k1-1": "50"}, "Kriteria 1 belum dinilai"),
        ({"k1-0": "400"}, "Kriteria 2 belum dinilai"),
        ({"k1-0": "300", "k1-1": "50"}, "tidak ada di rubrik"),
        ({"k1-0": "400", "k1-1": "seratus"}, "angka dari 0 sampai 100"),
        ({"k1-0": "400", "k1-1": "101"}, "angka dari 0 sampai 100"),
        ({"k1-0": "400", "k1-1": "50", "c1": "x" * 5001}, "Komentar Anda 5001 karakter"),
    ],
)
def test_what_cannot_be_saved_is_said_and_stays_on_the_page(author, session, handed, fields, told):
    author.get(f"/penilaian/{handed[0]}")
    author.post(f"/penilaian/{handed[0]}", {"c1": "Komentar panjang saya", "go": "next"} | fields, status=400)
    assert told in author.page and fields.get("c1", "Komentar panjang saya")[:200] in author.page
    assert scores(session) == [None] * 3


def test_second_marker_sees_what_the_first_gave_before_overwriting(author, new_browser, session, handed, now):
    with write_tx(session):
        other = make_person(session, identifier="kedua", password=PASSWORD, name="Penilai Kedua")
        session.add(CourseMentor(course_id=session.scalars(select(Attempt.course_id)).first(), person_id=other.id))
    second = new_browser()
    second.sign_in("kedua", PASSWORD)
    for each in (author, second):
        each.get(f"/penilaian/{handed[1]}")
    second.post(f"/penilaian/{handed[1]}", {"k1-0": "200", "k1-1": "50", "c1": "Kurang data.", "seen": "0", "go": "list"})
    mine = {"k1-0": "400", "k1-1": "100", "c1": "Sudah baik.", "seen": "0", "go": "next"}
    author.post(f"/penilaian/{handed[1]}", mine, status=409)
    assert "baru saja menilai" in author.page and "Penilai Kedua" in author.page and "Kurang data." in author.page
    assert "Sudah baik." in author.page and scores(session)[1] == 5000
    seen = author.page.split('name="seen" value="')[1].split('"')[0]
    author.post(f"/penilaian/{handed[1]}", mine | {"seen": seen})
    session.rollback()
    assert session.scalars(select(Regrade.score)).all() == [10000]


def test_marked_work_stays_open_to_the_same_circle(author, session, handed, now, agency):
    make.mark(session, agency["penulis"], handed[0], now, HALF)
    author.get(f"/penilaian/{handed[0]}")
    assert "Nilai sekarang" in author.page and "Sudah dinilai 1 kali" in author.page and HALF.comment in author.page
    assert 'value="200" checked' in author.page


def test_foreign_work_and_other_surfaces_are_not_there(browser, new_browser, session, handed, agency, now):
    browser.sign_in("kepala", PASSWORD)
    browser.get("/penilaian")
    assert "Semua sudah dinilai" in browser.page
    browser.get(f"/penilaian/{handed[0]}", 404)
    browser.get("/penilaian")
    browser.client.post(f"/penilaian/{handed[0]}", data={"go": "next"})
    learner = new_browser()
    learner.sign_in("rekan", PASSWORD)
    learner.get("/penilaian", 403)
    learner.get("/")
    assert 'href="/penilaian"' not in learner.page
    assert scores(session) == [None] * 3


def test_head_is_told_on_the_team_page_and_marks_what_the_course_gives_to_superiors(browser, session, agency, tmp_path, now):
    published = publish_people(session, tmp_path, now, key="atasan", title="Untuk Atasan", hand_in={"grader": Grader.SUPERIOR})
    with write_tx(session):
        make.actions.enrol(session, person_id=agency["peserta"].id, published=published, now=now)
    token = make.hand_in(session, agency["peserta"], published, now).token
    browser.sign_in("kepala", PASSWORD)
    browser.get("/tim")
    assert "1 tugas bawahan langsung menunggu Anda nilai" in browser.page
    browser.get("/penilaian")
    assert "Orang Peserta" in browser.page
    browser.get(f"/penilaian/{token}")
    browser.follow(browser.post(f"/penilaian/{token}", {"k1-0": "400", "k1-1": "90", "c1": "", "seen": "0", "go": "next"}))
    assert scores(session) == [9600]
    browser.get("/tim")
    assert "menunggu Anda nilai" not in browser.page


def test_late_work_and_courses_are_told_in_the_queue(author, session, agency, tmp_path, published, now):
    other = publish_people(session, tmp_path, now, key="kedua", title="Kursus Kedua")
    make.hand_in(session, make.learner(session, other, now), other, now)
    late = make.learner(session, published, now, name="Dewi")
    make.hand_in(session, late, published, now + timedelta(days=4))
    author.get("/penilaian")
    assert "Terlambat 3 hari" in author.page and "Kursus Kedua (1)" in author.page
    author.get("/penilaian?pelatihan=kedua")
    assert "1 menunggu Anda nilai" in author.page and "Dewi" not in author.page
    author.get("/penilaian?pelatihan=tidak-ada")


def test_staff_give_their_password_again_but_a_form_in_hand_is_not_lost(browser, session, published, handed, frozen):
    with write_tx(session):
        mentor = make_person(session, identifier="mentor", password=PASSWORD)
        session.add(CourseMentor(course_id=published.course_id, person_id=mentor.id))
    browser.sign_in("mentor", PASSWORD)
    browser.get(f"/penilaian/{handed[1]}")
    frozen(timedelta(hours=12, minutes=5))
    fields = {"k1-0": "400", "k1-1": "80", "c1": "Baik.", "seen": "0", "go": "list"}
    response = browser.post(f"/penilaian/{handed[1]}", fields)
    assert response.headers["Location"] == "/penilaian?pesan=nilai" and scores(session)[1] == 9200
    assert browser.get("/penilaian", 303).headers["Location"].startswith("/akun/konfirmasi")
    frozen(timedelta(hours=1))
    assert browser.post(f"/penilaian/{handed[0]}", fields).headers["Location"].startswith("/akun/konfirmasi")
