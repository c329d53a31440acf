"""Files with personal data that left the system: who took what, about which part of the agency (R91, D70)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.people.models import DataExport
from lms.store import audit


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One file that was taken, or made to be taken."""

    id: int
    at: datetime
    people: int
    detail: dict[str, Any]


def record_export(
    session: Session, *, at: datetime, by: int | None, kind: str, scope_paths: Sequence[str], people: int, **detail: Any
) -> int:
    """Note that a file leaves: one row for each part of the tree whose people are in it, with the number of people in the whole
    file. `scope_paths`: "/" = the whole agency; "person:12" = that person alone; "" = people who are in it by name, whose ids `detail` tells. `by` None = the
    command line. Returns the id of the first row."""
    rows = [DataExport(at=at, by=by, kind=kind, scope_path=path, people=people, detail=detail) for path in scope_paths]
    session.add_all(rows)
    for path in scope_paths:
        audit.record(session, at=at, action="data.export", actor_id=by, subject=path, kind=kind, people=people)
    session.flush()
    return rows[0].id


def exports_of(session: Session, kind: str, limit: int = 20) -> list[ExportRow]:
    """The newest exports of a kind."""
    columns = (DataExport.id, DataExport.at, DataExport.people, DataExport.detail)
    wanted = select(*columns).where(DataExport.kind == kind).order_by(DataExport.id.desc()).limit(limit)
    return [ExportRow(*row) for row in session.execute(wanted)]
