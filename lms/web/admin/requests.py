"""Requests of employees about their data, with the clock of 3×24 hours; and erasing what is held about one who left."""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.care import erasing
from lms.errors import Conflict, Invalid
from lms.people import privacy, queries
from lms.people.privacy import RequestRow
from lms.people.rules import staff_date
from lms.web import clock, language
from lms.web.account.data import KIND_LABELS
from lms.web.admin import navigation
from lms.web.extensions import reading, writing
from lms.web.fresh import password_first
from lms.web.identity import user

bp = Blueprint("requests", __name__)
ACTS = {"hapus": "Dihapus", "kosongkan": "Disamarkan", "simpan": "Tetap"}


@dataclass(frozen=True)
class RequestLine:
    number: int
    name: str
    label: str
    text: str
    made_label: str
    clock_label: str
    is_late: bool
    is_waiting: bool
    answer: str
    erase_url: str | None
    typed: str
    error: str


@bp.get("/permintaan")
def index() -> str:
    return _page()


def _page(number: int = 0, typed: str = "", error: str = "") -> str:
    rows = privacy.requests(reading())
    lines = [_line(one, *(typed, error) if one.request_id == number else ("", "")) for one in rows]
    return render_template("admin/requests/index.html", requests=lines, **navigation.of("requests"))


def _line(one: RequestRow, typed: str, error: str) -> RequestLine:
    zone = user().time_zone
    return RequestLine(
        one.request_id,
        one.name,
        KIND_LABELS[one.kind],
        one.text,
        f"Diajukan {language.date_and_time(one.made_at, zone)}",
        f"Dijawab {language.date_and_time(one.answered_at, zone)}" if one.answered_at else _clock(one),
        one.answered_at is None and one.due_at < clock.now(),
        one.answered_at is None,
        one.answer,
        url_for("admin.requests.plan", person_id=one.person_id) if one.has_left else None,
        typed,
        error,
    )


def _clock(one: RequestRow) -> str:
    hours = int((one.due_at - clock.now()).total_seconds() // 3600)
    until = language.date_and_time(one.due_at, user().time_zone)
    return f"Terlambat: seharusnya dijawab sebelum {until}" if hours < 0 else f"Sisa {hours} jam, sampai {until}"


@bp.post("/permintaan/<int:number>/jawab")
def answer(number: int) -> Response | tuple[str, int]:
    typed = request.form.get("text", "")[:5000]
    try:
        with writing() as session:
            privacy.answer(session, request_id=number, text=typed, now=clock.now(), by=user().person_id)
    except (Invalid, Conflict) as problem:
        return _page(number, typed, str(problem)), 400
    return redirect(url_for("admin.requests.index", pesan="dijawab"), 303)


@bp.get("/penyamaran/<int:person_id>")
def plan(person_id: int) -> str:
    """The dry run: what would be deleted, what blanked, and what stays because it is an archive."""
    session, refusal = reading(), ""
    try:
        erasing.check_gone(session, person_id, staff_date(clock.now()))
    except Conflict as problem:
        refusal = str(problem)
    steps = [(step.label, ACTS[step.act], language.number(step.rows)) for step in erasing.plan(session, person_id)]
    return render_template(
        "admin/requests/plan.html",
        name=queries.names_of(session, [person_id])[person_id],
        person_id=person_id,
        refusal=refusal,
        steps=steps,
        kept=", ".join(erasing.kept()),
        **navigation.of("requests"),
    )


@bp.post("/penyamaran/<int:person_id>")
def erase(person_id: int) -> Response:
    """One transaction, then the files; free pages of the database file are written anew by the nightly job."""
    if asked := password_first(url_for("admin.requests.plan", person_id=person_id)):
        return asked
    config: Config = current_app.config["PELITA"]
    now = clock.now()
    with writing() as session:
        hashes = erasing.erase(session, person_id=person_id, today=staff_date(now), now=now, by=user().person_id)
    erasing.after(config.data_dir, person_id, hashes, now)
    return redirect(url_for("admin.requests.index", pesan="disamarkan"), 303)
