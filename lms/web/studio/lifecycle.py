"""What happens to a course as a whole: another code, no new learners, open again."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.authoring.edits import put_code
from lms.content import actions
from lms.content.slugs import key_segment
from lms.errors import Conflict, Invalid, NotFound
from lms.web import clock
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.studio.desk import note, workspace
from lms.web.studio.place import Place, Unpublished, published_place

bp = Blueprint("lifecycle", __name__)


@bp.app_errorhandler(Unpublished)
def unpublished(problem: Unpublished) -> tuple[str, int]:
    """The page in the place of one that tells of editions. A manuscript is no mistake: only what was sent to it is not done."""
    parts = problem.place.within((request.blueprint or "").rpartition(".")[2])
    url = url_for("studio.publishing.show", key=problem.place.key)
    told = {"heading": "Belum terbit", "text": str(problem), "url": url, "label": "Ke halaman Terbitkan"}
    return render_template("errors/absent.html", **told, **parts), 200 if request.method == "GET" else 404


@bp.get("/<key>/kode")
def show(key: str) -> str:
    place, published = published_place(key)
    return _form(place, published.course_key)


@bp.post("/<key>/kode")
def rename(key: str) -> Response | tuple[str, int]:
    """Writes `kode:` into course.yml; the page of publishing then shows the plan of a renamed course."""
    place, published = published_place(key)
    typed = request.form.get("code", "").strip()
    try:
        if place.folder is None:
            raise NotFound("Folder pelatihan ini tidak ada di studio, jadi kodenya tidak dapat ditulis.")
        code = _checked(typed, published.course_key)
        with workspace().lock(place.folder.name) as folder:
            put_code(folder, code)
    except (Invalid, Conflict) as problem:
        return _form(place, typed, str(problem)), 400
    note("code", key)
    return redirect(url_for("studio.publishing.show", key=key, lama=published.course_key), 303)


def _checked(typed: str, now: str) -> str:
    code = key_segment(typed)
    if not code or code != typed.casefold() or len(code) > 60:
        raise Invalid("Kode memakai huruf kecil, angka, dan tanda hubung saja, paling banyak 60. Belum ada yang berubah.")
    if code == now:
        raise Invalid("Itu kode yang sekarang. Tulis kode yang baru.")
    actions.check_free(reading(), now, code)
    return code


def _form(place: Place, code: str, error: str = "") -> str:
    return render_template("studio/lifecycle/show.html", code=code, error=error, **place.within("history"))


@bp.post("/<key>/tutup")
def retire(key: str) -> Response:
    return _retired(key, True)


@bp.post("/<key>/buka")
def reopen(key: str) -> Response:
    return _retired(key, False)


def _retired(key: str, retired: bool) -> Response:
    _, published = published_place(key)
    with writing() as session:
        actions.retire(session, published.course_key, now=clock.now(), by=user().person_id, retired=retired)
    return redirect(url_for("studio.history.index", key=key, pesan="ditutup" if retired else "dibuka"), 303)
