"""What a person signs in with: the NIP, or a word for those who have none (D22)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.errors import Invalid, NotFound
from lms.people.models import Account, Person
from lms.people.nip import parse_nip
from lms.people.rules import check_identifier
from lms.store import audit


def change_sign_in(session: Session, *, person_id: int, nip: str, identifier: str, now: datetime, by: int | None = None) -> None:
    """Correct or add the NIP, which is then what the account is found by; without a NIP the sign-in word is. Password and sessions stay.

    Makes the account of somebody who had none. Raises NotFound, and Invalid, also for a NIP or word in use.
    """
    person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    account = session.get(Account, person_id, with_for_update=True)
    number = parse_nip(nip, birth_date=person.birth_date).value if nip.strip() else None
    word = check_identifier(number or identifier) if number or identifier.strip() else None
    if word is None and account is not None:
        raise Invalid("Isi NIP atau nama masuk; tanpa itu orang ini tidak dapat masuk.", field="identifier")
    if (number, word) == (person.nip, account.identifier if account else None):
        return
    try:
        with session.begin_nested():
            person.nip = number
            if account is not None and word is not None:
                account.identifier = word
            elif word is not None:
                session.add(Account(person_id=person_id, identifier=word))
            session.flush()
    except IntegrityError as problem:
        raise Invalid("NIP atau nama masuk ini sudah dipakai pegawai lain.", field="nip" if number else "identifier") from problem
    audit.record(session, at=now, action="account.identifier", actor_id=by, subject=f"person:{person_id}")
    session.flush()
