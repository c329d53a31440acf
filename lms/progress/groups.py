"""Group work (D47): who hands in together. One member's attempt holds the work; handing it in closes an attempt of each other's.

A member's own open draft closes with it, but only while it is empty: nobody loses what they wrote by being named.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid
from lms.people.models import Account, Person
from lms.people.names import display_name
from lms.people.rules import normalise_identifier
from lms.progress.models import Enrolment
from lms.quizzes.attempts import as_closed, attempt_row, attempts, closed_attempts, no_attempt, questions_of, rules_at
from lms.quizzes.grading import is_answered
from lms.quizzes.models import Attempt, GroupMember
from lms.quizzes.types import AttemptState, ClosedAttempt

MOST_MEMBERS = 20
NOT_ADDED = (
    "Nomor ini tidak dapat ditambahkan, jadi daftar anggota tidak berubah. Periksa lagi NIP-nya; anggota harus peserta pelatihan ini dan "
    "belum mengumpulkan tugas ini."
)


@dataclass(frozen=True, slots=True)
class Member:
    person_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """A group somebody else keeps, in which this person is named; nothing is handed in yet."""

    token: str
    name: str
    """Who keeps it."""


def members(session: Session, attempt_id: int) -> list[Member]:
    """Who hands in together with the owner of an attempt, by name."""
    rows = session.execute(
        select(Person.id, Person.title_prefix, Person.name, Person.title_suffix)
        .join(GroupMember, GroupMember.person_id == Person.id)
        .where(GroupMember.attempt_id == attempt_id)
        .order_by(Person.name, Person.id)
    )
    return [Member(row.id, display_name(row.title_prefix, row.name, row.title_suffix)) for row in rows]


def named_in(session: Session, person_id: int, course_id: int, quiz_key: str) -> list[Named]:
    """Open groups of others in which this person is named."""
    rows = session.execute(
        select(Attempt.token, Person.title_prefix, Person.name, Person.title_suffix)
        .join(GroupMember, GroupMember.attempt_id == Attempt.id)
        .join(Person, Person.id == Attempt.person_id)
        .where(
            GroupMember.person_id == person_id,
            Attempt.course_id == course_id,
            Attempt.quiz_key == quiz_key,
            Attempt.state == AttemptState.OPEN,
        )
        .order_by(Attempt.id)
    )
    return [Named(row.token, display_name(row.title_prefix, row.name, row.title_suffix)) for row in rows]


def handed_in_by(session: Session, attempt_id: int) -> Member | None:
    """Who handed in the work that counts for this member's attempt; None for one's own work."""
    row = session.execute(
        select(Person.id, Person.title_prefix, Person.name, Person.title_suffix)
        .join(Attempt, Attempt.person_id == Person.id)
        .join(GroupMember, GroupMember.attempt_id == Attempt.id)
        .where(GroupMember.member_attempt_id == attempt_id)
    ).first()
    return None if row is None else Member(row.id, display_name(row.title_prefix, row.name, row.title_suffix))


def add_member(session: Session, *, person_id: int, token: str, number: str) -> None:
    """Name somebody by NIP (or sign-in word). One sentence for every reason against it, so that it tells nothing about others.

    Raises NotFound for a foreign attempt, Conflict for a closed one or no group work, Invalid for who cannot be named.
    """
    row = _open_group(session, person_id, token)
    typed = normalise_identifier(number)
    found = session.scalars(
        select(Enrolment.person_id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(or_(Person.nip == typed, Account.identifier == typed), Enrolment.course_id == row.course_id)
        .order_by(Enrolment.person_id)
    ).first()
    if not typed or found is None or found == person_id or not _may_hand_in(session, found, row.course_id, row.quiz_key):
        raise Invalid(NOT_ADDED, field="number")
    here = session.scalars(select(GroupMember.person_id).where(GroupMember.attempt_id == row.id)).all()
    if found in here:
        return
    if len(here) >= MOST_MEMBERS:
        raise Invalid(
            f"Satu kelompok paling banyak {MOST_MEMBERS} anggota selain Anda. Daftar anggota tidak berubah.", field="number"
        )
    session.execute(insert(GroupMember), {"attempt_id": row.id, "person_id": found, "member_attempt_id": None})


def remove_member(session: Session, *, person_id: int, token: str, member_id: int) -> None:
    """Take a name off the list again. Raises like `add_member`."""
    row = _open_group(session, person_id, token)
    session.execute(delete(GroupMember).where(GroupMember.attempt_id == row.id, GroupMember.person_id == member_id))


def leave(session: Session, *, person_id: int, token: str) -> None:
    """Take oneself off somebody else's list while nothing is handed in. NotFound when one is not on it."""
    wanted = (
        select(Attempt.id, Attempt.state)
        .join(GroupMember, GroupMember.attempt_id == Attempt.id)
        .where(Attempt.token == token, GroupMember.person_id == person_id)
    )
    row = session.execute(wanted.with_for_update(of=Attempt)).first()
    if row is None:
        raise no_attempt()
    if row.state != AttemptState.OPEN:
        raise Conflict("Tugas kelompok ini sudah dikumpulkan, jadi daftar anggotanya tidak dapat diubah lagi.")
    session.execute(delete(GroupMember).where(GroupMember.attempt_id == row.id, GroupMember.person_id == person_id))


