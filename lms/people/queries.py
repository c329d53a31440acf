"""Reads of people: who is signed in, who somebody is on a date, who stands below a head. Returns frozen rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.people.grades import rank_name
from lms.people.models import (
    Account,
    ActingHead,
    CourseMentor,
    Membership,
    NamedSuperior,
    Person,
    RoleGrant,
    SecondFactor,
    SessionRow,
    Setting,
    Unit,
    UnitOperator,
)
from lms.people.names import display_name
from lms.people.nip import nip_digits
from lms.people.passwords import personal_words
from lms.people.rules import normalise_identifier, staff_date
from lms.people.settings import DEFAULT_TIME_ZONE, agency_settings
from lms.people.types import (
    AccountInfo,
    Identity,
    PersonRow,
    PersonState,
    SessionInfo,
    SignedIn,
    UnitRow,
)

_AGENCY_ZONE = select(Setting.value).where(Setting.name == "time_zone").scalar_subquery()


def holds_on(dated: type[Membership] | type[ActingHead] | type[NamedSuperior], on: Any) -> ColumnElement[bool]:
    """Condition: a dated row holds on a date (from inclusive, to exclusive; open = still)."""
    return and_(dated.from_on <= on, or_(dated.to_on.is_(None), dated.to_on > on))


def member_on(on: Any) -> ColumnElement[bool]:
    """Condition: the membership row holds on a date."""
    return holds_on(Membership, on)


def employed_on(on: Any) -> ColumnElement[bool]:
    """Condition: the person has not left or retired by a date."""
    return or_(Person.left_on.is_(None), Person.left_on > on)


_TODAY = bindparam("today", type_=Person.left_on.type)
_SIGNED_IN = (
    select(
        SessionRow.id,
        SessionRow.person_id,
        SessionRow.csrf_secret,
        SessionRow.authenticated_at,
        SessionRow.second_factor_at,
        SessionRow.is_shared,
        Account.second_factor_asked_at,
        SecondFactor.confirmed_at,
        Person.name,
        Unit.time_zone,
        _AGENCY_ZONE.label("agency_zone"),
        or_(
            select(Unit.id).where(Unit.head_id == SessionRow.person_id).correlate(SessionRow).exists(),
            select(ActingHead.id)
            .where(ActingHead.person_id == SessionRow.person_id, holds_on(ActingHead, _TODAY))
            .correlate(SessionRow)
            .exists(),
            select(NamedSuperior.id)
            .where(NamedSuperior.superior_id == SessionRow.person_id, holds_on(NamedSuperior, _TODAY))
            .correlate(SessionRow)
            .exists(),
        ).label("heads_unit"),
        select(UnitOperator.unit_id)
        .where(UnitOperator.person_id == SessionRow.person_id)
        .correlate(SessionRow)
        .exists()
        .label("operates_unit"),
        select(CourseMentor.course_id)
        .where(CourseMentor.person_id == SessionRow.person_id)
        .correlate(SessionRow)
        .exists()
        .label("is_mentor"),
        RoleGrant.role,
    )
    .join(Account, Account.person_id == SessionRow.person_id)
    .join(Person, Person.id == SessionRow.person_id)
    .outerjoin(SecondFactor, SecondFactor.person_id == SessionRow.person_id)
    .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(_TODAY)))
    .outerjoin(Unit, Unit.id == Membership.unit_id)
    .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
    .where(
        SessionRow.token_hash == bindparam("token_hash"),
        SessionRow.ended_at.is_(None),
        SessionRow.expires_at > bindparam("now", type_=SessionRow.expires_at.type),
        Account.disabled_at.is_(None),
        employed_on(_TODAY),
    )
    .order_by(RoleGrant.id)
)


def signed_in(session: Session, token_hash: str, now: datetime) -> SignedIn | None:
    """The person behind a session token (given as SHA-256), or None when the session, account or employment has ended.

    ONE joined SELECT, run on every request. Idle expiry is the web edge's signed stamp (rules.idle_limit).
    """
    connection = session.connection()  # not session.execute: rows without entities, at half the cost of every request
    rows = connection.execute(_SIGNED_IN, {"token_hash": token_hash, "now": now, "today": staff_date(now)}).all()
    if not rows:
        return None
    row = rows[0]
    return SignedIn(
        person_id=row.person_id,
        session_id=row.id,
        name=row.name,
        time_zone=row.time_zone or row.agency_zone or DEFAULT_TIME_ZONE,
        roles=frozenset(each.role for each in rows if each.role is not None),
        heads_unit=bool(row.heads_unit),
        is_mentor=bool(row.is_mentor),
        operates_unit=bool(row.operates_unit),
        is_shared_device=row.is_shared,
        csrf_secret=row.csrf_secret,
        authenticated_at=row.authenticated_at,
        has_second_factor=row.confirmed_at is not None,
        second_factor_at=row.second_factor_at,
        second_factor_asked_at=row.second_factor_asked_at,
    )


_SESSION_INFO = (
    SessionRow.id,
    SessionRow.device,
    SessionRow.is_shared,
    SessionRow.created_at,
    SessionRow.expires_at,
    SessionRow.second_factor_at,
)


def sessions_of(session: Session, person_id: int, now: datetime) -> list[SessionInfo]:
    """The open sessions of a person, newest first (R44)."""
    rows = session.execute(
        select(*_SESSION_INFO)
        .where(SessionRow.person_id == person_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        .order_by(SessionRow.created_at.desc(), SessionRow.id.desc())
    )
    return [SessionInfo(*row) for row in rows]


def sign_in_before(session: Session, person_id: int, session_id: int) -> SessionInfo | None:
    """The sign-in before this session's, ended or not: what the owner compares with memory. Sessions are kept for 90 days."""
    row = session.execute(
        select(*_SESSION_INFO)
        .where(SessionRow.person_id == person_id, SessionRow.id < session_id)
        .order_by(SessionRow.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else SessionInfo(*row)


def account(session: Session, person_id: int) -> AccountInfo:
    """The account of a person. Raises NotFound for people who cannot sign in at all."""
    row = session.execute(
        select(Account.identifier, Account.password_hash.is_not(None), Account.disabled_at, Account.password_changed_at).where(
            Account.person_id == person_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("Pegawai ini belum mempunyai akun.")
    return AccountInfo(person_id, row[0], bool(row[1]), row[2], row[3])


def password_words(session: Session, person_id: int) -> list[str]:
    """What others know about a person, for `passwords.check_new_password`: name, numbers, birth date, units and agency."""
    row = session.execute(
        select(Person.name, Person.nip, Person.birth_date, Account.identifier, Unit.name.label("unit"))
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.to_on.is_(None)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(Person.id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    known = f"{row.unit or ''} {agency_settings(session).agency_name}"
    return personal_words(name=row.name, nip=row.nip, identifier=row.identifier or "", birth_date=row.birth_date, more=known)


def identity(session: Session, person_id: int, on: date) -> Identity:
    """A person as documents print them, with the unit valid on `on` (D29, D50). Raises NotFound."""
    row = session.execute(
        select(Person, Unit.id, Unit.name, Unit.path, Unit.time_zone, _AGENCY_ZONE)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(Person.id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    person, unit_id, unit_name, unit_path, zone, agency_zone = row
    return Identity(
        person_id=person.id,
        display_name=display_name(person.title_prefix, person.name, person.title_suffix),
        plain_name=person.name,
        nip=person.nip,
        employment_kind=person.employment_kind,
        grade=person.grade,
        rank_name=rank_name(person.grade, person.employment_kind),
        position=person.position,
        unit_id=unit_id,
        unit_name=unit_name or "",
        unit_path=unit_path or "",
        time_zone=zone or agency_zone or DEFAULT_TIME_ZONE,
    )


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """Names with titles by person id. One SELECT, none for nobody."""
    if not person_ids:
        return {}
    wanted = select(Person.id, Person.title_prefix, Person.name, Person.title_suffix).where(Person.id.in_(person_ids))
    return {row.id: display_name(row.title_prefix, row.name, row.title_suffix) for row in session.execute(wanted)}


def unit_names(session: Session, unit_ids: Collection[int]) -> dict[int, str]:
    """Names of units by id. One SELECT."""
    return {row.id: row.name for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids)))}


def time_zones_of(session: Session, person_ids: Collection[int], on: date) -> dict[int, str]:
    """IANA zone of each person's unit on a date, or the agency's. One SELECT, none for nobody."""
    if not person_ids:
        return {}
    rows = session.execute(
        select(Person.id, Unit.time_zone, _AGENCY_ZONE)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(Person.id.in_(person_ids))
    )
    return {row[0]: row[1] or row[2] or DEFAULT_TIME_ZONE for row in rows}


# -- the agency -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgencyCounts:
    people: int
    units: int
    accounts: int
    activated: int


def agency_counts(session: Session, on: date) -> AgencyCounts:
    """How many people work here on a date, in how many units, with how many accounts. One SELECT."""
    people = select(func.count()).select_from(Person).where(employed_on(on)).scalar_subquery()
    units = select(func.count()).select_from(Unit).scalar_subquery()
    accounts = select(func.count()).select_from(Account).scalar_subquery()
    activated = select(func.count()).select_from(Account).where(Account.password_hash.is_not(None)).scalar_subquery()
    return AgencyCounts(*session.execute(select(people, units, accounts, activated)).one())


# -- lists for the administrator (D26)

_UNIT = (Unit.id, Unit.parent_id, Unit.path, Unit.name, Unit.category, Unit.time_zone, Unit.head_id, Unit.code)


def units(session: Session) -> list[UnitRow]:
    """The whole tree, each unit after its parent and siblings by name; about a thousand rows in a large regency."""
    children: dict[int | None, list[UnitRow]] = {}
    for row in session.execute(select(*_UNIT).order_by(Unit.id)):
        children.setdefault(row.parent_id, []).append(UnitRow(*row))
    ordered: list[UnitRow] = []
    waiting = sorted(children.get(None, []), key=_by_name, reverse=True)
    while waiting:
        unit = waiting.pop()
        ordered.append(unit)
        waiting += sorted(children.get(unit.unit_id, []), key=_by_name, reverse=True)
    return ordered


def _by_name(unit: UnitRow) -> tuple[str, int]:
    return (unit.name.casefold(), unit.unit_id)


def unit(session: Session, unit_id: int) -> UnitRow:
    """One unit. Raises NotFound."""
    row = session.execute(select(*_UNIT).where(Unit.id == unit_id)).one_or_none()
    if row is None:
        raise NotFound("Unit kerja ini tidak ditemukan.")
    return UnitRow(*row)


def find_units(session: Session, text: str, *, limit: int = 20) -> list[UnitRow]:
    """Units whose name contains every word typed, or whose code it is, by name."""
    wanted = [Unit.name.icontains(word, autoescape=True) for word in text.split()[:8]]
    statement = select(*_UNIT).where(or_(and_(true(), *wanted), and_(Unit.code != "", Unit.code == text.strip())))
    return [UnitRow(*row) for row in session.execute(statement.order_by(Unit.name, Unit.id).limit(limit))]


def find_people(
    session: Session,
    text: str,
    on: date,
    *,
    state: PersonState | None = None,
    path: str = "",
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[PersonRow]:
    """People by name, words of the name, or NIP in any grouping, with their unit on `on`; those without one and those who have left
    too. `path` = only of that subtree. Paged by (name, id)."""
    statement = (
        select(Person, Unit.id.label("unit_id"), Unit.name.label("unit_name"), Account.password_hash.is_not(None))
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .order_by(Person.name, Person.id)
        .limit(limit)
    )
    digits = nip_digits(text)
    if digits:
        statement = statement.where(Person.nip.startswith(digits, autoescape=True))
    else:
        for word in text.split()[:8]:
            statement = statement.where(Person.name.icontains(word, autoescape=True))
    if path:
        statement = statement.where(Unit.path.startswith(path, autoescape=True), employed_on(on))
    if state is not None:
        statement = statement.where(_in_state(state, on))
    if after is not None:
        statement = statement.where(or_(Person.name > after[0], and_(Person.name == after[0], Person.id > after[1])))
    return [
        person_row(person, unit_id, unit_name, bool(active)) for person, unit_id, unit_name, active in session.execute(statement)
    ]


def person_row(person: Person, unit_id: int | None, unit_name: str | None, is_activated: bool = False) -> PersonRow:
    """A person and their unit as lists show them."""
    return PersonRow(
        person_id=person.id,
        name=person.name,
        display_name=display_name(person.title_prefix, person.name, person.title_suffix),
        nip=person.nip,
        birth_date=person.birth_date,
        employment_kind=person.employment_kind,
        position=person.position,
        unit_id=unit_id,
        unit_name=unit_name or "",
        left_on=person.left_on,
        is_activated=is_activated,
    )


def _in_state(state: PersonState, on: date) -> ColumnElement[bool]:
    if state is PersonState.LEFT:
        return ~employed_on(on)
    lacking = Unit.id.is_(None) if state is PersonState.NO_UNIT else Account.password_hash.is_(None)
    return and_(lacking, employed_on(on))


def account_by_identifier(session: Session, identifier: str) -> AccountInfo | None:
    """The account that a NIP or sign-in word, as typed, belongs to."""
    person_id = session.scalar(select(Account.person_id).where(Account.identifier == normalise_identifier(identifier)))
    return None if person_id is None else account(session, person_id)
