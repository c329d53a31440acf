"""Courses among the people below: how many take part, how far they come, and where they stop. Pictures with a table behind."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from lms.people.rules import staff_date
from lms.teams import courses
from lms.web import clock, language
from lms.web.extensions import reading
from lms.web.identity import user
from lms.web.team import navigation

bp = Blueprint("courses", __name__)
STEPS = ("Diminta atau ikut", "Sudah mulai", "Sampai setengah", "Selesai")


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    percent: int
    """Of the longest bar."""


@bp.get("/pelatihan")
def index() -> str:
    found = courses.course_list(reading(), user().person_id, staff_date(clock.now()))
    rows = [
        {
            "title": each.title,
            "url": url_for(".show", course_key=each.course_key),
            "label": f"{language.number(each.enrolled)} ikut · {language.number(each.finished)} selesai"
            if each.enrolled
            else "Belum ada yang ikut",
        }
        for each in found
    ]
    return render_template("team/courses/index.html", courses=rows, **navigation.of("courses"))


@bp.get("/pelatihan/<course_key>")
def show(course_key: str) -> str:
    found = courses.course_funnel(reading(), user().person_id, course_key, staff_date(clock.now()))
    return render_template(
        "team/courses/show.html",
        title=found.title,
        people_label=f"{language.number(found.people)} orang",
        steps=_bars(list(zip(STEPS, found.steps, strict=False))),
        learning_label=f"{language.number(found.learning)} orang",
        stops=_bars(found.stops),
        **navigation.of("courses"),
    )


def _bars(rows: list[tuple[str, int]] | tuple[tuple[str, int], ...]) -> list[Bar]:
    longest = max((count for _, count in rows), default=0) or 1
    return [Bar(label, count, round(100 * count / longest)) for label, count in rows]
