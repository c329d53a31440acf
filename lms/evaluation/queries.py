"""Reads of effect: scores before and after, from stored attempts."""

from sqlalchemy.orm import Session

from lms.content import library
from lms.content.types import ItemKind, Outline
from lms.errors import NotFound
from lms.evaluation import rules
from lms.evaluation.types import Gain
from lms.progress import queries as progress_queries
from lms.quizzes.queries import quiz_facts


def gain_of(session: Session, person_id: int, course_id: int) -> Gain | None:
    """Gain of one person in one course: the first pre-test attempt against the post-test score that counts. None when the
    person is not enrolled or the course has not both tests."""
    own = progress_queries.enrolment(session, person_id, course_id)
    if own is None:
        return None
    try:
        outline = library.of_number(session, course_id, own.edition_number).outline
    except NotFound:
        return None
    before, after = _key(outline, ItemKind.PRETEST), _key(outline, ItemKind.POSTTEST)
    if not before or not after:
        return None
    first = progress_queries.first_closed_attempt(session, person_id, course_id, before)
    last = quiz_facts(session, person_id, course_id, outline=outline).get(after)
    return rules.gain(first.score if first else None, last.score if last else None)


def _key(outline: Outline, kind: ItemKind) -> str:
    return next((item.key for item in outline.items if item.kind is kind), "")
