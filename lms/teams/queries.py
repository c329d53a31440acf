"""Reads of the supervisor's pages: people below every unit one heads, never anybody else (R4). Statuses come from summaries,
which progress.rules.status wrote. The number of SELECTs is the same for 1 and 20,000 people."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.errors import NotAllowed, NotFound
from lms.people import hierarchy
from lms.people import queries as people
from lms.people.models import Membership, Unit
from lms.people.names import display_name
from lms.people.settings import AgencySettings, agency_settings
from lms.people.types import EmploymentKind
from lms.progress import jp
from lms.progress import rules as progress_rules
from lms.progress.jp import LedgerRow
from lms.progress.types import JpMeter, State
from lms.recognition import queries as recognition
from lms.recognition.types import CertificateRow
from lms.teams import rules, statements
from lms.teams.types import Group, MemberCourse, OfferedCourse, TeamCounts, TeamFilter, TeamPage, TeamRow, TeamUnit

COUNTS_KEPT_ABOVE = 200
"""People; counting fewer costs less than a millisecond, so it is done each time."""
READ_BY_NAME_ABOVE = 1000
"""People; a page of a larger unit is read along the index of names instead of sorting everybody."""
KEEP_SECONDS = 60.0
_KEPT_MOST = 200
_counts: dict[tuple[Any, ...], tuple[float, datetime, TeamCounts]] = {}
UNITS_TO_CHOOSE = 200
WORDS = 5


@dataclass(frozen=True, slots=True)
class LearningStory:
    """One person's learning as their superior may see it: no scores, no answers, no NIP (R5)."""

    person_id: int
    display_name: str
    employment_kind: EmploymentKind
    position: str
    unit_name: str
    time_zone: str
    """Where the person works; dates on the page are of this zone."""
    meter: JpMeter
    courses: tuple[MemberCourse, ...]
    entries: tuple[LedgerRow, ...]
    """Ledger rows that count in the meter's year."""
    certificates: tuple[CertificateRow, ...]
    offered: tuple[OfferedCourse, ...]
    """The catalogue, to suggest from."""


@dataclass(frozen=True, slots=True)
class _View:
    """Whom one request is about: everybody below `paths` on a date, but the head."""

    head_id: int
    paths: tuple[str, ...]
    on: date
    now: datetime
    year: int
    course_id: int | None
    settings: AgencySettings

    @property
    def since(self) -> datetime:
        return rules.quiet_since(self.now)


