"""Taking a staff file over, in short transactions. Each function runs inside the caller's `write_tx` and flushes.

An import is a row with a cursor: the last line that was done. A piece locks the row, decides the next lines anew against what
is there (as the preview did), writes them in bulk with what they changed, and moves the cursor on, all in one transaction. So
it may be killed anywhere, be gone on with by anybody, and run beside another worker: they take turns.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid
from lms.people.exports import record_export
from lms.people.importing.changes import Staff, write_outcomes
from lms.people.importing.plan import Known, Places, decide, find_places, is_employed, leave, wishes_of
from lms.people.importing.queries import ImportRow, people_of, plan_of, unit_tree
from lms.people.importing.types import ImportState, Options, Outcome, Plan, RowKind, StaffFile, UnitChange, UnitWish
from lms.people.models import StaffImport, StaffImportChange, Unit
from lms.people.rules import staff_date
from lms.people.settings import agency_settings
from lms.store import audit

CHUNK = 250
"""Rows in one transaction, so that learners who save an answer wait only for these (R58)."""


@dataclass(slots=True)
class Run:
    """What one worker carries from piece to piece: the file, and what was found out before the first one."""

    import_id: int
    file: StaffFile
    options: Options
    by: int | None
    absent: list[int]
    """Ids of people whom a complete file does not name."""
    numbers: frozenset[str]
    wishes: list[UnitWish]
    places: Places | None = None


def register(session: Session, *, file_name: str, sha256: str, options: Options, now: datetime, by: int | None = None) -> int:
    """Keep that a file lies ready to be looked at. Returns the id of the import. Raises Invalid for a day to come."""
    check_day(options, now)
    row = StaffImport(
        file_name=file_name[-200:],
        sha256=sha256,
        by=by,
        begun_at=now,
        state=ImportState.PLANNED,
        options={"on": options.on.isoformat(), "is_complete": options.is_complete},
        counts={},
    )
    session.add(row)
    session.flush()
    return row.id


def check_day(options: Options, now: datetime) -> None:
    """Raises Invalid unless the day is today or before: transfers of the future are entered on their day."""
    if not options.on.year >= 2000 or options.on > staff_date(now):
        raise Invalid("Tanggal berlaku harus hari ini atau sebelumnya, paling awal tahun 2000.", field="on")


def confirm(session: Session, *, import_id: int, plan: Plan, typed: str, now: datetime, by: int | None = None) -> None:
    """Begin to take over. `typed`: the number of people who leave, where so many do that it is asked for. Raises Invalid, Conflict."""
    row = _locked(session, import_id)
    if row.state != ImportState.PLANNED:
        raise Conflict("Impor ini sudah dijalankan. Muat ulang halamannya untuk melihat hasilnya.")
    leavers = plan.count(RowKind.LEFT)
    if plan.asks_for_number and typed.strip().replace(".", "") != str(leavers):
        raise Invalid(
            f"{leavers} dari {plan.staff} pegawai akan tercatat berhenti. Itu banyak sekali, jadi belum ada yang diubah. "
            f"Periksa daftarnya; bila memang benar, ketik {leavers}.",
            field="leavers",
        )
    row.state, row.by = ImportState.APPLYING, by
    total = len(plan.outcomes)
    row.counts = {
        "planned": plan.counts,
        "total": total,
        "line": 0,
        "absent": 0,
        "done": dict.fromkeys(RowKind, 0) | {"units": 0},
    }
    audit.record(session, at=now, action="staff.import", actor_id=by, subject=f"import:{import_id}", **plan.counts)
    session.flush()


def begin_run(session: Session, found: ImportRow, file: StaffFile) -> Run:
    """Get ready to go on with an import; reads everybody once, outside any write transaction."""
    absent: list[int] = []
    if found.options.is_complete:
        plan = plan_of(session, file, found.options, found.by)
        absent = [outcome.person_id for outcome in plan.outcomes if outcome.line == 0 and outcome.person_id is not None]
    return Run(found.import_id, file, found.options, found.by, sorted(absent), file.numbers, wishes_of(file.rows))


def advance(session: Session, run: Run, *, now: datetime) -> bool:
    """Do the next piece: the units, then some lines, then some of those who are in no line. False when nothing is left."""
    row = _locked(session, run.import_id)
    if row.state != ImportState.APPLYING:
        return False
    counts = row.counts
    if run.places is None:
        run.places, changed = _write_units(session, run)
        counts["done"]["units"] += changed
    elif rows := [one for one in run.file.rows if one.line > counts["line"]][:CHUNK]:
        known = Known(people_of(session, rows), run.numbers)
        outcomes = [decide(one, known, run.places, run.options) for one in rows]
        _write(session, run, outcomes, counts, now)
        counts["line"] = rows[-1].line
    elif ids := [person_id for person_id in run.absent if person_id > counts["absent"]][:CHUNK]:
        here = (person for person in people_of(session, ids=ids) if is_employed(person, run.options))
        _write(session, run, [leave(person, run.options) for person in here], counts, now)
        counts["absent"] = ids[-1]
    else:
        row.state, row.finished_at = ImportState.DONE, now
        audit.record(
            session, at=now, action="staff.import_done", actor_id=run.by, subject=f"import:{run.import_id}", **counts["done"]
        )
    session.execute(update(StaffImport).where(StaffImport.id == row.id).values(counts=counts))
    session.flush()
    return row.state == ImportState.APPLYING


def _write(session: Session, run: Run, outcomes: Sequence[Outcome], counts: dict[str, Any], now: datetime) -> None:
    for outcome in outcomes:
        counts["done"][outcome.kind.value] += 1
    write_outcomes(session, outcomes, Staff(run.import_id, run.options.on, run.by, now))


def _locked(session: Session, import_id: int) -> StaffImport:
    return session.get_one(StaffImport, import_id, with_for_update=True, populate_existing=True)


def note_problems_taken(session: Session, *, import_id: int, people: int, now: datetime, by: int | None) -> None:
    """That the rows with problems left as a file (R91)."""
    record_export(session, at=now, by=by, kind="staff-problems", scope_paths=("/",), people=people, **{"import": import_id})
    session.flush()


# ------------------------------------------------------------------ units


def _write_units(session: Session, run: Run) -> tuple[Places, int]:
    """Make and rename what the good rows ask for; returns the unit of each wish, and how many units changed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(Unit.id).order_by(Unit.id).with_for_update())  # two imports could make one unit twice
    tree = unit_tree(session)
    places = find_places(run.wishes, tree)
    changes = tree.changes
    real = _make_units(session, [change for change in changes if change.before is None])
    told = []
    for change in changes:
        after, before = change.after, change.before
        unit_id = real.get(after.unit_id, after.unit_id)
        values = {"name": after.name, "code": after.code, "category": after.category.value}
        if before is not None:
            session.execute(update(Unit).where(Unit.id == unit_id).values(**values))
        old = {"name": before.name, "code": before.code, "category": before.category.value} if before else {}
        told.append(_unit_change(run.import_id, unit_id, change, old, values))
    if told:
        session.execute(insert(StaffImportChange), told)
    return {wish: real.get(place, place) if isinstance(place, int) else place for wish, place in places.items()}, len(changes)


