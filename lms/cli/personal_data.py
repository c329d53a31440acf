"""`lms data`: a copy of what is held about a person, erasing what is held about one who left, and the papers of data protection."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lms.care import documents, erasing, gather
from lms.cli.data import data_folder, open_database
from lms.content import mediastore
from lms.errors import Invalid, NotFound, Refused
from lms.people.exports import record_export
from lms.people.models import Person
from lms.people.names import display_name
from lms.people.rules import normalise_identifier, staff_date
from lms.people.settings import agency_settings
from lms.store.engine import write_tx
from lms.store.guards import compact

EXAMPLE = """Contoh: lms data ekspor 198609262015051001 --data data --ke salinan.zip
        lms data hapus 198609262015051001 --data data          (hanya menunjukkan; tambahkan --ya untuk melakukannya)
        lms data hapus --ulang --data data --ya                 (sesudah memulihkan cadangan lama)
        lms data dpia --data data > dpia.md"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", metavar="ekspor|hapus|dpia", choices=("ekspor", "hapus", "dpia", "export", "erase"))
    parser.add_argument("nip", metavar="NIP", nargs="?", default="", help="NIP, atau nomor:12 untuk pegawai tanpa NIP")
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")
    parser.add_argument("--ke", "--to", dest="target", type=Path, help="berkas zip yang ditulis")
    parser.add_argument("--ya", "--yes", dest="sure", action="store_true", help="lakukan penghapusan")
    parser.add_argument(
        "--ulang", "--again", dest="again", action="store_true", help="ulangi semua penghapusan menurut jejak/hapus.log"
    )


def run(arguments: argparse.Namespace) -> int:
    folder, now = data_folder(arguments.data), datetime.now(UTC)
    engine = open_database(folder)
    try:
        with Session(engine) as session:
            if arguments.act == "dpia":
                agency = agency_settings(session).agency_name
                print(documents.assessment(agency), documents.processing_record(agency), sep="\n")
            elif arguments.act in ("ekspor", "export"):
                _export(session, folder, _person(session, arguments.nip), arguments.target, now)
            else:
                ids = erasing.erased_ids(folder) if arguments.again else [_person(session, arguments.nip).id]
                _erase(session, engine, folder, ids, now, arguments.sure)
    finally:
        engine.dispose()
    return 0


def _person(session: Session, typed: str) -> Person:
    kind, _, number = typed.partition(":")
    is_number = kind == "nomor" and number.isascii() and number.isdecimal() and len(number) < 10
    wanted = Person.id == int(number) if is_number else Person.nip == normalise_identifier(typed)
    found = session.scalar(select(Person).where(wanted))
    if found is None:
        raise NotFound("Tidak ada pegawai dengan NIP itu. Periksa angkanya, atau tulis nomor:12 untuk pegawai tanpa NIP.")
    return found


def _export(session: Session, folder: Path, person: Person, target: Path | None, now: datetime) -> None:
    if target is None:
        raise Invalid("Sebutkan berkas tujuannya dengan --ke, misalnya --ke salinan.zip.")
    title = f"Data pribadi {display_name(person.title_prefix, person.name, person.title_suffix)}"
    content = gather.copy_of(session, person.id, title=title, now=now, content_of=mediastore.opener(folder))
    scope = f"person:{person.id}"
    with write_tx(session):
        record_export(session, at=now, by=None, kind="person", scope_paths=(scope,), people=1)
    try:
        target.write_bytes(content)
    except OSError as problem:
        raise Refused(f"Berkas {target} tidak dapat ditulis ({problem.strerror}).") from problem
    print(f"Salinan tersimpan di {target}.")


def _erase(session: Session, engine: Engine, folder: Path, ids: list[int], now: datetime, sure: bool) -> None:
    for person_id in ids:
        erasing.check_gone(session, person_id, staff_date(now))
        for step in erasing.plan(session, person_id):
            print(f"{step.act:>10}  {step.rows:>6}  {step.label}")
        if sure:
            with write_tx(session):
                hashes = erasing.erase(session, person_id=person_id, today=staff_date(now), now=now, by=None)
            erasing.after(folder, person_id, hashes, now)
    if not sure:
        print("Belum ada yang diubah. Buat dulu salinan arsip (`lms data ekspor`), lalu ulangi dengan --ya.")
        return
    session.close()
    compact(engine)
    print(f"Selesai: data {len(ids)} orang disamarkan. Tetap tersimpan sebagai arsip: {', '.join(erasing.kept())}.")
