"""Reads for the administrator's page of one person: everything that is kept about them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.people.models import Account, ActingHead, Membership, Person, RoleGrant, Unit, UnitOperator
from lms.people.names import display_name
from lms.people.queries import holds_on
from lms.people.types import AccountInfo, PersonRecord, Stay


@dataclass(frozen=True, slots=True)
class Post:
    """What a person is of a unit on a date."""

    unit_id: int
    unit_name: str
    kind: str
    """"head", "plt", "plh" or "operator"."""


def posts_of(session: Session, person_id: int, on: date) -> list[Post]:
    """Units that a person heads, acts as head of on a date, or operates, by name. Three SELECTs."""
    acting = select(Unit.id, Unit.name, ActingHead.kind).join(ActingHead, ActingHead.unit_id == Unit.id)
    wanted = (
        select(Unit.id, Unit.name, literal("head")).where(Unit.head_id == person_id),
        acting.where(ActingHead.person_id == person_id, holds_on(ActingHead, on)),
        select(Unit.id, Unit.name, literal("operator")).where(
            Unit.id.in_(select(UnitOperator.unit_id).where(UnitOperator.person_id == person_id))
        ),
    )
    return [Post(*row) for one in wanted for row in session.execute(one.order_by(Unit.name, Unit.id))]


def person_record(session: Session, person_id: int) -> PersonRecord:
    """One person for the administrator's page. Raises NotFound. Three SELECTs."""
    row = session.execute(
        select(Person, Account).outerjoin(Account, Account.person_id == Person.id).where(Person.id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    person, owned = row
    roles = session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id)).all()
    stays = session.execute(
        select(Unit.id, Unit.name, Membership.from_on, Membership.to_on)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.from_on.desc(), Membership.id.desc())
    )
    return PersonRecord(
        person_id=person_id,
        name=person.name,
        title_prefix=person.title_prefix,
        title_suffix=person.title_suffix,
        display_name=display_name(person.title_prefix, person.name, person.title_suffix),
        nip=person.nip,
        employment_kind=person.employment_kind,
        grade=person.grade,
        position=person.position,
        birth_date=person.birth_date,
        email=person.email,
        left_on=person.left_on,
        account=None
        if owned is None
        else AccountInfo(
            person_id, owned.identifier, owned.password_hash is not None, owned.disabled_at, owned.password_changed_at
        ),
        roles=frozenset(roles),
        stays=tuple(Stay(*each) for each in stays),
    )
