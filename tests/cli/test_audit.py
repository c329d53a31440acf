"""`lms audit`, `lms data` and `lms retensi` as an operator types them, and what the jobs worker writes down."""

import threading
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from lms.cli.data import open_database
from lms.cli.jobs import Worker
from lms.cli.main import main
from lms.people.models import Person
from lms.store import audit
from lms.store.engine import write_tx
from tests.factories.people import make_person, make_unit

NIP = "198609262015051001"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    engine = open_database(tmp_path / "data")
    with Session(engine) as session, write_tx(session):
        make_person(session, nip=NIP, name="Sitti Rahma", unit=make_unit(session))
        for number in range(5):
            audit.record(session, at=datetime(2026, 3, 5, tzinfo=UTC), action="course.publish", subject=f"a{number}")
    engine.dispose()
    return tmp_path / "data"


def _change(folder, *statements):
    engine = open_database(folder)
    with engine.connect().execution_options(lms_write=True) as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_whole_log_is_told_so_and_a_cut_one_is_found_by_its_anchor(folder, capsys, monkeypatch):
    second = folder.parent / "kedua.log"
    monkeypatch.setenv("AUDIT_ANCHOR_URL", f"file://{second}")
    engine = open_database(folder)
    worker = Worker(engine, folder, threading.Event())
    assert worker.round(datetime.now(UTC))
    assert worker.round(datetime.now(UTC))
    engine.dispose()
    assert second.read_text() == (folder / audit.HEADS).read_text()
    assert len(second.read_text().splitlines()) == 1
    assert main(["audit", "verify", "--data", str(folder)]) == 0
    assert "Jejak audit utuh. 5 baris" in capsys.readouterr().out
    _change(folder, "DROP TRIGGER audit_entry_delete_guard", "DELETE FROM audit_entry WHERE id > 3")
    (folder / audit.HEADS).unlink()
    assert main(["audit", "periksa", "--data", str(folder)]) == 1
    assert "catatan dipotong sesudah baris 3" in capsys.readouterr().out


def test_newest_rows_are_shown(folder, capsys):
    assert main(["audit", "tampilkan", "--data", str(folder), "--jumlah", "2"]) == 0
    assert [line.split("\t")[4] for line in capsys.readouterr().out.splitlines()] == ["a3", "a4"]


def test_unknown_kind_of_anchor_is_refused(folder, monkeypatch, capsys):
    monkeypatch.setenv("AUDIT_ANCHOR_URL", "https://contoh.id")
    assert main(["audit", "verify", "--data", str(folder)]) == 2
    assert "AUDIT_ANCHOR_URL" in capsys.readouterr().err


def test_syslog_takes_the_head(folder, monkeypatch):
    told = []
    monkeypatch.setattr("syslog.syslog", lambda level, line: told.append(line))
    monkeypatch.setenv("AUDIT_ANCHOR_URL", "syslog:")
    engine = open_database(folder)
    Worker(engine, folder, threading.Event()).anchor(datetime.now(UTC))
    engine.dispose()
    assert [line.split()[0] for line in told] == ["pelita-audit"]


def test_copy_and_erasure_of_a_person_who_left(folder, capsys):
    target = folder.parent / "salinan.zip"
    assert main(["data", "ekspor", NIP, "--data", str(folder), "--ke", str(target)]) == 0
    assert sorted(zipfile.ZipFile(target).namelist()) == ["data.html", "data.json"]
    assert main(["data", "hapus", NIP, "--data", str(folder), "--ya"]) == 2
    assert "masih bekerja" in capsys.readouterr().err
    engine = open_database(folder)
    with Session(engine) as session, write_tx(session):
        session.execute(update(Person).values(left_on=datetime.now(UTC).date() - timedelta(days=1)))
    engine.dispose()
    assert main(["data", "hapus", NIP, "--data", str(folder)]) == 0
    assert "Belum ada yang diubah" in capsys.readouterr().out
    assert main(["data", "hapus", NIP, "--data", str(folder), "--ya"]) == 0
    assert main(["data", "ekspor", NIP, "--data", str(folder), "--ke", str(target)]) == 2
    assert main(["data", "hapus", "--ulang", "--data", str(folder), "--ya"]) == 0
    assert not any(b"Sitti Rahma" in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert main(["audit", "verify", "--data", str(folder)]) == 0


def test_copy_without_target_or_person_says_what_is_missing(folder, capsys):
    assert main(["data", "ekspor", NIP, "--data", str(folder)]) == 2
    assert main(["data", "ekspor", "nomor:1x", "--data", str(folder), "--ke", "x.zip"]) == 2
    assert main(["data", "ekspor", NIP, "--data", str(folder), "--ke", str(folder / "tidak" / "ada.zip")]) == 2
    assert "tidak dapat ditulis" in capsys.readouterr().err


def test_papers_and_overdue_rows_are_printed(folder, capsys):
    assert main(["data", "dpia", "--data", str(folder)]) == 0
    assert "# Rekam Kegiatan Pemrosesan" in capsys.readouterr().out
    assert main(["retensi", "--data", str(folder)]) == 0
    assert "sesi yang berakhir" in capsys.readouterr().out
