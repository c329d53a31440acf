"""`lms impor pegawai`: a plan unless told otherwise, exit codes, and an import that is killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import ROOT
from lms.cli import jobs
from lms.cli.data import open_database
from lms.cli.main import main
from lms.people.importing import actions, queries, undo
from lms.people.importing.rows import read_kept
from lms.people.importing.types import ImportState
from lms.people.models import Account, Membership, Person, StaffImport, StaffImportChange
from lms.store.engine import make_engine, sqlite_url, write_tx

GOOD = "NIP,Nama,Unit Kerja,NIK\n198609262015051001,Sitti Rahma,Dinas A,7371\n"
ROUNDS = 50 if os.environ.get("PELITA_PROVE") == "1" else 6


@pytest.fixture
def folder(tmp_path):
    open_database(tmp_path / "data").dispose()
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "pegawai.csv"
    path.write_text(GOOD)
    return path


def people(folder):
    engine = make_engine(sqlite_url(folder))
    with Session(engine) as session:
        found = session.scalar(select(func.count()).select_from(Person))
    engine.dispose()
    return found


def test_plan_is_shown_and_nothing_happens(folder, file, capsys):
    assert main(["impor", "pegawai", str(file), "--data", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Unit baru: Dinas A",
        "Kolom yang tidak dipakai dan tidak disimpan: NIK",
        "Rencana: baru 1.",
    ]
    assert people(folder) == 0


def test_applied_file_and_the_same_again(folder, file, capsys):
    for said in ("baru 1", "tetap 1"):
        assert main(["import", "pegawai", str(file), "--data", str(folder), "--terapkan", "--berlaku", "2026-03-01"]) == 0
        assert f"Selesai: {said}." in capsys.readouterr().out
    assert people(folder) == 1


def test_problem_rows_end_with_two_and_json_tells_everything(folder, file, capsys):
    file.write_text(GOOD + "1.97E+17,Budi,Dinas A,\n")
    assert main(["impor", "pegawai", str(file), "--data", str(folder), "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["counts"]["new"], told["counts"]["problem"], told["ignored"], told["applied"]) == (1, 1, ["NIK"], False)
    assert [(row["kind"], row["place"]) for row in told["rows"]] == [("new", "Baris 2"), ("problem", "Baris 3")]


def test_refusals_end_with_two_and_a_sentence(folder, file, capsys):
    assert main(["impor", "pegawai", str(file), "--data", str(folder), "--berlaku", "2999-01-01"]) == 2
    assert "hari ini atau sebelumnya" in capsys.readouterr().err
    assert main(["impor", "pegawai", str(file.with_name("tidak-ada.csv")), "--data", str(folder)]) == 2
    assert "tidak dapat dibaca" in capsys.readouterr().err
    main(["impor", "pegawai", str(file), "--data", str(folder), "--terapkan"])
    file.write_text(GOOD.replace("051001", "051002"))
    whole = ["impor", "pegawai", str(file), "--data", str(folder), "--terapkan", "--lengkap"]
    assert main(whole) == 2
    assert "ketik 1" in capsys.readouterr().err
    assert main([*whole, "--jumlah-berhenti", "1"]) == 0


def test_killed_at_any_moment_it_is_finished_by_the_next_call(tmp_path):
    file, size = tmp_path / "besar.csv", 1500
    file.write_text(
        "\n".join(
            ["NIP;Nama;Unit Kerja;Instansi Induk"]
            + [
                f"19{70 + n // 500}0926201505{1 + n % 2}{n // 2 % 250 + 1:03d};Orang {n};Dinas {n % 7};Pemkot"
                for n in range(size)
            ]
        )
    )
    caught = 0
    for number in range(ROUNDS):
        folder = tmp_path / f"data{number}"
        open_database(folder).dispose()
        command = [sys.executable, "-m", "lms.cli", "impor", "pegawai", str(file), "--data", str(folder), "--terapkan"]
        running = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wanted = random.Random(number).randrange(1, size - 250)
        while running.poll() is None and people(folder) < wanted:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
        caught += 0 < people(folder) < size
        assert main(["impor", "pegawai", str(file), "--data", str(folder), "--terapkan"]) == 0
        engine = make_engine(sqlite_url(folder))
        with Session(engine) as session:
            counts = [session.scalar(select(func.count()).select_from(table)) for table in (Person, Account, Membership)]
            assert counts == [size] * 3
            states = session.scalars(select(StaffImport.state)).all()
            assert set(states) == {ImportState.DONE}
            assert session.scalar(select(func.count(func.distinct(StaffImportChange.subject)))) == size + 8
        engine.dispose()
    assert caught > 0


def test_jobs_finish_what_others_left_and_clear_the_file(folder, file, tmp_path):
    main(["impor", "pegawai", str(file), "--data", str(folder), "--terapkan"])
    engine = open_database(folder)
    worker = jobs.Worker(engine, folder, threading.Event())
    now = datetime.now(UTC)
    with Session(engine) as session, write_tx(session):
        undo.begin_undo(session, import_id=1, now=now)
    assert worker.round(now)
    assert people(folder) == 0
    with Session(engine) as session:
        assert queries.staff_import(session, 1).state is ImportState.UNDONE
        assert queries.files_needed(session, now) == set()
        ready = queries.staff_import(session, 1)
        with write_tx(session):
            actions.register(session, file_name="x", sha256=ready.sha256, options=ready.options, now=now)
    (kept,) = (folder / "impor").iterdir()
    old = now.timestamp() - 3 * 86_400
    os.utime(kept, (old, old))
    jobs.Worker(engine, folder, threading.Event()).round(now)
    assert kept.exists(), "a plan of today waits for it"
    with Session(engine) as session, write_tx(session):
        actions.confirm(
            session,
            import_id=2,
            plan=queries.plan_of(session, read_kept(kept.read_bytes()), ready.options, None),
            typed="",
            now=now,
        )
    worker = jobs.Worker(engine, folder, threading.Event())
    worker.round(now)
    assert people(folder) == 1 and not kept.exists()
    engine.dispose()
