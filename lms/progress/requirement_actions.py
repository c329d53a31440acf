"""Writes of requirements: asking, giving more time, ending. The caller gives the team it may ask of (`hierarchy.team_of`)."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content.models import CourseRow
from lms.errors import Conflict, Invalid, NotFound
from lms.people import hierarchy
from lms.people.hierarchy import EVERYBODY, Team
from lms.people.models import Membership, Person, Unit
from lms.people.queries import member_on
from lms.people.rules import staff_date
from lms.progress import requirements
from lms.progress.models import Requirement, RequirementExtension, RequirementPerson
from lms.progress.types import Audience
from lms.store import audit

LONGEST_NOTE = 300
LONGEST_WORDS = 100
MOST_PEOPLE = 200
FARTHEST = timedelta(days=3 * 366)


def check_audience(session: Session, audience: Audience, team: Team, on: date) -> Audience:
    """The audience as the team's superior may ask it, those named with the unit that holds them. NotFound for a unit or person
    elsewhere, Invalid when it is too wide or too long."""
    if len(audience.position_words) > LONGEST_WORDS:
        raise Invalid(f"Kata jabatan terlalu panjang, paling banyak {LONGEST_WORDS} huruf.", field="jabatan")
    if audience.unit_id is not None:
        path = session.scalar(select(Unit.path).where(Unit.id == audience.unit_id))
        if path is None or not any(path.startswith(own) for own in team.paths):
            raise NotFound("Unit ini tidak ada di bawah unit Anda. Pilih unit lain.")
    if not audience.person_ids:
        if audience.unit_id is None and team != EVERYBODY:
            raise Invalid("Pilih unit atau orang yang diminta. Penugasan belum disimpan.", field="unit")
        return audience
    if len(audience.person_ids) > MOST_PEOPLE:
        raise Invalid(f"Paling banyak {MOST_PEOPLE} orang. Untuk lebih banyak, pilih unitnya.", field="orang")
    wanted = select(Person.id, Unit.path).where(Person.id.in_(audience.person_ids), hierarchy.is_in_team(team, on))
    wanted = wanted.outerjoin(Membership, (Membership.person_id == Person.id) & member_on(on))
    found = session.execute(wanted.outerjoin(Unit, Unit.id == Membership.unit_id)).all()
    if {row.id for row in found} != set(audience.person_ids):
        raise NotFound("Salah satu pegawai ini tidak ada di unit Anda. Buka daftar anggota untuk memilih yang lain.")
    shared = (path for path in team.paths if path != "/" and all((row.path or "").startswith(path) for row in found))
    unit_id = next((int(path.rstrip("/").rsplit("/", 1)[1]) for path in shared), None)
    return Audience(unit_id, person_ids=tuple(sorted({row.id for row in found})))


def require_course(
    session: Session, *, course_id: int, audience: Audience, due_on: date, note: str, team: Team, by: int, now: datetime
) -> int:
    """Ask a course of an audience until the end of a day where each of them works (D75). Returns the requirement's id.

    Raises Invalid, NotFound as `check_audience`, and for a course that is not offered or a day that is past or years away.
    """
    on = staff_date(now)
    audience = check_audience(session, audience, team, on)
    offered = select(CourseRow.id).where(CourseRow.retired_at.is_(None), CourseRow.current_edition_id.is_not(None))
    if session.scalar(offered.where(CourseRow.id == course_id)) is None:
        raise Invalid("Pilih pelatihan dari daftar. Pelatihan yang sudah ditutup tidak dapat diminta.", field="pelatihan")
    check_day(due_on, on)
    values = {
        "course_id": course_id,
        "made_by": by,
        "is_personal": bool(audience.person_ids),
        "unit_id": audience.unit_id,
        "unit_category": audience.unit_category,
        "employment_kind": audience.employment_kind,
        "position_words": audience.position_words,
        "due_on": due_on,
        "note": check_note(note),
    }
    if (same := _same(session, values, audience)) is not None:
        return same
    row = Requirement(**values, made_at=now)
    session.add(row)
    session.flush()
    session.add_all(RequirementPerson(requirement_id=row.id, person_id=person_id) for person_id in audience.person_ids)
    audit.record(session, at=now, action="requirement.make", actor_id=by, subject=f"requirement:{row.id}", course=course_id)
    session.flush()
    return row.id


def _same(session: Session, values: dict[str, Any], audience: Audience) -> int | None:
    """Id of a running requirement that says the very same: a form sent twice asks once."""
    session.execute(select(Person.id).where(Person.id == values["made_by"]).with_for_update())
    running = select(Requirement.id).filter_by(**values).where(Requirement.ended_at.is_(None)).order_by(Requirement.id)
    for requirement_id in session.scalars(running):
        named = select(RequirementPerson.person_id).where(RequirementPerson.requirement_id == requirement_id)
        if set(session.scalars(named)) == set(audience.person_ids):
            return requirement_id
    return None


def check_note(note: str) -> str:
    """The note in one line. Raises Invalid when it is too long."""
    words = " ".join(note.replace("\x00", "").split())
    if len(words) > LONGEST_NOTE:
        raise Invalid(f"Catatan terlalu panjang, paling banyak {LONGEST_NOTE} huruf.", field="catatan")
    return words


def check_day(due_on: date, on: date) -> None:
    """Yesterday in the east may still be today in the west, so a day's grace."""
    if not on - timedelta(days=1) <= due_on <= on + FARTHEST:
        raise Invalid(
            "Tanggalnya harus hari ini atau sesudahnya, dalam tiga tahun ke depan. Belum ada yang disimpan.", field="sampai"
        )


