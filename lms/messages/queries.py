"""Reads of messages: whom something may be said to, what a person was told, and what became of everything."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.messages.models import Message
from lms.messages.types import Addressee, Channel, MessageState, Notice, Record
from lms.people.models import Account, ActingHead, CourseMentor, Membership, NamedSuperior, Person, Unit
from lms.people.names import display_name
from lms.people.queries import employed_on, holds_on, member_on
from lms.people.rules import staff_date
from lms.people.settings import agency_settings
from lms.people.types import UnitCategory

IN_LIST = 25


# ------------------------------------------------------------------ whom


def staff_after(session: Session, after_id: int, now: datetime, limit: int) -> list[Addressee]:
    """The next people that something may be said to, in order of id. Two SELECTs."""
    return _addressees(session, _staff(now).where(Person.id > after_id).limit(limit))


def addressees(session: Session, person_ids: Collection[int], now: datetime) -> dict[int, Addressee]:
    """Those of these people that something may be said to: employed, account not closed. Two SELECTs."""
    return {who.person_id: who for who in _addressees(session, _staff(now).where(Person.id.in_(person_ids)))}


def superiors_after(session: Session, after_id: int, now: datetime, limit: int) -> list[Addressee]:
    """The next people who head a unit, act as its head, are the named superior of somebody or mark a course, in order of id. Two
    SELECTs."""
    on = staff_date(now)
    leads = or_(
        Person.id.in_(select(Unit.head_id).where(Unit.head_id.is_not(None))),
        Person.id.in_(select(ActingHead.person_id).where(holds_on(ActingHead, on))),
        Person.id.in_(select(NamedSuperior.superior_id).where(holds_on(NamedSuperior, on))),
        Person.id.in_(select(CourseMentor.person_id)),
    )
    return _addressees(session, _staff(now).where(leads, Person.id > after_id).limit(limit))


def _staff(now: datetime) -> Select[*tuple[Any, ...]]:
    on = staff_date(now)
    columns = (Person.id, Person.title_prefix, Person.name, Person.title_suffix, Person.email, Person.wants_email)
    return (
        select(*columns, Person.employment_kind, Person.position, Unit.time_zone, Unit.category, Unit.path)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(employed_on(on), Account.disabled_at.is_(None))
        .order_by(Person.id)
    )


def _addressees(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[Addressee]:
    agency_zone = agency_settings(session).time_zone
    return [
        Addressee(
            person_id=row.id,
            display_name=display_name(row.title_prefix, row.name, row.title_suffix),
            email=row.email,
            wants_email=row.wants_email,
            employment_kind=row.employment_kind,
            position=row.position,
            time_zone=row.time_zone or agency_zone,
            category=row.category or UnitCategory.OFFICE,
            unit_path=row.path or "",
        )
        for row in session.execute(wanted)
    ]


# ------------------------------------------------------------------ what a person was told


def _own(person_id: int) -> Select[*tuple[Any, ...]]:
    return select(Message).where(
        Message.person_id == person_id, Message.channel == Channel.PAGE, Message.state == MessageState.SHOWN
    )


def notices(session: Session, person_id: int, page: int = 1) -> tuple[list[Notice], int]:
    """(one page of a person's notices, newest first; how many pages there are). Two SELECTs."""
    count = session.scalar(select(func.count()).select_from(_own(person_id).subquery())) or 0
    rows = session.scalars(_own(person_id).order_by(Message.id.desc()).limit(IN_LIST).offset((page - 1) * IN_LIST))
    return [_notice(row) for row in rows], max(1, -(-count // IN_LIST))


def notice(session: Session, person_id: int, message_id: int) -> Notice:
    """One of a person's own notices. Raises NotFound for everybody else's."""
    row = session.scalars(_own(person_id).where(Message.id == message_id)).one_or_none()
    if row is None:
        raise NotFound("Pesan ini tidak ada dalam daftar Anda.")
    return _notice(row)


def unread_count(session: Session, person_id: int) -> int:
    unread = _own(person_id).where(Message.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(unread.subquery())) or 0


def _notice(row: Message) -> Notice:
    return Notice(row.id, row.subject, row.body, row.link, row.made_at, row.read_at is not None)


def email_choice(session: Session, person_id: int) -> tuple[str, bool]:
    """(own e-mail address or "", whether reminders may go there)."""
    row = session.execute(select(Person.email, Person.wants_email).where(Person.id == person_id)).one()
    return row[0], row[1]


# ------------------------------------------------------------------ what became of everything


def counts(session: Session) -> dict[MessageState, int]:
    """How many messages stand in each state. One SELECT along the index of states."""
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {MessageState(state): number for state, number in rows}


def failures(session: Session) -> list[Record]:
    """The newest e-mails that were given up, or whose fate is unknown."""
    given_up = Message.state.in_((MessageState.FAILED, MessageState.UNSURE))
    return _records(session, _listed().where(given_up).order_by(Message.not_before.desc(), Message.id.desc()).limit(IN_LIST))


def history(session: Session, person_id: int, page: int = 1) -> tuple[list[Record], int]:
    """(one page of everything made for a person, newest first; how many pages there are). Two SELECTs."""
    count = session.scalar(select(func.count()).where(Message.person_id == person_id)) or 0
    mine = _listed().where(Message.person_id == person_id).order_by(Message.id.desc())
    return _records(session, mine.limit(IN_LIST).offset((page - 1) * IN_LIST)), max(1, -(-count // IN_LIST))


def _listed() -> Select[*tuple[Any, ...]]:
    names = (Person.title_prefix, Person.name, Person.title_suffix)
    return select(Message, *names).join(Person, Person.id == Message.person_id)


def _records(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[Record]:
    return [
        Record(
            id=row.Message.id,
            person_id=row.Message.person_id,
            name=display_name(row.title_prefix, row.name, row.title_suffix),
            channel=Channel(row.Message.channel),
            subject=row.Message.subject,
            reason=row.Message.reason,
            made_at=row.Message.made_at,
            not_before=row.Message.not_before,
            state=MessageState(row.Message.state),
            tries=row.Message.tries,
            ended_at=row.Message.ended_at,
            outcome=row.Message.outcome,
            read_at=row.Message.read_at,
        )
        for row in session.execute(wanted)
    ]
