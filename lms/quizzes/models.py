"""Tables of attempts. An attempt and its answers may change only while it is open; triggers forbid it afterwards (law 2)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.quizzes.types import AttemptState
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