def _open_group(session: Session, person_id: int, token: str) -> Row[Any]:
    row = attempt_row(session, person_id, token, for_update=True)
    if row.state != AttemptState.OPEN:
        raise Conflict("Tugas ini sudah dikumpulkan, jadi daftar anggotanya tidak dapat diubah lagi.")
    rules = rules_at(session, row.edition_id, row.quiz_key)
    if rules is None or rules.hand_in is None or not rules.hand_in.is_group:
        raise Conflict("Tugas ini dikerjakan sendiri-sendiri, jadi tidak ada anggota yang perlu ditambahkan.")
    return row


def _may_hand_in(session: Session, person_id: int, course_id: int, quiz_key: str) -> bool:
    closed = closed_attempts(session, person_id, course_id, quiz_key)
    return not any(one.passed or one.state is AttemptState.SUBMITTED for one in closed)


# ------------------------------------------------------------------ handing in


def lock(session: Session, token: str) -> None:
    """Hold everybody of a group, in one order, before anything is decided: two members may be handing in at once."""
    behind = select(Attempt.id).where(Attempt.token == token).scalar_subquery()
    people = session.scalars(select(GroupMember.person_id).where(GroupMember.attempt_id == behind)).all()
    if people:
        owner = session.scalar(select(Attempt.person_id).where(Attempt.token == token))
        wanted = select(Person.id).where(Person.id.in_({owner, *people})).order_by(Person.id)
        session.execute(wanted.with_for_update(key_share=True))


def hand_in(session: Session, closed: ClosedAttempt, now: datetime) -> list[ClosedAttempt]:
    """Close an attempt of each member of the group behind a work just handed in, and return them. Nothing the second time.

    Raises Conflict, naming the member, when one has handed in or passed meanwhile or has written a draft of their own; the caller's
    transaction then sends nothing.
    """
    waiting = session.scalars(
        select(GroupMember.person_id)
        .where(GroupMember.attempt_id == closed.attempt_id, GroupMember.member_attempt_id.is_(None))
        .order_by(GroupMember.person_id)
    ).all()
    if not waiting or closed.state is AttemptState.VOIDED:
        return []
    for person_id in waiting:
        if not _may_hand_in(session, person_id, closed.course_id, closed.quiz_key):
            raise Conflict(
                f"{_name(session, closed, person_id)} sudah mengumpulkan tugas ini di luar kelompok Anda, jadi tugas belum dikirim. Draf Anda tersimpan; "
                "keluarkan namanya dari daftar anggota, lalu kumpulkan lagi."
            )
    ids = [_close_for(session, closed, person_id, now) for person_id in waiting]
    return _closed(session, ids)


def _name(session: Session, closed: ClosedAttempt, person_id: int) -> str:
    return next(each.name for each in members(session, closed.attempt_id) if each.person_id == person_id)


def _close_for(session: Session, closed: ClosedAttempt, person_id: int, now: datetime) -> int:
    """The member's open draft, when it is empty, closes with the work; who has none gets an attempt. Returns its id."""
    same = (Attempt.person_id == person_id, Attempt.course_id == closed.course_id, Attempt.quiz_key == closed.quiz_key)
    passed = None if closed.state is AttemptState.SUBMITTED else closed.passed
    result = {"state": closed.state, "closed_at": closed.closed_at, "score": closed.score, "passed": passed}
    own_id = session.scalar(select(Attempt.id).where(*same, Attempt.state == AttemptState.OPEN).with_for_update())
    if own_id is None:
        last = session.scalar(select(func.max(Attempt.try_number)).where(*same)) or 0
        row = {
            "token": secrets.token_urlsafe(16),
            "person_id": person_id,
            "course_id": closed.course_id,
            "edition_id": closed.edition_id,
            "quiz_key": closed.quiz_key,
            "try_number": last + 1,
            "started_at": now,
        }
        own_id = session.execute(insert(Attempt).returning(Attempt.id), row | result).scalar_one()
    else:
        if any(is_answered(one.public, one.answer) for one in questions_of(session, own_id)):
            name = _name(session, closed, person_id)
            raise Conflict(
                f"{name} sudah menulis drafnya sendiri untuk tugas ini, jadi tugas kelompok belum dikirim; draf Anda dan drafnya tetap "
                f"tersimpan. Minta {name} mengosongkan drafnya, atau keluarkan namanya dari daftar anggota, lalu kumpulkan lagi."
            )
        session.execute(
            update(Attempt).where(Attempt.id == own_id).values(**result), execution_options={"synchronize_session": False}
        )
        session.execute(delete(GroupMember).where(GroupMember.attempt_id == own_id, GroupMember.member_attempt_id.is_(None)))
    session.execute(
        update(GroupMember)
        .where(GroupMember.attempt_id == closed.attempt_id, GroupMember.person_id == person_id)
        .values(member_attempt_id=own_id),
        execution_options={"synchronize_session": False},
    )
    return int(own_id)


def _closed(session: Session, ids: Sequence[int]) -> list[ClosedAttempt]:
    return [as_closed(row) for row in session.execute(attempts().where(Attempt.id.in_(ids)).order_by(Attempt.id))]


def all_behind(session: Session, token: str) -> list[tuple[int, int]]:
    """(person id, course id) of everybody whose result an attempt decides: its owner and the group it was handed in for."""
    behind = select(Attempt.id).where(Attempt.token == token).scalar_subquery()
    ids = select(GroupMember.member_attempt_id).where(GroupMember.attempt_id == behind)
    wanted = select(Attempt.person_id, Attempt.course_id).where(or_(Attempt.token == token, Attempt.id.in_(ids)))
    return [(row.person_id, row.course_id) for row in session.execute(wanted.order_by(Attempt.id))]
