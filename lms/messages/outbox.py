"""The outbox: which e-mails are due, taking one, looking once more whether it may go, and what became of it.

Each write is one short statement; between them nothing is held, so the network is never inside a transaction (R58). A message is
marked before it is sent. If the worker dies in between, it is `unsure` and never sent again by itself: at most once, on purpose.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from lms.content.models import CourseRow
from lms.errors import Invalid
from lms.messages import digest, occasions, queries, rules
from lms.messages.models import Message
from lms.messages.types import AT_ONCE, Addressee, Channel, Draft, Held, Letter, MessageKind, MessageState, Occasion
from lms.people.rules import check_email
from lms.people.settings import agency_settings
from lms.progress.models import Completion, Enrolment, Requirement

LEASE = timedelta(minutes=10)
"""A worker that has not told what became of a message by then is dead."""
LISTED = 50
GONE = "Sudah tidak bekerja di instansi ini, atau akunnya dinonaktifkan."
INTERRUPTED = "Pengirimnya berhenti di tengah pengiriman. Mungkin sudah sampai, jadi tidak dikirim lagi dengan sendirinya."


def due_ids(session: Session, now: datetime) -> list[int]:
    """The next e-mails whose time has come, those that somebody waits for first. Two SELECTs along the index of the waiting."""
    waiting = select(Message.id).where(Message.state == MessageState.WAITING, Message.not_before <= now)
    urgent = session.scalars(waiting.where(Message.kind.in_(AT_ONCE)).order_by(Message.id).limit(LISTED)).all()
    others = session.scalars(waiting.order_by(Message.not_before, Message.id).limit(LISTED)).all()
    return list(dict.fromkeys([*urgent, *others]))


def take(session: Session, message_id: int, now: datetime) -> bool:
    """Mark one message as being sent by this worker. False when another worker has it or had it."""
    free = select(Message.id).where(Message.id == message_id, Message.state == MessageState.WAITING, Message.not_before <= now)
    if session.scalar(free.with_for_update(skip_locked=True)) is None:
        return False
    taken = update(Message).where(Message.id == message_id)
    session.execute(taken.values(state=MessageState.SENDING.value, not_before=now + LEASE))
    return True


def give_up_lost(session: Session, now: datetime) -> int:
    """Messages whose worker died while sending: nobody knows whether they arrived. Returns how many."""
    lost = update(Message).where(Message.state == MessageState.SENDING, Message.not_before <= now)
    values = {"state": MessageState.UNSURE.value, "ended_at": now, "outcome": INTERRUPTED}
    ids = session.scalars(lost.values(values).returning(Message.id)).all()
    if ids:
        _forget_codes(session, Message.id.in_(ids))
    return len(ids)


def hold(session: Session, message_id: int, held: Held, now: datetime) -> None:
    """It must not go out now: wait until later, or drop it with the reason kept."""
    if held.until is not None:
        _end(session, message_id, state=MessageState.WAITING.value, not_before=held.until, outcome=held.because)
    else:
        _end(session, message_id, state=MessageState.DROPPED.value, ended_at=now, outcome=held.because)


def finish(session: Session, letter: Letter, state: MessageState, said: str, now: datetime) -> None:
    """What the server said. WAITING = later: tried again after a pause that doubles, eight times over two days, then FAILED."""
    tries = 1 + (session.scalar(select(Message.tries).where(Message.id == letter.id)) or 0)
    pause = rules.pause_after(tries) if state is MessageState.WAITING else None
    if pause is not None:
        _end(session, letter.id, state=state.value, tries=tries, not_before=now + pause, outcome=rules.one_line(said, 300))
        return
    ended = MessageState.FAILED if state is MessageState.WAITING else state
    values = {"state": ended.value, "tries": tries, "ended_at": now, "outcome": rules.one_line(said, 300)}
    _end(session, letter.id, **values, subject=letter.subject, body=letter.body)


def _end(session: Session, message_id: int, **values: object) -> None:
    """Only while it is still this worker's: what was given up as lost stays so. Nothing of a code is kept once it has ended (R46)."""
    mine = update(Message).where(Message.id == message_id, Message.state == MessageState.SENDING)
    session.execute(mine.values(values))
    _forget_codes(session, Message.id == message_id)


def _forget_codes(session: Session, which: ColumnElement[bool]) -> None:
    ended = update(Message).where(which, Message.kind == MessageKind.RECOVERY, Message.state != MessageState.WAITING)
    session.execute(ended.values(body="", link=""))


# ------------------------------------------------------------------ the last look


