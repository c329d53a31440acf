"""Schema steps: where the database stands, and bringing it to the newest step, on SQLite with a copy of the data first."""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from lms.errors import Refused
from lms.store.engine import gate_of, sqlite_module
from lms.store.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"
VIRTUAL_PREFIXES = ("lesson_search",)
"""Search tables: made by a migration in each database's own way, unknown to the models."""


def config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return settings


def head() -> str:
    """Name of the newest step."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def current(engine: Engine) -> str:
    """Name of the step the database stands at; "" for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(engine: Engine, target: str = "head", backup_at: datetime | None = None) -> None:
    """Bring the database to `target`. With `backup_at`, a SQLite file that already has data is copied first, named by that time."""
    if backup_at is not None and engine.dialect.name == "sqlite" and current(engine) not in ("", head()):
        _copy(engine, backup_at)
    _run(engine, target, command.upgrade)


def downgrade(engine: Engine, target: str) -> None:
    _run(engine, target, command.downgrade)


def _run(engine: Engine, target: str, act: object) -> None:
    """One transaction for all steps. On SQLite foreign keys are off *before* it begins: inside, the pragma does nothing and a
    batch rebuild would cascade into learners' answers (R70); afterwards `foreign_key_check` must be empty or all is rolled back."""
    settings = config()
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(lms_write=True) as connection, connection.begin():
            settings.attributes["connection"] = connection
            act(settings, target)  # type: ignore[operator]
        return
    gate = gate_of(engine)
    assert gate is not None
    plain = create_engine(engine.url, module=sqlite_module, poolclass=NullPool)
    event.listen(plain, "connect", _prepare_for_schema_work)
    event.listen(plain, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with gate.hold(wait=60), plain.begin() as connection:
        settings.attributes["connection"] = connection
        act(settings, target)  # type: ignore[operator]
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise Refused(f"Pembaruan skema dibatalkan: {len(orphans)} baris kehilangan induknya. Data tidak berubah.")


def _prepare_for_schema_work(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _copy(engine: Engine, at: datetime) -> None:
    source = engine.url.database or ""
    target = f"{source}.sebelum-{current(engine)}-{at:%Y%m%dT%H%M%S}"
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)


def is_ours(name: str | None, kind: str) -> bool:
    """Whether autogenerate and comparisons should look at an object."""
    return not (kind == "table" and name is not None and name.startswith(VIRTUAL_PREFIXES))


def differences(connection: Connection) -> list[object]:
    """How the database differs from the models; empty when the steps are complete."""
    context = MigrationContext.configure(
        connection, opts={"include_name": lambda name, kind, parents: is_ours(name, kind), "compare_type": False}
    )
    return list(compare_metadata(context, Base.metadata))
