"""`lms demo`: make the demo agency in a data folder, or say again who can sign in to the one that is there.

The folder is marked by `demo.json` and the database by a setting with the same id. The agency is written in one transaction, so
after a kill either everything is there or a second call begins again.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from config import ROOT, read_config
from lms.cli import demo_courses, demo_marking
from lms.cli.demo_agency import build
from lms.cli.demo_data import AGENCY, CORE_STAFF, WITA
from lms.cli.demo_history import warm
from lms.cli.demo_journeys import HISTORY_DAYS
from lms.cli.demo_names import PASSWORD_WORDS
from lms.content import library
from lms.content.models import CourseRow
from lms.content.types import CompiledCourse
from lms.errors import Refused
from lms.people.models import Person, Setting
from lms.people.passwords import hash_password
from lms.store import audit
from lms.store.engine import make_engine, normalise_url, require_local_disk, sqlite_url, write_tx
from lms.store.migrate import current, head, upgrade

EXAMPLE = "Contoh: lms demo --data data/demo --staff 60"
FEWEST, MOST = 12, 100_000
MARK = "demo"
ROLES = {"learner": "peserta", "author": "penulis", "supervisor": "atasan", "admin": "administrator"}
"""Role in the contract to the word people see, in the order they are printed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder data peragaan; boleh belum ada")
    parser.add_argument(
        "--staff", type=int, default=CORE_STAFF, help=f"banyaknya pegawai, {FEWEST} sampai {MOST} (bawaan: {CORE_STAFF})"
    )
    parser.add_argument("--json", action="store_true", help="cetak akun sebagai JSON saja di keluaran standar")
    parser.add_argument("--today", type=date.fromisoformat, help="anggap hari ini tanggal itu (YYYY-MM-DD); untuk pengujian")
    parser.add_argument("--port", type=int, default=8000, help="port pada alamat yang dicetak (bawaan: 8000)")


def run(arguments: argparse.Namespace) -> int:
    folder = arguments.data.resolve()
    if not FEWEST <= arguments.staff <= MOST:
        raise Refused(f"Banyaknya pegawai harus {FEWEST} sampai {MOST}. Belum ada yang dibuat.")
    state = make_demo(folder, staff=arguments.staff, now=_now(arguments.today))
    config = read_config(folder, arguments.port)
    shown = {"accounts": state["accounts"], "url": config.base_url}
    print(json.dumps(shown, ensure_ascii=False, indent=2) if arguments.json else _table(shown, state["staff"]))
    return 0


def make_demo(folder: Path, *, staff: int, now: datetime, courses: Iterable[CompiledCourse] | None = None) -> dict[str, Any]:
    """The demo's state: {"state": "ready", "id", "staff", "accounts"}. Makes the agency unless this folder has it already.

    `courses` replaces the shipped ones. Raises Refused, with nothing changed, when the folder or database holds other data.
    """
    url = normalise_url(os.environ.get("DATABASE_URL") or sqlite_url(folder))
    state = _read_state(folder)
    if url.startswith("sqlite"):
        folder.mkdir(parents=True, exist_ok=True)
        require_local_disk(folder)
    engine = make_engine(url)
    audit.arm(engine, folder)
    try:
        found = _what_is_there(engine, folder)
        if found not in ("", state.get("id")):
            raise Refused(
                f"Folder {folder} (atau basis datanya) berisi data yang bukan data peragaan ini. Tidak ada yang diubah. "
                "Pilih folder kosong, misalnya --data data/demo."
            )
        if not _has_people(engine):
            state = {"state": "making", "id": state.get("id") or secrets.token_hex(8), "staff": staff, "accounts": []}
            _write_state(folder, state)
            state["accounts"] = _make(engine, folder, state, now, courses)
        elif state["staff"] != staff:
            _tell(
                f"Data peragaan dengan {state['staff']} pegawai sudah ada dan dipakai lagi. Hapus folder {folder} untuk membuat yang baru."
            )
        if current(engine) != head():
            upgrade(engine, backup_at=now)
    finally:
        engine.dispose()
    state["state"] = "ready"
    _write_state(folder, state)
    return state


