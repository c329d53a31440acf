"""Writes progress: enrolments, lesson facts, skipped modules, places, and the summary that follows every fact.

Each action locks the enrolment it decides on, so two devices of one person take turns. The edge calls recognition's `settle`
after any of them, in the same transaction.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.library import Published
from lms.content.types import DoneWhen, Item, ItemKind
from lms.errors import Conflict, Invalid, NotFound
from lms.people.models import Person
from lms.progress import groups, queries, rules
from lms.progress.models import Bookmark, Enrolment, LessonDone, TestedOut
from lms.progress.projection import refresh_summary
from lms.progress.types import EditionChange, EnrolmentRow, Facts, Status
from lms.quizzes import actions as quiz_actions
from lms.quizzes.marking import Marked, mark_as_peer, mark_as_staff
from lms.quizzes.types import ClosedAttempt
from lms.store import audit

HEADING_LENGTH = 120
KEY_LENGTH = 250


# ------------------------------------------------------------------ entering


def enrol(session: Session, *, person_id: int, published: Published, now: datetime) -> int:
    """Enrol in the current edition; who is in already stays where they are. Returns the enrolment id.

    Raises Conflict when the course takes nobody new or a course that must come first is not finished.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)).scalar_one()
    existing = queries.enrolment(session, person_id, published.course_id)
    if existing is not None:
        return existing.id
    if published.is_retired:
        raise Conflict("Pelatihan ini sudah tidak menerima peserta baru. Materinya masih dapat dibaca.")
    _check_prerequisites(session, person_id, published)
    row = Enrolment(person_id=person_id, course_id=published.course_id, edition_number=published.number, enrolled_at=now)
    session.add(row)
    session.flush()
    refresh_summary(session, row.id, now)
    return row.id


def _check_prerequisites(session: Session, person_id: int, published: Published) -> None:
    """A prerequisite that is not offered (any more) holds nobody back."""
    finished = queries.completed_course_keys(session, person_id)
    missing = []
    for key in published.outline.prerequisites:
        try:
            needed = library.current(session, key)
        except NotFound:
            continue
        if needed.course_key not in finished and not needed.is_retired:
            missing.append(f"“{needed.outline.title}”")
    if missing:
        names = " dan ".join(missing)
        raise Conflict(f"Pelatihan ini melanjutkan {names}. Selesaikan dulu, lalu daftar di sini. Materinya sudah boleh dibaca.")


def move_to_edition(session: Session, *, person_id: int, course_id: int, to_number: int, now: datetime) -> EditionChange:
    """Move to the course's current edition, offered with its difference beforehand. Facts stay, by item key; a finished course
    stays finished. Raises Conflict for anything but the newer current edition."""
    own = _locked(session, person_id, course_id)
    before = queries.published_for(session, own)
    target = library.current(session, before.course_key)
    if to_number == own.edition_number:
        facts = queries.facts(session, own, before.outline)
        return rules.compare_editions(facts, before.outline, before.outline)
    if to_number < own.edition_number or to_number != target.number:
        raise Conflict("Edisi itu bukan edisi terbaru pelatihan ini. Muat ulang halaman; kemajuan Anda tidak berubah.")
    change = rules.compare_editions(queries.facts(session, own, target.outline), before.outline, target.outline)
    row = session.get_one(Enrolment, own.id)
    row.edition_number = to_number
    session.flush()
    refresh_summary(session, own.id, now)
    audit.record(
        session, at=now, action="enrolment.move", actor_id=person_id, subject=f"enrolment:{own.id}",
        from_number=own.edition_number, to_number=to_number,
    )  # fmt: skip
    return change


# ------------------------------------------------------------------ learning


def mark_done(session: Session, *, person_id: int, published: Published, lesson_key: str, now: datetime) -> Status:
    """Write the fact that a lesson is done, once; a second call changes nothing. Returns the new status.

    Raises NotFound when the learner's edition has no such lesson, Conflict when it is still locked or they are not enrolled,
    Invalid naming the questions that are missing when it asks for right answers (`selesai-bila: soal-benar`).
    """
    own = _locked(session, person_id, published.course_id)
    seen = queries.published_for(session, own)
    item = seen.outline.item(lesson_key)
    if item is None or item.kind is not ItemKind.LESSON:
        raise NotFound("Materi ini tidak ada di edisi pelatihan Anda. Kemajuan yang lain tetap tersimpan.")
    facts = queries.facts(session, own, seen.outline)
    status = rules.status(facts, seen.outline)
    if lesson_key in facts.lessons_done:
        return status
    _check_open(status, seen, item)
    if not status.items[lesson_key].is_tested_out:
        _check_answers(item, facts)
    session.add(LessonDone(enrolment_id=own.id, lesson_key=lesson_key, edition_id=seen.edition_id, done_at=now))
    session.flush()
    return refresh_summary(session, own.id, now)


