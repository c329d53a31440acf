"""All courses an author may work on, and the two ways to a new one: a title, or a zip."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.web.studio import findings, navigation
from lms.web.studio.desk import note, workspace
from lms.web.studio.previews import known
from lms.web.studio.standing import Standing, all_courses

bp = Blueprint("courses", __name__)
COLOURS = {"galat": "salah", "peringatan": "ingat", "": ""}


@dataclass(frozen=True)
class CourseRow:
    standing: Standing
    problems: str
    colour: str


@bp.get("")
def index() -> str:
    rows = []
    for folder, standing in all_courses():
        problems = findings.told(known.problems(folder.path, folder.key)) if folder else []
        told = findings.label(problems) if folder else ""
        rows.append(CourseRow(standing, told, COLOURS[findings.worst(problems)]))
    return render_template("studio/courses/index.html", courses=rows, **navigation.over_all())


@bp.get("/baru")
def new() -> str:
    return _form()


@bp.post("/baru")
def create() -> Response | tuple[str, int]:
    title = " ".join(request.form.get("title", "").split())
    try:
        if not title:
            raise Invalid("Tulis dulu judul pelatihannya.")
        key = workspace().create_course(title)
    except Invalid as problem:
        return _form(title, str(problem)), 400
    note("create", key)
    return redirect(url_for("studio.structure.show", key=key, pesan="dibuat"), 303)


def _form(title: str = "", error: str = "") -> str:
    return render_template("studio/courses/new.html", title=title, error=error, **navigation.over_all())
