"""The second factor as pages: half signed in opens nothing, staff are led to it, sessions change their token at each step."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from lms.people import sign_in as people_sign_in
from lms.people import throttle
from lms.people.models import SessionRow
from lms.people.rules import Failures
from lms.people.settings import save_settings
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from lms.web import agency as settings_kept
from lms.web import clock
from tests.factories.people import PASSWORD


def token(browser):
    return browser.client.get_cookie("lms").value.split(".")[0]


def at_the_app(page):
    """The key as the page spells it out, typed into an app."""
    return pyotp.TOTP(re.search(r"<dt>Kunci</dt><dd>([A-Z2-7 ]+)</dd>", page)[1].replace(" ", ""))


def set_up(browser, target=""):
    """Switch it on from the pages; returns the app and the recovery codes."""
    browser.follow(browser.post("/akun/dua-langkah", {"next": target}, form_at="/akun/dua-langkah"))
    app = at_the_app(browser.page)
    page = browser.post("/akun/dua-langkah/pasang", {"code": app.at(clock.now()), "next": target}, status=200).text
    return app, re.findall(r"<code>([0-9A-Z-]{14})</code>", page)


def test_setting_up_signing_out_and_in_again_with_codes(new_browser, agency, frozen):
    browser = new_browser()
    browser.sign_in("penulis", PASSWORD)
    before = token(browser)
    app, codes = set_up(browser, "/studio")
    assert (len(codes), token(browser) != before) == (10, True)
    assert 'href="/studio">Sudah saya simpan' in browser.page
    browser.post("/keluar", form_at="/keluar")
    frozen(timedelta(minutes=1))
    assert browser.sign_in("penulis", PASSWORD).headers["Location"] == "/masuk/kode"
    half = token(browser)
    assert browser.get("/masuk?lanjut=/studio", status=303).headers["Location"] == "/masuk/kode?lanjut=/studio"
    browser.get("/masuk/kode?lanjut=/studio")
    wrong = browser.post("/masuk/kode", {"code": "000000", "next": "/studio"}, status=401)
    assert "Kode tidak cocok" in wrong.text
    right = browser.post("/masuk/kode", {"code": app.at(clock.now()), "next": "/studio"})
    assert (right.headers["Location"], token(browser) != half) == ("/studio", True)
    browser.get("/studio")
    thief = new_browser()
    for old in (before, half):
        thief.client.set_cookie("lms", browser.client.get_cookie("lms").value.replace(token(browser), old))
        thief.get("/", status=303)
    assert browser.get("/masuk/kode", status=303).headers["Location"] == "/"
    browser.post("/keluar", form_at="/keluar")
    browser.sign_in("penulis", PASSWORD)
    browser.follow(browser.post("/masuk/kode", {"code": codes[0]}, form_at="/masuk/kode"))
    browser.get("/akun/keamanan")
    assert "tersisa 9 dari 10" in browser.page


def test_half_signed_in_may_only_give_the_code_or_sign_out(browser, agency, session, frozen):
    browser.sign_in("peserta", PASSWORD, shared=True)
    set_up(browser)
    browser.post("/keluar", form_at="/keluar")
    browser.sign_in("peserta", PASSWORD, shared=True)
    frozen(timedelta(minutes=1))
    for path in (
        "/",
        "/pelatihan",
        "/akun/keamanan",
        "/akun/dua-langkah",
        "/akun/kata-sandi",
        "/akun/perangkat",
        "/akun/konfirmasi",
    ):
        assert browser.get(path, status=303).headers["Location"].startswith("/masuk?lanjut="), path
    browser.get("/masuk/kode")
    for path in ("/akun/dua-langkah/matikan", "/akun/dua-langkah/kode-pemulihan", "/akun/kata-sandi"):
        browser.post(path, {"password": PASSWORD, "old": PASSWORD})
    assert browser.client.get_cookie("formulir") is None
    browser.post("/keluar", form_at="/keluar")
    assert browser.get("/masuk/kode", status=303).headers["Location"] == "/masuk"
    session.rollback()
    open_ones = session.scalars(select(SessionRow.id).where(SessionRow.ended_at.is_(None))).all()
    assert open_ones == []


def test_a_learners_own_phone_is_spared_the_code_for_thirty_days(new_browser, agency, frozen):
    phone = new_browser()
    phone.sign_in("peserta", PASSWORD)
    app, _ = set_up(phone)
    phone.post("/keluar", form_at="/keluar")
    frozen(timedelta(days=2))
    assert phone.sign_in("peserta", PASSWORD).headers["Location"] == "/"
    other = new_browser()
    assert other.sign_in("peserta", PASSWORD).headers["Location"] == "/masuk/kode"
    stolen = phone.client.get_cookie("dua-langkah").value
    other.client.set_cookie("dua-langkah", re.sub(r"^\d+", "1", stolen) + "0")
    other.post("/keluar", form_at="/masuk/kode")
    assert other.sign_in("peserta", PASSWORD).headers["Location"] == "/masuk/kode"
    frozen(timedelta(days=28, minutes=1))
    assert phone.get("/", status=303).headers["Location"].startswith("/masuk")
    phone.get("/masuk", status=303)
    phone.post("/masuk/kode", {"code": app.at(clock.now())}, form_at="/masuk/kode")
    phone.get("/")


@pytest.mark.parametrize("who", ["kepala", "penulis", "pengelola"])
def test_staff_are_led_to_it_with_the_date_and_shut_out_after_a_week(browser, agency, frozen, who):
    door = {"kepala": "/tim", "penulis": "/studio", "pengelola": "/admin"}[who]
    browser.get(f"/masuk?lanjut={door}")
    led = browser.post("/masuk", {"identifier": who, "password": PASSWORD, "next": door})
    assert led.headers["Location"] == f"/akun/dua-langkah?lanjut={door}"
    browser.follow(led)
    assert "Mulai 12 Maret 2026" in browser.page and f'href="{door}">Nanti saja' in browser.page
    browser.get(door)
    frozen(timedelta(days=7))
    browser.sign_in(who, PASSWORD) if browser.client.get("/").status_code == 303 else None
    if browser.client.get(door).headers.get("Location", "").startswith("/akun/konfirmasi"):
        browser.post("/akun/konfirmasi", {"password": PASSWORD}, form_at="/akun/konfirmasi")
    assert browser.get(door, status=303).headers["Location"] == f"/akun/dua-langkah?lanjut={door}"
    browser.get(f"/akun/dua-langkah?lanjut={door}")
    assert "baru terbuka setelah ini dipasang" in browser.page and "Nanti saja" not in browser.page
    browser.get("/")
    set_up(browser, door)
    browser.get(door)


def test_learners_are_not_led_and_an_agency_may_only_offer_it(browser, agency, session, frozen):
    assert browser.sign_in("peserta", PASSWORD).headers["Location"] == "/"
    browser.post("/keluar", form_at="/keluar")
    with write_tx(session):
        save_settings(session, second_factor="offered")
    settings_kept._kept.until = 0.0
    assert browser.sign_in("kepala", PASSWORD).headers["Location"] == "/"
    frozen(timedelta(days=8))
    browser.post("/akun/konfirmasi", {"password": PASSWORD}, form_at="/akun/konfirmasi")
    browser.get("/tim")


def test_a_demo_asks_nobody_for_a_code(app, browser, agency, frozen):
    browser.sign_in("pengelola", PASSWORD)
    set_up(browser)
    browser.post("/keluar", form_at="/keluar")
    object.__setattr__(app.config["PELITA"], "is_demo", True)
    (app.config["PELITA"].data_dir / "demo.json").write_text('{"accounts": []}')
    assert browser.sign_in("pengelola", PASSWORD).headers["Location"] == "/"
    browser.get("/admin")
    browser.get("/akun/dua-langkah")
    assert "kodenya tidak pernah ditanyakan" in browser.page


def test_the_key_is_shown_only_to_a_fresh_password_and_before_confirming(browser, agency, frozen):
    browser.sign_in("peserta", PASSWORD)
    frozen(timedelta(minutes=11))
    asked = browser.post("/akun/dua-langkah", form_at="/akun/dua-langkah").headers["Location"]
    assert asked == "/akun/konfirmasi?lanjut=/akun/dua-langkah"
    browser.post("/akun/konfirmasi", {"password": PASSWORD, "next": "/akun/dua-langkah"}, form_at=asked)
    assert browser.get("/akun/dua-langkah/pasang", status=303).headers["Location"] == "/akun/dua-langkah"
    browser.follow(browser.post("/akun/dua-langkah", form_at="/akun/dua-langkah"))
    app = at_the_app(browser.page)
    assert 'src="data:image/svg+xml' in browser.page
    frozen(timedelta(minutes=11))
    assert browser.get("/akun/dua-langkah/pasang", status=303).headers["Location"].startswith("/akun/konfirmasi")
    browser.post("/akun/konfirmasi", {"password": PASSWORD, "next": "/akun/dua-langkah/pasang"}, form_at="/akun/konfirmasi")
    browser.get("/akun/dua-langkah/pasang")
    wrong = browser.post("/akun/dua-langkah/pasang", {"code": "000000"}, status=401).text
    assert at_the_app(wrong).secret == app.secret
    browser.post("/akun/dua-langkah/pasang", {"code": app.at(clock.now())}, status=200)
    assert browser.get("/akun/dua-langkah/pasang", status=303).headers["Location"] == "/akun/dua-langkah"
    browser.post("/akun/dua-langkah", status=409, form_at="/akun/dua-langkah")


def test_recovery_codes_are_made_anew(browser, agency):
    browser.sign_in("peserta", PASSWORD)
    _, codes = set_up(browser)
    page = browser.post("/akun/dua-langkah/kode-pemulihan", status=200, form_at="/akun/dua-langkah").text
    new = re.findall(r"<code>([0-9A-Z-]{14})</code>", page)
    assert (len(new), set(new) & set(codes)) == (10, set())


def test_switching_off_needs_password_and_code(browser, agency, frozen, session):
    browser.sign_in("peserta", PASSWORD)
    app, _ = set_up(browser)
    frozen(timedelta(minutes=1))
    code = app.at(clock.now())
    for sent in ({"password": "bukan ini tentu", "code": code}, {"password": PASSWORD, "code": "000000"}):
        browser.post("/akun/dua-langkah/matikan", sent, status=401, form_at="/akun/dua-langkah")
        assert "Pasang sekarang" not in browser.page
    before = token(browser)
    browser.follow(browser.post("/akun/dua-langkah/matikan", {"password": PASSWORD, "code": code}))
    assert "kini hanya dijaga kata sandi" in browser.page and token(browser) != before
    browser.post("/keluar", form_at="/keluar")
    assert browser.sign_in("peserta", PASSWORD).headers["Location"] == "/"
    session.rollback()
    kinds = session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("account.second_factor%")).order_by(AuditEntry.id)
    )
    assert kinds.all() == ["account.second_factor_on", "account.second_factor_failed", "account.second_factor_off"]


def test_an_administrator_takes_it_away_for_a_lost_phone(new_browser, agency, frozen):
    phone, office = new_browser(), new_browser()
    phone.sign_in("peserta", PASSWORD)
    set_up(phone)
    office.sign_in("pengelola", PASSWORD)
    path = f"/admin/pegawai/{agency['peserta'].id}/dua-langkah"
    frozen(timedelta(minutes=11))
    assert (
        office.post(path, form_at="/admin/orang").headers["Location"]
        == f"/akun/konfirmasi?lanjut=/admin/orang/{agency['peserta'].id}"
    )
    office.post("/akun/konfirmasi", {"password": PASSWORD, "next": "/admin"}, form_at="/akun/konfirmasi")
    office.follow(office.post(path, form_at="/admin/orang"))
    assert "dilepas dan semua perangkatnya dikeluarkan" in office.page
    phone.get("/", status=303)
    assert phone.sign_in("peserta", PASSWORD).headers["Location"] == "/"
    office.post(path, status=409, form_at="/admin/orang")
    office.post(f"/admin/pegawai/{agency['pengelola'].id}/dua-langkah", status=409, form_at="/admin/orang")
    office.post("/admin/pegawai/9999/dua-langkah", status=404, form_at="/admin/orang")


def test_guesses_at_the_code_are_slowed_down_and_a_flood_refused(browser, agency, frozen):
    browser.sign_in("peserta", PASSWORD, shared=True)
    app, _ = set_up(browser)
    browser.post("/keluar", form_at="/keluar")
    frozen(timedelta(minutes=5))
    browser.sign_in("peserta", PASSWORD, shared=True)
    browser.get("/masuk/kode")
    for _ in range(10):
        browser.post("/masuk/kode", {"code": "000000"}, status=401)
    browser.post("/masuk/kode", {"code": app.at(clock.now())}, status=401)
    for _ in range(89):
        browser.post("/masuk/kode", {"code": "000000"}, status=401)
    flood = browser.post("/masuk/kode", {"code": "000000"}, status=429)
    assert int(flood.headers["Retry-After"]) > 0


def test_devices_and_the_door_tell_where_it_stands(new_browser, agency, frozen):
    phone, other = new_browser(), new_browser()
    other.sign_in("peserta", PASSWORD)
    frozen(timedelta(hours=1))
    phone.sign_in("peserta", PASSWORD)
    phone.get("/akun/keamanan")
    assert "Masuk terakhir sebelum ini: 5 Maret 2026 pukul 14.30 WITA" in phone.page
    assert "di 2 perangkat" in phone.page and "Belum dipasang" in phone.page
    set_up(phone)
    phone.get("/akun/perangkat")
    assert phone.page.count("Kode diberikan 5 Maret 2026 pukul 15.30 WITA") == 1
    assert phone.page.count("Belum memberi kode") == 1
    phone.get("/akun/keamanan")
    assert "Sejak 5 Maret 2026 kata sandi saja tidak cukup" in phone.page


def test_giving_the_password_again_keeps_the_code_given_and_the_newest_cookie(browser, agency, frozen):
    browser.sign_in("kepala", PASSWORD)
    set_up(browser, "/tim")
    browser.get("/akun/konfirmasi?lanjut=/tim")
    frozen(timedelta(hours=13))
    browser.post("/akun/konfirmasi", {"password": PASSWORD, "next": "/tim"})
    browser.get("/tim")


def test_one_statement_still_tells_who_is_asking(browser, agency, statements):
    browser.sign_in("peserta", PASSWORD)
    set_up(browser)
    browser.get("/akun/kata-sandi")
    assert [sql for sql in statements.selects if "FROM session" in sql] == statements.selects[:1]


def test_confirming_a_password_cannot_race_past_the_limit(browser, agency, session, monkeypatch):
    """The first phase saw the right password; by the time it is recorded the account is slowed down."""
    browser.sign_in("peserta", PASSWORD)
    browser.get("/akun/kata-sandi")
    real = people_sign_in.sign_in_check

    def slowed_down_meanwhile(*arguments, **named):
        check = real(*arguments, **named)
        with write_tx(session):
            throttle.locked_run(session, check.account_key, clock.now())
            throttle.keep(session, check.account_key, Failures(10, clock.now(), clock.now() + timedelta(minutes=15)))
        return check

    monkeypatch.setattr(people_sign_in, "sign_in_check", slowed_down_meanwhile)
    browser.post("/akun/kata-sandi", {"old": PASSWORD, "new": "sampan jagung teluk merdu"}, status=401)
