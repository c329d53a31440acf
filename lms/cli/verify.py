"""`lms verify`: compare what is stored with what the facts say, and bring it in line when asked to."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from lms.cli.data import data_folder, open_database
from lms.progress import projection
from lms.progress.types import Difference
from lms.recognition import actions, queries
from lms.store.engine import write_tx

EXAMPLE = "Contoh: lms periksa-data --data data"
SHOWN = 50
"""Lines printed; the count is always that of all."""
WORDS = {
    "state": "keadaan",
    "percent": "persentase",
    "done_count": "banyaknya yang selesai",
    "total_count": "banyaknya yang wajib",
    "minutes_left": "sisa menit",
    "next_key": "materi berikutnya",
    "summary": "ringkasan",
    "jp": "catatan JP",
    "certificate": "sertifikat",
    "sequence": "urutan nomor sertifikat",
}
VALUES = {"missing": "tidak ada", "present": "ada", "": "kosong"}
SUBJECTS = {"enrolment": "Pendaftaran", "certificates": "Tahun"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")
    parser.add_argument(
        "--perbaiki", "--repair", dest="repair", action="store_true", help="susun ulang ringkasan dan selesaikan yang tertinggal"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 = everything agrees (after repairing, when asked to), 1 = something does not; each is named."""
    engine = open_database(data_folder(arguments.data))
    try:
        with Session(engine, expire_on_commit=False) as session:
            if arguments.repair:
                repair(session, datetime.now(UTC))
            found = projection.verify(session) + queries.verify(session)
    finally:
        engine.dispose()
    for line in lines(found):
        print(line)
    return 1 if found else 0


def repair(session: Session, now: datetime) -> None:
    """Rebuild summaries and settle what was left unsettled, in short transactions. Facts are never touched."""
    after_id, more = 0, True
    while more:
        with write_tx(session):
            after_id = projection.rebuild_summaries(session, after_id=after_id)
        more = after_id > 0
    more = True
    while more:
        with write_tx(session):
            _, after_id = actions.settle_pending(session, now=now, after_id=after_id)
        more = after_id > 0
    for difference in queries.verify(session):
        kind, _, number = difference.subject.partition(":")
        if kind == "enrolment":
            with write_tx(session):
                actions.settle(session, enrolment_id=int(number), now=now)


def lines(found: list[Difference]) -> list[str]:
    """The report in plain words."""
    if not found:
        return ["Data cocok: ringkasan, JP, dan sertifikat sesuai dengan fakta yang tersimpan."]
    told = [_line(difference) for difference in found[:SHOWN]]
    if len(found) > SHOWN:
        told.append(f"… dan {len(found) - SHOWN} lagi.")
    told.append(f"{len(found)} ketidakcocokan. Fakta tidak berubah; susun ulang dengan: lms periksa-data --perbaiki")
    return told


def _line(difference: Difference) -> str:
    kind, _, number = difference.subject.partition(":")
    stored, derived = (VALUES.get(value, value) for value in (difference.stored, difference.derived))
    return f"{SUBJECTS[kind]} {number}: {WORDS[difference.name]} tersimpan {stored}, seharusnya {derived}."
