"""Tables of enrolments, lesson facts, completion and the JP ledger. Facts are inserted once and never changed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.people.types import EmploymentKind, UnitCategory
from lms.progress.types import State
from lms.store.base import Base, EnumText

CLAIMED = "corrects_id IS NULL AND claim_id IS NOT NULL"  # one row a claim
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
        Index("uq_jp_entry_claim", "claim_id", unique=True, sqlite_where=text(CLAIMED), postgresql_where=text(CLAIMED)),
        Index("ix_jp_entry_person_year", "person_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"))
    """Training outside the system (D10); None for our own courses. Counted apart: "LMS" and "luar LMS"."""
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


class Requirement(Base):
    """A course asked of people: of those named in `requirement_person`, else of everybody whom all given attributes fit on the day.
    Who joins is asked, who leaves is not: nothing is copied (issue of D75)."""

    __tablename__ = "requirement"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    is_personal: Mapped[bool]
    """Asked of the people of `requirement_person` only."""
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """The unit and all below it; None = the whole agency."""
    unit_category: Mapped[UnitCategory | None] = mapped_column(EnumText(UnitCategory, 20))
    employment_kind: Mapped[EmploymentKind | None] = mapped_column(EnumText(EmploymentKind, 10))
    position_words: Mapped[str] = mapped_column(String(100), default="")
    """Words that the position must all contain; "" = any."""
    due_on: Mapped[date]
    """Ends with that day in the zone of the person's own unit (D75)."""
    note: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None]


class RequirementPerson(Base):
    __tablename__ = "requirement_person"

    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class RequirementExtension(Base):
    """More time for one person; the newest row counts. A fact."""

    __tablename__ = "requirement_extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    due_on: Mapped[date]
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Claim(Base):
    """Training outside the system that a person claims JP for (D10), mentoring and coaching among it (D65)."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    learning_form: Mapped[int]
    """SIASN id 1 … 25."""
    title: Mapped[str] = mapped_column(String(255))
    organizer: Mapped[str] = mapped_column(String(200), default="")
    from_on: Mapped[date]
    to_on: Mapped[date]
    """Last day, included."""
    minutes: Mapped[int | None]
    programme_jp: Mapped[int | None]
    """JP that the certificate of the programme names, for forms that are counted by programme."""
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """The other person of a coaching or mentoring, who must confirm it (D65)."""
    report: Mapped[str] = mapped_column(String(2000), default="")
    """Topic, what was learnt or agreed."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    """progress.claims' ClaimState; follows from the decisions, kept for lists."""
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class ClaimFile(Base):
    """Proof of a claim; the bytes lie in DATA/unggahan by hash, like files handed in."""

    __tablename__ = "claim_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    uploaded_at: Mapped[datetime]


class ClaimDecision(Base):
    """What partner, superior or office said to a claim. A fact."""

    __tablename__ = "claim_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    step: Mapped[str] = mapped_column(String(10))
    verdict: Mapped[str] = mapped_column(String(10))
    comment: Mapped[str] = mapped_column(String(1000), default="")
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class RuleFile(Base):
    """A dated version of a rule that the training office edits as text (D7); the newest one that is in force on a day counts. A fact."""

    __tablename__ = "rule_file"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


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
