"""Where this account is signed in, and ending any of those sessions (R44)."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.people import actions, queries
from lms.people.types import SessionInfo
from lms.web import clock, language
from lms.web.extensions import reading, writing
from lms.web.identity import SessionUser, user

bp = Blueprint("devices", __name__)


@dataclass(frozen=True)
class Device:
    label: str
    seen_label: str
    place: str | None
    code_label: str | None
    current: bool
    revoke_url: str


@bp.get("/akun/perangkat")
def index() -> str:
    who = user()
    sessions = queries.sessions_of(reading(), who.person_id, clock.now())
    devices = [
        Device(
            each.device or "Perangkat tidak dikenal",
            f"Masuk {language.date_and_time(each.created_at, who.time_zone)}",
            "komputer bersama" if each.is_shared else None,
            _code_label(each, who) if who.signed_in.has_second_factor else None,
            each.session_id == who.signed_in.session_id,
            url_for("own.devices.end", session_id=each.session_id),
        )
        for each in sessions
    ]
    return render_template("own/devices/index.html", devices=devices, revoke_all_url=url_for("own.devices.end_others"))


def _code_label(each: SessionInfo, who: SessionUser) -> str:
    if each.second_factor_at is None:
        return "Belum memberi kode, jadi belum bisa membuka apa pun"
    return f"Kode diberikan {language.date_and_time(each.second_factor_at, who.time_zone)}"


@bp.post("/akun/perangkat/<int:session_id>/keluarkan")
def end(session_id: int) -> Response:
    who = user()
    with writing() as session:
        actions.end_session(session, person_id=who.person_id, session_id=session_id, now=clock.now(), by=who.person_id)
    return redirect(url_for("own.devices.index", pesan="perangkat"), 303)


@bp.post("/akun/perangkat/keluarkan-lainnya")
def end_others() -> Response:
    who = user()
    others = [
        each.session_id
        for each in queries.sessions_of(reading(), who.person_id, clock.now())
        if each.session_id != who.signed_in.session_id
    ]
    with writing() as session:
        for session_id in others:
            actions.end_session(session, person_id=who.person_id, session_id=session_id, now=clock.now(), by=who.person_id)
    return redirect(url_for("own.devices.index", pesan="perangkat-lain"), 303)
