"""What is kept for a while goes when its time is over, and what is a fact never does."""

from datetime import timedelta

from sqlalchemy import func, select

from lms.care import incidents, retention
from lms.messages.models import Message
from lms.people.models import DataExport, PersonalView
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx


def test_dry_run_counts_what_the_night_deletes(session, filled, now):
    assert sum(count for _, count in retention.overdue(session, now)) == 0
    for days, gone in ((366, {"pesan": 2, "rincian": 2, "kode": 2, "sesi": 2, "hitungan": 0}), (800, {"jejak": 2})):
        later = now + timedelta(days=days)
        told = retention.overdue(session, later)
        for word, count in gone.items():
            assert [number for what, number in told if what.startswith(word)] == [count]
        with write_tx(session):
            assert retention.purge(session, later) == sum(count for _, count in told)
    assert (
        session.scalar(select(func.count()).select_from(Message))
        == session.scalar(select(func.count()).select_from(PersonalView))
        == 0
    )
    assert session.scalar(select(func.count()).select_from(AuditEntry)) > 0


def test_incident_counts_whom_it_concerns(session, filled, now):
    since, until = now - timedelta(hours=1), now + timedelta(hours=1)
    assert incidents.by_agency(session, now.date()).people == 3
    assert incidents.by_account(session, filled.admin_id, since, until).people == 3
    assert incidents.by_account(session, filled.person_id, since, until).people == filled.person_id
    assert incidents.by_exports(session, since, until).people == filled.other_id
    with write_tx(session):
        session.add(DataExport(at=now, by=filled.person_id, kind="team", scope_path="/", people=40, detail={}))
        session.add(
            PersonalView(
                person_id=filled.admin_id, viewer_id=filled.person_id, on=now.date(), what="record", first_at=now, count=1
            )
        )
    assert incidents.by_account(session, filled.person_id, since, until).people == 40
    assert incidents.by_exports(session, since, until).people == 40
    assert incidents.by_exports(session, until, until + timedelta(days=1)).people == 0
