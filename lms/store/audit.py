"""Rows that say who did what. Appended inside the transaction of the act itself; a trigger forbids changing them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.store.base import Base


class AuditEntry(Base):
    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Nobody when the command line or a job acted."""
    action: Mapped[str] = mapped_column(String(60))
    """Dotted verb such as `course.publish`, `account.sign_in`, `attempt.void`."""
    subject: Mapped[str] = mapped_column(String(200), default="")
    """What was acted on, by key or id; never a NIP or an answer."""
    detail: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Of this row and the hash before it (R92)."""


def record(session: Session, *, at: datetime, action: str, actor_id: int | None = None, subject: str = "", **detail: Any) -> None:
    """Append one row. Call it inside `write_tx`, next to the act."""
    session.add(AuditEntry(at=at, actor_id=actor_id, action=action, subject=subject, detail=detail))


def last(session: Session, *, subject: str, since: datetime, but_not: int) -> tuple[int, datetime] | None:
    """(actor id, time) of the newest act on `subject` since then by anybody but that person; None when there was none."""
    wanted = select(AuditEntry.actor_id, AuditEntry.at).where(AuditEntry.at >= since, AuditEntry.subject == subject)
    wanted = wanted.where(AuditEntry.actor_id.is_not(None), AuditEntry.actor_id != but_not)
    row = session.execute(wanted.order_by(AuditEntry.id.desc()).limit(1)).first()
    return None if row is None or row[0] is None else (row[0], row[1])
