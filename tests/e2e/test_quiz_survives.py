"""R19 in the middle of a quiz: reloads, double clicks, tabs, the back button, a cut line and another device lose no answer, burn
no try, and the words about saving are true at every step."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.agency import TIMED_QUIZ, Agency, Someone
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.browser
QUIZ = "asas/kuis"
SAVED = re.compile(r"^Tersimpan \d\d\.\d\d$")
UNSENT = "Belum terkirim – masih ada di perangkat ini"


@pytest.fixture
def who(agency: Agency) -> Someone:
    return agency.newcomer("Baharuddin")


@pytest.fixture
def attempt(agency: Agency, who: Someone) -> str:
    """The address of an open attempt with one question of each kind, in the order of the bank."""
    return agency.begin(who, agency.kinds, QUIZ)


@pytest.fixture
def learner(visit, who, attempt) -> Visitor:
    visitor: Visitor = visit()
    visitor.sign_in(who)
    return visitor


def state(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator(".simpan")).to_have_text(words, timeout=40_000)


def arrives(page: Page, address: str) -> None:
    """The page's address in the end; a double click aborts its own first navigation on the way."""
    expect(page).to_have_url(re.compile(address), timeout=20_000)


def choose(page: Page, number: int) -> str:
    """Tick the option at that place and return its text."""
    row = page.locator("label.pilih").nth(number)
    row.click()
    return row.inner_text().strip()


def chosen(page: Page) -> str:
    return page.locator("label.pilih:has(input:checked)").inner_text().strip()


def drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage)).filter(key => key.startsWith('pelita:'))")


def option_of(agency: Agency, who: Someone, attempt: str, text: str) -> dict[str, object]:
    """The stored form of the option with that text of the first question."""
    public = agency.question(who, attempt, 1).public
    return {"choice": next(number for number, option in enumerate(public.options) if text in option)}


def test_answer_saves_itself_and_a_reload_shows_it(learner, agency, who, attempt):
    page = learner.go(f"{attempt}/soal/1")
    state(page, "Belum dijawab")
    text = choose(page, 1)
    state(page, SAVED)
    assert agency.answers(who, attempt)[0] == option_of(agency, who, attempt, text)
    assert drafts(page) == []
    page.reload()
    assert chosen(page) == text
    state(page, SAVED)


def test_button_pressed_while_a_save_is_on_its_way_still_leads_on(learner, agency, who, attempt):
    page = learner.go(f"{attempt}/soal/1")
    slow = [1.0]

    def hold_the_first(route):
        page.wait_for_timeout(1000 * slow.pop() if slow else 0)
        route.continue_()

    learner.context.route(
        "**/soal/1", lambda route: hold_the_first(route) if route.request.method == "POST" else route.continue_()
    )
    with page.expect_request(lambda request: request.method == "POST"):
        text = choose(page, 1)
    page.get_by_role("button", name="Simpan dan lanjut").click()
    page.wait_for_url("**/soal/2")
    assert agency.answers(who, attempt)[0] == option_of(agency, who, attempt, text)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_double_clicks_make_one_attempt_and_skip_no_question(visit, agency, who, script):
    learner: Visitor = visit(java_script_enabled=script)
    learner.sign_in(who)
    learner.go(f"/pelatihan/{agency.sample.course_key}")
    learner.press("Ikuti pelatihan ini")
    learner.go(f"/pelatihan/{agency.sample.course_key}/kuis/{QUIZ}")
    learner.page.get_by_role("button", name="Mulai").dblclick()
    arrives(learner.page, "/percobaan/")
    assert agency.tries(who, agency.sample, QUIZ) == 1
    attempt = f"/percobaan/{learner.token()}"
    for position in range(1, 5):
        page = learner.go(f"{attempt}/soal/{position}")
        choose(page, 0) if page.locator("label.pilih").count() else page.locator("[name=t]").fill("Dukcapil")
        page.get_by_role("button", name="Simpan dan lanjut").dblclick()
        arrives(page, "/periksa$" if position == 4 else f"/soal/{position + 1}$")
    assert all(agency.answers(who, attempt))
    learner.page.get_by_role("button", name="Kirim jawaban").dblclick()
    arrives(learner.page, "/hasil$")
    expect(learner.page.get_by_role("heading", name="Jawaban Anda")).to_be_visible()
    assert agency.tries(who, agency.sample, QUIZ) == 1


