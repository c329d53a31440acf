"""What could be said to people now, derived from facts: reminders and news. Reads only; each function asks a constant number of
statements for some hundred people. The same functions make messages and look again, just before sending, whether they still hold."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, union
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.models import CourseRow, EditionRow
from lms.messages import rules
from lms.messages.models import Message
from lms.messages.types import Addressee, Channel, Draft, MessageKind, Occasion
from lms.people.rules import staff_date
from lms.people.settings import AgencySettings, agency_settings
from lms.progress import jp, requirements
from lms.progress.models import (
    Bookmark,
    Claim,
    ClaimDecision,
    Completion,
    Enrolment,
    EnrolmentSummary,
    JpEntry,
)
from lms.progress.queries import newest_revision
from lms.progress.types import Asked, State
from lms.recognition.models import Certificate, CertificateRevocation, Recognition

AT_ONCE = 500
"""People or rows in one statement."""
CLAIM_DECIDED = ("approved", "rejected", "revise")
"""Words of `Claim.state` after a decision that its owner is told about."""
REMINDERS = (Occasion.DUE_TOMORROW, Occasion.OVERDUE, Occasion.DUE_SOON, Occasion.QUIET, Occasion.TARGET)


def reminders(session: Session, people: Sequence[Addressee], now: datetime) -> list[Draft]:
    """Every reminder that is true for these people now, said before or not: about ten SELECTs for up to 500 people."""
    if not people:
        return []
    return [*_quiet(session, people, now), *_due(session, people, now), *_target(session, people, now)]


# ------------------------------------------------------------------ begun, and quiet since


def _quiet(session: Session, people: Sequence[Addressee], now: datetime) -> list[Draft]:
    """For each person the course they rested from last, after 14 days without activity. A course where only marking is awaited,
    and one that was taken out of the catalogue, is none to remind of. A new pause is a new occasion."""
    since = now - timedelta(days=rules.QUIET_DAYS)
    rows = session.execute(
        select(
            Enrolment.id,
            Enrolment.person_id,
            CourseRow.key,
            newest_revision().label("edition_id"),
            EnrolmentSummary.last_activity_at,
            EnrolmentSummary.minutes_left,
            Bookmark.set_at,
        )
        .join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
        .join(CourseRow, CourseRow.id == Enrolment.course_id)
        .outerjoin(Bookmark, and_(Bookmark.person_id == Enrolment.person_id, Bookmark.course_id == Enrolment.course_id))
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(
            Enrolment.person_id.in_([who.person_id for who in people]),
            EnrolmentSummary.state == State.IN_PROGRESS,
            EnrolmentSummary.minutes_left > 0,
            EnrolmentSummary.last_activity_at <= since,
            or_(Bookmark.set_at.is_(None), Bookmark.set_at <= since),
            Completion.enrolment_id.is_(None),
            CourseRow.retired_at.is_(None),
        )
        .order_by(Enrolment.id)
    ).all()
    newest: dict[int, tuple[datetime, Row[Any]]] = {}
    for row in rows:
        at = max(row.last_activity_at, row.set_at or row.last_activity_at)
        if row.person_id not in newest or newest[row.person_id][0] <= at:
            newest[row.person_id] = (at, row)
    editions = library.by_ids(session, (row.edition_id for _, row in newest.values()))
    zones = {who.person_id: who.time_zone for who in people}
    found = []
    for person_id, (at, row) in newest.items():
        title = editions[row.edition_id].outline.title
        reason = {"enrolment": row.id, "title": title, "on": rules.local_date(at, zones[person_id]).isoformat()}
        about, link = f"quiet:{row.id}:{at:%Y%m%d%H%M%S}", f"/pelatihan/{row.key}"
        found.append(_reminder(person_id, Occasion.QUIET, about, rules.quiet(title, row.minutes_left), link, reason))
    return found


def _reminder(person_id: int, occasion: Occasion, about: str, words: tuple[str, str], link: str, reason: dict[str, Any]) -> Draft:
    return Draft(person_id, MessageKind.REMINDER, about, *words, link, {"occasion": occasion.value} | reason)


# ------------------------------------------------------------------ asked for by a day


def due(session: Session, people: Sequence[Addressee], now: datetime) -> list[Asked]:
    """Courses asked of these people whose day is near or just past, unfinished, by person: as requirements tell learners and
    superiors, so that a reminder never says anything else."""
    zones = {who.person_id: who.time_zone for who in people}
    return [
        one for one in requirements.of_people(session, list(zones), now) if not one.is_finished and _occasion(one, zones, now)
    ]


def _occasion(one: Asked, zones: Mapping[int, str], now: datetime) -> Occasion | None:
    return rules.due_occasion((one.due_on - rules.local_date(now, zones[one.person_id])).days)


def _due(session: Session, people: Sequence[Addressee], now: datetime) -> list[Draft]:
    asked = due(session, people, now)
    titles = _titles(session, {each.course_id for each in asked})
    zones = {who.person_id: who.time_zone for who in people}
    found = []
    for each in asked:
        left = (each.due_on - rules.local_date(now, zones[each.person_id])).days
        occasion = rules.due_occasion(left)
        if occasion is None:
            continue
        title = titles.get(each.course_id, each.course_key)
        about = f"{occasion.value}:{each.requirement_id}:{each.person_id}:{each.due_on.isoformat()}"
        reason = {"requirement": each.requirement_id, "title": title, "on": each.due_on.isoformat()}
        words = rules.due(occasion, title, each.due_on, left)
        found.append(_reminder(each.person_id, occasion, about, words, f"/pelatihan/{each.course_key}", reason))
    return found


def _titles(session: Session, course_ids: Collection[int]) -> dict[int, str]:
    """Titles of the current editions."""
    if not course_ids:
        return {}
    wanted = select(EditionRow.id).join(CourseRow, CourseRow.current_edition_id == EditionRow.id)
    editions = library.by_ids(session, session.scalars(wanted.where(CourseRow.id.in_(course_ids)).order_by(EditionRow.id)))
    return {published.course_id: published.outline.title for published in editions.values()}


# ------------------------------------------------------------------ the target of the year


def _target(session: Session, people: Sequence[Addressee], now: datetime) -> list[Draft]:
    """On 1 October and 1 December: who is below the target and has learned nothing for 30 days, in or outside this system."""
    seasons = {who.person_id: rules.target_season(rules.local_date(now, who.time_zone)) for who in people}
    asked = [who for who in people if seasons[who.person_id] is not None]
    if not asked:
        return []
    settings: AgencySettings = agency_settings(session)
    ids = [who.person_id for who in asked]
    year = rules.local_date(now, asked[0].time_zone).year
    earned = jp.jp_by_person(session, ids, year)
    learning = _learned_since(session, ids, now - rules.NOTHING_LEARNED)
    found = []
    for who in asked:
        season = seasons[who.person_id]
        left = jp.target_of(who.employment_kind, settings)[0] - earned.get(who.person_id, 0)
        if season is None or left <= 0 or who.person_id in learning:
            continue
        about = f"target:{who.person_id}:{season.isoformat()}"
        reason = {"left": left, "on": rules.local_date(now, who.time_zone).isoformat()}
        found.append(_reminder(who.person_id, Occasion.TARGET, about, rules.target(left, year), "/", reason))
    return found


def _learned_since(session: Session, person_ids: Collection[int], since: datetime) -> set[int]:
    active = (
        select(Enrolment.person_id)
        .join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id.in_(person_ids), EnrolmentSummary.last_activity_at >= since)
    )
    read = select(Bookmark.person_id).where(Bookmark.person_id.in_(person_ids), Bookmark.set_at >= since)
    elsewhere = select(JpEntry.person_id).where(JpEntry.person_id.in_(person_ids), JpEntry.completed_at >= since)
    return set(session.scalars(union(active, read, elsewhere)))


# ------------------------------------------------------------------ news


def news(session: Session, now: datetime) -> list[Draft]:
    """What happened to people in the last three days and was not told yet, oldest first."""
    found = []
    for occasion, (id_column, at_column, _) in NEWS.items():
        recent = _recent(session, id_column, at_column, now - rules.NEWS_AGE)
        told = said(session, [f"{occasion.value}:{number}" for number in recent])
        found += happened(session, occasion, [number for number in recent if f"{occasion.value}:{number}" not in told])
    return found


def happened(session: Session, occasion: Occasion, ids: Sequence[int]) -> list[Draft]:
    """The news of these rows, as far as it still holds: a revoked certificate and an older decision are none."""
    found = []
    for start in range(0, len(ids), AT_ONCE):
        found += NEWS[occasion][2](session, ids[start : start + AT_ONCE])
    return found


def said(session: Session, abouts: Sequence[str]) -> set[str]:
    """Which of these things have been said, in the page at least. One SELECT per 500."""
    found: set[str] = set()
    for start in range(0, len(abouts), AT_ONCE):
        keys = [rows_key(about, Channel.PAGE) for about in abouts[start : start + AT_ONCE]]
        found.update(key.rsplit(":", 1)[0] for key in session.scalars(select(Message.about).where(Message.about.in_(keys))))
    return found


def rows_key(about: str, channel: Channel) -> str:
    """`Message.about` of one row."""
    return f"{about}:{channel.value}"


def _recent(session: Session, id_column: Any, at_column: Any, since: datetime) -> list[int]:
    """Ids of rows younger than `since`, oldest first, read from the newest back until older ones come: these tables only grow."""
    found: list[int] = []
    page = select(id_column, at_column).order_by(id_column.desc()).limit(AT_ONCE)
    rows = session.execute(page).all()
    while rows:
        found += [row[0] for row in rows if row[1] > since]
        is_last = len(rows) < AT_ONCE or rows[-1][1] <= since
        rows = [] if is_last else session.execute(page.where(id_column < rows[-1][0])).all()
    return found[::-1]


def _certificates(session: Session, ids: Sequence[int]) -> list[Draft]:
    rows = session.execute(
        select(Certificate.id, Certificate.person_id, Certificate.issued_at, Certificate.snapshot)
        .outerjoin(CertificateRevocation, CertificateRevocation.certificate_id == Certificate.id)
        .where(Certificate.id.in_(ids), CertificateRevocation.certificate_id.is_(None))
        .order_by(Certificate.id)
    )
    found = []
    for row in rows:
        title, link = row.snapshot["course_title"], f"/pelatihan/{row.snapshot['course_key']}/sertifikat"
        reason = {"title": title, "on": _day(row.issued_at)}
        found.append(_news(row.person_id, Occasion.CERTIFICATE, row.id, rules.certificate(title), link, reason))
    return found


def _thanks(session: Session, ids: Sequence[int]) -> list[Draft]:
    rows = session.scalars(select(Recognition).where(Recognition.id.in_(ids)).order_by(Recognition.id))
    return [
        _news(
            row.person_id, Occasion.RECOGNITION, row.id, rules.recognition(row.giver, row.reason), "/", {"on": _day(row.given_at)}
        )
        for row in rows
    ]


def _claims(session: Session, ids: Sequence[int]) -> list[Draft]:
    """The last decision of each claim that is now decided, or back with its owner."""
    newest = select(func.max(ClaimDecision.id)).where(ClaimDecision.claim_id == Claim.id).correlate(Claim).scalar_subquery()
    rows = session.execute(
        select(
            ClaimDecision.id,
            Claim.id.label("claim_id"),
            Claim.person_id,
            Claim.state,
            Claim.title,
            ClaimDecision.comment,
            ClaimDecision.at,
        )
        .join(Claim, Claim.id == ClaimDecision.claim_id)
        .where(ClaimDecision.id.in_(ids), Claim.state.in_(CLAIM_DECIDED), ClaimDecision.id == newest)
        .order_by(ClaimDecision.id)
    )
    found = []
    for row in rows:
        words = rules.claim(row.state, row.title, row.comment)
        reason = {"title": row.title, "on": _day(row.at)}
        found.append(_news(row.person_id, Occasion.CLAIM, row.id, words, f"/klaim/{row.claim_id}", reason))
    return found


def _news(person_id: int, occasion: Occasion, number: int, words: tuple[str, str], link: str, reason: dict[str, Any]) -> Draft:
    about = f"{occasion.value}:{number}"
    return Draft(person_id, MessageKind.NEWS, about, *words, link, {"occasion": occasion.value, "id": number} | reason)


def _day(at: datetime) -> str:
    return staff_date(at).isoformat()


NEWS: dict[Occasion, tuple[Any, Any, Callable[[Session, Sequence[int]], list[Draft]]]] = {
    Occasion.CERTIFICATE: (Certificate.id, Certificate.issued_at, _certificates),
    Occasion.RECOGNITION: (Recognition.id, Recognition.given_at, _thanks),
    Occasion.CLAIM: (ClaimDecision.id, ClaimDecision.at, _claims),
}
"""Where each kind of news comes from: id, time, and what makes drafts of ids."""
