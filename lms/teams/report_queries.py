"""SQL of the reports: grouped by the database, so that a report of 20,000 people needs as many statements as one of five."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from lms.content.models import CourseRow
from lms.people import hierarchy
from lms.people.hierarchy import Team
from lms.people.models import Membership, Person, Unit
from lms.people.queries import member_on
from lms.people.types import EmploymentKind, UnitCategory
from lms.progress import jp
from lms.progress.models import Completion, Enrolment, EnrolmentSummary, JpEntry
from lms.progress.types import State
from lms.recognition.siasn import KIND_OF_FORM, TECHNICAL

IN_CHUNK = 500
STRUCTURAL, SEMINARS = 1, (4, 7, 8, 9)
"""Forms by SIASN id."""


@dataclass(frozen=True, slots=True)
class UnitPlace:
    unit_id: int
    parent_id: int | None
    path: str
    name: str
    category: UnitCategory
    time_zone: str


@dataclass(frozen=True, slots=True)
class Day:
    """The day a report is about. `ends`: when it ended, by time zone ("" = elsewhere); empty for today, which has not ended."""

    on: date
    ends: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Split:
    """The lines of a report by unit: a person counts for the one of `units` whose subtree they are in; who works in `top` itself,
    or in no unit, for none of them."""

    units: tuple[int, ...]
    top: int | None


def units_of(session: Session, team: Team) -> list[UnitPlace]:
    """Every unit in the subtrees, by name. One SELECT."""
    columns = (Unit.id, Unit.parent_id, Unit.path, Unit.name, Unit.category, Unit.time_zone)
    wanted = select(*columns).where(hierarchy.below(team.paths)).order_by(Unit.name, Unit.id)
    return [UnitPlace(*row) for row in session.execute(wanted)]


def is_seen(team: Team, on: date) -> ColumnElement[bool]:
    """Condition on `Person`: one of the team on the day. Who came later is not; who was never given a unit is, in the office's view."""
    stay, any_stay = aliased(Membership), aliased(Membership)
    there = select(stay.id).where(stay.person_id == Person.id, stay.from_on <= on, or_(stay.to_on.is_(None), stay.to_on > on))
    never = ~select(any_stay.id).where(any_stay.person_id == Person.id).correlate(Person).exists()
    return and_(hierarchy.is_in_team(team, on), or_(there.correlate(Person).exists(), never))


# ------------------------------------------------------------------ JP


def earned_by(day: Day) -> ColumnElement[bool]:
    """Condition: the ledger row counts in the day's year and its training was finished by then, where the person works (D4)."""
    in_year = and_(JpEntry.year == day.on.year, jp.counted())
    if not day.ends:
        return in_year
    end = case({zone: literal(at, JpEntry.completed_at.type) for zone, at in day.ends.items() if zone}, value=JpEntry.time_zone,
               else_=literal(day.ends[""], JpEntry.completed_at.type))  # fmt: skip
    return and_(in_year, JpEntry.completed_at < end)


def is_outside() -> ColumnElement[bool]:
    """Condition: the JP come from training outside the system (D10), corrections of such rows included."""
    return JpEntry.enrolment_id.is_(None)


def _jp_if(wanted: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((wanted, JpEntry.jp), else_=0)), 0)


def jp_counts(session: Session, team: Team, day: Day, split: Split, kinds: Collection[EmploymentKind]) -> Sequence[Row[Any]]:
    """Rows of (unit_id or None, kind, jp, people, own, outside): how many people of a kind have so many JP, and the sums of JP from
    our courses and from elsewhere. One grouped SELECT."""
    place = _places(split)
    each = (
        select(
            place.c.shown_id, Person.employment_kind, _jp_if(~is_outside()).label("own"), _jp_if(is_outside()).label("outside")
        )
        .select_from(Person)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(day.on)))
        .outerjoin(place, place.c.unit_id == Membership.unit_id)
        .outerjoin(JpEntry, and_(JpEntry.person_id == Person.id, earned_by(day)))
        .where(is_seen(team, day.on), Person.employment_kind.in_(kinds))
        .group_by(Person.id, place.c.shown_id)
        .subquery("each_person")
    )
    total = (each.c.own + each.c.outside).label("jp")
    grouped = (each.c.shown_id, each.c.employment_kind, total)
    wanted = select(
        *grouped, func.count().label("people"), func.sum(each.c.own).label("own"), func.sum(each.c.outside).label("outside")
    )
    return session.execute(wanted.group_by(*grouped).order_by(*grouped)).all()


def _places(split: Split) -> Subquery:
    """(unit id, id of the line it belongs to)."""
    shown = aliased(Unit)
    inside = func.substr(Unit.path, 1, func.length(shown.path)) == shown.path
    return (
        select(Unit.id.label("unit_id"), shown.id.label("shown_id"))
        .join(shown, inside)
        .where(shown.id.in_(split.units), Unit.id != split.top if split.top else true())
        .subquery("place")
    )


# ------------------------------------------------------------------ courses


