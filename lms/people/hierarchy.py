"""Who stands below whom on a date (R4, D27, D28): heads, those who act for them, superiors named by hand. Read by every report."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from lms.people.models import ActingHead, Membership, NamedSuperior, Person, Unit
from lms.people.names import display_name
from lms.people.queries import employed_on, holds_on, member_on, person_row
from lms.people.types import MemberRow, PersonRow, Superior, SuperiorSource, UnitRow

_PERSON = bindparam("person", type_=Person.id.type)
_ON = bindparam("on", type_=Membership.from_on.type)
_HEADED = (
    select(Unit.path)
    .where(
        or_(
            Unit.head_id == _PERSON,
            Unit.id.in_(select(ActingHead.unit_id).where(ActingHead.person_id == _PERSON, holds_on(ActingHead, _ON))),
        )
    )
    .order_by(Unit.path)
)
_NAMED = (
    select(NamedSuperior.person_id)
    .join(Person, Person.id == NamedSuperior.person_id)
    .where(NamedSuperior.superior_id == _PERSON, holds_on(NamedSuperior, _ON), employed_on(_ON))
    .distinct()
    .order_by(NamedSuperior.person_id)
)
_PEOPLE: BindParameter[Any] = bindparam("people", expanding=True)
_UNITS: BindParameter[Any] = bindparam("units", expanding=True)
_PATHS = (
    select(Membership.person_id, Unit.path)
    .join(Unit, Membership.unit_id == Unit.id)
    .where(Membership.person_id.in_(_PEOPLE), member_on(_ON))
    .order_by(Membership.person_id)
)
_ACTING = (
    select(ActingHead.unit_id, Person.id.label("person_id"), ActingHead.kind)
    .join(Person, Person.id == ActingHead.person_id)
    .where(ActingHead.unit_id.in_(_UNITS), holds_on(ActingHead, _ON), employed_on(_ON))
    .order_by(ActingHead.from_on.desc(), ActingHead.id.desc())
)
_HEADS = (
    select(Unit.id, Person.id.label("person_id"))
    .join(Person, Person.id == Unit.head_id)
    .where(Unit.id.in_(_UNITS), employed_on(_ON))
    .order_by(Unit.id)
)
_NAMED_FOR = (
    select(NamedSuperior.person_id, NamedSuperior.superior_id)
    .join(Person, Person.id == NamedSuperior.superior_id)
    .where(NamedSuperior.person_id.in_(_PEOPLE), holds_on(NamedSuperior, _ON), employed_on(_ON))
    .order_by(NamedSuperior.from_on, NamedSuperior.id)
)  # all built once: every page of a superior begins with them


def headed_unit_paths(session: Session, person_id: int, on: date) -> list[str]:
    """Paths of the units a person heads, or acts as head of (Plt, Plh) on a date, in order; units inside another are left out."""
    paths = session.connection().execute(_HEADED, {"person": person_id, "on": on}).scalars().all()
    return [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]


def named_below(session: Session, person_id: int, on: date) -> list[int]:
    """People whose superior this person was made by hand on a date (D27), by id: seen beside the subtrees of `headed_unit_paths`."""
    return list(session.connection().execute(_NAMED, {"person": person_id, "on": on}).scalars())


@dataclass(frozen=True, slots=True)
class Team:
    """Whom somebody may see and ask: everybody in the subtrees, and people named to them by hand."""

    paths: tuple[str, ...]
    named: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.paths or self.named)


EVERYBODY = Team(("/",))
"""The administrator's: every unit lies below "/"."""


def team_of(session: Session, person_id: int, on: date) -> Team:
    """Whom a person may see on a date; false for somebody who heads nothing. Two SELECTs."""
    return Team(tuple(headed_unit_paths(session, person_id, on)), tuple(named_below(session, person_id, on)))


def is_in_team(team: Team, on: date) -> ColumnElement[bool]:
    """Condition on `Person`: seen by the team's superior on a date. Everybody includes people without a unit."""
    if team == EVERYBODY:
        return employed_on(on)
    inside = select(Membership.person_id).join(Unit, Unit.id == Membership.unit_id).where(below(team.paths), member_on(on))
    return and_(employed_on(on), or_(Person.id.in_(inside), Person.id.in_(team.named)))


def sees(session: Session, team: Team, person_id: int, on: date) -> bool:
    """Whether one person is in the team on a date."""
    return session.execute(select(Person.id).where(Person.id == person_id, is_in_team(team, on))).first() is not None


def find_units(session: Session, team: Team, text: str, *, limit: int = 50) -> list[UnitRow]:
    """Units of the team whose name has every word typed, the highest first, then by name."""
    columns = (Unit.id, Unit.parent_id, Unit.path, Unit.name, Unit.category, Unit.time_zone, Unit.head_id, Unit.code)
    wanted = select(*columns).where(below(team.paths), *(Unit.name.icontains(word, autoescape=True) for word in text.split()[:8]))
    depth = func.length(Unit.path) - func.length(func.replace(Unit.path, "/", ""))
    return [UnitRow(*row) for row in session.execute(wanted.order_by(depth, Unit.name, Unit.id).limit(limit))]


