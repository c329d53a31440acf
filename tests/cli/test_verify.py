"""`lms verify`: says in words what disagrees, repairs it when asked to, and never touches a fact."""

import argparse

import pytest
from sqlalchemy import text

from lms.cli import verify
from lms.store.engine import write_tx
from tests.factories.content import publish_sample
from tests.factories.people import make_person
from tests.factories.progress import finish_sample


@pytest.fixture
def enrolment_id(session, tmp_path, now):
    published = publish_sample(session, tmp_path, now)
    with write_tx(session):
        return finish_sample(session, make_person(session), published, now)


@pytest.fixture
def call(monkeypatch, database_url, tmp_path, capsys, session):
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*, repair=False):
        session.rollback()
        code = verify.run(argparse.Namespace(data=tmp_path, repair=repair))
        return code, capsys.readouterr().out.splitlines()

    return run


def test_verify_of_sound_data_says_so(call, enrolment_id):
    assert call() == (0, ["Data cocok: ringkasan, JP, dan sertifikat sesuai dengan fakta yang tersimpan."])


def test_verify_names_what_is_wrong_and_repair_puts_it_right(session, call, enrolment_id, now):
    with write_tx(session):
        session.execute(text("UPDATE enrolment_summary SET percent = 99, state = 'in_progress', next_key = 'x'"))
    code, told = call()
    assert (code, told) == (
        1,
        [
            f"Pendaftaran {enrolment_id}: keadaan tersimpan in_progress, seharusnya done.",
            f"Pendaftaran {enrolment_id}: persentase tersimpan 99, seharusnya 100.",
            f"Pendaftaran {enrolment_id}: materi berikutnya tersimpan x, seharusnya kosong.",
            "3 ketidakcocokan. Fakta tidak berubah; susun ulang dengan: lms periksa-data --perbaiki",
        ],
    )
    assert call(repair=True)[0] == 0
    session.rollback()
    assert session.scalar(text("SELECT count(*) FROM certificate")) == 1


def test_verify_finds_a_completion_without_its_awards(session, call, enrolment_id, now):
    with write_tx(session):
        session.execute(
            text("INSERT INTO completion (enrolment_id, edition_id, completed_at) VALUES (:id, 1, :at)"),
            {"id": enrolment_id, "at": now.replace(tzinfo=None)},
        )
    assert call()[1][:2] == [
        f"Pendaftaran {enrolment_id}: catatan JP tersimpan tidak ada, seharusnya ada.",
        f"Pendaftaran {enrolment_id}: sertifikat tersimpan tidak ada, seharusnya ada.",
    ]
    assert call(repair=True)[0] == 0


def test_verify_names_a_gap_in_the_numbers(session, call, enrolment_id):
    with write_tx(session):
        session.execute(text("INSERT INTO certificate_counter (year, last) VALUES (2025, 2)"))
    assert call()[1][0] == "Tahun 2025: urutan nomor sertifikat tersimpan 0 issued, highest 0, seharusnya 2 counted."
