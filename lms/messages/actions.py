"""Writes of messages. Each runs inside the caller's `write_tx` and flushes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lms.messages.models import Message


def queue(
    session: Session,
    *,
    person_id: int,
    kind: str,
    subject: str,
    body: str,
    link: str,
    about: str,
    reason: dict[str, Any],
    not_before: datetime,
    now: datetime,
    channels: Sequence[str],
) -> None:
    """Put one message for each channel into the outbox. `link`: path of ours; `about`: natural key of the occasion."""
    for channel in channels:
        session.add(
            Message(
                person_id=person_id,
                kind=kind,
                channel=channel,
                about=f"{about}:{channel}",
                subject=subject,
                body=body,
                link=link,
                reason=reason,
                made_at=now,
                not_before=not_before,
                state="waiting",
            )
        )
    session.flush()