def find_in_team(
    session: Session, team: Team, on: date, text: str, also: Collection[int] = (), *, limit: int = 25
) -> list[PersonRow]:
    """People of the team whose name has every word typed, and those of `also`, by name; nobody but `also` when nothing is typed."""
    words = [Person.name.icontains(word, autoescape=True) for word in text.split()[:8]]
    wanted = or_(Person.id.in_(also), and_(*words) if words else false())
    statement = (
        select(Person, Unit.id.label("unit_id"), Unit.name.label("unit_name"))
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(is_in_team(team, on), wanted)
        .order_by(Person.id.in_(also).desc(), Person.name, Person.id)
        .limit(limit + len(also))
    )
    return [person_row(*row) for row in session.execute(statement)]


def below(paths: Sequence[str]) -> ColumnElement[bool]:
    """Condition: the unit lies in one of the subtrees. Without paths nothing does."""
    return or_(false(), *(Unit.path.startswith(path, autoescape=True) for path in paths))


def members_select(paths: Sequence[str], on: date) -> Select[int, int]:
    """(person id, unit id) of everybody in the subtrees on a date: the one closure that reports join with.

    Each person once (memberships do not overlap); who has left or moved out by `on` is not in it.
    """
    return (
        select(Membership.person_id, Membership.unit_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .where(below(paths), member_on(on), employed_on(on))
    )


def members_below(
    session: Session,
    paths: Sequence[str],
    on: date,
    *,
    except_person_id: int | None = None,
    after: tuple[str, int] | None = None,
    limit: int | None = None,
) -> list[MemberRow]:
    """People of the subtrees on a date, by name then id. `after` = (name, person id) of the last row seen, for the next page."""
    statement = (
        select(
            Person.id,
            Person.name,
            Person.title_prefix,
            Person.title_suffix,
            Person.employment_kind,
            Person.position,
            Unit.id.label("unit_id"),
            Unit.name.label("unit_name"),
            Unit.path,
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(below(paths), member_on(on), employed_on(on))
        .order_by(Person.name, Person.id)
        .limit(limit)
    )
    if except_person_id is not None:
        statement = statement.where(Person.id != except_person_id)
    if after is not None:
        statement = statement.where(or_(Person.name > after[0], and_(Person.name == after[0], Person.id > after[1])))
    return [
        MemberRow(
            person_id=row.id,
            name=row.name,
            display_name=display_name(row.title_prefix, row.name, row.title_suffix),
            employment_kind=row.employment_kind,
            position=row.position,
            unit_id=row.unit_id,
            unit_name=row.unit_name,
            unit_path=row.path,
        )
        for row in session.execute(statement)
    ]


def superior_of(session: Session, person_id: int, on: date) -> int | None:
    """The direct superior, as `superiors_of`; None at the top."""
    return superiors_of(session, [person_id], on).get(person_id)


def superiors_of(session: Session, person_ids: Collection[int], on: date) -> dict[int, int]:
    """Person to direct superior's id, as `superiors_with_source`."""
    return {person_id: one.person_id for person_id, one in superiors_with_source(session, person_ids, on).items()}


def superiors_with_source(session: Session, person_ids: Collection[int], on: date) -> dict[int, Superior]:
    """Person to direct superior (D27): the one named by hand; else who acts as head of the own unit, else its head; of the unit
    above where that is the person, vacant or gone. Who has none is left out. Four SELECTs."""
    paths = session.connection().execute(_PATHS, {"people": list(person_ids), "on": on}).all()
    chains = {row.person_id: [int(part) for part in row.path.strip("/").split("/")] for row in paths}
    unit_ids = {unit_id for chain in chains.values() for unit_id in chain}
    leaders = _leaders(session, unit_ids, on)
    found = {}
    for person_id, chain in chains.items():
        above = (one for unit_id in reversed(chain) for one in leaders.get(unit_id, ()) if one.person_id != person_id)
        superior = next(above, None)
        if superior is not None:
            found[person_id] = superior
    return found | _named(session, person_ids, on)


def _leaders(session: Session, unit_ids: Collection[int], on: date) -> dict[int, list[Superior]]:
    """Who leads each unit on a date: those who act as its head, the newest first, then the head. Vacant units are left out."""
    connection, asked = session.connection(), {"units": list(unit_ids), "on": on}
    found: dict[int, list[Superior]] = {}
    for unit_id, person_id, kind in connection.execute(_ACTING, asked):
        found.setdefault(unit_id, []).append(Superior(person_id, SuperiorSource(kind.value)))
    for unit_id, person_id in connection.execute(_HEADS, asked):
        found.setdefault(unit_id, []).append(Superior(person_id, SuperiorSource.HEAD))
    return found


def _named(session: Session, person_ids: Collection[int], on: date) -> dict[int, Superior]:
    """Person to the superior named by hand, the newest one where two overlap."""
    rows = session.connection().execute(_NAMED_FOR, {"people": list(person_ids), "on": on})
    return {row[0]: Superior(row[1], SuperiorSource.NAMED) for row in rows}
