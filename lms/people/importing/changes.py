"""Writing outcomes in bulk, each with what was before and after, so that it can be undone. Inside the caller's `write_tx`."""

import re
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from lms.people.importing.queries import COLUMNS
from lms.people.importing.rows import person_key
from lms.people.importing.types import Outcome, PersonState, RowKind
from lms.people.models import Account, Membership, Person, SessionRow, StaffImportChange, Unit, UnitOperator
from lms.people.rules import staff_date
from lms.store import audit

SILENT = (RowKind.UNCHANGED, RowKind.PROBLEM)


@dataclass(frozen=True, slots=True)
class Staff:
    """Whose import it is, and the day from which it holds."""

    import_id: int
    on: date
    by: int | None
    now: datetime


@dataclass(slots=True)
class _Change:
    """One person's change while it is being written."""

    outcome: Outcome
    person_id: int
    before: dict[str, Any]
    after: dict[str, Any]


def post_json(unit_id: int, from_on: date, to_on: date | None) -> list[Any]:
    """A membership as changes keep it."""
    return [unit_id, from_on.isoformat(), to_on.isoformat() if to_on else None]


def as_json(value: Any) -> Any:
    """A column of Person as changes keep it."""
    return value.isoformat() if isinstance(value, date) else value


def write_outcomes(session: Session, outcomes: Sequence[Outcome], staff: Staff) -> None:
    """Take over what some rows mean: people, accounts not yet activated, memberships, headships that end. Some ten statements."""
    changes = _insert_people(session, [one for one in outcomes if one.kind is RowKind.NEW])
    touched = [one for one in outcomes if one.kind not in (*SILENT, RowKind.NEW)]
    for outcome in touched:
        assert outcome.person_id is not None and outcome.before is not None, "somebody known"
        before = {column: as_json(outcome.before.values[column]) for column in outcome.changes}
        after = {column: as_json(value) for column, value in outcome.changes.items()}
        changes.append(_Change(outcome, outcome.person_id, {"values": before, "posts": {}}, {"values": after, "posts": {}}))
    _update_people(session, changes)
    _write_posts(session, changes, staff)
    _end_offices(session, changes, staff)
    _record(session, changes, staff)


def _insert_people(session: Session, outcomes: Sequence[Outcome]) -> list[_Change]:
    if not outcomes:
        return []
    blank = dict.fromkeys(COLUMNS, "") | {"nip": None, "birth_date": None, "left_on": None}
    rows = [blank | dict(outcome.changes) for outcome in outcomes]
    ids = session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
    words = {person_id: row["nip"] or _word(row["name"], person_id) for person_id, row in zip(ids, rows, strict=True)}
    taken = set(session.scalars(select(Account.identifier).where(Account.identifier.in_(words.values()))))
    accounts = [
        {"person_id": person_id, "identifier": f"{word}.{secrets.token_hex(4)}" if word in taken else word}
        for person_id, word in words.items()
    ]
    session.execute(insert(Account.__table__), accounts)  # type: ignore[arg-type]
    after = [{"values": {column: as_json(value) for column, value in row.items()}, "posts": {}} for row in rows]
    return [_Change(outcome, person_id, {}, new) for outcome, person_id, new in zip(outcomes, ids, after, strict=True)]


def _word(name: str, person_id: int) -> str:
    """What somebody without a NIP signs in with: "sitti.rahma.812"."""
    letters = re.sub(r"[^a-z0-9]+", ".", person_key(name).encode("ascii", "ignore").decode()).strip(".")
    return f"{letters[:60].strip('.') or 'pegawai'}.{person_id}"


def _update_people(session: Session, changes: Sequence[_Change]) -> None:
    rows, words = [], []
    for change in changes:
        known, new = change.outcome.before, change.outcome.changes
        if known is None or not new:
            continue
        values = dict(known.values) | dict(new)
        rows.append({"key": change.person_id} | {f"new_{column}": value for column, value in values.items()})
        if "nip" in new and known.identifier and not known.is_activated:  # somebody who signs in already keeps the word they know
            words.append({"key": change.person_id, "word": new["nip"]})
            change.before["identifier"], change.after["identifier"] = known.identifier, new["nip"]
    update_many(session, Person, {column: f"new_{column}" for column in COLUMNS}, "id", rows)
    update_many(session, Account, {"identifier": "word"}, "person_id", words)