def team_report(
    session: Session,
    person_id: int,
    on: date,
    *,
    now: datetime,
    year: int,
    wanted: TeamFilter | None = None,
    page: int = 1,
    limit: int = 25,
    settings: AgencySettings | None = None,
) -> TeamPage:
    """The people below every unit that `person_id` heads on the date `on`, with JP of the calendar year and course statuses.

    `year` is the ledger's year, decided where each person works (D4). Raises NotAllowed for somebody who heads no unit, NotFound
    for a unit outside or a course that is not offered. `settings` saves a SELECT when the caller has them.
    """
    wanted = wanted or TeamFilter()
    paths = hierarchy.headed_unit_paths(session, person_id, on)
    if not paths:
        raise NotAllowed("Halaman ini untuk kepala unit kerja. Kemajuan belajar Anda sendiri ada di Beranda.")
    headed, unit, below = _units(session, paths, wanted.unit_id)
    offered = _offered(session)
    if wanted.course_id is not None and all(course.course_id != wanted.course_id for course in offered):
        raise NotFound("Pelatihan ini tidak ada dalam katalog. Pilih pelatihan lain dari daftar.")
    scope = (unit.path,) if unit else tuple(paths)
    view = _View(person_id, scope, on, now, year, wanted.course_id, settings or agency_settings(session))
    counts, counted_at = _counted(session, view)
    total = _total(session, view, wanted, counts)
    page_count = max(1, -(-total // limit))
    page = min(max(1, page), page_count)
    rows = _rows(session, view, wanted, is_large=counts.people > READ_BY_NAME_ABOVE, limit=limit, offset=(page - 1) * limit)
    return TeamPage(headed, unit, below, offered, counts, counted_at, rows, total, page, page_count)


def learning_story(
    session: Session, person_id: int, member_id: int, on: date, *, now: datetime, settings: AgencySettings | None = None
) -> LearningStory:
    """The learning of one person below. Raises NotFound for everybody else: people elsewhere look like people who do not exist."""
    paths = hierarchy.headed_unit_paths(session, person_id, on)
    inside = hierarchy.members_select(paths, on).where(Membership.person_id == member_id, Membership.person_id != person_id)
    if session.execute(inside).first() is None:
        raise NotFound("Pegawai ini tidak ada di unit Anda. Buka daftar anggota untuk memilih yang lain.")
    who = people.identity(session, member_id, on)
    year = progress_rules.jp_year(now, who.time_zone)
    entries = tuple(entry for entry in jp.ledger(session, member_id) if entry.counts and entry.year == year)
    target, cap = jp.target_of(who.employment_kind, settings or agency_settings(session), year)
    return LearningStory(
        person_id=member_id,
        display_name=who.display_name,
        employment_kind=who.employment_kind,
        position=who.position,
        unit_name=who.unit_name,
        time_zone=who.time_zone,
        meter=progress_rules.jp_meter(year, sum(entry.jp for entry in entries), target, cap),
        courses=tuple(_courses_of(session, [member_id]).get(member_id, ())),
        entries=entries,
        certificates=tuple(recognition.certificates_of(session, member_id)),
        offered=_offered(session),
    )


# ------------------------------------------------------------------ units and courses to choose from


def _units(
    session: Session, paths: Sequence[str], chosen_id: int | None
) -> tuple[tuple[TeamUnit, ...], TeamUnit | None, tuple[TeamUnit, ...]]:
    """(headed units, the chosen one, units one step below what is shown). One SELECT."""
    top = [int(path.rstrip("/").rsplit("/", 1)[1]) for path in paths]
    parents = top if chosen_id is None else [chosen_id]
    rows = session.execute(
        select(Unit.id, Unit.name, Unit.path, Unit.parent_id)
        .where(hierarchy.below(paths), or_(Unit.id.in_([*top, *parents]), Unit.parent_id.in_(parents)))
        .order_by(Unit.name, Unit.id)
        .limit(UNITS_TO_CHOOSE + len(top) + 1)
    ).all()
    found = {row.id: TeamUnit(row.id, row.name, row.path) for row in rows}
    if chosen_id is not None and chosen_id not in found:
        raise NotFound("Unit ini tidak ada di bawah unit Anda. Pilih unit lain dari daftar.")
    below = tuple(found[row.id] for row in rows if row.parent_id in parents and row.id not in parents)
    return tuple(found[unit_id] for unit_id in top if unit_id in found), found.get(chosen_id or 0), below


def _offered(session: Session) -> tuple[OfferedCourse, ...]:
    return tuple(
        OfferedCourse(each.course_id, each.course_key, each.outline.title, each.outline.jp, each.outline.minutes)
        for each in library.catalogue(session)
    )


# ------------------------------------------------------------------ counts


def _values(view: _View, wanted: TeamFilter) -> dict[str, Any]:
    """Values of every parameter that a statement may have."""
    values: dict[str, Any] = {f"path_{place}": path for place, path in enumerate(view.paths)}
    values |= {f"word_{place}": pattern for place, pattern in enumerate(rules.name_patterns(wanted.query))}
    values |= {f"target_{kind.value}": jp.target_of(kind, view.settings, view.year)[0] for kind in EmploymentKind}
    values |= {"on": view.on, "head": view.head_id, "year": view.year, "since": view.since, "course": view.course_id}
    return values


def _counted(session: Session, view: _View) -> tuple[TeamCounts, datetime]:
    """The counts and when they were read. Those of a large unit are kept for a minute; a transfer or a course's finish in it
    shows in the rows at once."""
    key = (session.get_bind(), view.head_id, view.paths, view.on, view.year, view.course_id, view.settings)
    kept = _counts.get(key)
    if kept is not None and kept[0] > time.monotonic() and kept[1] <= view.now:
        return kept[2], kept[1]
    counts = _count(session, view)
    if counts.people > COUNTS_KEPT_ABOVE:
        if len(_counts) >= _KEPT_MOST:
            _counts.clear()
        _counts[key] = (time.monotonic() + KEEP_SECONDS, view.now, counts)
    return counts, view.now


def _count(session: Session, view: _View) -> TeamCounts:
    values = _values(view, TeamFilter())
    rows = session.execute(statements.count_members(len(view.paths), view.course_id is not None), values).all()
    return TeamCounts(
        people=sum(row[1] for row in rows),
        with_target=sum(row[1] for row in rows if values[f"target_{row[0]}"]),
        reached=sum(int(row[2]) for row in rows),
        jp=sum(int(row[3]) for row in rows),
        groups={group: sum(int(row[4 + place]) for row in rows) for place, group in enumerate(Group)},
    )


def _total(session: Session, view: _View, wanted: TeamFilter, counts: TeamCounts) -> int:
    """How many people match. Counted again only for names, and for the groups of a large unit, whose counts may be older."""
    words = len(rules.name_patterns(wanted.query))
    if not words and (wanted.group is None or counts.people <= COUNTS_KEPT_ABOVE):
        return counts.people if wanted.group is None else counts.groups[wanted.group]
    statement = statements.count_matches(len(view.paths), words, wanted.group, view.course_id is not None)
    return session.scalar(statement, _values(view, wanted)) or 0


# ------------------------------------------------------------------ rows


def _rows(session: Session, view: _View, wanted: TeamFilter, *, is_large: bool, limit: int, offset: int) -> tuple[TeamRow, ...]:
    """One page of people with their JP and their courses. Two SELECTs, and one for the titles."""
    values = _values(view, wanted)
    statement = statements.page_of_members(
        len(view.paths), len(rules.name_patterns(wanted.query)), wanted.group, view.course_id is not None, wanted.order, is_large
    )
    found = session.execute(statement, values | {"limit": limit, "offset": offset}).all()
    courses = _courses_of(session, [row.id for row in found], view.course_id)
    return tuple(
        TeamRow(
            person_id=row.id,
            display_name=display_name(row.title_prefix, row.name, row.title_suffix),
            employment_kind=EmploymentKind(row.employment_kind),
            position=row.position,
            unit_name=row.unit_name,
            jp=int(row.jp),
            target=values[f"target_{row.employment_kind}"],
            courses=tuple(courses.get(row.id, ())),
        )
        for row in found
    )


def _courses_of(session: Session, person_ids: list[int], course_id: int | None = None) -> dict[int, list[MemberCourse]]:
    """Courses of these people from their summaries, running ones first. Titles are those of the edition each one is in."""
    statement = statements.courses_of_people(course_id is not None)
    rows = session.execute(statement, {"people": person_ids, "course": course_id}).all()
    editions = library.by_ids(session, (row.edition_id for row in rows))
    found: dict[int, list[MemberCourse]] = {}
    for row in sorted(rows, key=lambda each: each.state != State.IN_PROGRESS):
        edition = editions[row.edition_id]
        found.setdefault(row.person_id, []).append(
            MemberCourse(
                course_id=edition.course_id,
                course_key=edition.course_key,
                title=edition.outline.title,
                state=State(row.state),
                percent=row.percent,
                last_activity_at=max(row.last_activity_at, row.set_at or row.last_activity_at),
                completed_at=row.completed_at,
            )
        )
    return found
