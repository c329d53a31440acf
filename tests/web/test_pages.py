"""Staff pages, changes between editions, and the pages nobody wants to see."""

import re

import pytest
from werkzeug.exceptions import InternalServerError, RequestEntityTooLarge

from lms.errors import Busy, TooManyTries
from lms.web import errors
from tests.factories.content import add_lesson, publish_course, sample_course
from tests.factories.people import PASSWORD

COURSE = "/pelatihan/pelayanan-publik-dasar"


def test_author_sees_what_is_published(browser, agency):
    browser.sign_in("penulis", PASSWORD)
    browser.get("/studio")
    assert "Pelayanan Publik Dasar" in browser.page and "edisi 1.1" in browser.page


def test_administrator_sees_the_agency_and_the_doors(browser, agency):
    browser.sign_in("pengelola", PASSWORD)
    browser.get("/admin")
    assert re.findall(r'<h2 class="sedang"><a href="([^"]+)">', browser.page) == ["/admin/orang", "/admin/unit", "/operator"]


def test_new_edition_is_offered_with_what_it_means_and_taken_by_one_tap(signed_in, session, tmp_path, now):
    publish_course(session, tmp_path, now, add_lesson(sample_course(), "standar/tambahan"))
    signed_in.get(COURSE)
    assert "Edisi 2 sudah terbit" in signed_in.page
    signed_in.get(f"{COURSE}/perubahan")
    assert "Materi Tambahan" in signed_in.page
    signed_in.follow(signed_in.post(f"{COURSE}/perubahan", {"number": "2"}))
    assert "Anda pindah ke edisi baru" in signed_in.page and "Materi Tambahan" in signed_in.page


def test_correction_reaches_the_learner_without_being_asked(signed_in, session, tmp_path, now):
    publish_course(session, tmp_path, now, sample_course(title="Pelayanan Publik Dasar (diperbaiki)"))
    signed_in.get(COURSE)
    assert "Pelayanan Publik Dasar (diperbaiki)" in signed_in.page and "sudah terbit" not in signed_in.page


def test_search_finds_lessons_and_survives_anything(signed_in):
    signed_in.get("/cari?q=asas")
    assert f'href="{COURSE}/asas/' in signed_in.page
    signed_in.get("/cari?q=%22AND*(%00".replace("%00", ""))
    signed_in.get("/cari?q=tidakadasatupun")
    assert "Tidak ada yang cocok" in signed_in.page


def test_catalogue_filters_by_topic_and_length(signed_in):
    signed_in.get("/pelatihan?q=asas&lama=3")
    assert "1 pelatihan" in signed_in.page
    signed_in.get("/pelatihan?q=tidakada")
    assert "Tidak ada pelatihan yang cocok" in signed_in.page


def test_wrong_certificate_codes_are_slowed(browser, agency):
    answers = [browser.client.get(f"/verifikasi/AAAA-AAAA-AAAA-{number:04d}").status_code for number in range(22)]
    assert (answers[0], answers[-1]) == (404, 429)
    assert "kode yang salah" in browser.client.get("/verifikasi/AAAA-AAAA-AAAA-9999").text


def test_verification_form_leads_to_the_address_of_the_code(browser, agency):
    browser.get("/verifikasi")
    assert browser.get("/verifikasi?code=K7F3-Q2MX", status=303).headers["Location"] == "/verifikasi/K7F3-Q2MX"


@pytest.mark.parametrize(
    ("problem", "status", "words"),
    [
        (Busy("Server sedang sibuk menyimpan."), 503, "Server sedang sibuk menyimpan."),
        (TooManyTries("Terlalu sering.", 120), 429, "Terlalu sering."),
        (RequestEntityTooLarge(), 413, "melebihi 1 MB"),
        (InternalServerError(), 500, "Ini bukan kesalahan Anda"),
    ],
    ids=["busy", "slowed", "large", "broken"],
)
def test_failure_is_a_kind_page(app, browser, agency, monkeypatch, problem, status, words):
    def fail():
        raise problem

    app.view_functions["public.system.healthz"] = fail
    response = browser.client.get("/healthz")
    assert (response.status_code, words in response.text) == (status, True)


def test_unexpected_failure_names_a_reference_and_no_detail(app, browser, agency):
    def fail():
        raise RuntimeError("rahasia dalam galat")

    app.view_functions["public.system.healthz"] = fail
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = browser.client.get("/healthz")
    assert response.status_code == 500
    assert re.search(r"kode [0-9a-f]{8}", response.text) and "rahasia" not in response.text
    assert {400, 403, 404, 409, 413, 429, 500, 503} <= errors.PAGES


def test_body_above_the_limit_is_refused(signed_in):
    signed_in.get(f"{COURSE}/asas/mengapa")
    response = signed_in.client.post(f"{COURSE}/asas/mengapa", data={"csrf_token": signed_in.token(), "t": "x" * 1_100_000})
    assert response.status_code == 413


def test_a_body_as_large_as_a_course_is_taken_from_authors_only(browser, agency):
    browser.sign_in("peserta", PASSWORD)
    assert browser.client.post("/studio/unggah", data={"title": "x" * 1_100_000}).status_code == 413
