"""One piece of work at a time: what was handed in beside its rubric, and on to the next."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.content import library
from lms.errors import Invalid
from lms.people import queries as people
from lms.people.rules import staff_date
from lms.progress import actions as progress
from lms.progress import groups
from lms.progress import queries as progress_queries
from lms.progress.rules import days_late, due_at
from lms.quizzes import files, queue
from lms.quizzes.circle import work_for_staff
from lms.quizzes.marking import MarkedMeanwhile
from lms.quizzes.queue import Work
from lms.quizzes.types import AttemptState
from lms.recognition import actions as recognition
from lms.web import clock, language, sheets, work
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn.assignments import late_label
from lms.web.marking.queue import SURFACE

bp = Blueprint("works", __name__)
Posted = dict[str, list[str]]


def _work(token: str) -> Work:
    """A piece of work that this person may mark; NotFound for any other."""
    who = user()
    row, _ = work_for_staff(reading(), marker_id=who.person_id, is_author=who.signed_in.is_author, token=token, now=clock.now())
    return queue.work(reading(), row)


@bp.get("/<token>")
def show(token: str) -> str:
    return _page(_work(token))


def _page(found: Work, posted: Posted | None = None, error: str | None = None) -> str:
    who, published = user(), library.edition(reading(), found.edition_id)
    markers = {one.marker_id for answered in found.answers for one in answered.given}
    author = people.identity(reading(), found.person_id, staff_date(clock.now()))
    facts = [("Dikumpulkan", language.date_and_time(found.handed_in_at, who.time_zone)), ("Unit", author.unit_name or "–")]
    members = ", ".join(each.name for each in groups.members(reading(), found.attempt_id))
    if members:
        facts.append(("Bersama", members))
    if found.state is not AttemptState.SUBMITTED:
        facts.append(("Nilai sekarang", language.score(found.score)))
    return render_template(
        "marking/works/show.html",
        title=found.item.title,
        course=published.outline.title,
        name=author.display_name,
        facts=facts,
        late=late_label(_days_late(found, author.time_zone)),
        brief=work.brief(found.edition_id, found.item.key),
        error=error,
        answers=sheets.sheets(
            found,
            lambda one: one.marker_id == who.person_id and not one.is_peer,
            posted,
            people.names_of(reading(), markers),
            who.time_zone,
            endpoint="marking.works.file",
            token=found.token,
        ),
        pass_mark=language.score(found.rules.pass_mark) if found.rules.pass_mark else "",
        save_url=url_for("marking.works.save", token=found.token),
        seen=found.newest,
        chosen=request.values.get("pelatihan", "")[:250],
        back_url=url_for("marking.queue.index", pelatihan=request.values.get("pelatihan") or None),
        surface_name=SURFACE,
        surface_nav=[],
        active_nav="queue",
    )


def _days_late(found: Work, zone: str) -> int:
    own = progress_queries.enrolment(reading(), found.person_id, found.course_id)
    if own is None or found.rules.hand_in is None:
        return 0
    return days_late(due_at(found.rules.hand_in, own.enrolled_at, zone), found.handed_in_at)


@bp.post("/<token>")
def save(token: str) -> Response | tuple[str, int] | str:
    """Keeps the marks, and in the same transaction what follows from them; `go` = count only adds up what is filled in."""
    found, who = _work(token), user()
    posted = request.form.to_dict(flat=False)
    if request.form.get("go") == "count":
        return _page(found, posted)
    try:
        given = sheets.read(found, posted)
        with writing() as session:
            ids = progress.mark_work(
                session,
                marker_id=who.person_id,
                is_author=who.signed_in.is_author,
                token=token,
                sheets=given,
                seen=min(request.form.get("seen", 0, type=int), 2**31),
                now=clock.now(),
            )
            for enrolment_id in ids:
                recognition.settle(session, enrolment_id=enrolment_id, now=clock.now())
    except Invalid as problem:
        return _page(found, posted, str(problem)), 400
    except MarkedMeanwhile as problem:
        return _page(_work(token), posted, str(problem)), 409
    return redirect(_onwards(token), 303)


def _onwards(token: str) -> str:
    """The next piece of work in the same list, or the list."""
    chosen = request.form.get("pelatihan", "")[:250]
    listed = queue.waiting(
        reading(), marker_id=user().person_id, is_author=user().signed_in.is_author, now=clock.now(), course_key=chosen
    )
    upcoming = next((row.token for row in listed.own if row.token != token), None)
    if upcoming is None or request.form.get("go") != "next":
        return url_for("marking.queue.index", pelatihan=chosen or None, pesan="nilai")
    return url_for("marking.works.show", token=upcoming, pelatihan=chosen or None, pesan="nilai")


@bp.get("/<token>/berkas/<int:upload_id>")
def file(token: str, upload_id: int) -> Response:
    return work.send(files.file_of(reading(), _work(token).attempt_id, upload_id))
