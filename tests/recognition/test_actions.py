"""Completion, JP and certificates: exactly once, without gaps, never changed. On both databases."""

import os
import random
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text, update

from lms.errors import Conflict, Invalid, NotFound
from lms.people.models import Membership, Person
from lms.people.settings import save_settings
from lms.people.types import EmploymentKind
from lms.progress import actions, awards, queries
from lms.progress.jp import jp_by_person
from lms.progress.models import Completion, EnrolmentSummary, JpEntry
from lms.progress.types import State
from lms.recognition import queries as certificates
from lms.recognition.actions import issue_correction, revoke, settle, settle_pending
from lms.recognition.models import Certificate, CertificateCounter
from lms.recognition.types import CertificateState, Snapshot, SubjectResult
from lms.shared.codec import decode
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.content import publish_sample, sample_course
from tests.factories.people import make_person, make_unit
from tests.factories.progress import close_attempt, finish_sample, take_pretest

ROUNDS = 1000 if os.environ.get("PELITA_PROVE") else 50
THREADS = 16


@pytest.fixture
def unit(session):
    with write_tx(session):
        return make_unit(session, name="Dinas Kependudukan dan Pencatatan Sipil")


@pytest.fixture
def person(session, unit):
    with write_tx(session):
        return make_person(
            session, unit=unit, name="Siti Rahma", title_prefix="Dr.", title_suffix="S.T., M.Si.", nip="198609262015052001", grade="III/d",
            position="Analis Kebijakan",
        )  # fmt: skip


@pytest.fixture
def published(session, tmp_path, now):
    with write_tx(session):
        save_settings(
            session, agency_name="Pemerintah Kota Tanjung Lentera", agency_place="Tanjung Lentera", signatory_name="Drs. Basri",
            signatory_nip="197001011995031002", signatory_position="Kepala BKPSDM",
            certificate_pattern="{no:04}/{kode}/{unit}/{bulan_romawi}/{tahun}",
        )  # fmt: skip
    return publish_sample(session, tmp_path, now, test_out_mark=8000)


def finished(session, person, published, now, **over):
    with write_tx(session):
        return finish_sample(session, person, published, now, **over)


def settled(session, enrolment_id, now, **over):
    with write_tx(session):
        return settle(session, enrolment_id=enrolment_id, now=now, **over)


def count(session, model):
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


def snapshot_of(session, code):
    return decode(Snapshot, session.scalar(select(Certificate.snapshot).where(Certificate.code == code)))


# Settling


def test_settle_of_an_unfinished_course_writes_nothing(session, person, published, now):
    with write_tx(session):
        enrolment_id = actions.enrol(session, person_id=person.id, published=published, now=now)
    assert settled(session, enrolment_id, now) is None
    assert [count(session, model) for model in (Completion, JpEntry, Certificate, CertificateCounter)] == [0, 0, 0, 0]


def test_settle_writes_completion_jp_certificate_and_audit_once(session, person, published, now):
    enrolment_id = finished(session, person, published, now)
    code = settled(session, enrolment_id, now)
    assert settled(session, enrolment_id, now + timedelta(days=400)) == code
    assert [count(session, model) for model in (Completion, JpEntry, Certificate)] == [1, 1, 1]
    row = session.execute(select(Completion.edition_id, Completion.completed_at, Completion.final_score)).one()
    assert tuple(row) == (published.edition_id, now, 8450)
    [entry] = queries.ledger(session, person.id)
    assert (entry.jp, entry.minutes, entry.year, entry.time_zone, entry.learning_form, entry.counts) == (
        2,
        105,
        2026,
        "Asia/Makassar",
        16,
        True,
    )
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        "course.publish", "course.complete", "certificate.issue",
    ]  # fmt: skip


def test_settle_raises_the_version_for_etags(session, person, published, now):
    enrolment_id = finished(session, person, published, now)
    before = queries.enrolment_by_id(session, enrolment_id).version
    settled(session, enrolment_id, now)
    assert queries.enrolment_by_id(session, enrolment_id).version == before + 1


