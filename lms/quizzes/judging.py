"""Which wording judges the questions of a closed attempt, once publications after it changed their meaning.

An attempt is judged by the versions it was asked in until an author chooses otherwise: each publication carries the choice for the
questions it changed (COURSE-FORMAT.md 2.10, 8), and the choices of all publications since the attempt began add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.models import QuestionVersion
from lms.quizzes.models import FollowUp
from lms.quizzes.types import RegradeMode


@dataclass(frozen=True, slots=True)
class Choice:
    """What one publication does to old answers. `since_id` is the edition it is compared with; None = all before."""

    edition_id: int
    mode: RegradeMode
    since_id: int | None
    by: int | None


@dataclass(frozen=True, slots=True)
class Judging:
    """The choices of a course, oldest first, each with the questions it judges anew."""

    steps: tuple[tuple[int, dict[str, int | None]], ...]
    """(edition id, question id to version id; None = the question no longer counts)."""
    meanings: dict[int, str]
    """Meaning hash by version id."""
    question_ids: dict[int, str]
    """Question id by version id."""

    def of(self, edition_id: int, until_id: int | None = None) -> dict[str, int | None]:
        """The judging versions of an attempt begun in that edition, where they may differ from those it was asked in; those of
        the choices up to `until_id` when it was last judged there."""
        found: dict[str, int | None] = {}
        for later_id, versions in self.steps:
            if edition_id < later_id and (until_id is None or later_id <= until_id):
                found |= versions
        return found

    def differs(self, version_id: int, question_id: str, judging: dict[str, int | None]) -> int | None:
        """The version with another meaning that judges this asked one; None when the asked one still does, or is dropped."""
        new_id = judging.get(question_id)
        return None if new_id is None or self.meanings[new_id] == self.meanings[version_id] else new_id


def choices(session: Session, course_id: int, after_id: int = 0, until_id: int | None = None) -> list[Choice]:
    """The choices of the course's publications after one edition, up to another, oldest first."""
    wanted = select(FollowUp.edition_id, FollowUp.mode, FollowUp.since_id, FollowUp.by)
    wanted = wanted.where(FollowUp.course_id == course_id, FollowUp.edition_id > after_id).order_by(FollowUp.edition_id)
    if until_id is not None:
        wanted = wanted.where(FollowUp.edition_id <= until_id)
    return [Choice(*row) for row in session.execute(wanted)]


def judging(session: Session, course_id: int, made: Sequence[Choice]) -> Judging:
    """How these choices, oldest first, judge the course's closed attempts. One SELECT, and one an edition not seen before."""
    wanted = select(QuestionVersion.id, QuestionVersion.question_id, QuestionVersion.meaning_hash)
    known = session.execute(wanted.where(QuestionVersion.course_id == course_id).order_by(QuestionVersion.id)).all()
    meanings = {row.id: row.meaning_hash for row in known}
    steps = [
        (choice.edition_id, _judged_anew(session, choice, meanings, {row.question_id for row in known}))
        for choice in made
        if choice.mode is not RegradeMode.KEEP
    ]
    return Judging(tuple(steps), meanings, {row.id: row.question_id for row in known})


def _judged_anew(session: Session, choice: Choice, meanings: dict[int, str], ever: set[str]) -> dict[str, int | None]:
    current = library.version_ids(session, choice.edition_id)
    if choice.since_id is None:
        changed, gone = set(current), ever - current.keys()
    else:
        before = library.version_ids(session, choice.since_id)
        changed = {
            question_id
            for question_id, version_id in current.items()
            if question_id not in before or meanings[before[question_id]] != meanings[version_id]
        }
        gone = before.keys() - current.keys()
    dropped: dict[str, int | None] = dict.fromkeys(gone) if choice.mode is RegradeMode.FULL else {}
    return {question_id: current[question_id] for question_id in changed} | dropped
