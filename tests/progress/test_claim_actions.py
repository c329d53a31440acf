"""Claims from draft to ledger on both databases: who may do what, in which order, and that caps and years hold (D4, D8, D10, D65)."""

import dataclasses
import os
import threading
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from lms.errors import Conflict, Invalid, NotFound
from lms.people.actions import move_person
from lms.people.models import NamedSuperior
from lms.people.types import EmploymentKind, Role
from lms.progress import awards, claim_actions, claim_queries, jp
from lms.progress.claims import ClaimState, Step, Verdict
from lms.progress.models import Claim, ClaimDecision, JpEntry
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.claims import DAY, asked_for, decide_claim, make_claim, put_at_office, send_claim
from tests.factories.learning import learn, publish_reading
from tests.factories.people import make_person, make_unit

ROUNDS = 1000 if os.environ.get("PELITA_PROVE") else 50
TODAY = date(2026, 3, 5)


@pytest.fixture
def who(session):
    """Two people with a head, an outsider with another head, two administrators elsewhere."""
    with write_tx(session):
        unit, other = make_unit(session, name="Dinas Arsip"), make_unit(session, name="Dinas Lain")
        made = {word: make_person(session, unit=unit).id for word in ("ani", "budi", "head")}
        made |= {"outsider": make_person(session, unit=other).id}
        made |= {word: make_person(session, roles=(Role.ADMIN,)).id for word in ("admin", "second")}
        unit.head_id, other.head_id = made["head"], made["outsider"]
    return SimpleNamespace(**made, unit=unit, other=other)


def state(session, claim_id):
    return session.scalar(select(Claim.state).where(Claim.id == claim_id))


def rows(session, person_id):
    session.rollback()
    wanted = select(JpEntry).where(JpEntry.person_id == person_id).order_by(JpEntry.id)
    return [(one.jp, one.year, one.reason[:4]) for one in session.scalars(wanted)]


def test_a_claim_goes_from_draft_over_the_superior_and_the_office_into_the_ledger(session, who, now):
    with write_tx(session):
        claim_id = make_claim(session, who.ani, now, title="Seminar Arsip")
        assert claim_actions.send(session, person_id=who.ani, claim_id=claim_id, now=now) is ClaimState.SUPERIOR
    with write_tx(session):
        assert decide_claim(session, claim_id, who.head, now, Step.SUPERIOR) is ClaimState.OFFICE
    with write_tx(session):
        assert decide_claim(session, claim_id, who.admin, now) is ClaimState.APPROVED
    (entry,) = session.scalars(select(JpEntry)).all()
    kept = (entry.claim_id, entry.enrolment_id, entry.learning_form, entry.jp, entry.year, entry.minutes, entry.minutes_per_jp)
    assert kept == (claim_id, None, 9, 8, 2026, 360, 45)
    assert (entry.title, entry.rule_version, entry.time_zone, entry.reason) == ("Seminar Arsip", "2026-1", "Asia/Makassar", "")
    assert entry.completed_at == datetime(2026, 3, 2, 4, tzinfo=UTC)
    told = [(one.step, one.verdict, one.by) for one in claim_queries.decisions(session, claim_id)]
    assert told == [(Step.SUPERIOR, Verdict.APPROVED, who.head), (Step.OFFICE, Verdict.APPROVED, who.admin)]
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        "claim.send",
        "claim.approved",
        "claim.approved",
    ]
    assert jp.split_by_person(session, [who.ani, who.budi], 2026) == {who.ani: (0, 8)}


def test_a_correction_keeps_everything_and_begins_anew(session, who, now):
    with write_tx(session):
        claim_id = send_claim(session, who.ani, now)
        asked = claim_queries.own_claim(session, who.ani, claim_id, TODAY).asked
    for comment in ("", "   ", "x" * 1001):
        with pytest.raises(Invalid), write_tx(session):
            decide_claim(session, claim_id, who.head, now, Step.SUPERIOR, verdict=Verdict.REVISE, comment=comment)
    with write_tx(session):
        decide_claim(session, claim_id, who.head, now, Step.SUPERIOR, verdict=Verdict.REVISE, comment="Fotonya buram.")
    row = claim_queries.own_claim(session, who.ani, claim_id, TODAY)
    assert (row.state, row.asked, len(claim_queries.files(session, claim_id))) == (ClaimState.REVISE, asked, 1)
    later = now + timedelta(hours=1)
    with write_tx(session):
        claim_actions.save(
            session, person_id=who.ani, claim_id=claim_id, asked=dataclasses.replace(asked, minutes=90), today=TODAY
        )
        assert claim_actions.send(session, person_id=who.ani, claim_id=claim_id, now=later) is ClaimState.SUPERIOR
        decide_claim(session, claim_id, who.head, later, Step.SUPERIOR)
        decide_claim(session, claim_id, who.admin, later)
    assert rows(session, who.ani) == [(2, 2026, "")]


