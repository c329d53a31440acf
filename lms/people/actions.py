"""Writes of people: persons, rights, accounts, sessions and codes. Each runs inside the caller's `write_tx` and flushes."""

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid, NotFound
from lms.people.codes import expire_codes, new_codes, usable_code
from lms.people.models import Account, Membership, OneTimeCode, Person, RoleGrant, SessionRow, SignInThrottle, Unit, UnitOperator
from lms.people.names import tidy_name
from lms.people.nip import parse_nip
from lms.people.queries import employed_on
from lms.people.rules import (
    check_email,
    check_identifier,
    hash_secret,
    normalise_code,
    normalise_identifier,
    session_expiry,
    staff_date,
)
from lms.people.types import CodePurpose, EmploymentKind, NewSession, Role
from lms.store import audit

# -- persons and where they work ------------------------------------------------------------------------------------------------


def make_person(
    session: Session,
    *,
    name: str,
    nip: str | None = None,
    identifier: str | None = None,
    unit_id: int | None = None,
    from_on: date | None = None,
    employment_kind: EmploymentKind = EmploymentKind.PNS,
    title_prefix: str = "",
    title_suffix: str = "",
    grade: str = "",
    position: str = "",
    birth_date: date | None = None,
    email: str = "",
) -> int:
    """A person, with an account not yet activated when there is a NIP or an identifier, and a unit from `from_on` on.

    `grade` in canonical form (grades.parse_grade). Returns the person id. Raises Invalid, also for a NIP or identifier in use.
    """
    number = parse_nip(nip, birth_date=birth_date) if nip else None
    if unit_id is not None and from_on is None:
        raise ValueError("a unit needs the date it holds from")
    sign_in_name = check_identifier(identifier or nip or "") if identifier or nip else None
    person = Person(
        name=_checked_name(name),
        nip=number.value if number else None,
        title_prefix=tidy_name(title_prefix)[:60],
        title_suffix=tidy_name(title_suffix)[:100],
        employment_kind=employment_kind,
        grade=grade,
        position=tidy_name(position)[:200],
        birth_date=birth_date or (number.birth_date if number else None),
        email=check_email(email),
    )
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
            if sign_in_name is not None:
                session.add(Account(person_id=person.id, identifier=sign_in_name))
                session.flush()
    except IntegrityError as problem:
        raise Invalid("NIP atau nama masuk ini sudah dipakai pegawai lain.", field="nip" if nip else "identifier") from problem
    if unit_id is not None and from_on is not None:
        session.add(Membership(person_id=person.id, unit_id=unit_id, from_on=from_on))
        session.flush()
    return person.id


def change_person(session: Session, *, person_id: int, now: datetime, by: int | None = None, **values: Any) -> None:
    """Correct a person's own data: name, titles, employment_kind, grade, position, birth_date, email. Certificates keep what they printed."""
    person = _person_for_update(session, person_id)
    unknown = values.keys() - {
        "name",
        "title_prefix",
        "title_suffix",
        "employment_kind",
        "grade",
        "position",
        "birth_date",
        "email",
    }
    if unknown:
        raise ValueError(f"not a person's own data: {sorted(unknown)}")
    if "name" in values:
        values["name"] = _checked_name(values["name"])
    if "email" in values:
        values["email"] = check_email(values["email"])
    longest = {"title_prefix": 60, "title_suffix": 100, "position": 200}
    for name, value in values.items():
        setattr(person, name, tidy_name(value)[: longest[name]] if name in longest else value)
    audit.record(session, at=now, action="person.change", actor_id=by, subject=f"person:{person_id}", names=sorted(values))
    session.flush()


def _checked_name(name: str) -> str:
    clean = tidy_name(name)
    if not 1 <= len(clean) <= 200:
        raise Invalid("Nama harus diisi, paling banyak 200 huruf.", field="name")
    return clean


