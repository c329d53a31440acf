"""Messages of the demo: what the background worker would have told its people before, in the page only, because a demo writes to
nobody."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.messages import actions, digest, occasions, queries
from lms.messages.types import Occasion
from lms.recognition.models import Certificate

PEOPLE = 500


def tell(session: Session, printed: Collection[int], now: datetime) -> None:
    """Certificates and the last month for the printed accounts, and reminders that are true for the first people of the agency."""
    at = _last_morning(now)
    people = {who.person_id: who for who in queries.staff_after(session, 0, at, PEOPLE)}
    actions.remind(session, people, occasions.reminders(session, list(people.values()), at), now=at, has_mail=False)
    shown = queries.addressees(session, printed, at)
    ids = session.scalars(select(Certificate.id).where(Certificate.person_id.in_(printed)).order_by(Certificate.id)).all()
    drafts = occasions.happened(session, Occasion.CERTIFICATE, ids)
    month = (at.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    months = [digest.draft(session, who, month, at) for who in shown.values()]
    actions.tell(session, [*drafts, *(each for each in months if each is not None)], shown, now=at, has_mail=False)


def _last_morning(now: datetime) -> datetime:
    """The last weekday's hour before `now` at which offices, schools and health posts of all zones may be spoken to."""
    zone = ZoneInfo("Asia/Makassar")
    hours = (now - timedelta(hours=back) for back in range(24 * 7))
    return next(at for at in hours if at.astimezone(zone).weekday() < 5 and at.astimezone(zone).hour == 9)
