"""Who marks a course beside its authors."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.quizzes import mentors
from lms.web import clock
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.studio.place import published_place

bp = Blueprint("mentors", __name__)


@bp.get("/<key>/mentor")
def show(key: str) -> str:
    return _page(key)


def _page(key: str, number: str = "", error: str | None = None) -> str:
    place, published = published_place(key)
    return render_template(
        "studio/mentors/show.html",
        title=published.outline.title,
        mentors=[
            {
                "name": name,
                "position": position,
                "url": url_for("studio.mentors.remove", key=key, person_id=person_id),
            }
            for person_id, name, position in mentors.mentors(reading(), published.course_id)
        ],
        add_url=url_for("studio.mentors.add", key=key),
        number=number,
        error=error,
        **place.within("mentors"),
    )


@bp.post("/<key>/mentor")
def add(key: str) -> Response | tuple[str, int]:
    course_id = published_place(key)[1].course_id
    number = request.form.get("number", "")[:100]
    try:
        with writing() as session:
            mentors.add_mentor(session, course_id=course_id, number=number, by=user().person_id, now=clock.now())
    except Invalid as problem:
        return _page(key, number, str(problem)), 400
    return redirect(url_for("studio.mentors.show", key=key, pesan="mentor"), 303)


@bp.post("/<key>/mentor/<int:person_id>/hapus")
def remove(key: str, person_id: int) -> Response:
    course_id = published_place(key)[1].course_id
    with writing() as session:
        mentors.remove_mentor(
            session, course_id=course_id, person_id=min(person_id, 2**31 - 1), by=user().person_id, now=clock.now()
        )
    return redirect(url_for("studio.mentors.show", key=key, pesan="mentor-hapus"), 303)
