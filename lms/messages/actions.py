"""Writes of messages: making rows, withdrawing notices that ceased to be true, reading, choosing, trying again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.errors import Conflict, NotFound
from lms.messages import rules
from lms.messages.models import Message
from lms.messages.occasions import rows_key, said
from lms.messages.types import Addressee, Channel, Draft, MessageKind, MessageState, Occasion
from lms.people.models import Person
from lms.people.rules import check_email
from lms.store import audit

TO_RETRY = (MessageState.FAILED, MessageState.UNSURE)


def queue(
    session: Session,
    *,
    person_id: int,
    kind: str,
    subject: str,
    body: str,
    link: str,
    about: str,
    reason: Mapping[str, Any],
    not_before: datetime,
    now: datetime,
    channels: Collection[str],
) -> int:
    """Put one thing to say into the outbox, a row for each channel; returns how many rows are new. Saying the same (`about`, at most
    140 characters) again makes none. A notice shows in the page at once; an e-mail waits until `not_before`.

    `kind` and `channels` are words of MessageKind and Channel; `reason` should name its `occasion` (rules.why says it in words).
    E-mails of RECOVERY and ACCOUNT ask neither for the person's choice nor for the hour, and text and link of RECOVERY are forgotten
    when it has ended. `reason["to"]` sends to another address than the person's own.
    """
    draft = Draft(person_id, MessageKind(kind), about, subject, body, link, {"occasion": str(kind)} | dict(reason))
    return _insert(session, [_row(draft, Channel(channel), not_before, now) for channel in channels])


def tell(session: Session, drafts: Sequence[Draft], people: Mapping[int, Addressee], *, now: datetime, has_mail: bool) -> int:
    """Queue drafts by the ways that reach each person: the page always, e-mail when it is set up and wanted, in their hours. Who is
    not among `people` is told nothing. Returns how many rows are new."""
    rows = []
    for draft in drafts:
        who = people.get(draft.person_id)
        if who is None:
            continue
        rows.append(_row(draft, Channel.PAGE, now, now))
        if has_mail and who.email and who.wants_email:
            rows.append(_row(draft, Channel.EMAIL, rules.next_moment(now, who.time_zone, who.category), now))
    return _insert(session, rows)


def _row(draft: Draft, channel: Channel, not_before: datetime, now: datetime) -> dict[str, Any]:
    is_page = channel is Channel.PAGE
    return {
        "person_id": draft.person_id,
        "kind": draft.kind.value,
        "channel": channel.value,
        "about": rows_key(draft.about, channel),
        "subject": rules.one_line(draft.subject),
        "body": draft.body,
        "link": draft.link,
        "reason": draft.reason,
        "made_at": now,
        "not_before": now if is_page else not_before,
        "state": MessageState.SHOWN.value if is_page else MessageState.WAITING.value,
        "tries": 0,
        "ended_at": now if is_page else None,
        "outcome": "",
    }


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = session.scalars(insert(Message).values(rows).on_conflict_do_nothing(index_elements=["about"]).returning(Message.id))
    return len(made.all())


def remind(session: Session, people: Mapping[int, Addressee], drafts: Sequence[Draft], *, now: datetime, has_mail: bool) -> int:
    """Of everything true for these people (`drafts`), say to each the most urgent thing not said yet, and nothing to who was
    reminded in the last three days. Unread notices of theirs that ceased to be true are withdrawn. Returns how many were reminded."""
    _withdraw(session, people, drafts, now)
    told = said(session, [draft.about for draft in drafts])
    fresh: dict[int, list[Draft]] = {}
    for draft in drafts:
        if draft.about not in told:
            fresh.setdefault(draft.person_id, []).append(draft)
    if not fresh:
        return 0
    session.execute(select(Person.id).where(Person.id.in_(fresh)).order_by(Person.id).with_for_update())  # one worker at a time
    resting = set(session.scalars(_reminded_since(fresh, now)))
    chosen = [rules.most_urgent(ones) for person_id, ones in sorted(fresh.items()) if person_id not in resting]
    tell(session, chosen, people, now=now, has_mail=has_mail)
    return len(chosen)


def _reminded_since(person_ids: Collection[int], now: datetime) -> Any:
    """People whom a reminder was made for, or reached late, within the pause between two."""
    since = now - rules.BETWEEN_REMINDERS
    late = and_(Message.state.in_((MessageState.SENT, MessageState.UNSURE)), Message.ended_at > since)
    recent = select(Message.person_id).where(Message.person_id.in_(person_ids), Message.kind == MessageKind.REMINDER)
    return recent.where(or_(Message.made_at > since, late)).distinct()


def _withdraw(session: Session, people: Collection[int], drafts: Sequence[Draft], now: datetime) -> None:
    """A notice that nobody has read and that is no longer true goes: who finished yesterday is not told today to go on."""
    true_now = [rows_key(draft.about, Channel.PAGE) for draft in drafts]
    unread = (
        Message.person_id.in_(people),
        Message.kind == MessageKind.REMINDER,
        Message.state == MessageState.SHOWN,
        Message.read_at.is_(None),
        Message.about.not_in(true_now),
    )
    session.execute(
        update(Message)
        .where(*unread)
        .values(state=MessageState.DROPPED.value, ended_at=now, outcome="Tidak berlaku lagi, jadi ditarik sebelum dibaca.")
        .execution_options(synchronize_session=False)
    )


# ------------------------------------------------------------------ the person's own


def mark_read(session: Session, *, person_id: int, now: datetime, message_id: int | None = None) -> None:
    """One notice, or all, of a person. Repeating it is fine; other people's are left alone."""
    unread = update(Message).where(Message.person_id == person_id, Message.channel == Channel.PAGE, Message.read_at.is_(None))
    if message_id is not None:
        unread = unread.where(Message.id == message_id)
    session.execute(unread.values(read_at=now).execution_options(synchronize_session=False))


