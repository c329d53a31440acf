"""Certificates on their way to SIASN (D54): what is new, what cannot be sent, and exports that can be made again as they were."""

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from sqlalchemy import Row, Select, exists, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from lms.errors import Conflict, NotFound
from lms.people.exports import ExportRow, record_export
from lms.people.models import DataExport, Person
from lms.recognition import pdf
from lms.recognition.models import Certificate, CertificateRevocation, SiasnExport
from lms.recognition.queries import certificates_select, state_of
from lms.recognition.siasn import course_record
from lms.recognition.types import CertificateState, Snapshot
from lms.shared.codec import decode
from lms.shared.spreadsheet import Column, Kind, Table

KIND = "siasn"
MOST_AT_ONCE = 1000
"""Certificates in one export; the rest wait for the next."""
IN_PART = 200
"""PDFs in one zip: some seconds of work and some ten megabytes."""
IN_CHUNK = 500
SHOWN = 100
NOTHING_NEW = "Tidak ada sertifikat baru untuk dikirim. Ekspor yang sudah dibuat tetap dapat diambil lagi."
COLUMNS = (
    Column("nip", Kind.NIP, 21),
    Column("nama", width=34),
    Column("pnsOrangId", width=38),
    Column("namaKursus", width=44),
    Column("nomorSertipikat", width=34),
    Column("institusiPenyelenggara", width=34),
    Column("tanggalKursus"),
    Column("tanggalSelesaiKursus"),
    Column("tahunKursus", Kind.YEAR),
    Column("jumlahJam", Kind.NUMBER),
    Column("jenisDiklatId", Kind.NUMBER),
    Column("jenisKursusSertipikat"),
)
"""nip and nama tell people whose row it is; the rest are SIASN's own names."""


@dataclass(frozen=True, slots=True)
class Note:
    """A certificate that is not sent, or no longer stands as it was sent, with the sentence why."""

    number: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    table: Table
    """What the next export will hold, at most MOST_AT_ONCE."""
    waiting: int
    """Everything that is new and can be sent."""
    ids: tuple[int, ...]
    without_siasn_id: int
    held: tuple[Note, ...]
    changed: tuple[Note, ...]
    """Sent earlier, and replaced or withdrawn since: to be put right in SIASN by hand."""


def preview(session: Session) -> Preview:
    """What is new since the last export, oldest first, and what cannot be sent. Two SELECTs."""
    found, held, ids, waiting = [], [], [], 0
    wanted = _certificates().where(~_is_sent()).order_by(Certificate.id).execution_options(yield_per=IN_CHUNK)
    for row in session.execute(wanted):
        reason = _hindrance(row)
        if reason:
            held.append(Note(row.number, row.snapshot["name"], reason))
            continue
        waiting += 1
        if waiting <= MOST_AT_ONCE:
            ids.append(row.id)
            found.append((row.siasn_id, decode(Snapshot, row.snapshot)))
    unknown = sum(not siasn_id for siasn_id, _ in found)
    table = _table("Kursus untuk SIASN", found)
    return Preview(table, waiting, tuple(ids), unknown, tuple(held), tuple(_changed(session)))


def waiting_count(session: Session) -> int:
    """How many certificates stand and were never sent, whether or not they can be. One SELECT."""
    newer = aliased(Certificate)
    replaced = exists().where(newer.enrolment_id == Certificate.enrolment_id, newer.issue > Certificate.issue)
    revoked = exists().where(CertificateRevocation.certificate_id == Certificate.id)
    return session.scalar(select(func.count()).select_from(Certificate).where(~_is_sent(), ~replaced, ~revoked)) or 0


def make_export(session: Session, *, ids: Sequence[int], by: int | None, now: datetime) -> int:
    """Mark these certificates of a preview as sent; those that were sent, replaced or withdrawn meanwhile are left out. Returns the
    export's id. Raises Conflict when none is left or another export took them."""
    rows = [
        row
        for start in range(0, len(ids), IN_CHUNK)
        for row in session.execute(_certificates().where(Certificate.id.in_(ids[start : start + IN_CHUNK]), ~_is_sent()))
        if not _hindrance(row)
    ]
    if not rows:
        raise Conflict(NOTHING_NEW)
    people = len({row.person_id for row in rows})
    export_id = record_export(session, at=now, by=by, kind=KIND, scope_paths=("/",), people=people, certificates=len(rows))
    values = [{"certificate_id": row.id, "export_id": export_id, "siasn_id": row.siasn_id} for row in rows]
    try:
        session.execute(insert(SiasnExport), values)
    except IntegrityError as problem:
        raise Conflict("Ekspor lain baru saja dibuat. Muat ulang halaman untuk melihat yang tersisa.") from problem
    return export_id


