"""`lms admin`: begin a real installation. Keeps the agency's settings and makes an administrator with an activation code."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.cli.code import Slip, make_slip, printed
from lms.cli.data import data_folder, open_database
from lms.errors import Invalid, Refused
from lms.people.actions import grant_role, make_person
from lms.people.grades import parse_grade
from lms.people.models import Person
from lms.people.names import tidy_name
from lms.people.nip import parse_nip
from lms.people.settings import agency_settings, save_settings
from lms.people.types import EmploymentKind, Role
from lms.store import audit
from lms.store.engine import write_tx

EXAMPLE = (
    "Contoh: lms admin --data data --nip 198609262015051001 --nama 'Sitti Rahma' --gelar-belakang 'S.Kom.' \\\n"
    "          --instansi 'Pemerintah Kota Contoh' --tempat Contoh \\\n"
    "          --penandatangan 'Drs. Budi Santoso, M.Si.' --jabatan-penandatangan 'Kepala BKPSDM'"
)
SETTINGS = {
    "agency_name": ("--instansi", "nama instansi, seperti tercetak pada sertifikat"),
    "agency_place": ("--tempat", "kota di depan tanggal sertifikat"),
    "signatory_name": ("--penandatangan", "nama penandatangan sertifikat, dengan gelar"),
    "signatory_nip": ("--nip-penandatangan", "NIP penandatangan"),
    "signatory_position": ("--jabatan-penandatangan", "jabatan penandatangan"),
    "time_zone": ("--zona", "zona waktu instansi: Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura"),
    "help_contact": ("--kontak", "siapa yang ditanya bila tidak bisa masuk, misalnya 'BKPSDM, WA 0812...'"),
}
"""Setting to its option and what the option is for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder data (semua yang perlu dicadangkan ada di sini)")
    parser.add_argument("--nip", required=True, help="NIP administrator; dipakai untuk masuk")
    parser.add_argument("--nama", dest="name", default="", help="nama tanpa gelar; perlu bila pegawainya belum tercatat")
    parser.add_argument("--gelar-depan", dest="title_prefix", default="")
    parser.add_argument("--gelar-belakang", dest="title_suffix", default="")
    parser.add_argument("--golongan", dest="grade", default="", help="misalnya III/d, atau IX untuk PPPK")
    parser.add_argument("--jabatan", dest="position", default="")
    for name, (option, purpose) in SETTINGS.items():
        parser.add_argument(option, dest=name, help=purpose)


def run(arguments: argparse.Namespace) -> int:
    folder = data_folder(arguments.data)
    if (folder / "demo.json").exists():
        raise Refused(f"Folder {folder} berisi data peragaan. Mulai instalasi yang sebenarnya di folder lain.")
    engine = open_database(folder)
    try:
        with Session(engine) as session:
            with write_tx(session):
                slip = begin(session, arguments, datetime.now(UTC))
            settings = agency_settings(session)
    finally:
        engine.dispose()
    print(f"{settings.agency_name}: administrator siap.\n\n{printed(slip, settings.time_zone)}")
    missing = [
        SETTINGS[name][0] for name in ("agency_place", "signatory_name", "signatory_position") if not getattr(settings, name)
    ]
    if missing:
        print(
            f"\nSertifikat belum lengkap tanpa {', '.join(missing)}; jalankan lagi perintah ini dengan pilihan itu bila sudah ada."
        )
    return 0


def begin(session: Session, arguments: argparse.Namespace, now: datetime) -> Slip:
    """Keep the settings given, make or find the person by NIP, grant the role, issue a code. Audited; repeating it is safe.

    Raises Invalid, changing nothing, for a NIP, grade, zone or name that cannot be taken.
    """
    given = {name: getattr(arguments, name) for name in SETTINGS if getattr(arguments, name) is not None}
    if given.get("signatory_nip"):
        given["signatory_nip"] = parse_nip(given["signatory_nip"]).value
    if given:
        save_settings(session, now=now, **given)
    nip = parse_nip(arguments.nip)
    person_id = session.scalar(select(Person.id).where(Person.nip == nip.value))
    if person_id is None:
        if not tidy_name(arguments.name):
            raise Invalid(
                "Pegawai dengan NIP ini belum tercatat. Tambahkan namanya dengan --nama. Belum ada yang berubah.", field="name"
            )
        person_id = make_person(
            session,
            name=arguments.name,
            nip=nip.value,
            employment_kind=EmploymentKind.PPPK if nip.kind is EmploymentKind.PPPK else EmploymentKind.PNS,
            title_prefix=arguments.title_prefix,
            title_suffix=arguments.title_suffix,
            grade=parse_grade(arguments.grade),
            position=arguments.position,
        )
        audit.record(session, at=now, action="person.make", subject=f"person:{person_id}")
    grant_role(session, person_id=person_id, role=Role.ADMIN, now=now)
    return make_slip(session, nip.value, now)
