"""Fixtures for every test: real databases (a SQLite file and a PostgreSQL server), each made from a migrated template."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lms.store import audit
from lms.store.engine import make_engine
from lms.store.migrate import upgrade
from tests import seen, statements_once
from tests.postgres import PostgresServer

pytest.register_assert_rewrite("tests.web_fixtures")

statements_once.share()
settings.register_profile("pelita", deadline=None)  # time is measured by `make bench`, never by a test
settings.load_profile("pelita")

DATABASES = ("sqlite", "postgres")
NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
"""A Thursday, 14.30 WITA."""


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "pelita.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect().execution_options(lms_write=True) as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.invalidate()
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    engine = make_engine(postgres_server.create("pelita_template"))
    upgrade(engine)
    engine.dispose()
    return "pelita_template"


@pytest.fixture(params=DATABASES)
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes empty, migrated databases and returns their addresses; the test runs once on each kind."""
    made: list[str] = []
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")

        def make() -> str:
            made.append(f"pelita{len(made) or ''}.sqlite3")
            shutil.copy(template, tmp_path / made[-1])
            return f"sqlite:///{tmp_path / made[-1]}"

        yield make
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    pattern: str = request.getfixturevalue("postgres_template")

    def make_on_server() -> str:
        made.append(server.lend(pattern))
        return server.url(made[-1])

    yield make_on_server
    for name in made:
        server.take_back(name)


@pytest.fixture
def database_url(fresh_database: Callable[[], str]) -> str:
    """Address of the test's database."""
    return fresh_database()


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(database_url)
    audit.arm(engine, tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """One session; write inside `with write_tx(session):`."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def new_session(engine: Engine) -> Callable[[], Session]:
    """Makes further sessions on the same database, for races and second devices."""
    return lambda: Session(engine, expire_on_commit=False)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Workers hand over what they saw; the run as a whole fails when a page or an endpoint was never visited."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["seen"] = seen.report()
    elif exitstatus == 0 and seen.is_whole_suite(session.config) and seen.missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_testnodedown(node: object, error: object) -> None:
    seen.take(getattr(node, "workeroutput", {}).get("seen") or {"endpoints": [], "templates": [], "known": []})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if seen.is_whole_suite(config) and seen.known and seen.missing():
        terminalreporter.section("never visited by any test")
        terminalreporter.write_line("\n".join(seen.missing()))
