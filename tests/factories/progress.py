"""Facts for tests of progress, written straight into the tables. Call inside `write_tx`."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.library import Published
from lms.people.models import Person
from lms.progress import actions
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, InlineAnswer
from lms.quizzes.types import AttemptState
from tests.factories.content import BANK, INLINE, LESSONS


def close_attempt(
    session: Session,
    person: Person,
    published: Published,
    quiz_key: str,
    *,
    score: int,
    passed: bool,
    at: datetime,
    answers: dict[str, int] | None = None,
    state: AttemptState = AttemptState.GRADED,
) -> Attempt:
    """A closed attempt with that result. `answers` maps question ids to earned hundredths of a point."""
    number = session.scalar(
        select(func.coalesce(func.max(Attempt.try_number), 0)).where(
            Attempt.person_id == person.id, Attempt.course_id == published.course_id, Attempt.quiz_key == quiz_key
        )
    )
    attempt = Attempt(
        token=f"t{person.id}-{published.course_id}-{quiz_key.replace('/', '_')[:12]}-{number}",
        person_id=person.id,
        course_id=published.course_id,
        edition_id=published.edition_id,
        quiz_key=quiz_key,
        try_number=(number or 0) + 1,
        state=AttemptState.OPEN,
        started_at=at,
        deadline_at=None,
        closed_at=None,
        score=None,
        passed=None,
    )
    session.add(attempt)
    session.flush()
    versions = library.version_ids(session, published.edition_id)
    for position, (question_id, earned) in enumerate((answers or {}).items(), 1):
        session.add(
            AttemptQuestion(
                attempt_id=attempt.id, position=position, question_id=question_id, version_id=versions[question_id], layout={}
            )
        )
        session.add(AnswerRow(attempt_id=attempt.id, position=position, value={}, sequence=1, saved_at=at, score=earned))
    session.flush()
    attempt.state, attempt.closed_at, attempt.score, attempt.passed = state, at, score, passed
    session.flush()
    return attempt


def take_pretest(
    session: Session, person: Person, published: Published, at: datetime, *, asas: int = 100, standar: int = 0
) -> None:
    """The sample's pre-test, with `asas` and `standar` per cent earned in the questions of each module."""
    answers = dict.fromkeys(BANK[:4], asas) | dict.fromkeys(BANK[4:], standar)
    close_attempt(session, person, published, "pretest", score=50 * (asas + standar), passed=True, at=at, answers=answers)


def answer_inline(
    session: Session, person: Person, published: Published, question_id: str, at: datetime, *, right: bool = True
) -> None:
    version_id = library.version_ids(session, published.edition_id)[question_id]
    session.add(
        InlineAnswer(
            person_id=person.id,
            course_id=published.course_id,
            question_id=question_id,
            version_id=version_id,
            value={"choice": 0},
            is_correct=right,
            answered_at=at,
        )
    )
    session.flush()


def finish_sample(session: Session, person: Person, published: Published, at: datetime, *, score: int = 8450) -> int:
    """Everything the sample course asks for, but not settled. Returns the enrolment id."""
    enrolment_id = actions.enrol(session, person_id=person.id, published=published, now=at)
    answer_inline(session, person, published, INLINE[1], at)
    for key in LESSONS:
        actions.mark_done(session, person_id=person.id, published=published, lesson_key=key, now=at)
    close_attempt(session, person, published, "asas/kuis", score=score, passed=True, at=at)
    close_attempt(session, person, published, "posttest", score=score, passed=True, at=at)
    actions.refresh_summary(session, enrolment_id, at)
    return enrolment_id
