"""The transaction recipe, on both databases."""

import threading

import pytest
from sqlalchemy import exc, insert, select, text, update

from lms.people.models import Setting, Unit
from lms.store.engine import gate_of, write_tx


def test_write_tx_commits_at_its_end(session, new_session):
    with write_tx(session):
        session.add(Unit(path="/1/", name="Dinas Kesehatan"))
    with new_session() as other:
        assert other.scalars(select(Unit.name)).all() == ["Dinas Kesehatan"]


def test_write_tx_rolls_everything_back_on_an_error(session, new_session):
    with pytest.raises(ZeroDivisionError), write_tx(session):
        session.add(Unit(path="/1/", name="Dinas Kesehatan"))
        session.flush()
        raise ZeroDivisionError
    with new_session() as other:
        assert other.scalars(select(Unit.name)).all() == []


def test_reading_session_cannot_write(session):
    with pytest.raises(exc.DBAPIError):
        session.execute(insert(Unit).values(path="/1/", name="x", category="office", time_zone="Asia/Makassar"))


def test_connection_writes_again_after_a_read(session):
    session.execute(select(Unit.id)).all()
    with write_tx(session):
        session.add(Unit(path="/1/", name="x"))
    assert session.scalar(select(Unit.id)) == 1


def test_no_update_is_lost_among_16_threads(session, new_session):
    with write_tx(session):
        session.add(Setting(name="counter", value=0))

    def count():
        for _ in range(20):
            with new_session() as mine, write_tx(mine):
                value = mine.scalar(select(Setting.value).where(Setting.name == "counter").with_for_update())
                mine.execute(update(Setting).where(Setting.name == "counter").values(value=value + 1))

    threads = [threading.Thread(target=count) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    session.rollback()
    assert session.scalar(select(Setting.value)) == 320


def test_gate_that_stays_taken_answers_busy(session, engine):
    gate = gate_of(engine)
    if gate is None:
        assert engine.dialect.name == "postgresql"
        return
    with gate.hold():
        from_other_thread: list[BaseException] = []

        def try_it():
            try:
                with gate.hold(wait=0.05):
                    pass
            except Exception as problem:
                from_other_thread.append(problem)

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
    assert [type(problem).__name__ for problem in from_other_thread] == ["Busy"]


def test_sqlite_runs_with_the_durable_settings(session, engine):
    if engine.dialect.name != "sqlite":
        assert session.scalar(text("SHOW synchronous_commit")) is not None
        return
    values = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys", "query_only")]
    assert values == ["wal", 2, 1, 1]
