"""A computer that others use next: nothing personal stays in it, neither cookies nor pages nor the back button."""

import re

import pytest
from playwright.sync_api import Playwright

from tests.e2e.conftest import ARGUMENTS, find_chromium
from tests.e2e.visitor import Visitor, nothing_wrong

pytestmark = pytest.mark.browser


def test_shared_computer_keeps_no_session_and_no_page(visit, agency):
    who = agency.newcomer("Lalu Zulkifli")
    visitor: Visitor = visit()
    visitor.sign_in(who, shared=True)
    session = next(cookie for cookie in visitor.context.cookies() if cookie["name"] == "lms")
    assert session["expires"] == -1 and session["httpOnly"]
    for path in ("/", "/pelatihan", f"/pelatihan/{agency.sample.course_key}", "/akun/perangkat"):
        answer = visitor.context.request.get(path)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store"), path


def test_own_device_keeps_its_session_and_revalidates_pages(visit, agency):
    visitor: Visitor = visit()
    visitor.sign_in(agency.newcomer())
    session = next(cookie for cookie in visitor.context.cookies() if cookie["name"] == "lms")
    assert session["expires"] > 0
    assert visitor.context.request.get("/pelatihan").headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
@pytest.mark.parametrize("kept_pages", [False, True], ids=["plain", "back-forward-cache"])
def test_back_after_signing_out_shows_nothing_personal(playwright: Playwright, server, agency, shared, kept_pages):
    who = agency.newcomer("Fransiskus Xaverius Tukan")
    dropped = ["--disable-back-forward-cache"] if kept_pages else []
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS, ignore_default_args=dropped)
    visitor = Visitor(browser, server.url)
    visitor.sign_in(who, shared=shared)
    visitor.go("/pelatihan")
    visitor.go("/")
    assert who.name in visitor.page.content()
    visitor.go("/keluar")
    visitor.press("Keluar", role="button")
    visitor.page.wait_for_url("**/masuk**")
    for _ in range(3):
        visitor.page.evaluate("history.back()")
        visitor.page.wait_for_timeout(700)
        visitor.page.wait_for_load_state("load")
        shown = visitor.page.content()
        assert who.name not in shown and who.identifier not in shown, visitor.page.url
        assert re.search("/masuk", visitor.page.url)
    assert nothing_wrong([visitor]) == []
    browser.close()
