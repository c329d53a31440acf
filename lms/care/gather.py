"""Everything that is held about a person, by the inventory: counted, and copied as JSON with a page to read it by (R87, D69)."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from html import escape
from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from lms.care import inventory
from lms.care.types import DataClass
from lms.store.models import Base

WITHHELD = "(tersimpan sebagai sidik; tidak ikut disalin)"
SOMEBODY = "pegawai lain"
YOU = "Anda"


def table_of(name: str) -> Table:
    """The table of that name, as SQLAlchemy knows it."""
    return Base.metadata.tables[name]


def owned(name: str, person_id: int) -> ColumnElement[bool]:
    """Condition: the row of table `name` belongs to the person."""
    table = table_of(name)
    return or_(*(_leads_to(table, owner, person_id) for owner in inventory.TABLES[name].owners))


def _leads_to(table: Table, owner: str, person_id: int) -> ColumnElement[bool]:
    column = table.c[owner]
    if owner == "subject":
        return column == f"person:{person_id}"
    above = [key.column for key in column.foreign_keys if key.column.table.name != "person"]
    if not above:
        return column == person_id
    return column.in_(select(above[0]).where(owned(above[0].table.name, person_id)))


def counts(session: Session, person_id: int) -> dict[str, int]:
    """How many rows each table holds about the person. One SELECT."""
    asked = [
        select(literal(name).label("name"), func.count().label("rows")).select_from(table_of(name)).where(owned(name, person_id))
        for name in inventory.personal()
    ]
    return {row.name: row.rows for row in session.execute(union_all(*asked))}


def rows_of(session: Session, name: str, person_id: int) -> list[dict[str, Any]]:
    """The person's rows of a table, column by column as the inventory labels them; nobody else is named."""
    table, kinds = table_of(name), inventory.TABLES[name].columns
    found = session.execute(select(table).where(owned(name, person_id)).order_by(*table.primary_key.columns)).mappings()
    return [{column: _shown(kinds[column], row[column], person_id) for column in kinds} for row in found]


def _shown(kind: DataClass, value: Any, person_id: int) -> Any:
    if value is None:
        return None
    if kind is DataClass.SECRET:
        return WITHHELD
    if kind is DataClass.ACTOR:
        return YOU if value == person_id else SOMEBODY
    if isinstance(value, str) and value.startswith("person:"):
        return YOU if value == f"person:{person_id}" else SOMEBODY
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def everything(session: Session, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """All rows about the person, by label of the table."""
    return {table.label: rows_of(session, name, person_id) for name, table in inventory.personal().items()}


def file_hashes(session: Session, person_id: int) -> dict[str, str]:
    """SHA-256 to name of the files the person handed in or added to a claim."""
    found: dict[str, str] = {}
    for name in ("upload", "claim_file"):
        table = table_of(name)
        found |= {
            row.sha256: row.name for row in session.execute(select(table).where(owned(name, person_id)).order_by(table.c.id))
        }
    return found


def copy_of(session: Session, person_id: int, *, title: str, now: datetime, content_of: Callable[[str], bytes | None]) -> bytes:
    """A zip with data.json, data.html and the person's files. `content_of` a hash gives the bytes of a file, None when it is gone."""
    held = everything(session, person_id)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        told = {"dibuat": now.isoformat(), "data": held}
        archive.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=1, default=str))
        archive.writestr("data.html", _page(title, held))
        for number, (sha256, name) in enumerate(file_hashes(session, person_id).items(), 1):
            content = content_of(sha256)
            if content is not None:
                archive.writestr(f"berkas/{number}-{name}", content)
    return out.getvalue()


def _page(title: str, held: dict[str, list[dict[str, Any]]]) -> str:
    parts = [
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>body{{font:16px/1.5 sans-serif;margin:1rem}}table{{border-collapse:collapse}}"
        "td,th{border:1px solid #999;padding:.2rem .5rem;text-align:left;vertical-align:top}div{overflow-x:auto}</style></head>"
        f"<body><h1>{escape(title)}</h1>"
    ]
    for label, rows in held.items():
        parts.append(f"<h2>{escape(label)} ({len(rows)})</h2>")
        if rows:
            heads = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
            lines = "".join(
                "<tr>" + "".join(f"<td>{escape(_text(value))}</td>" for value in row.values()) + "</tr>" for row in rows
            )
            parts.append(f"<div><table><tr>{heads}</tr>{lines}</table></div>")
    return "".join(parts) + "</body></html>"


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
