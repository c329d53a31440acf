"""A person's own messages: reading, choosing, the address; and that they are nobody else's."""

import dataclasses

import pytest
from sqlalchemy import select

from config import MailServer
from lms.messages import actions
from lms.messages.models import Message
from lms.messages.types import Channel, MessageKind, MessageState
from lms.people.models import Person
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD

SERVER = MailServer("127.0.0.1", 25, "smtp", "", "", "pelita@kota.example", "Pelita")


def tell(session, person, now, number=1, link="/pelatihan"):
    with write_tx(session):
        actions.queue(
            session, person_id=person.id, kind=MessageKind.NEWS, subject=f"Kabar {number}", body="Isi <b>kabar</b>.", link=link,
            about=f"uji:{person.id}:{number}", reason={"occasion": "lain"}, not_before=now, now=now, channels=[Channel.PAGE],
        )  # fmt: skip
    return session.scalars(select(Message.id).order_by(Message.id.desc())).first()


def read_at(session, message_id):
    session.rollback()
    return session.scalar(select(Message.read_at).where(Message.id == message_id))


@pytest.fixture
def mail_on(app):
    app.config["PELITA"] = dataclasses.replace(app.config["PELITA"], mail=SERVER)


def test_home_counts_unread_messages_and_the_list_opens_them(session, agency, browser, now):
    first, second = tell(session, agency["peserta"], now), tell(session, agency["peserta"], now, 2)
    browser.sign_in("peserta", PASSWORD)
    browser.get("/")
    assert "2 pesan belum dibaca." in browser.page
    browser.get("/pesan")
    assert browser.page.index("Kabar 2") < browser.page.index("Kabar 1")
    assert "Isi &lt;b&gt;kabar&lt;/b&gt;." in browser.page
    assert browser.page.count(">Baru<") == 2
    assert browser.post(f"/pesan/{second}").headers["Location"] == "/pelatihan"
    assert (read_at(session, first), read_at(session, second)) == (None, now)
    browser.get("/")
    assert "1 pesan belum dibaca." in browser.page
    browser.post("/pesan/semua", form_at="/pesan")
    assert read_at(session, first) == now
    browser.get("/")
    assert "belum dibaca" not in browser.page


def test_lesson_page_asks_nothing_about_messages(session, agency, signed_in, now):
    tell(session, agency["peserta"], now)
    signed_in.get("/pelatihan/pelayanan-publik-dasar/asas/mengapa")
    assert [sql for sql in signed_in.statements if "message" in sql] == []


@pytest.mark.parametrize("link", ["", "https://jahat.example", "//jahat.example", "/tidak/ada/di/sini", "/masuk"])
def test_message_leads_nowhere_but_to_our_pages(session, agency, browser, now, link):
    message_id = tell(session, agency["peserta"], now, link=link)
    browser.sign_in("peserta", PASSWORD)
    assert browser.post(f"/pesan/{message_id}", form_at="/pesan").headers["Location"] == "/pesan"


def test_another_persons_message_is_a_missing_one(session, agency, browser, now):
    message_id = tell(session, agency["peserta"], now)
    browser.sign_in("rekan", PASSWORD)
    browser.get("/pesan")
    assert "Kabar" not in browser.page
    browser.post(f"/pesan/{message_id}", status=404, form_at="/akun/kata-sandi")
    browser.post("/pesan/semua", form_at="/akun/kata-sandi")
    assert read_at(session, message_id) is None


def test_list_is_paged_with_the_same_statements(session, agency, browser, now):
    browser.sign_in("peserta", PASSWORD)
    tell(session, agency["peserta"], now)
    browser.get("/pesan")
    few = len(browser.statements.selects)
    for number in range(2, 61):
        tell(session, agency["peserta"], now, number)
    browser.get("/pesan?halaman=2")
    assert len(browser.statements.selects) == few
    assert "Halaman 2 dari 3" in browser.page
    assert "Kabar 35<" in browser.page.replace(" <", "<") and "Kabar 36<" not in browser.page.replace(" <", "<")
    for page in ("0", "-4", "x", "99999999999999999999999"):
        browser.get(f"/pesan?halaman={page}")


def test_reminders_by_e_mail_are_switched_off_and_on(session, agency, browser, mail_on):
    with write_tx(session):
        session.get(Person, agency["peserta"].id).email = "siti@kota.example"
    browser.sign_in("peserta", PASSWORD)
    for wanted, sentence in (("0", "dimatikan"), ("1", "siti@kota.example")):
        browser.follow(browser.post("/pesan/surel", {"wanted": wanted}, form_at="/pesan"))
        assert sentence in browser.page
        session.rollback()
        assert session.get(Person, agency["peserta"].id, populate_existing=True).wants_email is (wanted == "1")


def test_new_address_needs_the_password_and_the_old_one_is_told(session, agency, browser, mail_on):
    person = agency["peserta"]
    browser.sign_in("peserta", PASSWORD)
    browser.post("/pesan/alamat", {"email": "lama@kota.example", "password": "bukan ini"}, 401, form_at="/pesan/alamat")
    browser.post("/pesan/alamat", {"email": "bukan alamat", "password": PASSWORD}, 400)
    assert "bukan alamat" in browser.page
    browser.post("/pesan/alamat", {"email": "lama@kota.example", "password": PASSWORD})
    browser.post("/pesan/alamat", {"email": " baru@kota.example ", "password": PASSWORD}, form_at="/pesan/alamat")
    session.rollback()
    assert session.get(Person, person.id, populate_existing=True).email == "baru@kota.example"
    (note,) = session.scalars(select(Message).where(Message.person_id == person.id)).all()
    assert (note.kind, note.state, note.reason["to"]) == (MessageKind.ACCOUNT, MessageState.WAITING, "lama@kota.example")
    browser.post("/pesan/alamat", {"email": "", "password": PASSWORD}, form_at="/pesan/alamat")
    session.rollback()
    assert session.get(Person, person.id, populate_existing=True).email == ""
