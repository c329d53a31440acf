"""Tables of published courses. An edition is immutable; `course.current_edition_id` says which one new learners get."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.store.base import Base


class CourseRow(Base):
    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    current_edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", use_alter=True))
    retired_at: Mapped[datetime | None]
    """Hidden from the catalogue; those inside may finish."""


class CourseAlias(Base):
    """Former keys of a renamed course."""

    __tablename__ = "course_alias"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))


class EditionRow(Base):
    """One publication. Same `number`, higher `revision` = a correction; a new number = required items or pass rules changed."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("course_id", "number", "revision"), Index("ix_edition_sha256", "sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    number: Mapped[int]
    revision: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the canonical form: outline, pages, question hashes and media hashes."""
    outline: Mapped[dict[str, Any]]
    """content.types.Outline, encoded."""
    questions: Mapped[dict[str, Any]]
    """Question id to question_version.id."""
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(400), default="")


class PageRow(Base):
    """A rendered lesson or quiz introduction of one edition."""

    __tablename__ = "page"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    item_key: Mapped[str] = mapped_column(String(250), primary_key=True)
    page: Mapped[dict[str, Any]]
    """content.types.Page, encoded."""
    sha256: Mapped[str] = mapped_column(String(64))


class QuestionVersion(Base):
    """One wording of a question. Immutable; attempts point here, so history is shown as it was asked. Key apart from public."""

    __tablename__ = "question_version"
    __table_args__ = (UniqueConstraint("course_id", "question_id", "full_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    question_id: Mapped[str] = mapped_column(String(40))
    full_hash: Mapped[str] = mapped_column(String(64))
    meaning_hash: Mapped[str] = mapped_column(String(64))
    public: Mapped[dict[str, Any]]
    key: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(300), default="")
    """file:line at publication."""
    published_at: Mapped[datetime]


class MediaRow(Base):
    """A file in DATA/media/<sha256>, written before the edition commits."""

    __tablename__ = "media"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    mime: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)


class EditionMedia(Base):
    __tablename__ = "edition_media"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("media.sha256"), primary_key=True)


class EditionSource(Base):
    """The course folder as it was published: a zip in DATA/sources/<sha256>.zip, written before the edition commits."""

    __tablename__ = "edition_source"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
