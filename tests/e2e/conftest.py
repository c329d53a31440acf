"""One Chromium and one served agency per test process. A missing Chromium fails unless BROWSER=0 asked to leave these out."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e.agency import Agency
from tests.e2e.server import ServerProcess
from tests.e2e.visitor import Visitor, nothing_wrong

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    path = next((found for found in map(shutil.which, CHROMIUM) if found), None)
    assert path, "Chromium is missing: apt-get install -y --no-install-recommends chromium libatomic1 fonts-noto-core"
    return path


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("agency")


@pytest.fixture(scope="session")
def agency(data_folder: Path) -> Iterator[Agency]:
    made = Agency(data_folder)
    yield made
    made.close()


@pytest.fixture(scope="session")
def served(agency: Agency) -> Iterator[ServerProcess]:
    server = ServerProcess(agency.data_dir)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(served: ServerProcess) -> Iterator[ServerProcess]:
    """The server, up again after a test that killed it; a traceback in its log fails the test that caused it."""
    yield served
    if not served.is_up:
        served.start()
    assert served.problems() == ""


@pytest.fixture
def visit(chromium: Browser, server: ServerProcess) -> Iterator[Callable[..., Visitor]]:
    """Opens browser profiles; each is one device. Whatever they did wrong fails the test at its end."""
    opened: list[Visitor] = []

    def open_profile(**options: Any) -> Visitor:
        visitor = Visitor(chromium, server.url, **options)
        opened.append(visitor)
        return visitor

    yield open_profile
    problems = nothing_wrong(opened)
    for visitor in opened:
        visitor.close()
    assert problems == []
