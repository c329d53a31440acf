"""`lms impor pegawai FILE`: take a staff file of SIASN or SIMPEG over. Shows the plan; --terapkan carries it out."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lms.cli.data import data_folder, open_database
from lms.content import mediastore
from lms.content.spreadsheets import read_sheets
from lms.errors import Refused
from lms.people.importing import actions, queries, undo
from lms.people.importing.queries import ImportRow
from lms.people.importing.rows import read_kept, read_upload
from lms.people.importing.texts import KINDS, told, unit_lines
from lms.people.importing.types import ImportState, Options, Plan, RowKind, StaffFile
from lms.people.rules import staff_date
from lms.store.engine import write_tx

EXAMPLE = """Contoh:
  lms impor pegawai pegawai-siasn.csv --data data
  lms impor pegawai pegawai-siasn.xlsx --data data --terapkan --berlaku 2026-03-01
  lms impor pegawai seluruh-pegawai.xlsx --data data --lengkap --format json

Tanpa --terapkan hanya rencananya yang ditunjukkan. Kode keluar: 0 bersih, 2 bila ada baris bermasalah atau ditolak."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("pegawai", "staff"), metavar="pegawai", help="yang diimpor: pegawai")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="ekspor SIASN atau SIMPEG, atau templat yang sudah diisi: .xlsx atau .csv"
    )
    parser.add_argument("--data", type=Path, help="folder data (semua yang perlu dicadangkan ada di sini)")
    parser.add_argument("--terapkan", "--apply", dest="apply", action="store_true", help="terapkan; tanpa ini hanya rencana")
    parser.add_argument(
        "--berlaku",
        "--on",
        dest="on",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="berlaku sejak hari ini atau sebelumnya (bawaan: hari ini)",
    )
    parser.add_argument(
        "--lengkap",
        "--complete",
        dest="complete",
        action="store_true",
        help="berkas memuat seluruh pegawai; yang tidak ada di dalamnya berhenti",
    )
    parser.add_argument(
        "--jumlah-berhenti",
        "--leavers",
        dest="leavers",
        default="",
        metavar="N",
        help="setuju bahwa N orang berhenti (lebih dari sepersepuluh)",
    )
    parser.add_argument("--format", choices=("teks", "json"), default="teks", help="bentuk keluaran (bawaan: teks)")


def run(arguments: argparse.Namespace) -> int:
    try:
        content = arguments.file.read_bytes()
    except OSError as problem:
        raise Refused(f"{arguments.file} tidak dapat dibaca ({problem.strerror}). Periksa jalur dan izinnya.") from problem
    file, kept = read_upload(read_sheets(content))
    now = datetime.now(UTC)
    options = Options(arguments.on or staff_date(now), arguments.complete)
    actions.check_day(options, now)
    folder = data_folder(arguments.data)
    engine = open_database(folder)
    try:
        with Session(engine, expire_on_commit=False) as session:
            plan = queries.plan_of(session, file, options, None)
        _print(arguments, file, plan, options)
        if arguments.apply:
            import_id = _begin(engine, folder, arguments, kept, plan, options, now)
            done = take_over(engine, folder, import_id, _progress(len(plan.outcomes)), file)
            if arguments.format == "teks":
                print(f"Selesai: {_counted(done)}. Impor nomor {import_id}; batalkan dari halaman Impor bila keliru.")
    finally:
        engine.dispose()
    return 2 if plan.count(RowKind.PROBLEM) else 0


def _begin(
    engine: Engine, folder: Path, arguments: argparse.Namespace, kept: bytes, plan: Plan, options: Options, now: datetime
) -> int:
    """The import of this file that was interrupted, or a new one, confirmed."""
    sha256 = mediastore.keep(kept, folder, mediastore.IMPORTS)
    with Session(engine, expire_on_commit=False) as session:
        for found in queries.waiting(session):
            if (found.sha256, found.options, found.state) == (sha256, options, ImportState.APPLYING):
                return found.import_id
        with write_tx(session):
            import_id = actions.register(session, file_name=arguments.file.name, sha256=sha256, options=options, now=now)
            actions.confirm(session, import_id=import_id, plan=plan, typed=arguments.leavers, now=now)
    return import_id


def take_over(
    engine: Engine, folder: Path, import_id: int, tell: Callable[[int], bool], file: StaffFile | None = None
) -> dict[str, int]:
    """Go on with an import, or with undoing it, until it is done or `tell(rows done)` says False. Returns the counts of what was done.

    `file`: the one of the import, where it has just been read. Every piece is a transaction of its own: safe to kill, and beside another worker.
    """
    with Session(engine, expire_on_commit=False) as session:
        found = queries.staff_import(session, import_id)
        if found.state is ImportState.UNDOING:

            def piece() -> bool:
                return undo.advance_undo(session, import_id, now=datetime.now(UTC))
        else:
            going = actions.begin_run(session, found, file or _kept_file(folder, found))

            def piece() -> bool:
                return actions.advance(session, going, now=datetime.now(UTC))

        more = True
        while more:
            with write_tx(session):
                more = piece()
            session.expunge_all()
            done: dict[str, int] = queries.staff_import(session, import_id).counts["done"]
            more = tell(sum(count for kind, count in done.items() if kind != "units")) and more
    return done


def _kept_file(folder: Path, found: ImportRow) -> StaffFile:
    path = mediastore.path_of(folder, found.sha256, mediastore.IMPORTS)
    try:
        return read_kept(path.read_bytes())
    except OSError as problem:
        raise Refused(
            f"Berkas impor nomor {found.import_id} tidak ada lagi di {path}. Impor lagi dari berkas asalnya."
        ) from problem


def _progress(total: int) -> Callable[[int], bool]:
    """A line in the terminal that is written over; silent where nobody watches."""

    def tell(done: int) -> bool:
        if sys.stderr.isatty():
            print(f"\r{done} dari {total} baris", end="" if done < total else "\n", file=sys.stderr, flush=True)
        return True

    return tell


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{label.lower()} {counts[kind]}" for kind, label in KINDS.items() if counts[kind])


def _print(arguments: argparse.Namespace, file: StaffFile, plan: Plan, options: Options) -> None:
    lines = [(outcome.kind, told(outcome, plan)) for outcome in plan.outcomes]
    shown = [(kind, line) for kind, line in lines if kind is not RowKind.UNCHANGED or line.texts]
    if arguments.format == "json":
        rows = [{"kind": kind.value, "place": line.place, "name": line.name, "texts": line.texts} for kind, line in shown]
        told_all = {
            "file": arguments.file.name,
            "on": options.on.isoformat(),
            "complete": options.is_complete,
            "applied": arguments.apply,
            "counts": plan.counts,
            "asks_for_number": plan.asks_for_number,
            "ignored": file.ignored,
            "units": unit_lines(plan),
            "rows": rows,
        }
        print(json.dumps(told_all, ensure_ascii=False, indent=1))
        return
    for kind in KINDS:
        for line in (line for each, line in shown if each is kind and line.texts and kind is not RowKind.NEW):
            print(f"{KINDS[kind]}: {line.place or 'tidak ada di berkas'}, {line.name}: {' '.join(line.texts)}")
    for sentence in unit_lines(plan):
        print(sentence)
    if file.ignored:
        print(f"Kolom yang tidak dipakai dan tidak disimpan: {', '.join(file.ignored)}")
    print(f"{'Rencana' if not arguments.apply else 'Yang diterapkan'}: {_counted(plan.counts)}.")