def test_snapshot_holds_every_printed_field(session, person, published, now):
    code = settled(session, finished(session, person, published, now), now)
    snapshot = snapshot_of(session, code)
    assert replace(snapshot, subjects=()) == Snapshot(
        number="0001/PELAYANAN-PUBLIK-DASAR/DKPS/III/2026", code=code, name="Dr. Siti Rahma, S.T., M.Si.", nip="198609262015052001",
        rank="Penata Tk I, III/d", position="Analis Kebijakan", unit="Dinas Kependudukan dan Pencatatan Sipil",
        agency="Pemerintah Kota Tanjung Lentera", course_key=published.course_key, course_title="Pelayanan Publik Dasar", course_version="",
        edition=1, form="E-learning", learning_form=16, started_on="2026-03-05", completed_on="2026-03-05", time_zone="Asia/Makassar",
        jp=2, minutes=105, predicate="Memuaskan", organizer="BPSDM Provinsi Maluku Utara", place="Tanjung Lentera",
        issued_on="2026-03-05", signatory_name="Drs. Basri", signatory_nip="197001011995031002", signatory_position="Kepala BKPSDM",
        score=8450, employment_kind="pns",
    )  # fmt: skip
    assert [subject.title for subject in snapshot.subjects] == [item.title for item in published.outline.items[1:]]


def test_later_changes_leave_an_issued_certificate_alone(session, tmp_path, person, published, now):
    code = settled(session, finished(session, person, published, now), now)
    before = snapshot_of(session, code)
    with write_tx(session):
        session.execute(update(Person).values(name="Nama Baru", grade="IV/a"))
        save_settings(session, agency_name="Instansi Lain", minutes_per_jp=60)
    publish_sample(session, tmp_path, now, title="Judul Baru", jp=9)
    assert snapshot_of(session, code) == before
    assert [row.jp for row in queries.ledger(session, person.id)] == [2]
    for statement in (
        "UPDATE certificate SET number = 'x'",
        "DELETE FROM certificate",
        "UPDATE jp_entry SET jp = 9",
        "DELETE FROM completion",
    ):
        with pytest.raises(Exception, match="is a fact"), write_tx(session):
            session.execute(text(statement))


@pytest.mark.parametrize(
    ("local", "zone", "year"),
    [
        (datetime(2026, 1, 1, 6, 30), "Asia/Makassar", 2026),
        (datetime(2025, 12, 31, 23, 30), "Asia/Makassar", 2025),
        (datetime(2026, 1, 1, 8, 59), "Asia/Jayapura", 2026),
    ],
)
def test_jp_year_and_dates_are_those_of_the_persons_unit(session, tmp_path, now, published, local, zone, year):
    with write_tx(session):
        person = make_person(session, unit=make_unit(session, time_zone=zone))
    at = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    code = settled(session, finished(session, person, published, at), at)
    assert [(row.year, row.time_zone) for row in queries.ledger(session, person.id)] == [(year, zone)]
    assert snapshot_of(session, code).completed_on == local.date().isoformat()
    assert snapshot_of(session, code).number.endswith(f"/{year}")


def test_unit_is_that_of_the_day_of_completion(session, person, published, now):
    enrolment_id = finished(session, person, published, now)
    with write_tx(session):
        session.execute(update(Membership).values(to_on=date(2026, 3, 6)))
        new = make_unit(session, name="Kecamatan Utara")
        session.add(Membership(person_id=person.id, unit_id=new.id, from_on=date(2026, 3, 6)))
    code = settled(session, enrolment_id, now + timedelta(days=30), completed_at=now)
    assert snapshot_of(session, code).unit == "Dinas Kependudukan dan Pencatatan Sipil"


def test_settle_pending_keeps_the_time_of_the_deciding_fact(session, person, published):
    new_year = datetime(2025, 12, 31, 15, 55, tzinfo=UTC)
    enrolment_id = finished(session, person, published, new_year)
    with write_tx(session):
        assert settle_pending(session, now=new_year + timedelta(hours=3)) == (1, 0)
        assert settle_pending(session, now=new_year + timedelta(hours=4)) == (0, 0)
    assert [(row.year, row.completed_at) for row in queries.ledger(session, person.id)] == [(2025, new_year)]
    assert certificates.code_for(session, enrolment_id)


