"""The story of a learner in a real browser at phone size, with JavaScript on a shipped course, without it on the sample."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from lms.content.types import DoneWhen, Item, ItemKind
from tests.e2e.agency import SHIPPED, Agency, Someone
from tests.e2e.visitor import Visitor
from tests.factories.answers import inline_form
from tests.factories.content import COURSE_KEY

pytestmark = pytest.mark.browser


def read_lesson(visitor: Visitor, agency: Agency, who: Someone, course_key: str, item: Item) -> None:
    """Answer rightly the checks that the lesson in view asks for, one at least where it has any, and mark it done."""
    sections = visitor.page.locator("section[id^=periksa-]")
    ids = [each.get_attribute("id") for each in sections.all()]
    if item.done_when is DoneWhen.MARKED:
        ids = ids[:1]
    edition = agency.published(course_key).edition_id
    for section in ids:
        with agency.session() as session:
            fields = inline_form(session, who.person_id, edition, section.removeprefix("periksa-"))
        visitor.fill(fields, within=f"#{section}")
        with visitor.page.expect_navigation(wait_until="load"):
            visitor.page.locator(f"#{section} button.kedua").click()
        assert "✓ Benar" in visitor.page.locator(f"#{section}").inner_text()
    visitor.press("Tandai selesai")


def take_quiz(visitor: Visitor, agency: Agency, who: Someone, right: bool = True) -> Page:
    """From the start page of a quiz to its result, question by question."""
    visitor.press(re.compile("^(Mulai|Coba lagi)"))
    token = visitor.token()
    for position, fields in agency.forms(who, token, right):
        visitor.page.get_by_role("heading", name=f"Soal {position} dari").wait_for()
        visitor.fill(fields)
        visitor.press("Simpan dan lanjut")
    assert visitor.path.endswith("/periksa")
    visitor.press("Kirim jawaban")
    return visitor.page


def walk_course(visitor: Visitor, agency: Agency, who: Someone, course_key: str) -> None:
    """Everything the course asks for, in its order; the first quiz is failed once."""
    has_failed = False
    for item in agency.published(course_key).outline.items:
        if item.kind is ItemKind.LESSON:
            visitor.go(f"/pelatihan/{course_key}/{item.key}")
            read_lesson(visitor, agency, who, course_key, item)
        elif item.kind in (ItemKind.PRETEST, ItemKind.QUIZ, ItemKind.POSTTEST):
            address = f"/pelatihan/{course_key}/kuis/{item.key}"
            visitor.go(address)
            if item.kind is ItemKind.QUIZ and not has_failed:
                page = take_quiz(visitor, agency, who, right=False)
                assert "Lulus" not in page.locator("h1").inner_text()
                has_failed = True
                visitor.go(address)
            page = take_quiz(visitor, agency, who)
            assert item.kind is ItemKind.PRETEST or "Lulus dengan nilai 100" in page.locator("h1").inner_text()


def check_certificate(visitor: Visitor, visit, who: Someone, course_key: str) -> None:
    """The completion page, the PDF, and the address of the QR code in a browser that never signed in."""
    page = visitor.go(f"/pelatihan/{course_key}/sertifikat")
    code = page.locator(".bukti code").inner_text()
    link = page.get_by_role("link", name="Unduh sertifikat (PDF)").get_attribute("href")
    pdf = visitor.context.request.get(link)
    assert pdf.headers["content-type"] == "application/pdf" and pdf.body().startswith(b"%PDF")
    visitor.go(f"/pelatihan/{course_key}/sertifikat/cetak")
    assert code in visitor.page.content()
    stranger = visit()
    stranger.go(f"/verifikasi/{code}")
    shown = stranger.page.locator("main").inner_text()
    assert "asli dan berlaku" in shown and who.name in shown
    assert who.identifier not in stranger.page.content()


@pytest.mark.parametrize(("course_key", "script"), [(SHIPPED[0], True), (COURSE_KEY, False)], ids=["script", "no-script"])
def test_a_learner_goes_from_sign_in_to_a_verified_certificate(visit, agency, course_key, script):
    who = agency.newcomer("Andi Rahmawati")
    visitor: Visitor = visit(java_script_enabled=script)
    if not script:  # the weakest line: no pictures either
        visitor.context.route("**/media/**", lambda route: route.abort())
        visitor.may_lose_line = True
    visitor.sign_in(who)
    assert "0 dari 20" in visitor.page.locator(".malam").inner_text()
    visitor.press("Lihat daftar pelatihan", role="link")
    title = agency.published(course_key).outline.title
    visitor.press(title, role="link")
    visitor.press("Ikuti pelatihan ini")
    assert "sudah ikut" in visitor.page.locator("main").inner_text()

    walk_course(visitor, agency, who, course_key)

    assert visitor.page.get_by_role("link", name="Lihat sertifikat").count() == 1
    check_certificate(visitor, visit, who, course_key)
    visitor.go("/")
    jp = agency.published(course_key).outline.jp
    assert f"{jp} dari 20" in visitor.page.locator(".malam").inner_text()
    assert {urlsplit(address).netloc for address in visitor.requests} == {urlsplit(visitor.home).netloc}
