"""Erasing what is held about a person who left (R88, D69): names and words go, the statutory record stays under its own law.

What happens to each column follows from the inventory, so nothing new is forgotten. Planned first, then done in one transaction.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, String, Table, delete, select, update
from sqlalchemy.orm import Session

from lms.care import gather, inventory
from lms.content import mediastore
from lms.errors import Conflict, NotFound
from lms.people.models import Account, Person
from lms.shared.files import append_line
from lms.store import audit
from lms.store.audit import AuditEntry
from lms.store.base import CanonicalJson
from lms.store.guards import lifted

GONE_FILE = "0" * 64
"""Stands in the place of the hash of an erased file: a name that no file has."""
STATUTORY = ("certificate", "certificate_revocation", "jp_entry", "completion", "recognition", "siasn_export")
"""What stays word for word, because it is an archive of the agency."""
LEDGER = Path("jejak") / "hapus.log"
PSEUDONYM = "Pegawai {number}"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to the rows of one table; `act` is "hapus", "kosongkan" or "simpan"."""

    label: str
    act: str
    rows: int


def plan(session: Session, person_id: int) -> list[Step]:
    """What erasing would do, table by table; tables without rows are left out. Changes nothing."""
    found = gather.counts(session, person_id)
    return [Step(table.label, _act(name), found[name]) for name, table in inventory.personal().items() if found[name]]


def _act(name: str) -> str:
    if inventory.TABLES[name].is_erased:
        return "hapus"
    return "kosongkan" if _blanked(name) else "simpan"


def _blanked(name: str) -> list[str]:
    return [column for column, kind in inventory.TABLES[name].columns.items() if kind in inventory.ERASED]


def check_gone(session: Session, person_id: int, today: date) -> None:
    """Raises NotFound, and Conflict for somebody who still works here: their record is in use."""
    person = session.get(Person, person_id, populate_existing=True)
    if person is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    if person.left_on is None or person.left_on > today:
        raise Conflict(
            "Pegawai ini masih bekerja di sini, jadi datanya masih dipakai. Yang dapat disamarkan hanya data pegawai yang sudah berhenti."
        )


def erase(session: Session, *, person_id: int, today: date, now: datetime, by: int | None) -> set[str]:
    """Erase; repeating it changes nothing more. Returns the hashes of the files whose bytes must go after the commit.

    Facts that hold words are reached by lifting their guards for this transaction. Raises NotFound, Conflict (`check_gone`).
    """
    check_gone(session, person_id, today)
    hashes = set(gather.file_hashes(session, person_id)) - {GONE_FILE}
    account = session.scalar(select(Account).where(Account.person_id == person_id).with_for_update())
    names = [
        name for name in reversed([table.name for table in gather.Base.metadata.sorted_tables]) if name in inventory.personal()
    ]
    touched = [name for name in names if _act(name) != "simpan"]
    if account is not None and account.disabled_at is None:
        account.disabled_at = now
        session.flush()
    with lifted(session, touched):
        for name in touched:
            if inventory.TABLES[name].is_erased:
                session.execute(delete(gather.table_of(name)).where(gather.owned(name, person_id)))
            else:
                _blank(session, name, person_id)
    session.expire_all()
    audit.record(session, at=now, action="person.erase", actor_id=by, subject=f"person:{person_id}")
    return {sha256 for sha256 in hashes if not _is_named(session, sha256)}


def _blank(session: Session, name: str, person_id: int) -> None:
    table, columns = gather.table_of(name), _blanked(name)
    key = list(table.primary_key.columns)
    for row in session.execute(select(table).where(gather.owned(name, person_id)).order_by(*key)).mappings().all():
        values = {column: _blank_value(table.c[column], row[column], person_id) for column in columns}
        changed = {column: value for column, value in values.items() if value != row[column]}
        if changed:
            session.execute(update(table).where(*(column == row[column.name] for column in key)).values(changed))


def _blank_value(column: Column[Any], value: Any, person_id: int) -> Any:
    """What stands there afterwards: a pseudonym where something must differ, nothing, or a value that tells no words."""
    if column.name == "name" and column.table.name == "person":
        return PSEUDONYM.format(number=person_id)
    if column.name == "identifier":
        return f"disamarkan-{person_id}"
    if column.name == "sha256":
        return GONE_FILE
    if column.name == "name":
        return "dihapus"
    if isinstance(column.type, CanonicalJson):
        return without_words(value)
    if column.nullable:
        return None
    return "" if isinstance(column.type, String) else value


def without_words(value: Any) -> Any:
    """A JSON value without its texts: chosen options and numbers stay, for the statistics of questions."""
    if isinstance(value, dict):
        return {name: without_words(one) for name, one in value.items() if not isinstance(one, str)}
    return [without_words(one) for one in value if not isinstance(one, str)] if isinstance(value, list) else value


def _is_named(session: Session, sha256: str) -> bool:
    """Whether somebody else handed in the same file."""
    tables: list[Table] = [gather.table_of(name) for name in ("upload", "claim_file")]
    return any(session.scalar(select(table.c.id).where(table.c.sha256 == sha256).limit(1)) is not None for table in tables)


def after(folder: Path, person_id: int, hashes: set[str], now: datetime) -> None:
    """After the commit: the bytes of files go, and the act is written down beside the database, so that an old backup that is
    restored can be erased again."""
    for sha256 in hashes:
        mediastore.path_of(folder, sha256, mediastore.UPLOADS).unlink(missing_ok=True)
    append_line(folder / LEDGER, f"{now:%Y-%m-%dT%H:%M:%SZ} {person_id}")


def erased_ids(folder: Path) -> list[int]:
    """Everybody whose data were erased in this installation, by what `after` wrote down."""
    path = folder / LEDGER
    lines = path.read_text(encoding="ascii", errors="replace").splitlines() if path.is_file() else []
    return sorted({int(line.split()[1]) for line in lines if len(line.split()) == 2 and line.split()[1].isdecimal()})


def erased_since(session: Session, since: datetime) -> bool:
    """Whether anybody's data were erased since then: the database file may still hold the words in its free pages."""
    done = select(AuditEntry.id).where(AuditEntry.at >= since, AuditEntry.action == "person.erase")
    return session.scalar(done.limit(1)) is not None


def kept() -> list[str]:
    """What cannot be erased, for people."""
    return [inventory.TABLES[name].label for name in STATUTORY]
