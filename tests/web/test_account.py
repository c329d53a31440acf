"""Signing in and out, activation, devices and passwords as pages."""

import re
from datetime import timedelta

import pytest

from lms.people import actions
from lms.people.types import CodePurpose
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, make_person

NEW = "sampan jagung teluk merdu"


def test_unknown_wrong_and_disabled_look_the_same(browser, agency, session, now):
    with write_tx(session):
        actions.disable_account(session, person_id=agency["rekan"].id, now=now)
    pages = []
    for identifier, password in (("tidak-dikenal", PASSWORD), ("peserta", "salah sekali ini"), ("rekan", PASSWORD)):
        page = browser.post("/masuk", {"identifier": identifier, "password": password}, status=401, form_at="/masuk").text
        pages.append(re.sub(r'value="[^"]*"', "", page))
    assert pages[0] == pages[1] == pages[2]
    assert "tidak cocok" in pages[0]


def test_what_was_typed_is_kept_but_never_the_password(browser, agency):
    page = browser.post("/masuk", {"identifier": "peserta", "password": "rahasia yang salah"}, status=401, form_at="/masuk").text
    assert 'value="peserta"' in page and "rahasia yang salah" not in page


def test_flood_from_one_address_is_slowed_with_a_sentence(browser, agency):
    browser.get("/masuk")
    answers = [
        browser.client.post("/masuk", data={"csrf_token": browser.token(), "identifier": f"x{number}", "password": "y"})
        for number in range(101)
    ]
    assert (answers[-1].status_code, "Retry-After" in answers[-1].headers) == (429, True)
    assert "Terlalu banyak percobaan" in answers[-1].text


def test_activation_sets_a_password_and_the_code_works_once(browser, session, agency, now):
    with write_tx(session):
        person = make_person(session, identifier="baru", name="Pegawai Baru")
        code = actions.issue_code(session, person_id=person.id, purpose=CodePurpose.ACTIVATION, now=now)
    weak = browser.post("/aktivasi", {"identifier": "baru", "code": code, "password": "pendek"}, status=400, form_at="/aktivasi")
    assert "minimal 12 karakter" in weak.text and code in weak.text
    browser.follow(browser.post("/aktivasi", {"identifier": "baru", "code": code.lower(), "password": NEW}, form_at="/aktivasi"))
    assert "Akun sudah aktif" in browser.page
    assert browser.post("/masuk", {"identifier": "baru", "password": NEW}, form_at="/masuk").headers["Location"] == "/"
    again = browser.post("/aktivasi", {"identifier": "baru", "code": code, "password": NEW}, status=400, form_at="/aktivasi")
    assert "kode sudah dipakai" in again.text


def test_old_cookie_is_worth_nothing_after_signing_out(signed_in):
    cookie = signed_in.client.get_cookie("lms").value
    signed_in.get("/keluar")
    response = signed_in.post("/keluar")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    signed_in.client.set_cookie("lms", cookie)
    signed_in.get("/", status=303)


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "a.1.c", "..", "a." + "9" * 40 + ".c", "ä.1.c"])
def test_forged_cookie_is_nobody(browser, agency, cookie):
    browser.client.set_cookie("lms", cookie)
    assert browser.get("/", status=303).headers["Location"].startswith("/masuk")


def test_devices_are_listed_and_ended(new_browser, agency):
    phone, office = new_browser(), new_browser()
    for browser in (phone, office):
        browser.sign_in("peserta", PASSWORD)
    phone.get("/akun/perangkat")
    other = re.search(r'action="(/akun/perangkat/\d+/keluarkan)"', phone.page)[1]
    phone.follow(phone.post(other))
    assert "sudah dikeluarkan" in phone.page
    office.get("/", status=303)
    office.sign_in("peserta", PASSWORD)
    phone.get("/akun/perangkat")
    phone.post("/akun/perangkat/keluarkan-lainnya")
    office.get("/", status=303)
    phone.get("/")


def test_device_of_somebody_else_is_a_missing_one(new_browser, agency):
    mine, theirs = new_browser(), new_browser()
    mine.sign_in("peserta", PASSWORD)
    theirs.sign_in("rekan", PASSWORD)
    theirs.get("/akun/perangkat")
    mine.get("/keluar")
    statuses = [
        mine.client.post(f"/akun/perangkat/{number}/keluarkan", data={"csrf_token": mine.token()}).status_code
        for number in (2, 3, 99)
    ]
    assert statuses == [404, 404, 404]
    theirs.get("/")


def test_changing_the_password_signs_out_everywhere_else(new_browser, agency):
    here, there = new_browser(), new_browser()
    for browser in (here, there):
        browser.sign_in("peserta", PASSWORD)
    wrong = here.post("/akun/kata-sandi", {"old": "bukan ini tentu", "new": NEW}, status=401, form_at="/akun/kata-sandi")
    assert "tidak cocok" in wrong.text
    weak = here.post("/akun/kata-sandi", {"old": PASSWORD, "new": "123456789012"}, status=400, form_at="/akun/kata-sandi")
    assert "mudah ditebak" in weak.text
    here.follow(here.post("/akun/kata-sandi", {"old": PASSWORD, "new": NEW}, form_at="/akun/kata-sandi"))
    there.get("/", status=303)
    assert here.post("/keluar", form_at="/keluar").status_code == 303
    assert here.post("/masuk", {"identifier": "peserta", "password": NEW}, form_at="/masuk").headers["Location"] == "/"


def test_staff_pages_ask_the_password_again_after_twelve_hours(browser, agency, frozen):
    browser.sign_in("kepala", PASSWORD)
    browser.get("/tim")
    frozen(timedelta(hours=12, minutes=1))
    assert browser.get("/tim", status=303).headers["Location"] == "/akun/konfirmasi?lanjut=/tim"
    browser.get("/")
    wrong = browser.post(
        "/akun/konfirmasi", {"password": "bukan ini tentu", "next": "/tim"}, status=401, form_at="/akun/konfirmasi?lanjut=/tim"
    )
    assert "tidak cocok" in wrong.text
    browser.follow(browser.post("/akun/konfirmasi", {"password": PASSWORD, "next": "/tim"}))


def test_shared_computer_is_forgotten_after_half_an_hour(browser, agency, frozen):
    browser.sign_in("peserta", PASSWORD, shared=True)
    frozen(timedelta(minutes=25))
    browser.get("/")
    frozen(timedelta(minutes=25))
    browser.get("/")
    frozen(timedelta(minutes=31))
    browser.get("/", status=303)


def test_own_phone_stays_signed_in_for_thirty_days(browser, agency, frozen):
    browser.sign_in("peserta", PASSWORD)
    frozen(timedelta(days=29))
    browser.get("/")
    frozen(timedelta(days=2))
    browser.get("/", status=303)
