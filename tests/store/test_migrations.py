"""Schema steps give exactly the models' schema, and the database itself protects facts."""

import pytest
from sqlalchemy import exc, text, update

from lms.store.audit import AuditEntry, record
from lms.store.engine import write_tx
from lms.store.migrate import current, differences, head, upgrade


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
