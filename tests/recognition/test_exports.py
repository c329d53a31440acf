"""Certificates on their way to SIASN: nothing twice, nothing that cannot be sent, and the same file again."""

import io
import threading
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.errors import Conflict, NotFound
from lms.people.models import DataExport
from lms.recognition import exports, pdf
from lms.recognition.actions import issue_correction, revoke
from lms.recognition.models import Certificate, SiasnExport
from lms.shared.spreadsheet import write_xlsx
from lms.store.engine import write_tx
from tests.factories.learning import learn, publish_reading
from tests.factories.people import make_person, make_unit
from tests.factories.recognition import make_snapshot

NIPS = ("198609262015051001", "198609262015051002", "198609262015051003")


@pytest.fixture
def people(session, tmp_path, now):
    """Three people with NIP and one without have finished a course of 5 JP; the first also one of 0 JP."""
    arsip = publish_reading(session, tmp_path, now, key="arsip", title="Arsip", jp=5)
    bebas = publish_reading(session, tmp_path, now, key="bebas", title="Bebas", jp=0)
    with write_tx(session):
        unit = make_unit(session)
        made = [
            make_person(session, unit=unit, nip=nip, name=f"Orang {place}", siasn_id=f"ID-{place}")
            for place, nip in enumerate(NIPS)
        ]
        made.append(make_person(session, unit=unit, name="Mitra"))
        for person in made:
            learn(session, person.id, arsip, now - timedelta(days=3), lessons=5)
        learn(session, made[0].id, bebas, now - timedelta(days=2), lessons=5)
    return made


def make(session, now):
    with write_tx(session):
        return exports.make_export(session, ids=exports.preview(session).ids, by=None, now=now)


def code_of(session, person):
    return session.scalars(
        select(Certificate.code).where(Certificate.person_id == person.id).order_by(Certificate.id.desc())
    ).first()


def test_preview_tells_what_goes_and_what_cannot(session, people):
    found = exports.preview(session)
    assert [row[:3] for row in found.table.rows] == [(nip, f"Orang {place}", f"ID-{place}") for place, nip in enumerate(NIPS)]
    assert [column.title for column in found.table.columns] == [
        "nip", "nama", "pnsOrangId", "namaKursus", "nomorSertipikat", "institusiPenyelenggara", "tanggalKursus",
        "tanggalSelesaiKursus", "tahunKursus", "jumlahJam", "jenisDiklatId", "jenisKursusSertipikat",
    ]  # fmt: skip
    assert found.table.rows[0][6:] == ("02-03-2026", "02-03-2026", 2026, 5, 16, "T")
    assert [(note.name, note.reason.split(":")[0].split(".")[0]) for note in found.held] == [
        ("Mitra", "Tidak ada NIP di sertifikatnya"),
        ("Orang 0", "0 JP"),
    ]
    assert (found.waiting, exports.waiting_count(session), found.without_siasn_id, found.changed) == (3, 5, 0, ())


def test_nothing_is_sent_twice(session, people, now):
    first = make(session, now)
    assert exports.preview(session).ids == ()
    with pytest.raises(Conflict):
        make(session, now)
    rows = session.execute(select(DataExport.id, DataExport.kind, DataExport.scope_path, DataExport.people)).all()
    assert [tuple(row) for row in rows] == [(first, "siasn", "/", 3)]
    assert len(exports.export_table(session, first).rows) == 3


def test_two_exports_at_once_send_each_certificate_once(session, new_session, people, now):
    ids = exports.preview(session).ids
    session.rollback()
    results = []

    def run():
        with new_session() as mine:
            try:
                with write_tx(mine):
                    results.append(exports.make_export(mine, ids=ids, by=None, now=now))
            except Conflict:
                results.append(None)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each is None for each in results) == [False, True, True, True]
    assert len(session.scalars(select(SiasnExport)).all()) == 3


