"""SQL of the supervisor's page. Statements are built once for each shape of question and filled with values at each use, because
building one costs ten times as much as running it. `Reach` and `words` say how many there are; their values are `path_0`, `word_0` …
"""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, exists, false, func, or_, select

from lms.people import queries as people
from lms.people.models import Membership, Person, Unit
from lms.people.types import EmploymentKind
from lms.progress import jp
from lms.progress import queries as progress
from lms.progress import requirement_queries as required
from lms.progress.models import Bookmark, Completion, Enrolment, EnrolmentSummary, JpEntry, Requirement
from lms.progress.types import State
from lms.recognition.models import Recognition
from lms.teams.types import Group, Order

_ON = bindparam("on", type_=Membership.from_on.type)
_SINCE = bindparam("since", type_=Completion.completed_at.type)


_SOON = bindparam("soon", type_=Requirement.due_on.type)


UNITS_AT = select(Unit.id, Unit.name, Unit.path).where(Unit.path.in_(bindparam("paths", expanding=True))).order_by(Unit.path)


class Reach(NamedTuple):
    """Which people a statement is about."""

    paths: int
    """How many subtrees."""
    has_named: bool = False
    """Also people named to the superior by hand: `named`."""
    is_direct: bool = False
    """Only members of the units at the top of the subtrees, and heads of the units one step below."""


def _subtree(reach: Reach, column: Any = Unit.path) -> ColumnElement[bool]:
    """A path holds digits and slashes only, so nothing in it needs escaping."""
    tops = [bindparam(f"path_{place}", type_=Unit.path.type) for place in range(reach.paths)]
    return or_(false(), *(column.startswith(top) for top in tops))


def _is_placed(reach: Reach) -> ColumnElement[bool]:
    """Condition on `Membership`: of a unit in reach."""
    inside = Membership.unit_id.in_(select(Unit.id).where(_subtree(reach)))
    if not reach.is_direct:
        return inside
    tops = select(Unit.id).where(or_(false(), *(Unit.path == bindparam(f"path_{place}") for place in range(reach.paths))))
    leaders = select(Unit.head_id).where(Unit.parent_id.in_(tops), Unit.head_id.is_not(None))
    return and_(inside, or_(Membership.unit_id.in_(tops), Membership.person_id.in_(leaders)))


def _in_scope() -> ColumnElement[bool]:
    return and_(people.employed_on(_ON), Person.id != bindparam("head"))


def _is_member(reach: Reach, *, by_name: bool = False) -> ColumnElement[bool]:
    """Condition on `Person`: below the head on the date. `by_name`: as EXISTS, so that a page is read along the index of names."""
    inside = select(Membership.person_id).where(people.member_on(_ON), _is_placed(reach))
    mine = (
        inside.where(Membership.person_id == Person.id).correlate(Person).exists()
        if by_name
        else Person.id.in_(inside.correlate(None))
    )
    return or_(mine, Person.id.in_(bindparam("named", expanding=True))) if reach.has_named else mine


def _enrolments(by_course: bool, column: Any = Enrolment.id) -> Select[Any]:
    """`column` of the enrolments of the `Person` outside, in the chosen course or in all."""
    mine = select(column).select_from(Enrolment).where(Enrolment.person_id == Person.id).correlate(Person)
    return mine.where(Enrolment.course_id == bindparam("course")) if by_course else mine


def _sign(group: Group, by_course: bool, *, is_unthanked: bool = False) -> Any:
    """What puts the `Person` outside into a group, the most urgent of it; NULL for people who are not in it. The same as
    rules.groups_of, for the database. `is_unthanked`: of what was finished only what the head has not thanked for."""
    if group is Group.DUE:
        day = required.asked(_ON, func.min(required.due_on()), beside_person=True)
        day = day.where(Requirement.due_on <= _SOON, required.due_on() <= _SOON, ~required.has_finished(Requirement.course_id))
        return (day.where(Requirement.course_id == bindparam("course")) if by_course else day).scalar_subquery()
    if group is Group.FINISHED:
        finished = _enrolments(by_course, func.max(Completion.completed_at))
        finished = finished.join(Completion, Completion.enrolment_id == Enrolment.id).where(Completion.completed_at >= _SINCE)
        thanked = exists().where(
            Recognition.person_id == Enrolment.person_id,
            Recognition.course_id == Enrolment.course_id,
            Recognition.given_by == bindparam("head"),
        )
        return (finished.where(~thanked) if is_unthanked else finished).scalar_subquery()
    quiet = _enrolments(by_course, func.min(EnrolmentSummary.last_activity_at))
    quiet = quiet.join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id).outerjoin(Bookmark, _own_bookmark())
    return quiet.where(
        EnrolmentSummary.state == State.IN_PROGRESS,
        EnrolmentSummary.last_activity_at < _SINCE,
        or_(Bookmark.set_at.is_(None), Bookmark.set_at < _SINCE),
    ).scalar_subquery()


