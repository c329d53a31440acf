"""The keyboard alone, from sign-in to a submitted quiz: every step reachable, every focus visible."""

import re
from fnmatch import fnmatch

import pytest
from playwright.sync_api import expect

from tests.e2e.visitor import DESKTOP, Visitor

pytestmark = pytest.mark.browser
MOST_TABS = 60
FOCUS = """() => {
  const node = document.activeElement;
  const box = node.getBoundingClientRect();
  const marked = (one) => { const look = getComputedStyle(one);
    return (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2) || look.boxShadow !== 'none'; };
  const row = node.closest('.pilih');
  const label = node.labels && node.labels.length ? node.labels[0].innerText : '';
  return {
    name: (node.getAttribute('aria-label') || label || node.innerText || '').trim(),
    visible: box.width > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    marked: marked(node) || Boolean(row && marked(row)),
    inMain: Boolean(node.closest('main')),
  };
}"""


class Keys:
    """Hands on the keyboard; the mouse is unplugged."""

    def __init__(self, visitor: Visitor):
        self.page = visitor.page

    def to(self, name: str) -> None:
        """Tab until the element of that name has the focus; each stop on the way must be visible."""
        passed = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            assert focus["visible"] and focus["marked"], (focus, self.page.url)
            if re.search(name, focus["name"]):
                return
            passed.append(focus["name"])
        raise AssertionError(f"{name} was not reached: {passed}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def enter(self, address: str) -> None:
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: fnmatch(url.split("#")[0], address))


def test_keyboard_alone_signs_in_and_submits_a_quiz(visit, agency):
    who = agency.newcomer()
    course = agency.sample.course_key
    visitor: Visitor = visit(**DESKTOP, is_mobile=False, has_touch=False, device_scale_factor=1)
    page = visitor.go("/masuk")
    keys = Keys(visitor)
    keys.to("^Langsung ke isi halaman$")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "isi"
    keys.to("NIP")
    page.keyboard.type(who.identifier)
    keys.to("Kata sandi")
    page.keyboard.type(who.password)
    keys.enter("**/")
    keys.to("^Lihat daftar pelatihan$")
    keys.enter("**/pelatihan")
    keys.to(f"^{agency.sample.outline.title}$")
    keys.enter(f"**/pelatihan/{course}")
    keys.to("^Ikuti pelatihan ini$")
    keys.enter("**pesan=ikut")
    keys.to("^Kuis Asas$")
    keys.enter("**/kuis/**")
    keys.to("^Mulai$")
    keys.enter("**/percobaan/**")
    token = visitor.token()

    first = page.locator("label.pilih").nth(1).inner_text().strip()
    keys.to(".")
    while "pilih" not in page.evaluate("(document.activeElement.parentElement || {}).className || ''"):
        keys.to(".")
    keys.press("Space", "ArrowDown")
    expect(page.locator("label.pilih:has(input:checked)")).to_have_text(first)
    keys.to("^Simpan dan lanjut$")
    keys.enter("**/soal/2")
    keys.to("^Kepastian hukum$")
    keys.press("Space")
    keys.to("^Simpan dan lanjut$")
    keys.enter("**/soal/3")
    keys.to("^Benar$")
    keys.press("Space")
    keys.to("^Simpan dan lanjut$")
    keys.enter("**/soal/4")
    keys.to("^Jawaban Anda$")
    page.keyboard.type("Dukcapil")
    keys.enter("**/periksa")
    assert all(agency.answers(who, f"/percobaan/{token}"))
    keys.to("^Kirim jawaban$")
    keys.enter("**/hasil")
    assert agency.tries(who, agency.sample, "asas/kuis") == 1


def test_menu_opens_and_signs_out_by_keyboard(visit, agency):
    visitor: Visitor = visit(**DESKTOP, is_mobile=False, has_touch=False, device_scale_factor=1)
    visitor.sign_in(agency.newcomer())
    keys = Keys(visitor)
    keys.to("^Menu akun")
    keys.press("Space")
    keys.to("^Keluar$")
    keys.enter("**/keluar")
    keys.to("^Keluar$")
    keys.enter("**/masuk**")