def move_person(session: Session, *, person_id: int, unit_id: int, on: date, now: datetime, by: int | None = None) -> None:
    """Transfer (mutasi) from the day `on`: the old membership ends that day, what they are of the old unit (head, operator) too; JP and the past stay (D29).

    Also brings back somebody who had left. A repeated call changes nothing. Raises Invalid for a day after today or before the
    last change: a future transfer is entered on its day.
    """
    person = _person_for_update(session, person_id)
    last = session.scalar(
        select(Membership)
        .where(Membership.person_id == person_id)
        .order_by(Membership.from_on.desc(), Membership.id.desc())
        .limit(1)
    )
    if session.get(Unit, unit_id) is None:
        raise NotFound("Unit kerja ini tidak ditemukan.")
    if on > staff_date(now):
        raise Invalid("Tanggal mutasi tidak boleh sesudah hari ini. Catat pada hari berlakunya.", field="on")
    if last is not None and on < (last.to_on or last.from_on):
        raise Invalid(
            f"Tanggal mutasi tidak boleh sebelum perubahan terakhir, {last.to_on or last.from_on:%d-%m-%Y}.", field="on"
        )
    if last is not None and last.to_on is None:
        if last.unit_id == unit_id:
            return
        session.execute(update(Unit).where(Unit.id == last.unit_id, Unit.head_id == person_id).values(head_id=None))
        session.execute(delete(UnitOperator).where(UnitOperator.unit_id == last.unit_id, UnitOperator.person_id == person_id))
        if last.from_on == on:
            last.unit_id = unit_id
        else:
            last.to_on = on
        session.flush()
    if last is None or last.to_on is not None:
        session.add(Membership(person_id=person_id, unit_id=unit_id, from_on=on))
    person.left_on = None
    audit.record(
        session, at=now, action="person.move", actor_id=by, subject=f"person:{person_id}", unit=unit_id, on=on.isoformat()
    )
    session.flush()


def let_leave(session: Session, *, person_id: int, on: date, now: datetime, by: int | None = None) -> None:
    """The person retires or leaves on the day `on` (the first day without rights). From that day nobody sees or signs in as them."""
    person = _person_for_update(session, person_id)
    keep_an_admin(session, person_id=person_id, now=now)
    current = session.scalar(select(Membership).where(Membership.person_id == person_id, Membership.to_on.is_(None)))
    if current is not None:
        if on < current.from_on:
            raise Invalid(f"Tanggal berhenti tidak boleh sebelum masuk unit, {current.from_on:%d-%m-%Y}.", field="on")
        current.to_on = on
    person.left_on = on
    if on <= staff_date(now):
        session.execute(update(Unit).where(Unit.head_id == person_id).values(head_id=None))
        session.execute(delete(UnitOperator).where(UnitOperator.person_id == person_id))
        end_all_sessions(session, person_id=person_id, now=now, by=by)
    audit.record(session, at=now, action="person.leave", actor_id=by, subject=f"person:{person_id}", on=on.isoformat())
    session.flush()


def _person_for_update(session: Session, person_id: int) -> Person:
    person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None:
        raise NotFound("Pegawai ini tidak ditemukan.")
    return person


# -- rights ---------------------------------------------------------------------------------------------------------------------


def grant_role(session: Session, *, person_id: int, role: Role, now: datetime, by: int | None = None) -> None:
    """Open a surface to a person. Open sessions end, so that a long learner's session never carries a granted role (R43)."""
    _person_for_update(session, person_id)
    if session.scalar(select(exists().where(RoleGrant.person_id == person_id, RoleGrant.role == role))):
        return
    session.add(RoleGrant(person_id=person_id, role=role))
    end_all_sessions(session, person_id=person_id, now=now, by=by)
    audit.record(session, at=now, action="role.grant", actor_id=by, subject=f"person:{person_id}", role=role.value)
    session.flush()


def revoke_role(session: Session, *, person_id: int, role: Role, now: datetime, by: int | None = None) -> None:
    """Close the surface again, at once. Raises Conflict for the last administrator."""
    _person_for_update(session, person_id)
    if role is Role.ADMIN:
        keep_an_admin(session, person_id=person_id, now=now)
    taken = session.scalars(
        delete(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.role == role).returning(RoleGrant.id)
    ).all()
    if taken:
        end_all_sessions(session, person_id=person_id, now=now, by=by)
        audit.record(session, at=now, action="role.revoke", actor_id=by, subject=f"person:{person_id}", role=role.value)
        session.flush()