def export_row(session: Session, export_id: int) -> ExportRow:
    """Raises NotFound for anything but a SIASN export."""
    columns = (DataExport.id, DataExport.at, DataExport.people, DataExport.detail)
    row = session.execute(select(*columns).where(DataExport.id == export_id, DataExport.kind == KIND)).first()
    if row is None:
        raise NotFound("Ekspor SIASN ini tidak ditemukan. Pilih dari daftar ekspor.")
    return ExportRow(*row)


def export_table(session: Session, export_id: int) -> Table:
    """The rows of an export as they were when it was made, whatever has changed since."""
    wanted = select(SiasnExport.siasn_id, Certificate.snapshot).join(Certificate, Certificate.id == SiasnExport.certificate_id)
    rows = session.execute(wanted.where(SiasnExport.export_id == export_id).order_by(Certificate.id))
    return _table(f"Kursus untuk SIASN, ekspor {export_id}", [(row.siasn_id, decode(Snapshot, row.snapshot)) for row in rows])


def snapshots_of(session: Session, export_id: int, part: int) -> list[Snapshot]:
    """The certificates of one part of an export; parts count from 1. Raises NotFound behind the last."""
    wanted = select(Certificate.snapshot).join(SiasnExport, SiasnExport.certificate_id == Certificate.id)
    wanted = wanted.where(SiasnExport.export_id == export_id).order_by(Certificate.id)
    values = session.scalars(wanted.limit(IN_PART).offset((part - 1) * IN_PART)).all() if 1 <= part <= MOST_AT_ONCE else []
    if not values:
        raise NotFound("Bagian ini tidak ada di ekspor itu.")
    return [decode(Snapshot, value) for value in values]


def pack(
    snapshots: Sequence[Snapshot],
    out: IO[bytes],
    *,
    made_at: datetime,
    verify_url: Callable[[str], str],
    tell: Callable[[int], None] | None = None,
) -> None:
    """Write a zip of PDFs to `out`, one at a time; the same certificates and time give the same bytes. `tell` hears how many are done."""
    stamp = made_at.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(out, "w") as archive:
        for done, snapshot in enumerate(snapshots, 1):
            entry = zipfile.ZipInfo(pdf_name(snapshot), stamp)
            archive.writestr(entry, pdf.render(snapshot, verify_url=verify_url(snapshot.code)))
            if tell is not None:
                tell(done)


def pdf_name(snapshot: Snapshot) -> str:
    """ "198609262015051001_0042-ARSIP-III-2026.pdf": SIASN's upload goes by NIP; the number's slashes become "-" (4.3)."""
    return f"{snapshot.nip}_{re.sub(r'[^A-Za-z0-9.]+', '-', snapshot.number).strip('-.')}.pdf"


# ------------------------------------------------------------------ inside


def _certificates() -> Select[*tuple[Any, ...]]:
    wanted = certificates_select().join(Person, Person.id == Certificate.person_id)
    return wanted.add_columns(Certificate.id, Certificate.person_id, Person.siasn_id)


def _is_sent() -> Any:
    return exists().where(SiasnExport.certificate_id == Certificate.id)


def _hindrance(row: Row[Any]) -> str:
    """Why a certificate is not sent; "" when it can be."""
    state = state_of(row)
    if state is CertificateState.REVOKED:
        return "Sudah dicabut."
    if state is CertificateState.REPLACED:
        return f"Sudah diganti dengan {row.replaced_by}."
    if not row.snapshot["nip"]:
        return "Tidak ada NIP di sertifikatnya. Lengkapi data pegawai, lalu perbaiki sertifikatnya."
    return "" if row.snapshot["jp"] else "0 JP: tidak ada jam yang dapat dicatat."


def _changed(session: Session) -> list[Note]:
    found = []
    newer = aliased(Certificate)
    replaced = exists().where(newer.enrolment_id == Certificate.enrolment_id, newer.issue > Certificate.issue)
    wanted = _certificates().where(_is_sent(), or_(CertificateRevocation.at.is_not(None), replaced))
    for row in session.execute(wanted.order_by(Certificate.id.desc()).limit(SHOWN)):
        reason = (
            "Sudah dikirim, lalu dicabut. Hapus dari SIASN."
            if state_of(row) is CertificateState.REVOKED
            else f"Sudah dikirim, lalu diganti dengan {row.replaced_by}. Perbarui di SIASN."
        )
        found.append(Note(row.number, row.snapshot["name"], reason))
    return found


def _table(title: str, rows: Sequence[tuple[str, Snapshot]]) -> Table:
    lines = []
    for siasn_id, snapshot in rows:
        record = course_record(snapshot) | {"nip": snapshot.nip, "nama": snapshot.name, "pnsOrangId": siasn_id}
        lines.append(tuple(record[column.title] for column in COLUMNS))
    return Table(title, COLUMNS, lines)
