"""The chain of the audit log: whoever changes a row, takes one out or turns two round is found, and the row is named."""

import os
import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import exc, func, insert, select, text
from sqlalchemy.orm import Session

from lms.store import audit
from lms.store.audit import AuditEntry
from lms.store.engine import make_engine, write_tx

ROUNDS = 10_000 if os.environ.get("PELITA_PROVE") == "1" else 300
LEAVES = ("x", "account.sign_in", "", "person:1", '{"a":1}', "2026-03-05 06:30:00.000001")


def _fill(session, now, count=30):
    for start in range(0, count, 3):
        with write_tx(session):
            for number in range(start, start + 3):
                audit.record(session, at=now, action=f"course.act{number % 4}", subject=f"course:{number}", number=number)


def _numbers(verdict):
    return [number for number, _ in verdict.flaws]


def test_untouched_log_is_whole_and_its_ids_have_no_gaps(session, now):
    _fill(session, now)
    with pytest.raises(exc.IntegrityError), write_tx(session):
        audit.record(session, at=now, action="x", actor_id=99_999)
    _fill(session, now, 3)
    assert session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all() == list(range(1, 34))
    assert audit.verify(session) == audit.Verdict(33, 0, ())


def test_nothing_is_recorded_outside_a_write_transaction(session, now):
    with pytest.raises(RuntimeError, match="outside write_tx"):
        audit.record(session, at=now, action="x")


def test_rolled_back_transaction_leaves_no_row(session, now):
    with pytest.raises(ZeroDivisionError), write_tx(session):
        audit.record(session, at=now, action="x")
        raise ZeroDivisionError
    with write_tx(session):
        pass
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def _tampered(engine, *statements):
    """Change rows as an owner of the database can: without the triggers."""
    with engine.connect().execution_options(lms_write=True) as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            for event in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_{event}_guard"))
        else:
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (("UPDATE audit_entry SET action = 'x' WHERE id = 7",), [7]),
        (("UPDATE audit_entry SET detail = '{}' WHERE id = 30",), [30]),
        (("UPDATE audit_entry SET hash = 'f' WHERE id = 7",), [7]),
        (("UPDATE audit_entry SET hash = '' WHERE id = 1",), [2]),
        (("DELETE FROM audit_entry WHERE id = 7",), [7]),
        (("DELETE FROM audit_entry WHERE id BETWEEN 1 AND 4",), [1]),
        (
            (
                "UPDATE audit_entry SET id = 90 WHERE id = 7",
                "UPDATE audit_entry SET id = 7 WHERE id = 8",
                "UPDATE audit_entry SET id = 8 WHERE id = 90",
            ),
            [7, 8, 9],
        ),
        (("DELETE FROM audit_entry WHERE id > 20",), [30]),
        (("DELETE FROM audit_entry",), [30]),
    ],
)
def test_change_behind_the_programs_back_is_named(session, engine, now, tmp_path, statements, named):
    _fill(session, now)
    audit.anchor(session, [tmp_path / "kepala.log"], now)
    session.rollback()
    _tampered(engine, *statements)
    assert _numbers(audit.verify(session, audit.read_anchors([tmp_path / "kepala.log"]))) == named


def test_log_written_anew_with_the_key_is_found_by_its_anchor(session, engine, now, tmp_path):
    _fill(session, now)
    audit.anchor(session, [tmp_path / "kepala.log"], now)
    session.rollback()
    _tampered(engine, "DELETE FROM audit_entry")
    _fill(session, now, 27)
    _fill(session, now, 6)
    assert audit.verify(session).flaws == ()
    assert _numbers(audit.verify(session, audit.read_anchors([tmp_path / "kepala.log"]))) == [30]


def test_rows_older_than_the_chain_are_sealed_together(session, engine, now):
    old = {"at": now, "action": "course.publish", "subject": "a", "detail": {}}
    with write_tx(session):
        session.execute(insert(AuditEntry), [old, old, old])
    assert audit.verify(session) == audit.Verdict(3, 3, ())
    _fill(session, now, 3)
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[3] == "audit.begin"
    assert audit.verify(session) == audit.Verdict(7, 3, ())
    session.rollback()
    _tampered(engine, "UPDATE audit_entry SET subject = 'b' WHERE id = 2")
    assert _numbers(audit.verify(session)) == [4]


