"""What a lesson weighs on a phone: bytes on the wire and requests, cold, second and unchanged, and the first paint on slow 3G.

Bytes are counted by the browser as they arrive, headers included, pictures apart. `python -m tests.bench.page_weight` prints JSON.
"""

import json
import re
import shutil
import statistics
import sys
import tempfile
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from tests.bench.lesson_page import a_lesson, make_demo, signed_in_cookie
from tests.bench.processes import free_port, server

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "id-ID",
    "timezone_id": "Asia/Makassar",
}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
CPU_SLOWDOWN = 4
FIRST_PAINT = """new Promise(resolve => {
  new PerformanceObserver(list => { for (const entry of list.getEntriesByName('first-contentful-paint')) resolve(entry.startTime); })
    .observe({ type: 'paint', buffered: true });
})"""
BUDGETS = {"cold_bytes": 20_000, "cold_requests": 4, "second_bytes": 10_000, "second_requests": 1, "first_paint_ms": 2600}


@dataclass
class Wire:
    """Every answer since the last `clear`, counted as it arrived."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    """Requests that the browser answered from its memory."""

    def watch(self, line: CDPSession) -> None:
        line.send("Network.enable")
        line.on("Network.responseReceived", self._received)
        line.on("Network.loadingFinished", self._finished)
        line.on("Network.requestServedFromCache", lambda event: self.kept.add(event["requestId"]))

    def _received(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        crossed = (
            not answer["url"].startswith("data:") and not answer.get("fromDiskCache") and event["requestId"] not in self.kept
        )
        if crossed:
            told = {"url": answer["url"], "status": answer["status"], "mime": answer["mimeType"], "bytes": 0}
            self.answers[event["requestId"]] = told

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.answers:
            self.answers[event["requestId"]]["bytes"] = round(event["encodedDataLength"])

    def clear(self) -> None:
        self.answers.clear()

    @property
    def without_pictures(self) -> list[dict[str, Any]]:
        return [answer for answer in self.answers.values() if not answer["mime"].startswith("image/")]

    def figures(self) -> dict[str, Any]:
        counted = self.without_pictures
        return {"bytes": sum(answer["bytes"] for answer in counted), "requests": len(counted), "answers": counted}


def weigh(browser: Browser, base: str, cookies: list[dict[str, Any]], lessons: list[str]) -> dict[str, Any]:
    """`lessons`: two paths. `cookies` sign a person in, and hold nothing else."""
    context = browser.new_context(base_url=base, **PHONE)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    wire = Wire()
    wire.watch(context.new_cdp_session(page))
    found = {}
    for name, path in (("cold", lessons[0]), ("second", lessons[1]), ("unchanged", lessons[1])):
        wire.clear()
        page.goto(path, wait_until="networkidle")
        found[name] = wire.figures()
    found["unchanged"]["status"] = _status_of_unchanged(context, base + lessons[1])
    context.close()
    return found


def _status_of_unchanged(context: Any, url: str) -> int:
    """304 when the server still knows the version that it named itself."""
    tag = context.request.get(url).headers.get("etag", "")
    return int(context.request.get(url, headers={"If-None-Match": tag}).status)


def first_paint(browser: Browser, base: str, cookies: list[dict[str, Any]], lesson: str, rounds: int = 3) -> list[float]:
    """Milliseconds to the first paint of a cold lesson page on slow 3G with a slow processor, for each round."""
    found = []
    for _ in range(rounds):
        context = browser.new_context(base_url=base, **PHONE)
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW_3G)
        line.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        page.goto(lesson, wait_until="commit", timeout=60_000)
        found.append(float(page.evaluate(FIRST_PAINT)))
        context.close()
    return found


def launch(playwright: Any) -> Browser:
    path = next(found for found in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if found)
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def measure() -> dict[str, Any]:
    """The figures on fresh demo data, served as `lms serve` does."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "demo"
        learner = make_demo(data)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "lms.cli", "serve", "--data", str(data), "--port", str(port), "--tanpa-jobs"]
        with server(command, port), sync_playwright() as playwright:
            cookie = signed_in_cookie(base, learner["identifier"], learner["password"])
            first = a_lesson(base, cookie)
            lessons = [first, _next_lesson(base, cookie, first)]
            kept = [{"name": name, "value": value, "url": base} for name, value in session_only(cookie)]
            browser = launch(playwright)
            found = weigh(browser, base, kept, lessons)
            paints = first_paint(browser, base, kept, first)
            browser.close()
    return found | {"first_paint_ms": statistics.median(paints), "first_paints_ms": paints, "lesson": first, "budgets": BUDGETS}


def session_only(cookie: str) -> list[tuple[str, str]]:
    """The session's cookie without the one that says the style sheet is known: a first visit."""
    pairs = [part.split("=", 1) for part in cookie.split("; ")]
    return [(name, value) for name, value in pairs if name == "lms"]


def _next_lesson(base: str, cookie: str, first: str) -> str:
    request = urllib.request.Request(base + first, headers={"Cookie": cookie})
    text = urllib.request.urlopen(request).read().decode()
    return re.findall(r'rel="next" href="([^"]+)"', text)[0]


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
