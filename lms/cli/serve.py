"""`lms serve`: bring the schema up to date, start the web workers and one jobs worker, stop them together."""

import argparse
import importlib
import importlib.util
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from config import LOOPBACK, ROOT, Config, read_config
from lms.errors import Refused
from lms.store.engine import SAFE_SQLITE, make_engine, require_local_disk, sqlite_version
from lms.store.migrate import current, head, upgrade

EXAMPLE = "Contoh: lms serve --data data --port 8000 --workers 2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder data (semua yang perlu dicadangkan ada di sini)")
    parser.add_argument("--host", default="127.0.0.1", help="alamat yang didengar (bawaan: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="banyaknya proses web (bawaan: 2)")
    parser.add_argument(
        "--tanpa-jobs", "--no-jobs", dest="no_jobs", action="store_true", help="jangan jalankan pekerja latar di sini"
    )


def run(arguments: argparse.Namespace) -> int:
    config = read_config(arguments.data, arguments.port)
    prepare(config, arguments.host)
    environment = {
        "PELITA_DATA": str(config.data_dir),
        "BASE_URL": config.base_url,
        "DATABASE_URL": config.database_url,
        "SECRET_KEY": config.secret_key,
        "PELITA_COURSES": str(config.courses or ""),  # whole: the workers start in another folder
    }
    os.environ.update(environment)
    os.chdir(ROOT)
    jobs = (
        None if arguments.no_jobs else subprocess.Popen([sys.executable, "-m", "lms.cli", "jobs", "--data", str(config.data_dir)])
    )
    print(f"Pelita siap di {config.base_url} (Ctrl+C untuk berhenti).", flush=True)
    try:
        _serve(arguments.host, arguments.port, arguments.workers)
    finally:
        if jobs is not None:
            jobs.terminate()
            jobs.wait(15)
    return 0


def prepare(config: Config, host: str) -> None:
    """Everything that must hold before the first request; raises Refused with the missing thing named."""
    if config.is_demo and host not in LOOPBACK:
        raise Refused("Data peragaan hanya boleh dilayani di komputer ini (127.0.0.1), karena kata sandinya diketahui umum.")
    if not config.base_url.startswith("https://") and not any(f"//{name}" in config.base_url for name in LOOPBACK):
        print("Peringatan: BASE_URL tanpa https. Di luar komputer ini orang tidak dapat masuk sampai TLS dipasang.", flush=True)
    if config.database_url.startswith("sqlite"):
        require_local_disk(config.data_dir)
        if sqlite_version() < SAFE_SQLITE:
            found = ".".join(map(str, sqlite_version()))
            print(
                f"Peringatan: SQLite {found} punya cacat WAL yang sudah diperbaiki di 3.51.3; pasang pysqlite3 0.6.1 atau lebih baru.",
                flush=True,
            )
    engine = make_engine(config.database_url)
    if current(engine) != head():
        print("Menyiapkan skema basis data ...", flush=True)
        upgrade(engine, backup_at=datetime.now(UTC))
    engine.dispose()


def _serve(host: str, port: int, workers: int) -> None:
    if importlib.util.find_spec("granian") is not None:
        granian = importlib.import_module("granian")
        constants = importlib.import_module("granian.constants")
        granian.Granian(
            "wsgi:app", address=host, port=port, interface=constants.Interfaces.WSGI, workers=workers, blocking_threads=2,
            backpressure=64, log_enabled=True, log_level="warning", workers_kill_timeout=10,
        ).serve()  # fmt: skip
        return
    waitress = importlib.import_module("waitress")
    wsgi = importlib.import_module("wsgi")
    waitress.serve(wsgi.app, host=host, port=port, threads=8)
