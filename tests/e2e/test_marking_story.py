"""From a draft to a mark, and a survey that forgets the name: a learner on a phone, with and without scripts, and the author who marks."""

import re

import pytest
from playwright.sync_api import expect

from lms.people.types import Role
from tests.e2e.agency import Agency
from tests.e2e.looks import look_closely
from tests.e2e.visitor import DESKTOP

pytestmark = pytest.mark.browser
COURSE = "/pelatihan/pelayanan-publik-ramah"
TASK = f"{COURSE}/tugas/pengaduan-perbaikan/tugas-rencana-30-hari"
PLAN = "Antrean terpanjang pukul 08.00 sampai 10.00, rata-rata 42 orang.\n\nNomor antrean dibagikan sejak pintu masuk <b>mulai Senin</b>."


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_work_goes_from_a_draft_to_a_mark_and_a_survey_is_answered(visit, agency: Agency, script):
    learner = visit(java_script_enabled=script)
    learner.sign_in(agency.newcomer("Hasnah Mappa"))
    learner.go(COURSE)
    learner.press("Ikuti pelatihan ini")
    learner.go(TASK)
    learner.press("Mulai mengerjakan")
    page = learner.page
    page.locator("textarea").fill(PLAN)
    learner.press("Simpan draf")
    page = learner.go(TASK)
    expect(page.locator("textarea")).to_have_value(PLAN)
    if script:
        assert look_closely(page, "tugas-draf") == []
    learner.press("Periksa dan kumpulkan")
    page.locator("button.utama").click()
    expect(page.locator("main")).to_contain_text("Menunggu dinilai")

    marker = visit(**DESKTOP)
    marker.sign_in(agency.newcomer("Yusuf Tandi", roles=(Role.AUTHOR,)))
    sheet = marker.go("/penilaian")
    if script:
        assert look_closely(sheet, "penilaian") == []
        sheet.set_viewport_size(DESKTOP["viewport"])
    sheet.get_by_role("link", name=re.compile("Hasnah Mappa")).last.click()
    expect(sheet.locator(".tulisan")).to_have_text(PLAN)
    for number, level in ((0, "4"), (1, "3"), (2, "4")):
        sheet.locator("fieldset[data-weight]").nth(number).locator("label", has_text=re.compile(f"^{level}")).click()
    expect(sheet.locator("[data-total]")).to_contain_text("92,5")
    sheet.get_by_label("Komentar untuk peserta").fill("Angkanya jelas. Tambahkan siapa yang menghitung.")
    marker.press("Simpan dan kembali ke daftar")

    page = learner.go(TASK)
    page.get_by_role("link", name=re.compile("hasil|Percobaan|Kumpulan", re.IGNORECASE)).first.click()
    expect(page.locator("main")).to_contain_text("92,5")
    expect(page.locator("main")).to_contain_text("Tambahkan siapa yang menghitung.")

    learner.go(f"{COURSE}/kuis/evaluasi")
    learner.press(re.compile("^Mulai"))
    for _ in range(3):
        for group in page.locator("form[data-quiz] fieldset").all():
            group.locator("label", has=page.locator("input[type=radio]")).last.click()
        if page.locator("form[data-quiz] textarea").count():
            page.locator("form[data-quiz] textarea").fill("Sudah baik.")
        learner.press("Simpan dan lanjut")
    page.locator("button.utama").click()
    expect(page.locator("h1")).to_contain_text("Terima kasih")