def end_requirement(session: Session, *, requirement_id: int, team: Team, by: int, now: datetime) -> None:
    """Ask nobody any more. What people finished stays. Ending twice changes nothing. NotFound for one of another unit."""
    wanted = select(Requirement).outerjoin(Unit, Unit.id == Requirement.unit_id).where(Requirement.id == requirement_id)
    row = session.scalar(wanted.where(requirements.is_managed(team, by)).with_for_update(of=Requirement))
    if row is None:
        raise NotFound("Penugasan ini tidak ditemukan. Buka daftar penugasan untuk memilih yang lain.")
    if row.ended_at is not None:
        return
    row.ended_at = now
    audit.record(session, at=now, action="requirement.end", actor_id=by, subject=f"requirement:{requirement_id}")
    session.flush()


def extend(
    session: Session,
    *,
    requirement_id: int,
    person_id: int,
    by: int,
    now: datetime,
    known: date,
    days: int | None = None,
    due_on: date | None = None,
) -> date:
    """More time for one person: `days` from the day that holds now, or from today when that is past; or until `due_on`. Returns the
    day that now holds. `known` is the day the form was made for: when another one holds, as after a second tap, nothing is added. The
    caller has checked that the person is below. NotFound when they are not asked, Conflict when they have finished,
    Invalid for a day that is not later."""
    session.execute(select(Requirement.id).where(Requirement.id == requirement_id).with_for_update())
    asked = [row for row in requirements.of_person(session, person_id, now) if row.requirement_id == requirement_id]
    if not asked:
        raise NotFound("Penugasan ini tidak berlaku bagi pegawai itu. Muat ulang halamannya.")
    if asked[0].is_finished:
        raise Conflict("Pelatihan ini sudah diselesaikannya, jadi tidak perlu diperpanjang.")
    if asked[0].due_on != known:
        return asked[0].due_on
    on = staff_date(now)
    day = due_on if due_on is not None else max(asked[0].due_on, on) + timedelta(days=days or 0)
    if day <= asked[0].due_on:
        raise Invalid("Tanggal yang baru harus sesudah tenggat yang berlaku. Tenggatnya tidak berubah.", field="sampai")
    check_day(day, on)
    session.add(RequirementExtension(requirement_id=requirement_id, person_id=person_id, due_on=day, by=by, at=now))
    session.flush()
    return day
