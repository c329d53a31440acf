"""One-time codes (R46, D30): issuing them, printing them on slips by the thousand, and what became of them."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from lms.errors import NotFound
from lms.people.hierarchy import below
from lms.people.models import Account, Membership, OneTimeCode, Person, Unit
from lms.people.names import display_name
from lms.people.queries import employed_on, member_on
from lms.people.rules import CODE_ALPHABET, CODE_LENGTH, CODE_LIFE, format_code, hash_secret, staff_date
from lms.people.types import CodePurpose, CodeState
from lms.store import audit

MOST_SLIPS = 20_000
"""In one print; more than that is no longer handed out by hand."""
SLIPS_AT_ONCE = 200
"""In one transaction, so that others can write in between."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed and handed to one person. The code stands nowhere else."""

    display_name: str
    unit_name: str
    identifier: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person without an active account, for the operator's list."""

    person_id: int
    name: str
    display_name: str
    position: str
    unit_name: str
    may_have_code: bool
    """Has a sign-in name, and the account is not disabled."""
    state: CodeState
    issued_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingUnit:
    unit_id: int
    name: str
    path: str
    people: int


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as the list of what was handed out shows it."""

    code_id: int
    person_id: int
    display_name: str
    purpose: CodePurpose
    state: CodeState
    issued_at: datetime | None
    issued_by: int | None
    ended_at: datetime
    """When it was used, or until when it works or worked."""


# -- issuing --------------------------------------------------------------------------------------------------------------------


def usable_code(now: datetime) -> ColumnElement[bool]:
    """Condition: the code has not been used and has not expired."""
    return and_(OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now)


def expire_codes(session: Session, person_ids: Collection[int], now: datetime) -> None:
    """The codes of these people stop working."""
    session.execute(update(OneTimeCode).where(OneTimeCode.person_id.in_(person_ids), usable_code(now)).values(expires_at=now))


def new_codes(
    session: Session, person_ids: Sequence[int], *, purpose: CodePurpose, now: datetime, by: int | None
) -> dict[int, str]:
    """A code for each person, grouped for printing, in few statements. The caller has locked the accounts and decided."""
    expire_codes(session, person_ids, now)
    codes = {each: "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)) for each in person_ids}
    kept = {"purpose": purpose, "issued_at": now, "issued_by": by, "expires_at": now + CODE_LIFE[purpose]}
    rows = [{"person_id": each, "code_hash": hash_secret(code), "used_at": None} | kept for each, code in codes.items()]
    if rows:
        session.execute(insert(OneTimeCode), rows)
    for each in person_ids:
        audit.record(session, at=now, action="account.issue_code", actor_id=by, subject=f"person:{each}", purpose=purpose.value)
    session.flush()
    return {each: format_code(code) for each, code in codes.items()}


def issue_slips(session: Session, *, person_ids: Sequence[int], paths: Sequence[str], now: datetime, by: int) -> list[Slip]:
    """Activation codes for those of these people who still need one, in that order: SLIPS_AT_ONCE people at most, one transaction.

    Raises NotFound when somebody does not work in the subtrees. Who has meanwhile activated the account is left out.
    """
    on = staff_date(now)
    rows = session.execute(
        select(Person.id, Person.title_prefix, Person.name, Person.title_suffix, Unit.name, Account.identifier, _may_have_code())
        .join(Membership, Membership.person_id == Person.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(person_ids), below(paths), member_on(on), employed_on(on))
        .order_by(Person.id)
        .with_for_update(of=Person)
    )
    found = {row[0]: row for row in rows}
    if found.keys() != set(person_ids):
        raise NotFound("Ada pegawai yang tidak termasuk unit Anda. Tidak ada kode yang dibuat.")
    wanted = [each for each in person_ids if found[each][6]]
    codes = new_codes(session, wanted, purpose=CodePurpose.ACTIVATION, now=now, by=by)
    until = now + CODE_LIFE[CodePurpose.ACTIVATION]
    return [Slip(display_name(*found[each][1:4]), *found[each][4:6], codes[each], until) for each in wanted]


def _may_have_code() -> ColumnElement[bool]:
    return and_(Account.identifier.is_not(None), Account.password_hash.is_(None), Account.disabled_at.is_(None))


# -- who still waits for one ----------------------------------------------------------------------------------------------------


def _waiting(paths: Sequence[str], on: date, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Person)
        .join(Membership, Membership.person_id == Person.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(below(paths), member_on(on), employed_on(on), Account.password_hash.is_(None))
    )


def waiting_units(session: Session, paths: Sequence[str], on: date) -> list[WaitingUnit]:
    """Units of the subtrees in which somebody has no active account, by name, each with how many."""
    columns = (Unit.id, Unit.name, Unit.path, func.count())
    rows = session.execute(_waiting(paths, on, *columns).group_by(Unit.id, Unit.name, Unit.path).order_by(Unit.name, Unit.id))
    return [WaitingUnit(*row) for row in rows]


def waiting_ids(session: Session, paths: Sequence[str], now: datetime, state: CodeState | None = None) -> list[int]:
    """Everybody of the subtrees who needs a code, unit by unit and by name: the order in which slips are handed out."""
    statement = _in_state(_waiting(paths, staff_date(now), Person.id).where(_may_have_code()), state, now)
    return list(session.scalars(statement.order_by(Unit.path, Person.name, Person.id).limit(MOST_SLIPS)))


def _in_state(statement: Select[*tuple[Any, ...]], state: CodeState | None, now: datetime) -> Select[*tuple[Any, ...]]:
    """With each person's newest activation code; only those in a state, where one is wanted."""
    newest = aliased(OneTimeCode)
    last = select(func.max(newest.id)).where(newest.person_id == Person.id, newest.purpose == CodePurpose.ACTIVATION)
    joined = statement.outerjoin(OneTimeCode, OneTimeCode.id == last.correlate(Person).scalar_subquery())
    if state is None:
        return joined
    conditions = {
        CodeState.NONE: OneTimeCode.id.is_(None),
        CodeState.VALID: usable_code(now),
        CodeState.EXPIRED: OneTimeCode.expires_at <= now,
    }
    return joined.where(conditions[state])


