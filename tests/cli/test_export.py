"""`lms ekspor`: the office's files for scripts."""

import zipfile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.cli.main import main
from lms.people.models import DataExport
from lms.store.engine import make_engine, sqlite_url
from lms.store.migrate import upgrade
from tests.conftest import NOW
from tests.factories.history import make_history
from tests.web.reports import in_csv, in_xlsx


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("BASE_URL", "https://belajar.example")
    folder = tmp_path / "data"
    folder.mkdir()
    engine = make_engine(sqlite_url(folder))
    upgrade(engine)
    with Session(engine, expire_on_commit=False) as session:
        make_history(session, tmp_path, NOW, 2)
    engine.dispose()
    return folder


def export(data, *words):
    return main(["ekspor", *map(str, words), "--data", str(data)])


def noted(data):
    engine = make_engine(sqlite_url(data))
    with Session(engine) as session:
        found = [
            tuple(row)
            for row in session.execute(select(DataExport.kind, DataExport.by, DataExport.scope_path).order_by(DataExport.id))
        ]
    engine.dispose()
    return found


def test_certificates_and_jp_are_written_and_noted(data, tmp_path, capsys):
    assert export(data, "sertifikat", "--tahun", 2026, "--ke", tmp_path / "s.xlsx") == 0
    assert export(data, "jp", "--hari", "2026-01-31", "--koma", "--ke", tmp_path / "jp.csv") == 0
    titles, rows = in_xlsx((tmp_path / "s.xlsx").read_bytes())
    assert titles[:3] == ["Nomor", "Nama", "NIP"] and len(rows) > 2
    titles, lines = in_csv((tmp_path / "jp.csv").read_bytes(), ",")
    assert titles[-2:] == ["Jumlah JP", "Pelatihan selesai"] and len(lines) > 10
    assert f"{len(lines)} baris. Berkas: {tmp_path / 'jp.csv'}" in capsys.readouterr().out
    assert noted(data) == [("sertifikat", None, "/"), ("anggota", None, "/")]
    assert (tmp_path / "jp.csv").stat().st_mode & 0o777 == 0o600


def test_siasn_is_made_once_and_taken_again(data, tmp_path, capsys):
    assert export(data, "siasn", "--ke", tmp_path / "a.xlsx") == 0
    number = capsys.readouterr().out.split("Ekspor ")[1].split(":")[0]
    assert export(data, "siasn", "--ke", tmp_path / "b.xlsx") == 2
    assert "Tidak ada sertifikat baru" in capsys.readouterr().err
    assert not (tmp_path / "b.xlsx").exists()
    assert export(data, "siasn", "--ulang", number, "--ke", tmp_path / "c.xlsx") == 0
    assert (tmp_path / "c.xlsx").read_bytes() == (tmp_path / "a.xlsx").read_bytes()
    assert export(data, "siasn", "--ulang", number, "--ke", tmp_path / "d.zip") == 0
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        assert len(archive.namelist()) == len(in_xlsx((tmp_path / "a.xlsx").read_bytes())[1])


@pytest.mark.parametrize(
    ("words", "said"), [(("jp", "--ke", "x.pdf"), ".xlsx atau .csv"), (("jp", "--ke", "tidak/ada/x.csv"), "tidak ada")]
)
def test_wrong_names_are_refused_before_anything_is_written(data, capsys, words, said):
    assert export(data, *words) == 2
    assert said in capsys.readouterr().err
    assert noted(data) == []
