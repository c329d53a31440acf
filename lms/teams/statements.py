"""SQL of the supervisor's page. Statements are built once for each shape of question and filled with values at each use, because
building one costs ten times as much as running it. `paths` and `words` say how many there are; their values are `path_0`, `word_0` …
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, false, func, or_, select

from lms.people import queries as people
from lms.people.models import Membership, Person, Unit
from lms.people.types import EmploymentKind
from lms.progress import jp
from lms.progress import queries as progress
from lms.progress.models import Bookmark, Completion, Enrolment, EnrolmentSummary, JpEntry
from lms.progress.types import State
from lms.teams.types import Group, Order

_ON = bindparam("on", type_=Membership.from_on.type)
_SINCE = bindparam("since", type_=Completion.completed_at.type)


def _unit_ids(paths: int) -> Select[int]:
    """Ids of the units in that many subtrees. A path holds digits and slashes only, so nothing in it needs escaping."""
    inside = (Unit.path.startswith(bindparam(f"path_{place}", type_=Unit.path.type)) for place in range(paths))
    return select(Unit.id).where(or_(false(), *inside))


def _in_scope() -> ColumnElement[bool]:
    return and_(people.employed_on(_ON), Person.id != bindparam("head"))


def _is_member(paths: int) -> ColumnElement[bool]:
    """Beside `Person`: below the head on the date. As EXISTS, so that a page is read along the index of names."""
    inside = select(Membership.id).where(Membership.person_id == Person.id, people.member_on(_ON))
    return inside.where(Membership.unit_id.in_(_unit_ids(paths))).correlate(Person).exists()


def _enrolments(by_course: bool) -> Select[int]:
    """Ids of the enrolments of the `Person` outside, in the chosen course or in all."""
    mine = select(Enrolment.id).where(Enrolment.person_id == Person.id).correlate(Person)
    return mine.where(Enrolment.course_id == bindparam("course")) if by_course else mine


def _in_group(group: Group, by_course: bool) -> ColumnElement[bool]:
    """The same as rules.groups_of, for the database."""
    if group is Group.FINISHED:
        finished = _enrolments(by_course).join(Completion, Completion.enrolment_id == Enrolment.id)
        return finished.where(Completion.completed_at >= _SINCE).exists()
    summary = _enrolments(by_course).join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
    if group is Group.NOT_BEGUN:
        return ~summary.where(EnrolmentSummary.state != State.NOT_STARTED).exists()
    quiet = summary.outerjoin(Bookmark, _own_bookmark()).where(
        EnrolmentSummary.state == State.IN_PROGRESS,
        EnrolmentSummary.last_activity_at < _SINCE,
        or_(Bookmark.set_at.is_(None), Bookmark.set_at < _SINCE),
    )
    return quiet.exists()


def _own_bookmark() -> ColumnElement[bool]:
    return and_(Bookmark.person_id == Enrolment.person_id, Bookmark.course_id == Enrolment.course_id)


def _jp() -> Any:
    """JP of the `Person` outside in the year."""
    return (
        select(func.coalesce(func.sum(JpEntry.jp), 0))
        .where(JpEntry.person_id == Person.id, JpEntry.year == bindparam("year"), jp.counted())
        .correlate(Person)
        .scalar_subquery()
    )


def _matches(words: int, group: Group | None, by_course: bool) -> list[ColumnElement[bool]]:
    """Name and group, when they were asked for."""
    named: list[ColumnElement[bool]] = [
        func.lower(Person.name).like(bindparam(f"word_{place}"), escape="/") for place in range(words)
    ]
    return named if group is None else [*named, _in_group(group, by_course)]


@lru_cache(maxsize=32)
def count_members(paths: int, by_course: bool) -> Select[*tuple[Any, ...]]:
    """One grouped SELECT over everybody in view, by kind of employment because the target goes by it."""
    each = (
        select(
            Person.employment_kind.label("kind"),
            _jp().label("jp"),
            *(case((_in_group(group, by_course), 1), else_=0).label(group.value) for group in Group),
        )
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id.in_(_unit_ids(paths)), people.member_on(_ON), _in_scope())
        .cte("each_person")
        .prefix_with("MATERIALIZED")  # else each use of the JP below reads the ledger again
    )
    targets = {kind: bindparam(f"target_{kind.value}", type_=JpEntry.jp.type) for kind in EmploymentKind}
    enough = or_(*(and_(each.c.kind == kind, target > 0, each.c.jp >= target) for kind, target in targets.items()))
    return (
        select(
            each.c.kind,
            func.count(),
            func.sum(case((enough, 1), else_=0)),
            func.sum(each.c.jp),
            *(func.sum(each.c[group.value]) for group in Group),
        )
        .group_by(each.c.kind)
        .order_by(each.c.kind)
    )


@lru_cache(maxsize=64)
def count_matches(paths: int, words: int, group: Group | None, by_course: bool) -> Select[int]:
    return (
        select(func.count())
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id.in_(_unit_ids(paths)), people.member_on(_ON), _in_scope(), *_matches(words, group, by_course))
    )


@lru_cache(maxsize=128)
def page_of_members(
    paths: int, words: int, group: Group | None, by_course: bool, order: Order, is_large: bool
) -> Select[*tuple[Any, ...]]:
    """One page of people. A large unit is read along the index of names until the page is full, a small one is gathered and
    sorted: either way the cost of the first page does not grow with the unit or the agency."""
    by_name = (Person.name, Person.id)
    sorting = by_name if order is Order.NAME else (_jp(), *by_name)
    inside = select(Membership.person_id).where(Membership.unit_id.in_(_unit_ids(paths)), people.member_on(_ON))
    shown = (
        select(Person.id.label("id"))
        .where(_is_member(paths) if is_large else Person.id.in_(inside), _in_scope(), *_matches(words, group, by_course))
        .order_by(*sorting)
        .limit(bindparam("limit", type_=Integer()))
        .offset(bindparam("offset", type_=Integer()))
        .subquery("shown")
    )
    return (
        select(
            Person.id,
            Person.name,
            Person.title_prefix,
            Person.title_suffix,
            Person.employment_kind,
            Person.position,
            Unit.name.label("unit_name"),
            _jp().label("jp"),
        )
        .join(shown, shown.c.id == Person.id)
        .join(Membership, and_(Membership.person_id == Person.id, people.member_on(_ON)))
        .join(Unit, Unit.id == Membership.unit_id)
        .order_by(*sorting)
    )


@lru_cache(maxsize=2)
def courses_of_people(by_course: bool) -> Select[*tuple[Any, ...]]:
    statement = (
        select(
            Enrolment.person_id,
            progress.newest_revision().label("edition_id"),
            EnrolmentSummary.state,
            EnrolmentSummary.percent,
            EnrolmentSummary.last_activity_at,
            Bookmark.set_at,
            Completion.completed_at,
        )
        .join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
        .outerjoin(Bookmark, _own_bookmark())
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id.in_(bindparam("people", expanding=True)))
        .order_by(EnrolmentSummary.last_activity_at.desc(), Enrolment.id.desc())
    )
    return statement.where(Enrolment.course_id == bindparam("course")) if by_course else statement
