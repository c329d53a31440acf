"""Reads of the supervisor's pages: people below every unit one heads, never anybody else (R4). Statuses come from summaries,
which progress.rules.status wrote. The number of SELECTs is the same for 1 and 20,000 people."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.errors import NotAllowed, NotFound
from lms.people import hierarchy
from lms.people import queries as people
from lms.people.hierarchy import Team
from lms.people.models import Unit
from lms.people.names import display_name
from lms.people.settings import AgencySettings, agency_settings
from lms.people.types import EmploymentKind
from lms.progress import jp, requirements
from lms.progress import rules as progress_rules
from lms.progress.jp import LedgerRow
from lms.progress.types import JpMeter, State
from lms.recognition import queries as recognition
from lms.recognition import thanks
from lms.recognition.types import CertificateRow
from lms.teams import rules, statements
from lms.teams.statements import Reach
from lms.teams.types import (
    DueCourse,
    Group,
    MemberCourse,
    OfferedCourse,
    TeamCounts,
    TeamFilter,
    TeamPage,
    TeamRow,
    TeamUnit,
    Today,
)

COUNTS_KEPT_ABOVE = 200
"""People; counting fewer costs less than a millisecond, so it is done each time."""
READ_BY_NAME_ABOVE = 1000
"""People; a page of a larger unit is read along the index of names instead of sorting everybody."""
KEEP_SECONDS = 60.0
_KEPT_MOST = 200
_counts: dict[tuple[Any, ...], tuple[float, datetime, Any]] = {}
UNITS_TO_CHOOSE = 200
SHOWN_FIRST = 5
SPARE = 2
"""People kept beside the five of a group, for when some of them got their word meanwhile."""
FRONT = (Group.STUCK, Group.DUE, Group.FINISHED)


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
    due: tuple[DueCourse, ...]
    thanked: frozenset[int | None]
    """Ids of the courses that the reader has thanked for."""
    offered: tuple[OfferedCourse, ...]
    """The catalogue, to suggest from."""


@dataclass(frozen=True, slots=True)
class _View:
    """Whom one request is about: the people of `team` on a date, but the head."""

    head_id: int
    team: Team
    on: date
    now: datetime
    year: int
    course_id: int | None
    is_direct: bool
    settings: AgencySettings

    @property
    def since(self) -> datetime:
        return rules.quiet_since(self.now)

    @property
    def reach(self) -> Reach:
        return Reach(len(self.team.paths), bool(self.team.named), self.is_direct)


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
    team = require_team(session, person_id, on)
    headed, unit, below = _units(session, team.paths, wanted.unit_id)
    offered = _offered(session)
    if wanted.course_id is not None and all(course.course_id != wanted.course_id for course in offered):
        raise NotFound("Pelatihan ini tidak ada dalam katalog. Pilih pelatihan lain dari daftar.")
    scope = Team((unit.path,)) if unit else team
    view = _View(person_id, scope, on, now, year, wanted.course_id, wanted.is_direct, settings or agency_settings(session))
    counts, counted_at = _kept(session, "counts", view, lambda: _count(session, view), lambda counts: counts.people)
    total = _total(session, view, wanted, counts)
    page_count = max(1, -(-total // limit))
    page = min(max(1, page), page_count)
    rows = _rows(
        session, view, wanted, offered, is_large=counts.people > READ_BY_NAME_ABOVE, limit=limit, offset=(page - 1) * limit
    )
    return TeamPage(headed, unit, below, offered, counts, counted_at, rows, total, page, page_count)


def require_team(session: Session, person_id: int, on: date) -> Team:
    """The people below a person on a date. Raises NotAllowed for somebody who heads nothing."""
    if team := hierarchy.team_of(session, person_id, on):
        return team
    raise NotAllowed("Halaman ini untuk kepala unit kerja. Kemajuan belajar Anda sendiri ada di Beranda.")


def today(
    session: Session, person_id: int, on: date, *, now: datetime, year: int, settings: AgencySettings | None = None
) -> Today:
    """The front page of a superior. Counts, and who comes first, of a large unit are kept for a minute; the rows are of this moment,
    so who got a word meanwhile is not named again."""
    team = require_team(session, person_id, on)
    view = _View(person_id, team, on, now, year, None, False, settings or agency_settings(session))
    (counts, first), counted_at = _kept(
        session, "today", view, lambda: _count_and_first(session, view), lambda kept: kept[0].people
    )
    offered = _offered(session)
    found = _members(session, view, {person_id for ids in first.values() for person_id in ids}, offered)
    shown: dict[Group, tuple[TeamRow, ...]] = {}
    for group in FRONT:
        rows = [found[each] for each in first[group] if each in found]
        if group is Group.FINISHED:
            rows = [rules.unthanked(row) for row in rows]
        fitting = [row for row in rows if group in rules.groups_of(row.courses, now, row.due)]
        shown[group] = tuple(fitting[:SHOWN_FIRST])
    return Today(_named_units(session, team.paths), offered, counts, counted_at, shown)


def learning_story(
    session: Session, person_id: int, member_id: int, on: date, *, now: datetime, settings: AgencySettings | None = None
) -> LearningStory:
    """The learning of one person below. Raises NotFound for everybody else: people elsewhere look like people who do not exist."""
    require_member(session, person_id, member_id, on)
    who = people.identity(session, member_id, on)
    year = progress_rules.jp_year(now, who.time_zone)
    entries = tuple(entry for entry in jp.ledger(session, member_id) if entry.counts and entry.year == year)
    target, cap = jp.target_of(who.employment_kind, settings or agency_settings(session), year)
    given = thanks.of_people(session, [member_id])
    offered = _offered(session)
    return LearningStory(
        person_id=member_id,
        display_name=who.display_name,
        employment_kind=who.employment_kind,
        position=who.position,
        unit_name=who.unit_name,
        time_zone=who.time_zone,
        meter=progress_rules.jp_meter(year, sum(entry.jp for entry in entries), target, cap),
        courses=courses_of(session, member_id),
        entries=entries,
        certificates=tuple(recognition.certificates_of(session, member_id)),
        due=_due_of(session, [member_id], now, offered).get(member_id, ()),
        thanked=frozenset(row.course_id for row in given if row.given_by == person_id),
        offered=offered,
    )


def require_member(session: Session, person_id: int, member_id: int, on: date) -> None:
    """Raises NotFound unless `member_id` is somebody below `person_id` on the date."""
    team = hierarchy.team_of(session, person_id, on)
    if person_id == member_id or not hierarchy.sees(session, team, member_id, on):
        raise NotFound("Pegawai ini tidak ada di unit Anda. Buka daftar anggota untuk memilih yang lain.")


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


def _named_units(session: Session, paths: Sequence[str]) -> tuple[TeamUnit, ...]:
    rows = session.connection().execute(statements.UNITS_AT, {"paths": list(paths)})
    return tuple(TeamUnit(row.id, row.name, row.path) for row in rows)


def _offered(session: Session) -> tuple[OfferedCourse, ...]:
    return tuple(
        OfferedCourse(each.course_id, each.course_key, each.outline.title, each.outline.jp, each.outline.minutes)
        for each in library.catalogue(session)
    )


# ------------------------------------------------------------------ counts


def _values(view: _View, wanted: TeamFilter) -> dict[str, Any]:
    """Values of every parameter that a statement may have."""
    values: dict[str, Any] = {f"path_{place}": path for place, path in enumerate(view.team.paths)}
    values |= {f"word_{place}": pattern for place, pattern in enumerate(rules.name_patterns(wanted.query))}
    values |= {f"target_{kind.value}": jp.target_of(kind, view.settings, view.year)[0] for kind in EmploymentKind}
    values |= {"on": view.on, "head": view.head_id, "year": view.year, "since": view.since, "course": view.course_id}
    values |= {"soon": rules.due_until(view.now), "named": list(view.team.named)}
    return values


def _kept(session: Session, what: str, view: _View, read: Callable[[], Any], size: Callable[[Any], int]) -> tuple[Any, datetime]:
    """What `read` gives and when it was read. That of a large unit is kept for a minute; a transfer or a course's finish in it
    shows in the rows at once."""
    whole = (view.head_id, view.team, view.on, view.year, view.course_id, view.is_direct, view.settings)
    key = (session.get_bind(), what, *whole)
    kept = _counts.get(key)
    if kept is not None and kept[0] > time.monotonic() and kept[1] <= view.now:
        return kept[2], kept[1]
    found = read()
    if size(found) > COUNTS_KEPT_ABOVE:
        if len(_counts) >= _KEPT_MOST:
            _counts.clear()
        _counts[key] = (time.monotonic() + KEEP_SECONDS, view.now, found)
    return found, view.now


def _count_and_first(session: Session, view: _View) -> tuple[TeamCounts, dict[Group, list[int]]]:
    """The counts, and ids of those who come first in each group of the front page. Four SELECTs."""
    values = _values(view, TeamFilter()) | {"limit": SHOWN_FIRST + SPARE}
    rows = {group: session.execute(statements.first_of_group(view.reach, group), values).all() for group in FRONT}
    counts = _count(session, view, (Group.STUCK, Group.FINISHED))
    due = rows[Group.DUE][0][1] if rows[Group.DUE] else 0
    return replace(counts, groups={**counts.groups, Group.DUE: due}), {group: [row[0] for row in rows[group]] for group in FRONT}


def _count(session: Session, view: _View, groups: tuple[Group, ...] = tuple(Group)) -> TeamCounts:
    values = _values(view, TeamFilter())
    rows = session.execute(statements.count_members(view.reach, view.course_id is not None, groups), values).all()
    return TeamCounts(
        people=sum(row[1] for row in rows),
        with_target=sum(row[1] for row in rows if values[f"target_{row[0]}"]),
        reached=sum(int(row[2]) for row in rows),
        jp=sum(int(row[3]) for row in rows),
        groups={group: sum(int(row[4 + place]) for row in rows) for place, group in enumerate(groups)},
    )


def _total(session: Session, view: _View, wanted: TeamFilter, counts: TeamCounts) -> int:
    """How many people match. Counted again only for names, and for the groups of a large unit, whose counts may be older."""
    words = len(rules.name_patterns(wanted.query))
    if not words and (wanted.group is None or counts.people <= COUNTS_KEPT_ABOVE):
        return counts.people if wanted.group is None else counts.groups[wanted.group]
    statement = statements.count_matches(view.reach, words, wanted.group, view.course_id is not None)
    return session.scalar(statement, _values(view, wanted)) or 0


# ------------------------------------------------------------------ rows


def _rows(
    session: Session,
    view: _View,
    wanted: TeamFilter,
    offered: Sequence[OfferedCourse],
    *,
    is_large: bool,
    limit: int,
    offset: int,
) -> tuple[TeamRow, ...]:
    """One page of people. Four SELECTs, and two for the titles."""
    statement = statements.page_of_members(
        view.reach, len(rules.name_patterns(wanted.query)), wanted.group, view.course_id is not None, wanted.order, is_large
    )
    values = _values(view, wanted)
    found = session.connection().execute(statement, values | {"limit": limit, "offset": offset}).all()
    return _team_rows(session, view, found, offered)


def _members(session: Session, view: _View, ids: set[int], offered: Sequence[OfferedCourse]) -> dict[int, TeamRow]:
    """Those of these people who are still below the head, by id."""
    values = _values(view, TeamFilter()) | {"ids": sorted(ids)}
    rows = session.connection().execute(statements.members_by_id(view.reach), values).all()
    return {row.person_id: row for row in _team_rows(session, view, rows, offered)}


def _team_rows(session: Session, view: _View, found: Sequence[Any], offered: Sequence[OfferedCourse]) -> tuple[TeamRow, ...]:
    """People with their courses and what is due."""
    ids = [row.id for row in found]
    courses = _courses_of(session, ids, view.course_id)
    due = _due_of(session, ids, view.now, offered, view.course_id)
    given = [row for row in thanks.of_people(session, ids) if row.given_by == view.head_id]
    return tuple(
        TeamRow(
            person_id=row.id,
            display_name=display_name(row.title_prefix, row.name, row.title_suffix),
            employment_kind=EmploymentKind(row.employment_kind),
            position=row.position,
            unit_name=row.unit_name,
            jp=int(row.jp),
            target=jp.target_of(row.employment_kind, view.settings)[0],
            courses=tuple(courses.get(row.id, ())),
            due=due.get(row.id, ()),
            thanked=frozenset(each.course_id for each in given if each.person_id == row.id),
        )
        for row in found
    )


def _due_of(
    session: Session, person_ids: Sequence[int], now: datetime, offered: Sequence[OfferedCourse], course_id: int | None = None
) -> dict[int, tuple[DueCourse, ...]]:
    """What each of these people is asked and has not finished, due first in front."""
    rows = requirements.of_people(session, person_ids, now)
    titles = {course.course_id: course.title for course in offered if course_id in (None, course.course_id)}
    found: dict[int, tuple[DueCourse, ...]] = {}
    for person_id, asked in groupby(rows, key=lambda row: row.person_id):
        found[person_id] = tuple(
            DueCourse(row.requirement_id, row.course_id, titles[row.course_id], row.due_on, row.due_at, row.time_zone)
            for row in requirements.first_of_each_course(asked)
            if row.course_id in titles
        )
    return found


def courses_of(session: Session, person_id: int) -> tuple[MemberCourse, ...]:
    """The courses of one person, running ones first."""
    return tuple(_courses_of(session, [person_id]).get(person_id, ()))


def _courses_of(session: Session, person_ids: list[int], course_id: int | None = None) -> dict[int, list[MemberCourse]]:
    """Courses of these people from their summaries, running ones first. Titles are those of the edition each one is in."""
    statement = statements.courses_of_people(course_id is not None)
    rows = session.connection().execute(statement, {"people": person_ids, "course": course_id}).all()
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