def look_again(session: Session, message_id: int, now: datetime) -> Letter | Held:
    """The letter as it should go out this moment, or why it must not: the person has gone, finished or moved out of the rule, chose
    otherwise, had enough for now, or it is night where they work."""
    row = session.scalars(select(Message).where(Message.id == message_id).execution_options(populate_existing=True)).one()
    who = queries.addressees(session, [row.person_id], now).get(row.person_id)
    if who is None:
        return Held(GONE)
    try:
        address = check_email(str(row.reason.get("to") or who.email))
    except Invalid:
        return Held("Alamat surelnya tidak dapat dibaca.")
    if not address:
        return Held("Tidak ada alamat surel.")
    kind = MessageKind(row.kind)
    if kind is MessageKind.RECOVERY and now - row.made_at >= rules.RECOVERY_AGE:
        return Held("Kodenya sudah lewat waktunya.")
    held = _enough(session, row, now)
    if held is None and kind not in AT_ONCE:
        held = _not_now(session, row, who, now)
    if held is not None:
        return held
    draft = _still(session, row, who, now)
    if draft is None:
        return Held(_why_not(session, row))
    agency = agency_settings(session).agency_name
    subject, body = rules.one_line(draft.subject), draft.body
    return Letter(row.id, row.about, kind, address, who.display_name, agency, subject, body, draft.link)


def _enough(session: Session, row: Message, now: datetime) -> Held | None:
    """At most twenty e-mails in 24 hours (R50)."""
    day = timedelta(days=1)
    sent = select(Message.ended_at).where(
        Message.person_id == row.person_id,
        Message.state.in_((MessageState.SENT, MessageState.UNSURE)),
        Message.channel == Channel.EMAIL,
        Message.ended_at > now - day,
    )
    times = session.scalars(sent.order_by(Message.ended_at.desc()).limit(rules.MOST_A_DAY)).all()
    if len(times) < rules.MOST_A_DAY or times[-1] is None:
        return None
    return Held("Sudah dua puluh surel dalam sehari.", times[-1] + day)


def _not_now(session: Session, row: Message, who: Addressee, now: datetime) -> Held | None:
    """Their own choice, the hour where they work, and the pause between two reminders."""
    if not who.wants_email:
        return Held("Surel pengingat dimatikan oleh penerimanya.")
    moment = rules.next_moment(now, who.time_zone, who.category)
    if moment > now:
        return Held("Menunggu jam kerja di unitnya.", moment)
    if row.kind != MessageKind.REMINDER:
        return None
    others = select(Message.ended_at).where(
        Message.person_id == row.person_id,
        Message.kind == MessageKind.REMINDER,
        Message.state.in_((MessageState.SENT, MessageState.UNSURE)),
        Message.id != row.id,
        Message.ended_at > now - rules.BETWEEN_REMINDERS,
    )
    last = session.scalar(others.order_by(Message.ended_at.desc()).limit(1))
    return None if last is None else Held("Belum tiga hari sejak pengingat sebelumnya.", last + rules.BETWEEN_REMINDERS)


def _still(session: Session, row: Message, who: Addressee, now: datetime) -> Draft | None:
    """The message as it would be made this moment; None when it would not be. What others queued stands as they wrote it."""
    about = row.about.removesuffix(f":{row.channel}")
    occasion = row.reason.get("occasion")
    if occasion in occasions.REMINDERS:
        return next((draft for draft in occasions.reminders(session, [who], now) if draft.about == about), None)
    if occasion in occasions.NEWS:
        return next(iter(occasions.happened(session, Occasion(occasion), [int(row.reason["id"])])), None)
    if occasion == Occasion.DIGEST:
        return digest.draft(session, who, date.fromisoformat(row.reason["on"]), now, names=True)
    return Draft(row.person_id, MessageKind(row.kind), about, row.subject, row.body, row.link, row.reason)


def _why_not(session: Session, row: Message) -> str:
    """Why something is not true any more, as far as the facts tell."""
    course_id = None
    if "enrolment" in row.reason:
        course_id = session.scalar(select(Enrolment.course_id).where(Enrolment.id == row.reason["enrolment"]))
    elif "requirement" in row.reason:
        asked = session.get(Requirement, row.reason["requirement"])
        if asked is not None and asked.ended_at is not None:
            return "Permintaan belajarnya sudah dihentikan."
        course_id = None if asked is None else asked.course_id
    done = select(Completion.enrolment_id).join(Enrolment, Enrolment.id == Completion.enrolment_id)
    if session.scalar(done.where(Enrolment.person_id == row.person_id, Enrolment.course_id == course_id)) is not None:
        return "Pelatihannya sudah selesai."
    if session.scalar(select(CourseRow.retired_at).where(CourseRow.id == course_id)) is not None:
        return "Pelatihannya sudah ditutup."
    return {
        Occasion.QUIET: "Sudah belajar lagi.",
        Occasion.TARGET: "Targetnya tercapai, sudah belajar lagi, atau waktunya lewat.",
        Occasion.CERTIFICATE: "Sertifikatnya dicabut.",
        Occasion.CLAIM: "Klaimnya sudah berlanjut sesudah keputusan itu.",
        Occasion.DIGEST: "Tidak memimpin unit lagi, atau tidak ada yang perlu dikabarkan.",
    }.get(row.reason["occasion"], "Tidak termasuk permintaan itu lagi, tenggatnya diubah, atau sudah jauh lewat.")
