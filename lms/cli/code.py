"""`lms kode`: a one-time code for a person who is to sign in for the first time, or who has lost the password."""

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.cli.data import data_folder, open_database
from lms.errors import NotFound
from lms.people import second_factor
from lms.people.actions import issue_code
from lms.people.models import Account, Person
from lms.people.names import display_name
from lms.people.rules import CODE_LIFE, normalise_identifier
from lms.people.settings import agency_settings
from lms.people.types import CodePurpose
from lms.store.engine import write_tx

EXAMPLE = "Contoh: lms kode 198609262015051001 --data data"


@dataclass(frozen=True, slots=True)
class Slip:
    """What is handed to the person."""

    name: str
    identifier: str
    code: str
    purpose: CodePurpose
    expires_at: datetime


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "identifier", metavar="NIP_ATAU_NAMA_MASUK", help="NIP (boleh berspasi, dalam tanda kutip) atau nama masuk"
    )
    parser.add_argument("--data", type=Path, help="folder data (semua yang perlu dicadangkan ada di sini)")
    parser.add_argument(
        "--lepas-dua-langkah",
        dest="is_phone_lost",
        action="store_true",
        help="ponselnya hilang: lepas juga verifikasi dua langkah",
    )


def run(arguments: argparse.Namespace) -> int:
    engine = open_database(data_folder(arguments.data))
    now = datetime.now(UTC)
    try:
        with Session(engine) as session:
            with write_tx(session):
                slip = make_slip(session, arguments.identifier, now, is_phone_lost=arguments.is_phone_lost)
            print(printed(slip, agency_settings(session).time_zone))
    finally:
        engine.dispose()
    return 0


def make_slip(session: Session, identifier: str, now: datetime, *, is_phone_lost: bool = False) -> Slip:
    """A code for the owner of an account, by sign-in name or NIP: to activate it, or to set a new password when it is active.

    Older codes stop working; the act is audited. `is_phone_lost` takes the second factor away too: the way back for the only
    administrator. Raises NotFound, Conflict for a disabled account or when there is no second factor to take away.
    """
    wanted = normalise_identifier(identifier)
    found = session.execute(
        select(Person, Account.identifier, Account.password_hash)
        .join(Account, Account.person_id == Person.id)
        .where((Account.identifier == wanted) | (Person.nip == wanted))
        .order_by(Person.id)
    ).first()
    if found is None:
        raise NotFound(
            f"Tidak ada pegawai berakun dengan NIP atau nama masuk “{identifier.strip()[:100]}”. Periksa lagi penulisannya."
        )
    person, sign_in_name, password_hash = found
    if is_phone_lost:
        second_factor.reset(session, person_id=person.id, by=None, now=now)
    purpose = CodePurpose.ACTIVATION if password_hash is None else CodePurpose.RESET
    code = issue_code(session, person_id=person.id, purpose=purpose, now=now)
    name = display_name(person.title_prefix, person.name, person.title_suffix)
    return Slip(name, sign_in_name, code, purpose, now + CODE_LIFE[purpose])


def printed(slip: Slip, time_zone: str) -> str:
    """The slip as text, with the hour until which the code works."""
    what = "aktivasi" if slip.purpose is CodePurpose.ACTIVATION else "pemulihan"
    until = format_datetime(slip.expires_at, "d MMMM y 'pukul' HH.mm z", tzinfo=ZoneInfo(time_zone), locale="id")
    return (
        f"Kode {what} untuk {slip.name}\n\n"
        f"  Nama masuk    {slip.identifier}\n"
        f"  Kode          {slip.code}\n"
        f"  Berlaku       sekali pakai, sampai {until}\n\n"
        "Serahkan langsung kepada orangnya. Kode ini tidak dapat ditampilkan lagi."
    )