def update_many(session: Session, model: Any, values: Mapping[str, str], key: str, rows: list[dict[str, Any]]) -> None:
    """One UPDATE by `key` for many rows; `values`: column to the name of its parameter, "key" being that of the key itself."""
    table = model.__table__
    statement = update(table).where(table.c[key] == bindparam("key"))
    if rows:
        given = {column: bindparam(name, type_=table.c[column].type) for column, name in values.items()}
        session.execute(statement.values(given), rows)


def _write_posts(session: Session, changes: Sequence[_Change], staff: Staff) -> None:
    """Memberships: one that began today changes in place, an older one ends and a new one begins (D29)."""
    altered: list[dict[str, Any]] = []
    begun: list[tuple[_Change, int]] = []
    for change in changes:
        outcome = change.outcome
        post = outcome.before.post if outcome.before else None
        to_unit = outcome.unit_id
        if post is not None and post.to_on is None and (to_unit is not None or outcome.kind is RowKind.LEFT):
            in_place = to_unit is not None and post.from_on == staff.on
            unit_id, to_on = (to_unit or post.unit_id, None) if in_place else (post.unit_id, staff.on)
            change.before["posts"][str(post.post_id)] = post_json(post.unit_id, post.from_on, None)
            change.after["posts"][str(post.post_id)] = post_json(unit_id, post.from_on, to_on)
            altered.append({"key": post.post_id, "unit": unit_id, "until": to_on})
            if in_place:
                continue
        if to_unit is not None:
            begun.append((change, to_unit))
    update_many(session, Membership, {"unit_id": "unit", "to_on": "until"}, "id", altered)
    if begun:
        made = insert(Membership).returning(Membership.id, sort_by_parameter_order=True)
        rows = [{"person_id": change.person_id, "unit_id": unit, "from_on": staff.on, "to_on": None} for change, unit in begun]
        for post_id, (change, unit) in zip(session.scalars(made, rows).all(), begun, strict=True):
            change.after["posts"][str(post_id)] = post_json(unit, staff.on, None)


def _end_offices(session: Session, changes: Sequence[_Change], staff: Staff) -> None:
    """Whoever leaves a unit is no longer its head or operator; whoever leaves altogether, of none, and is signed out."""
    gone = {change.person_id: change for change in changes if change.outcome.kind is RowKind.LEFT}
    moved = {
        (_old_unit(change.outcome.before), change.person_id): change
        for change in changes
        if change.outcome.before is not None and change.outcome.unit_id is not None
    }
    if not gone and not moved:
        return
    lost: dict[str, dict[Any, list[int]]] = {"heads": defaultdict(list), "operators": defaultdict(list)}
    people = {*gone, *(person_id for _, person_id in moved)}
    for word, unit, person in (("heads", Unit.id, Unit.head_id), ("operators", UnitOperator.unit_id, UnitOperator.person_id)):
        for unit_id, person_id in session.execute(select(unit, person).where(person.in_(people)).order_by(unit, person)).all():
            if person_id in gone or (unit_id, person_id) in moved:
                lost[word][person_id].append(unit_id)
    for change in changes:
        for word, found in lost.items():
            if change.person_id in found:
                change.before[word], change.after[word] = found[change.person_id], []
    heads = [(unit_id, person_id) for person_id, units in lost["heads"].items() for unit_id in units]
    operators = [(unit_id, person_id) for person_id, units in lost["operators"].items() for unit_id in units]
    if heads:
        session.execute(update(Unit).where(Unit.id.in_([unit_id for unit_id, _ in heads])).values(head_id=None))
    if operators:
        session.execute(delete(UnitOperator).where(tuple_(UnitOperator.unit_id, UnitOperator.person_id).in_(operators)))
    if gone and staff.on <= staff_date(staff.now):
        is_open = (SessionRow.person_id.in_(gone), SessionRow.ended_at.is_(None))
        session.execute(update(SessionRow).where(*is_open).values(ended_at=staff.now))


def _old_unit(person: PersonState) -> int:
    return person.post.unit_id if person.post else 0


def _record(session: Session, changes: Sequence[_Change], staff: Staff) -> None:
    if not changes:
        return
    rows = [
        {
            "import_id": staff.import_id,
            "line": change.outcome.line,
            "subject": f"person:{change.person_id}",
            "kind": change.outcome.kind.value,
            "before": change.before,
            "after": change.after,
        }
        for change in changes
    ]
    session.execute(insert(StaffImportChange.__table__), rows)  # type: ignore[arg-type]
    for change in changes:
        audit.record(
            session,
            at=staff.now,
            action="person.import",
            actor_id=staff.by,
            subject=f"person:{change.person_id}",
            kind=change.outcome.kind.value,
            names=sorted(change.outcome.changes),
            **{"import": staff.import_id},
        )
    session.flush()