def keep_an_admin(session: Session, *, person_id: int, now: datetime) -> None:
    """Raise Conflict when nobody else could open the administrator's pages: an agency must not lock itself out."""
    holders = session.scalars(
        select(RoleGrant.person_id).where(RoleGrant.role == Role.ADMIN).order_by(RoleGrant.id).with_for_update()
    ).all()  # locked: two administrators may be taking each other's role
    able = (
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id.in_(holders), Account.person_id != person_id, Account.password_hash.is_not(None))
        .where(Account.disabled_at.is_(None), employed_on(staff_date(now)))
    )
    if person_id in holders and not session.scalar(select(able.exists())):
        raise Conflict("Ini administrator terakhir yang dapat masuk. Beri peran itu kepada orang lain dulu, lalu coba lagi.")


# -- sessions (R43, R44) --------------------------------------------------------------------------------------------------------


def open_session(
    session: Session,
    *,
    person_id: int,
    is_shared: bool,
    device: str,
    now: datetime,
    replaces_token_hash: str | None = None,
    authenticated_at: datetime | None = None,
    second_factor_at: datetime | None = None,
) -> NewSession:
    """A new session with a fresh 256-bit token; the one it replaces ends, so that no token outlives a sign-in (R43).

    `authenticated_at`: when the person proved who they are, if that was not just now (a sign-in provider says when).
    """
    if replaces_token_hash is not None:
        session.execute(
            update(SessionRow)
            .where(SessionRow.token_hash == replaces_token_hash, SessionRow.ended_at.is_(None))
            .values(ended_at=now)
        )
    roles = session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id)).all()
    token = secrets.token_urlsafe(32)
    row = SessionRow(
        token_hash=hash_secret(token),
        person_id=person_id,
        csrf_secret=secrets.token_hex(32),
        device=device[:120],
        is_shared=is_shared,
        created_at=now,
        authenticated_at=authenticated_at or now,
        second_factor_at=second_factor_at,
        expires_at=now + session_expiry(is_shared, roles),
    )
    session.add(row)
    session.flush()
    return NewSession(token, row.id, person_id, row.csrf_secret, is_shared, row.expires_at)


def end_session(session: Session, *, person_id: int, session_id: int, now: datetime, by: int | None = None) -> None:
    """End one session of a person: signing out, or "Keluarkan perangkat ini". Ending it twice is fine. Raises NotFound for others'."""
    row = session.scalar(
        select(SessionRow).where(SessionRow.id == session_id, SessionRow.person_id == person_id).with_for_update()
    )
    if row is None:
        raise NotFound("Perangkat ini tidak ada dalam daftar Anda.")
    if row.ended_at is None:
        row.ended_at = now
        audit.record(session, at=now, action="account.sign_out", actor_id=by or person_id, subject=f"person:{person_id}")
        session.flush()


