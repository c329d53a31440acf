"""An author sets up the second factor on a phone, signs out, and comes in again with a code and with a recovery code."""

import re
import time
from datetime import UTC, datetime

import pyotp
import pytest

from lms.people.types import Role
from tests.e2e.looks import look_closely
from tests.e2e.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser


def _look(visitor: Visitor, name: str) -> None:
    assert look_closely(visitor.page, name) == []
    visitor.page.set_viewport_size(PHONE["viewport"])


def _app(visitor: Visitor) -> pyotp.TOTP:
    """The key in groups of four, typed into an app."""
    shown = visitor.page.locator("dl.salin div", has_text="Kunci").locator("dd").inner_text()
    return pyotp.TOTP("".join(re.findall(r"\b[A-Z2-7]{4}\b", shown)))


def _fresh_code(app: pyotp.TOTP, used: str) -> str:
    """The next code that was not used: a person waits for it too."""
    while app.now() == used:
        time.sleep(0.5)
    return app.now()


def _give_password(visitor: Visitor, who) -> None:
    visitor.page.get_by_label("NIP").fill(who.identifier)
    visitor.page.get_by_label("Kata sandi").fill(who.password)
    visitor.press("Masuk")


def test_author_sets_it_up_and_signs_in_with_codes(visit, agency):
    author = agency.newcomer("Yuliana Sampe", roles=(Role.AUTHOR,))
    visitor: Visitor = visit()
    visitor.go("/masuk?lanjut=/studio")
    _give_password(visitor, author)
    assert visitor.path == "/akun/dua-langkah"
    assert "memerlukan verifikasi dua langkah" in visitor.page.content()
    _look(visitor, "dua-langkah-diminta")
    visitor.press("Pasang sekarang")
    visitor.page.get_by_text("Tidak bisa memindai? Ketik kuncinya").click()
    _look(visitor, "dua-langkah-pasang")
    app = _app(visitor)
    visitor.statuses.add(401)
    visitor.page.get_by_label("Kode yang tampil di aplikasi").fill("000000")
    visitor.press("Aktifkan")
    _look(visitor, "dua-langkah-kode-salah")
    used = app.at(datetime.now(UTC))
    visitor.page.get_by_label("Kode yang tampil di aplikasi").fill(used)
    visitor.press("Aktifkan")
    codes = visitor.page.locator("ol code").all_inner_texts()
    assert len(codes) == 10
    _look(visitor, "dua-langkah-kode-pemulihan")
    visitor.press("Sudah saya simpan", role="link")
    assert visitor.path == "/studio"

    for number in range(2):
        visitor.go("/keluar")
        visitor.press("Keluar", role="button")
        visitor.page.wait_for_url("**/masuk**")
        visitor.go("/masuk?lanjut=/studio")
        _give_password(visitor, author)
        assert visitor.path == "/masuk/kode"
        visitor.go("/studio")  # half signed in: back to where the code is asked
        assert visitor.path == "/masuk/kode"
        if number == 0:
            _look(visitor, "masuk-kode")
        visitor.page.get_by_label("Kode", exact=True).fill(_fresh_code(app, used) if number == 0 else codes[0])
        visitor.press("Masuk")
        assert visitor.path == "/studio"
    visitor.go("/akun/keamanan")
    assert "tersisa 9 dari 10" in visitor.page.content()
    _look(visitor, "keamanan-akun")
    visitor.go("/akun/dua-langkah")
    _look(visitor, "dua-langkah-aktif")
    visitor.go("/akun/perangkat")
    _look(visitor, "perangkat-dengan-kode")


def test_whoever_gave_the_wrong_name_can_turn_back_from_the_code(visit, agency):
    learner = agency.newcomer("Rante Allo")
    visitor: Visitor = visit()
    visitor.sign_in(learner)
    visitor.go("/akun/dua-langkah")
    visitor.press("Pasang sekarang")
    visitor.page.get_by_text("Tidak bisa memindai? Ketik kuncinya").click()
    app = _app(visitor)
    visitor.page.get_by_label("Kode yang tampil di aplikasi").fill(app.now())
    visitor.press("Aktifkan")
    other: Visitor = visit()
    other.sign_in(learner)
    assert other.path == "/masuk/kode"
    other.press("Batal, masuk dengan akun lain")
    assert other.path == "/masuk"
    other.go("/pelatihan")
    assert other.path == "/masuk"