def test_a_sent_claim_cannot_be_changed_but_withdrawn_and_sent_again(session, who, now):
    with write_tx(session):
        claim_id = send_claim(session, who.ani, now)
    asked = asked_for()
    acts = (
        lambda: claim_actions.save(session, person_id=who.ani, claim_id=claim_id, asked=asked, today=TODAY),
        lambda: claim_actions.send(session, person_id=who.ani, claim_id=claim_id, now=now),
        lambda: claim_actions.discard(session, person_id=who.ani, claim_id=claim_id),
        lambda: claim_actions.detach(session, person_id=who.ani, claim_id=claim_id, upload_id=1),
    )
    for act in acts:
        with pytest.raises(Conflict), write_tx(session):
            act()
    with write_tx(session):
        claim_actions.withdraw(session, person_id=who.ani, claim_id=claim_id, now=now)
    with pytest.raises(Conflict), write_tx(session):
        decide_claim(session, claim_id, who.head, now, Step.SUPERIOR)
    with pytest.raises(Conflict), write_tx(session):
        claim_actions.withdraw(session, person_id=who.ani, claim_id=claim_id, now=now)
    with pytest.raises(Conflict), write_tx(session):
        claim_actions.discard(session, person_id=who.ani, claim_id=claim_id)
    with write_tx(session):
        assert claim_actions.send(session, person_id=who.ani, claim_id=claim_id, now=now) is ClaimState.SUPERIOR


def test_a_draft_is_discarded_with_its_proofs_and_a_foreign_one_is_missing(session, who, now):
    with write_tx(session):
        claim_id = make_claim(session, who.ani, now, files=2)
    acts = (
        lambda: claim_actions.save(session, person_id=who.budi, claim_id=claim_id, asked=asked_for(), today=TODAY),
        lambda: claim_actions.send(session, person_id=who.budi, claim_id=claim_id, now=now),
        lambda: claim_actions.withdraw(session, person_id=who.budi, claim_id=claim_id, now=now),
        lambda: claim_actions.discard(session, person_id=who.budi, claim_id=claim_id),
        lambda: decide_claim(session, claim_id, who.admin, now),
    )
    for act in acts:
        with pytest.raises(NotFound), write_tx(session):
            act()
    assert len(claim_queries.hashes(session)) == 2
    with write_tx(session):
        claim_actions.discard(session, person_id=who.ani, claim_id=claim_id)
    assert (claim_queries.own_claims(session, who.ani, TODAY), claim_queries.hashes(session)) == ([], set())


def test_three_proofs_at_most_and_the_same_one_counts_once(session, who, now):
    with write_tx(session):
        claim_id = make_claim(session, who.ani, now, files=3)
        same = claim_queries.files(session, claim_id)[0]
        values = {"person_id": who.ani, "claim_id": claim_id, "name": "a.pdf", "mime": "application/pdf", "size": 3, "now": now}
        claim_actions.attach(session, sha256=same.sha256, **values)
        with pytest.raises(Invalid):
            claim_actions.attach(session, sha256="f" * 64, **values)
    assert len(claim_queries.files(session, claim_id)) == 3


def test_who_has_no_superior_goes_to_the_office_straight_away(session, who, now):
    with write_tx(session):
        assert state(session, send_claim(session, who.head, now)) == ClaimState.OFFICE


def test_nobody_decides_on_their_own_claim_nor_twice(session, who, now):
    with write_tx(session):
        own = put_at_office(session, who.admin, now)
        twice = put_at_office(session, who.ani, now)
    for claim_id, by in ((own, who.admin),):
        with pytest.raises(Conflict), write_tx(session):
            decide_claim(session, claim_id, by, now)
    with write_tx(session):
        decide_claim(session, twice, who.admin, now)
    with pytest.raises(Conflict), write_tx(session):
        decide_claim(session, twice, who.second, now, verdict=Verdict.REJECTED, comment="Salah")
    assert rows(session, who.ani) == [(8, 2026, "")]


