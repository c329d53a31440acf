"""What a person may ask about their own data (D68–D70): readings of the privacy page, requests, exports and who looked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, func, literal, or_, select
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid, NotFound
from lms.people.models import (
    ActingHead,
    DataExport,
    DataRequest,
    Membership,
    NamedSuperior,
    Person,
    PrivacyReading,
    RoleGrant,
    Unit,
)
from lms.people.names import display_name
from lms.people.queries import holds_on, member_on, names_of
from lms.people.types import Role
from lms.store import audit

ANSWER_WITHIN = timedelta(hours=72)
"""3×24 hours of UU 27/2022."""
LONGEST = 1000
SHOWN = 100


class RequestKind(StrEnum):
    CORRECTION = "correction"
    ERASURE = "erasure"


@dataclass(frozen=True, slots=True)
class RequestRow:
    request_id: int
    person_id: int
    name: str
    has_left: bool
    kind: RequestKind
    text: str
    made_at: datetime
    answer: str
    answered_at: datetime | None

    @property
    def due_at(self) -> datetime:
        return self.made_at + ANSWER_WITHIN


@dataclass(frozen=True, slots=True)
class ExportRow:
    at: datetime
    by: str
    kind: str


# -- the privacy page -----------------------------------------------------------------------------------------------------------


def has_read(session: Session, person_id: int, version: str) -> bool:
    """Whether the person has said that they read this version of the privacy page."""
    return session.get(PrivacyReading, (person_id, version)) is not None


def mark_read(session: Session, *, person_id: int, version: str, now: datetime) -> None:
    """Keep that it was read; once a version."""
    if not has_read(session, person_id, version):
        session.add(PrivacyReading(person_id=person_id, version=version, read_at=now))
        session.flush()


# -- requests -------------------------------------------------------------------------------------------------------------------


def ask(session: Session, *, person_id: int, kind: RequestKind, text: str, now: datetime) -> None:
    """A request to correct or erase. Raises Invalid without words, Conflict while the same kind waits for its answer."""
    words = _words(text, "Tuliskan apa yang Anda minta")
    waiting = exists().where(DataRequest.person_id == person_id, DataRequest.kind == kind, DataRequest.answered_at.is_(None))
    if session.scalar(select(waiting)):
        raise Conflict("Permintaan Anda yang sejenis masih menunggu jawaban. Tunggu jawabannya, paling lama 3×24 jam.")
    session.add(DataRequest(person_id=person_id, kind=kind.value, text=words, made_at=now))
    audit.record(session, at=now, action="data.request", actor_id=person_id, subject=f"person:{person_id}", kind=kind.value)
    session.flush()


def answer(session: Session, *, request_id: int, text: str, now: datetime, by: int) -> None:
    """Answer a request with its ground, once. Raises NotFound, Conflict when it was answered, Invalid without words."""
    words = _words(text, "Tuliskan jawaban beserta alasannya")
    row = session.scalar(select(DataRequest).where(DataRequest.id == request_id).with_for_update())
    if row is None:
        raise NotFound("Permintaan ini tidak ada.")
    if row.answered_at is not None:
        raise Conflict("Permintaan ini sudah dijawab. Jawaban yang pertama tetap berlaku.")
    row.answer, row.answered_at, row.answered_by = words, now, by
    audit.record(session, at=now, action="data.answer", actor_id=by, subject=f"person:{row.person_id}", request=request_id)
    session.flush()


def _words(text: str, what: str) -> str:
    words = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not words or len(words) > LONGEST:
        raise Invalid(f"{what}, paling banyak {LONGEST} karakter.", field="text")
    return words


def requests(session: Session, *, person_id: int | None = None) -> list[RequestRow]:
    """Requests of one person, or of everybody: those that wait first, the oldest of them first; at most SHOWN."""
    wanted = select(DataRequest, Person).join(Person, Person.id == DataRequest.person_id)
    if person_id is not None:
        wanted = wanted.where(DataRequest.person_id == person_id)
    waiting = wanted.where(DataRequest.answered_at.is_(None)).order_by(DataRequest.made_at, DataRequest.id)
    done = wanted.where(DataRequest.answered_at.is_not(None)).order_by(DataRequest.answered_at.desc(), DataRequest.id.desc())
    rows = [*session.execute(waiting.limit(SHOWN)), *session.execute(done.limit(SHOWN))]
    return [
        RequestRow(
            row.id,
            person.id,
            display_name(person.title_prefix, person.name, person.title_suffix),
            person.left_on is not None,
            RequestKind(row.kind),
            row.text,
            row.made_at,
            row.answer,
            row.answered_at,
        )
        for row, person in rows
    ]


# -- who looked, and what left the system ---------------------------------------------------------------------------------------


def exports_about(session: Session, person_id: int) -> list[ExportRow]:
    """Exports that held the person, newest first: of the unit they were in on that day or one above, or of them alone."""
    day = func.date(DataExport.at)
    inside = (
        select(literal(1))
        .select_from(Membership)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id == person_id, func.date(Membership.from_on) <= day)
        .where(or_(Membership.to_on.is_(None), func.date(Membership.to_on) > day))
        .where(DataExport.scope_path.not_in(("", "/")), Unit.path.startswith(DataExport.scope_path))
        .exists()
    )
    told = session.execute(select(DataExport.id, DataExport.detail).where(DataExport.scope_path == "").order_by(DataExport.id))
    by_name = [export_id for export_id, detail in told if person_id in detail.get("named", ())]
    wanted = select(DataExport.at, DataExport.by, DataExport.kind).where(
        or_(DataExport.scope_path.in_(("/", f"person:{person_id}")), inside, DataExport.id.in_(by_name))
    )
    rows = session.execute(wanted.order_by(DataExport.at.desc(), DataExport.id.desc()).limit(SHOWN)).all()
    names = names_of(session, {row.by for row in rows if row.by is not None})
    return [ExportRow(row.at, names.get(row.by, "Pengelola server"), row.kind) for row in rows]


def may_see(session: Session, person_id: int, on: date) -> list[tuple[str, str]]:
    """(name, why) of everybody who may open the person's record today: heads above and who acts for them, named superiors,
    administrators. Four SELECTs."""
    path = session.scalar(
        select(Unit.path).join(Membership, Membership.unit_id == Unit.id).where(Membership.person_id == person_id, member_on(on))
    )
    units = [int(part) for part in (path or "").strip("/").split("/") if part]
    acting = select(ActingHead.person_id, Unit.name).join(Unit, Unit.id == ActingHead.unit_id)
    acting = acting.where(Unit.id.in_(units), holds_on(ActingHead, on))
    heads = select(Unit.head_id, Unit.name).where(Unit.id.in_(units), Unit.head_id.is_not(None))
    above = session.execute(heads.union(acting)).all()
    named = session.scalars(
        select(NamedSuperior.superior_id).where(NamedSuperior.person_id == person_id, holds_on(NamedSuperior, on))
    )
    admins = session.scalars(select(RoleGrant.person_id).where(RoleGrant.role == Role.ADMIN))
    why = dict.fromkeys(admins, "administrator") | {row[0]: f"pimpinan {row[1]}" for row in above if row[0] is not None}
    why |= dict.fromkeys(named, "atasan yang ditunjuk")
    names = names_of(session, why.keys())
    return sorted((names[number], reason) for number, reason in why.items() if number != person_id and number in names)
