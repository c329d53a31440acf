"""The outbox: one row for each thing said to a person by one channel, with why and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.store.base import Base


class Message(Base):
    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_waiting", "state", "not_before"),
        Index("ix_message_person", "person_id", "state", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(30))
    """messages.types' MessageKind: reminder, digest, recovery, …"""
    channel: Mapped[str] = mapped_column(String(10))
    """"page" or "email"."""
    about: Mapped[str] = mapped_column(String(150), unique=True)
    """Natural key of the occasion, e.g. "due:12:34:2026-11-20:email": the same thing is never said twice."""
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(300), default="")
    """Path of ours that the message leads to."""
    reason: Mapped[dict[str, Any]]
    """Why it was made, so that every sending can be explained afterwards."""
    made_at: Mapped[datetime]
    not_before: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    """messages.types' MessageState."""
    tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    """When it was sent, dropped or given up."""
    outcome: Mapped[str] = mapped_column(String(300), default="")
    """Why it was dropped, or what the mail server said."""
    read_at: Mapped[datetime | None]