def test_second_tab_changes_the_answer_and_the_first_may_change_it_again(learner, agency, who, attempt):
    first = learner.go(f"{attempt}/soal/1")
    second = learner.context.new_page()
    second.goto(f"{attempt}/soal/1")
    choose(first, 0)
    state(first, SAVED)
    choose(second, 1)
    state(second, SAVED)
    text = chosen(second)
    assert agency.answers(who, attempt)[0] == option_of(agency, who, attempt, text), "the state said saved, the database differs"
    last = choose(first, 2)
    state(first, SAVED)
    expect(first.locator("label.pilih:has(input:checked)")).to_have_text(last)
    assert agency.answers(who, attempt)[0] == option_of(agency, who, attempt, last)
    assert agency.tries(who, agency.kinds, QUIZ) == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_back_button_shows_the_stored_answer_and_never_reopens_a_sent_attempt(visit, agency, who, attempt, script):
    visitor: Visitor = visit(java_script_enabled=script)
    visitor.sign_in(who)
    page = visitor.go(f"{attempt}/soal/1")
    text = choose(page, 1)
    visitor.press("Simpan dan lanjut")
    page.wait_for_url("**/soal/2")
    page.go_back()
    page.wait_for_url("**/soal/1")
    assert chosen(page) == text
    state(page, SAVED)
    other = choose(page, 0)
    visitor.press("Simpan dan lanjut")
    page.wait_for_url("**/soal/2")
    assert agency.answers(who, attempt)[0] == option_of(agency, who, attempt, other)
    visitor.go(f"{attempt}/periksa")
    visitor.press("Kirim jawaban")
    page.wait_for_url("**/hasil")
    page.go_back()
    page.wait_for_url("**/hasil")
    assert agency.tries(who, agency.kinds, QUIZ) == 1


def test_cut_line_keeps_the_answer_on_the_device_and_sends_it_by_itself(learner, agency, who, attempt, server):
    page = learner.go(f"{attempt}/soal/1")
    learner.may_lose_line = True
    server.kill()
    text = choose(page, 1)
    state(page, UNSENT)
    page.get_by_role("button", name="Simpan dan lanjut").click()
    page.wait_for_timeout(500)
    assert learner.path.endswith("/soal/1") and chosen(page) == text, "a cut line must not take the page away"
    state(page, UNSENT)
    assert len(drafts(page)) == 1 and agency.answers(who, attempt)[0] == {}
    server.start()
    state(page, SAVED)
    assert agency.answers(who, attempt)[0] == option_of(agency, who, attempt, text)
    assert drafts(page) == []


def test_draft_survives_a_reload_without_a_line_and_goes_when_it_is_back(learner, agency, who, attempt, server):
    page = learner.go(f"{attempt}/soal/4")
    learner.may_lose_line = True
    server.kill()
    page.locator("[name=t]").fill("Disdukcapil Kota")
    state(page, UNSENT)
    with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
        page.reload()
    server.start()
    page.goto(f"{attempt}/soal/4")
    assert page.locator("[name=t]").input_value() == "Disdukcapil Kota"
    state(page, SAVED)
    assert agency.answers(who, attempt)[3] == {"text": "Disdukcapil Kota"}


