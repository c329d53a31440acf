"""Tables of enrolments, lesson facts, completion and the JP ledger. Facts are inserted once and never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.progress.types import State
from lms.store.base import Base, EnumText

AWARD = "corrects_id IS NULL AND enrolment_id IS NOT NULL"  # one award an enrolment (D5); corrections beside it


class Enrolment(Base):
    """A person in a course. Stores the edition number; they see its newest revision. Only the number may change, by moving."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("person_id", "course_id"), Index("ix_enrolment_course_id", "course_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    edition_number: Mapped[int]
    enrolled_at: Mapped[datetime]


class LessonDone(Base):
    __tablename__ = "lesson_done"

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    lesson_key: Mapped[str] = mapped_column(String(250), primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    done_at: Mapped[datetime]


class TestedOut(Base):
    """A module skipped because the pre-test showed mastery, accepted by the learner (D43)."""

    __tablename__ = "tested_out"
    __test__ = False

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    module_key: Mapped[str] = mapped_column(String(250), primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    score: Mapped[int]
    accepted_at: Mapped[datetime]


class Bookmark(Base):
    """Where the learner was: mutable, no fact."""

    __tablename__ = "bookmark"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    item_key: Mapped[str] = mapped_column(String(250))
    heading: Mapped[str] = mapped_column(String(120), default="")
    set_at: Mapped[datetime] = mapped_column(index=True)


class Completion(Base):
    __tablename__ = "completion"

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    completed_at: Mapped[datetime]
    final_score: Mapped[int | None]


class JpEntry(Base):
    """One row of the append-only JP ledger (D1). Corrections are new rows with reason and author."""

    __tablename__ = "jp_entry"
    __table_args__ = (
        Index("uq_jp_entry_award", "enrolment_id", unique=True, sqlite_where=text(AWARD), postgresql_where=text(AWARD)),
        Index("ix_jp_entry_person_year", "person_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))
    title: Mapped[str] = mapped_column(String(255))
    learning_form: Mapped[int]
    """SIASN id 1 … 25."""
    jp: Mapped[int]
    year: Mapped[int]
    """Calendar year of `completed_at` in the person's unit zone (D4)."""
    completed_at: Mapped[datetime]
    time_zone: Mapped[str] = mapped_column(String(40))
    minutes: Mapped[int]
    minutes_per_jp: Mapped[int]
    rule_version: Mapped[str] = mapped_column(String(20))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("jp_entry.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class EnrolmentSummary(Base):
    """Projection of progress.rules.status, written in the fact's own transaction by `refresh_summary`; long lists read it."""

    __tablename__ = "enrolment_summary"
    __table_args__ = (CheckConstraint("percent >= 0 AND percent <= 100", name="percent"),)

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    state: Mapped[State] = mapped_column(EnumText(State, 12))
    percent: Mapped[int]
    done_count: Mapped[int]
    total_count: Mapped[int]
    minutes_left: Mapped[int]
    next_key: Mapped[str] = mapped_column(String(250), default="")
    last_activity_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with every progress write; part of the page's ETag."""