def test_settle_pending_passes_those_it_cannot_settle(session, published, now):
    ids = []
    for _ in range(2):
        with write_tx(session):
            person = make_person(session, unit=make_unit(session))
            ids.append(actions.enrol(session, person_id=person.id, published=published, now=now))
            session.execute(update(EnrolmentSummary).values(state=State.DONE))
    with write_tx(session):
        ids.append(finish_sample(session, make_person(session, unit=make_unit(session)), published, now))
    seen, after_id = [], 0
    for _ in range(4):
        with write_tx(session):
            settled_now, after_id = settle_pending(session, now=now, after_id=after_id, limit=1)
        seen.append((settled_now, after_id))
    assert seen == [(0, ids[0]), (0, ids[1]), (1, ids[2]), (0, 0)]


def test_settle_of_a_course_without_certificate_gives_jp_only(session, tmp_path, person, now):
    plain = publish_sample(session, tmp_path, now, key="tanpa", certificate=False)
    assert settled(session, finished(session, person, plain, now), now) is None
    assert [count(session, model) for model in (Completion, JpEntry, Certificate)] == [1, 1, 0]


def test_settle_of_a_course_without_jp_gives_no_ledger_row(session, tmp_path, person, now):
    plain = publish_sample(session, tmp_path, now, key="tanpa", jp=0)
    assert settled(session, finished(session, person, plain, now), now)
    assert count(session, JpEntry) == 0


def test_settle_after_testing_out_of_everything_explains_zero_jp(session, person, published, now):
    with write_tx(session):
        enrolment_id = actions.enrol(session, person_id=person.id, published=published, now=now)
        take_pretest(session, person, published, now, asas=100, standar=100)
        actions.accept_test_out(session, person_id=person.id, course=published, module_keys=["asas", "standar"], now=now)
        close_attempt(session, person, published, "posttest", score=9500, passed=True, at=now)
        code = settle(session, enrolment_id=enrolment_id, now=now)
    snapshot = snapshot_of(session, code)
    assert (snapshot.jp, snapshot.minutes) == (0, 0)
    assert snapshot.jp_note.startswith("Seluruh materi diakui melalui tes awal")
    assert [subject.result for subject in snapshot.subjects] == [SubjectResult.TESTED_OUT] * 4 + [SubjectResult.PASSED]
    assert [(row.jp, row.reason) for row in queries.ledger(session, person.id)] == [(0, snapshot.jp_note)]


def test_settle_for_someone_without_nip_unit_or_scores(session, tmp_path, now):
    lessons = tuple(item for item in sample_course().outline.items if item.quiz is None)
    bare = publish_sample(session, tmp_path, now, key="bebas", items=tuple(replace(item, question_ids=()) for item in lessons))
    with write_tx(session):
        partner = make_person(session, employment_kind=EmploymentKind.OTHER)
        enrolment_id = actions.enrol(session, person_id=partner.id, published=bare, now=now)
        for item in bare.outline.items:
            actions.mark_done(session, person_id=partner.id, published=bare, lesson_key=item.key, now=now)
        code = settle(session, enrolment_id=enrolment_id, now=now)
    snapshot = snapshot_of(session, code)
    assert (snapshot.nip, snapshot.rank, snapshot.unit, snapshot.predicate, snapshot.score) == ("", "", "", "", None)
    assert certificates.certificate_by_code(session, code).masked_nip == ""


def test_settle_of_nothing_is_not_found(session, now):
    with pytest.raises(NotFound):
        settled(session, 4711, now)


# Races


def race(new_session, act, threads=THREADS):
    """Run `act(session, number)` in that many threads at once, each in its own transaction. Returns what was raised."""
    raised = []
    barrier = threading.Barrier(threads)

    def run(number):
        with new_session() as mine:
            barrier.wait()
            try:
                with write_tx(mine):
                    act(mine, number)
            except Exception as problem:
                raised.append(problem)

    workers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    return raised


class Quits(Exception):
    """The request died after its work and before its commit."""


