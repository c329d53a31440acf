"""What a post asks for: on the home page as a reason, in the catalogue as a filter, and on a page of its own."""

import re

import pytest

from lms.recognition.actions import settle
from lms.store.engine import write_tx
from tests.factories.content import publish_sample
from tests.factories.people import PASSWORD
from tests.factories.progress import finish_sample

OTHERS = {
    "komunikasi-dasar": {"title": "Komunikasi Dasar", "competencies": ("M.03-2",), "minutes": 60, "jp": 1},
    "layanan-lanjut": {"title": "Layanan Lanjut", "competencies": ("M.05-3",), "minutes": 200, "jp": 4},
    "tanpa-kode": {"title": "Tanpa Kode", "competencies": (), "minutes": 10, "jp": 1, "tags": ("perhubungan",)},
}


@pytest.fixture
def learner(session, tmp_path, now, agency, browser):
    """An employee whose post asks for level 2; the sample course gave them public service at level 1."""
    own = publish_sample(session, tmp_path, now, competencies=("M.05-1",))
    for key, over in OTHERS.items():
        publish_sample(session, tmp_path, now, key=key, **over)
    with write_tx(session):
        agency["peserta"].position = "Analis Layanan Ahli Pertama"
        enrolment_id = finish_sample(session, agency["peserta"], own, now)
        settle(session, enrolment_id=enrolment_id, now=now)
    browser.sign_in("peserta", PASSWORD)
    return browser


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_home_suggests_with_the_gap_and_the_jp_as_reasons(learner):
    learner.get("/")
    cards = re.findall(r'<h3><a href="/pelatihan/([^"]+)">[^<]*</a></h3>\s*<p class="redup">([^<]*)</p>', learner.page)
    assert [card for card in cards if card[0] in OTHERS] == [
        ("komunikasi-dasar", "Jabatan Anda memerlukan Komunikasi level 2, dan belum ada pelatihan yang tercatat. Menutup 1 dari 18 JP yang masih kurang."),
        ("layanan-lanjut", "Karena kesenjangan Pelayanan publik: level 1 → 2. Menutup 4 dari 18 JP yang masih kurang."),
        ("tanpa-kode", "Dekat dengan tugas Anda: perhubungan. Menutup 1 dari 18 JP yang masih kurang."),
    ]  # fmt: skip


def test_page_of_competencies_shows_need_record_and_where_to_learn(learner, session, agency):
    learner.get("/")
    learner.get("/kompetensi")
    text = text_of(learner.page)
    assert "Analis Layanan Ahli Pertama." in text
    assert "Komunikasi Diperlukan level 2, belum ada pelatihan yang tercatat. Kesenjangan Komunikasi Dasar level 2 · 1 JP" in text
    assert "Pelayanan publik Diperlukan level 2, tercatat level 1. Kesenjangan Layanan Lanjut level 3 · 4 JP" in text
    assert text.count("Belum ada pelatihan untuk kompetensi ini.") == 7
    with write_tx(session):
        agency["peserta"].position = "Pengelola Layanan"
    learner.get("/kompetensi")
    text = text_of(learner.page)
    assert text.index("Perekat bangsa") < text.index("Pelayanan publik Diperlukan level 1, tercatat level 1. Terpenuhi")


def test_catalogue_is_filtered_by_competency_and_a_course_names_its_own(learner):
    learner.get("/pelatihan?kompetensi=M.03")
    assert re.findall(r'<h3><a href="/pelatihan/([^"]+)">', learner.page) == ["komunikasi-dasar"]
    learner.get("/pelatihan?kompetensi=M.99")
    assert "Tidak ada pelatihan yang cocok" in learner.page
    learner.get("/pelatihan/layanan-lanjut")
    assert "Kompetensi Pelayanan publik · level 3" in text_of(learner.page)
