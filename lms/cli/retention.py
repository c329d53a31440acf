"""`lms retensi`: what the nightly job deletes next, counted. Deletes nothing by itself."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from lms.care import retention
from lms.cli.data import data_folder, open_database

EXAMPLE = "Contoh: lms retensi --data data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")


def run(arguments: argparse.Namespace) -> int:
    engine = open_database(data_folder(arguments.data))
    try:
        with Session(engine) as session:
            for what, count in retention.overdue(session, datetime.now(UTC)):
                print(f"{count:>8}  {what}")
    finally:
        engine.dispose()
    print("Dihapus oleh `lms jobs` setiap malam. Jejak audit, JP, dan sertifikat tidak termasuk.")
    return 0
