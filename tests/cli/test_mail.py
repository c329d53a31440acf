"""Delivery against a real mail server with STARTTLS and AUTH: what goes out, what is refused, slow and broken servers, two workers."""

import dataclasses
import os
import random
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from config import MailServer, read_config
from lms.cli import mail
from lms.cli.jobs import Worker
from lms.errors import Refused
from lms.messages import actions, outbox
from lms.messages.models import Message
from lms.messages.types import Channel, Letter, MessageKind, MessageState
from lms.people.models import Account
from lms.store.engine import write_tx
from tests.factories.messages import Mailbox, free_port, mail_server
from tests.factories.people import make_person, make_unit

ROOT = Path(__file__).parents[2]
BASE = "https://belajar.kota.example"
ROUNDS = 20 if os.environ.get("PELITA_PROVE") else 6
MORNING = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
"""A Thursday, 10.00 WITA."""


@pytest.fixture
def post_office(tmp_path, monkeypatch):
    with mail_server(tmp_path) as (box, server):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.crt"))
        yield box, server


def add(
    session, *emails, kind=MessageKind.NEWS, subject="Kabar", body="Isi.\n\nParagraf kedua.", link="/pelatihan/arsip", **over
):
    """One queued e-mail for each address; the ids of the messages."""
    with write_tx(session):
        unit = make_unit(session)
        for email in emails:
            person = make_person(session, unit=unit, email=email)
            values = {"about": f"uji:{email}:{person.id}", "reason": {"occasion": "lain"}, "not_before": MORNING, "now": MORNING}
            actions.queue(
                session, person_id=person.id, kind=kind, subject=subject, body=body, link=link, channels=[Channel.EMAIL],
                **(values | over),
            )  # fmt: skip
        return list(session.scalars(select(Message.id).order_by(Message.id)))


def send(engine, server, now=MORNING, timeout=5.0):
    return mail.deliver(engine, mail.Post(server, BASE, timeout), lambda: now, threading.Event())


def rows(session):
    session.rollback()
    return session.scalars(select(Message).order_by(Message.id).execution_options(populate_existing=True)).all()


def test_letter_goes_out_over_tls_with_both_parts_and_honest_headers(session, engine, post_office):
    box, server = post_office
    add(
        session,
        "siti@kota.example",
        subject="Sertifikat “Arsip” terbit",
        body="Selamat.\n\n.titik di awal baris\nBaris & <b>lain</b>",
    )
    assert send(engine, server) == (1, "")
    (letter,) = box.letters
    assert box.receivers == ["siti@kota.example"]
    assert letter["Subject"] == "Sertifikat “Arsip” terbit"
    assert letter["From"] == "Pelita Kota <pelita@kota.example>"
    assert letter["To"] == "siti@kota.example"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == f"<{BASE}/pesan>"
    assert letter["Message-ID"].endswith("@kota.example>")
    text, html = (part.get_content() for part in letter.iter_parts())
    assert "\n.titik di awal baris\n" in text.replace("\r", "")
    assert f"{BASE}/pelatihan/arsip" in text and f"{BASE}/pesan" in text and "Instansi Anda" in text
    assert "Baris &amp; &lt;b&gt;lain&lt;/b&gt;" in html
    assert not {"<img", "<script", "<style", "src="} & set(html.split())
    (row,) = rows(session)
    assert (row.state, row.tries, row.outcome) == (MessageState.SENT, 1, "250 OK: diterima")


def test_many_letters_travel_on_one_connection_and_none_twice(session, engine, post_office):
    box, server = post_office
    add(session, *(f"p{number}@kota.example" for number in range(70)))
    assert send(engine, server) == (70, "")
    assert send(engine, server) == (0, "")
    assert sorted(box.receivers) == sorted(f"p{number}@kota.example" for number in range(70))
    assert box.connections == 1


def test_refused_for_good_fails_at_once_and_for_now_waits_longer_each_time(session, engine, post_office):
    box, server = post_office
    add(session, "tolak@kota.example", "nanti@kota.example", "siti@kota.example")
    assert send(engine, server) == (1, "")
    refused, later, sent = rows(session)
    assert (refused.state, refused.tries) == (MessageState.FAILED, 1)
    assert refused.outcome == "550 5.1.1 tidak ada orang itu"
    assert (later.state, later.tries, later.not_before) == (MessageState.WAITING, 1, MORNING + timedelta(minutes=20))
    assert sent.state == MessageState.SENT
    assert send(engine, server, MORNING + timedelta(minutes=20)) == (0, "")
    assert rows(session)[1].not_before == MORNING + timedelta(minutes=60)


def test_eight_failures_are_the_end(session, engine, post_office):
    _, server = post_office
    add(session, "nanti@kota.example", kind=MessageKind.ACCOUNT)
    now, times = MORNING, []
    while rows(session)[0].state == MessageState.WAITING:
        now = rows(session)[0].not_before
        times.append(now)
        send(engine, server, now)
    assert len(times) == 8
    assert times[-1] - times[0] == timedelta(minutes=20 * 127)
    assert rows(session)[0].state == MessageState.FAILED


