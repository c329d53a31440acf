"""The second factor (R45, D31): a code from an app on the phone, or one of ten recovery codes on paper.

A person who has switched it on is half signed in after the password (access.is_half_signed_in) until `give` opens the session.
Codes are counted like passwords and apart from them (R41). `seal_key` is the installation's secret, which is not in the database.
"""

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import InvalidToken
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid, NotFound
from lms.people import access, actions, queries, throttle
from lms.people.models import Account, RecoveryCode, SecondFactor, SessionRow
from lms.people.rules import (
    CODE_ALPHABET,
    CODE_LENGTH,
    OWN_DEVICE,
    Failures,
    after_account_failure,
    format_code,
    hash_secret,
    is_blocked,
    normalise_code,
)
from lms.people.types import NewSession
from lms.shared.sealing import box
from lms.store import audit

PURPOSE = "second factor"
STEP_SECONDS = 30
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has of a second factor. Nothing begun: both None."""

    made_at: datetime | None
    confirmed_at: datetime | None
    codes_left: int


def standing(session: Session, person_id: int) -> Standing:
    """How far the person's second factor is. Two SELECTs."""
    row = session.execute(select(SecondFactor.made_at, SecondFactor.confirmed_at).where(SecondFactor.person_id == person_id))
    made_at, confirmed_at = row.one_or_none() or (None, None)
    left = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return Standing(made_at, confirmed_at, session.scalar(left) or 0)


def half_made_secret(session: Session, *, person_id: int, seal_key: str) -> str | None:
    """The key to show while the app is being set up, in base-32; None when nothing is begun, or when it is confirmed."""
    sealed = session.scalar(
        select(SecondFactor.secret).where(SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_(None))
    )
    return None if sealed is None else _unsealed(sealed, seal_key)


def refused() -> Invalid:
    """The one answer to a wrong, used or late code and to too many tries."""
    return Invalid(
        "Kode tidak cocok, sudah dipakai, atau sudah terlalu banyak percobaan. Tunggu kode berikutnya di aplikasi, lalu coba lagi. "
        "Bila tetap gagal, periksa apakah jam ponsel Anda tepat.",
        field="code",
    )


def matching_step(secret: str, typed: str, now: datetime, last_step: int) -> int | None:
    """The 30-second step whose code was typed: this one or a neighbour, and later than the last one taken (RFC 6238, 5.2)."""
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", typed[:40]))
    app, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    fitting = [step for step in (here - 1, here, here + 1) if hmac.compare_digest(app.generate_otp(step).encode(), code.encode())]
    return next((step for step in fitting if step > last_step), None)


# -- setting up and taking away ---------------------------------------------------------------------------------------------------


def begin(session: Session, *, person_id: int, seal_key: str, now: datetime) -> None:
    """A new key, which asks nobody for anything until it is confirmed. Raises Conflict when one is confirmed already."""
    if standing(session, person_id).confirmed_at is not None:
        raise Conflict("Verifikasi dua langkah sudah aktif. Matikan dulu bila ingin memasangnya di ponsel lain.")
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))
    sealed = box(seal_key, PURPOSE).encrypt(pyotp.random_base32().encode()).decode()
    session.add(SecondFactor(person_id=person_id, secret=sealed, made_at=now))
    session.flush()


def confirm(
    session: Session, *, person_id: int, session_id: int, code: str, address: str, seal_key: str, now: datetime
) -> tuple[NewSession, list[str]] | None:
    """The first right code switches the second factor on; returns the session under a new token and the recovery codes, shown once.

    None for a wrong code, which is counted; the caller then raises `refused()` after the transaction.
    """
    if not _accepts(session, person_id, code, address, seal_key, now, is_confirmed=False):
        return None
    session.execute(update(SecondFactor).where(SecondFactor.person_id == person_id).values(confirmed_at=now))
    audit.record(session, at=now, action="account.second_factor_on", actor_id=person_id, subject=f"person:{person_id}")
    opened = _rotate(session, session_id=session_id, now=now, second_factor_at=now)
    return opened, remake_codes(session, person_id=person_id, now=now)


def remake_codes(session: Session, *, person_id: int, now: datetime) -> list[str]:
    """Ten new recovery codes, grouped for print and kept only as SHA-256; the old ones stop working. Raises Conflict without a factor."""
    if session.scalar(select(SecondFactor.confirmed_at).where(SecondFactor.person_id == person_id).with_for_update()) is None:
        raise Conflict("Pasang verifikasi dua langkah dulu.")
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=hash_secret(code)) for code in codes)
    audit.record(session, at=now, action="account.recovery_codes", actor_id=person_id, subject=f"person:{person_id}")
    session.flush()
    return [format_code(code) for code in codes]


def switch_off(
    session: Session, *, person_id: int, session_id: int, code: str, address: str, seal_key: str, now: datetime
) -> NewSession | None:
    """The owner takes it away, with a code (the edge has asked the password). None for a wrong code, which is counted.

    Days of grace do not begin anew: nobody puts the second factor off by switching it on and off.
    """
    if not _accepts(session, person_id, code, address, seal_key, now, is_confirmed=True):
        return None
    _remove(session, person_id)
    audit.record(session, at=now, action="account.second_factor_off", actor_id=person_id, subject=f"person:{person_id}")
    return _rotate(session, session_id=session_id, now=now, second_factor_at=None)


