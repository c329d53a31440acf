"""Signing in, in two phases: a check that reads and hashes, then a record inside `write_tx` that decides and writes (R39-R41, R58).

    check = sign_in_check(session, identifier=…, password=…, address=…, knows_device=…, now=now)
    with write_tx(session):
        opened = record_sign_in(session, check, is_shared=…, device=device_label(…), now=now)
    if opened is None:
        raise sign_in_refused()

Unknown, wrong, slowed down and disabled look the same: one sentence, one kind of error, the same work (R40).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from lms.errors import Invalid
from lms.people import actions, throttle
from lms.people.codes import usable_code
from lms.people.models import Account, OneTimeCode, Person, SessionRow, SignInThrottle
from lms.people.passwords import hash_password, needs_rehash, verify_password
from lms.people.queries import employed_on
from lms.people.rules import (
    Failures,
    after_account_failure,
    hash_secret,
    is_blocked,
    normalise_code,
    normalise_identifier,
    staff_date,
)
from lms.people.types import NewSession
from lms.store import audit


@dataclass(frozen=True, slots=True)
class SignInCheck:
    """What the first phase found out. Not a permission: `record_sign_in` decides again with what it reads then."""

    account_key: str
    address_key: str
    person_id: int | None
    is_right: bool
    seen_hash: str | None
    new_hash: str | None = None
    """The same password with today's parameters, when the stored hash is older."""


def sign_in_refused() -> Invalid:
    """The one answer to an unknown name, a wrong password, too many tries on one account and a disabled account."""
    return Invalid(
        "NIP atau kata sandi tidak cocok, atau sudah terlalu banyak percobaan. Periksa lagi keduanya; bila sudah berkali-kali mencoba, "
        "tunggu 15 menit atau minta kode baru kepada operator unit Anda.",
        field="password",
    )


def sign_in_check(
    session: Session,
    *,
    identifier: str,
    password: str,
    address: str,
    knows_device: bool,
    now: datetime,
    verify: Callable[[str | None, str], bool] = verify_password,
) -> SignInCheck:
    """Read the account and check the password, outside any write transaction. Raises TooManyTries for a flooding address.

    `knows_device`: the edge saw a signed cookie of an earlier sign-in *to this very identifier*; such a device has a count of its
    own, so that strangers' guesses never keep the owner out.
    """
    address_key = throttle.address_key(address)
    account_key = f"{'known' if knows_device else 'account'}:{hash_secret(normalise_identifier(identifier))}"
    throttle.refuse_flooding_address(session, address=address, now=now)
    row = session.execute(
        select(Account.person_id, Account.password_hash).where(Account.identifier == normalise_identifier(identifier))
    ).one_or_none()
    blocked = is_blocked(throttle.run_of(session, account_key), now)
    session.rollback()  # hashing takes a tenth of a second and may wait its turn: hold no snapshot and no connection meanwhile
    person_id, seen_hash = (None, None) if row is None or blocked else (row.person_id, row.password_hash)
    is_right = verify(seen_hash, password)
    new_hash = hash_password(password) if is_right and seen_hash is not None and needs_rehash(seen_hash) else None
    return SignInCheck(account_key, address_key, person_id, is_right, seen_hash, new_hash)


def record_password(session: Session, check: SignInCheck, *, now: datetime) -> int | None:
    """Decide on a password and count: the person's id, or None; the caller then raises `sign_in_refused()` *after* the transaction.

    Read again under lock: a guess that raced past the limit, a password changed or an account disabled meanwhile open nothing.
    """
    run = throttle.locked_run(session, check.account_key, now)
    account = session.scalar(
        select(Account)
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id == check.person_id, Account.disabled_at.is_(None), employed_on(staff_date(now)))
        .with_for_update(of=Account)
    )
    is_same = account is not None and account.password_hash == check.seen_hash
    if account is None or not is_same or not check.is_right or is_blocked(run, now):
        if not is_blocked(run, now):  # while blocked a run stays as it is: trying never makes it longer
            throttle.keep(session, check.account_key, after_account_failure(run, now))
        throttle.count_address_failure(session, check.address_key, now)
        subject = f"person:{check.person_id}" if check.person_id else ""
        audit.record(session, at=now, action="account.sign_in_failed", subject=subject, slowed_down=is_blocked(run, now))
        session.flush()
        return None
    # The account starts afresh, by the way it was reached: a sign-in on a known device must not give strangers new tries. The
    # address does not, or one own account would free a flood.
    throttle.keep(session, check.account_key, Failures(0, now, None))
    if check.new_hash is not None:
        account.password_hash = check.new_hash
    session.flush()
    return account.person_id


