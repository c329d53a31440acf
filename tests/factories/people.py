"""People for tests. Call inside `write_tx`. Names get a number so that two calls differ; passwords are hashed once per text."""

from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from lms.people.actions import open_session
from lms.people.models import Account, Membership, Person, RoleGrant, Unit
from lms.people.passwords import hash_password
from lms.people.rules import normalise_identifier
from lms.people.types import EmploymentKind, NewSession, Role

PASSWORD = "lampu minyak di beranda"
_numbers = count(1)


@lru_cache(maxsize=50)
def hashed(password: str) -> str:
    """A real hash with today's parameters, made once per text and process: as true as in production, and fast enough."""
    return hash_password(password)


def make_unit(session: Session, *, parent: Unit | None = None, head: Person | None = None, **over: Any) -> Unit:
    number = next(_numbers)
    unit = Unit(**{"name": f"Dinas {number}", "parent_id": parent.id if parent else None, "path": f"?{number}"} | over)
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    unit.head_id = head.id if head else None
    session.flush()
    return unit


def make_person(
    session: Session,
    *,
    unit: Unit | None = None,
    name: str | None = None,
    nip: str | None = None,
    identifier: str | None = None,
    password: str | None = None,
    roles: tuple[Role, ...] = (),
    since: date = date(2020, 1, 1),
    **over: Any,
) -> Person:
    """A person with an account (identifier: given, else the NIP, else made up), a unit from `since` on, and roles.

    Without `password` the account is not activated; PASSWORD is at hand. `over` sets columns of Person.
    """
    number = next(_numbers)
    values: dict[str, Any] = {"name": name or f"Pegawai {number}", "nip": nip, "employment_kind": EmploymentKind.PNS}
    person = Person(**values | over)
    session.add(person)
    session.flush()
    session.add(
        Account(
            person_id=person.id,
            identifier=normalise_identifier(identifier or nip or f"pegawai{number}"),
            password_hash=hashed(password) if password is not None else None,
            password_changed_at=datetime(2026, 1, 1, tzinfo=UTC) if password is not None else None,
        )
    )
    if unit is not None:
        session.add(Membership(person_id=person.id, unit_id=unit.id, from_on=since))
    for role in roles:
        session.add(RoleGrant(person_id=person.id, role=role))
    session.flush()
    return person


def sign_in(session: Session, person: Person, now: datetime, *, is_shared: bool = False) -> NewSession:
    """A session without the password, for tests about something else; its `token` is the cookie's."""
    return open_session(session, person_id=person.id, is_shared=is_shared, device="Chrome di Android", now=now)