def test_a_superior_who_is_administrator_leaves_the_office_to_another_if_there_is_one(session, who, now):
    with write_tx(session):
        session.add(NamedSuperior(person_id=who.ani, superior_id=who.admin, from_on=date(2020, 1, 1)))
        claim_id = send_claim(session, who.ani, now)
        decide_claim(session, claim_id, who.admin, now, Step.SUPERIOR)
    with pytest.raises(Conflict), write_tx(session):
        decide_claim(session, claim_id, who.admin, now)
    with write_tx(session):
        session.execute(text("DELETE FROM role_grant WHERE person_id = :one"), {"one": who.second})
        assert decide_claim(session, claim_id, who.admin, now) is ClaimState.APPROVED


def test_a_changed_superior_sees_what_waits_and_the_former_one_no_longer(session, who, now):
    with write_tx(session):
        claim_id = send_claim(session, who.ani, now)
    assert claim_queries.waiting_below(session, who.head, TODAY) == [claim_id]
    with write_tx(session):
        move_person(session, person_id=who.ani, unit_id=who.other.id, on=TODAY, now=now)
    assert claim_queries.waiting_below(session, who.head, TODAY) == []
    assert claim_queries.waiting_below(session, who.outsider, TODAY) == [claim_id]
    with pytest.raises(NotFound), write_tx(session):
        decide_claim(session, claim_id, who.head, now, Step.SUPERIOR)
    with pytest.raises(NotFound):
        claim_queries.below_claim(session, who.head, claim_id, TODAY)
    with write_tx(session):
        assert decide_claim(session, claim_id, who.outsider, now, Step.SUPERIOR) is ClaimState.OFFICE
    assert claim_queries.decided_below(session, who.outsider, TODAY) == [claim_id]


def test_the_office_decides_where_the_superior_is_gone(session, who, now):
    with write_tx(session):
        claim_id = send_claim(session, who.ani, now)
    assert claim_queries.office_count(session, TODAY) == 0
    with pytest.raises(Conflict), write_tx(session):
        decide_claim(session, claim_id, who.admin, now)
    with write_tx(session):
        who.unit.head_id = None
        session.add(who.unit)
    assert (claim_queries.without_superior(session, TODAY), claim_queries.office_count(session, TODAY)) == ([claim_id], 1)
    with write_tx(session):
        assert decide_claim(session, claim_id, who.admin, now) is ClaimState.APPROVED


def test_a_named_superior_finds_the_claim_without_heading_anything(session, who, now):
    with write_tx(session):
        session.add(NamedSuperior(person_id=who.ani, superior_id=who.budi, from_on=date(2020, 1, 1)))
        claim_id = send_claim(session, who.ani, now)
    assert claim_queries.waiting_below(session, who.budi, TODAY) == [claim_id]
    assert claim_queries.waiting_below(session, who.head, TODAY) == []


# ------------------------------------------------------------------ coaching and mentoring


def test_both_of_a_pair_confirm_before_the_superior_sees_it(session, who, now):
    with write_tx(session):
        claim_id = send_claim(session, who.ani, now, learning_form=14, partner_id=who.budi, files=0)
    assert [one.id for one in claim_queries.to_confirm(session, who.budi, TODAY)] == [claim_id]
    assert (claim_queries.to_confirm(session, who.outsider, TODAY), claim_queries.waiting_below(session, who.head, TODAY)) == (
        [],
        [],
    )
    with pytest.raises(NotFound):
        claim_queries.below_claim(session, who.head, claim_id, TODAY)
    for by, kind in ((who.outsider, NotFound), (who.ani, Conflict)):
        with pytest.raises(kind), write_tx(session):
            decide_claim(session, claim_id, by, now, Step.PARTNER)
    with write_tx(session):
        assert decide_claim(session, claim_id, who.budi, now, Step.PARTNER) is ClaimState.SUPERIOR
    assert claim_queries.to_confirm(session, who.budi, TODAY) == []
    with write_tx(session):
        decide_claim(session, claim_id, who.head, now, Step.SUPERIOR)
        decide_claim(session, claim_id, who.admin, now)
    assert rows(session, who.ani) == [(2, 2026, "")]
    assert rows(session, who.budi) == []


