"""Forgetting the password, as pages: one answer for everybody, a link in the outbox, whom to ask where there is no mail."""

import re

import pyotp
import pytest
from sqlalchemy import func, select

from config import MailServer
from lms.messages.models import Message
from lms.people.models import OneTimeCode, Person
from lms.people.settings import save_settings
from lms.store.engine import write_tx
from lms.web import agency as settings_kept
from lms.web import clock
from tests.factories.people import PASSWORD

NEW = "sampan jagung teluk merdu"


@pytest.fixture
def mail(app, session, agency):
    object.__setattr__(app.config["PELITA"], "mail", MailServer("127.0.0.1", 25, "smtp", "", "", "pelita@contoh.go.id", "Pelita"))
    with write_tx(session):
        session.get(Person, agency["peserta"].id).email = "peserta@contoh.go.id"


def links(session):
    session.rollback()
    return session.scalars(select(Message.link).order_by(Message.id)).all()


def test_from_the_sign_in_page_to_a_new_password(new_browser, mail, session):
    browser, elsewhere = new_browser(), new_browser()
    elsewhere.sign_in("peserta", PASSWORD)
    browser.get("/masuk")
    assert 'href="/lupa-sandi">Lupa kata sandi?' in browser.page
    browser.post("/lupa-sandi", {"identifier": " PESERTA "}, status=200, form_at="/lupa-sandi")
    message = session.scalars(select(Message)).one()
    assert (message.channel, message.state, message.kind, message.tries) == ("email", "waiting", "recovery", 0)
    assert "30 menit" in message.body
    weak = browser.post(message.link, {"password": "pendek"}, status=400, form_at=message.link)
    assert "minimal 12 karakter" in weak.text
    browser.follow(browser.post(message.link, {"password": NEW}))
    assert "semua perangkat dikeluarkan" in browser.page
    elsewhere.get("/", status=303)
    assert "sudah dipakai atau lewat waktunya" in browser.get(message.link, status=400).text
    browser.sign_in("peserta", NEW)
    browser.get("/")


def test_the_answer_never_tells_whether_the_account_exists(browser, mail, session):
    pages = []
    for identifier in ("peserta", "rekan", "tidak-dikenal", "", "x" * 5000, "peserta"):
        page = browser.post("/lupa-sandi", {"identifier": identifier}, status=200, form_at="/lupa-sandi").text
        pages.append(re.sub(r'value="[^"]*"', "", page))
    assert len(set(pages)) == 1 and "Bila akun itu ada" in pages[0]
    assert len(links(session)) == len(set(links(session))) == 2
    assert session.scalar(select(func.count(OneTimeCode.id))) == 2


def test_a_link_opened_late_by_guess_or_by_somebody_else(new_browser, mail, session):
    browser, other = new_browser(), new_browser()
    for path in ("/pulihkan/x", "/pulihkan/" + "A" * 26, "/pulihkan/%F0%9F%92%A5", "/pulihkan/" + "9" * 3000):
        assert "Minta tautan baru" in browser.get(path, status=400).text
        browser.post(path, {"password": NEW}, status=400, form_at="/lupa-sandi")
    browser.post("/lupa-sandi", {"identifier": "peserta"}, status=200, form_at="/lupa-sandi")
    other.sign_in("rekan", PASSWORD)
    link = links(session)[0]
    assert other.post(link, {"password": NEW}, form_at=link).headers["Location"] == "/masuk?pesan=sandi-baru"
    other.get("/")  # somebody else's session is not touched
    assert browser.sign_in("peserta", NEW).headers["Location"] == "/"


def test_guesses_at_links_count_against_their_address(browser, mail):
    browser.get("/lupa-sandi")
    answers = [
        browser.client.post(f"/pulihkan/{number}", data={"csrf_token": browser.token(), "password": NEW}) for number in range(101)
    ]
    assert (answers[0].status_code, answers[-1].status_code) == (400, 429)
    asked = browser.client.post("/lupa-sandi", data={"csrf_token": browser.token(), "identifier": "peserta"})
    assert (asked.status_code, "Retry-After" in asked.headers) == (429, True)


def test_without_mail_the_page_says_whom_to_ask(browser, agency, session):
    with write_tx(session):
        save_settings(session, help_contact="BKPSDM, WA 0812 0000 0000")
    settings_kept._kept.until = 0.0
    browser.get("/lupa-sandi")
    assert "operator Pelita di unit kerja" in browser.page and "BKPSDM, WA 0812 0000 0000" in browser.page
    assert 'name="identifier"' not in browser.page
    browser.post("/lupa-sandi", {"identifier": "peserta"}, status=200, form_at="/masuk")
    assert links(session) == []


def test_a_recovered_password_does_not_take_the_second_factor_away(new_browser, mail, session):
    phone, thief = new_browser(), new_browser()
    phone.sign_in("peserta", PASSWORD)
    phone.follow(phone.post("/akun/dua-langkah", form_at="/akun/dua-langkah"))
    key = re.search(r"<dt>Kunci</dt><dd>([A-Z2-7 ]+)</dd>", phone.page)[1].replace(" ", "")
    phone.post("/akun/dua-langkah/pasang", {"code": pyotp.TOTP(key).at(clock.now())}, status=200)
    thief.post("/lupa-sandi", {"identifier": "peserta"}, status=200, form_at="/lupa-sandi")
    link = links(session)[0]
    thief.post(link, {"password": NEW}, form_at=link)
    assert thief.sign_in("peserta", NEW).headers["Location"] == "/masuk/kode"
