"""Writes of the unit tree: `parent_id` is the truth, `path` ("/1/5/") its materialised form, kept equal here and nowhere else."""

import secrets
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms.errors import Invalid, NotFound
from lms.people.models import Person, Unit
from lms.people.names import tidy_name
from lms.people.queries import employed_on
from lms.people.rules import staff_date
from lms.people.settings import agency_settings, check_time_zone
from lms.people.types import UnitCategory
from lms.store import audit

PATH_LENGTH = 400


def make_unit(
    session: Session,
    *,
    name: str,
    parent_id: int | None = None,
    category: UnitCategory = UnitCategory.OFFICE,
    time_zone: str | None = None,
    code: str = "",
    now: datetime | None = None,
    by: int | None = None,
) -> int:
    """A unit below `parent_id`, or a root. Without a zone it takes its parent's, or the agency's. Returns its id.

    Audited when `now` is given: by a person, not by an import that has a record of its own.
    """
    parent = _unit_for_update(session, parent_id) if parent_id is not None else None
    zone = check_time_zone(time_zone) if time_zone else parent.time_zone if parent else agency_settings(session).time_zone
    name, code = _checked_name(name), _checked_code(session, code)
    unit = Unit(name=name, parent_id=parent_id, category=category, time_zone=zone, code=code, path=f"?{secrets.token_hex(8)}")
    session.add(unit)
    session.flush()  # the path needs the id
    unit.path = _checked_path(f"{parent.path if parent else '/'}{unit.id}/")
    if now is not None:
        audit.record(session, at=now, action="unit.make", actor_id=by, subject=f"unit:{unit.id}", parent=parent_id)
    session.flush()
    return unit.id


def change_unit(
    session: Session,
    *,
    unit_id: int,
    now: datetime,
    by: int | None = None,
    name: str | None = None,
    category: UnitCategory | None = None,
    time_zone: str | None = None,
    code: str | None = None,
) -> None:
    """Rename a unit, or change its category, zone or code. A new zone counts from now on: JP rows keep the zone they were made in."""
    unit = _unit_for_update(session, unit_id)
    unit.name = unit.name if name is None else _checked_name(name)
    unit.category = unit.category if category is None else category
    unit.time_zone = unit.time_zone if time_zone is None else check_time_zone(time_zone)
    unit.code = unit.code if code is None else _checked_code(session, code, unit_id)
    audit.record(session, at=now, action="unit.change", actor_id=by, subject=f"unit:{unit_id}")
    session.flush()


def move_unit(session: Session, *, unit_id: int, parent_id: int | None, now: datetime, by: int | None = None) -> None:
    """Hang a subtree below another unit (None = make it a root). Raises Invalid when the new parent lies inside the subtree."""
    session.execute(select(Unit.id).order_by(Unit.id).with_for_update())  # one move at a time: two could make a circle
    unit = _unit_for_update(session, unit_id)
    parent = _unit_for_update(session, parent_id) if parent_id is not None else None
    if parent is not None and parent.path.startswith(unit.path):
        raise Invalid("Unit tidak dapat dipindahkan ke bawah dirinya sendiri. Pilih induk lain.", field="parent_id")
    old, new = unit.path, f"{parent.path if parent else '/'}{unit.id}/"
    if unit.parent_id == parent_id:
        return
    below = Unit.path.startswith(old, autoescape=True)
    deepest = session.scalar(select(func.max(func.length(Unit.path))).where(below)) or 0
    _checked_path(new + "x" * (deepest - len(old)))
    unit.parent_id = parent_id
    session.flush()
    session.execute(
        update(Unit)
        .where(below)
        .values(path=new + func.substr(Unit.path, len(old) + 1))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    audit.record(session, at=now, action="unit.move", actor_id=by, subject=f"unit:{unit_id}", parent=parent_id)
    session.flush()


def set_head(session: Session, *, unit_id: int, person_id: int | None, now: datetime, by: int | None = None) -> None:
    """Name the head of a unit, who need not be its member (Plt), or leave it vacant with None. Raises NotFound, Invalid."""
    unit = _unit_for_update(session, unit_id)
    if person_id is not None and not session.scalar(
        select(Person.id).where(Person.id == person_id, employed_on(staff_date(now)))
    ):
        raise Invalid("Kepala unit harus pegawai yang masih aktif.", field="head_id")
    if unit.head_id == person_id:
        return
    unit.head_id = person_id
    audit.record(session, at=now, action="unit.head", actor_id=by, subject=f"unit:{unit_id}", head=person_id)
    session.flush()


def _unit_for_update(session: Session, unit_id: int) -> Unit:
    unit = session.scalar(select(Unit).where(Unit.id == unit_id).with_for_update().execution_options(populate_existing=True))
    if unit is None:
        raise NotFound("Unit kerja ini tidak ditemukan.")
    return unit


def _checked_name(name: str) -> str:
    clean = tidy_name(name)
    if not 1 <= len(clean) <= 200:
        raise Invalid("Nama unit harus diisi, paling banyak 200 huruf.", field="name")
    return clean


def _checked_code(session: Session, code: str, unit_id: int | None = None) -> str:
    """Imports find a unit by its code, so no two units share one."""
    clean = code.strip()
    if len(clean) > 60:
        raise Invalid("Kode unit paling banyak 60 karakter.", field="code")
    if clean and session.scalar(select(Unit.id).where(Unit.code == clean, Unit.id.is_distinct_from(unit_id)).limit(1)):
        raise Invalid("Kode ini sudah dipakai unit lain. Periksa lagi, atau kosongkan.", field="code")
    return clean


def _checked_path(path: str) -> str:
    if len(path) > PATH_LENGTH:
        raise Invalid("Susunan unit terlalu dalam. Letakkan unit ini di bawah induk yang lebih tinggi.", field="parent_id")
    return path