def _make(
    engine: Engine, folder: Path, state: dict[str, Any], now: datetime, courses: Iterable[CompiledCourse] | None
) -> list[dict[str, str]]:
    """Schema, courses, agency. The passwords are kept in the folder before the one transaction that makes them count."""
    _tell("Menyiapkan basis data ...")
    upgrade(engine)
    demo_courses.copy_sources(ROOT / "courses", folder / "courses")
    passwords = {role: _password() for role in ROLES}
    hashes = {role: hash_password(password) for role, password in passwords.items()}
    compiled = demo_courses.compiled(demo_courses.shipped(ROOT / "courses"), _tell) if courses is None else courses
    with Session(engine, expire_on_commit=False) as session:
        with write_tx(session):
            session.merge(Setting(name=MARK, value=state["id"]))
        demo_courses.publish(session, compiled, data_dir=folder, now=now - timedelta(days=HISTORY_DAYS + 10))
        published = library.catalogue(session)
        warm(session, published)
        demo_marking.keep_samples(folder)
        with write_tx(session):
            if engine.dialect.name == "sqlite":
                session.execute(text("PRAGMA cache_size=-65536"))  # 64 MB while thousands of rows go into the same indexes
            if session.scalar(select(Person.id).limit(1)) is not None:
                raise Refused(
                    "Perintah lain sedang membuat data peragaan di folder ini. Tunggu sampai selesai, lalu jalankan lagi."
                )
            identifiers = build(
                session, staff=state["staff"], now=now, courses=published, password_hashes=hashes, tell=_Progress().tell
            )
            accounts = [{"role": role, "identifier": identifiers[role], "password": passwords[role]} for role in ROLES]
            _write_state(folder, state | {"accounts": accounts})
    return accounts


def _password() -> str:
    """Four words in a row: quick to type, and long enough for the rules."""
    return "-".join(secrets.choice(PASSWORD_WORDS) for _ in range(4))


def _now(today: date | None) -> datetime:
    """The present moment, or noon of the given day where most of the agency works."""
    if today is None:
        return datetime.now(UTC).replace(microsecond=0)
    return datetime.combine(today, time_of_day(12), ZoneInfo(WITA)).astimezone(UTC)


# ------------------------------------------------------------------ what the folder and the database hold


def _what_is_there(engine: Engine, folder: Path) -> str:
    """The demo id in the database, "" for an empty database, "?" for one with data that no demo made."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return ""
    if not current(engine):
        return ""
    with Session(engine) as session:
        mark = session.scalar(select(Setting.value).where(Setting.name == MARK))
        if mark is not None:
            return str(mark)
        tables = (select(Person.id), select(CourseRow.id), select(Setting.name))
        return "?" if any(session.execute(wanted.limit(1)).first() for wanted in tables) else ""


def _has_people(engine: Engine) -> bool:
    if not current(engine):
        return False
    with Session(engine) as session:
        return session.scalar(select(Person.id).limit(1)) is not None


def _read_state(folder: Path) -> dict[str, Any]:
    """What demo.json says, {} without one. Raises Refused when it cannot be read."""
    try:
        state: dict[str, Any] = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
        return state | {"accounts": list(state["accounts"]), "staff": int(state["staff"]), "id": str(state["id"])}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise Refused(
            f"Berkas {folder / 'demo.json'} tidak dapat dibaca. Tidak ada yang diubah; pilih folder kosong."
        ) from problem


def _write_state(folder: Path, state: dict[str, Any]) -> None:
    """Replace demo.json whole: a kill leaves the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".demo.json.{secrets.token_hex(4)}"
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
            json.dump(state, out, ensure_ascii=False, indent=2)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(folder / "demo.json")
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


# ------------------------------------------------------------------ what people read


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


class _Progress:
    """Says how far it is, at most once a second, with dots between thousands."""

    def __init__(self) -> None:
        self._said_at = 0.0

    def tell(self, what: str, done: int, of: int) -> None:
        if done >= of or time.monotonic() - self._said_at >= 1:
            self._said_at = time.monotonic()
            _tell(f"  {what}: {done:,} dari {of:,}".replace(",", "."))


def _table(shown: dict[str, Any], staff: int) -> str:
    count = f"{staff:,}".replace(",", ".")
    lines = [f"{AGENCY} (data peragaan, {count} pegawai) siap.", "", f"{'Peran':<15}{'NIP untuk masuk':<22}Kata sandi"]
    lines += [f"{ROLES[one['role']].capitalize():<15}{one['identifier']:<22}{one['password']}" for one in shown["accounts"]]
    return "\n".join([*lines, "", f"Alamat: {shown['url']}"])
