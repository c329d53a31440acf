"""What one's post asks for, what is on record, and which courses lead further (D13, D15)."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from lms.content import library
from lms.people import queries as people
from lms.progress import queries
from lms.progress.competencies import Standing, levels, standings
from lms.web import clock
from lms.web.claims import rules_today
from lms.web.extensions import reading
from lms.web.identity import user
from lms.web.learn.shapes import Link

bp = Blueprint("competencies", __name__)


@dataclass(frozen=True)
class Row:
    """One competency, as the page shows it."""

    name: str
    url: str
    """Of the courses for it, in the catalogue."""
    asked: str
    state_label: str
    state_kind: str
    courses: list[Link]


@bp.get("/kompetensi")
def index() -> str:
    who = user()
    session = reading()
    position = people.identity(session, who.person_id, clock.today(who.time_zone)).position
    mine = queries.my_courses(session, who.person_id)
    leading: dict[str, list[tuple[int, Link]]] = {}
    for published in library.catalogue(session):
        outline = published.outline
        for code, level in levels(outline.competencies).items():
            url = url_for("learn.courses.show", course_key=outline.key)
            link = Link(url, outline.title, place=f"level {level}", meta=f"{outline.jp} JP")
            leading.setdefault(code, []).append((level, link))
    known = sorted(standings(rules_today(), position, mine), key=lambda each: not each.is_open)
    rows = [_row(each, [link for level, link in leading.get(each.code, []) if level > each.reached]) for each in known]
    return render_template("learn/competencies/index.html", position=position, rows=rows, active_nav="home")


def _row(standing: Standing, courses: list[Link]) -> Row:
    return Row(
        standing.name,
        url_for("learn.catalogue.index", kompetensi=standing.code),
        f"Diperlukan level {standing.required}, tercatat level {standing.reached}."
        if standing.reached
        else f"Diperlukan level {standing.required}, belum ada pelatihan yang tercatat.",
        "Kesenjangan" if standing.is_open else "Terpenuhi",
        "ingat" if standing.is_open else "baik",
        courses if standing.is_open else [],
    )
