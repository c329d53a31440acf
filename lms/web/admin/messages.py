"""Whether e-mail works, and for each message to each person: why it was made, when, and what became of it."""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from config import Config
from lms.errors import Conflict
from lms.messages import actions, queries, rules
from lms.messages.types import Channel, MessageState, Record
from lms.people import queries as people
from lms.people.types import PersonRow
from lms.web import clock, language
from lms.web.admin import navigation
from lms.web.admin.people import closed
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("messages", __name__)
STATES = {
    MessageState.WAITING: ("menunggu", "ingat"),
    MessageState.SENDING: ("sedang dikirim", "ingat"),
    MessageState.SENT: ("terkirim", "baik"),
    MessageState.DROPPED: ("tidak jadi", ""),
    MessageState.FAILED: ("gagal", "salah"),
    MessageState.UNSURE: ("tidak pasti", "salah"),
    MessageState.SHOWN: ("tampil di halaman", "baik"),
}
"""State to (word, chip)."""
FOUND = 20


class SearchForm(FlaskForm):
    words = StringField()


@dataclass(frozen=True)
class Line:
    """One message in a list."""

    name: str
    person_url: str
    subject: str
    channel: str
    why: str
    made: str
    state: str
    when: str
    chip: str
    outcome: str
    retry_url: str | None


@bp.get("/pesan")
def index() -> str:
    return _page()


@bp.post("/pesan/cari")
def search() -> str:
    """People by name or NIP. A POST, so that a NIP stays out of addresses and histories (R86)."""
    words = (SearchForm().words.data or "")[:100]
    return _page(words, people.find_people(reading(), words, clock.today(user().time_zone), limit=FOUND))


@bp.get("/pesan/orang/<int:person_id>")
def person(person_id: int) -> str:
    if door := closed(person_id):
        return door
    page = max(1, min(request.args.get("halaman", 1, type=int), 100_000))
    who = people.identity(reading(), person_id, clock.today(user().time_zone))
    records, pages = queries.history(reading(), person_id, page)
    email, wants_email = queries.email_choice(reading(), person_id)
    return render_template(
        "admin/messages/person.html",
        person_id=person_id,
        name=who.display_name,
        unit=who.unit_name,
        has_address=bool(email),
        wants_email=wants_email,
        lines=[_line(each) for each in records],
        page=page,
        pages=pages,
        **navigation.of("messages"),
    )


@bp.post("/pesan/percobaan")
def trial() -> Response:
    """Queue a letter to oneself; the background worker sends it within seconds."""
    if _config().mail is None:
        raise Conflict("Surel belum dipasang di instalasi ini, jadi tidak ada yang dikirim.")
    with writing() as session:
        actions.send_trial(session, person_id=user().person_id, now=clock.now())
    return redirect(url_for("admin.messages.person", person_id=user().person_id, pesan="antre"), 303)


@bp.post("/pesan/ulang")
def retry_all() -> Response:
    with writing() as session:
        actions.retry(session, now=clock.now(), by=user().person_id)
    return redirect(url_for("admin.messages.index", pesan="antre"), 303)


@bp.post("/pesan/<int:message_id>/ulang")
def retry(message_id: int) -> Response:
    with writing() as session:
        actions.retry(session, now=clock.now(), by=user().person_id, message_id=message_id)
    return redirect(url_for("admin.messages.index", pesan="antre"), 303)


def _page(words: str = "", found: list[PersonRow] | None = None) -> str:
    counts = queries.counts(reading())
    server = _config().mail
    return render_template(
        "admin/messages/index.html",
        server=f"{server.host}:{server.port}" if server else None,
        sender=server.sender if server else None,
        facts=[(word.capitalize(), language.number(counts.get(state, 0))) for state, (word, _) in STATES.items()],
        words=words,
        found=found,
        failures=[_line(each) for each in queries.failures(reading())],
        failed_count=counts.get(MessageState.FAILED, 0),
        **navigation.of("messages"),
    )


def _config() -> Config:
    config: Config = current_app.config["PELITA"]
    return config


def _line(record: Record) -> Line:
    zone = user().time_zone
    word, chip = STATES[record.state]
    moment = {
        MessageState.WAITING: f"paling cepat {language.date_and_time(record.not_before, zone)}",
        MessageState.SHOWN: f"dibaca {language.date_and_time(record.read_at, zone)}" if record.read_at else "belum dibaca",
    }.get(record.state, language.date_and_time(record.ended_at, zone) if record.ended_at else "")
    given_up = record.state in actions.TO_RETRY
    return Line(
        name=record.name,
        person_url=url_for("admin.messages.person", person_id=record.person_id),
        subject=record.subject,
        channel="surel" if record.channel is Channel.EMAIL else "halaman",
        why=rules.why(record.reason),
        made=language.date_and_time(record.made_at, zone),
        state=word,
        when=f"{moment}." if moment else "",
        chip=chip,
        outcome=record.outcome,
        retry_url=url_for("admin.messages.retry", message_id=record.id) if given_up else None,
    )
