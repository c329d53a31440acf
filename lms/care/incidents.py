"""After personal data may have leaked (D70, law: written notice within 3×24 hours): whom it concerns, which data, and a draft."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.care import inventory
from lms.care.types import DataClass
from lms.people.hierarchy import headed_unit_paths, members_select
from lms.people.models import DataExport, Person, PersonalView, RoleGrant
from lms.people.queries import employed_on
from lms.people.types import Role

NOTICE = timedelta(hours=72)


class Scope(StrEnum):
    ACCOUNT = "akun"
    EXPORTS = "ekspor"
    AGENCY = "instansi"


@dataclass(frozen=True, slots=True)
class Affected:
    """Whom an incident concerns. `reason` says how they were counted."""

    people: int
    kinds: tuple[DataClass, ...]
    reason: str


_ALL = tuple(kind for kind in inventory.KINDS if kind not in (DataClass.TECHNICAL, DataClass.ACTOR))
_SEEN = (DataClass.IDENTITY, DataClass.LEARNING, DataClass.RECORD)


def by_account(session: Session, person_id: int, since: datetime, until: datetime) -> Affected:
    """An account in foreign hands: its owner; everybody for an administrator's; the staff below, whom it opened and exported."""
    if session.scalar(select(RoleGrant.id).where(RoleGrant.person_id == person_id, RoleGrant.role == Role.ADMIN)):
        return Affected(_people(session, until.date()), _ALL, "Akun administrator dapat membuka data seluruh pegawai.")
    paths = headed_unit_paths(session, person_id, until.date())
    below = set(session.scalars(members_select(paths, until.date()).with_only_columns(Person.id)))
    seen = select(PersonalView.person_id).where(PersonalView.viewer_id == person_id)
    opened = set(session.scalars(seen.where(PersonalView.on.between(since.date(), until.date()))))
    exported = by_exports(session, since, until, by=person_id).people
    people = max(len(below | opened | {person_id}), exported)
    return Affected(
        people, _ALL, f"Pemilik akun, {len(below)} pegawai di bawahnya, dan {len(opened)} orang yang catatannya dibuka."
    )


def by_exports(session: Session, since: datetime, until: datetime, by: int | None = None) -> Affected:
    """Files that left the system in the period. People in several files are counted once at most as far as that can be known: the
    largest file counts."""
    wanted = select(func.count(), func.max(DataExport.people)).where(DataExport.at.between(since, until))
    count, people = session.execute(wanted if by is None else wanted.where(DataExport.by == by)).one()
    return Affected(people or 0, _SEEN, f"{count} berkas ekspor dibuat dalam masa itu; dihitung dari yang terbesar.")


def by_agency(session: Session, on: date) -> Affected:
    """The machine, the database or a backup."""
    return Affected(_people(session, on), _ALL, "Seluruh basis data dianggap terbuka.")


def _people(session: Session, on: date) -> int:
    return session.scalar(select(func.count()).select_from(Person).where(employed_on(on))) or 0