@pytest.mark.long
def test_16_threads_settle_once_and_numbers_have_no_gap_through_rollbacks(session, new_session, person, published, now):
    chance = random.Random(7)
    with write_tx(session):
        people = [make_person(session) for _ in range(ROUNDS)]
    for learner in people:
        enrolment_id = finished(session, learner, published, now)
        quitters = set(chance.sample(range(THREADS), 5))

        def act(mine, number, enrolment_id=enrolment_id, quitters=quitters):
            settle(mine, enrolment_id=enrolment_id, now=now)
            if number in quitters:
                raise Quits

        assert {type(problem) for problem in race(new_session, act)} == {Quits}
    assert [count(session, model) for model in (Completion, JpEntry, Certificate)] == [ROUNDS] * 3
    assert session.scalars(select(Certificate.sequence).order_by(Certificate.sequence)).all() == list(range(1, ROUNDS + 1))
    assert certificates.verify(session) == []


def test_16_people_finishing_at_once_get_16_numbers(session, new_session, published, now):
    with write_tx(session):
        people = [make_person(session) for _ in range(THREADS)]
    ids = [finished(session, person, published, now) for person in people]
    assert race(new_session, lambda mine, number: settle(mine, enrolment_id=ids[number], now=now)) == []
    session.rollback()
    assert session.scalars(select(Certificate.sequence).order_by(Certificate.sequence)).all() == list(range(1, THREADS + 1))
    assert session.execute(select(CertificateCounter.year, CertificateCounter.last)).all() == [(2026, THREADS)]


def test_16_corrections_at_once_issue_one(session, new_session, person, published, now):
    code = settled(session, finished(session, person, published, now), now)
    raised = race(new_session, lambda mine, number: issue_correction(mine, code=code, by=None, reason="Nama", now=now))
    assert [type(problem) for problem in raised] == [Conflict] * (THREADS - 1)
    assert count(session, Certificate) == 2


# Corrections and revocations


def test_correction_issues_anew_and_the_old_shows_diganti(session, person, published, now):
    old = settled(session, finished(session, person, published, now), now)
    later = now + timedelta(days=30)
    with write_tx(session):
        session.execute(update(Person).values(name="Siti Rahmawati"))
        new = issue_correction(session, code=old.lower(), by=person.id, reason="Nama salah eja", now=later)
    first, second = (certificates.certificate_by_code(session, code) for code in (old, new))
    assert (first.state, first.replaced_by, first.state.label) == (CertificateState.REPLACED, second.number, "diganti")
    assert (second.state, second.name, second.issued_on) == (
        CertificateState.VALID,
        "Dr. Siti Rahmawati, S.T., M.Si.",
        "2026-04-04",
    )
    assert (second.completed_on, second.jp, second.course_title) == (first.completed_on, first.jp, first.course_title)
    assert second.number == "0002/PELAYANAN-PUBLIK-DASAR/DKPS/IV/2026"
    assert [row.state for row in certificates.certificates_of(session, person.id)] == [
        CertificateState.VALID,
        CertificateState.REPLACED,
    ]
    with pytest.raises(Conflict, match="sudah diganti"), write_tx(session):
        issue_correction(session, code=old, by=None, reason="lagi", now=later)
    assert settled(session, queries.enrolment(session, person.id, published.course_id).id, later) == new


def test_correction_prints_the_jp_that_count(session, person, published, now):
    code = settled(session, finished(session, person, published, now), now)
    [entry] = queries.ledger(session, person.id)
    with write_tx(session):
        awards.correct_jp(session, entry_id=entry.id, jp=1, reason="Salah hitung", author_id=person.id, now=now)
        new = issue_correction(session, code=code, by=person.id, reason="JP", now=now)
    assert snapshot_of(session, new).jp == 1


def test_revoked_certificate_says_so_and_is_not_issued_again(session, person, published, now):
    enrolment_id = finished(session, person, published, now)
    code = settled(session, enrolment_id, now)
    for reason in ("Bukan peserta sebenarnya", "kedua kali"):
        with write_tx(session):
            revoke(session, code=code, by=person.id, reason=reason, now=now)
    public = certificates.certificate_by_code(session, code)
    assert (public.state, public.reason, public.revoked_on) == (
        CertificateState.REVOKED,
        "Bukan peserta sebenarnya",
        "2026-03-05",
    )
    assert public.state.label == "dicabut"
    assert settled(session, enrolment_id, now) == code
    with pytest.raises(Conflict, match="dicabut"), write_tx(session):
        issue_correction(session, code=code, by=None, reason="x", now=now)
    assert count(session, Certificate) == 1