def _check_open(status: Status, published: Published, item: Item) -> None:
    blocking = published.outline.item(status.items[item.key].locked_by)
    if blocking is not None:
        raise Conflict(f"“{item.title}” terbuka setelah “{blocking.title}” selesai. Kemajuan Anda tetap tersimpan.")


def _check_answers(item: Item, facts: Facts) -> None:
    if item.done_when is not DoneWhen.CORRECT:
        return
    missing = [place for place, key in enumerate(item.question_ids, 1) if key not in facts.inline_correct]
    if missing:
        places = ", ".join(str(place) for place in missing)
        raise Invalid(
            f"Masih ada {len(missing)} dari {len(item.question_ids)} soal yang belum terjawab benar: soal ke-{places}. "
            "Jawaban Anda tersimpan, dan boleh dicoba sesering yang perlu."
        )


def start_quiz(session: Session, *, person_id: int, published: Published, quiz_key: str, now: datetime) -> str:
    """Start a quiz of the learner's own edition, or return to the open attempt. Returns its token.

    Raises NotFound, or Conflict when the person is not enrolled, the quiz is locked, tries are used up or a pause runs.
    """
    own = queries.enrolment(session, person_id, published.course_id)
    if own is None:
        raise _not_enrolled()
    close_due(session, now=now, person_id=person_id)
    seen = queries.published_for(session, own)
    item = seen.outline.item(quiz_key)
    if item is None or item.quiz is None:
        raise NotFound("Kuis ini tidak ada di edisi pelatihan Anda. Kemajuan yang lain tetap tersimpan.")
    _check_open(queries.status_of(session, own, seen), seen, item)
    return quiz_actions.start(session, person_id=person_id, published=seen, quiz_key=quiz_key, now=now)


def submit_quiz(session: Session, *, person_id: int, token: str, now: datetime) -> ClosedAttempt:
    """Close an attempt, a group's for all its members, and bring the summaries up to date in the same transaction. Idempotent
    like quizzes.actions.submit. Raises Conflict, with nothing sent, when a member has handed in otherwise or has a draft."""
    groups.lock(session, token)
    closed = quiz_actions.submit(session, person_id=person_id, token=token, now=now)
    for each in (closed, *groups.hand_in(session, closed, now)):
        _follow(session, each)
    return closed


def mark_work(session: Session, **marking: Any) -> tuple[int, ...]:
    """Mark a piece of work as author, mentor or superior: the arguments of quizzes.marking.mark_as_staff. Returns the ids of the
    enrolments to settle at the time of the marking: that is when a course that waited for it is finished."""
    return _after_marking(session, mark_as_staff(session, **marking))


def mark_peer_work(session: Session, **marking: Any) -> tuple[int, ...]:
    """The same for another learner: the arguments of quizzes.marking.mark_as_peer."""
    return _after_marking(session, mark_as_peer(session, **marking))


def _after_marking(session: Session, marked: Marked) -> tuple[int, ...]:
    """Bring the summaries of all who handed in together up to date. They did nothing now, so their last activity stays."""
    owns = [queries.enrolment(session, closed.person_id, closed.course_id) for closed in marked.closed]
    ids = sorted(own.id for own in owns if own is not None)
    for enrolment_id in ids:
        _lock(session, enrolment_id)
        refresh_summary(session, enrolment_id, None)
    return tuple(ids)


def close_due(
    session: Session, *, now: datetime, person_id: int | None = None, limit: int = quiz_actions.EXPIRE_AT_ONCE
) -> list[tuple[int, datetime]]:
    """Close attempts whose time is up (of one person or of all, at most `limit`) and bring their summaries up to date.

    Returns (enrolment id, time the attempt counts as closed): settle each with that `completed_at`, because what was finished
    at the deadline does not move into another year by the hour of a job.
    """
    moved = []
    for closed in quiz_actions.expire_due(session, now, person_id=person_id, limit=limit):
        enrolment_id = _follow(session, closed)
        if enrolment_id:
            moved.append((enrolment_id, closed.closed_at))
    return moved


