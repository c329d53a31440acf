"""Who is concerned, what is said once, and the last look before sending."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lms.cli import reminding
from lms.content.actions import retire
from lms.messages import actions, digest, occasions, outbox, queries
from lms.messages.models import Message
from lms.messages.types import Channel, Held, Letter, MessageKind, MessageState, Occasion
from lms.people import actions as people_actions
from lms.people.models import Person
from lms.people.types import EmploymentKind, UnitCategory
from lms.progress.models import Claim, ClaimDecision, Requirement, RequirementExtension, RequirementPerson
from lms.recognition.models import Recognition
from lms.store.engine import write_tx
from tests.factories.learning import learn, publish_reading
from tests.factories.people import make_person, make_unit

MORNING = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
"""A Thursday, 10.00 WITA."""
TODAY = date(2026, 3, 5)


@pytest.fixture
def course(session, tmp_path):
    return publish_reading(session, tmp_path, MORNING - timedelta(days=200), key="arsip", title="Arsip")


@pytest.fixture
def siti(session):
    with write_tx(session):
        unit = make_unit(session)
        person = make_person(session, unit=unit, name="Siti", email="siti@kota.example", position="Pengelola Arsip Ahli")
        unit.head_id = make_person(session, unit=unit, name="Kepala", email="kepala@kota.example").id
    return person


def ask(session, course, person, **over):
    with write_tx(session):
        values = {"is_personal": False, "due_on": TODAY + timedelta(days=1), "made_at": MORNING, "made_by": person.id}
        row = Requirement(course_id=course.course_id, **(values | over))
        session.add(row)
    return row.id


def due(session, person, now=MORNING):
    session.rollback()
    return occasions.due(session, list(queries.addressees(session, [person.id], now).values()), now)


def run(engine, now=MORNING):
    reminding.tell_news(engine, now, has_mail=True)
    return reminding.remind(engine, now, threading.Event(), has_mail=True)


def messages(session):
    session.rollback()
    return session.scalars(select(Message).order_by(Message.id).execution_options(populate_existing=True)).all()


def look(session, now=MORNING):
    """The last look at the one waiting e-mail."""
    session.rollback()
    message_id = session.scalars(select(Message.id).where(Message.state == MessageState.WAITING)).one()
    return outbox.look_again(session, message_id, now)


@pytest.mark.parametrize(
    ("over", "fits"),
    [
        ({}, True),
        ({"unit_category": UnitCategory.OFFICE}, True),
        ({"unit_category": UnitCategory.HEALTH}, False),
        ({"employment_kind": EmploymentKind.PNS}, True),
        ({"employment_kind": EmploymentKind.PPPK}, False),
        ({"position_words": "ahli arsip"}, True),
        ({"position_words": "arsip dokter"}, False),
        ({"is_personal": True}, False),
        ({"ended_at": MORNING}, False),
        ({"due_on": TODAY + timedelta(days=8)}, False),
        ({"due_on": TODAY - timedelta(days=8)}, False),
    ],
)
def test_requirement_asks_whom_all_attributes_fit(session, course, siti, over, fits):
    number = ask(session, course, siti, **over)
    wanted = [(number, siti.id, course.course_id, "arsip", over.get("due_on", TODAY + timedelta(days=1)))]
    found = [(one.requirement_id, one.person_id, one.course_id, one.course_key, one.due_on) for one in due(session, siti)]
    assert found == (wanted if fits else [])


def test_requirement_of_a_unit_asks_its_subtree_only(session, course, siti):
    with write_tx(session):
        top = make_unit(session)
        below = make_unit(session, parent=top)
    ask(session, course, siti, unit_id=top.id)
    assert due(session, siti) == []
    with write_tx(session):
        people_actions.move_person(session, person_id=siti.id, unit_id=below.id, on=TODAY, now=MORNING)
    assert len(due(session, siti)) == 1


def test_named_people_are_asked_and_the_newest_extension_counts(session, course, siti):
    number = ask(session, course, siti, is_personal=True, due_on=TODAY - timedelta(days=30))
    with write_tx(session):
        session.add(RequirementPerson(requirement_id=number, person_id=siti.id))
    assert due(session, siti) == []
    for days in (3, 40, 2):
        with write_tx(session):
            day = TODAY + timedelta(days=days)
            session.add(RequirementExtension(requirement_id=number, person_id=siti.id, due_on=day, by=siti.id, at=MORNING))
        assert [each.due_on for each in due(session, siti)] == ([] if days == 40 else [day])


def test_due_day_is_that_of_the_unit(session, course, siti):
    ask(session, course, siti, due_on=TODAY)
    assert len(occasions.reminders(session, list(queries.addressees(session, [siti.id], MORNING).values()), MORNING)) == 1
    for hour, occasion in ((15, Occasion.DUE_TOMORROW), (16, Occasion.OVERDUE)):  # 23.00 and 24.00 WITA
        now = MORNING.replace(hour=hour)
        people = list(queries.addressees(session, [siti.id], now).values())
        assert [draft.occasion for draft in occasions.reminders(session, people, now)] == [occasion]


@pytest.mark.parametrize("end", ["finished", "retired", "left", "disabled", "silent", "ended", "moved", "extended"])
def test_reminder_is_dropped_with_the_reason_when_it_ceased_to_be_true(session, engine, course, siti, end):
    unit_id = session.scalar(select(people_actions.Membership.unit_id).where(people_actions.Membership.person_id == siti.id))
    number = ask(session, course, siti, unit_id=unit_id)
    session.execute(select(1))
    with write_tx(session):
        session.execute(update(Person).where(Person.id != siti.id).values(email=""))
    assert run(engine) == 2
    assert isinstance(look(session), Letter)
    with write_tx(session):
        if end == "finished":
            learn(session, siti.id, course, MORNING, lessons=5)
        elif end == "retired":
            retire(session, "arsip", now=MORNING, by=None)
        elif end == "left":
            people_actions.let_leave(session, person_id=siti.id, on=TODAY, now=MORNING)
        elif end == "disabled":
            people_actions.disable_account(session, person_id=siti.id, now=MORNING)
        elif end == "silent":
            actions.choose_email(session, person_id=siti.id, wants_email=False)
        elif end == "ended":
            session.get(Requirement, number).ended_at = MORNING
        elif end == "moved":
            people_actions.move_person(session, person_id=siti.id, unit_id=make_unit(session).id, on=TODAY, now=MORNING)
        else:
            day = TODAY + timedelta(days=30)
            session.add(RequirementExtension(requirement_id=number, person_id=siti.id, due_on=day, by=siti.id, at=MORNING))
    changed = "Tidak termasuk permintaan itu lagi, tenggatnya diubah, atau sudah jauh lewat."
    assert look(session) == Held(
        {
            "finished": "Pelatihannya sudah selesai.",
            "retired": "Pelatihannya sudah ditutup.",
            "left": outbox.GONE,
            "disabled": outbox.GONE,
            "silent": "Surel pengingat dimatikan oleh penerimanya.",
            "ended": "Permintaan belajarnya sudah dihentikan.",
            "moved": changed,
            "extended": changed,
        }[end]
    )


def test_unread_notice_is_withdrawn_once_the_course_is_finished(session, engine, course, siti):
    with write_tx(session):
        learn(session, siti.id, course, MORNING - timedelta(days=20), lessons=2)
    assert run(engine) == 1
    assert run(engine, MORNING + timedelta(days=4)) == 0
    assert [row.state for row in messages(session)] == [MessageState.SHOWN, MessageState.WAITING]
    with write_tx(session):
        learn(session, siti.id, course, MORNING + timedelta(days=4), lessons=5)
    run(engine, MORNING + timedelta(days=4, hours=1))
    notice, _, certificate, _ = messages(session)
    assert (notice.state, notice.outcome) == (MessageState.DROPPED, "Tidak berlaku lagi, jadi ditarik sebelum dibaca.")
    assert certificate.reason["occasion"] == Occasion.CERTIFICATE
    assert queries.unread_count(session, siti.id) == 1


def test_most_urgent_thing_is_said_first_and_the_other_after_three_days(session, engine, course, siti, tmp_path):
    other = publish_reading(session, tmp_path, MORNING - timedelta(days=200), key="surat", title="Surat")
    with write_tx(session):
        learn(session, siti.id, other, MORNING - timedelta(days=20), lessons=1)
    number = ask(session, course, siti, is_personal=True)
    with write_tx(session):
        session.add(RequirementPerson(requirement_id=number, person_id=siti.id))
        learn(session, siti.id, course, MORNING, lessons=1)
    assert [run(engine, MORNING + timedelta(days=days)) for days in (0, 1, 5)] == [1, 0, 1]
    said = [row.reason["occasion"] for row in messages(session) if row.channel == Channel.PAGE]
    assert said == [Occasion.DUE_TOMORROW, Occasion.OVERDUE]


def test_quiet_course_where_only_marking_is_awaited_or_others_do_not_count_is_left_alone(session, engine, course, siti):
    with write_tx(session):
        learn(session, siti.id, course, MORNING - timedelta(days=13), lessons=2)
    assert run(engine) == 0
    assert run(engine, MORNING + timedelta(days=1, hours=13)) == 0  # at night
    assert run(engine, MORNING + timedelta(days=1)) == 1


def test_thanks_and_decisions_are_told_once_and_old_ones_never(session, engine, siti):
    with write_tx(session):
        for days in (1, 5):
            at = MORNING - timedelta(days=days)
            session.add(
                Recognition(
                    person_id=siti.id, given_by=siti.id, giver="Kepala", course_id=None, reason="Rapi\nsekali", given_at=at
                )
            )
            claim = Claim(
                person_id=siti.id, learning_form=9, title="Seminar", from_on=TODAY, to_on=TODAY, state="revise", made_at=at
            )
            session.add(claim)
            session.flush()
            session.add(ClaimDecision(claim_id=claim.id, step="office", verdict="revise", comment="Tanggal", by=siti.id, at=at))
    run(engine)
    run(engine)
    told = [row for row in messages(session) if row.channel == Channel.PAGE]
    assert [row.reason["occasion"] for row in told] == [Occasion.RECOGNITION, Occasion.CLAIM]
    assert "Rapi\nsekali" in told[0].body and "Tanggal" in told[1].body


def test_two_workers_making_reminders_at_once_remind_once(session, engine, course, siti):
    ask(session, course, siti)
    made = []
    workers = [threading.Thread(target=lambda: made.append(run(engine))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert len(made) == 4
    mine = [row.channel for row in messages(session) if row.person_id == siti.id]
    assert sorted(mine) == [Channel.EMAIL, Channel.PAGE]


def test_twenty_letters_a_day_are_enough(session, siti):
    with write_tx(session):
        for number in range(21):
            actions.queue(
                session, person_id=siti.id, kind=MessageKind.ACCOUNT, subject="x", body="x", link="", about=f"x{number}",
                reason={}, not_before=MORNING, now=MORNING, channels=["email"],
            )  # fmt: skip
        session.execute(update(Message).where(Message.about != "x20:email").values(state="sent", ended_at=MORNING))
    assert look(session, MORNING + timedelta(hours=2)) == Held("Sudah dua puluh surel dalam sehari.", MORNING + timedelta(days=1))
    assert isinstance(look(session, MORNING + timedelta(days=1, minutes=1)), Letter)


def test_head_hears_of_people_below_that_day_and_of_nobody_else(session, engine, course, siti):
    begin = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # Monday, 08.00 WITA
    with write_tx(session):
        unit_id = session.scalar(select(people_actions.Membership.unit_id).where(people_actions.Membership.person_id == siti.id))
        elsewhere = make_person(session, unit=make_unit(session), name="Orang Lain")
        moved = make_person(session, name="Pindahan")
        stuck = make_person(session, name="Rehat")
        for person in (moved, stuck):
            people_actions.move_person(session, person_id=person.id, unit_id=unit_id, on=date(2026, 1, 1), now=MORNING)
        for person in (siti, elsewhere, moved):
            learn(session, person.id, course, begin - timedelta(days=10), lessons=5)
        learn(session, stuck.id, course, begin - timedelta(days=20), lessons=1)
    assert reminding.tell_months(engine, begin, threading.Event(), has_mail=True) == 2
    assert reminding.tell_months(engine, begin, threading.Event(), has_mail=True) == 0
    notice = messages(session)[0]
    assert "- 2 pelatihan diselesaikan\n- 1 orang berhenti" in notice.body
    assert "Siti" not in notice.body
    with write_tx(session):
        people_actions.move_person(session, person_id=moved.id, unit_id=make_unit(session).id, on=date(2026, 3, 2), now=begin)
    letter = look(session, begin)
    assert isinstance(letter, Letter)
    assert "- 1 pelatihan diselesaikan\n   Siti – Arsip\n- 1 orang berhenti di tengah jalan\n   Rehat – Arsip" in letter.body
    assert "Pindahan" not in letter.body and "Orang Lain" not in letter.body
    with write_tx(session):
        session.get(people_actions.Unit, unit_id).head_id = None
    assert look(session, begin) == Held("Tidak memimpin unit lagi, atau tidak ada yang perlu dikabarkan.")
    head = next(iter(queries.addressees(session, [notice.person_id], begin).values()))
    assert digest.draft(session, head, date(2026, 2, 1), begin) is None