def test_a_partner_who_is_the_superior_confirms_both_at_once(session, who, now):
    with write_tx(session):
        claim_id = send_claim(session, who.ani, now, learning_form=15, partner_id=who.head, files=0)
        assert decide_claim(session, claim_id, who.head, now, Step.PARTNER) is ClaimState.OFFICE
    told = [(one.step, one.by) for one in claim_queries.decisions(session, claim_id)]
    assert told == [(Step.PARTNER, who.head), (Step.SUPERIOR, who.head)]


def test_a_partner_is_somebody_else_who_works_here_and_only_of_a_pair(session, who, now):
    with write_tx(session):
        gone = make_person(session, left_on=date(2026, 1, 1)).id
    for form, partner in ((14, who.ani), (14, gone), (14, 10**6), (9, who.budi)):
        with pytest.raises(Invalid), write_tx(session):
            make_claim(session, who.ani, now, learning_form=form, partner_id=partner)


def test_partners_are_found_by_name_and_never_by_number(session, who):
    with write_tx(session):
        made = make_person(session, unit=who.unit, name="Siti Rahma", title_suffix="S.E.", nip="198609262015051001")
        make_person(session, name="Siti Lama", left_on=date(2026, 1, 1))
    assert claim_queries.partner_names(session, "siti", TODAY, but_not=who.ani) == [(made.id, "Siti Rahma, S.E.", "Dinas Arsip")]
    assert claim_queries.partner_names(session, "siti", TODAY, but_not=made.id) == []
    for typed in ("si", "1986", "198609262015051001", "siti 1986", "%%%", ""):
        assert claim_queries.partner_names(session, typed, TODAY, but_not=who.ani) == []


# ------------------------------------------------------------------ JP


@pytest.mark.parametrize(
    ("zone", "day", "year"),
    [
        ("Asia/Jakarta", date(2025, 12, 31), 2025),
        ("Asia/Jayapura", date(2026, 1, 1), 2026),
        ("Asia/Makassar", date(2024, 2, 29), 2024),
    ],
)
def test_the_year_is_that_of_the_last_day_where_the_person_worked(session, who, now, zone, day, year):
    with write_tx(session):
        person = make_person(session, unit=make_unit(session, time_zone=zone))
        claim_id = put_at_office(session, person.id, now, from_on=day)
        move_person(session, person_id=person.id, unit_id=who.unit.id, on=TODAY, now=now)
        decide_claim(session, claim_id, who.admin, now)
    (entry,) = jp.ledger(session, person.id)
    assert (entry.year, entry.time_zone) == (year, zone)


def test_a_claim_over_two_years_counts_in_the_year_it_ends(session, who, now):
    with write_tx(session):
        claim_id = put_at_office(session, who.ani, now, learning_form=1, from_on=date(2025, 11, 1), to_on=date(2026, 1, 1))
        decide_claim(session, claim_id, who.admin, now)
    assert rows(session, who.ani) == [(7, 2026, "")]


def test_a_claim_of_today_is_not_dated_in_the_future(session, who):
    now = datetime(2026, 3, 5, 0, 30, tzinfo=UTC)
    with write_tx(session):
        claim_id = put_at_office(session, who.ani, now, from_on=date(2026, 3, 5))
        decide_claim(session, claim_id, who.admin, now)
    assert jp.ledger(session, who.ani)[0].completed_at == now


def test_what_is_over_a_cap_is_kept_as_a_row_of_no_jp_with_the_reason(session, who, now):
    with write_tx(session):
        ids = [
            put_at_office(session, who.ani, now, learning_form=14, partner_id=who.budi, from_on=DAY - timedelta(n % 2))
            for n in range(3)
        ]
        for claim_id in ids:
            decide_claim(session, claim_id, who.admin, now)
    kept = session.scalars(select(JpEntry).order_by(JpEntry.id)).all()
    assert [(one.jp, one.reason) for one in kept] == [
        (2, ""),
        (2, ""),
        (0, "Bulan itu sudah 2 sesi (paling banyak 2): sesi ini dicatat dengan 0 JP diakui."),
    ]


def test_a_correction_of_the_jp_stays_with_the_claim_and_frees_the_cap(session, who, now):
    with write_tx(session):
        first, second = (put_at_office(session, who.ani, now, learning_form=10) for _ in range(2))
        decide_claim(session, first, who.admin, now)
        (entry,) = claim_queries.entries(session, first)
        awards.correct_jp(session, entry_id=entry.id, jp=0, reason="Magang dibatalkan", author_id=who.admin, now=now)
        decide_claim(session, second, who.admin, now)
    assert [(one.jp, one.counts) for one in claim_queries.entries(session, first)] == [(0, True), (20, False)]
    assert jp.split_by_person(session, [who.ani], 2026) == {who.ani: (0, 20)}


