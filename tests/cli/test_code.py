"""`lms kode` and `lms admin`: codes for people, and the beginning of a real installation."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.cli import code
from lms.cli.main import main
from lms.errors import Conflict, NotFound
from lms.people.actions import disable_account, redeem_code
from lms.people.models import Account, OneTimeCode, Person, RoleGrant, SecondFactor
from lms.people.settings import agency_settings
from lms.people.types import CodePurpose
from lms.store.audit import AuditEntry
from lms.store.engine import make_engine, write_tx
from tests.factories.people import PASSWORD, hashed, make_person

NIP = "198609262015051001"
BEGIN = [
    "admin",
    "--nip",
    "19860926 201505 1 001",
    "--nama",
    "Sitti Rahma",
    "--gelar-belakang",
    "S.Kom.",
    "--instansi",
    "Pemkot Contoh",
]


@pytest.fixture
def real(tmp_path, monkeypatch):
    """A folder for a real installation; SQLite, because the commands choose the database as `serve` does."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "data"


def rows(folder, statement):
    engine = make_engine(f"sqlite:///{folder / 'pelita.sqlite3'}")
    with Session(engine) as session:
        found = session.execute(statement).all()
    engine.dispose()
    return [tuple(row) for row in found]


@pytest.mark.parametrize("typed", [NIP, "19860926 201505 1 001", "'198609262015051001", "  Sitti.Rahma "])
def test_code_is_found_by_nip_or_sign_in_name_and_works_once(session, now, typed):
    with write_tx(session):
        person = make_person(session, name="Sitti Rahma", nip=NIP, identifier="sitti.rahma", title_suffix="S.Kom.")
    with write_tx(session):
        slip = code.make_slip(session, typed, now)
    assert (slip.name, slip.identifier, slip.purpose, slip.expires_at) == (
        "Sitti Rahma, S.Kom.",
        "sitti.rahma",
        CodePurpose.ACTIVATION,
        now + timedelta(days=14),
    )
    with write_tx(session):
        assert (
            redeem_code(session, identifier="sitti.rahma", code=slip.code, password_hash=hashed(PASSWORD), now=now) == person.id
        )
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).first() == "account.issue_code"


def test_code_of_an_active_account_is_a_reset_for_half_an_hour(session, now):
    with write_tx(session):
        make_person(session, nip=NIP, password=PASSWORD)
        slip = code.make_slip(session, NIP, now)
    assert (slip.purpose, slip.expires_at) == (CodePurpose.RESET, now + timedelta(minutes=30))


def test_the_only_administrator_who_lost_the_phone_comes_back(session, now):
    with write_tx(session):
        person = make_person(session, nip=NIP, password=PASSWORD)
        session.add(SecondFactor(person_id=person.id, secret="", made_at=now, confirmed_at=now))
    with write_tx(session):
        slip = code.make_slip(session, NIP, now, is_phone_lost=True)
    assert (slip.purpose, session.scalars(select(SecondFactor.person_id)).all()) == (CodePurpose.RESET, [])
    with pytest.raises(Conflict, match="tidak memakai verifikasi dua langkah"), write_tx(session):
        code.make_slip(session, NIP, now, is_phone_lost=True)


def test_code_for_nobody_or_a_disabled_account_is_refused(session, now):
    with write_tx(session):
        person = make_person(session, nip=NIP)
        disable_account(session, person_id=person.id, now=now)
    with pytest.raises(Conflict), write_tx(session):
        code.make_slip(session, NIP, now)
    with pytest.raises(NotFound, match="198609262015051002"), write_tx(session):
        code.make_slip(session, "198609262015051002", now)
    assert session.scalars(select(OneTimeCode)).all() == []


def test_slip_names_the_zone_of_the_hour(now):
    slip = code.Slip("Sitti Rahma", NIP, "7K3M-9QTX-2VHB", CodePurpose.ACTIVATION, now)
    text = code.printed(slip, "Asia/Makassar")
    assert "7K3M-9QTX-2VHB" in text
    assert "sampai 5 Maret 2026 pukul 14.30 WITA" in text


def test_admin_begins_an_installation(real, capsys):
    assert main([*BEGIN, "--zona", "Asia/Jayapura", "--data", str(real)]) == 0
    shown = capsys.readouterr().out
    assert "Pemkot Contoh: administrator siap." in shown
    assert "--tempat, --penandatangan, --jabatan-penandatangan" in shown
    assert rows(real, select(Person.name, Person.nip, Person.title_suffix)) == [("Sitti Rahma", NIP, "S.Kom.")]
    assert rows(real, select(Account.identifier, Account.password_hash)) == [(NIP, None)]
    assert rows(real, select(RoleGrant.role)) == [("admin",)]
    assert [row[0] for row in rows(real, select(AuditEntry.action).order_by(AuditEntry.id))] == [
        "settings.save",
        "person.make",
        "role.grant",
        "account.issue_code",
    ]
    assert main(["kode", NIP, "--data", str(real)]) == 0
    assert "Kode aktivasi untuk Sitti Rahma, S.Kom." in capsys.readouterr().out


def test_admin_again_keeps_the_person_and_adds_settings(real):
    assert main([*BEGIN, "--data", str(real)]) == 0
    assert (
        main(["admin", "--nip", NIP, "--tempat", "Contoh", "--nip-penandatangan", "19700412 199503 2 001", "--data", str(real)])
        == 0
    )
    engine = make_engine(f"sqlite:///{real / 'pelita.sqlite3'}")
    with Session(engine) as session:
        settings = agency_settings(session)
    engine.dispose()
    assert (settings.agency_name, settings.agency_place, settings.signatory_nip) == (
        "Pemkot Contoh",
        "Contoh",
        "197004121995032001",
    )
    assert len(rows(real, select(Person.id))) == len(rows(real, select(RoleGrant.id))) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--nip", "1.98609E+17", "--nama", "Sitti"], "Excel"),
        (["--nip", NIP], "--nama"),
        (["--nip", NIP, "--nama", "Sitti", "--golongan", "V/z"], "Golongan"),
        (["--nip", NIP, "--nama", "Sitti", "--zona", "Makassar"], "Zona waktu"),
    ],
)
def test_admin_refused_changes_nothing(real, capsys, words, told):
    assert main(["admin", *words, "--instansi", "Pemkot Lain", "--data", str(real)]) == 2
    assert told in capsys.readouterr().err
    assert rows(real, select(Person.id)) == rows(real, select(AuditEntry.id)) == []


def test_admin_does_not_touch_a_demo(real, capsys):
    real.mkdir()
    (real / "demo.json").write_text(json.dumps({"state": "ready"}))
    assert main([*BEGIN, "--data", str(real)]) == 2
    assert "data peragaan" in capsys.readouterr().err
    assert [path.name for path in real.iterdir()] == ["demo.json"]
