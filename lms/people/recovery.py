"""A forgotten password, by a link to the person's own e-mail address (R46): 130 bits, half an hour, used once, kept as SHA-256.

Whether the account exists shows neither in the answer nor in the work (R40): for an unknown one the same rows are written for a
stand-in and taken back.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.errors import Invalid
from lms.people import actions, throttle
from lms.people.codes import usable_code
from lms.people.models import Account, OneTimeCode, Person
from lms.people.queries import employed_on
from lms.people.rules import (
    CODE_ALPHABET,
    CODE_LIFE,
    LINK_LENGTH,
    after_link_request,
    hash_secret,
    is_blocked,
    normalise_code,
    normalise_identifier,
    staff_date,
)
from lms.people.types import CodePurpose
from lms.store import audit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a link. Unless `is_real`, the person is a stand-in, and whatever is written for it must be taken back."""

    person_id: int
    is_real: bool


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose link this is."""

    person_id: int
    identifier: str


def ask(session: Session, *, identifier: str, address: str, now: datetime) -> Asked:
    """Count the request and find out whether a link may go out: the account is active, has an e-mail address and was not asked
    for three times this hour. Raises TooManyTries for a flooding address."""
    throttle.refuse_flooding_address(session, address=address, now=now)
    wanted = normalise_identifier(identifier)
    key = f"link:{hash_secret(wanted)}"
    run = throttle.locked_run(session, key, now)
    found = session.scalar(
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(Account.identifier == wanted, Account.disabled_at.is_(None), Account.password_hash.is_not(None))
        .where(Person.email != "", employed_on(staff_date(now)))
    )
    stand_in = session.scalar(select(Person.id).order_by(Person.id).limit(1)) or 0
    is_real = found is not None and not is_blocked(run, now)
    throttle.keep(session, key, run if is_blocked(run, now) else after_link_request(run, now))
    throttle.count_address_failure(session, throttle.address_key(address), now)
    audit.record(session, at=now, action="account.link_asked", subject=f"person:{found}" if is_real else "")
    session.flush()
    return Asked(found if is_real and found is not None else stand_in, is_real)


def issue_link(session: Session, *, person_id: int, now: datetime) -> str:
    """The secret part of a new link. Earlier links and codes keep working until one is used: a stranger's request voids nothing."""
    token = "".join(secrets.choice(CODE_ALPHABET) for _ in range(LINK_LENGTH))
    expires_at = now + CODE_LIFE[CodePurpose.LINK]
    session.add(OneTimeCode(person_id=person_id, purpose=CodePurpose.LINK, code_hash=hash_secret(token), expires_at=expires_at))
    session.flush()
    return token


def bearer(session: Session, *, token: str, address: str, now: datetime) -> Bearer:
    """Whose link this is, while it can still be used. Raises Invalid, and TooManyTries for a flooding address."""
    throttle.refuse_flooding_address(session, address=address, now=now)
    row = session.execute(
        select(Account.person_id, Account.identifier)
        .join(OneTimeCode, OneTimeCode.person_id == Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(OneTimeCode.code_hash == hash_secret(normalise_code(token)), usable_code(now), actions.is_link(True))
        .where(Account.disabled_at.is_(None), employed_on(staff_date(now)))
    ).one_or_none()
    if row is None:
        raise link_refused()
    return Bearer(row.person_id, row.identifier)


def link_refused() -> Invalid:
    """The one answer to a wrong, used or late link."""
    return Invalid("Tautan ini sudah dipakai atau lewat waktunya; kata sandi tidak berubah. Minta tautan baru.", field="link")