def enrolment_counts(
    session: Session, team: Team, day: Day, *, split: Split | None = None, course_id: int | None = None
) -> Sequence[Row[Any]]:
    """Rows of (key, is_begun, days, people): how many enrolments of the team stand where. `key` is the course, or with `split` the
    unit; `days` from enrolment to finish, None while unfinished. One grouped SELECT."""
    begun = case((EnrolmentSummary.state == State.NOT_STARTED, 0), else_=1).label("is_begun")
    days = _days(session).label("days")
    statement = select(Enrolment.course_id.label("key"), begun, days, func.count().label("people"))
    if split is not None:
        place = _places(split)
        statement = (
            select(place.c.shown_id.label("key"), begun, days, func.count().label("people"))
            .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(day.on)))
            .outerjoin(place, place.c.unit_id == Membership.unit_id)
        )
    statement = (
        statement.select_from(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(is_seen(team, day.on))
        .group_by("key", "is_begun", "days")
        .order_by("key", "is_begun", "days")
    )
    return session.execute(statement if course_id is None else statement.where(Enrolment.course_id == course_id)).all()


def _days(session: Session) -> Any:
    """Whole days from enrolment to finish."""
    if session.get_bind().dialect.name == "sqlite":
        spent = cast(func.strftime("%s", Completion.completed_at), Integer) - cast(
            func.strftime("%s", Enrolment.enrolled_at), Integer
        )
        return cast(spent / 86400, Integer)
    return cast(func.floor(func.extract("epoch", Completion.completed_at - Enrolment.enrolled_at) / 86400), Integer)


def newest_editions(session: Session, course_ids: Collection[int]) -> dict[int, int]:
    """Course to its current edition's id."""
    wanted = select(CourseRow.id, CourseRow.current_edition_id).where(CourseRow.id.in_(course_ids))
    return {row[0]: row[1] for row in session.execute(wanted) if row[1] is not None}


# ------------------------------------------------------------------ people


def count_people(session: Session, team: Team, day: Day, *conditions: ColumnElement[bool]) -> int:
    wanted = select(func.count()).select_from(Person).where(is_seen(team, day.on), *conditions)
    return session.scalar(wanted) or 0


def people_page(
    session: Session,
    team: Team,
    day: Day,
    figures: Mapping[str, Any],
    conditions: Sequence[ColumnElement[bool]],
    limit: int | None,
    offset: int,
) -> Sequence[Row[Any]]:
    """People by name with their unit on the day and the `figures`, scalar subqueries beside `Person`; `limit` None = all. One SELECT."""
    shown = (
        select(Person.id)
        .where(is_seen(team, day.on), *conditions)
        .order_by(Person.name, Person.id)
        .limit(limit)
        .offset(offset)
        .subquery("shown")
    )
    columns = (
        Person.id,
        Person.nip,
        Person.name,
        Person.title_prefix,
        Person.title_suffix,
        Person.employment_kind,
        Person.position,
    )
    wanted = (
        select(*columns, Unit.name.label("unit_name"), *(value.label(name) for name, value in figures.items()))
        .join(shown, shown.c.id == Person.id)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(day.on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .order_by(Person.name, Person.id)
    )
    return session.execute(wanted).all()


def jp_of_person(day: Day, *conditions: ColumnElement[bool]) -> Any:
    """JP of the `Person` outside, in rows of that kind."""
    wanted = select(func.coalesce(func.sum(JpEntry.jp), 0)).where(JpEntry.person_id == Person.id, earned_by(day), *conditions)
    return wanted.correlate(Person).scalar_subquery()


def finished_by_person(day: Day) -> Any:
    """How many courses the `Person` outside has finished by the day, in any year."""
    mine = select(func.count()).select_from(Enrolment).join(Completion, Completion.enrolment_id == Enrolment.id)
    mine = mine.where(Enrolment.person_id == Person.id)
    if day.ends:
        mine = mine.where(Completion.completed_at < day.ends[""])
    return mine.correlate(Person).scalar_subquery()


# ------------------------------------------------------------------ evidence


def editions_in_ledger(session: Session, year: int) -> list[int]:
    """Editions that earned JP in a year."""
    wanted = select(JpEntry.edition_id).where(JpEntry.year == year, JpEntry.edition_id.is_not(None)).distinct()
    return sorted(session.scalars(wanted))


def evidence(
    session: Session, person_ids: Sequence[int], day: Day, wanted: ColumnElement[bool]
) -> dict[int, list[Row[int, str, int]]]:
    """(person_id, title, jp) of ledger rows of that kind by person, the oldest first."""
    found: dict[int, list[Row[int, str, int]]] = {}
    columns = (JpEntry.person_id, JpEntry.title, JpEntry.jp)
    for start in range(0, len(person_ids), IN_CHUNK):
        mine = JpEntry.person_id.in_(person_ids[start : start + IN_CHUNK])
        rows = select(*columns).where(mine, earned_by(day), wanted).order_by(JpEntry.completed_at, JpEntry.id)
        for row in session.execute(rows):
            found.setdefault(row.person_id, []).append(row)
    return found


def is_technical(managerial: Collection[int]) -> ColumnElement[bool]:
    """Condition: the ledger row is of technical training: by its form, or where the form leaves it open (siasn.KIND_OF_FORM) unless it
    is structural or of a course (editions `managerial`) whose competencies say otherwise."""
    is_open = JpEntry.learning_form.not_in([*KIND_OF_FORM, STRUCTURAL])
    named = [form for form, kind in KIND_OF_FORM.items() if kind == TECHNICAL]
    other = or_(JpEntry.edition_id.is_(None), JpEntry.edition_id.not_in(managerial))
    return or_(JpEntry.learning_form.in_(named), and_(is_open, other))


def is_seminar() -> ColumnElement[bool]:
    """Condition: workshop, sosialisasi, bimtek or seminar."""
    return JpEntry.learning_form.in_(SEMINARS)


def seen_ids(team: Team, on: date, *conditions: ColumnElement[bool]) -> Select[int]:
    """Ids of the team's people, for queries of other capabilities."""
    return select(Person.id).where(is_seen(team, on), *conditions)
