"""The administrator's page of messages: is e-mail set up, why each message was made, what became of it, sending again."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from config import MailServer
from lms.messages import actions, outbox
from lms.messages.models import Message
from lms.messages.types import Channel, Letter, MessageKind, MessageState
from lms.people.models import Person
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD

SERVER = MailServer("127.0.0.1", 2525, "smtp", "", "", "pelita@kota.example", "Pelita")


@pytest.fixture
def mail_on(app):
    app.config["PELITA"] = dataclasses.replace(app.config["PELITA"], mail=SERVER)


def failed(session, person, now, about="satu", state=MessageState.FAILED):
    """An e-mail that was given up; its id."""
    with write_tx(session):
        actions.queue(
            session, person_id=person.id, kind=MessageKind.REMINDER, subject="Lanjutkan", body="Rahasia berdua", link="/", about=about,
            reason={"occasion": "quiet", "title": "Arsip", "on": "2026-02-11"}, not_before=now, now=now, channels=[Channel.EMAIL],
        )  # fmt: skip
        message_id = session.scalars(select(Message.id).order_by(Message.id.desc())).first()
        outbox.take(session, message_id, now)
        letter = Letter(message_id, about, MessageKind.REMINDER, "a@b.id", "Siti", "Kota", "Lanjutkan", "Rahasia berdua", "/")
        outbox.finish(session, letter, state, "550 tidak ada orang itu", now)
    return message_id


def states(session):
    session.rollback()
    return list(session.scalars(select(Message.state).order_by(Message.id)))


def test_page_says_that_e_mail_is_not_set_up(agency, browser):
    browser.sign_in("pengelola", PASSWORD)
    browser.get("/admin/pesan")
    assert "Surel belum dipasang" in browser.page
    browser.post("/admin/pesan/percobaan", status=409)


def test_trial_letter_needs_an_address_and_then_waits(session, agency, browser, mail_on):
    browser.sign_in("pengelola", PASSWORD)
    browser.get("/admin/pesan")
    assert "127.0.0.1:2525" in browser.page and "pelita@kota.example" in browser.page
    browser.post("/admin/pesan/percobaan", status=409)
    with write_tx(session):
        session.get(Person, agency["pengelola"].id).email = "saya@kota.example"
    browser.follow(browser.post("/admin/pesan/percobaan", form_at="/admin/pesan"))
    assert "Surel percobaan diminta dari halaman ini." in browser.page
    assert "menunggu</span> paling cepat" in browser.page
    assert states(session) == [MessageState.WAITING]


def test_person_is_found_by_name_and_every_message_explained(session, agency, browser, now):
    failed(session, agency["peserta"], now)
    browser.sign_in("pengelola", PASSWORD)
    browser.post("/admin/pesan/cari", {"words": "orang peserta"}, 200, form_at="/admin/pesan")
    assert f"/admin/pesan/orang/{agency['peserta'].id}" in browser.page
    browser.get(f"/admin/pesan/orang/{agency['peserta'].id}")
    browser.follow(browser.post(f"/admin/orang/{agency['peserta'].id}", {"next": f"/admin/pesan/orang/{agency['peserta'].id}"}))
    assert "“Arsip” sudah dimulai dan tidak dibuka sejak 11 Februari 2026." in browser.page
    assert "550 tidak ada orang itu" in browser.page
    assert "Rahasia" not in browser.page
    browser.post("/admin/pesan/cari", {"words": "tidakadayangbegini"}, 200, form_at="/admin/pesan")
    assert "Tidak ada pegawai" in browser.page
    browser.get("/admin/pesan/orang/999999", 404)


def test_failed_letters_are_tried_again_and_unsure_ones_only_by_name(session, agency, browser, now):
    first, second = failed(session, agency["peserta"], now), failed(session, agency["rekan"], now, "dua")
    unsure = failed(session, agency["kepala"], now, "tiga", MessageState.UNSURE)
    browser.sign_in("pengelola", PASSWORD)
    browser.get("/admin/pesan")
    browser.post(f"/admin/pesan/{first}/ulang")
    assert states(session) == [MessageState.WAITING, MessageState.FAILED, MessageState.UNSURE]
    browser.post(f"/admin/pesan/{first}/ulang", status=404)
    browser.post("/admin/pesan/ulang", form_at="/admin/pesan")
    assert states(session) == [MessageState.WAITING, MessageState.WAITING, MessageState.UNSURE]
    browser.post(f"/admin/pesan/{unsure}/ulang", form_at="/admin/pesan")
    assert states(session) == [MessageState.WAITING] * 3
    assert session.get(Message, second).tries == 0


def test_history_is_paged_with_the_same_statements(session, agency, browser, now):
    person = agency["peserta"]
    failed(session, person, now)
    browser.sign_in("pengelola", PASSWORD)
    browser.get(f"/admin/pesan/orang/{person.id}")
    browser.follow(browser.post(f"/admin/orang/{person.id}", {"next": f"/admin/pesan/orang/{person.id}"}))
    few = len(browser.statements.selects)
    for number in range(30):
        failed(session, person, now + timedelta(minutes=number), f"lagi-{number}")
    browser.get(f"/admin/pesan/orang/{person.id}?halaman=2")
    assert len(browser.statements.selects) == few
    assert "Halaman 2 dari 2" in browser.page
    browser.get("/admin/pesan")
    assert browser.page.count("Coba lagi</button>") == 25
