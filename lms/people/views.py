"""Who opened whose record (R91): written when a record is opened, read by the person it is about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.people.models import Person, PersonalView
from lms.people.names import display_name


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One person who looked on one day. `what`: "progress" or "record"; `post` is their position now."""

    viewer: str
    post: str
    on: date
    """Day in UTC."""
    first_at: datetime
    what: str
    count: int


def record_view(session: Session, *, viewer_id: int, person_id: int, what: str, now: datetime) -> None:
    """Note that `viewer_id` opens a record of `person_id`; further times on the same day (UTC) are counted in the same row."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"person_id": person_id, "viewer_id": viewer_id, "on": _day(now), "what": what, "first_at": now, "count": 1}
    again = {"count": PersonalView.count + 1}
    keys = ["person_id", "viewer_id", "on", "what"]
    session.execute(dialect.insert(PersonalView).values(**row).on_conflict_do_update(index_elements=keys, set_=again))


def viewed_today(session: Session, viewer_id: int, person_id: int, what: str, now: datetime) -> bool:
    """Whether the opening was noted today, so that the record may be shown."""
    noted = select(PersonalView.count).where(PersonalView.person_id == person_id, PersonalView.viewer_id == viewer_id)
    return session.execute(noted.where(PersonalView.on == _day(now), PersonalView.what == what)).first() is not None


def views_of(session: Session, person_id: int, *, limit: int = 100) -> list[ViewRow]:
    """Who looked at a person's records, the latest first, at most `limit`."""
    wanted = (
        select(PersonalView, Person)
        .join(Person, Person.id == PersonalView.viewer_id)
        .where(PersonalView.person_id == person_id)
        .order_by(PersonalView.first_at.desc(), PersonalView.viewer_id, PersonalView.what)
        .limit(limit)
    )
    return [
        ViewRow(
            viewer=display_name(viewer.title_prefix, viewer.name, viewer.title_suffix),
            post=viewer.position,
            on=view.on,
            first_at=view.first_at,
            what=view.what,
            count=view.count,
        )
        for view, viewer in session.execute(wanted)
    ]


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()
