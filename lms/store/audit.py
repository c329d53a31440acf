"""Rows that say who did what, chained by a key outside the database (R92). A trigger forbids changing them; who changes one
nevertheless, or takes one out, is found by `verify`.

`record` is called next to the act; `write_tx` writes what was recorded last of all, so that on PostgreSQL the one lock of the
chain is held for a moment only and the order of ids is the order of the chain. Ids have no gaps.
"""

import hmac
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ForeignKey, String, Text, exc, func, insert, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.shared.files import append_line, kept_key
from lms.store.base import Base, canonical_json

BEGIN = "audit.begin"
"""The first chained row of a log that is older than the chain; it seals how many rows were there before, and what they say."""
HEADS = Path("jejak") / "kepala.log"
_WAITING = "audit"
_LOCK = 7_221_101  # any number that no other lock of ours has
_PIECE = 5_000
_Stored = Sequence[Any]
"""A row as it is stored: id, at, actor_id, action, subject, detail (JSON text), hash."""


class AuditEntry(Base):
    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Nobody when the command line or a job acted."""
    action: Mapped[str] = mapped_column(String(60))
    """Dotted verb such as `course.publish`, `account.sign_in`, `attempt.void`."""
    subject: Mapped[str] = mapped_column(String(200), default="", index=True)
    """What was acted on, by key or id; never a NIP or an answer."""
    detail: Mapped[dict[str, Any]]
    """Never a name or another word about a person: it could not be erased without breaking the chain."""
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """HMAC-SHA-256 of the hash before and this row; "" for rows older than the chain."""


def arm(engine: Engine, folder: Path) -> None:
    """Give an engine the key of the chain: AUDIT_KEY, or DATA/audit_key made on first use. Each edge does it once."""
    engine.update_execution_options(audit_key=(os.environ.get("AUDIT_KEY") or kept_key(folder / "audit_key")).encode())


def begin(session: Session) -> None:
    """Nothing is recorded yet. Called by `write_tx`."""
    session.info[_WAITING] = []


def record(session: Session, *, at: datetime, action: str, actor_id: int | None = None, subject: str = "", **detail: Any) -> None:
    """Note one row, written with the transaction. Call it inside `write_tx`, next to the act."""
    if _WAITING not in session.info:
        raise RuntimeError("audit.record outside write_tx()")
    session.info[_WAITING].append((at, actor_id, action, subject, detail))


def seal(session: Session) -> None:
    """Write what was recorded since `begin`, each row chained to the one before. The last statement before the commit."""
    waiting = session.info.pop(_WAITING, [])
    if not waiting:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    key = _key(session)
    last_id, before = head(session) or (0, "")
    if last_id and not before:
        count, before, *_ = _fold(key, _rows(session))
        waiting.insert(0, (waiting[0][0], None, BEGIN, "", {"rows": count}))
    rows = []
    for number, (at, actor_id, action, subject, detail) in enumerate(waiting, last_id + 1):
        before = _link(key, before, (number, _moment(at), actor_id, action, subject, canonical_json(detail)))
        rows.append(
            {"id": number, "at": at, "actor_id": actor_id, "action": action, "subject": subject}
            | {"detail": detail, "hash": before}
        )
    session.execute(insert(AuditEntry.__table__), rows)  # type: ignore[arg-type]


def head(session: Session) -> tuple[int, str] | None:
    """(id, hash) of the newest row; None for an empty log."""
    row = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    return None if row is None else (row[0], row[1])


def last(session: Session, *, subject: str, since: datetime, but_not: int) -> tuple[int, datetime] | None:
    """(actor id, time) of the newest act on `subject` since then by anybody but that person; None when there was none."""
    wanted = select(AuditEntry.actor_id, AuditEntry.at).where(AuditEntry.at >= since, AuditEntry.subject == subject)
    wanted = wanted.where(AuditEntry.actor_id.is_not(None), AuditEntry.actor_id != but_not)
    row = session.execute(wanted.order_by(AuditEntry.id.desc()).limit(1)).first()
    return None if row is None or row[0] is None else (row[0], row[1])


# -- the chain ------------------------------------------------------------------------------------------------------------------


def _key(session: Session) -> bytes:
    key: bytes = session.get_bind().get_execution_options().get("audit_key", b"")
    return key


def _moment(at: Any) -> str:
    """A time as SQLite keeps it; what is text already comes from there."""
    if isinstance(at, str) or not isinstance(at, datetime):
        return str(at)
    return (at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)).isoformat(" ", "microseconds")


def _link(key: bytes, before: str, row: tuple[Any, ...]) -> str:
    text = before + canonical_json([one.hex() if isinstance(one, bytes) else one for one in row])
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def _rows(session: Session) -> Iterator[_Stored]:
    """Every row in order with the bytes that are stored, not with what they mean."""
    columns = (AuditEntry.id, type_coerce(AuditEntry.at, Text), type_coerce(AuditEntry.actor_id, Text), AuditEntry.action)
    wanted = select(*columns, AuditEntry.subject, type_coerce(AuditEntry.detail, Text), AuditEntry.hash).order_by(AuditEntry.id)
    yield from session.execute(wanted.execution_options(yield_per=_PIECE))


def _linked(key: bytes, before: str, row: _Stored) -> str:
    return _link(key, before, (row[0], _moment(row[1]), *row[2:6]))


def _fold(key: bytes, rows: Iterator[_Stored]) -> tuple[int, str, int, _Stored | None]:
    """Of the rows older than the chain: how many, what they come to, the last id; and the first row after them, already taken."""
    count, before, last_id = 0, "", 0
    for row in rows:
        if row[6]:
            return count, before, last_id, row
        count, before, last_id = count + 1, _linked(key, before, row), row[0]
    return count, before, last_id, None


# -- finding what was changed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """`flaws`: (id of the row, what is wrong in a finished sentence). `older`: how many of the rows are older than the chain."""

    count: int
    older: int
    flaws: tuple[tuple[int, str], ...]


def verify(session: Session, anchors: Iterable[tuple[int, str]] = ()) -> Verdict:
    """Walk the whole log. `anchors`: (id, hash) of heads written down elsewhere, read *before* this (`read_anchors`).

    A row whose content or hash was changed is named, rows taken out by their numbers, and what is missing at the end as far as
    the anchors reach. Rows older than the chain are sealed together: its first row is named when any of them differs.
    """
    key, rows, missing, flaws = _key(session), _rows(session), dict(anchors), []
    count, folded, last_id, row = _fold(key, rows)
    older, before = count, [folded]
    try:
        while row is not None:
            number, kept = row[0], row[6]
            if missing.get(number) == kept:
                del missing[number]
            found = [_linked(key, one, row) for one in before]
            if number > last_id + 1:
                flaws.append((last_id + 1, _gone(last_id + 1, number - 1)))
                found = [kept]  # what came before is lost: it can only be believed
            elif kept not in found or (count == older > 0 and (row[3], row[5]) != (BEGIN, canonical_json({"rows": older}))):
                flaws.append((number, _changed(number, older if count == older else 0)))
            count, last_id, before = count + 1, number, [kept, found[0]]
            row = next(rows, None)
    except (exc.DBAPIError, UnicodeDecodeError):
        flaws.append((last_id + 1, f"Catatan sesudah baris {last_id} tidak dapat dibaca karena rusak."))
    flaws += [(number, _unanchored(number, last_id)) for number in sorted(missing)]
    return Verdict(count, older, tuple(flaws))


def _gone(first: int, final: int) -> str:
    return f"Baris {first} dihapus." if first == final else f"Baris {first} sampai {final} dihapus."


def _changed(number: int, older: int) -> str:
    if older:
        return f"Baris {number} tidak cocok: baris itu, atau salah satu dari {older} catatan sebelum rantai dimulai, diubah atau dihapus."
    return f"Baris {number} diubah, dipindahkan, atau disisipkan."


def _unanchored(number: int, last_id: int) -> str:
    if number > last_id:
        return f"Baris {number} tertulis di jangkar tetapi tidak ada lagi: catatan dipotong sesudah baris {last_id}."
    return f"Baris {number} tidak sama dengan jangkarnya: catatan sampai baris itu ditulis ulang."


def anchor(session: Session, places: Iterable[Path], now: datetime) -> str:
    """Write the newest hash down outside the database; returns the line, "" when the last line of the first place says it already."""
    found = head(session)
    if found is None or not found[1]:
        return ""
    places = list(places)
    if dict(read_anchors(places[:1])).get(found[0]) == found[1]:
        return ""
    line = f"{now:%Y-%m-%dT%H:%M:%SZ} {found[0]} {found[1]}"
    for place in places:
        append_line(place, line)
    return line


def read_anchors(places: Iterable[Path]) -> list[tuple[int, str]]:
    """(id, hash) of every head written down; places that do not exist yet, and lines that cannot be read, are passed over."""
    found = []
    for place in places:
        for line in place.read_text(encoding="utf-8", errors="replace").splitlines() if place.is_file() else []:
            parts = line.split(" ")
            if len(parts) == 3 and parts[1].isdecimal():
                found.append((int(parts[1]), parts[2]))
    return found
