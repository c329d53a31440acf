"""Tables of attempts. An attempt and its answers may change only while it is open; triggers forbid it afterwards (law 2)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.quizzes.types import AttemptState, FollowUpStep, RegradeMode
from lms.store.base import Base, EnumText


class Attempt(Base):
    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id", "quiz_key", "try_number"),
        Index(
            "uq_attempt_open",
            "person_id",
            "course_id",
            "quiz_key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_attempt_submitted",
            "closed_at",
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
        CheckConstraint("state IN ('open', 'submitted', 'graded', 'expired', 'voided')", name="state"),
        CheckConstraint("score IS NULL OR (score >= 0 AND score <= 10000)", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    """128 random bits; the only name of the attempt in addresses."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    quiz_key: Mapped[str] = mapped_column(String(250))
    try_number: Mapped[int]
    """1, 2, 3 … over all rounds."""
    state: Mapped[AttemptState] = mapped_column(EnumText(AttemptState, 12), default=AttemptState.OPEN)
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When it was submitted, or its deadline."""
    score: Mapped[int | None]
    """Hundredths of 100."""
    passed: Mapped[bool | None]


class AttemptQuestion(Base):
    """The draw, fixed when the attempt starts."""

    __tablename__ = "attempt_question"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """1 … n, the order shown."""
    question_id: Mapped[str] = mapped_column(String(40))
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    layout: Mapped[dict[str, Any]]


class AnswerRow(Base):
    """The last saved answer to one question of one attempt."""

    __tablename__ = "answer"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    sequence: Mapped[int]
    """Counted by the client; a save with a lower one is an echo of the past and changes nothing."""
    saved_at: Mapped[datetime]
    score: Mapped[int | None]
    """Hundredths of a point, written when the attempt closes."""


class LateAnswer(Base):
    """What arrived after an attempt closed: never discarded, never counted."""

    __tablename__ = "late_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    position: Mapped[int]
    value: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]


class Regrade(Base):
    """An explicit, audited new score of a closed attempt after a key was corrected. The newest row counts."""

    __tablename__ = "regrade"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    score: Mapped[int]
    passed: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class FollowUp(Base):
    """What a publication leaves to do: old answers judged again as its author chose, summaries renewed, the finished settled.

    Written with the edition, moved on in short transactions by whoever comes first, kept afterwards: it says which keys judge
    attempts that were begun before. Mutable; the acts themselves are in the audit log.
    """

    __tablename__ = "follow_up"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    since_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))
    """Only questions whose meaning differs from this edition are judged again; None = every one that ever differed."""
    mode: Mapped[RegradeMode] = mapped_column(EnumText(RegradeMode, 12))
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    step: Mapped[FollowUpStep] = mapped_column(EnumText(FollowUpStep, 12), default=FollowUpStep.JUDGE, index=True)
    after_id: Mapped[int] = mapped_column(default=0)
    """The last attempt or enrolment of this step that was looked at."""
    raised: Mapped[int] = mapped_column(default=0)
    lowered: Mapped[int] = mapped_column(default=0)
    newly_passed: Mapped[int] = mapped_column(default=0)


class InlineAnswer(Base):
    """An answer to a check inside a lesson; unlimited tries, every one kept, the facts behind `selesai-bila: soal-benar`."""

    __tablename__ = "inline_answer"
    __table_args__ = (Index("ix_inline_answer_person_course", "person_id", "course_id", "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    question_id: Mapped[str] = mapped_column(String(40))
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    value: Mapped[dict[str, Any]]
    is_correct: Mapped[bool]
    answered_at: Mapped[datetime]


class Marking(Base):
    """What a person gave one answer of a submitted attempt, by its rubric. Never changed; the newest row of a marker counts."""

    __tablename__ = "marking"
    __table_args__ = (
        Index("ix_marking_attempt_position", "attempt_id", "position"),
        CheckConstraint("score >= 0", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    position: Mapped[int]
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    is_peer: Mapped[bool]
    """Given by another learner (`sejawat`), not by an author, a mentor or the superior."""
    levels: Mapped[list[Any]]
    """Hundredths given for each criterion, in the rubric's order; one entry 0 … 10000 where there is no rubric."""
    score: Mapped[int]
    """Hundredths of a point, between 0 and the question's points."""
    comment: Mapped[str] = mapped_column(Text, default="")
    marked_at: Mapped[datetime]


class Upload(Base):
    """A file handed in for one question of an attempt: DATA/uploads/<sha256>. The answer lists the ids; both close together."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_attempt_position", "attempt_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    uploaded_at: Mapped[datetime]


class GroupMember(Base):
    """Someone on whose behalf a group's assignment was handed in: `member_attempt_id` is theirs, `attempt_id` the one with the work."""

    __tablename__ = "group_member"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    member_attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    """None until the work is handed in."""


class SurveyAnswer(Base):
    """One answer to an anonymous survey. No person, no attempt, and only the day, so that nobody can be found by the clock."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        Index("ix_survey_answer_course_quiz", "course_id", "quiz_key", "question_id"),
        {"sqlite_with_rowid": False},  # the hidden number would tell the order of arrival
    )

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random, so that the order of arrival tells nothing."""
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    quiz_key: Mapped[str] = mapped_column(String(250))
    question_id: Mapped[str] = mapped_column(String(40))
    version_id: Mapped[int] = mapped_column(ForeignKey("question_version.id"))
    value: Mapped[dict[str, Any]]
    answered_on: Mapped[date]