def _unit_change(import_id: int, unit_id: int, change: UnitChange, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    kind = RowKind.CHANGED if change.before else RowKind.NEW
    subject = f"unit:{unit_id}"
    return {"import_id": import_id, "line": 0, "subject": subject, "kind": kind.value, "before": old, "after": new}


def _make_units(session: Session, changes: Iterable[UnitChange]) -> dict[int, int]:
    """Insert new units, one level of the tree after the other; returns the real id of each planned one."""
    real: dict[int, int] = {}
    rest = [change.after for change in changes]
    usual = agency_settings(session).time_zone
    while rest:
        level = [unit for unit in rest if unit.parent_id is None or unit.parent_id > 0 or unit.parent_id in real]
        placed = {unit.unit_id for unit in level}
        rest = [unit for unit in rest if unit.unit_id not in placed]
        parents = {unit.unit_id: real.get(unit.parent_id or 0, unit.parent_id) for unit in level}
        known = select(Unit.id, Unit.path, Unit.time_zone).where(Unit.id.in_({parent for parent in parents.values() if parent}))
        above = {row.id: row for row in session.execute(known.order_by(Unit.id))}
        rows = [
            {
                "parent_id": parents[unit.unit_id],
                "path": f"?{secrets.token_hex(8)}",  # needs the id
                "name": unit.name,
                "code": unit.code,
                "category": unit.category,
                "time_zone": above[parents[unit.unit_id]].time_zone if parents[unit.unit_id] else usual,
            }
            for unit in level
        ]
        ids = session.scalars(insert(Unit).returning(Unit.id, sort_by_parameter_order=True), rows).all()
        table = Unit.__table__
        paths = [
            {"unit_id": unit_id, "new_path": f"{above[row['parent_id']].path if row['parent_id'] else '/'}{unit_id}/"}
            for unit_id, row in zip(ids, rows, strict=True)
        ]
        session.execute(update(table).where(table.c.id == bindparam("unit_id")).values(path=bindparam("new_path")), paths)  # type: ignore[arg-type]
        real |= {unit.unit_id: unit_id for unit, unit_id in zip(level, ids, strict=True)}
    return real
