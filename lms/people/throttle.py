"""Counting failures by key: what slows guesses down, for passwords, codes and requests alike (R41).

Keys are "account:<sha>", "known:<sha>", "factor:<person>", "link:<sha>" and "address:<ip>". Never for good.
"""

import ipaddress
import math
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.errors import TooManyTries
from lms.people.models import SignInThrottle
from lms.people.rules import Failures, after_address_failure, is_blocked


def refuse_flooding_address(session: Session, *, address: str, now: datetime) -> None:
    """Raise TooManyTries when this address has failed a hundred times in its window (R41)."""
    run = run_of(session, address_key(address))
    if run is not None and run.blocked_until is not None and is_blocked(run, now):
        seconds = math.ceil((run.blocked_until - now).total_seconds())
        minutes = math.ceil(seconds / 60)
        raise TooManyTries(f"Terlalu banyak percobaan gagal dari jaringan ini. Tunggu {minutes} menit, lalu coba lagi.", seconds)


def address_key(address: str) -> str:
    """One key an IPv4 address or IPv6 /64, which is what one subscriber holds."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return f"address:{address.strip()[:60]}"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return f"address:{parsed.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((int(parsed), 64), strict=False)}"
    return f"address:{parsed}"


def run_of(session: Session, key: str) -> Failures | None:
    row = session.execute(
        select(SignInThrottle.failures, SignInThrottle.window_started_at, SignInThrottle.blocked_until).where(
            SignInThrottle.key == key
        )
    ).one_or_none()
    return None if row is None else Failures(*row)


def locked_run(session: Session, key: str, now: datetime) -> Failures:
    """The run by key, locked; made empty when there is none, so that two first failures at once do not collide."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    empty = insert(SignInThrottle).values(key=key, failures=0, window_started_at=now, blocked_until=None).on_conflict_do_nothing()
    locked = select(SignInThrottle.failures, SignInThrottle.window_started_at, SignInThrottle.blocked_until).where(
        SignInThrottle.key == key
    )
    while True:
        session.execute(empty)
        row = session.execute(locked.with_for_update()).one_or_none()
        if row is not None:  # the nightly clean-up may have taken it between the two statements
            return Failures(*row)


def count_address_failure(session: Session, key: str, now: datetime) -> None:
    keep(session, key, after_address_failure(locked_run(session, key, now), now))


def keep(session: Session, key: str, run: Failures) -> None:
    session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.key == key)
        .values(failures=run.count, window_started_at=run.started_at, blocked_until=run.blocked_until)
    )
