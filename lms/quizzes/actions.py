"""Writes attempts: start, save, void, and checks inside lessons; `closing` ends them. Everything here runs inside `write_tx`.

An attempt may change only while it is open; triggers forbid it afterwards (law 2). On PostgreSQL each action locks the row it
decides on; on SQLite the write transaction is the lock (R12, R60).
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from random import Random, SystemRandom
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.library import Published
from lms.content.types import QuizRules
from lms.errors import Conflict, Invalid, NotFound
from lms.people.models import Person
from lms.quizzes import rules as quiz_rules
from lms.quizzes.attempts import closed_attempts, is_anonymous, is_token, no_attempt, open_attempt
from lms.quizzes.closing import EXPIRE_AT_ONCE, expire_due, submit
from lms.quizzes.draw import draw, new_token
from lms.quizzes.feedback import feedback_of
from lms.quizzes.grading import grade, is_answered
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, GroupMember, InlineAnswer, LateAnswer
from lms.quizzes.types import Answer, AttemptState, InlineResult, Saved
from lms.shared.codec import encode
from lms.store import audit
from lms.store.base import canonical_json

__all__ = ["EXPIRE_AT_ONCE", "answer_inline", "expire_due", "save_answer", "start", "submit", "void"]

LONGEST_ANSWER = 100_000
"""Bytes of one stored answer: far above any form of ours, far below what would hurt."""
LARGEST_INTEGER = 2**31 - 1


def start(
    session: Session,
    *,
    person_id: int,
    published: Published,
    quiz_key: str,
    now: datetime,
    random: Random | None = None,
    token_source: Callable[[], str] = new_token,
) -> str:
    """Open an attempt and return its token; the open one's token when there is one, so that a repeated click is harmless (R19).

    The draw prefers questions this person has not met in any attempt of the course. An open attempt whose time is up is closed
    first; when its result matters to progress, call `expire_due(person_id=…)` before, in the same transaction.
    Raises NotFound when the edition has no such quiz, Conflict with the reason when no try may start now.
    """
    rules = _rules_of(published, quiz_key)
    # one start a person at a time; the weaker lock leaves foreign key checks of other tables alone
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    waiting = open_attempt(session, person_id, published.course_id, quiz_key)
    if waiting is not None:
        if not quiz_rules.is_due(waiting.deadline_at, now):
            return str(waiting.token)
        submit(session, person_id=person_id, token=waiting.token, now=now)
    closed = closed_attempts(session, person_id, published.course_id, quiz_key)
    stands = quiz_rules.standing(rules, closed, False, now)
    if not stands.may_start:
        raise Conflict(stands.reason)
    return _open(session, person_id, published, quiz_key, rules, now, random or SystemRandom(), token_source)


def _rules_of(published: Published, quiz_key: str) -> QuizRules:
    item = published.outline.item(quiz_key)
    if item is None or item.quiz is None:
        raise NotFound("Kuis ini tidak ada dalam pelatihan. Buka daftar materi untuk memilih yang lain.")
    return item.quiz


def _open(
    session: Session,
    person_id: int,
    published: Published,
    quiz_key: str,
    rules: QuizRules,
    now: datetime,
    random: Random,
    token_source: Callable[[], str],
) -> str:
    wanted = [question_id for one in rules.draws for question_id in one.question_ids]
    versions = library.questions(session, published.edition_id, wanted)
    publics = {question_id: version.public for question_id, version in versions.items()}
    drawn = draw(rules, publics, random, _seen(session, person_id, published.course_id), token_source=token_source)
    if not drawn:
        raise Conflict("Kuis ini belum berisi soal. Tidak ada yang hilang; coba lagi setelah penyusun melengkapinya.")
    token = secrets.token_urlsafe(16)
    same_quiz = (Attempt.person_id == person_id, Attempt.course_id == published.course_id, Attempt.quiz_key == quiz_key)
    last = session.execute(select(func.max(Attempt.try_number)).where(*same_quiz)).scalar() or 0
    attempt = {
        "token": token,
        "person_id": person_id,
        "course_id": published.course_id,
        "edition_id": published.edition_id,
        "quiz_key": quiz_key,
        "try_number": last + 1,
        "state": AttemptState.OPEN,
        "started_at": now,
        "deadline_at": quiz_rules.deadline(rules, now),
    }
    attempt_id = session.execute(insert(Attempt).returning(Attempt.id), attempt).scalar_one()
    session.execute(
        insert(AttemptQuestion),
        [
            {
                "attempt_id": attempt_id,
                "position": position,
                "question_id": question_id,
                "version_id": versions[question_id].version_id,
                "layout": encode(layout),
            }
            for position, (question_id, layout) in enumerate(drawn, start=1)
        ],
    )
    return token


def _seen(session: Session, person_id: int, course_id: int) -> set[str]:
    """Questions this person was ever asked in the course; pre- and post-test share a bank, so all quizzes count."""
    mine = select(Attempt.id).where(Attempt.person_id == person_id, Attempt.course_id == course_id)
    return set(session.scalars(select(AttemptQuestion.question_id).where(AttemptQuestion.attempt_id.in_(mine)).distinct()))


# Saving: the hot path, two Core statements

_LOCKED = (
    select(Attempt.id, Attempt.state, Attempt.deadline_at)
    .join(AttemptQuestion, AttemptQuestion.attempt_id == Attempt.id)
    .where(
        Attempt.token == bindparam("wanted_token"),
        Attempt.person_id == bindparam("wanted_person"),
        AttemptQuestion.position == bindparam("wanted_position"),
    )
    .with_for_update(of=Attempt)
)
_ANSWER: Any = AnswerRow.__table__
_STORED = select(_ANSWER.c.value, _ANSWER.c.sequence, _ANSWER.c.saved_at).where(
    _ANSWER.c.attempt_id == bindparam("wanted_attempt"), _ANSWER.c.position == bindparam("wanted_position")
)


def _upsert(dialect: Any, *, counts_on: bool) -> Any:
    """Insert an answer or replace an older one; `counts_on` ignores the sequence sent and adds one to the stored one."""
    statement = dialect.insert(_ANSWER)
    new = statement.excluded
    sequence = _ANSWER.c.sequence + 1 if counts_on else new.sequence
    return statement.on_conflict_do_update(
        index_elements=["attempt_id", "position"],
        set_={"value": new.value, "saved_at": new.saved_at, "sequence": sequence},
        where=None if counts_on else _ANSWER.c.sequence < new.sequence,
    ).returning(_ANSWER.c.saved_at, _ANSWER.c.sequence)


_UPSERT = {
    (name, counts_on): _upsert(dialect, counts_on=counts_on)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    for counts_on in (False, True)
}


def save_answer(
    session: Session, *, person_id: int, token: str, position: int, answer: Answer, sequence: int | None, now: datetime
) -> Saved:
    """Keep an answer (canonical, from `forms.read_answer`) to the question at `position`, and say what stands now.

    `sequence` counts a client's saves of one question upwards from the stored one: a lower or equal one is an echo and changes
    nothing (R15). None, for forms sent without JavaScript, means "the latest to arrive counts". After the deadline plus grace, or
    on a closed attempt, the answer is kept beside the attempt and `Saved.late` says so; show it after the transaction.
    Raises NotFound for a missing or foreign attempt or place, Invalid for what cannot be stored.
    """
    if not is_token(token) or type(position) is not int or not 0 < position <= LARGEST_INTEGER:
        raise no_attempt()
    _check_storable(answer, sequence)
    wanted = {"wanted_token": token, "wanted_person": person_id, "wanted_position": position}
    row = session.execute(_LOCKED, wanted).first()
    if row is None:
        raise no_attempt()
    if row.state != AttemptState.OPEN or quiz_rules.is_due(row.deadline_at, now):
        return _save_late(session, row.id, row.state, position, answer, sequence, now)
    new = {
        "attempt_id": row.id,
        "position": position,
        "value": answer,
        "sequence": 1 if sequence is None else sequence,
        "saved_at": now,
    }
    statement = _UPSERT[session.get_bind().dialect.name, sequence is None]
    saved = session.execute(statement, new).first()
    if saved is not None:
        return Saved(saved.saved_at, saved.sequence, answer)
    stored = _stored(session, row.id, position)
    assert stored is not None  # the sequence guard only holds back an update
    return Saved(stored.saved_at, stored.sequence, stored.value, is_newest=stored.value == answer)


def _check_storable(answer: Answer, sequence: int | None) -> None:
    if sequence is not None and (type(sequence) is not int or not 0 <= sequence <= LARGEST_INTEGER):
        raise Invalid("Jawaban belum disimpan karena nomor urut kirimannya tidak terbaca. Muat ulang halaman, lalu simpan lagi.")
    try:
        size = len(canonical_json(answer).encode()) if isinstance(answer, dict) else LONGEST_ANSWER + 1
    except (TypeError, ValueError, RecursionError):  # no JSON, or half a character
        size = LONGEST_ANSWER + 1
    if size > LONGEST_ANSWER:
        raise Invalid("Jawaban belum disimpan karena isinya tidak terbaca. Muat ulang halaman, lalu jawab lagi.")


def _stored(session: Session, attempt_id: int, position: int) -> Row[Any] | None:
    return session.execute(_STORED, {"wanted_attempt": attempt_id, "wanted_position": position}).first()


def _save_late(
    session: Session, attempt_id: int, state: AttemptState, position: int, answer: Answer, sequence: int | None, now: datetime
) -> Saved:
    """Keep what came too late, once. An echo of an answer that was saved in time is answered as it was then."""
    stored = _stored(session, attempt_id, position)
    if stored is not None and stored.value == answer and (sequence is None or sequence <= stored.sequence):
        return Saved(stored.saved_at, stored.sequence, stored.value)
    last = (
        select(LateAnswer.value)
        .where(LateAnswer.attempt_id == attempt_id, LateAnswer.position == position)
        .order_by(LateAnswer.id.desc())
        .limit(1)
    )
    begun = session.execute(select(Attempt.edition_id, Attempt.quiz_key).where(Attempt.id == attempt_id)).one()
    leaves_no_name = is_anonymous(session, begun.edition_id, begun.quiz_key)
    if not leaves_no_name and session.execute(last).scalar() != answer:
        session.execute(insert(LateAnswer), {"attempt_id": attempt_id, "position": position, "value": answer, "received_at": now})
    why = {
        AttemptState.OPEN: "Waktu mengerjakan sudah habis.",
        AttemptState.EXPIRED: "Waktu mengerjakan sudah habis.",
        AttemptState.VOIDED: "Percobaan ini sudah dibatalkan.",
    }.get(state, "Kuis ini sudah dikirim.")
    told = f"{why} Jawaban ini tetap kami simpan sebagai jawaban terlambat, tetapi tidak ikut dinilai."
    if leaves_no_name:  # what comes late would stand beside the person
        told = "Jawaban evaluasi ini disimpan tanpa nama, jadi setelah dikirim tidak dapat ditambah lagi."
    if stored is None:
        return Saved(now, 0, {}, is_newest=False, late=told)
    return Saved(stored.saved_at, stored.sequence, stored.value, is_newest=False, late=told)


# Striking out


def void(session: Session, token: str, by: int | None, reason: str, now: datetime) -> None:
    """Strike an attempt out, audited with its reason: it uses up no try and counts for nothing. Repeating changes nothing.

    Raises NotFound for an unknown token, Invalid without a reason. Who may do this is decided at the edge.
    """
    if not reason.strip():
        raise Invalid("Tuliskan alasan pembatalan; alasan itu tersimpan dalam catatan audit.", field="reason")
    wanted = select(Attempt.id, Attempt.state, Attempt.closed_at).where(Attempt.token == token).with_for_update()
    row = session.execute(wanted).first() if is_token(token) else None
    if row is None:
        raise no_attempt()
    if row.state == AttemptState.VOIDED:
        return
    voided = {"state": AttemptState.VOIDED, "closed_at": row.closed_at or now}
    members = select(GroupMember.member_attempt_id).where(GroupMember.attempt_id == row.id)  # their work is this one
    session.execute(
        update(Attempt).where(or_(Attempt.id == row.id, Attempt.id.in_(members))).values(**voided),
        execution_options={"synchronize_session": False},
    )
    audit.record(session, at=now, action="attempt.void", actor_id=by, subject=f"attempt:{row.id}", reason=reason, was=row.state)
    session.flush()


# Checks inside lessons


def answer_inline(
    session: Session, *, person_id: int, published: Published, question_id: str, answer: Answer, now: datetime
) -> InlineResult:
    """Record and judge an answer to a check inside a lesson: unlimited tries, feedback at once, the key once it is right.

    The same answer sent again adds no row. Raises NotFound for anything but an inline question of a lesson (a quiz question must
    never be asked here), Invalid without an answer.
    """
    if not any(question_id in item.question_ids for item in published.outline.items if item.quiz is None):
        raise NotFound("Soal ini tidak ada dalam pelajaran. Muat ulang halamannya, lalu jawab lagi.")
    version = library.questions(session, published.edition_id, [question_id]).get(question_id)
    if version is None:
        raise NotFound("Soal ini tidak ada dalam pelajaran. Muat ulang halamannya, lalu jawab lagi.")
    _check_storable(answer, None)
    if not is_answered(version.public, answer):
        raise Invalid("Pilih atau tulis jawaban dahulu, lalu periksa lagi.")
    key = library.keys(session, [version.version_id])[version.version_id]
    judged = grade(version.public, key, answer)
    mine = (InlineAnswer.person_id == person_id, InlineAnswer.course_id == published.course_id)
    last = select(InlineAnswer.value, InlineAnswer.version_id).where(*mine, InlineAnswer.question_id == question_id)
    if session.execute(last.order_by(InlineAnswer.id.desc()).limit(1)).first() != (answer, version.version_id):
        row = {
            "person_id": person_id,
            "course_id": published.course_id,
            "question_id": question_id,
            "version_id": version.version_id,
        }
        session.execute(insert(InlineAnswer), row | {"value": answer, "is_correct": judged.is_correct, "answered_at": now})
    told = feedback_of(version.public, key, answer, judged, shows_parts=True, shows_key=judged.is_correct)
    return InlineResult(judged, told)