def choose_email(session: Session, *, person_id: int, wants_email: bool) -> None:
    """Switch reminders and news by e-mail on or off; the page shows them all the same."""
    session.execute(update(Person).where(Person.id == person_id).values(wants_email=wants_email))


def change_address(session: Session, *, person_id: int, email: str, now: datetime, has_mail: bool) -> None:
    """The person's new e-mail address, "" = none. The old one gets a note, so that nobody loses it unawares. Raises Invalid."""
    person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    old, new = person.email, check_email(email)
    if old == new:
        return
    person.email = new
    audit.record(session, at=now, action="person.change", actor_id=person_id, subject=f"person:{person_id}", names=["email"])
    session.flush()
    if old and has_mail:
        queue(
            session,
            person_id=person_id,
            kind=MessageKind.ACCOUNT,
            subject="Alamat surel akun Pelita Anda diganti",
            body="Alamat surel akun Pelita Anda baru saja diganti, jadi surel berikutnya tidak lagi datang ke sini.\n\n"
            "Bila bukan Anda yang menggantinya, segera ganti kata sandi dan beri tahu pengelola Pelita.",
            link="/akun/kata-sandi",
            about=f"address:{person_id}:{now.isoformat()}",
            reason={"occasion": Occasion.ADDRESS.value, "to": old},
            not_before=now,
            now=now,
            channels=[Channel.EMAIL],
        )


# ------------------------------------------------------------------ the administrator's


def send_trial(session: Session, *, person_id: int, now: datetime) -> None:
    """Queue a letter to oneself, to see whether e-mail works. Raises Conflict without an address."""
    if not session.scalar(select(Person.email).where(Person.id == person_id)):
        raise Conflict("Akun Anda belum punya alamat surel. Isi dulu di halaman Pesan, lalu kirim surel percobaan.")
    queue(
        session,
        person_id=person_id,
        kind=MessageKind.ACCOUNT,
        subject="Surel percobaan dari Pelita",
        body="Surel ini diminta dari halaman administrasi. Bila terbaca, pengiriman surel berjalan.",
        link="",
        about=f"trial:{person_id}:{now.isoformat()}",
        reason={"occasion": Occasion.TRIAL.value},
        not_before=now,
        now=now,
        channels=[Channel.EMAIL],
    )


def retry(session: Session, *, now: datetime, by: int, message_id: int | None = None) -> int:
    """Let one given-up e-mail, or all that certainly did not arrive, wait to be sent again; it is looked at anew before it goes.
    Codes are left out: they are over. Returns how many. Raises NotFound for one that is not given up."""
    given_up = update(Message).where(Message.kind != MessageKind.RECOVERY)
    given_up = (
        given_up.where(Message.state == MessageState.FAILED)
        if message_id is None
        else given_up.where(Message.id == message_id, Message.state.in_(TO_RETRY))
    )
    values = {"state": MessageState.WAITING.value, "tries": 0, "not_before": now, "ended_at": None}
    count = len(session.scalars(given_up.values(values).returning(Message.id).execution_options(synchronize_session=False)).all())
    if message_id is not None and not count:
        raise NotFound("Surel ini tidak ada di antara yang gagal.")
    if count:
        audit.record(session, at=now, action="message.retry", actor_id=by, subject=f"message:{message_id or 'all'}", count=count)
    return count