def test_head_is_written_down_once_and_unreadable_lines_are_passed_over(session, now, tmp_path):
    first, second = tmp_path / "a" / "kepala.log", tmp_path / "b" / "kepala.log"
    assert audit.anchor(session, [first, second], now) == ""
    _fill(session, now, 3)
    line = audit.anchor(session, [first, second], now)
    assert audit.anchor(session, [first, second], now) == ""
    assert first.read_text() == second.read_text() == line + "\n"
    first.write_text("garbage\n\n1 2 3 4\n" + line + "\n")
    assert audit.read_anchors([first, tmp_path / "absent"]) == [(3, audit.head(session)[1])]
    assert first.stat().st_mode & 0o777 == 0o600


def test_two_writers_at_once_make_one_chain(session, new_session, engine, now):
    """On PostgreSQL both are inside their transactions at the same time; the order of ids is that of the commits."""
    if engine.dialect.name != "postgresql":
        _fill(session, now, 3)
    else:
        with new_session() as other, write_tx(session):
            audit.record(session, at=now, action="slow")
            with write_tx(other):
                audit.record(other, at=now, action="quick")
    assert audit.verify(session).flaws == ()


@pytest.fixture
def whole(sqlite_template, tmp_path, now):
    """A SQLite file of 40 rows without triggers, and its anchors; some rows are older than the chain."""
    path = tmp_path / "pelita.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    audit.arm(engine, tmp_path)
    with Session(engine) as session:
        with write_tx(session):
            session.execute(insert(AuditEntry), [{"at": now, "action": "old", "detail": {}} for _ in range(5)])
        _fill(session, now, 33)
        audit.anchor(session, [tmp_path / "kepala.log"], now)
        session.rollback()
    _tampered(engine)
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


def _tamper(connection: sqlite3.Connection, chance: random.Random) -> str:
    number = chance.randint(1, 39)
    kind = chance.choice(("edit", "edit", "delete", "swap", "cut", "insert"))
    if kind == "edit":
        column = chance.choice(("at", "action", "subject", "detail", "hash", "actor_id"))
        old = connection.execute(f"SELECT {column} FROM audit_entry WHERE id = ?", (number,)).fetchone()[0]
        new = chance.randint(1, 9) if column == "actor_id" else chance.choice([one for one in (*LEAVES, f"{old} ") if one != old])
        connection.execute(f"UPDATE audit_entry SET {column} = ? WHERE id = ?", (new, number))
        return f"{column} of {number}: {old!r} -> {new!r}"
    if kind == "delete":
        connection.execute("DELETE FROM audit_entry WHERE id = ?", (number,))
    elif kind == "cut":
        connection.execute("DELETE FROM audit_entry WHERE id >= ?", (number,))
    elif kind == "insert":
        connection.execute(
            "INSERT INTO audit_entry SELECT 40, at, actor_id, action, subject, detail, hash FROM audit_entry WHERE id = ?",
            (number,),
        )
    else:
        other = chance.choice([one for one in range(1, 40) if one != number and (one > 5 or number > 5)])
        for before, after in ((number, 99), (other, number), (99, other)):
            connection.execute("UPDATE audit_entry SET id = ? WHERE id = ?", (after, before))
    return f"{kind} {number}"


def test_any_single_tampering_is_found(whole: Path, tmp_path):
    chance = random.Random(92)
    pure = whole.read_bytes()
    engine = make_engine(f"sqlite:///{whole}")
    audit.arm(engine, tmp_path)
    anchors = audit.read_anchors([tmp_path / "kepala.log"])
    with Session(engine) as session:
        assert audit.verify(session, anchors) == audit.Verdict(39, 5, ())
    for _ in range(ROUNDS):
        engine.dispose()
        whole.write_bytes(pure)
        with closing(sqlite3.connect(whole)) as connection:
            told = _tamper(connection, chance)
            connection.commit()
        with Session(engine) as session:
            assert audit.verify(session, anchors).flaws != (), told
    engine.dispose()


def test_every_engine_of_the_product_is_armed():
    """An engine without the key would write rows that `verify` takes for forged ones."""
    root = Path(__file__).parents[2] / "lms"
    makers = [
        path
        for path in root.rglob("*.py")
        if re.search(r"= make_engine\(|prepare\(db", path.read_text()) and path.name != "serve.py"
    ]
    assert {path.name for path in makers if "audit.arm(" not in path.read_text()} == set()