def end_all_sessions(session: Session, *, person_id: int, now: datetime, by: int | None = None) -> int:
    """End every session of a person at once; returns how many were open."""
    ended = session.scalars(
        update(SessionRow)
        .where(SessionRow.person_id == person_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        .values(ended_at=now)
        .returning(SessionRow.id)
    ).all()
    if ended:
        audit.record(session, at=now, action="account.end_sessions", actor_id=by, subject=f"person:{person_id}", count=len(ended))
        session.flush()
    return len(ended)


# -- accounts and codes (R46, D30) ----------------------------------------------------------------------------------------------


def code_refused() -> Invalid:
    """The one answer to an unknown name, a wrong, used or expired code, and too many tries."""
    return Invalid(
        "NIP atau kode tidak cocok, atau kode sudah dipakai atau lewat waktunya. Periksa lagi; bila tetap gagal, "
        "minta kode baru kepada operator unit Anda.",
        field="code",
    )


def is_link(wanted: bool) -> ColumnElement[bool]:
    """Condition: the code came as a link, or was handed over to be typed. One does not work as the other (R46)."""
    return OneTimeCode.purpose == CodePurpose.LINK if wanted else OneTimeCode.purpose != CodePurpose.LINK


def issue_code(session: Session, *, person_id: int, purpose: CodePurpose, now: datetime, by: int | None = None) -> str:
    """A new code, grouped for printing; it is shown once and kept only as SHA-256. Older codes of the person expire.

    14 days for the first activation, 30 minutes for a reset. Raises NotFound without an account, Conflict when the purpose does
    not fit: an activation slip for an active account would be a reset that lies around for two weeks.
    """
    account = _account_for_update(session, person_id)
    if account.disabled_at is not None:
        raise Conflict("Akun ini dinonaktifkan. Aktifkan dulu, lalu buat kode.")
    if purpose == CodePurpose.ACTIVATION and account.password_hash is not None:
        raise Conflict("Akun ini sudah aktif. Buat kode pemulihan, yang berlaku 30 menit.")
    return new_codes(session, [person_id], purpose=purpose, now=now, by=by)[person_id]


def redeem_code(session: Session, *, identifier: str, code: str, password_hash: str, now: datetime, by_link: bool = False) -> int:
    """Use up a code: set the password, end all sessions, forget failures. Returns the person id. Raises Invalid (`code_refused`).

    `sign_in.code_check` comes first, outside the transaction; of two people with one code exactly one gets through.
    """
    digest = hash_secret(normalise_identifier(identifier))
    keys = [f"{kind}:{digest}" for kind in ("account", "known")]
    session.execute(update(SignInThrottle).where(SignInThrottle.key.in_(keys)).values(failures=0, blocked_until=None))
    person_id = session.scalar(
        select(Account.person_id)
        .where(Account.identifier == normalise_identifier(identifier), Account.disabled_at.is_(None))
        .with_for_update()
    )
    purposes = session.scalars(
        update(OneTimeCode)
        .where(OneTimeCode.person_id == person_id, OneTimeCode.code_hash == hash_secret(normalise_code(code)))
        .where(usable_code(now), is_link(by_link))
        .values(used_at=now)
        .returning(OneTimeCode.purpose)
    ).all()
    if person_id is None or not purposes:
        raise code_refused()
    _set_password(
        session, person_id, password_hash, now, "account.activate" if purposes[0] == CodePurpose.ACTIVATION else "account.reset"
    )
    return person_id


def change_password(session: Session, *, person_id: int, password_hash: str, now: datetime) -> None:
    """The owner's new password. Every session ends, the present one too: the edge opens a new one for this browser."""
    _account_for_update(session, person_id)
    _set_password(session, person_id, password_hash, now, "account.change_password")


def disable_account(session: Session, *, person_id: int, now: datetime, by: int | None = None) -> None:
    """Nobody signs in with this account any more; who is in is out with the next request. Repeating it is fine. Raises Conflict
    for the last administrator."""
    account = _account_for_update(session, person_id)
    keep_an_admin(session, person_id=person_id, now=now)
    if account.disabled_at is None:
        account.disabled_at = now
        expire_codes(session, [person_id], now)
        end_all_sessions(session, person_id=person_id, now=now, by=by)
        audit.record(session, at=now, action="account.disable", actor_id=by, subject=f"person:{person_id}")
        session.flush()


def enable_account(session: Session, *, person_id: int, now: datetime, by: int | None = None) -> None:
    account = _account_for_update(session, person_id)
    if account.disabled_at is not None:
        account.disabled_at = None
        audit.record(session, at=now, action="account.enable", actor_id=by, subject=f"person:{person_id}")
        session.flush()


def _account_for_update(session: Session, person_id: int) -> Account:
    account = session.scalar(select(Account).where(Account.person_id == person_id).with_for_update())
    if account is None:
        raise NotFound("Pegawai ini belum mempunyai akun.")
    return account


def _set_password(session: Session, person_id: int, password_hash: str, now: datetime, action: str) -> None:
    session.execute(
        update(Account).where(Account.person_id == person_id).values(password_hash=password_hash, password_changed_at=now)
    )
    expire_codes(session, [person_id], now)
    audit.record(session, at=now, action=action, actor_id=person_id, subject=f"person:{person_id}")
    end_all_sessions(session, person_id=person_id, now=now, by=person_id)
    session.flush()