def reset(session: Session, *, person_id: int, by: int | None, now: datetime) -> None:
    """For a lost phone: an administrator takes the second factor away, sessions end, and the days of grace begin anew.

    Raises NotFound without an account, Conflict when there is nothing to take away or for one's own, which asks for a code.
    """
    if by == person_id:
        raise Conflict("Verifikasi dua langkah Anda sendiri dimatikan di halaman Keamanan akun, dengan kata sandi dan kode.")
    account = session.scalar(select(Account.person_id).where(Account.person_id == person_id).with_for_update())
    if account is None:
        raise NotFound("Pegawai ini belum mempunyai akun.")
    if standing(session, person_id).made_at is None:
        raise Conflict("Pegawai ini tidak memakai verifikasi dua langkah, jadi tidak ada yang diubah.")
    _remove(session, person_id)
    session.execute(update(Account).where(Account.person_id == person_id).values(second_factor_asked_at=None))
    audit.record(session, at=now, action="account.second_factor_reset", actor_id=by, subject=f"person:{person_id}")
    actions.end_all_sessions(session, person_id=person_id, now=now, by=by)
    session.flush()


def _remove(session: Session, person_id: int) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))
    session.execute(update(SessionRow).where(SessionRow.person_id == person_id).values(second_factor_at=None))


# -- signing in -----------------------------------------------------------------------------------------------------------------


def after_sign_in(
    session: Session, opened: NewSession, *, remembered_session_id: int | None, is_required: bool, now: datetime
) -> None:
    """Beside `open_session`: begin the days of grace of people with rights over others, and spare learners' own devices the code
    when the session they remember gave one in the last 30 days, under the factor and the password of today."""
    who = queries.signed_in(session, hash_secret(opened.token), now)
    if who is None:
        return
    if access.lacks_second_factor(who) and is_required:
        session.execute(
            update(Account)
            .where(Account.person_id == who.person_id, Account.second_factor_asked_at.is_(None))
            .values(second_factor_asked_at=now)
        )
    elif who.has_second_factor and who.second_factor_at is None and not access.has_staff_rights(who):
        given_at = session.scalar(
            select(SessionRow.second_factor_at)
            .join(SecondFactor, SecondFactor.person_id == SessionRow.person_id)
            .join(Account, Account.person_id == SessionRow.person_id)
            .where(SessionRow.id == remembered_session_id, SessionRow.person_id == who.person_id)
            .where(SessionRow.second_factor_at > now - OWN_DEVICE, SessionRow.second_factor_at >= SecondFactor.confirmed_at)
            .where(or_(Account.password_changed_at.is_(None), SessionRow.second_factor_at >= Account.password_changed_at))
        )
        session.execute(update(SessionRow).where(SessionRow.id == opened.session_id).values(second_factor_at=given_at))


def give(
    session: Session, *, person_id: int, session_id: int, code: str, address: str, seal_key: str, now: datetime
) -> NewSession | None:
    """A code of the app or a recovery code opens the session, under a new token. None for a wrong one, which is counted."""
    how = _accepts(session, person_id, code, address, seal_key, now, is_confirmed=True)
    if not how:
        return None
    audit.record(session, at=now, action="account.second_factor", actor_id=person_id, subject=f"person:{person_id}", by=how)
    return _rotate(session, session_id=session_id, now=now, second_factor_at=now)


def _rotate(session: Session, *, session_id: int, now: datetime, second_factor_at: datetime | None) -> NewSession:
    """The same session under a new token and CSRF secret, when what it has proved changes (R43). Raises Conflict when it has ended."""
    token = secrets.token_urlsafe(32)
    row = session.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        .values(token_hash=hash_secret(token), csrf_secret=secrets.token_hex(32), second_factor_at=second_factor_at)
        .returning(SessionRow.person_id, SessionRow.csrf_secret, SessionRow.is_shared, SessionRow.expires_at)
    ).one_or_none()
    if row is None:
        raise Conflict("Sesi ini sudah berakhir. Silakan masuk lagi.")
    return NewSession(token, session_id, row.person_id, row.csrf_secret, row.is_shared, row.expires_at)


def _accepts(
    session: Session, person_id: int, code: str, address: str, seal_key: str, now: datetime, *, is_confirmed: bool
) -> str:
    """ "app" or "recovery", by what the code is; "" for a wrong one, which is counted. Raises TooManyTries for a flooding address."""
    throttle.refuse_flooding_address(session, address=address, now=now)
    key = f"factor:{person_id}"
    run = throttle.locked_run(session, key, now)
    how = "" if is_blocked(run, now) else _match(session, person_id, code, seal_key, now, is_confirmed)
    if how:
        throttle.keep(session, key, Failures(0, now, None))
        return how
    if not is_blocked(run, now):
        throttle.keep(session, key, after_account_failure(run, now))
    throttle.count_address_failure(session, throttle.address_key(address), now)
    subject = f"person:{person_id}"
    audit.record(session, at=now, action="account.second_factor_failed", subject=subject, slowed_down=is_blocked(run, now))
    session.flush()
    return ""


def _match(session: Session, person_id: int, code: str, seal_key: str, now: datetime, is_confirmed: bool) -> str:
    row = session.execute(
        select(SecondFactor.secret, SecondFactor.last_step)
        .where(SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_not(None) == is_confirmed)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return ""
    secret = _unsealed(row.secret, seal_key)
    step = None if secret is None else matching_step(secret, code, now, row.last_step)
    if step is not None:
        session.execute(update(SecondFactor).where(SecondFactor.person_id == person_id).values(last_step=step))
        return "app"
    used = session.scalars(
        update(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.code_hash == hash_secret(normalise_code(code)))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).all()
    return "recovery" if used else ""


# -- the key at rest ------------------------------------------------------------------------------------------------------------


def _unsealed(sealed: str, seal_key: str) -> str | None:
    """None when the installation's secret is another one than then: app codes cannot be checked, recovery codes still work."""
    try:
        return box(seal_key, PURPOSE).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None
