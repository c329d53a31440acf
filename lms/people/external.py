"""Signing in through a provider such as ASN Digital (D32, R47): an account of it belongs to a person by (issuer, subject).

The first time the NIP links the two, never an e-mail address, and nobody is created. The tokens are checked before, at the edge.
"""

import re
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid
from lms.people.models import Account, ExternalIdentity, Person
from lms.people.queries import employed_on
from lms.people.rules import staff_date
from lms.store import audit

_NIP = re.compile(r"[0-9]{18}")


def refused() -> Invalid:
    """The one answer to whatever is wrong with a sign-in through the provider."""
    return Invalid(
        "Masuk lewat akun luar tidak berhasil, dan tidak ada yang berubah. Coba sekali lagi, atau masuk dengan kata sandi Pelita. "
        "Bila tetap gagal, hubungi pengelola Pelita di instansi Anda."
    )


def person_for(session: Session, *, issuer: str, subject: str, nip: object, now: datetime) -> int:
    """The active person whom this account of the provider belongs to, linked by NIP when it comes for the first time.

    `nip` is the claim as it came: eighteen digits and nothing else are taken, so that nothing is read into it. Raises Invalid
    (`refused`), and Conflict when the person is linked to another account of this provider.
    """
    active = (
        select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(Account.disabled_at.is_(None), employed_on(staff_date(now)))
        .with_for_update(of=Account)
    )
    linked = session.scalar(
        select(ExternalIdentity.person_id).where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject)
    )
    if linked is not None:
        found = session.scalar(active.where(Person.id == linked))
        if found is None:
            raise refused()
        return found
    found = session.scalar(active.where(Person.nip == nip)) if isinstance(nip, str) and _NIP.fullmatch(nip) else None
    if found is None:
        raise refused()
    other = select(ExternalIdentity.id).where(ExternalIdentity.person_id == found, ExternalIdentity.issuer == issuer)
    if session.scalar(other.limit(1)) is not None:
        raise Conflict(
            "NIP ini sudah terhubung dengan akun lain di penyedia yang sama, jadi tidak dihubungkan lagi. Masuklah dengan kata sandi "
            "Pelita, atau minta pengelola melepas hubungan yang lama."
        )
    try:
        with session.begin_nested():
            session.add(ExternalIdentity(issuer=issuer, subject=subject, person_id=found, linked_at=now))
            session.flush()
    except IntegrityError as problem:  # two tabs of one person at once: the other one has linked it
        raise refused() from problem
    audit.record(session, at=now, action="account.link", actor_id=found, subject=f"person:{found}", issuer=issuer)
    return found


def record_refusal(session: Session, *, reason: str, now: datetime) -> None:
    """What was wrong, for the administrator; the person is told one sentence. Never a token or a NIP."""
    audit.record(session, at=now, action="account.external_refused", reason=reason[:200])
    session.flush()


def is_linked(session: Session, person_id: int) -> bool:
    """Whether the person has signed in through a provider."""
    return session.scalar(select(ExternalIdentity.id).where(ExternalIdentity.person_id == person_id).limit(1)) is not None


def unlink(session: Session, *, person_id: int, by: int | None, now: datetime) -> None:
    """Forget which accounts of providers belong to a person; the next sign-in there links anew, by NIP. Raises Conflict without any."""
    gone = session.scalars(
        delete(ExternalIdentity).where(ExternalIdentity.person_id == person_id).returning(ExternalIdentity.id)
    ).all()
    if not gone:
        raise Conflict("Pegawai ini tidak terhubung dengan akun luar, jadi tidak ada yang diubah.")
    audit.record(session, at=now, action="account.unlink", actor_id=by, subject=f"person:{person_id}")
    session.flush()
