"""Courses asked of people ("Penugasan pelatihan"): who is asked, by when, and how far that is. Reads; what a page, a reminder and
a count say come from the one condition in requirement_queries."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.content import library
from lms.content.models import CourseRow
from lms.people import hierarchy
from lms.people.hierarchy import Team
from lms.people.models import Membership, Person, Unit
from lms.people.names import display_name
from lms.people.rules import staff_date
from lms.people.settings import agency_settings
from lms.progress import requirement_queries as sql
from lms.progress.models import Requirement
from lms.progress.rules import end_of_day
from lms.progress.types import Asked, Audience, RequirementRow

_ON = bindparam("on", type_=Membership.from_on.type)
_MAKER = aliased(Person, name="maker")


def _rows() -> Select[*tuple[Any, ...]]:
    columns = (
        Requirement.id.label("requirement_id"),
        Person.id.label("person_id"),
        Requirement.course_id,
        CourseRow.key,
        CourseRow.current_edition_id,
        *(getattr(_MAKER, name) for name in ("title_prefix", "name", "title_suffix", "position")),
        Requirement.note,
        sql.due_on().label("due_on"),
        sql.OWN_UNIT.time_zone,
        sql.has_finished(Requirement.course_id).label("is_finished"),
    )
    return sql.asked(_ON, *columns).join(_MAKER, _MAKER.id == Requirement.made_by)


_OF_PEOPLE = (
    _rows().where(Person.id.in_(bindparam("people", expanding=True))).order_by(Person.id, sql.due_on(), Requirement.id)
)  # built once: home and every course page read it


def of_person(session: Session, person_id: int, now: datetime) -> list[Asked]:
    """What one person is asked now, what is due first in front; finished courses too. One SELECT."""
    return of_people(session, [person_id], now)


def of_people(session: Session, person_ids: Collection[int], now: datetime) -> list[Asked]:
    """What these people are asked now, by person id and then by due day. One SELECT, for some hundred people at most."""
    values = {"on": staff_date(now), "people": list(person_ids)}
    return _asked(session, session.connection().execute(_OF_PEOPLE, values))


def first_of_each_course(rows: Iterable[Asked]) -> list[Asked]:
    """Rows of one person with a course asked twice named once, by its earlier day, and finished courses left out."""
    found: dict[int, Asked] = {}
    for row in rows:
        if not row.is_finished:
            found.setdefault(row.course_id, row)
    return list(found.values())


def _asked(session: Session, rows: Iterable[Row[Any]]) -> list[Asked]:
    rows = list(rows)
    agency_zone = "" if all(row.time_zone for row in rows) else agency_settings(session).time_zone
    return [
        Asked(
            requirement_id=row.requirement_id,
            person_id=row.person_id,
            course_id=row.course_id,
            course_key=row.key,
            edition_id=row.current_edition_id,
            asked_by=display_name(row.title_prefix, row.name, row.title_suffix),
            post=row.position,
            note=row.note,
            due_on=row.due_on,
            time_zone=row.time_zone or agency_zone,
            due_at=end_of_day(row.due_on, row.time_zone or agency_zone),
            is_finished=bool(row.is_finished),
        )
        for row in rows
    ]


# ------------------------------------------------------------------ for those who ask


def preview(session: Session, audience: Audience, course_id: int, team: Team, on: date) -> tuple[int, int]:
    """(how many people a rule would ask today, how many of them have finished already), of those in the team. One SELECT."""
    finished = func.sum(case((sql.has_finished(course_id), 1), else_=0))
    wanted = sql.asked_by_rule(on, audience, func.count(Person.id), finished).where(hierarchy.is_in_team(team, on))
    row = session.execute(wanted).one()
    return row[0], int(row[1] or 0)


def is_managed(team: Team, viewer_id: int) -> ColumnElement[bool]:
    """Condition on `Requirement` beside its outer-joined `Unit`: the viewer may see and end it. Requirements belong to the unit they
    ask, so a successor finds those of the predecessor; those without a unit belong to who made them, and all to the office."""
    if team == hierarchy.EVERYBODY:
        return Requirement.id.is_not(None)
    return or_(hierarchy.below(team.paths), (Requirement.unit_id.is_(None)) & (Requirement.made_by == viewer_id))


def requirements_of(
    session: Session, viewer_id: int, team: Team, on: date, *, page: int = 1, limit: int = 10
) -> tuple[list[RequirementRow], int]:
    """(one page of the requirements that a superior manages, how many there are): running ones first by their day, then ended
    ones, the last ended first. Four SELECTs."""
    mine = select(Requirement.id).outerjoin(Unit, Unit.id == Requirement.unit_id).where(is_managed(team, viewer_id))
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    wanted = (
        select(Requirement, Unit.name.label("unit_name"), CourseRow, _MAKER)
        .join(CourseRow, CourseRow.id == Requirement.course_id)
        .join(_MAKER, _MAKER.id == Requirement.made_by)
        .outerjoin(Unit, Unit.id == Requirement.unit_id)
        .where(is_managed(team, viewer_id))
        .order_by(
            Requirement.ended_at.is_not(None),
            case((Requirement.ended_at.is_(None), Requirement.due_on)),
            Requirement.ended_at.desc(),
            Requirement.id.desc(),
        )
        .limit(limit)
        .offset((max(1, page) - 1) * limit)
    )
    rows = session.execute(wanted).all()
    counts = _progress(session, [row.Requirement.id for row in rows], team, on)
    editions = library.by_ids(session, [row.CourseRow.current_edition_id for row in rows if row.CourseRow.current_edition_id])
    return [
        _requirement(row, editions[row.CourseRow.current_edition_id].outline.title, counts.get(row.Requirement.id, (0, 0)))
        for row in rows
    ], total


def _progress(session: Session, ids: Collection[int], team: Team, on: date) -> dict[int, tuple[int, int]]:
    """(asked, finished) by requirement id, of the people in the team. One SELECT."""
    finished = func.sum(case((sql.has_finished(Requirement.course_id), 1), else_=0))
    wanted = sql.asked(on, Requirement.id, func.count(), finished).where(Requirement.id.in_(ids), hierarchy.is_in_team(team, on))
    return {row[0]: (row[1], int(row[2])) for row in session.execute(wanted.group_by(Requirement.id))}


def _requirement(row: Any, title: str, counts: tuple[int, int]) -> RequirementRow:
    kept, course, maker = row.Requirement, row.CourseRow, row[3]
    return RequirementRow(
        requirement_id=kept.id,
        course_key=course.key,
        title=title,
        asked_by=display_name(maker.title_prefix, maker.name, maker.title_suffix),
        audience=Audience(kept.unit_id, kept.unit_category, kept.employment_kind, kept.position_words),
        is_personal=kept.is_personal,
        unit_name=row.unit_name or "",
        due_on=kept.due_on,
        note=kept.note,
        ended_at=kept.ended_at,
        is_closed=course.retired_at is not None,
        asked=counts[0],
        finished=counts[1],
    )
