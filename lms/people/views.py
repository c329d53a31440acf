"""Who opened whose record, by day (R91): written by the page that leads to a record, read before it is shown."""

from datetime import UTC, datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.people.models import PersonalView


def record_view(session: Session, *, viewer_id: int, person_id: int, what: str, now: datetime) -> None:
    """Count that somebody opened a person's record; `what` as in PersonalView. One row a day in UTC."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    key = {"person_id": person_id, "viewer_id": viewer_id, "on": now.astimezone(UTC).date(), "what": what}
    row = insert(PersonalView).values(**key, first_at=now, count=1)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_={"count": PersonalView.count + 1}))


def viewed_today(session: Session, viewer_id: int, person_id: int, what: str, now: datetime) -> bool:
    """Whether the record was opened by `record_view` today (in UTC)."""
    return session.get(PersonalView, (person_id, viewer_id, now.astimezone(UTC).date(), what)) is not None
