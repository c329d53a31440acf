"""A person with a browser. It notes everything a page must never do: ask another host, log an error, break the policy, open a
dialog (R94)."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.e2e.agency import Someone

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "id-ID",
    "timezone_id": "Asia/Makassar",
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}, "locale": "id-ID", "timezone_id": "Asia/Makassar"}
FAILED_LOAD = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
NO_LINE = ("net::ERR_", "Failed to load resource: net::")


class Visitor:
    """One browser profile with one page to begin with. `problems` must be empty at the end of every test."""

    def __init__(self, browser: Browser, home: str, **options: Any):
        self.home = home
        self.problems: list[str] = []
        self.statuses: set[int] = set()
        """Statuses of refusal that the test expects, such as 404."""
        self.may_lose_line = False
        self.requests: list[str] = []
        self.context: BrowserContext = browser.new_context(base_url=home, **(PHONE | options))
        self.context.set_default_timeout(20_000)
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda failure: self.problems.append(f"script failed: {failure.error}"))
        self.context.on("page", self._watch)
        self.page: Page = self.context.new_page()

    def _watch(self, page: Page) -> None:
        def refuse(dialog: Any) -> None:
            self.problems.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", refuse)

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith(("data:", f"{self.home}/")):
            self.problems.append(f"asked another host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        failed = FAILED_LOAD.search(message.text)
        if failed and int(failed[1]) in self.statuses:
            return
        if self.may_lose_line and any(part in message.text for part in NO_LINE):
            return
        self.problems.append(f"console: {message.text} ({message.location['url']})")

    def go(self, path: str, status: int = 200) -> Page:
        """Open an address and insist on its status."""
        if status >= 400:
            self.statuses.add(status)
        response = self.page.goto(path, wait_until="load")
        assert response is not None and response.status == status, (path, response and response.status)
        return self.page

    def press(self, name: str | re.Pattern[str], role: Any = "button") -> Page:
        """Use the button or link of that name and wait for the page it leads to."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.get_by_role(role, name=name).first.click()
        return self.page

    def sign_in(self, who: Someone, *, shared: bool = False) -> Page:
        self.go("/masuk")
        self.page.get_by_label("NIP").fill(who.identifier)
        self.page.get_by_label("Kata sandi").fill(who.password)
        if shared:
            self.page.get_by_label("Ini komputer bersama").check()
        return self.press("Masuk")

    def fill(self, fields: dict[str, str | list[str]], within: str = "form[data-quiz]") -> None:
        """Answer a question by its fields, whatever its kind, the way a finger does."""
        for name, wanted in fields.items():
            for value in wanted if isinstance(wanted, list) else [wanted]:
                field = self.page.locator(f'{within} [name="{name}"]')
                kind = field.first.evaluate("field => field.tagName === 'SELECT' ? 'select' : field.type")
                if kind == "select":
                    field.select_option(value)
                elif kind in ("radio", "checkbox"):
                    self.page.locator(f'{within} label:has([name="{name}"][value="{value}"])').click()
                else:
                    field.fill(value)

    def token(self) -> str:
        """The attempt this page belongs to."""
        found = re.search(r"/percobaan/([^/?#]+)", self.page.url)
        assert found, self.page.url
        return found[1]

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def close(self) -> None:
        self.context.close()


Opens = Callable[..., Visitor]


def nothing_wrong(visitors: Iterable[Visitor]) -> list[str]:
    return [problem for visitor in visitors for problem in visitor.problems]
