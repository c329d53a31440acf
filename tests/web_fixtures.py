"""The application on a real database, and a browser that inspects every page it is given."""

import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from werkzeug.routing import Rule

from config import Config
from lms.web import clock
from lms.web.app import create_app
from lms.web.extensions import db
from lms.web.public.verification import wrong_codes
from tests import seen
from tests.conftest import NOW

_compile_builder = Rule._compile_builder
_builders: dict[tuple[str, str, bool], Any] = {}


def _builder_made_once(rule: Rule, append_unknown: bool = True) -> Any:
    """Werkzeug compiles code for each route of each application: nine tenths of making one, and the same for every test."""
    key = (rule.rule, str(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _builder_made_once  # type: ignore[method-assign]

BYTECODE = FileSystemBytecodeCache(tempfile.mkdtemp(prefix="pelita-templates-"))
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b", re.I)


class Statements(list[str]):
    """SQL sent since the last `clear()`, transaction control and pragmas apart."""

    @property
    def selects(self) -> list[str]:
        return [sql for sql in self if sql.lstrip().upper().startswith(("SELECT", "WITH"))]

    @property
    def writes(self) -> list[str]:
        return [sql for sql in self if WRITES.match(sql)]


class _Inspector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.label_depth = 0
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"] or "")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self.label_depth += 1
            if found.get("for"):
                self.labelled.add(found["for"] or "")
        if tag in ("input", "select", "textarea") and found.get("type") not in ("hidden", "submit", "button"):
            self.fields.append(found | {"inside": "yes" if self.label_depth else None})
        if "style" in found:
            self.problems.append(f"style attribute on {tag}")
        self.problems.extend(f"{name} on {tag}" for name in found if name.startswith("on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.label_depth -= 1


def inspect(html: str) -> list[str]:
    """What is wrong with a page, whoever asked for it: title, language, one h1, heading steps, ids, a label for each field."""
    page = _Inspector()
    page.feed(html)
    found = list(page.problems)
    if not re.search(r"<title>[^<]*\S[^<]*</title>", html):
        found.append("no title")
    if not re.search(r'<html lang="(id|en)"', html):
        found.append("no language")
    if page.headings.count(1) != 1:
        found.append(f"{page.headings.count(1)} h1")
    found.extend(
        f"heading jumps to h{next_}" for this, next_ in zip(page.headings, page.headings[1:], strict=False) if next_ > this + 1
    )
    found.extend(f"id twice: {name}" for name in sorted({name for name in page.ids if page.ids.count(name) > 1}))
    for attributes in page.fields:
        named = attributes.get("aria-label") or attributes.get("aria-labelledby") or attributes.get("inside")
        if not named and attributes.get("id") not in page.labelled:
            found.append(f"field without label: {attributes.get('name')}")
    return found


class Browser:
    """A test client that behaves like a browser and checks each page; `get` proves that nothing was written."""

    def __init__(self, app: Flask, statements: Statements):
        self.client: FlaskClient = app.test_client()
        self.statements = statements
        self.page = ""

    def get(self, url: str, status: int = 200, **options: object) -> "object":
        self.statements.clear()
        response = self.client.get(url, **options)
        assert response.status_code == status, (url, response.status_code, response.text[-2000:])
        assert self.statements.writes == [], "a GET wrote to the database"
        if response.mimetype == "text/html" and status not in (301, 302, 303, 304):
            self.page = response.text
            assert inspect(self.page) == [], url
        return response

    def token(self) -> str:
        return re.search(r'name="csrf_token" value="([^"]+)"', self.page)[1]

    def post(
        self, url: str, data: dict[str, object] | None = None, status: int = 303, form_at: str | None = None, **options: object
    ):
        """Send a form of the page last opened (or of `form_at`)."""
        if form_at is not None:
            self.get(form_at)
        sent = {"csrf_token": self.token()} | (data or {})
        response = self.client.post(url, data=sent, **options)
        assert response.status_code == status, (url, response.status_code, response.text[-2000:])
        if response.mimetype == "text/html" and response.data and status not in (301, 302, 303):
            self.page = response.text
            assert inspect(self.page) == [], url
        return response

    def follow(self, response) -> "object":
        return self.get(response.headers["Location"])

    def sign_in(self, identifier: str, password: str, shared: bool = False):
        data = {"identifier": identifier, "password": password} | ({"shared": "1"} if shared else {})
        return self.post("/masuk", data, form_at="/masuk")


@pytest.fixture
def frozen() -> Iterator[Callable[[timedelta], datetime]]:
    """The web's clock stands at NOW; call with a timedelta to let time pass."""
    clock.forced = NOW

    def advance(by: timedelta = timedelta(0)) -> datetime:
        assert clock.forced is not None
        clock.forced += by
        return clock.forced

    yield advance
    clock.forced = None


def make_app(url: str, folder: Path) -> Flask:
    config = Config(
        data_dir=folder,
        database_url=url,
        secret_key="a key for tests only",
        base_url="http://127.0.0.1:8000",
        is_testing=True,
        is_demo=False,
    )
    (folder / "media").mkdir(exist_ok=True)
    app = create_app(config)
    wrong_codes.forget()
    app.jinja_env.bytecode_cache = BYTECODE  # compiling the templates anew for every test would take most of its time
    app.config["SERVER_NAME"] = None

    seen.watch(app)

    return app


@pytest.fixture
def app(database_url: str, tmp_path: Path, frozen: object) -> Iterator[Flask]:
    app = make_app(database_url, tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def statements(app: Flask) -> Statements:
    record = Statements()
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, sql, *rest: record.append(sql))
    return record


@pytest.fixture
def browser(app: Flask, statements: Statements) -> Browser:
    return Browser(app, statements)


@pytest.fixture
def new_browser(app: Flask, statements: Statements) -> Callable[[], Browser]:
    return lambda: Browser(app, statements)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path