def void_attempt(session: Session, *, token: str, by: int | None, reason: str, now: datetime) -> None:
    """Strike out an attempt and bring the summary up to date. A course that is finished stays finished (law 3).

    Raises NotFound, Invalid without a reason.
    """
    quiz_actions.void(session, token, by, reason, now)
    for person_id, course_id in groups.all_behind(session, token):
        own = queries.enrolment(session, person_id, course_id)
        if own is not None:
            _lock(session, own.id)
            refresh_summary(session, own.id, None)


def _follow(session: Session, closed: ClosedAttempt) -> int | None:
    """Bring the summary behind a closed attempt up to date. Returns the enrolment id, None for a reader who never enrolled."""
    own = queries.enrolment(session, closed.person_id, closed.course_id)
    if own is None:
        return None
    _lock(session, own.id)
    refresh_summary(session, own.id, closed.closed_at)
    return own.id


def accept_test_out(session: Session, *, person_id: int, course: Published, module_keys: Iterable[str], now: datetime) -> Status:
    """Skip modules whose mastery the stored pre-test shows (D43); the server looks it up, whatever was sent. Modules skipped
    before are left as they are. Raises Conflict when a module may not be skipped; then none is."""
    own = _locked(session, person_id, course.course_id)
    seen = queries.published_for(session, own)
    facts = queries.facts(session, own, seen.outline)
    attempt_id, offers = queries.test_out_offer(session, own, seen)
    open_offers = {offer.module_key: offer for offer in offers if offer.may_skip}
    wanted = [key for key in dict.fromkeys(module_keys) if key not in facts.modules_tested_out]
    if not all(key in open_offers for key in wanted):
        raise Conflict("Modul yang dipilih tidak dapat dilewati berdasarkan hasil tes awal Anda. Belum ada yang berubah.")
    if not wanted:
        return rules.status(facts, seen.outline)
    for key in wanted:
        score = open_offers[key].score
        session.add(TestedOut(enrolment_id=own.id, module_key=key, attempt_id=attempt_id, score=score, accepted_at=now))
    session.flush()
    audit.record(
        session, at=now, action="enrolment.test_out", actor_id=person_id, subject=f"enrolment:{own.id}", modules=sorted(wanted)
    )
    return refresh_summary(session, own.id, now)


def set_bookmark(session: Session, *, person_id: int, course_id: int, item_key: str, heading: str, now: datetime) -> None:
    """Remember the place. Mutable and no fact, so no percentage and no version changes; the last one wins. Junk is cut down
    rather than refused, because a beacon has nobody to tell."""
    values = {
        "item_key": _plain(item_key, KEY_LENGTH),
        "heading": _plain(heading, HEADING_LENGTH),
        "set_at": now,
    }
    if not values["item_key"]:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(Bookmark)
        .values(person_id=person_id, course_id=course_id, **values)
        .on_conflict_do_update(index_elements=["person_id", "course_id"], set_=values)
    )


def _plain(text: str, length: int) -> str:
    """One line of visible characters: no controls, surrogates or NUL, which databases refuse."""
    visible = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text)
    return re.sub(r"\s+", " ", visible).strip()[:length].strip()


# ------------------------------------------------------------------ locking


def _lock(session: Session, enrolment_id: int) -> None:
    """Hold the enrolment until the transaction ends; other tables may still point to it."""
    session.execute(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update(key_share=True))


def _locked(session: Session, person_id: int, course_id: int) -> EnrolmentRow:
    """The enrolment, locked first and read afterwards. Raises Conflict when the person is not enrolled."""
    own = queries.enrolment(session, person_id, course_id)
    if own is None:
        raise _not_enrolled()
    _lock(session, own.id)
    return queries.enrolment_by_id(session, own.id) or own


def _not_enrolled() -> Conflict:
    return Conflict("Anda belum terdaftar di pelatihan ini. Tekan “Mulai belajar” dulu; boleh dilanjutkan kapan saja.")
