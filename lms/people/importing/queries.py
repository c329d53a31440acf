"""Reads of staff imports: people and units as they are now, and imports with their changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.people.importing.plan import make_plan
from lms.people.importing.types import ImportState, Options, PersonState, Plan, Post, StaffFile, StaffRow, UnitState
from lms.people.importing.units import UnitTree
from lms.people.models import Account, Membership, Person, RoleGrant, StaffImport, StaffImportChange, Unit
from lms.people.types import Role

COLUMNS = (
    "nip", "name", "title_prefix", "title_suffix", "employment_kind", "grade", "position", "birth_date", "left_on", "siasn_id", "email",
)  # fmt: skip
"""Of Person, those that an import may change."""
KEPT = "kept"
"""Kind of a change that undoing left alone."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import in lists and on its page. `counts`: what was planned and done, see actions."""

    import_id: int
    file_name: str
    sha256: str
    by: int | None
    begun_at: datetime
    state: ImportState
    options: Options
    counts: dict[str, Any]
    finished_at: datetime | None
    undone_at: datetime | None


def people_of(session: Session, rows: Sequence[StaffRow] | None = None, *, ids: Sequence[int] | None = None) -> list[PersonState]:
    """People as they are now: everybody, those whom some rows may mean, or those with these ids. Three SELECTs.

    Inside a write transaction the people found by rows or ids are locked until its end.
    """
    table = Person.__table__.c
    wanted = select(table.id, *(table[column] for column in COLUMNS)).order_by(table.id)
    chosen = None
    if rows is not None:
        chosen = or_(
            table.nip.in_([row.nip for row in rows if row.nip]),
            table.siasn_id.in_([row.siasn_id for row in rows if row.siasn_id]),
            table.birth_date.in_({row.birth_date for row in rows if row.birth_date}),
            table.id.in_(select(Account.person_id).where(Account.identifier.in_([row.nip for row in rows if row.nip]))),
        )
    elif ids is not None:
        chosen = table.id.in_(ids)
    posts = select(Membership.person_id, Membership.id, Membership.unit_id, Membership.from_on, Membership.to_on)
    accounts = select(Account.person_id, Account.identifier, Account.password_hash.is_not(None))
    if chosen is not None:
        wanted = wanted.where(chosen).with_for_update()
    found = session.execute(wanted).all()
    if chosen is not None:
        found_ids = [row.id for row in found]
        posts = posts.where(Membership.person_id.in_(found_ids))
        accounts = accounts.where(Account.person_id.in_(found_ids))
    newest = {row[0]: Post(*row[1:]) for row in session.execute(posts.order_by(Membership.from_on, Membership.id))}
    owned = {row[0]: (row[1], bool(row[2])) for row in session.execute(accounts.order_by(Account.person_id))}
    return [
        PersonState(row.id, dict(zip(COLUMNS, row[1:], strict=True)), *owned.get(row.id, ("", False)), newest.get(row.id))
        for row in found
    ]


def unit_tree(session: Session) -> UnitTree:
    """The units as they are now. One SELECT."""
    rows = session.execute(select(Unit.id, Unit.parent_id, Unit.name, Unit.code, Unit.category).order_by(Unit.id))
    return UnitTree(UnitState(*row) for row in rows)


def plan_of(session: Session, file: StaffFile, options: Options, by: int | None) -> Plan:
    """What taking over a file would do now. Administrators and whoever imports never leave because a file does not name them."""
    spared = set(session.scalars(select(RoleGrant.person_id).where(RoleGrant.role == Role.ADMIN).order_by(RoleGrant.id)))
    return make_plan(file, people_of(session), unit_tree(session), options, spared | ({by} if by is not None else set()))


def staff_import(session: Session, import_id: int) -> ImportRow:
    """One import. Raises NotFound."""
    row = session.get(StaffImport, import_id, populate_existing=True)
    if row is None:
        raise NotFound("Impor ini tidak ditemukan.")
    return _row(row)


def imports(session: Session, *, limit: int = 50) -> list[ImportRow]:
    """The newest imports first."""
    return [_row(row) for row in session.scalars(select(StaffImport).order_by(StaffImport.id.desc()).limit(limit))]


def waiting(session: Session) -> list[ImportRow]:
    """Imports that are being taken over or taken back, the oldest first."""
    wanted = select(StaffImport).where(StaffImport.state.in_((ImportState.APPLYING, ImportState.UNDOING)))
    return [_row(row) for row in session.scalars(wanted.order_by(StaffImport.id))]


def files_needed(session: Session, since: datetime) -> set[str]:
    """Hashes of the files that are still to be read: of plans made since then, and of imports under way."""
    wanted = select(StaffImport.sha256).where(
        or_(
            StaffImport.state == ImportState.APPLYING,
            and_(StaffImport.state == ImportState.PLANNED, StaffImport.begun_at >= since),
        )
    )
    return set(session.scalars(wanted.order_by(StaffImport.id)))


def kept_changes(session: Session, import_id: int, *, limit: int = 200) -> list[tuple[int, str, str]]:
    """(line, name, why) of what undoing left as it was."""
    rows = session.execute(
        select(StaffImportChange.line, StaffImportChange.after)
        .where(StaffImportChange.import_id == import_id, StaffImportChange.kind == KEPT)
        .order_by(StaffImportChange.id)
        .limit(limit)
    )
    return [(line, after["name"], after["kept"]) for line, after in rows]


def _row(row: StaffImport) -> ImportRow:
    return ImportRow(
        row.id,
        row.file_name,
        row.sha256,
        row.by,
        row.begun_at,
        ImportState(row.state),
        read_options(row.options),
        row.counts,
        row.finished_at,
        row.undone_at,
    )


def read_options(kept: dict[str, Any]) -> Options:
    return Options(datetime.fromisoformat(kept["on"]).date(), kept["is_complete"])
