"""Writes of people: units, persons, rights, accounts, sessions and codes. Each runs inside the caller's `write_tx` and flushes."""

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.people.models import RoleGrant, SessionRow
from lms.people.rules import hash_secret, session_expiry
from lms.people.types import NewSession
from lms.store import audit


def open_session(
    session: Session,
    *,
    person_id: int,
    is_shared: bool,
    device: str,
    now: datetime,
    replaces_token_hash: str | None = None,
) -> NewSession:
    """A new session with a fresh 256-bit token; the one it replaces ends, so that no token outlives a sign-in (R43)."""
    if replaces_token_hash is not None:
        session.execute(
            update(SessionRow)
            .where(SessionRow.token_hash == replaces_token_hash, SessionRow.ended_at.is_(None))
            .values(ended_at=now)
        )
    roles = session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id)).all()
    token = secrets.token_urlsafe(32)
    row = SessionRow(
        token_hash=hash_secret(token),
        person_id=person_id,
        csrf_secret=secrets.token_hex(32),
        device=device[:120],
        is_shared=is_shared,
        created_at=now,
        authenticated_at=now,
        expires_at=now + session_expiry(is_shared, roles),
    )
    session.add(row)
    session.flush()
    return NewSession(token, row.id, person_id, row.csrf_secret, is_shared, row.expires_at)


def end_session(session: Session, *, person_id: int, session_id: int, now: datetime, by: int | None = None) -> None:
    """End one session of a person: signing out, or "Keluarkan perangkat ini". Ending it twice is fine. Raises NotFound for others'."""
    row = session.scalar(
        select(SessionRow).where(SessionRow.id == session_id, SessionRow.person_id == person_id).with_for_update()
    )
    if row is None:
        raise NotFound("Perangkat ini tidak ada dalam daftar Anda.")
    if row.ended_at is None:
        row.ended_at = now
        audit.record(session, at=now, action="account.sign_out", actor_id=by or person_id, subject=f"person:{person_id}")
        session.flush()


def end_all_sessions(session: Session, *, person_id: int, now: datetime, by: int | None = None) -> int:
    """End every session of a person at once; returns how many were open."""
    ended = session.scalars(
        update(SessionRow)
        .where(SessionRow.person_id == person_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        .values(ended_at=now)
        .returning(SessionRow.id)
    ).all()
    if ended:
        audit.record(session, at=now, action="account.end_sessions", actor_id=by, subject=f"person:{person_id}", count=len(ended))
        session.flush()
    return len(ended)