def test_jp_of_courses_and_of_claims_are_counted_apart(session, who, now, tmp_path):
    published = publish_reading(session, tmp_path, now, key="arsip", jp=5)
    with write_tx(session):
        learn(session, who.ani, published, now, lessons=5)
        decide_claim(session, put_at_office(session, who.ani, now), who.admin, now)
    assert jp.split_by_person(session, [who.ani], 2026) == {who.ani: (5, 8)}
    assert jp.jp_by_person(session, [who.ani], 2026) == {who.ani: 13}
    meter = jp.jp_meter(session, who.ani, 2026, EmploymentKind.PNS)
    assert (meter.earned, meter.outside, meter.left) == (13, 8, 7)


def test_one_of_our_own_courses_is_not_claimed(session, who, now, tmp_path):
    publish_reading(session, tmp_path, now, key="arsip", title="Arsip Rapi", jp=5)
    with write_tx(session):
        own = make_claim(session, who.ani, now, learning_form=16, title=" arsip  RAPI! ".strip())
        other = make_claim(session, who.ani, now, learning_form=9, title="Arsip Rapi")
    with pytest.raises(Conflict), write_tx(session):
        claim_actions.send(session, person_id=who.ani, claim_id=own, now=now)
    with write_tx(session):
        claim_actions.send(session, person_id=who.ani, claim_id=other, now=now)
    (review,) = claim_queries.reviews(session, [claim_queries.sent_claim(session, other, TODAY)])
    assert review.warnings == ("Judulnya sama dengan pelatihan di Pelita. Pastikan ini kegiatan lain.",)


def test_a_double_and_a_cap_are_told_in_advance(session, who, now):
    with write_tx(session):
        for number in range(2):
            send_claim(
                session, who.ani, now, learning_form=14, partner_id=who.budi, title=f"Sesi ke-{number} {'abc'[number] * 4}"
            )
        third = make_claim(session, who.ani, now, learning_form=14, partner_id=who.budi, title="Lain sekali")
        double = make_claim(session, who.ani, now, title="Seminar Arsip Daerah")
        send_claim(session, who.ani, now, title="seminar arsip")
    told = [
        claim_queries.reviews(session, [claim_queries.own_claim(session, who.ani, one, TODAY)], ahead=True)[0].warnings
        for one in (third, double)
    ]
    assert told == [
        ("Bulan itu sudah 2 sesi (paling banyak 2): sesi ini dicatat dengan 0 JP diakui.",),
        ("Mirip klaim lain: “seminar arsip” pada tanggal yang bertumpuk. Pastikan bukan kegiatan yang sama.",),
    ]


def test_above_the_cap_of_pppk_is_warned_and_nothing_is_discarded(session, who, now):
    with write_tx(session):
        person = make_person(session, unit=who.unit, employment_kind=EmploymentKind.PPPK).id
        decide_claim(session, put_at_office(session, person, now, learning_form=10), who.admin, now)
        claim_id = put_at_office(session, person, now)
        (review,) = claim_queries.reviews(session, [claim_queries.sent_claim(session, claim_id, TODAY)])
        decide_claim(session, claim_id, who.admin, now)
    assert review.warnings == ("Dengan klaim ini tercatat 28 JP, di atas batas 24 JP setahun untuk PPPK. Semua tetap disimpan.",)
    assert jp.jp_by_person(session, [person], 2026) == {person: 28}


def test_many_are_approved_at_once_but_none_with_a_warning(session, who, now):
    with write_tx(session):
        clean = [put_at_office(session, who.ani, now), put_at_office(session, who.budi, now)]
        own, waits = put_at_office(session, who.admin, now), send_claim(session, who.ani, now)
        same = [put_at_office(session, who.ani, now, learning_form=10) for _ in range(2)]
    with write_tx(session):
        ids = [*clean, own, waits, *same, 10**6, clean[0]]
        assert claim_actions.approve_clean(session, claim_ids=ids, by=who.second, now=now) == 4
    states = [state(session, one) for one in (*clean, own, waits, *same)]
    assert states == ["approved", "approved", "approved", "superior", "approved", "office"]


