"""The inventory covers every column, and a copy holds all of one person and nothing of another (R86, R87)."""

import io
import json
import zipfile

import pytest

from lms.care import documents, gather, inventory
from lms.care.types import DataClass
from lms.store.models import Base


def test_every_column_of_every_table_has_a_label():
    real = {(table.name, column.name) for table in Base.metadata.tables.values() for column in table.columns}
    labelled = {(name, column) for name, table in inventory.TABLES.items() for column in table.columns}
    assert real - labelled == set(), "a new column needs its class in lms/care/inventory.py"
    assert labelled - real == set()


def test_every_class_of_personal_data_is_explained_and_held_somewhere():
    used = {kind for table in inventory.personal().values() for kind in table.columns.values()}
    assert used == set(inventory.KINDS)
    assert {kind for kind in inventory.KINDS if not inventory.tables_of(kind)} == set()


def test_every_column_that_points_at_a_person_is_owner_or_actor():
    loose = [
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "person"
        and column.name not in inventory.TABLES[table.name].owners
        and inventory.TABLES[table.name].columns[column.name] is not DataClass.ACTOR
    ]
    assert loose == []


def _copy(session, person_id, now):
    content = gather.copy_of(
        session, person_id, title="Data <pribadi>", now=now, content_of=lambda sha256: f"isi {sha256}".encode()
    )
    return zipfile.ZipFile(io.BytesIO(content))


def test_copy_holds_every_labelled_column_of_the_person(session, filled, now):
    held = json.loads(_copy(session, filled.person_id, now).read("data.json"))["data"]
    for table in inventory.personal().values():
        rows = held[table.label]
        assert rows, table.label
        assert set(rows[0]) == set(table.columns), table.label
    seen = {
        (name, column)
        for name, table in inventory.personal().items()
        for column in table.columns
        if any(row[column] is not None for row in held[table.label])
    }
    empty = {
        ("person", "left_on"),
        ("account", "disabled_at"),
        ("account", "second_factor_asked_at"),
        ("jp_entry", "corrects_id"),
        ("membership", "to_on"),
        ("audit_entry", "hash"),
    }
    wanted = {(name, column) for name, table in inventory.personal().items() for column in table.columns}
    assert wanted - seen <= empty


@pytest.mark.parametrize("file", ["data.json", "data.html"])
def test_copy_holds_nothing_of_another_and_no_secret(session, filled, now, file):
    archive = _copy(session, filled.person_id, now)
    text = archive.read(file).decode()
    assert "zqA-answer-value" in text
    assert "zqB" not in text
    assert not any(
        f"zqA-{name}" in text for name in ("sandi", "session-token_hash", "second_factor-secret", "recovery_code-code_hash")
    )
    assert "Data <pribadi>" not in text
    assert sorted(archive.namelist())[:1] == ["berkas/1-zqA-claim_file-name"] or "berkas/1-zqA-upload-name" in archive.namelist()


def test_counts_agree_with_the_rows(session, filled):
    found = gather.counts(session, filled.person_id)
    assert found == {name: len(gather.rows_of(session, name, filled.person_id)) for name in inventory.personal()}
    assert set(found) == set(inventory.personal())


def test_papers_of_data_protection_name_every_class():
    record, assessment = documents.processing_record("Kota Damar"), documents.assessment("Kota Damar")
    assert record.count("\n| ") == len(inventory.KINDS) + 1
    assert all(kind.label in record and kind.label in assessment for kind in inventory.KINDS.values())
