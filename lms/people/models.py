"""Tables of persons, units, accounts, sessions and rights."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.people.types import CodePurpose, EmploymentKind, Role, UnitCategory
from lms.store.base import Base, CanonicalJson, EnumText


class Unit(Base):
    """A work unit. The tree is `parent_id` plus the materialised `path` ("/1/5/"), which ends every query over a subtree."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(String(400), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[UnitCategory] = mapped_column(EnumText(UnitCategory, 20), default=UnitCategory.OFFICE)
    time_zone: Mapped[str] = mapped_column(String(40), default="Asia/Makassar")
    """IANA name; decides the JP year and deadlines of its people (D4, D75)."""
    head_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", use_alter=True), index=True)


class Person(Base):
    """An employee or partner. Titles are kept apart from the name (D25); the NIP is text and may be missing (D18, D22)."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("nip IS NULL OR length(nip) = 18", name="nip_length"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    nip: Mapped[str | None] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    title_prefix: Mapped[str] = mapped_column(String(60), default="")
    title_suffix: Mapped[str] = mapped_column(String(100), default="")
    employment_kind: Mapped[EmploymentKind] = mapped_column(EnumText(EmploymentKind, 10), default=EmploymentKind.PNS)
    grade: Mapped[str] = mapped_column(String(10), default="")
    """Golongan in canonical form: "III/d" or "IX" (D24)."""
    position: Mapped[str] = mapped_column(String(200), default="")
    birth_date: Mapped[date | None]
    left_on: Mapped[date | None]


class Membership(Base):
    """Where a person worked, from and to (exclusive; open = now). One open row a person."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_open",
            "person_id",
            unique=True,
            sqlite_where=text("to_on IS NULL"),
            postgresql_where=text("to_on IS NULL"),
        ),
        Index("ix_membership_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class Account(Base):
    """Sign-in of a person. `identifier` is what they type, normalised (NFKC, case-folded, no blanks): the NIP, or a chosen word."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(100), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; None until activated."""
    password_changed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class RoleGrant(Base):
    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(EnumText(Role, 20))


class OneTimeCode(Base):
    """Activation and reset codes: only the SHA-256 is kept, single use, bound to person and purpose (R46, D30)."""

    __tablename__ = "one_time_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[CodePurpose] = mapped_column(EnumText(CodePurpose, 20))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(Base):
    """A signed-in browser (R43). The cookie holds the token, the row only its SHA-256."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    csrf_secret: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(120), default="")
    """A short label from the browser's own description, e.g. "Chrome di Android"."""
    is_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """Failures by key: "account:<sha>" or "address:<ip>". Slows down, never locks for good (R41)."""

    __tablename__ = "sign_in_throttle"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    failures: Mapped[int]
    window_started_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class Setting(Base):
    """Agency settings by name; defaults live in people.settings."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(CanonicalJson)
