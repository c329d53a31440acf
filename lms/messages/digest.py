"""The month of a superior's people (D61): who finished, who stopped halfway, what waits. Only of people below on the day (R4)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.messages import rules
from lms.messages.types import Addressee, Draft, MessageKind, Occasion
from lms.people import hierarchy
from lms.people.models import Membership, Person
from lms.people.names import display_name
from lms.people.rules import staff_date
from lms.progress.models import Bookmark, Claim, Completion, Enrolment, EnrolmentSummary
from lms.progress.queries import newest_revision
from lms.progress.types import State
from lms.quizzes import queue
from lms.teams.rules import quiet_since

CLAIMS_FOR_SUPERIOR = ("superior",)
"""Words of `Claim.state` in which the direct superior is asked."""


def draft(session: Session, who: Addressee, month: date, now: datetime, *, names: bool = False) -> Draft | None:
    """What a superior is told about a month; None when there is nothing to tell or nobody is below any more. `names` = in the letter:
    the page gives counts and /tim the names. About a dozen SELECTs, however many people."""
    on = staff_date(now)
    paths, named = hierarchy.headed_unit_paths(session, who.person_id, on), hierarchy.named_below(session, who.person_id, on)
    below = and_(_below(paths, named, on), Enrolment.person_id != who.person_id)
    zone = ZoneInfo(who.time_zone)
    begin = datetime.combine(month, time(), zone).astimezone(UTC)
    end = datetime.combine((month.replace(day=28) + timedelta(days=4)).replace(day=1), time(), zone).astimezone(UTC)
    finished, finished_lines = _finished(session, below, begin, end, names)
    stuck, stuck_lines = _stuck(session, below, now, names)
    waiting = queue.waiting(session, marker_id=who.person_id, is_author=False, now=now).own_count
    waiting += _claims(session, who.person_id, paths, named, on)
    if not finished + stuck + waiting:
        return None
    words = rules.digest(month, finished, stuck, waiting, (finished_lines, stuck_lines), leads=bool(paths or named))
    reason = {
        "occasion": Occasion.DIGEST.value,
        "on": month.isoformat(),
        "finished": finished,
        "stuck": stuck,
        "waiting": waiting,
    }
    link = "/tim" if paths or named else "/penilaian"
    return Draft(who.person_id, MessageKind.DIGEST, about(who, month), *words, link, reason)


def about(who: Addressee, month: date) -> str:
    return f"digest:{who.person_id}:{month:%Y-%m}"


def _below(paths: Sequence[str], named: Sequence[int], on: date) -> ColumnElement[bool]:
    members = hierarchy.members_select(paths, on).with_only_columns(Membership.person_id)
    return or_(Enrolment.person_id.in_(members), Enrolment.person_id.in_(named))


def _finished(session: Session, below: ColumnElement[bool], begin: datetime, end: datetime, names: bool) -> tuple[int, list[str]]:
    inside = and_(below, Completion.completed_at >= begin, Completion.completed_at < end)
    count = session.scalar(select(func.count()).select_from(Completion).join(Enrolment).where(inside)) or 0
    listed = _named().add_columns(Completion.edition_id).join(Completion, Completion.enrolment_id == Enrolment.id).where(inside)
    return count, _lines(session, listed) if names and count else []


def _stuck(session: Session, below: ColumnElement[bool], now: datetime, names: bool) -> tuple[int, list[str]]:
    """People as the team page counts them: a course begun and without activity for 14 days."""
    since = quiet_since(now)
    mark = and_(Bookmark.person_id == Enrolment.person_id, Bookmark.course_id == Enrolment.course_id)
    rests = and_(
        below,
        EnrolmentSummary.state == State.IN_PROGRESS,
        EnrolmentSummary.last_activity_at < since,
        or_(Bookmark.set_at.is_(None), Bookmark.set_at < since),
    )
    people = select(func.count(Enrolment.person_id.distinct())).join(EnrolmentSummary).outerjoin(Bookmark, mark).where(rests)
    count = session.scalar(people) or 0
    listed = _named().add_columns(newest_revision().label("edition_id"))
    listed = listed.join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id).outerjoin(Bookmark, mark).where(rests)
    return count, _lines(session, listed) if names and count else []


def _named() -> Select[*tuple[Any, ...]]:
    names = (Person.title_prefix, Person.name, Person.title_suffix)
    return select(Enrolment.person_id, *names).select_from(Enrolment).join(Person, Person.id == Enrolment.person_id)


def _lines(session: Session, listed: Select[*tuple[Any, ...]]) -> list[str]:
    """The first people by name, each with one course."""
    rows = session.execute(listed.order_by(Person.name, Enrolment.id).limit(rules.NAMED_IN_DIGEST)).all()
    editions = library.by_ids(session, (row.edition_id for row in rows))
    lines: dict[tuple[int, str], str] = {}
    for row in rows:
        title = rules.one_line(editions[row.edition_id].outline.title, rules.TITLE_LENGTH)
        lines.setdefault((row.person_id, title), f"{display_name(row.title_prefix, row.name, row.title_suffix)} – {title}")
    return list(lines.values())


def _claims(session: Session, person_id: int, paths: Sequence[str], named: Sequence[int], on: date) -> int:
    """How many claims wait for this superior to decide."""
    members = hierarchy.members_select(paths, on).with_only_columns(Membership.person_id)
    asked = select(Claim.person_id).where(
        Claim.state.in_(CLAIMS_FOR_SUPERIOR), or_(Claim.person_id.in_(members), Claim.person_id.in_(named))
    )
    owners = session.scalars(asked.order_by(Claim.id)).all()
    superiors = hierarchy.superiors_of(session, set(owners), on) if owners else {}
    return sum(superiors.get(owner) == person_id for owner in owners)
