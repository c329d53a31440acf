"""What is published, since when, and how many learn with it."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from lms.content import library
from lms.progress import queries
from lms.web import language
from lms.web.extensions import reading
from lms.web.identity import user
from lms.web.studio import navigation

bp = Blueprint("courses", __name__)
EDITIONS_SHOWN = 5


@dataclass(frozen=True)
class CourseRow:
    url: str
    title: str
    key: str
    jp_label: str
    enrolled: int
    finished: int
    questions: int
    editions: list[str]


@bp.get("")
def index() -> str:
    who = user()
    session = reading()
    counts = queries.course_counts(session)
    rows = []
    for published in library.catalogue(session):
        enrolled, finished = counts.get(published.course_id, (0, 0))
        history = [
            f"Edisi {each.number}.{each.revision} · {language.date_and_time(each.published_at, who.time_zone)}"
            for each in library.editions(session, published.course_id)[:EDITIONS_SHOWN]
        ]
        rows.append(
            CourseRow(
                url_for("learn.courses.show", course_key=published.course_key),
                published.outline.title,
                published.course_key,
                f"{published.outline.jp} JP",
                enrolled,
                finished,
                len(library.version_ids(session, published.edition_id)),
                history,
            )
        )
    return render_template(
        "studio/courses/index.html",
        courses=rows,
        surface_name=navigation.SURFACE,
        surface_nav=navigation.ALL,
        active_nav="courses",
    )
