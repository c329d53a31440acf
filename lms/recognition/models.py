"""Tables of certificates. A certificate is a snapshot that never changes; replacing or revoking adds a row."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.store.base import Base


class CertificateCounter(Base):
    """Last number used in a year; taken inside the issuing transaction, so numbers have no gaps (D49)."""

    __tablename__ = "certificate_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Certificate(Base):
    __tablename__ = "certificate"
    __table_args__ = (UniqueConstraint("year", "sequence"), UniqueConstraint("enrolment_id", "issue"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """16 Crockford base-32 characters, no hyphens; printed in four groups."""
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issue: Mapped[int] = mapped_column(default=1)
    """1 for the first; a correction issues the next one and thereby replaces this."""
    number: Mapped[str] = mapped_column(String(120), unique=True)
    year: Mapped[int]
    sequence: Mapped[int]
    issued_at: Mapped[datetime]
    snapshot: Mapped[dict[str, Any]]
    """recognition.types.Snapshot, encoded: every printed field (D50)."""
    template_version: Mapped[int]


class Recognition(Base):
    """A *penghargaan*: a superior's word of thanks with its reason (D61), seen by the person and on the transcript. A fact."""

    __tablename__ = "recognition"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    given_by: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    giver: Mapped[str] = mapped_column(String(400))
    """Name and post of the giver as they were that day."""
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    reason: Mapped[str] = mapped_column(String(500))
    given_at: Mapped[datetime]


class SiasnExport(Base):
    """That a certificate went to SIASN in an export, so that nothing is sent twice (D54). A fact."""

    __tablename__ = "siasn_export"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    export_id: Mapped[int] = mapped_column(ForeignKey("data_export.id"), index=True)
    siasn_id: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The person's `pns_id` as it was sent, so that the same file can be made again."""


class CertificateRevocation(Base):
    __tablename__ = "certificate_revocation"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(300))
