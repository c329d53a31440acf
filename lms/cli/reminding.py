"""Making messages: news at once, reminders and superiors' months some hundred people at a time. Read first, then one short write
transaction for what was found; running it twice, or in two workers, says nothing twice."""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lms.messages import actions, digest, occasions, queries, rules
from lms.messages.types import Addressee, Draft
from lms.store.engine import write_tx

PEOPLE = 500
SUPERIORS = 50
TOLD_AT_ONCE = 50
"""People told in one write transaction: learners who save an answer meanwhile wait only for these."""


def tell_news(engine: Engine, now: datetime, *, has_mail: bool) -> int:
    """Tell people what happened in the last days and was not told yet. Returns how many messages were made."""
    with Session(engine) as session:
        drafts = occasions.news(session, now)
        return _say(session, drafts, queries.addressees(session, {draft.person_id for draft in drafts}, now), now, has_mail)


def remind(engine: Engine, now: datetime, stop: threading.Event, *, has_mail: bool) -> int:
    """Remind those who may be spoken to this hour and were not reminded in the last three days. Returns how many."""

    def some(session: Session, people: list[Addressee]) -> int:
        drafts = occasions.reminders(session, people, now)
        made = 0
        for start in range(0, len(people), TOLD_AT_ONCE):
            part = {who.person_id: who for who in people[start : start + TOLD_AT_ONCE]}
            theirs = [draft for draft in drafts if draft.person_id in part]
            with write_tx(session):
                made += actions.remind(session, part, theirs, now=now, has_mail=has_mail)
        return made

    return _walk(engine, now, stop, queries.staff_after, PEOPLE, some)


def tell_months(engine: Engine, now: datetime, stop: threading.Event, *, has_mail: bool) -> int:
    """Tell superiors about the last month, in the first mornings of the new one. Returns how many."""

    def some(session: Session, people: list[Addressee]) -> int:
        found = []
        for who in people:
            month = rules.digest_month(now, who.time_zone)
            if month is not None and not occasions.said(session, [digest.about(who, month)]):
                found.append(digest.draft(session, who, month, now))
        by_id = {who.person_id: who for who in people}
        return _say(session, [draft for draft in found if draft is not None], by_id, now, has_mail)

    return _walk(engine, now, stop, queries.superiors_after, SUPERIORS, some)


def _say(session: Session, drafts: list[Draft], people: dict[int, Addressee], now: datetime, has_mail: bool) -> int:
    made = 0
    for start in range(0, len(drafts), TOLD_AT_ONCE):
        with write_tx(session):
            made += actions.tell(session, drafts[start : start + TOLD_AT_ONCE], people, now=now, has_mail=has_mail)
    return made


def _walk(
    engine: Engine,
    now: datetime,
    stop: threading.Event,
    read: Callable[[Session, int, datetime, int], list[Addressee]],
    at_once: int,
    some: Callable[[Session, list[Addressee]], int],
) -> int:
    """Call `some` for everybody whom `read` gives and who may be spoken to now, `at_once` people at a time."""
    total, after, more = 0, 0, True
    with Session(engine) as session:
        while more and not stop.is_set():
            people = read(session, after, now, at_once)
            listening = [who for who in people if rules.may_speak(now, who)]
            total += some(session, listening) if listening else 0
            session.rollback()
            session.expunge_all()
            after, more = people[-1].person_id if people else 0, len(people) == at_once
    return total
