"""`lms audit`: check that nobody changed the audit log behind the program's back, or read its newest rows."""

import argparse
import json
import time
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.cli import anchoring
from lms.cli.data import data_folder, open_database
from lms.store import audit
from lms.store.audit import AuditEntry

EXAMPLE = "Contoh: lms audit verify --data data        lms audit tampilkan --data data --jumlah 20"
SHOWN = 50
CHECKS = ("verify", "periksa")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "act", metavar="verify|tampilkan", choices=(*CHECKS, "tampilkan", "show"), help="verify (periksa) atau tampilkan (show)"
    )
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")
    parser.add_argument(
        "--jumlah", "--count", dest="count", type=int, default=SHOWN, help=f"banyaknya baris yang ditampilkan (bawaan: {SHOWN})"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 = the log is whole, 1 = something was changed; each row is named."""
    folder = data_folder(arguments.data)
    engine = open_database(folder)
    try:
        with Session(engine) as session:
            return verify(session, folder) if arguments.act in CHECKS else show(session, max(1, arguments.count))
    finally:
        engine.dispose()


def verify(session: Session, folder: Path) -> int:
    began = time.monotonic()
    anchors = audit.read_anchors(anchoring.places(folder))
    verdict = audit.verify(session, anchors)
    for _, sentence in verdict.flaws[:SHOWN]:
        print(sentence)
    told = f"{verdict.count} baris diperiksa dalam {time.monotonic() - began:.1f} detik, {len(anchors)} jangkar dicocokkan."
    if verdict.flaws:
        print(f"{told} {len(verdict.flaws)} kejanggalan: simpan salinan basis data ini sebelum memperbaiki apa pun.")
        return 1
    before = f" {verdict.older} catatan lebih tua dari rantai dan tersegel bersama." if verdict.older else ""
    print(f"Jejak audit utuh. {told}{before}")
    return 0


def show(session: Session, count: int) -> int:
    """The newest rows as they are stored, oldest first: for an operator beside the database."""
    for row in reversed(session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(count)).all()):
        who = row.actor_id if row.actor_id is not None else "-"
        detail = json.dumps(row.detail, ensure_ascii=False, sort_keys=True)
        print(f"{row.id}\t{row.at:%Y-%m-%dT%H:%M:%SZ}\t{who}\t{row.action}\t{row.subject}\t{detail}")
    return 0