def test_export_is_made_again_as_it_was_whatever_changes(session, people, now, tmp_path):
    made = exports.export_row(session, make(session, now))
    before = exports.export_table(session, made.id)
    write_xlsx(before, tmp_path / "a", made.at)
    with write_tx(session):
        session.merge(people[0]).siasn_id = "BARU"
        session.merge(people[1]).name = "Nama Lain"
        revoke(session, code=code_of(session, people[2]), by=None, reason="Keliru.", now=now)
    after = exports.export_table(session, made.id)
    write_xlsx(after, tmp_path / "b", made.at)
    assert after == before
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_certificates_replaced_or_withdrawn_are_told(session, people, now):
    make(session, now)
    with write_tx(session):
        issue_correction(session, code=code_of(session, people[1]), by=None, reason="Nama salah.", now=now)
        revoke(session, code=code_of(session, people[2]), by=None, reason="Keliru.", now=now)
    found = exports.preview(session)
    new = session.scalars(select(Certificate.number).where(Certificate.issue == 2)).one()
    assert [row[4] for row in found.table.rows] == [new]
    assert [(note.name, note.reason) for note in found.changed] == [
        ("Orang 2", "Sudah dikirim, lalu dicabut. Hapus dari SIASN."),
        ("Orang 1", f"Sudah dikirim, lalu diganti dengan {new}. Perbarui di SIASN."),
    ]


def test_certificate_withdrawn_between_looking_and_sending_is_left_out(session, people, now):
    ids = exports.preview(session).ids
    with write_tx(session):
        revoke(session, code=code_of(session, people[1]), by=None, reason="Keliru.", now=now)
        export_id = exports.make_export(session, ids=ids, by=None, now=now)
    assert [row[1] for row in exports.export_table(session, export_id).rows] == ["Orang 0", "Orang 2"]


def test_zip_holds_a_small_pdf_of_each_named_by_nip_and_number(session, people, now):
    made = exports.export_row(session, make(session, now))
    snapshots = exports.snapshots_of(session, made.id, 1)
    told: list[int] = []

    def packed(tell=None):
        out = io.BytesIO()
        exports.pack(snapshots, out, made_at=made.at, verify_url=lambda code: f"https://x.example/verifikasi/{code}", tell=tell)
        return out.getvalue()

    content = packed(told.append)
    assert content == packed()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [f"{nip}_000{place}-ARSIP-III-2026.pdf" for place, nip in enumerate(NIPS, 1)]
        assert all(archive.read(name).startswith(b"%PDF") and len(archive.read(name)) <= 1_000_000 for name in archive.namelist())
        assert archive.read(archive.namelist()[0]) == pdf.render(
            snapshots[0], verify_url=f"https://x.example/verifikasi/{snapshots[0].code}"
        )
    assert told == [1, 2, 3]


def test_names_in_the_zip_hold_no_path(session):
    assert exports.pdf_name(make_snapshot(nip=NIPS[0], number="../B.589/BDA\\x/V/2026:*")) == f"{NIPS[0]}_B.589-BDA-x-V-2026.pdf"


def test_large_exports_come_in_parts_and_batches(session, people, now, monkeypatch):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(exports, "IN_PART", 1)
    assert (len(exports.preview(session).ids), exports.preview(session).waiting) == (2, 3)
    made = make(session, now)
    assert [exports.snapshots_of(session, made, part)[0].nip for part in (1, 2)] == list(NIPS[:2])
    for part in (0, 3, -1):
        with pytest.raises(NotFound):
            exports.snapshots_of(session, made, part)
    assert [row[0] for row in exports.preview(session).table.rows] == [NIPS[2]]


def test_other_files_are_no_siasn_exports(session, people, now):
    with write_tx(session):
        other = exports.record_export(session, at=now, by=None, kind="anggota", scope_paths=("/",), people=3)
    with pytest.raises(NotFound):
        exports.export_row(session, other)
