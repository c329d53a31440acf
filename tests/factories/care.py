"""A row of every table that holds something about a person, each text carrying a mark that can be searched for."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, insert, update
from sqlalchemy.orm import Session

from lms.care import inventory
from lms.care.gather import table_of
from lms.care.types import DataClass
from lms.people.models import Membership
from lms.store import audit
from lms.store.base import CanonicalJson, EnumText, UtcDateTime
from lms.store.models import Base

KNOWN = {
    ("attempt", "state"): "open",
    ("attempt", "passed"): True,
    ("claim", "state"): "draft",
    ("data_request", "kind"): "correction",
}
BY_HAND = ("person", "account", "membership", "audit_entry")


def fill_every_table(
    session: Session, person_id: int, mark: str, *, shared: dict[str, Any], actor_id: int, now: datetime
) -> dict[str, dict[str, Any]]:
    """Insert one row into each personal table for somebody made by `make_person` with a unit; `shared`: a row (id or key) of each
    table that belongs to nobody. Texts are `mark-table-column`, cut to what the column takes. Returns the rows."""
    made: dict[str, dict[str, Any]] = {}
    texts = {
        column.name: f"{mark}-{column.name}"
        for column in table_of("person").columns
        if column.name in ("name", "title_prefix", "title_suffix", "position", "siasn_id", "email")
    }
    session.execute(
        update(table_of("person"))
        .where(table_of("person").c.id == person_id)
        .values(texts | {"grade": mark, "nip": f"{mark}{person_id:0{18 - len(mark)}}", "birth_date": date(1971, 2, 3)})
    )
    session.execute(
        update(table_of("account"))
        .where(table_of("account").c.person_id == person_id)
        .values(identifier=f"{mark}-masuk", password_hash=f"{mark}-sandi")
    )
    for table in Base.metadata.sorted_tables:
        if table.name in inventory.personal() and table.name not in BY_HAND:
            values = {
                c.name: _value(c, person_id, mark, made, shared, actor_id, now) for c in table.columns if not _is_counted(c)
            }
            key = session.execute(insert(table).values(values)).inserted_primary_key
            made[table.name] = values | dict(zip(table.primary_key.columns.keys(), key, strict=True))
    session.execute(
        update(table_of("attempt")).where(table_of("attempt").c.person_id == person_id).values(state="graded", closed_at=now)
    )
    audit.record(session, at=now, action="test.fill", actor_id=person_id, subject=f"person:{person_id}")
    session.flush()
    assert session.query(Membership).filter_by(person_id=person_id).count() == 1
    return made


def _is_counted(column: Column[Any]) -> bool:
    return (
        column.primary_key
        and not column.foreign_keys
        and isinstance(column.type, Integer)
        and column.table.primary_key.columns.keys() == ["id"]
    )


def _value(
    column: Column[Any],
    person_id: int,
    mark: str,
    made: dict[str, dict[str, Any]],
    shared: dict[str, Any],
    actor_id: int,
    now: datetime,
) -> Any:
    table = column.table.name
    if (table, column.name) in KNOWN:
        return KNOWN[table, column.name]
    for key in column.foreign_keys:
        target = key.column.table.name
        if target == "person":
            is_actor = (
                inventory.TABLES[table].columns[column.name] is DataClass.ACTOR
                and column.name not in inventory.TABLES[table].owners
            )
            return actor_id if is_actor else person_id
        if target == table:
            return None
        return made[target][key.column.name] if target in made else shared[target]
    if column.name == "subject" and table == "staff_import_change":
        return f"person:{person_id}"
    if isinstance(column.type, CanonicalJson):
        return {"text": f"{mark}-{table}-{column.name}", "choice": 1}
    if isinstance(column.type, EnumText):
        return next(iter(column.type.kind))
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer):
        return person_id
    if isinstance(column.type, UtcDateTime):
        return now
    if isinstance(column.type, Date):
        return now.date()
    return f"{mark}-{table}-{column.name}"[: column.type.length]
