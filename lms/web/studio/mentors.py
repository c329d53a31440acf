"""Who marks a course beside its authors."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.content import library
from lms.errors import Invalid
from lms.quizzes import mentors
from lms.web import clock
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.studio import navigation

bp = Blueprint("mentors", __name__)


@bp.get("/<course_key>/mentor")
def show(course_key: str) -> str:
    return _page(course_key)


def _page(course_key: str, number: str = "", error: str | None = None) -> str:
    published = library.current(reading(), course_key)
    return render_template(
        "studio/mentors/show.html",
        title=published.outline.title,
        mentors=[
            {
                "name": name,
                "position": position,
                "url": url_for("studio.mentors.remove", course_key=course_key, person_id=person_id),
            }
            for person_id, name, position in mentors.mentors(reading(), published.course_id)
        ],
        add_url=url_for("studio.mentors.add", course_key=course_key),
        number=number,
        error=error,
        surface_name=navigation.SURFACE,
        surface_nav=navigation.of_course(published.course_key),
        active_nav="mentors",
    )


@bp.post("/<course_key>/mentor")
def add(course_key: str) -> Response | tuple[str, int]:
    course_id = library.current(reading(), course_key).course_id
    number = request.form.get("number", "")[:100]
    try:
        with writing() as session:
            mentors.add_mentor(session, course_id=course_id, number=number, by=user().person_id, now=clock.now())
    except Invalid as problem:
        return _page(course_key, number, str(problem)), 400
    return redirect(url_for("studio.mentors.show", course_key=course_key, pesan="mentor"), 303)


@bp.post("/<course_key>/mentor/<int:person_id>/hapus")
def remove(course_key: str, person_id: int) -> Response:
    course_id = library.current(reading(), course_key).course_id
    with writing() as session:
        mentors.remove_mentor(
            session, course_id=course_id, person_id=min(person_id, 2**31 - 1), by=user().person_id, now=clock.now()
        )
    return redirect(url_for("studio.mentors.show", course_key=course_key, pesan="mentor-hapus"), 303)
