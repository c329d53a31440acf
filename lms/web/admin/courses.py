"""Every published course with its learners, and taking one out of the catalogue (`content.actions.retire`, as the studio does)."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.content import actions, library
from lms.content.library import Published
from lms.progress import queries
from lms.web import clock, language
from lms.web.admin import navigation
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("courses", __name__)


@dataclass(frozen=True)
class CourseLine:
    title: str
    code: str
    url: str
    jp_label: str
    edition_label: str
    open_count: str
    finished_count: str
    retired: bool


@bp.get("/pelatihan")
def index() -> str:
    session = reading()
    counts = queries.course_counts(session)
    courses = [*library.catalogue(session), *library.retired(session)]
    return render_template(
        "admin/courses/index.html",
        courses=[_line(one, *counts.get(one.course_id, (0, 0))) for one in courses],
        **navigation.of("courses"),
    )


def _line(published: Published, enrolled: int, finished: int) -> CourseLine:
    return CourseLine(
        published.outline.title,
        published.course_key,
        url_for("learn.courses.show", course_key=published.course_key),
        f"{published.outline.jp} JP",
        f"Edisi {published.number}, terbit {language.long_date(published.published_at, user().time_zone)}",
        language.number(enrolled - finished),
        language.number(finished),
        published.is_retired,
    )


@bp.post("/pelatihan/<key>/pensiunkan")
def retire(key: str) -> Response:
    return _retired(key, True)


@bp.post("/pelatihan/<key>/kembalikan")
def restore(key: str) -> Response:
    return _retired(key, False)


def _retired(key: str, retired: bool) -> Response:
    with writing() as session:
        actions.retire(session, key, now=clock.now(), by=user().person_id, retired=retired)
    return redirect(url_for("admin.courses.index", pesan="ditutup" if retired else "dibuka"), 303)
