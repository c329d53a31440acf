"""`lms ekspor`: the office's reports and the courses for SIASN as files, by the same functions as the pages, for scripts."""

import argparse
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from config import read_config
from lms.cli.data import data_folder, open_database
from lms.errors import Refused
from lms.people.exports import record_export
from lms.people.hierarchy import EVERYBODY
from lms.people.settings import agency_settings
from lms.recognition import exports
from lms.recognition.rules import grouped_code
from lms.shared.spreadsheet import Table, write_csv, write_xlsx
from lms.store.engine import write_tx
from lms.teams.report_frame import Asked, frame
from lms.teams.reports import report_kind

EXAMPLE = """Contoh: lms ekspor sertifikat --tahun 2026 --ke sertifikat.xlsx
        lms ekspor jp --hari 2026-06-30 --ke jp.csv
        lms ekspor siasn --ke kursus.xlsx
        lms ekspor siasn --ulang 12 --ke sertifikat.zip"""
KEYS = {"sertifikat": "sertifikat", "jp": "anggota"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="APA", choices=(*KEYS, "siasn"), help="sertifikat, jp (setiap pegawai), atau siasn")
    parser.add_argument(
        "--ke", dest="to", type=Path, required=True, help="berkas yang ditulis: .xlsx, .csv; untuk siasn juga .zip (PDF)"
    )
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")
    parser.add_argument(
        "--hari", dest="on", type=date.fromisoformat, help="keadaan pada akhir hari itu, YYYY-MM-DD (bawaan: sekarang)"
    )
    parser.add_argument("--tahun", dest="year", type=int, help="tahun nomor sertifikat (bawaan: tahun ini)")
    parser.add_argument(
        "--ulang", dest="again", type=int, metavar="NOMOR", help="siasn: ambil lagi ekspor itu, tanpa membuat yang baru"
    )
    parser.add_argument("--koma", dest="comma", action="store_true", help="CSV dipisah koma, bukan titik koma")


def run(arguments: argparse.Namespace) -> int:
    """0 = the file is there, whole. It is noted as an export of the command line (R91)."""
    target: Path = arguments.to
    endings = (".xlsx", ".csv", ".zip") if arguments.what == "siasn" else (".xlsx", ".csv")
    if target.suffix.lower() not in endings:
        raise Refused(f"Nama berkas {target.name} harus berakhiran {' atau '.join(endings)}. Belum ada yang ditulis.")
    if not target.absolute().parent.is_dir():
        raise Refused(f"Folder {target.absolute().parent} tidak ada. Buat dulu foldernya; belum ada yang ditulis.")
    folder = data_folder(arguments.data)
    engine = open_database(folder)
    now = datetime.now(UTC)
    try:
        with (
            Session(engine, expire_on_commit=False) as session,
            tempfile.TemporaryDirectory(dir=target.absolute().parent) as place,
        ):
            draft = Path(place, "berkas")
            said = (
                _siasn(session, arguments, draft, now) if arguments.what == "siasn" else _report(session, arguments, draft, now)
            )
            draft.chmod(0o600)
            draft.replace(target)  # at once, whole
    finally:
        engine.dispose()
    print(f"{said} Berkas: {target}")
    return 0


def _report(session: Session, arguments: argparse.Namespace, draft: Path, now: datetime) -> str:
    settings = agency_settings(session)
    today = now.astimezone(ZoneInfo(settings.time_zone)).date()
    is_past = arguments.on is not None and arguments.on < today
    asked = Asked(arguments.on if is_past else today, is_past=is_past, year=arguments.year)
    kind = report_kind(KEYS[arguments.what])
    found = kind.build(frame(session, EVERYBODY, asked, settings, viewer_id=None))
    _note(session, kind.key, found.people, now, arguments)
    _write(found.table, draft, arguments, now)
    return f"{len(found.table.rows)} baris."


def _siasn(session: Session, arguments: argparse.Namespace, draft: Path, now: datetime) -> str:
    export_id = arguments.again
    if export_id is None:
        ids = exports.preview(session).ids
        with write_tx(session):
            export_id = exports.make_export(session, ids=ids, by=None, now=now)
    made = exports.export_row(session, export_id)
    _note(session, "siasn-berkas", made.people, now, arguments, export=made.id)
    count = made.detail["certificates"]
    said = f"Ekspor {made.id}: {count} sertifikat. Ambil lagi dengan --ulang {made.id}."
    if arguments.to.suffix.lower() != ".zip":
        _write(exports.export_table(session, made.id), draft, arguments, made.at)
        return said
    base_url = read_config(data_folder(arguments.data)).base_url
    parts = range(1, -(-count // exports.IN_PART) + 1)
    snapshots = [snapshot for part in parts for snapshot in exports.snapshots_of(session, made.id, part)]
    session.rollback()  # nothing is read any more while the PDFs are made
    with draft.open("wb") as out:
        exports.pack(
            snapshots, out, made_at=made.at, verify_url=lambda code: f"{base_url}/verifikasi/{grouped_code(code)}",
            tell=lambda done: print(f"  {done} dari {count}") if done % exports.IN_PART == 0 else None,
        )  # fmt: skip
    return said


def _note(session: Session, kind: str, people: int, now: datetime, arguments: argparse.Namespace, **detail: int) -> None:
    shape = arguments.to.suffix.lower()[1:]
    with write_tx(session):
        record_export(session, at=now, by=None, kind=kind, scope_paths=("/",), people=people, shape=shape, **detail)


def _write(table: Table, draft: Path, arguments: argparse.Namespace, made_at: datetime) -> None:
    if arguments.to.suffix.lower() == ".xlsx":
        write_xlsx(table, draft, made_at)
        return
    with draft.open("w", encoding="utf-8", newline="") as out:
        write_csv(table, out, "," if arguments.comma else ";")