def _in_group(group: Group, by_course: bool) -> ColumnElement[bool]:
    if group is not Group.NOT_BEGUN:
        sign: ColumnElement[Any] = _sign(group, by_course)
        return sign.is_not(None)
    summary = _enrolments(by_course).join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
    return ~summary.where(EnrolmentSummary.state != State.NOT_STARTED).exists()


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
def count_members(reach: Reach, by_course: bool, groups: tuple[Group, ...]) -> Select[*tuple[Any, ...]]:
    """One grouped SELECT over everybody in view, by kind of employment because the target goes by it."""
    each = (
        select(
            Person.employment_kind.label("kind"),
            _jp().label("jp"),
            *(case((_in_group(group, by_course), 1), else_=0).label(group.value) for group in groups),
        )
        .where(_is_member(reach), _in_scope())
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
            *(func.sum(each.c[group.value]) for group in groups),
        )
        .group_by(each.c.kind)
        .order_by(each.c.kind)
    )


@lru_cache(maxsize=64)
def count_matches(reach: Reach, words: int, group: Group | None, by_course: bool) -> Select[int]:
    matching = select(func.count()).select_from(Person)
    return matching.where(_is_member(reach), _in_scope(), *_matches(words, group, by_course))


@lru_cache(maxsize=32)
def first_of_group(reach: Reach, group: Group) -> Select[int, int]:
    """(id, how many there are) of the people of a group who need a word first: quiet the longest, due the earliest, finished last
    and not thanked yet."""
    sign = _sign(group, False, is_unthanked=True)
    found = select(Person.id, Person.name, sign.label("sign")).where(_is_member(reach), _in_scope()).cte("found")
    found = found.prefix_with("MATERIALIZED")  # else the sign is worked out once to choose and once to sort
    first = found.c.sign.desc() if group is Group.FINISHED else found.c.sign
    wanted = select(found.c.id, func.count().over()).where(found.c.sign.is_not(None)).order_by(first, found.c.name, found.c.id)
    return wanted.limit(bindparam("limit", type_=Integer()))


@lru_cache(maxsize=128)
def page_of_members(
    reach: Reach, words: int, group: Group | None, by_course: bool, order: Order, is_large: bool
) -> Select[*tuple[Any, ...]]:
    """One page of people. A large unit is read along the index of names until the page is full, a small one is gathered and
    sorted: either way the cost of the first page does not grow with the unit or the agency."""
    by_name = (Person.name, Person.id)
    sorting: tuple[Any, ...] = by_name
    if order is Order.FEWEST_JP:
        sorting = (_jp(), *by_name)
    elif order is Order.DUE:
        due = _sign(Group.DUE, by_course)
        sorting = (due.is_(None), due, *by_name)
    shown = (
        select(Person.id.label("id"))
        .where(_is_member(reach, by_name=is_large), _in_scope(), *_matches(words, group, by_course))
        .order_by(*sorting)
        .limit(bindparam("limit", type_=Integer()))
        .offset(bindparam("offset", type_=Integer()))
        .subquery("shown")
    )
    return _members().join(shown, shown.c.id == Person.id).order_by(*sorting)


@lru_cache(maxsize=32)
def members_by_id(reach: Reach) -> Select[*tuple[Any, ...]]:
    """Those of the people `ids` who are still below the head."""
    return _members().where(Person.id.in_(bindparam("ids", expanding=True)), _is_member(reach, by_name=True), _in_scope())


def _members() -> Select[*tuple[Any, ...]]:
    """What a row shows of a person. Somebody named by hand may have no unit."""
    return (
        select(
            Person.id,
            Person.name,
            Person.title_prefix,
            Person.title_suffix,
            Person.employment_kind,
            Person.position,
            func.coalesce(Unit.name, "").label("unit_name"),
            _jp().label("jp"),
        )
        .select_from(Person)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, people.member_on(_ON)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
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
