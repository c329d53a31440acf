"""Lifting the guards of facts for the one act that may touch them: erasing a person's words, audited and in one transaction."""

import contextlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, bindparam, text
from sqlalchemy.orm import Session

from lms.store.engine import gate_of

_TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables ORDER BY name").bindparams(
    bindparam("tables", expanding=True)
)


@contextlib.contextmanager
def lifted(session: Session, tables: Sequence[str]) -> Iterator[None]:
    """Inside, rows of these tables may change. The triggers come back before the transaction ends; a failure rolls all of it back."""
    if session.get_bind().dialect.name == "sqlite":
        triggers = session.execute(_TRIGGERS, {"tables": list(tables)}).all()
        for trigger in triggers:
            session.execute(text(f'DROP TRIGGER "{trigger.name}"'))
        yield
        session.flush()
        for trigger in triggers:
            session.execute(text(trigger.sql.replace(":", r"\\:")))
        return
    for table in tables:
        session.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'))
    yield
    session.flush()
    for table in tables:
        session.execute(text(f'ALTER TABLE "{table}" ENABLE TRIGGER USER'))


def compact(engine: Engine) -> None:
    """Write a SQLite file anew so that nothing deleted can be read from it, its write-ahead log included. PostgreSQL does it itself."""
    gate = gate_of(engine)
    if gate is None:
        return
    connection = engine.raw_connection()
    try:
        with gate.hold(wait=60):
            cursor = connection.cursor()
            for statement in ("PRAGMA query_only=OFF", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                cursor.execute(statement).fetchall()
    finally:
        connection.invalidate()  # its settings are no longer those that the pool believes it has