def waiting_people(
    session: Session,
    paths: Sequence[str],
    now: datetime,
    *,
    text: str = "",
    state: CodeState | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[Waiting]:
    """People of the subtrees without an active account, by name then id; `state` of their newest activation code. One SELECT."""
    statement = _waiting(
        paths,
        staff_date(now),
        *(Person.id, Person.title_prefix, Person.name, Person.title_suffix, Person.position, Unit.name.label("unit_name")),
        *(_may_have_code().label("may"), OneTimeCode.issued_at, OneTimeCode.expires_at, OneTimeCode.used_at),
    )
    statement = _in_state(statement, state, now)
    for word in text.split()[:8]:
        statement = statement.where(Person.name.icontains(word, autoescape=True))
    if after is not None:
        statement = statement.where(or_(Person.name > after[0], and_(Person.name == after[0], Person.id > after[1])))
    return [
        Waiting(
            row.id,
            row.name,
            display_name(row.title_prefix, row.name, row.title_suffix),
            row.position,
            row.unit_name,
            bool(row.may),
            _state(row, now),
            row.issued_at,
            row.expires_at,
        )
        for row in session.execute(statement.order_by(Person.name, Person.id).limit(limit))
    ]


def _state(row: Any, now: datetime) -> CodeState:
    if row.expires_at is None:
        return CodeState.NONE
    if row.used_at is not None:
        return CodeState.USED
    return CodeState.VALID if row.expires_at > now else CodeState.EXPIRED


# -- what became of them --------------------------------------------------------------------------------------------------------


def issued_codes(
    session: Session, *conditions: ColumnElement[bool], now: datetime, before: int | None = None, limit: int = 50
) -> list[IssuedCode]:
    """Codes with their state, the newest first; `before` = id of the last row seen. Conditions as `of_person`, `of_units`."""
    statement = (
        select(OneTimeCode, Person.title_prefix, Person.name, Person.title_suffix)
        .join(Person, Person.id == OneTimeCode.person_id)
        .where(*conditions)
        .order_by(OneTimeCode.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(OneTimeCode.id < before)
    return [
        IssuedCode(
            code.id,
            code.person_id,
            display_name(prefix, name, suffix),
            code.purpose,
            _state(code, now),
            code.issued_at,
            code.issued_by,
            code.used_at or code.expires_at,
        )
        for code, prefix, name, suffix in session.execute(statement)
    ]


def of_person(person_id: int) -> ColumnElement[bool]:
    """Condition: the code was issued to this person."""
    return OneTimeCode.person_id == person_id


def of_units(paths: Sequence[str], on: date) -> ColumnElement[bool]:
    """Condition: an activation code of somebody who works in the subtrees on a date."""
    inside = select(Membership.person_id).join(Unit, Unit.id == Membership.unit_id).where(below(paths), member_on(on))
    return and_(OneTimeCode.purpose == CodePurpose.ACTIVATION, OneTimeCode.person_id.in_(inside))
