"""The story of the first issue without JavaScript: study, fail a quiz, try again, pass, finish, see the JP, hold a certificate."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from lms.content import library
from lms.store.engine import write_tx
from tests.factories.answers import attempt_forms, inline_form
from tests.factories.content import LESSONS, publish_sample
from tests.factories.people import PASSWORD, make_person, make_unit

COURSE = "/pelatihan/pelayanan-publik-dasar"


@pytest.fixture
def learner(session, tmp_path, now):
    with write_tx(session):
        unit = make_unit(session, name="Dinas Kependudukan dan Pencatatan Sipil", time_zone="Asia/Makassar")
        person = make_person(session, unit=unit, name="Andi Rahmawati", nip="198609262015051001", password=PASSWORD)
    publish_sample(session, tmp_path, now)
    return person


def answer_checks(browser, session: Session, person_id: int, lesson: str) -> None:
    """Answer every check inside a lesson, first wrongly, then rightly."""
    published = library.current(session, "pelayanan-publik-dasar")
    for question_id in published.outline.item(lesson).question_ids:
        for right in (False, True):
            fields = inline_form(session, person_id, published.edition_id, question_id, right)
            if fields:
                browser.follow(browser.post(f"/jawab/pelayanan-publik-dasar/{question_id}", fields))
                assert ("✓ Benar" if right else "Belum tepat") in browser.page


def take_quiz(browser, session: Session, person_id: int, quiz: str, right: bool) -> str:
    """Open a quiz, answer every question by its form, send it; returns the result page."""
    browser.get(f"{COURSE}/kuis/{quiz}")
    response = browser.follow(browser.post(f"{COURSE}/kuis/{quiz}"))
    token = re.search(r'action="/percobaan/([^/]+)/soal/1"', response.text)[1]
    session.rollback()
    for question, fields in attempt_forms(session, person_id, token, right):
        browser.get(f"/percobaan/{token}/soal/{question.position}")
        browser.post(f"/percobaan/{token}/soal/{question.position}", fields)
    browser.get(f"/percobaan/{token}/periksa")
    return browser.follow(browser.post(f"/percobaan/{token}/kirim")).text


def test_a_learner_finishes_a_course_and_anyone_can_check_the_certificate(browser, new_browser, session, learner, frozen):
    browser.follow(browser.sign_in("19860926 201505 1 001", PASSWORD))
    assert "0 dari 20" in browser.page
    browser.get("/pelatihan")
    browser.get(COURSE)
    browser.follow(browser.post(f"{COURSE}/daftar"))
    assert "sudah ikut" in browser.page

    for lesson in LESSONS:
        browser.get(f"{COURSE}/{lesson}")
        answer_checks(browser, session, learner.id, lesson)
        browser.follow(browser.post(f"{COURSE}/{lesson}"))
    assert "Belum tepat" in take_quiz(browser, session, learner.id, "asas/kuis", right=False)
    page = take_quiz(browser, session, learner.id, "asas/kuis", right=True)
    assert "Lulus dengan nilai 100" in page
    page = take_quiz(browser, session, learner.id, "posttest", right=True)
    assert "Lihat sertifikat" in page

    browser.get(f"{COURSE}/sertifikat")
    code = re.search(r"<code>([0-9A-Z-]{19})</code>", browser.page)[1]
    browser.get("/")
    assert "2 dari 20" in browser.page
    pdf = browser.get(f"{COURSE}/sertifikat/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.data)).pages)
    assert "Andi Rahmawati" in text and code in text
    browser.get(f"{COURSE}/sertifikat/cetak")

    stranger = new_browser()
    stranger.get(f"/verifikasi/{code.lower()}")
    assert "asli dan berlaku" in stranger.page and "Andi Rahmawati" in stranger.page
    assert "198609262015051001" not in stranger.page
