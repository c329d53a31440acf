"""Schema steps give exactly the models' schema, and the database itself protects facts."""

import pytest
from sqlalchemy import bindparam, exc, select, text, update

from lms.quizzes.models import FollowUp
from lms.store.audit import AuditEntry, record
from lms.store.base import CanonicalJson, UtcDateTime
from lms.store.engine import write_tx
from lms.store.migrate import current, differences, downgrade, head, upgrade
from tests.factories.content import publish_sample


def test_migrated_schema_equals_the_models(engine):
    with engine.connect() as connection:
        assert differences(connection) == []


def test_upgrade_stands_at_the_newest_step_and_repeats_safely(engine):
    upgrade(engine)
    assert current(engine) == head()


def test_a_fact_cannot_be_changed_or_deleted(session, now):
    with write_tx(session):
        record(session, at=now, action="account.sign_in")
    with pytest.raises(exc.DBAPIError, match="is a fact"), write_tx(session):
        session.execute(update(AuditEntry).values(action="nothing.happened"))
    with pytest.raises(exc.DBAPIError, match="is a fact"), write_tx(session):
        session.execute(text("DELETE FROM audit_entry"))
    assert session.query(AuditEntry.action).all() == [("account.sign_in",)]


def test_anonymous_answers_keep_no_order_of_arrival(engine):
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection, pytest.raises(exc.OperationalError, match="no such column: rowid"):
            connection.execute(text("SELECT rowid FROM survey_answer"))


_OLD_ENTRY = text(
    "INSERT INTO audit_entry (id, at, action, subject, detail) "
    "SELECT coalesce(max(id), 0) + 1, :at, 'attempt.regrade', :subject, :detail FROM audit_entry"
).bindparams(bindparam("at", type_=UtcDateTime()), bindparam("detail", type_=CanonicalJson()))


def test_regrades_made_before_there_were_choices_become_finished_ones(session, engine, tmp_path, now):
    edition_id = publish_sample(session, tmp_path, now).edition_id
    session.close()
    downgrade(engine, "0003")
    with write_tx(session):
        for mode, raised in (("penuh", 2), ("tidak-turun", 1)):
            counts = {"attempts": raised, "raised": raised, "lowered": 0, "newly_passed": 0}
            session.execute(_OLD_ENTRY, {"at": now, "subject": f"edition:{edition_id}", "detail": {"mode": mode} | counts})
    session.close()
    upgrade(engine)
    wanted = select(FollowUp.edition_id, FollowUp.since_id, FollowUp.mode, FollowUp.step, FollowUp.raised)
    assert session.execute(wanted).all() == [(edition_id, None, "tidak-turun", "done", 3)]
