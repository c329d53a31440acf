"""Engines and the one way to write. The SQLite recipe was measured: anything simpler loses answers or fails with "locked".

Reads run in a deferred transaction with `query_only`, so that a GET cannot write. Writes run inside `write_tx`, one short
`BEGIN IMMEDIATE` transaction behind a gate (a lock per process, then a file lock per machine) that keeps writers from starving.
"""

import contextlib
import errno
import fcntl
import os
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, exc
from sqlalchemy.orm import Session

from lms.errors import Busy, Refused
from lms.store import audit

try:
    from pysqlite3 import dbapi2 as sqlite_module
except ImportError:  # no wheel for this platform: the system library serves, `lms serve` warns when it is old
    sqlite_module = sqlite3

GATE_WAIT_SECONDS = 10.0
SAFE_SQLITE = (3, 51, 3)  # first release without the WAL-reset corruption bug
PRAGMAS = (
    "busy_timeout=30000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "journal_size_limit=67108864",
    "temp_store=MEMORY",
)


def sqlite_version() -> tuple[int, ...]:
    """Version of the SQLite library in use, e.g. (3, 53, 4)."""
    return tuple(sqlite_module.sqlite_version_info)


def normalise_url(url: str) -> str:
    """Any common spelling of a database address, as SQLAlchemy wants it: psycopg 3 for PostgreSQL."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg2://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def sqlite_url(data_dir: Path) -> str:
    return f"sqlite:///{(data_dir / 'pelita.sqlite3').resolve()}"


class WriteGate:
    """One writer at a time: a lock in the process, then `flock` on a file beside the database. The kernel frees it on kill -9."""

    def __init__(self, path: str):
        self.path = path
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._pid = 0
        self.longest_hold = 0.0  # seconds; read by tests of R58

    def _open(self) -> int:
        if self._fd is None or self._pid != os.getpid():
            self._fd = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            self._pid = os.getpid()
        return self._fd

    @contextlib.contextmanager
    def hold(self, wait: float = GATE_WAIT_SECONDS) -> Iterator[None]:
        """Wait at most `wait` seconds for the right to write; raise Busy when it does not come."""
        deadline = time.monotonic() + wait
        if not self._lock.acquire(timeout=wait):
            raise busy()
        try:
            fd = self._open()
            while True:
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError as problem:
                    if problem.errno not in (errno.EAGAIN, errno.EACCES):
                        raise
                    if time.monotonic() > deadline:
                        raise busy() from problem
                    time.sleep(random.uniform(0.0005, 0.005))
            started = time.monotonic()
            try:
                yield
            finally:
                fcntl.flock(fd, fcntl.LOCK_UN)
                self.longest_hold = max(self.longest_hold, time.monotonic() - started)
        finally:
            self._lock.release()


def busy() -> Busy:
    return Busy("Server sedang sibuk menyimpan. Belum ada yang berubah; silakan coba lagi sebentar lagi.")


_gates: dict[str, WriteGate] = {}
_gates_lock = threading.Lock()


def gate_of(engine: Engine) -> WriteGate | None:
    """The write gate of a SQLite engine (one per file and process); None on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return None
    database = engine.url.database or ""
    with _gates_lock:
        return _gates.setdefault(database, WriteGate(database + ".gate"))


def engine_options(url: str) -> dict[str, Any]:
    """Keyword arguments of `create_engine` for an address, pool and timeouts included."""
    if url.startswith("sqlite"):
        return {"module": sqlite_module, "connect_args": {"timeout": 30}, "pool_size": 20, "max_overflow": 0}
    settings = "-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
    return {
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 5,
        "connect_args": {"options": settings, "prepare_threshold": None},
    }


def prepare(engine: Engine) -> Engine:
    """Attach the transaction recipe to an engine made elsewhere (Flask-SQLAlchemy makes its own). Returns the engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        event.listen(engine, "begin", _on_postgres_begin)
    return engine


def make_engine(url: str, **options: Any) -> Engine:
    """An engine with the recipe of this module, for the command line, jobs and tests."""
    url = normalise_url(url)
    return prepare(create_engine(url, **(engine_options(url) | options)))


def _on_sqlite_connect(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Any) -> None:
    """Reads may not write: `query_only` stays on between reads, so that a page pays for it once a connection, not once a request."""
    writes = bool(connection.get_execution_options().get("lms_write"))
    known = connection.connection.info
    if known.get("query_only") is not (not writes):
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
        known["query_only"] = not writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _on_postgres_begin(connection: Any) -> None:
    if not connection.get_execution_options().get("lms_write"):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


@contextlib.contextmanager
def write_tx(session: Session) -> Iterator[Session]:
    """The one way to write: gate, `BEGIN IMMEDIATE` (or a PostgreSQL transaction), commit at the end, roll back on any error.

    A read snapshot that the session still holds is dropped first, so everything decided inside must be read inside.
    Raises Busy when the gate or the database stays locked. Never send mail, render or hash a password inside.
    """
    if session.in_transaction():
        if session.new or session.dirty or session.deleted:
            raise RuntimeError("changes outside write_tx()")
        session.rollback()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    gate = gate_of(engine)
    with gate.hold() if gate else contextlib.nullcontext():
        try:
            session.connection(execution_options={"lms_write": True})
            audit.begin(session)
            yield session
            session.flush()
            audit.seal(session)
            session.commit()
        except exc.OperationalError as problem:
            session.rollback()
            if _is_lock_problem(problem):
                raise busy() from problem
            raise
        except BaseException:
            session.rollback()
            raise


def _is_lock_problem(problem: exc.OperationalError) -> bool:
    text = str(problem.orig).lower()
    return any(
        word in text for word in ("database is locked", "lock timeout", "deadlock detected", "disk is full", "disk i/o error")
    )


def require_local_disk(path: Path) -> None:
    """Refuse network file systems, where SQLite's locks do not hold. Linux only; elsewhere nothing is checked."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    best, kind = "", ""
    target = str(path.resolve())
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, kind_here, *_ = line.split(" ")
        inside = point == "/" or target == point or target.startswith(point + "/")
        if inside and len(point) >= len(best):
            best, kind = point, kind_here
    if kind in {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"}:
        raise Refused(
            f"Folder data {path} berada di disk jaringan ({kind}). SQLite tidak aman di sana; pindahkan ke disk lokal atau pakai PostgreSQL."
        )


def is_ready(engine: Engine, data_dir: Path) -> list[str]:
    """What stands in the way of serving: the database cannot be written, or the disk is nearly full. Empty = ready (R64)."""
    problems = []
    try:
        with engine.connect().execution_options(lms_write=True) as connection:
            connection.begin()
            connection.exec_driver_sql("SELECT 1")
            connection.rollback()
    except (exc.OperationalError, exc.InternalError) as problem:
        problems.append(f"database: {problem.orig}")
    room = shutil.disk_usage(data_dir if data_dir.exists() else "/")
    if room.free < 0.02 * room.total and room.free < 500_000_000:
        problems.append(f"disk: {room.free // 1_000_000} MB left")
    return problems