@pytest.mark.parametrize("act", [issue_correction, revoke])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_correction_and_revocation_need_a_reason(session, person, published, now, act, reason):
    code = settled(session, finished(session, person, published, now), now)
    with pytest.raises(Invalid), write_tx(session):
        act(session, code=code, by=None, reason=reason, now=now)


@pytest.mark.parametrize("code", ["", "x", "0" * 16])
def test_correction_of_an_unknown_code_is_not_found(session, now, code):
    with pytest.raises(NotFound), write_tx(session):
        issue_correction(session, code=code, by=None, reason="x", now=now)


# The ledger


def test_jp_correction_replaces_and_keeps_the_old_row(session, person, published, now):
    settled(session, finished(session, person, published, now), now)
    [entry] = queries.ledger(session, person.id)
    with write_tx(session):
        new = awards.correct_jp(session, entry_id=entry.id, jp=1, reason=" Salah  hitung ", author_id=person.id, now=now)
    rows = queries.ledger(session, person.id)
    assert [(row.id, row.jp, row.counts, row.reason, row.corrects_id) for row in rows] == [
        (new, 1, True, "Salah hitung", entry.id),
        (entry.id, 2, False, "", None),
    ]
    assert jp_by_person(session, [person.id], 2026) == {person.id: 1}
    with pytest.raises(Conflict, match="sudah dikoreksi"), write_tx(session):
        awards.correct_jp(session, entry_id=entry.id, jp=9, reason="x", author_id=None, now=now)


def test_jp_correction_of_the_time_moves_the_year(session, person, published, now):
    settled(session, finished(session, person, published, now), now)
    [entry] = queries.ledger(session, person.id)
    with write_tx(session):
        awards.correct_jp(
            session, entry_id=entry.id, jp=2, reason="Selesai tahun lalu", author_id=None, now=now,
            completed_at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC),
        )  # fmt: skip
    assert (jp_by_person(session, [person.id], 2025), jp_by_person(session, [person.id], 2026)) == ({person.id: 2}, {})


@pytest.mark.parametrize(("jp", "reason"), [(-1, "x"), (1001, "x"), (1, ""), (1, "x" * 301)])
def test_jp_correction_refuses_what_cannot_be(session, person, published, now, jp, reason):
    settled(session, finished(session, person, published, now), now)
    [entry] = queries.ledger(session, person.id)
    with pytest.raises(Invalid), write_tx(session):
        awards.correct_jp(session, entry_id=entry.id, jp=jp, reason=reason, author_id=None, now=now)


@pytest.mark.parametrize(
    ("kind", "target", "left"),
    [(EmploymentKind.PNS, 20, 18), (EmploymentKind.CPNS, 20, 18), (EmploymentKind.PPPK, 24, 22), (EmploymentKind.OTHER, 0, 0)],
)
def test_jp_meter_by_kind_of_employment(session, person, published, now, kind, target, left):
    settled(session, finished(session, person, published, now), now)
    with write_tx(session):
        save_settings(session, jp_target_pppk=24, jp_cap_pppk=1)
    meter = queries.jp_meter(session, person.id, 2026, kind)
    assert (meter.earned, meter.target, meter.left) == (2, target, left)
    assert bool(meter.cap_warning) == (kind is EmploymentKind.PPPK)
    assert queries.jp_meter(session, person.id, 2025, kind).earned == 0


def test_two_devices_never_lose_the_version(session, new_session, person, published, now):
    enrolment_id = finished(session, person, published, now)
    before = queries.enrolment_by_id(session, enrolment_id).version
    assert race(new_session, lambda mine, number: actions.refresh_summary(mine, enrolment_id, now)) == []
    session.rollback()
    row = session.execute(select(EnrolmentSummary.version, EnrolmentSummary.state)).one()
    assert tuple(row) == (before + THREADS, State.DONE)
