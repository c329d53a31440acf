"""Tables of persons, units, accounts, sessions and rights."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lms.people.types import ActingKind, CodePurpose, EmploymentKind, Role, UnitCategory
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
    code: Mapped[str] = mapped_column(String(60), default="", server_default="", index=True)
    """The unit's own key in SIASN or SIMPEG (`unor_id`); "" for units made by hand. Imports find a renamed unit by it."""


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
    siasn_id: Mapped[str] = mapped_column(String(60), default="", server_default="", index=True)
    """`pns_id` of SIASN, which its *kursus* records ask for; "" when unknown."""
    email: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Where reminders and recovery codes go; "" = none. Of the office where there is one."""
    wants_email: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Reminders by e-mail; recovery codes are sent whatever it says."""


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


class ActingHead(Base):
    """Plt or Plh of a unit from one day to another (exclusive; open = until further notice). History is kept."""

    __tablename__ = "acting_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[ActingKind] = mapped_column(EnumText(ActingKind, 10))
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class NamedSuperior(Base):
    """A superior named by hand where the tree would derive another one (D27), from one day to another (exclusive)."""

    __tablename__ = "named_superior"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    superior_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class UnitOperator(Base):
    """Who hands out activation slips in a unit and everything below it (D30)."""

    __tablename__ = "unit_operator"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class CourseMentor(Base):
    """Who marks the assignments and essays of a course beside its authors. A right of a person, so it stands here; the course lies beside this capability."""

    __tablename__ = "course_mentor"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class StaffImport(Base):
    """One staff file that was taken over, or is being looked at. Its rows tell how to undo it."""

    __tablename__ = "staff_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    begun_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    """people.importing's ImportState."""
    options: Mapped[dict[str, Any]]
    """What the person chose: effective day, what to do with people who are not in the file."""
    counts: Mapped[dict[str, Any]]
    """Rows by kind, and how many are done, so that progress can be shown."""
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class StaffImportChange(Base):
    """One thing an import changed: before and after, so that it can be undone."""

    __tablename__ = "staff_import_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("staff_import.id"), index=True)
    line: Mapped[int]
    subject: Mapped[str] = mapped_column(String(40))
    """"person:12" or "unit:7"."""
    kind: Mapped[str] = mapped_column(String(12))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class SecondFactor(Base):
    """The TOTP secret of an account, encrypted with a key outside the database (R45, D31)."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """None until the first right code: a half-made one asks nobody for anything."""
    last_step: Mapped[int] = mapped_column(default=0)
    """30-second step of the last code taken; the same one is refused (R45)."""


class RecoveryCode(Base):
    """Used once instead of a code of the second factor; only the SHA-256 is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class ExternalIdentity(Base):
    """An account of a sign-in provider, linked by (issuer, subject) and never by e-mail (R47)."""

    __tablename__ = "external_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    linked_at: Mapped[datetime]


class PrivacyReading(Base):
    """That a person has read a version of the privacy page (D68)."""

    __tablename__ = "privacy_reading"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    read_at: Mapped[datetime]


class DataRequest(Base):
    """A person asks to have their data corrected or their activity erased, and the answer (D69)."""

    __tablename__ = "data_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(1000))
    made_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_at: Mapped[datetime | None] = mapped_column(index=True)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class PersonalView(Base):
    """Who opened whose record, by day (R91). Seen by the person it is about."""

    __tablename__ = "personal_view"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    viewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    """Day in UTC."""
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    """"progress" = the learning story, "record" = the administrator's page of the person."""
    first_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=1)


class DataExport(Base):
    """A file with personal data that left the system: who took what, about which part of the agency (R91, D70). A fact."""

    __tablename__ = "data_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    scope_path: Mapped[str] = mapped_column(String(400))
    """Path of the unit whose people are in it; "/" = the whole agency. Whose data it held follows from memberships on the day."""
    people: Mapped[int]
    detail: Mapped[dict[str, Any]]


class Account(Base):
    """Sign-in of a person. `identifier` is what they type, normalised (NFKC, case-folded, no blanks): the NIP, or a chosen word."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(100), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; None until activated."""
    password_changed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    second_factor_asked_at: Mapped[datetime | None]
    """When a second factor was first asked of this person at a sign-in with rights over others; seven days later they insist (R45)."""


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
    issued_at: Mapped[datetime | None]
    """None for codes from before this was kept; they live 14 days at most."""
    issued_by: Mapped[int | None]
    """Person id, None for the command line; without a foreign key, because the audit row holds it too."""
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
    second_factor_at: Mapped[datetime | None]
    """When this session last gave a code of the second factor (R45); None = not yet."""
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
