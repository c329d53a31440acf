"""A seminar from a photo on a phone to JP in the ledger: the superior asks for a correction, the office approves."""

import io
import re
from datetime import date, timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from lms.progress import jp
from tests.e2e.agency import Agency
from tests.e2e.looks import look_closely

pytestmark = pytest.mark.browser
TITLE = "Seminar Nasional Kearsipan Digital"


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), "#c95f0a").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_seminar_is_claimed_mended_and_its_jp_arrive(visit, agency: Agency, script):
    who = agency.newcomer("Hasnah Mappa" if script else "Rahmat Idrus")
    day = date.today() - timedelta(days=1)
    learner, head, admin = (visit(java_script_enabled=script) for _ in range(3))

    def look(visitor, name):
        if script:
            assert look_closely(visitor.page, name) == []

    learner.sign_in(who)
    learner.press("Klaim JP luar", role="link")
    learner.press("Ajukan klaim", role="link")
    learner.press(re.compile("^Seminar"), role="link")
    page = learner.page
    page.get_by_label("Nama kegiatan").fill(TITLE)
    page.get_by_label("Penyelenggara").fill("ANRI")
    page.get_by_label("Hari pertama").fill(day.isoformat())
    page.get_by_label("Hari terakhir").fill(day.isoformat())
    page.get_by_label("Jam", exact=True).fill("6")
    learner.press("Simpan dan lanjut ke bukti")
    expect(page.locator("main")).to_contain_text("6 jam ÷ 45 menit = 8 JP")
    learner.statuses.add(400)
    learner.press("Kirim klaim")
    expect(page.get_by_role("alert")).to_contain_text("Tambahkan bukti")
    look(learner, "klaim-draf")
    page.get_by_label(re.compile("Sertifikat")).set_input_files(
        {"name": "IMG_2031.JPG", "mimeType": "image/jpeg", "buffer": _photo()}
    )
    learner.press("Kirim klaim")
    expect(page.locator("main")).to_contain_text("Menunggu atasan")

    head.sign_in(agency.people["head"])
    head.go("/tim/klaim")
    look(head, "tim-klaim-ada")
    head.press(who.name, role="link")
    head.page.get_by_label("Perlu perbaikan").check()
    head.page.get_by_label("Catatan").fill("Di surat tugas tertulis 3 jam.")
    look(head, "tim-klaim-periksa")
    head.press("Simpan putusan")

    learner.go("/klaim")
    look(learner, "klaim-daftar")
    learner.press(TITLE, role="link")
    expect(page.locator("main")).to_contain_text("Di surat tugas tertulis 3 jam.")
    expect(page.get_by_label("Nama kegiatan")).to_have_value(TITLE)
    page.get_by_label("Jam", exact=True).fill("3")
    learner.press("Simpan dan hitung lagi")
    expect(page.locator("main")).to_contain_text("3 jam ÷ 45 menit = 4 JP")
    learner.press("Kirim klaim")

    head.go("/tim/klaim")
    head.press(who.name, role="link")
    head.page.get_by_label(re.compile("^Setuju")).check()
    head.press("Simpan putusan")

    admin.sign_in(agency.people["admin"])
    admin.go("/admin/klaim")
    look(admin, "pengelola-klaim-ada")
    admin.press(who.name, role="link")
    admin.page.get_by_label(re.compile("^Setuju")).check()
    look(admin, "pengelola-klaim-periksa")
    admin.press("Simpan putusan")

    learner.go("/klaim")
    expect(page.locator("main")).to_contain_text("4 JP diakui")
    learner.go("/")
    expect(page.locator(".hero")).to_contain_text("Termasuk 4 JP luar LMS.")
    with agency.session() as session:
        assert jp.split_by_person(session, [who.person_id], day.year) == {who.person_id: (0, 4)}
