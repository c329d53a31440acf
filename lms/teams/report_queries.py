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
    and_,
    case,
    cast,
    func,
    join,
    literal,
    or_,
    select,
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


def units_of(session: Session, team: Team) -> list[UnitPlace]:
    """Every unit in the subtrees, by name. One SELECT."""
    columns = (Unit.id, Unit.parent_id, Unit.path, Unit.name, Unit.category, Unit.time_zone)
    wanted = select(*columns).where(hierarchy.below(team.paths)).order_by(Unit.name, Unit.id)
    return [UnitPlace(*row) for row in session.execute(wanted)]


def people_on(team: Team, on: date) -> tuple[Any, ColumnElement[bool]]:
    """(`Person` with the membership of the day beside it, condition: one of the team on that day). Who came later is not; who was
    never given a unit is, in the office's view."""
    any_stay = aliased(Membership)
    never = ~select(any_stay.id).where(any_stay.person_id == Person.id).correlate(Person).exists()
    joined = join(Person, Membership, and_(Membership.person_id == Person.id, member_on(on)), isouter=True)
    return joined, and_(hierarchy.is_in_team(team, on), or_(Membership.id.is_not(None), never))


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


def jp_counts(session: Session, team: Team, day: Day, kinds: Collection[EmploymentKind]) -> Sequence[Row[Any]]:
    """Rows of (unit_id or None, employment_kind, jp, people, own, outside): how many people of a kind have so many JP in a unit, and
    the sums of JP from our courses and from elsewhere. One grouped SELECT."""
    people, is_seen = people_on(team, day.on)
    each = (
        select(
            Membership.unit_id,
            Person.employment_kind,
            _jp_if(~is_outside()).label("own"),
            _jp_if(is_outside()).label("outside"),
        )
        .select_from(people)
        .outerjoin(JpEntry, and_(JpEntry.person_id == Person.id, earned_by(day)))
        .where(is_seen, Person.employment_kind.in_(kinds))
        .group_by(Person.id, Membership.unit_id)
        .subquery("each_person")
    )
    total = (each.c.own + each.c.outside).label("jp")
    grouped = (each.c.unit_id, each.c.employment_kind, total)
    wanted = select(
        *grouped, func.count().label("people"), func.sum(each.c.own).label("own"), func.sum(each.c.outside).label("outside")
    )
    return session.execute(wanted.group_by(*grouped).order_by(*grouped)).all()


# ------------------------------------------------------------------ courses


def enrolment_counts(session: Session, team: Team, day: Day, course_id: int | None = None) -> Sequence[Row[Any]]:
    """Rows of (key, is_begun, days, people): how many enrolments of the team stand where. `key` is the course, or for one course the
    unit; `days` from enrolment to finish, None while unfinished. One grouped SELECT."""
    begun = case((EnrolmentSummary.state == State.NOT_STARTED, 0), else_=1).label("is_begun")
    days = _days(session).label("days")
    people, is_seen = people_on(team, day.on)
    key = Enrolment.course_id if course_id is None else Membership.unit_id
    statement = (
        select(key.label("key"), begun, days, func.count().label("people"))
        .select_from(people)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(is_seen)
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
    people, is_seen = people_on(team, day.on)
    return session.scalar(select(func.count()).select_from(people).where(is_seen, *conditions)) or 0


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
    people, is_seen = people_on(team, day.on)
    shown = (
        select(Person.id, Membership.unit_id)
        .select_from(people)
        .where(is_seen, *conditions)
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
        .outerjoin(Unit, Unit.id == shown.c.unit_id)
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
    people, is_seen = people_on(team, on)
    return select(Person.id).select_from(people).where(is_seen, *conditions)
