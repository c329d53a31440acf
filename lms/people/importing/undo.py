"""Taking an import back, in short transactions: values return where nothing changed since; the rest is kept and named."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from lms.errors import Conflict
from lms.people.importing.changes import as_json, post_json, update_many
from lms.people.importing.queries import COLUMNS, KEPT, people_of
from lms.people.importing.texts import LABELS
from lms.people.importing.types import ImportState, PersonState, RowKind
from lms.people.models import Account, Membership, OneTimeCode, Person, StaffImport, StaffImportChange, Unit, UnitOperator
from lms.store import audit
from lms.store.base import Base

CHUNK = 150
"""Changes in one transaction."""
_OWN = {("membership", "person_id"), ("account", "person_id"), ("one_time_code", "person_id")}
"""What a person made by an import has of itself; any other mention of them is a use."""
_DAYS = ("birth_date", "left_on")


@dataclass(slots=True)
class _Back:
    """What a piece of undoing does, gathered to be written at once."""

    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    words: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    dropped_posts: list[int] = field(default_factory=list)
    dropped_people: list[int] = field(default_factory=list)


def begin_undo(session: Session, *, import_id: int, now: datetime, by: int | None = None) -> None:
    """Ask for an import to be taken back. Raises Conflict unless it is done."""
    row = session.get_one(StaffImport, import_id, with_for_update=True, populate_existing=True)
    if row.state != ImportState.DONE:
        raise Conflict("Impor ini belum selesai atau sudah dibatalkan. Muat ulang halamannya.")
    row.state, row.undone_by = ImportState.UNDOING, by
    row.counts = row.counts | {"undone": 0, "kept": 0, "before": None}
    audit.record(session, at=now, action="staff.undo", actor_id=by, subject=f"import:{import_id}")
    session.flush()


def advance_undo(session: Session, import_id: int, *, now: datetime) -> bool:
    """Take the next changes back, the newest first. False when nothing is left. Safe beside others: they take turns."""
    row = session.get_one(StaffImport, import_id, with_for_update=True, populate_existing=True)
    if row.state != ImportState.UNDOING:
        return False
    counts = dict(row.counts)
    wanted = select(StaffImportChange).where(StaffImportChange.import_id == import_id)
    if counts["before"] is not None:
        wanted = wanted.where(StaffImportChange.id < counts["before"])
    changes = session.scalars(wanted.order_by(StaffImportChange.id.desc()).limit(CHUNK)).all()
    kept = _undo_people(session, [one for one in changes if one.subject.startswith("person:")])
    units = [one for one in changes if one.subject.startswith("unit:")]
    used = _mentioned(session, "unit", [_id(change) for change in units], {("unit", "parent_id")})
    for change in units:
        kept |= _undo_unit(session, change, used)
    for change in changes:
        if change.id in kept:
            name, why = kept[change.id]
            change.kind, change.after = KEPT, change.after | {"name": name, "kept": why}
    counts["undone"] += len(changes) - len(kept)
    counts["kept"] += len(kept)
    if changes:
        counts["before"] = changes[-1].id
    else:
        row.state, row.undone_at = ImportState.UNDONE, now
        told = {"undone": counts["undone"], "kept": counts["kept"]}
        audit.record(session, at=now, action="staff.undone", actor_id=row.undone_by, subject=f"import:{import_id}", **told)
    row.counts = counts
    session.flush()
    return bool(changes)


def _id(change: StaffImportChange) -> int:
    return int(change.subject.partition(":")[2])


# ------------------------------------------------------------------ people


def _undo_people(session: Session, changes: Sequence[StaffImportChange]) -> dict[int, tuple[str, str]]:
    """Returns what was kept: change id to name and reason."""
    ids = [_id(change) for change in changes]
    people = {person.person_id: person for person in people_of(session, ids=ids)}
    wanted = select(Membership.id, Membership.unit_id, Membership.from_on, Membership.to_on).where(Membership.person_id.in_(ids))
    posts = {str(row[0]): post_json(*row[1:]) for row in session.execute(wanted.order_by(Membership.id))}
    used = _mentioned(session, "person", [_id(change) for change in changes if change.kind == RowKind.NEW], _OWN)
    back = _Back()
    kept = {}
    for change in changes:
        person = people.get(_id(change))
        if person is None:
            continue
        why = _drop(change, person, posts, used, back) if change.kind == RowKind.NEW else _restore(change, person, posts, back)
        why += _restore_offices(session, change)
        if why:
            kept[change.id] = (str(person.values["name"]), " ".join(why))
    _write(session, people, back)
    return kept


def _drop(
    change: StaffImportChange, person: PersonState, posts: dict[str, list[Any]], used: Collection[int], back: _Back
) -> list[str]:
    """Somebody the import made goes again, unless they have begun to use their account or somebody has worked on their data."""
    if person.person_id in used or person.is_activated:
        return ["Sudah memakai akunnya atau sudah disebut di catatan lain, jadi tetap ada."]
    values = change.after["values"]
    is_same = all(as_json(person.values[column]) == value for column, value in values.items())
    if not is_same or not _posts_stand(change, person, posts):
        return ["Datanya sudah diubah lagi, jadi tetap ada."]
    back.dropped_people.append(person.person_id)
    return []


def _restore(change: StaffImportChange, person: PersonState, posts: dict[str, list[Any]], back: _Back) -> list[str]:
    """The values of before, column by column, and the memberships. Says what was changed again since and therefore stays."""
    after, before = change.after, change.before
    stays = [column for column, value in after["values"].items() if as_json(person.values[column]) != value]
    if "identifier" in after:
        if person.identifier == after["identifier"] and not person.is_activated:
            back.words.append({"key": person.person_id, "word": before["identifier"]})
        else:
            stays = [*stays, "nip"]
    old = {column: _from_json(column, value) for column, value in before["values"].items() if column not in stays}
    if old:
        back.people[person.person_id] = old
    why = [f"Sudah diubah lagi: {', '.join(LABELS[column] for column in dict.fromkeys(stays))}."] if stays else []
    if not after["posts"]:
        return why
    if not _posts_stand(change, person, posts):
        return [*why, "Unit kerjanya sudah diubah lagi."]
    back.dropped_posts += [int(post_id) for post_id in after["posts"] if post_id not in before["posts"]]
    for post_id, (unit_id, _, to_on) in before["posts"].items():
        back.posts.append({"key": int(post_id), "unit": unit_id, "until": date.fromisoformat(to_on) if to_on else None})
    return why


def _posts_stand(change: StaffImportChange, person: PersonState, posts: dict[str, list[Any]]) -> bool:
    """Whether the memberships that the import wrote are as it left them, and none came after."""
    written = change.after["posts"]
    newest = str(person.post.post_id) if person.post else None
    return all(posts.get(post_id) == post for post_id, post in written.items()) and (not written or newest in written)


def _from_json(column: str, value: Any) -> Any:
    return date.fromisoformat(value) if column in _DAYS and value else value


def _restore_offices(session: Session, change: StaffImportChange) -> list[str]:
    """Headships and the handing out of slips that ended with a move, where nobody else has been named since."""
    person_id, why = _id(change), []
    for unit_id in change.before.get("heads", ()):
        vacant = update(Unit).where(Unit.id == unit_id, Unit.head_id.is_(None)).values(head_id=person_id).returning(Unit.id)
        if not session.scalars(vacant).all():
            why.append("Unit yang dulu dikepalainya sudah punya kepala lain.")
    for unit_id in change.before.get("operators", ()):
        if session.get(UnitOperator, (unit_id, person_id)) is None:
            session.add(UnitOperator(unit_id=unit_id, person_id=person_id))
    return why


def _write(session: Session, people: dict[int, PersonState], back: _Back) -> None:
    rows = [
        {"key": person_id} | {f"new_{column}": value for column, value in (dict(people[person_id].values) | old).items()}
        for person_id, old in back.people.items()
    ]
    update_many(session, Person, {column: f"new_{column}" for column in COLUMNS}, "id", rows)
    update_many(session, Account, {"identifier": "word"}, "person_id", back.words)
    session.execute(delete(Membership).where(Membership.id.in_(back.dropped_posts)))  # first: one open membership a person
    update_many(session, Membership, {"unit_id": "unit", "to_on": "until"}, "id", back.posts)
    gone = back.dropped_people
    for model, column in ((Membership, Membership.person_id), (OneTimeCode, OneTimeCode.person_id), (Account, Account.person_id)):
        session.execute(delete(model).where(column.in_(gone)))
    session.execute(delete(Person).where(Person.id.in_(gone)))


# ------------------------------------------------------------------ units


def _undo_unit(session: Session, change: StaffImportChange, used: Collection[int]) -> dict[int, tuple[str, str]]:
    unit = session.get(Unit, _id(change), with_for_update=True, populate_existing=True)
    if unit is None:
        return {}
    present = {column: str(getattr(unit, column)) for column in change.after}
    if change.kind == RowKind.NEW:
        has_below = (
            session.scalar(select(Unit.id).where(Unit.parent_id == unit.id).limit(1)) is not None
        )  # its own new ones are gone
        if present != change.after or unit.id in used or has_below:
            return {change.id: (unit.name, "Unit ini sudah dipakai atau diubah, jadi tetap ada.")}
        session.execute(delete(Unit).where(Unit.id == unit.id))
        return {}
    stays = [column for column, value in change.after.items() if present[column] != value]
    old = {column: value for column, value in change.before.items() if column not in stays}
    if old:
        session.execute(update(Unit).where(Unit.id == unit.id).values(**old))
    return {change.id: (unit.name, f"Sudah diubah lagi: {', '.join(LABELS[column] for column in stays)}.")} if stays else {}


def _mentioned(session: Session, table: str, ids: Sequence[int], own: Collection[tuple[str, str]]) -> set[int]:
    """Which of these rows any other row of the database points to, by every foreign key there is; `own` ones do not count."""
    found: set[int] = set()
    if not ids:
        return found
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table.name == table and (other.name, key.parent.name) not in own:
                mention: Select[Any] = select(key.parent).where(key.parent.in_(ids)).distinct()
                found |= set(session.scalars(mention.order_by(key.parent)))
    return found
