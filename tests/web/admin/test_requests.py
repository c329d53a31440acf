"""Requests about data, erasing the data of somebody who left, and reckoning an incident."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lms.people.models import DataExport, DataRequest, Person, PersonalView
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD


@pytest.fixture
def admin(browser, agency):
    browser.sign_in("pengelola", PASSWORD)
    return browser


@pytest.fixture
def learner(new_browser, agency):
    browser = new_browser()
    browser.sign_in("peserta", PASSWORD)
    return browser


def _ask(learner, text="Gelar saya kurang M.Si.", kind="correction", status=303):
    return learner.post("/akun/data/permintaan", {"kind": kind, "text": text}, status=status, form_at="/akun/data")


def test_request_is_answered_once_with_its_ground(admin, learner, session, frozen):
    _ask(learner)
    admin.get("/admin/permintaan")
    assert "Gelar saya kurang M.Si." in admin.page
    assert "Sisa 72 jam" in admin.page
    frozen(timedelta(hours=73))
    admin.sign_in("pengelola", PASSWORD)
    admin.get("/admin/permintaan")
    assert "Terlambat" in admin.page
    session.rollback()
    number = session.scalar(select(DataRequest.id))
    admin.post(f"/admin/permintaan/{number}/jawab", {"text": " "}, status=400)
    assert 'role="alert"' in admin.page
    admin.post(f"/admin/permintaan/{number}/jawab", {"text": "Sudah ditambahkan menurut ijazah."})
    admin.post(f"/admin/permintaan/{number}/jawab", {"text": "Jawaban kedua."}, status=400, form_at="/admin/jejak")
    admin.post("/admin/permintaan/999/jawab", {"text": "x"}, status=404, form_at="/admin/jejak")
    session.rollback()
    assert session.scalars(select(DataRequest.answer)).all() == ["Sudah ditambahkan menurut ijazah."]
    learner.get("/akun/data")
    assert "Sudah ditambahkan menurut ijazah." in learner.page
    acts = select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.action.startswith("data.")).order_by(AuditEntry.id)
    assert [row.action for row in session.execute(acts)] == ["data.request", "data.answer"]
    assert "Gelar" not in str(session.execute(acts).all())


@pytest.mark.parametrize(("text", "kind"), [("", "correction"), ("x" * 1001, "erasure"), ("Mohon", "lain"), ("Mohon", "")])
def test_request_that_cannot_be_taken_keeps_its_words(learner, session, text, kind):
    _ask(learner, text, kind, status=400)
    assert 'role="alert"' in learner.page
    assert text in learner.page
    assert session.scalar(select(DataRequest.id)) is None


def test_second_request_of_a_kind_waits_for_the_first(learner):
    _ask(learner)
    _ask(learner, status=400)
    assert "masih menunggu jawaban" in learner.page
    _ask(learner, kind="erasure")


def test_data_of_somebody_who_left_are_erased_after_a_look_at_the_plan(admin, agency, session, now, data_dir):
    person = agency["rekan"]
    admin.get(f"/admin/penyamaran/{person.id}")
    assert "masih bekerja di sini" in admin.page
    assert "Samarkan sekarang" not in admin.page
    admin.post(f"/admin/penyamaran/{person.id}", {}, status=409, form_at="/admin/insiden")
    with write_tx(session):
        session.execute(update(Person).where(Person.id == person.id).values(left_on=now.date()))
    admin.get(f"/admin/penyamaran/{person.id}")
    assert "Samarkan sekarang" in admin.page
    admin.post(f"/admin/penyamaran/{person.id}")
    admin.get("/admin/permintaan?pesan=disamarkan")
    assert "sudah disamarkan" in admin.page
    session.rollback()
    assert session.scalar(select(Person.name).where(Person.id == person.id)) == f"Pegawai {person.id}"
    assert (data_dir / "jejak" / "hapus.log").read_text().split()[1] == str(person.id)
    admin.get("/admin/penyamaran/999999", status=404)


def test_incident_is_reckoned_and_nothing_kept(admin, agency, session, now):
    with write_tx(session):
        session.add(
            PersonalView(
                person_id=agency["peserta"].id, viewer_id=agency["rekan"].id, on=now.date(), what="record", first_at=now, count=1
            )
        )
    form = {
        "cakupan": "akun",
        "akun": "rekan",
        "dari": "2026-03-05T00:00",
        "sampai": "2026-03-06T00:00",
        "diketahui": "2026-03-05T10:00",
    }
    admin.post("/admin/insiden", form, status=200, form_at="/admin/insiden")
    assert "<h2>2 orang</h2>" in admin.page
    assert "8 Maret 2026 pukul 10.00 WITA" in admin.page
    admin.post("/admin/insiden", form | {"cakupan": "instansi"}, status=200)
    assert "<h2>5 orang</h2>" in admin.page
    admin.post("/admin/insiden", form | {"cakupan": "ekspor"}, status=200)
    assert "<h2>0 orang</h2>" in admin.page


@pytest.mark.parametrize(
    "over",
    [{"akun": "tidak-ada"}, {"dari": "kemarin"}, {"sampai": "2026-03-04T00:00"}, {"diketahui": "0001-01-01T00:00"}, {"dari": ""}],
)
def test_incident_that_cannot_be_read_keeps_what_was_typed(admin, over):
    form = {
        "cakupan": "akun",
        "akun": "rekan",
        "dari": "2026-03-05T00:00",
        "sampai": "2026-03-06T00:00",
        "diketahui": "2026-03-05T10:00",
    } | over
    admin.post("/admin/insiden", form, status=400, form_at="/admin/insiden")
    assert 'role="alert"' in admin.page
    assert f'value="{form["akun"]}"' in admin.page


def test_copy_is_noted_and_asks_the_password(learner, agency, session, frozen):
    response = learner.post("/akun/data/salinan", {}, status=200, form_at="/akun/data")
    assert response.data[:2] == b"PK"
    person_id = agency["peserta"].id
    session.rollback()
    assert session.execute(select(DataExport.kind, DataExport.by, DataExport.scope_path, DataExport.people)).all() == [
        ("own", person_id, f"person:{person_id}", 1)
    ]
    frozen(timedelta(minutes=11))
    assert learner.post("/akun/data/salinan", {}, form_at="/akun/data").headers["Location"].startswith("/akun/konfirmasi")