def test_line_cut_after_the_text_is_unsure_and_never_sent_again(session, engine, post_office):
    box, server = post_office
    add(session, "putus@kota.example")
    assert send(engine, server) == (0, "")
    assert send(engine, server, MORNING + timedelta(hours=3)) == (0, "")
    (row,) = rows(session)
    assert (row.state, row.outcome) == (MessageState.UNSURE, mail.CUT_OFF)


def test_slow_server_costs_one_letter_only(session, engine, post_office):
    box, server = post_office
    box.slowness = 1.5
    add(session, "a@kota.example")
    assert send(engine, server, timeout=0.5) == (0, "")
    assert rows(session)[0].state == MessageState.UNSURE


@pytest.mark.parametrize("broken", ["nobody", "password", "certificate", "silent"])
def test_server_in_trouble_leaves_letters_waiting(session, engine, post_office, tmp_path, monkeypatch, broken):
    box, server = post_office
    add(session, "a@kota.example", "b@kota.example")
    silent = socket.create_server(("127.0.0.1", 0))
    bad = {
        "nobody": dataclasses.replace(server, port=1),
        "password": dataclasses.replace(server, password="lain"),
        "certificate": server,
        "silent": dataclasses.replace(server, port=silent.getsockname()[1]),
    }[broken]
    if broken == "certificate":
        monkeypatch.delenv("SSL_CERT_FILE")
    with silent:
        sent, trouble = send(engine, bad, timeout=0.5)
    assert sent == 0
    assert trouble.startswith("Server surel tidak dapat dipakai: ")
    first, second = rows(session)
    assert (first.state, first.tries, second.state, second.tries) == (MessageState.WAITING, 1, MessageState.WAITING, 0)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.crt"))
    assert send(engine, server, MORNING + timedelta(hours=1)) == (2, "")


@pytest.mark.parametrize(
    "text", ["Kabar\r\nBcc: semua@kota.example", "Kabar\nX: y", "Kabar\x00\x0b", "Kabar\u2028X: y", "K" * 900]
)
def test_hostile_subject_cannot_add_a_header(session, engine, post_office, text):
    box, server = post_office
    add(session, "a@kota.example", subject=text)
    assert send(engine, server) == (1, "")
    (letter,) = box.letters
    assert box.receivers == ["a@kota.example"]
    assert letter["Bcc"] is None and letter["X"] is None
    assert letter["Subject"].startswith("K")


@pytest.mark.parametrize("address", ["a@x.id\r\nRCPT TO:<b@x.id>", "a@x.id, b@x.id", "<a@x.id>", "a b@x.id", "bukan", "ä@x.id"])
def test_hostile_address_is_dropped(session, engine, post_office, address):
    box, server = post_office
    add(session, address)
    assert send(engine, server) == (0, "")
    assert box.envelopes == []
    assert rows(session)[0].outcome == "Alamat surelnya tidak dapat dibaca."


def test_header_with_a_line_break_is_refused_when_it_reaches_the_letter(post_office):
    _, server = post_office
    letter = Letter(1, "uji", MessageKind.NEWS, "a@x.id", "Siti", "Kota", "Kabar\r\nBcc: b@x.id", "Isi", "/")
    with pytest.raises(ValueError, match="newline|linefeed"):
        mail.compose(letter, server, BASE, MORNING)
    assert mail.Post(server, BASE).send(letter, MORNING)[0] is MessageState.FAILED