def record_sign_in(
    session: Session,
    check: SignInCheck,
    *,
    is_shared: bool,
    device: str,
    now: datetime,
    replaces_token_hash: str | None = None,
    second_factor_at: datetime | None = None,
) -> NewSession | None:
    """Open a session, or count the failure and return None, as `record_password` does.

    `second_factor_at`: of the session that this one replaces, when only the password is given again.
    """
    person_id = record_password(session, check, now=now)
    if person_id is None:
        return None
    opened = actions.open_session(
        session,
        person_id=person_id,
        is_shared=is_shared,
        device=device,
        now=now,
        replaces_token_hash=replaces_token_hash,
        second_factor_at=second_factor_at,
    )
    record_opened(session, opened, device=device, now=now)
    return opened


def record_opened(session: Session, opened: NewSession, *, device: str, now: datetime, **how: str) -> None:
    """The audit row of a sign-in, beside `open_session`; `how` names the sign-in provider, if it was one."""
    subject = f"person:{opened.person_id}"
    detail = {"is_shared": opened.is_shared, "device": device, **how}
    audit.record(session, at=now, action="account.sign_in", actor_id=opened.person_id, subject=subject, **detail)
    session.flush()


# -- redeeming a code -----------------------------------------------------------------------------------------------------------


def code_check(session: Session, *, identifier: str, code: str, address: str, now: datetime) -> int | None:
    """The person whose code this is, or None: then call `record_failure` in a write transaction and raise `actions.code_refused()`.

    Comes before the new password is checked and hashed, so that a guess costs nothing. Raises TooManyTries for a flooding address;
    an account is not slowed down, because 60 bits cannot be guessed and a stranger could use up the half hour of a reset code.
    """
    throttle.refuse_flooding_address(session, address=address, now=now)
    return session.scalar(
        select(OneTimeCode.person_id)
        .join(Account, Account.person_id == OneTimeCode.person_id)
        .where(Account.identifier == normalise_identifier(identifier), Account.disabled_at.is_(None))
        .where(OneTimeCode.code_hash == hash_secret(normalise_code(code)), usable_code(now), actions.is_link(False))
    )


def record_failure(session: Session, *, address: str, now: datetime) -> None:
    """Count a wrong code against the address, inside `write_tx`."""
    throttle.count_address_failure(session, throttle.address_key(address), now)
    audit.record(session, at=now, action="account.code_failed")
    session.flush()


# -- tidying up -----------------------------------------------------------------------------------------------------------------


def stale(now: datetime) -> list[tuple[str, Any, ColumnElement[bool]]]:
    """(what, table, condition) of counts older than a day, sessions and codes over for 90 days: they may go (R89)."""
    long_ago = now - timedelta(days=90)
    return [
        ("hitungan gagal masuk yang lewat sehari", SignInThrottle, _quiet_since(now - timedelta(days=1))),
        (
            "sesi yang berakhir lebih dari 90 hari lalu",
            SessionRow,
            or_(SessionRow.ended_at < long_ago, SessionRow.expires_at < long_ago),
        ),
        ("kode yang berakhir lebih dari 90 hari lalu", OneTimeCode, OneTimeCode.expires_at < long_ago),
    ]


def _quiet_since(at: datetime) -> ColumnElement[bool]:
    return (SignInThrottle.window_started_at < at) & or_(
        SignInThrottle.blocked_until.is_(None), SignInThrottle.blocked_until < at
    )