def test_decisions_and_awards_are_facts(session, who, now):
    with write_tx(session):
        decide_claim(session, put_at_office(session, who.ani, now), who.admin, now)
    for statement in ("UPDATE claim_decision SET verdict = 'rejected'", "DELETE FROM claim_decision", "DELETE FROM jp_entry"):
        with pytest.raises(Exception, match="fact|cannot"), write_tx(session):
            session.execute(text(statement))


# ------------------------------------------------------------------ races


def at_once(*works):
    """Run them in threads that set off together; results or exceptions in order."""
    results: list[object] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(number):
        gate.wait()
        try:
            results[number] = works[number]()
        except Exception as problem:
            results[number] = problem

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return results


@pytest.mark.long
def test_two_administrators_at_once_award_once(session, new_session, who, now):
    def approve(claim_id, by):
        with new_session() as mine, write_tx(mine):
            return decide_claim(mine, claim_id, by, now)

    for _ in range(ROUNDS):
        with write_tx(session):
            person = make_person(session, unit=who.unit).id
            claim_id = put_at_office(session, person, now)
        results = at_once(*(lambda by=by, one=claim_id: approve(one, by) for by in (who.admin, who.second)))
        assert sorted(type(one).__name__ for one in results) == ["ClaimState", "Conflict"]
        assert rows(session, person) == [(8, 2026, "")]


@pytest.mark.long
def test_claims_of_one_month_approved_at_once_keep_the_cap(session, new_session, who, now):
    def approve(claim_id, by):
        with new_session() as mine, write_tx(mine):
            return decide_claim(mine, claim_id, by, now)

    for _ in range(ROUNDS):
        with write_tx(session):
            person = make_person(session, unit=who.unit).id
            ids = [put_at_office(session, person, now, learning_form=14, partner_id=who.budi) for _ in range(4)]
        results = at_once(*(lambda one=one: approve(one, who.admin) for one in ids))
        assert results == [ClaimState.APPROVED] * 4
        assert [row[0] for row in rows(session, person)] == [2, 2, 0, 0]


@pytest.mark.long
def test_withdrawing_and_approving_at_once_leave_one_winner(session, new_session, who, now):
    def approve(claim_id):
        with new_session() as mine, write_tx(mine):
            return decide_claim(mine, claim_id, who.admin, now)

    def withdraw(claim_id, person):
        with new_session() as mine, write_tx(mine):
            return claim_actions.withdraw(mine, person_id=person, claim_id=claim_id, now=now)

    for _ in range(ROUNDS):
        with write_tx(session):
            person = make_person(session, unit=who.unit).id
            claim_id = put_at_office(session, person, now)
        results = at_once(lambda one=claim_id: approve(one), lambda one=claim_id, who_=person: withdraw(one, who_))
        assert sum(isinstance(one, Conflict) for one in results) == 1
        approved = state(session, claim_id) == ClaimState.APPROVED
        assert (len(rows(session, person)), isinstance(results[1], Conflict)) == (int(approved), approved)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)))
def test_caps_hold_in_the_ledger_whatever_the_order_of_approvals(session, who, now, order):
    with write_tx(session):
        person = make_person(session, unit=who.unit).id
        ids = [put_at_office(session, person, now, learning_form=22, from_on=DAY, minutes=60 * (1 + n)) for n in range(3)]
        ids += [put_at_office(session, person, now, learning_form=15, partner_id=who.budi) for _ in range(3)]
        for place in order:
            decide_claim(session, ids[place], who.admin, now)
    kept = session.scalars(select(JpEntry).where(JpEntry.person_id == person)).all()
    assert sum(one.jp for one in kept if one.learning_form == 22) == 2
    assert sorted(one.jp for one in kept if one.learning_form == 15) == [0, 2, 2]
    assert all(one.reason for one in kept if one.jp == 0)
    session.rollback()


def test_a_decision_is_counted_for_each_step(session, who, now):
    with write_tx(session):
        claim_id = put_at_office(session, who.ani, now)
        decide_claim(session, claim_id, who.admin, now, verdict=Verdict.REJECTED, comment="Bukan pelatihan.")
    assert (state(session, claim_id), rows(session, who.ani)) == ("rejected", [])
    assert session.scalars(select(ClaimDecision.comment)).all() == ["Bukan pelatihan."]
