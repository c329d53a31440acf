"""One course among the people below: how many of those asked or enrolled began, came half way and finished, and where people stop."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.people import hierarchy
from lms.people.hierarchy import Team
from lms.people.models import Person
from lms.progress import requirement_queries as required
from lms.progress.models import Enrolment, EnrolmentSummary, Requirement
from lms.progress.types import State
from lms.teams.queries import require_team
from lms.teams.rules import SMALLEST_GROUP

HALF = 50


@dataclass(frozen=True, slots=True)
class CourseFigures:
    """One offered course in the list: people below who are enrolled, and who have finished."""

    course_key: str
    title: str
    enrolled: int
    finished: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """`steps`: asked or enrolled, begun, half way, finished; `stops`: (title, people) where open learners stand, in the order of the
    course. Both are empty for fewer than five people (D60)."""

    title: str
    people: int
    steps: tuple[int, ...]
    learning: int
    stops: tuple[tuple[str, int], ...]


def course_list(session: Session, person_id: int, on: date) -> list[CourseFigures]:
    """Everything on offer, by title, with how many people below take part."""
    team = require_team(session, person_id, on)
    done = func.sum(case((EnrolmentSummary.state == State.DONE, 1), else_=0))
    wanted = _summaries(Enrolment.course_id, func.count(), done).where(_below(team, person_id, on)).group_by(Enrolment.course_id)
    counts = {row[0]: (row[1], int(row[2])) for row in session.execute(wanted)}
    return [
        CourseFigures(each.course_key, each.outline.title, *counts.get(each.course_id, (0, 0)))
        for each in library.catalogue(session)
    ]


def course_funnel(session: Session, person_id: int, course_key: str, on: date) -> Funnel:
    """The funnel of a course. NotFound for a course that does not exist. Two SELECTs over the people."""
    team = require_team(session, person_id, on)
    published = library.current(session, course_key)
    in_course = and_(Enrolment.course_id == published.course_id, _below(team, person_id, on))
    columns = (EnrolmentSummary.state, EnrolmentSummary.percent >= HALF, EnrolmentSummary.next_key)
    rows = session.execute(_summaries(*columns, func.count()).where(in_course).group_by(*columns)).all()
    enrolled = exists().where(Enrolment.person_id == Person.id, Enrolment.course_id == published.course_id)
    waiting = required.asked(on, func.count(distinct(Person.id))).where(
        Requirement.course_id == published.course_id, _below(team, person_id, on), ~enrolled.correlate(Person)
    )
    people = sum(row[3] for row in rows) + (session.scalar(waiting) or 0)
    begun = sum(row[3] for row in rows if row[0] is not State.NOT_STARTED)
    half = sum(row[3] for row in rows if row[0] is State.DONE or row[1])
    finished = sum(row[3] for row in rows if row[0] is State.DONE)
    stops: dict[str, int] = {}
    for row in rows:
        if row[0] is State.IN_PROGRESS:
            stops[row[2]] = stops.get(row[2], 0) + row[3]
    learning = begun - finished
    places = [(item.title, stops.pop(item.key)) for item in published.outline.items if item.key in stops]
    if stops:
        places.append(("Materi edisi sebelumnya", sum(stops.values())))
    return Funnel(
        title=published.outline.title,
        people=people,
        steps=(people, begun, half, finished) if people >= SMALLEST_GROUP else (),
        learning=learning,
        stops=tuple(places) if learning >= SMALLEST_GROUP else (),
    )


def _summaries(*columns: Any) -> Select[*tuple[Any, ...]]:
    statement = select(*columns).select_from(Enrolment).join(Person, Person.id == Enrolment.person_id)
    return statement.join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)


def _below(team: Team, person_id: int, on: date) -> ColumnElement[bool]:
    return and_(hierarchy.is_in_team(team, on), Person.id != person_id)