@pytest.mark.parametrize("kind", [3, 5, 6, 7, 8], ids=["true-false", "number", "matching", "ordering", "cloze"])
def test_draft_of_every_kind_comes_back_as_it_was(learner, agency, who, attempt, kind):
    fields = dict(agency.forms(who, attempt.split("/")[2]))[kind]
    page = learner.go(f"{attempt}/soal/{kind}")
    learner.may_lose_line = True
    learner.context.route("**/percobaan/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    learner.fill(fields)
    state(page, UNSENT)
    page.reload()
    state(page, UNSENT)
    learner.context.unroute("**/percobaan/**")
    state(page, SAVED)
    assert agency.is_right(who, attempt, kind)


def test_attempt_goes_on_on_another_device(learner, visit, agency, who, attempt):
    page = learner.go(f"{attempt}/soal/1")
    text = choose(page, 1)
    state(page, SAVED)
    office: Visitor = visit(viewport={"width": 1366, "height": 768}, is_mobile=False, has_touch=False)
    office.sign_in(who)
    office.go(f"/pelatihan/{agency.kinds.course_key}/kuis/{QUIZ}")
    office.press("Lanjutkan percobaan ini", role="link")
    assert office.path.endswith(attempt) and "Soal 2 dari 8" in office.page.locator("h1").inner_text()
    office.go(f"{attempt}/soal/1")
    assert chosen(office.page) == text
    assert agency.tries(who, agency.kinds, QUIZ) == 1


def test_session_that_ended_says_so_and_the_draft_waits_for_the_same_person(learner, agency, who, attempt):
    page = learner.go(f"{attempt}/soal/4")
    learner.statuses.add(400)
    learner.context.clear_cookies()
    page.locator("[name=t]").fill("Dukcapil")
    state(page, re.compile("Muat ulang halaman ini, lalu masuk lagi"))
    learner.press("Simpan dan lanjut")
    page.wait_for_url("**/masuk**")
    page.get_by_label("NIP").fill(who.identifier)
    page.get_by_label("Kata sandi").fill(who.password)
    learner.press("Masuk")
    assert learner.path == f"{attempt}/soal/4" and page.locator("[name=t]").input_value() == "Dukcapil"
    state(page, SAVED)
    assert agency.answers(who, attempt)[3] == {"text": "Dukcapil"}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_practice_says_at_once_how_right_an_answer_is_and_then_goes_on(visit, agency, who, script):
    practice = agency.begin(who, agency.sample, TIMED_QUIZ)
    visitor: Visitor = visit(java_script_enabled=script)
    visitor.sign_in(who)
    page = visitor.go(f"{practice}/soal/1")
    for number in (0, 1):
        choose(page, number)
        if script:
            state(page, SAVED)
        visitor.press("Simpan dan lanjut")
        assert visitor.path.endswith("/soal/1")
        expect(page.locator("form [role=status] strong")).to_have_text(re.compile("Benar|Belum tepat"))
    visitor.press("Simpan dan lanjut")
    page.wait_for_url("**/soal/2")


def test_drafts_are_gone_after_signing_out(learner, attempt):
    page = learner.go(f"{attempt}/soal/4")
    learner.may_lose_line = True
    learner.context.route("**/soal/4", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("[name=t]").fill("rahasia saya")
    state(page, UNSENT)
    assert len(drafts(page)) == 1
    learner.go("/keluar")
    learner.press("Keluar", role="button")
    assert learner.path == "/masuk" and drafts(page) == []


def test_next_person_on_the_device_never_sees_a_draft(learner, agency, attempt):
    page = learner.go(f"{attempt}/soal/4")
    learner.may_lose_line = True
    learner.context.route("**/soal/4", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("[name=t]").fill("rahasia saya")
    state(page, UNSENT)
    learner.context.clear_cookies()  # the session ended without signing out
    next_person = agency.newcomer("Rizky Ramadhan")
    own = agency.begin(next_person, agency.kinds, QUIZ)
    learner.sign_in(next_person)
    assert drafts(page) == []
    learner.go(f"{own}/soal/4")
    assert page.locator("[name=t]").input_value() == ""
    learner.go(f"{attempt}/soal/4", 404)
