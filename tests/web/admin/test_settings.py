"""The agency's settings, its courses and its mark."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from lms.people.settings import agency_settings
from lms.recognition import pdf
from lms.store.audit import AuditEntry
from lms.web import agency as kept_settings
from tests.factories.content import COURSE_KEY
from tests.factories.people import PASSWORD
from tests.factories.recognition import VERIFY_URL, make_snapshot

FORM = {
    "agency_name": "Pemerintah Kota Damar", "help_contact": "BKPSDM", "time_zone": "Asia/Jayapura", "agency_place": "Damar",
    "signatory_name": "Dr. Ani", "signatory_nip": "", "signatory_position": "Kepala BKPSDM",
    "certificate_pattern": "{no:03}/SERT/{tahun}", "minutes_per_jp": "45", "jp_target_pns": "20", "jp_target_pppk": "24",
    "jp_cap_pppk": "",
}  # fmt: skip


@pytest.fixture
def admin(browser, agency):
    kept_settings.forget()
    browser.sign_in("pengelola", PASSWORD)
    yield browser
    kept_settings.forget()


def _kept(session):
    session.rollback()
    return agency_settings(session)


def _settings_rows(session):
    session.rollback()
    return session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "settings.save").order_by(AuditEntry.id)).all()


def test_settings_are_kept_and_audited_by_name(admin, session):
    admin.post("/admin/pengaturan", FORM, form_at="/admin/pengaturan")
    kept = _kept(session)
    assert (kept.agency_name, kept.time_zone, kept.jp_target_pppk, kept.jp_cap_pppk) == (
        "Pemerintah Kota Damar",
        "Asia/Jayapura",
        24,
        None,
    )
    names = {
        "agency_name",
        "agency_place",
        "certificate_pattern",
        "help_contact",
        "jp_cap_pppk",
        "jp_target_pppk",
        "signatory_name",
        "signatory_position",
        "time_zone",
    }
    assert [set(row["names"]) for row in _settings_rows(session)] == [names]
    admin.post("/admin/pengaturan", FORM, form_at="/admin/pengaturan")
    assert len(_settings_rows(session)) == 1


def test_wrong_field_keeps_everything_typed_and_saves_nothing(admin, session):
    bad = FORM | {"minutes_per_jp": "empat lima", "signatory_nip": "123", "jp_target_pns": ""}
    admin.post("/admin/pengaturan", bad, status=400, form_at="/admin/pengaturan")
    assert 'value="empat lima"' in admin.page
    assert 'value="Pemerintah Kota Damar"' in admin.page
    assert {name for name in FORM if f'id="{name}-galat"' in admin.page} == {"minutes_per_jp", "signatory_nip", "jp_target_pns"}
    assert _kept(session).agency_name == "Instansi Anda"


def test_pattern_shows_the_next_number_before_it_is_saved(admin, session):
    admin.post("/admin/pengaturan", FORM | {"contoh": "1"}, status=200, form_at="/admin/pengaturan")
    assert "001/SERT/2026" in admin.page
    assert _kept(session).certificate_pattern != FORM["certificate_pattern"]


def test_password_is_asked_when_the_page_is_opened_and_what_was_written_is_taken(admin, session, frozen):
    admin.get("/admin/pengaturan")
    frozen(timedelta(minutes=30))
    admin.post("/admin/pengaturan", FORM)
    assert _kept(session).agency_name == "Pemerintah Kota Damar"
    assert admin.get("/admin/pengaturan", status=303).headers["Location"] == "/akun/konfirmasi?lanjut=/admin/pengaturan"


def _picture(kind="PNG", size=(900, 300)):
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, kind)
    return stream.getvalue()


def test_logo_is_made_small_and_shown_where_people_sign_in(admin, session, new_browser, data_dir):
    sent = {"file": (io.BytesIO(_picture("JPEG")), "Lambang Kota.jpg")}
    admin.post("/admin/pengaturan/logo", sent, form_at="/admin/pengaturan", content_type="multipart/form-data")
    sha256 = _kept(session).logo
    content = (data_dir / "media" / sha256).read_bytes()
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (240, 240))
    assert len(content) < 20_000
    visitor = new_browser()
    visitor.get("/masuk")
    assert f'src="/logo/{sha256}"' in visitor.page
    with visitor.client.get(f"/logo/{sha256}") as sent_back:
        assert sent_back.data == content
    visitor.get("/logo/" + "0" * 64, status=404)
    assert pdf.render(make_snapshot(), verify_url=VERIFY_URL, logo=content).startswith(b"%PDF")
    admin.post("/admin/pengaturan/logo/hapus", form_at="/admin/pengaturan")
    visitor.get(f"/logo/{sha256}", status=404)
    assert [row["names"] for row in _settings_rows(session)] == [["logo"], ["logo"]]


@pytest.mark.parametrize("sent", [(b"<svg onload=x>", "a.svg"), (b"", "a.png"), (b"not a picture", "a.png"), (None, "")])
def test_what_is_no_picture_is_refused_with_a_sentence(admin, session, sent):
    data = {"file": (io.BytesIO(sent[0]), sent[1])} if sent[1] else {}
    admin.post("/admin/pengaturan/logo", data, status=400, form_at="/admin/pengaturan", content_type="multipart/form-data")
    assert 'role="alert"' in admin.page
    assert _kept(session).logo == ""


def test_retired_course_is_shown_as_such_and_comes_back(admin, session, new_browser):
    learner = new_browser()
    learner.sign_in("peserta", PASSWORD)
    learner.get(f"/pelatihan/{COURSE_KEY}")
    learner.post(f"/pelatihan/{COURSE_KEY}/daftar")
    admin.post(f"/admin/pelatihan/{COURSE_KEY}/pensiunkan", form_at="/admin/pelatihan")
    admin.get("/admin/pelatihan")
    assert re.findall(r'data-k="(?:Sedang belajar|Selesai)">(\d+)<', admin.page) == ["1", "0"]
    assert "Dipensiunkan" in admin.page
    learner.get("/pelatihan")
    assert f'href="/pelatihan/{COURSE_KEY}"' not in learner.page
    learner.get(f"/pelatihan/{COURSE_KEY}")
    admin.post(f"/admin/pelatihan/{COURSE_KEY}/kembalikan", form_at="/admin/pelatihan")
    learner.get("/pelatihan")
    assert f'href="/pelatihan/{COURSE_KEY}"' in learner.page
    session.rollback()
    acts = select(AuditEntry.action).where(AuditEntry.action.startswith("course.re")).order_by(AuditEntry.id)
    assert session.scalars(acts).all() == ["course.retire", "course.restore"]
