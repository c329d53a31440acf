"""Publishing from the browser: what the checker says, what would change and mean, and one button. The same functions as `lms terbit`."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.authoring import archive, follow_up, publishing
from lms.authoring.git import commit as record_in_git
from lms.authoring.git import state as git_state
from lms.authoring.publishing import Examined, Order, Proposal
from lms.content.compile import Cache
from lms.content.types import Problem
from lms.errors import Busy, Conflict, NotFound, Refused
from lms.quizzes.types import RegradeMode
from lms.web import clock
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.studio import findings, plans
from lms.web.studio.desk import note, workspace
from lms.web.studio.place import Place, place_of, without_folder

bp = Blueprint("publishing", __name__)
REQUEST_SECONDS = 15.0
"""From here on the rest is left to `lms jobs`, and the page says how far it is."""
MOST_FINDINGS = 20
CHANGED = "Ada berkas yang berubah sejak rencana ini dibuat, jadi belum ada yang diterbitkan. Ini rencana yang baru; periksa, lalu terbitkan."


@bp.get("/<key>/terbitkan")
def show(key: str) -> str:
    place = place_of(key)
    if place.folder is None:
        return without_folder(place, "publishing")
    with closing(Cache()) as cache:
        return _page(place, place.folder, _looked(place.folder, cache))


def _looked(folder: Path, cache: Cache) -> Examined | Proposal:
    """The plan of a folder, or what stands in its way. Rendering holds no transaction."""
    reading().rollback()
    examined = publishing.examine(folder, cache=cache)
    if examined.has_errors:
        return examined
    return publishing.propose(
        reading(), examined, former=request.values.get("lama", ""), is_new=request.values.get("baru") == "1", cache=cache
    )


def _page(place: Place, folder: Path, found: Examined | Proposal, message: str = "") -> str:
    parts: dict[str, Any] = {"message": message, "problems": _told(place, found.problems), **place.within("publishing")}
    if isinstance(found, Examined):
        return render_template("studio/publishing/show.html", plan=None, proposal=None, rename=None, **parts)
    plan = found.plan
    doubts = plans.doubt_rows(publishing.doubts(reading(), found))
    return render_template(
        "studio/publishing/show.html",
        proposal=found,
        plan=plans.page(found),
        rename={"former": plan.maybe_former, "code": place.code} if plan.maybe_former else None,
        asked=[doubt for doubt in doubts if doubt.is_open],
        alike=[doubt for doubt in doubts if not doubt.is_open],
        stamped=len(found.examined.without_id),
        recognised=len(found.recognised),
        before_id=plan.before.edition_id if plan.before else 0,
        label=f"Terbitkan edisi {plan.number}.{plan.revision}",
        modes=plans.MODES if found.changes_meaning else (),
        git=git_state(folder),
        is_new=request.values.get("baru") == "1",
        **parts,
    )


def _told(place: Place, problems: tuple[Problem, ...]) -> dict[str, Any]:
    shown = findings.told(list(problems))

    def address(file: str) -> str:
        return url_for("studio.files.show", key=place.key, path=file)

    return {
        "rows": findings.of_course(shown, address, MOST_FINDINGS),
        "label": findings.label(shown),
        "more": max(0, len(shown) - MOST_FINDINGS),
        "worst": findings.worst(shown),
    }


@bp.post("/<key>/terbitkan/cocokkan")
def match(key: str) -> Response:
    """The author's answers about lost ids, written into the files; what is not called the same gets an id of its own."""
    place = place_of(key)
    folder = _folder(place)
    with closing(Cache()) as cache, workspace().lock(folder.name):
        found = _looked(folder, cache)
        if isinstance(found, Proposal) and found.examined.fingerprint == request.form.get("fingerprint"):
            questions, items = {}, {}
            for doubt in publishing.doubts(reading(), found):
                answer, pair = request.form.get(plans.field_of(doubt)), doubt.pair
                if doubt.is_question and answer == "sama":
                    questions[pair.new_id] = pair.old_id
                elif not doubt.is_question and answer in ("sama", "baru"):
                    items[pair.new_id] = pair.old_id if answer == "sama" else pair.new_id
            publishing.write_ids(found, questions)
            publishing.write_item_ids(found, items)
    note("match", key)
    return redirect(url_for("studio.publishing.show", key=key, lama=_said("lama"), baru=_said("baru")), 303)


@bp.post("/<key>/terbitkan")
def publish(key: str) -> Response | tuple[str, int]:
    began = time.monotonic()
    place = place_of(key)
    folder = _folder(place)
    with closing(Cache()) as cache, workspace().lock(folder.name):
        found = _looked(folder, cache)
        if not isinstance(found, Proposal) or found.is_blocked or _has_moved_on(found) or _is_asked(found):
            return _page(place, folder, found, CHANGED), 409
        if found.examined.without_id:
            publishing.write_ids(found, {})
            stamped = _looked(folder, cache)
            assert isinstance(stamped, Proposal), "ids make no errors"
            found = stamped
        order = _order(found, archive.pack(folder))
        made = publishing.ready(order)
    with writing() as session:
        publication = publishing.publish(session, order, made, now=clock.now())
    word = _committed(folder, order.note or f"Terbit edisi {publication.number}.{publication.revision}")
    go_on(publication.edition_id, began)
    return redirect(url_for("studio.history.index", key=key, pesan=word), 303)


def _folder(place: Place) -> Path:
    if place.folder is None:
        raise NotFound("Folder pelatihan ini tidak ada di studio. Unggah zipnya dari daftar pelatihan, lalu terbitkan.")
    return place.folder


def _has_moved_on(found: Proposal) -> bool:
    """Whether the files, or what is published, are others than those the plan was shown for."""
    before = found.plan.before.edition_id if found.plan.before else 0
    return (request.form.get("fingerprint"), request.form.get("before", type=int)) != (found.examined.fingerprint, before)


def _is_asked(found: Proposal) -> bool:
    """Whether publishing would decide what only the author can."""
    return any(doubt.is_open for doubt in publishing.doubts(reading(), found))


def _order(found: Proposal, source: bytes) -> Order:
    config: Config = current_app.config["PELITA"]
    return Order(
        found.compiled,
        config.data_dir,
        chosen_mode() if found.changes_meaning else None,
        " ".join(request.form.get("note", "").split()),
        found.former,
        user().person_id,
        source,
    )


def chosen_mode() -> RegradeMode | None:
    word = request.form.get("mode", "")
    return RegradeMode(word) if word in list(RegradeMode) else None


def _said(name: str) -> str | None:
    """What was said about a code that differs, carried on."""
    return request.form.get(name) or None


def _committed(folder: Path, message: str) -> str:
    """The word of the notice: published, and recorded in git where that was asked for."""
    if not request.form.get("git"):
        return "terbit"
    try:
        record_in_git(folder, message, (user().name, ""))
    except (Conflict, Refused):
        return "terbit-tanpa-git"
    return "terbit-git"


def go_on(edition_id: int, began: float) -> None:
    """Do what a publication left, as far as this request may last; it is published, so nothing here may fail it."""
    try:
        for waiting_id in follow_up.waiting_for(reading(), edition_id):
            more = True
            while more:
                if time.monotonic() - began > REQUEST_SECONDS:
                    return
                with writing() as session:
                    more = follow_up.advance(session, waiting_id, now=clock.now())
    except Busy:
        return  # learners go first; `lms jobs` goes on from here
    except Exception:  # the edition is out, and an error page would say the opposite; `lms jobs` tries again and tells
        current_app.logger.exception("the work after publishing edition id %s stopped", edition_id)
