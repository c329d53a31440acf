"""Marking another learner's work (`sejawat`): reached through one's own hand-in, without names either way."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.progress import actions as progress
from lms.quizzes import files, queue
from lms.quizzes.peers import peer_task, work_for_peer
from lms.quizzes.queue import Work
from lms.recognition import actions as recognition
from lms.web import clock, sheets, work
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("peers", __name__)


def _work(token: str, other: str) -> Work:
    row, _ = work_for_peer(reading(), person_id=user().person_id, own_token=token, token=other)
    return queue.work(reading(), row)


@bp.get("/percobaan/<token>/sejawat/<other>")
def show(token: str, other: str) -> str:
    return _page(token, _work(token, other))


def _page(token: str, found: Work, posted: dict[str, list[str]] | None = None, error: str | None = None) -> str:
    who = user()
    task = peer_task(reading(), person_id=who.person_id, own_token=token)
    return render_template(
        "learn/peers/show.html",
        title=found.item.title,
        own_url=url_for("learn.quizzes.result", token=token),
        label=f"{len(task.done)} dari {task.wanted} sudah Anda nilai" if task else "",
        brief=work.brief(found.edition_id, found.item.key),
        error=error,
        answers=sheets.sheets(
            found,
            lambda one: one.marker_id == who.person_id and one.is_peer,
            posted,
            {},
            who.time_zone,
            endpoint="learn.peers.file",
            nameless="yes",
            token=token,
            other=found.token,
        ),
        save_url=url_for("learn.peers.save", token=token, other=found.token),
        active_nav="catalogue",
    )


@bp.post("/percobaan/<token>/sejawat/<other>")
def save(token: str, other: str) -> Response | tuple[str, int] | str:
    found = _work(token, other)
    posted = request.form.to_dict(flat=False)
    if request.form.get("go") == "count":
        return _page(token, found, posted)
    try:
        given = sheets.read(found, posted)
        with writing() as session:
            ids = progress.mark_peer_work(
                session, person_id=user().person_id, own_token=token, token=other, sheets=given, now=clock.now()
            )
            for enrolment_id in ids:
                recognition.settle(session, enrolment_id=enrolment_id, now=clock.now())
    except Invalid as problem:
        return _page(token, found, posted, str(problem)), 400
    return redirect(url_for("learn.quizzes.result", token=token, pesan="nilai"), 303)


@bp.get("/percobaan/<token>/sejawat/<other>/berkas/<int:upload_id>")
def file(token: str, other: str, upload_id: int) -> Response:
    found = files.file_of(reading(), _work(token, other).attempt_id, upload_id)
    return work.send(found, sheets.nameless(found.name, found.id))