def test_two_workers_at_once_send_each_letter_once(session, engine, post_office):
    box, server = post_office
    add(session, *(f"p{number}@kota.example" for number in range(60)))
    done = []
    workers = [threading.Thread(target=lambda: done.append(send(engine, server)[0])) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sum(done) == 60
    assert sorted(box.receivers) == sorted(f"p{number}@kota.example" for number in range(60))


def test_code_goes_out_at_night_before_everything_else_and_is_forgotten(session, engine, post_office):
    box, server = post_office
    night = MORNING + timedelta(hours=13)
    add(session, "a@kota.example")
    add(
        session,
        "b@kota.example",
        kind=MessageKind.RECOVERY,
        body="Kode: 1234-5678",
        link="/pulihkan/rahasia",
        about="kode",
        not_before=night,
        now=night,
    )
    assert send(engine, server, night) == (1, "")
    assert box.receivers == ["b@kota.example"]
    assert "Kode: 1234-5678" in box.letters[0].get_body(("plain",)).get_content()
    assert f"{BASE}/pulihkan/rahasia" in box.letters[0].get_body(("plain",)).get_content()
    assert box.letters[0]["List-Unsubscribe"] is None
    waiting, code = rows(session)
    assert (code.state, code.body, code.link) == (MessageState.SENT, "", "")
    assert (waiting.state, waiting.outcome) == (MessageState.WAITING, "Menunggu jam kerja di unitnya.")


def test_nothing_is_sent_when_the_person_has_gone_since(session, engine, post_office):
    box, server = post_office
    add(session, "a@kota.example", "b@kota.example")
    with write_tx(session):
        session.scalars(select(Account).order_by(Account.person_id)).first().disabled_at = MORNING
    assert send(engine, server) == (1, "")
    assert box.receivers == ["b@kota.example"]
    assert (rows(session)[0].state, rows(session)[0].outcome) == (MessageState.DROPPED, outbox.GONE)


def test_no_transaction_is_open_while_the_network_is_waited_for(session, engine, post_office):
    box, server = post_office
    add(session, "a@kota.example")
    box.slowness = 0.7
    worker = threading.Thread(target=send, args=(engine, server))
    worker.start()
    while rows(session)[0].state == MessageState.WAITING:
        pass
    with write_tx(session):  # does not wait for the letter
        pass
    assert box.envelopes == []
    worker.join(10)
    assert rows(session)[0].state == MessageState.SENT


def test_killed_worker_never_makes_a_letter_go_out_twice(session, engine, database_url):
    rng, rounds = random.Random(7), ROUNDS
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), server_hostname="surel.test")
    controller.start()
    count = 20 * ROUNDS
    add(session, *(f"p{number}@kota.example" for number in range(count)))
    try:
        for _ in range(rounds):
            before = len(box.envelopes)
            command = [sys.executable, "-m", "tests.cli.send_until_killed", database_url, str(controller.port)]
            worker = subprocess.Popen(command, cwd=ROOT)
            until = time.monotonic() + 30
            while len(box.envelopes) == before and worker.poll() is None and time.monotonic() < until:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.1))
            worker.kill()
            worker.wait(10)
        server = MailServer("127.0.0.1", controller.port, "smtp", "", "", "pelita@kota.example", "Pelita")
        for later in (timedelta(minutes=11), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6)):
            send(
                engine, server, MORNING + later
            )  # on a busy machine the server may have been too slow for some: those are tried again
    finally:
        controller.stop()
    assert len(box.receivers) == len(set(box.receivers))
    states = [row.state for row in rows(session)]
    assert set(states) <= {MessageState.SENT, MessageState.UNSURE}
    assert states.count(MessageState.UNSURE) <= rounds
    assert {f"p{number}@kota.example" for number, state in enumerate(states) if state == MessageState.SENT} <= set(box.receivers)


def test_background_worker_sends_and_leaves_a_server_in_trouble_alone_for_a_while(session, engine, post_office, tmp_path, capsys):
    box, server = post_office
    add(session, "a@kota.example", "b@kota.example")
    good = read_config(tmp_path, environ={"BASE_URL": BASE})
    bad = dataclasses.replace(good, mail=dataclasses.replace(server, port=1))
    worker = Worker(engine, tmp_path, threading.Event(), bad)
    assert worker.round(MORNING)
    worker.deliver_only(MORNING + timedelta(minutes=1))
    assert [row.tries for row in rows(session)] == [1, 0]
    worker.deliver_only(MORNING + timedelta(minutes=3))
    assert [row.tries for row in rows(session)] == [1, 1]
    assert "Server surel tidak dapat dipakai" in capsys.readouterr().err
    Worker(engine, tmp_path, threading.Event(), dataclasses.replace(good, mail=server)).round(MORNING + timedelta(hours=1))
    assert sorted(box.receivers) == ["a@kota.example", "b@kota.example"]


@pytest.mark.parametrize(
    ("url", "sender", "fits"),
    [
        ("smtp+starttls://u:p%40@surel.kota.example", "Pelita <a@b.id>", True),
        ("smtps://surel.kota.example", "a@b.id", True),
        ("smtp://127.0.0.1:25", "a@b.id", True),
        ("smtp://surel.kota.example", "a@b.id", False),
        ("http://surel.kota.example", "a@b.id", False),
        ("smtps://", "a@b.id", False),
        ("smtps://x.id:banyak", "a@b.id", False),
        ("smtps://surel.kota.example", "", False),
        ("smtps://surel.kota.example", "Pelita\r\nBcc: x <a@b.id>", False),
    ],
)
def test_mail_server_of_the_environment(tmp_path, url, sender, fits):
    environ = {"BASE_URL": BASE, "SMTP_URL": url, "MAIL_FROM": sender}
    if fits:
        server = read_config(tmp_path, environ=environ).mail
        assert isinstance(server, MailServer)
        assert "p@" not in repr(server)
    else:
        with pytest.raises(Refused, match="SMTP_URL|MAIL_FROM"):
            read_config(tmp_path, environ=environ)


def test_no_mail_server_means_e_mail_is_off(tmp_path):
    assert read_config(tmp_path, environ={"BASE_URL": BASE}).mail is None


def test_demo_writes_to_nobody_outside_this_machine(tmp_path):
    (tmp_path / "demo.json").write_text("{}")
    environ = {"SMTP_URL": "smtps://surel.kota.example", "MAIL_FROM": "a@b.id"}
    with pytest.raises(Refused, match="peragaan"):
        read_config(tmp_path, environ=environ)
    assert read_config(tmp_path, environ=environ | {"SMTP_URL": "smtp://127.0.0.1:2525"}).mail.port == 2525
