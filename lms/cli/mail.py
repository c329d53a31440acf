"""E-mail over SMTP: one connection for many letters, TLS verified, and what each answer of the server means for the letter.

Run by `lms jobs` alone; no page ever waits for a mail server.
"""

import contextlib
import re
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from string import Template

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config import MailServer
from lms.messages import outbox, rules
from lms.messages.types import AT_ONCE, Held, Letter, MessageState
from lms.store.engine import write_tx

TIMEOUT = 20.0
"""Seconds for each answer of the server."""
AT_A_STRETCH = 20.0
"""Seconds of sending in one round: attempts that are over must be closed meanwhile."""
CUT_OFF = "Sambungan putus sesudah isi surel terkirim. Mungkin sudah sampai, jadi tidak dikirim lagi dengan sendirinya."
SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""Not every server takes eight-bit bodies."""
PAGE = Template(
    '<!doctype html><html lang="id"><head><meta charset="utf-8"><title>$subject</title></head><body><p>Yth. $name,</p>'
    "$body$link<hr><p><small>$footer$switch</small></p></body></html>"
)


class Trouble(Exception):
    """The server cannot be used now, whatever the letter."""


def compose(letter: Letter, server: MailServer, base_url: str, now: datetime) -> EmailMessage:
    """The e-mail: plain text and the same as simple HTML, no pictures, nothing that tells who opened it. Raises ValueError for what
    does not belong into a header (R50)."""
    message = EmailMessage(policy=SEVEN_BIT)
    message["From"] = Address(server.sender_name or f"Pelita {letter.agency}", addr_spec=server.sender)
    message["To"] = Address(addr_spec=letter.address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    mark = sha256(letter.about.encode()).hexdigest()[:16]
    message["Message-ID"] = f"<pelita.{letter.id}.{mark}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    settings_url = f"{base_url}/pesan"
    if letter.kind not in AT_ONCE:
        message["List-Unsubscribe"] = f"<{settings_url}>"
    url = base_url + letter.link if letter.link.startswith("/") else ""
    message.set_content(rules.letter_text(letter.name, letter.body, url, letter.agency, settings_url, letter.kind))
    message.add_alternative(_html(letter, url, settings_url), subtype="html")
    return message


def _html(letter: Letter, url: str, settings_url: str) -> str:
    paragraphs = [escape(part).replace("\n", "<br>") for part in letter.body.split("\n\n") if part.strip()]
    switch = f' <a href="{escape(settings_url)}">Matikan pengingat lewat surel</a>.' if letter.kind not in AT_ONCE else ""
    return PAGE.substitute(
        subject=escape(letter.subject),
        name=escape(letter.name),
        body="".join(f"<p>{part}</p>" for part in paragraphs),
        link=f'<p><a href="{escape(url)}">Buka di Pelita</a></p>' if url else "",
        footer=escape(rules.footer(letter.agency, letter.kind)),
        switch=switch,
    )


class Post:
    """One connection, opened with the first letter. Close it when the round is over."""

    def __init__(self, server: MailServer, base_url: str, timeout: float = TIMEOUT) -> None:
        self._server, self._base_url, self._timeout = server, base_url, timeout
        self._line: smtplib.SMTP | None = None

    def send(self, letter: Letter, now: datetime) -> tuple[MessageState, str]:
        """(SENT, FAILED for good, WAITING for a later try, or UNSURE; what was said). Raises Trouble before anything went out."""
        try:
            message = compose(letter, self._server, self._base_url, now)
            payload = re.sub(rb"(?m)^\.", b"..", message.as_bytes())
        except ValueError as problem:  # a line break in a header, an address that is none
            return MessageState.FAILED, f"Surel ini tidak dapat disusun: {problem}"
        line = self._begun()
        try:
            for command, wanted in ((f"RCPT TO:<{letter.address}>", (250, 251)), ("DATA", (354,))):
                code, said = line.docmd(command)
                if code not in wanted:
                    return self._refused(line, code, said)
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            raise Trouble(_words(problem)) from problem
        try:
            line.send(payload + b".\r\n")
            code, said = line.getreply()
        except (OSError, smtplib.SMTPException):
            self.close()
            return MessageState.UNSURE, CUT_OFF
        return (MessageState.SENT, _said(code, said)) if code == 250 else self._refused(line, code, said)

    def _begun(self) -> smtplib.SMTP:
        """A connection on which a letter has been begun: the one at hand, or a new one where that was closed meanwhile."""
        greeting = f"MAIL FROM:<{self._server.sender}>"
        if self._line is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self._line.docmd(greeting)[0] == 250:
                    return self._line
            self.close()
        line = self._line = self._open()
        try:
            code, said = line.docmd(greeting)
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            raise Trouble(_words(problem)) from problem
        if code != 250:
            self.close()
            raise Trouble(f"Server surel menolak pengirimnya: {_said(code, said)}")
        return line

    def _refused(self, line: smtplib.SMTP, code: int, said: bytes) -> tuple[MessageState, str]:
        if code == 421 or code < 400:
            self.close()  # the server is closing, or talks nonsense
        else:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                line.rset()
        return MessageState.FAILED if code >= 500 else MessageState.WAITING, _said(code, said)

    def _open(self) -> smtplib.SMTP:
        server = self._server
        line: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context()
            if server.scheme == "smtps":
                line = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
            else:
                line = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
            if server.scheme == "smtp+starttls":
                line.starttls(context=context)
            if server.user:
                line.login(server.user, server.password)
            line.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException, ValueError) as problem:
            if line is not None:
                line.close()
            raise Trouble(_words(problem)) from problem
        return line

    def close(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._line.quit()
            self._line.close()
            self._line = None


def _said(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')}"


def _words(problem: Exception) -> str:
    return f"Server surel tidak dapat dipakai: {problem}"


def deliver(engine: Engine, post: Post, clock: Callable[[], datetime], stop: threading.Event) -> tuple[int, str]:
    """Send what is due, for at most AT_A_STRETCH seconds. Returns how many went out, and what is wrong with the server ("" = nothing).

    When the server cannot be used, the letter in hand waits for its next try and the others for the next round.
    """
    sent, trouble, until = 0, "", time.monotonic() + AT_A_STRETCH
    with contextlib.closing(post), Session(engine) as session:
        with write_tx(session):
            outbox.give_up_lost(session, clock())
        waiting = _due(session, clock())
        while waiting and not trouble:
            handled = 0
            for message_id in waiting:
                if stop.is_set() or trouble or time.monotonic() >= until:
                    return sent, trouble
                state, trouble = _one(session, post, message_id, clock)
                handled, sent = handled + (state is not None), sent + (state is MessageState.SENT)
            waiting = _due(session, clock()) if handled else []  # else another worker is at them
    return sent, trouble


def _due(session: Session, now: datetime) -> list[int]:
    found = outbox.due_ids(session, now)
    session.rollback()
    return found


def _one(session: Session, post: Post, message_id: int, clock: Callable[[], datetime]) -> tuple[MessageState | None, str]:
    """(what became of one message, None when another worker has it; what is wrong with the server)."""
    with write_tx(session):
        is_mine = outbox.take(session, message_id, clock())
    if not is_mine:
        return None, ""
    found = outbox.look_again(session, message_id, clock())
    session.rollback()  # nothing is held while the network is waited for
    if isinstance(found, Held):
        with write_tx(session):
            outbox.hold(session, message_id, found, clock())
        return MessageState.DROPPED, ""
    trouble = ""
    try:
        state, said = post.send(found, clock())
    except Trouble as problem:
        state, said, trouble = MessageState.WAITING, str(problem), str(problem)
    with write_tx(session):
        outbox.finish(session, found, state, said, clock())
    return state, trouble
