"""Erasing: no word of the person is left in file, log or uploads but the archive; the rest of the agency is untouched."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import exc, select, text, update

from lms.care import erasing, gather, inventory
from lms.content import mediastore
from lms.errors import Conflict, NotFound
from lms.people.models import Person
from lms.quizzes.models import AnswerRow, Upload
from lms.store import audit
from lms.store.engine import write_tx
from lms.store.guards import compact


def _leave(session, person_id, now):
    with write_tx(session):
        session.execute(update(Person).where(Person.id == person_id).values(left_on=now.date() - timedelta(days=1)))


def _erase(session, person_id, now, by=None):
    with write_tx(session):
        return erasing.erase(session, person_id=person_id, today=now.date(), now=now, by=by)


def test_nobody_who_works_here_is_erased(session, filled, now):
    with pytest.raises(Conflict):
        _erase(session, filled.person_id, now)
    with pytest.raises(NotFound):
        _erase(session, 999_999, now)


def _texts(session, mark):
    """(table, column) of every text in the database that holds the mark."""
    return {
        (name, column.name)
        for name in inventory.TABLES
        for row in session.execute(select(gather.table_of(name))).mappings()
        for column in gather.table_of(name).columns
        if mark in str(row[column.name])
    }


def test_only_the_statutory_record_keeps_words_of_the_person(session, filled, now):
    before = _texts(session, "zqB")
    _leave(session, filled.person_id, now)
    _erase(session, filled.person_id, now, by=filled.admin_id)
    left = _texts(session, "zqA")
    assert {("certificate", "snapshot"), ("jp_entry", "title"), ("recognition", "reason")} <= left
    kinds = {inventory.TABLES[table].columns[column] for table, column in left}
    assert kinds.isdisjoint(inventory.ERASED)
    assert _texts(session, "zqB") == before
    person = session.get(Person, filled.person_id)
    assert (person.name, person.nip, person.email, person.birth_date) == (f"Pegawai {filled.person_id}", None, "", None)
    assert session.scalars(select(AnswerRow.value).where(AnswerRow.attempt_id == filled.rows["attempt"]["id"])).all() == [
        {"choice": 1}
    ]
    assert audit.verify(session).flaws == ()
    assert erasing.erased_since(session, now)
    assert not erasing.erased_since(session, now + timedelta(seconds=1))


def test_guards_of_facts_stand_again_afterwards(session, filled, now):
    _leave(session, filled.person_id, now)
    _erase(session, filled.person_id, now)
    for statement in (
        "UPDATE answer SET sequence = 7",
        "UPDATE upload SET name = 'x'",
        "DELETE FROM claim_decision",
        "UPDATE marking SET comment = 'x'",
    ):
        with pytest.raises(exc.DBAPIError, match="is a fact"), write_tx(session):
            session.execute(text(statement))


def test_failure_in_the_middle_changes_nothing(session, filled, now):
    _leave(session, filled.person_id, now)
    before = _texts(session, "zqA")
    with pytest.raises(ZeroDivisionError), write_tx(session):
        erasing.erase(session, person_id=filled.person_id, today=now.date(), now=now, by=None)
        raise ZeroDivisionError
    assert _texts(session, "zqA") == before
    with pytest.raises(exc.DBAPIError, match="is a fact"), write_tx(session):
        session.execute(text("UPDATE answer SET sequence = 7"))


def test_plan_says_what_will_happen_and_repeating_changes_nothing(session, filled, now):
    _leave(session, filled.person_id, now)
    planned = {step.label: (step.act, step.rows) for step in erasing.plan(session, filled.person_id)}
    assert planned["Sesi perangkat"] == ("hapus", 1)
    assert planned["Jawaban"] == ("kosongkan", 1)
    assert planned["Sertifikat"] == ("simpan", 1)
    _erase(session, filled.person_id, now)
    first = _texts(session, "zqA")
    assert _erase(session, filled.person_id, now) == set()
    assert _texts(session, "zqA") == first
    assert "Sesi perangkat" not in {step.label for step in erasing.plan(session, filled.person_id)}


def test_no_canary_is_left_in_the_files(session, engine, filled, now, tmp_path):
    """The statutory record apart, which is written without the canary here."""
    canary = "KENARI7f3a"
    content = f"%PDF {canary}".encode()
    sha256 = mediastore.keep(content, tmp_path, mediastore.UPLOADS)
    shared = mediastore.keep(b"both handed this in", tmp_path, mediastore.UPLOADS)
    with write_tx(session):
        session.execute(
            update(Person)
            .where(Person.id == filled.person_id)
            .values(name=canary, email=f"{canary}@contoh.id", left_on=now.date())
        )
        for name, value in (
            ("message", {"body": canary}),
            ("session", {"device": canary}),
            ("bookmark", {"heading": canary}),
            ("claim", {"report": canary}),
        ):
            table = gather.table_of(name)
            session.execute(update(table).where(table.c.person_id == filled.person_id).values(value))
        owners = {"attempt_id": filled.rows["attempt"]["id"]}
        for place, (name, digest) in enumerate((("a", sha256), ("b", shared))):
            with erasing.lifted(session, ["upload"]):
                session.add(
                    Upload(**owners, position=place, sha256=digest, name=f"{canary}-{name}", mime="x", size=1, uploaded_at=now)
                )
        with erasing.lifted(session, ["upload"]):
            session.add(
                Upload(
                    attempt_id=_attempt_of(session, filled.other_id),
                    position=1,
                    sha256=shared,
                    name="b",
                    mime="x",
                    size=1,
                    uploaded_at=now,
                )
            )
    hashes = _erase(session, filled.person_id, now)
    assert sha256 in hashes
    assert shared not in hashes
    erasing.after(tmp_path, filled.person_id, {one for one in hashes if len(one) == 64}, now)
    session.close()
    compact(engine)
    assert erasing.erased_ids(tmp_path) == [filled.person_id]
    assert hashlib.sha256(content).hexdigest() not in {path.name for path in (tmp_path / "uploads").iterdir()}
    if engine.dialect.name == "sqlite":
        found = [path.name for path in tmp_path.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]
        assert found == []
    with write_tx(session):
        audit.record(session, at=now, action="after.compact")


def _attempt_of(session, person_id):
    table = gather.table_of("attempt")
    return session.scalar(select(table.c.id).where(table.c.person_id == person_id))
