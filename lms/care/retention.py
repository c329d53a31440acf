"""How long data that are no facts stay (R89): one table of rules, counted for the dry run and deleted by the nightly job.

The audit log is not among them: its rows are chained, so none can go without breaking the proof; they hold no names.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from lms.messages.models import Message
from lms.people.models import PersonalView, StaffImport, StaffImportChange
from lms.people.sign_in import stale

YEAR = timedelta(days=365)


def rules(now: datetime) -> list[tuple[str, Any, ColumnElement[bool]]]:
    """(what, table, condition) of every row whose time is over."""
    old_imports = select(StaffImport.id).where(StaffImport.begun_at < now - YEAR)
    return [
        *stale(now),
        ("pesan yang selesai lebih dari satu tahun lalu", Message, Message.ended_at < now - YEAR),
        ("rincian impor pegawai yang lebih tua dari satu tahun", StaffImportChange, StaffImportChange.import_id.in_(old_imports)),
        ("jejak pembukaan catatan yang lebih tua dari dua tahun", PersonalView, PersonalView.on < (now - 2 * YEAR).date()),
    ]


def overdue(session: Session, now: datetime) -> list[tuple[str, int]]:
    """(what, how many rows) that the next night deletes. Changes nothing."""
    return [
        (what, session.scalar(select(func.count()).select_from(table).where(condition)) or 0)
        for what, table, condition in rules(now)
    ]


def purge(session: Session, now: datetime) -> int:
    """Delete them; returns how many rows went."""
    gone = 0
    for _, table, condition in rules(now):
        key = table.__table__.primary_key.columns
        gone += len(session.execute(delete(table).where(condition).returning(*key)).all())
    return gone
