"""Reads for the administrator's page of one person: everything that is kept about them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.people.models import Account, Membership, Person, RoleGrant, Unit
from lms.people.names import display_name
from lms.people.types import AccountInfo, PersonRecord, Stay


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
