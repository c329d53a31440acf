"""What waits to be marked, and one piece of work with everything its marker needs. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select, text
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.assignments import Grader
from lms.content.types import Item, QuizRules
from lms.people import hierarchy
from lms.people.models import CourseMentor, Person
from lms.people.names import display_name
from lms.people.rules import staff_date
from lms.quizzes import circle, files, markings
from lms.quizzes.attempts import questions_of
from lms.quizzes.files import FileRow
from lms.quizzes.grading import awaits_marker
from lms.quizzes.markings import Given
from lms.quizzes.models import Attempt, GroupMember, Marking
from lms.quizzes.types import AttemptQuestionView, AttemptState

SHOWN = 50
"""Rows of one list; the count is always that of all."""
_SUBMITTED = text("attempt.state = 'submitted'")  # literal: partial index


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One hand-in in a list, without anything of its content."""

    token: str
    course_id: int
    course_key: str
    course_title: str
    item_title: str
    rules: QuizRules
    person_id: int
    name: str
    handed_in_at: datetime
    members: int
    """How many others it was handed in for."""
    peers_done: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one marker, oldest first: `own` is theirs to mark, `others` may be marked in place of somebody else."""

    own: tuple[WorkRow, ...]
    own_count: int
    others: tuple[WorkRow, ...]
    others_count: int
    courses: tuple[tuple[str, str, int], ...]
    """(key, title, how many wait there), over both lists and whatever course is asked for."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Everything submitted of one item of one edition."""

    course_id: int
    edition_id: int
    quiz_key: str
    course_key: str
    course_title: str
    item: Item
    is_staff: bool
    """The marker is an author or a mentor of the course."""

    @property
    def grader(self) -> Grader:
        hand_in = self.item.quiz.hand_in if self.item.quiz else None
        return hand_in.grader if hand_in else Grader.MENTOR

    @property
    def condition(self) -> ColumnElement[bool]:
        return and_(Attempt.edition_id == self.edition_id, Attempt.quiz_key == self.quiz_key)


def waiting(session: Session, *, marker_id: int, is_author: bool, now: datetime, course_key: str = "") -> Queue:
    """The queue of one marker, of all courses or of one. About ten SELECTs, however long the queue."""
    mentored = set(session.scalars(select(CourseMentor.course_id).where(CourseMentor.person_id == marker_id)))
    kinds = _kinds(session, mentored, is_author)
    mine = [kind for kind in kinds if kind.is_staff and kind.grader is Grader.MENTOR]
    foreign = [kind for kind in kinds if kind.is_staff and kind.grader is not Grader.MENTOR]
    below = _from_below(session, marker_id, [kind for kind in kinds if kind.grader is Grader.SUPERIOR], now)
    own = or_(false(), Attempt.id.in_(below), *(kind.condition for kind in mine)) & circle.not_own(marker_id)
    others = or_(false(), *(kind.condition for kind in foreign)) & Attempt.id.not_in(below) & circle.not_own(marker_id)
    counts: dict[str, int] = {}
    for course_id, number in _counted(session, own | others):
        key = next(kind.course_key for kind in kinds if kind.course_id == course_id)
        counts[key] = counts.get(key, 0) + number
    titles = {kind.course_key: kind.course_title for kind in kinds}
    courses = tuple((key, titles[key], counts[key]) for key in sorted(counts, key=lambda key: (titles[key].casefold(), key)))
    if course_key:
        chosen = Attempt.course_id.in_([kind.course_id for kind in kinds if kind.course_key == course_key])
        own, others = own & chosen, others & chosen
    listed, others_listed = _rows(session, own, kinds), _rows(session, others, kinds)
    return Queue(listed, _count(session, own, listed), others_listed, _count(session, others, others_listed), courses)


def waiting_for_superior(session: Session, marker_id: int, now: datetime) -> int:
    """How much work of their staff waits for a head of a unit; the team page says so."""
    kinds = [kind for kind in _kinds(session) if kind.grader is Grader.SUPERIOR]
    return len(_from_below(session, marker_id, kinds, now))


def _kinds(session: Session, mentored: Collection[int] = (), is_author: bool = False) -> list[_Kind]:
    """What is submitted, by edition and item: few rows, and only their outlines know who marks."""
    groups = session.execute(
        select(Attempt.course_id, Attempt.edition_id, Attempt.quiz_key)
        .where(_SUBMITTED)
        .distinct()
        .order_by(Attempt.course_id, Attempt.edition_id, Attempt.quiz_key)
    ).all()
    editions = library.by_ids(session, (row.edition_id for row in groups))
    found = []
    for row in groups:
        published = editions[row.edition_id]
        item = published.outline.item(row.quiz_key)
        if item is not None:
            staff = is_author or row.course_id in mentored
            found.append(_Kind(*row, published.course_key, published.outline.title, item, staff))
    return found


def _from_below(session: Session, marker_id: int, kinds: Sequence[_Kind], now: datetime) -> list[int]:
    """Ids of submitted attempts of this head's direct subordinates that a course gives to superiors."""
    paths = hierarchy.headed_unit_paths(session, marker_id, staff_date(now)) if kinds else []
    if not paths:
        return []
    below = hierarchy.members_select(paths, staff_date(now)).with_only_columns(Person.id)
    wanted = select(Attempt.id, Attempt.person_id).where(_SUBMITTED, or_(*(kind.condition for kind in kinds)))
    rows = session.execute(wanted.where(Attempt.person_id.in_(below), circle.not_own(marker_id)).order_by(Attempt.id)).all()
    superiors = hierarchy.superiors_of(session, {row.person_id for row in rows}, staff_date(now))
    return [row.id for row in rows if superiors.get(row.person_id) == marker_id]


def _counted(session: Session, condition: ColumnElement[bool]) -> list[tuple[int, int]]:
    wanted = select(Attempt.course_id, func.count()).where(_SUBMITTED, condition).group_by(Attempt.course_id)
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Attempt.course_id))]


def _count(session: Session, condition: ColumnElement[bool], listed: Sequence[WorkRow]) -> int:
    return len(listed) if len(listed) < SHOWN else sum(number for _, number in _counted(session, condition))


def _rows(session: Session, condition: ColumnElement[bool], kinds: Sequence[_Kind]) -> tuple[WorkRow, ...]:
    by_item = {(kind.edition_id, kind.quiz_key): kind for kind in kinds}
    rows = session.execute(_listed().where(_SUBMITTED, condition).order_by(Attempt.closed_at, Attempt.id).limit(SHOWN))
    return tuple(_work_row(row, by_item[row.edition_id, row.quiz_key]) for row in rows)


def _listed() -> Select[Any]:
    together = select(func.count()).where(GroupMember.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    by_peers = (
        select(func.count(Marking.marker_id.distinct()))
        .where(Marking.attempt_id == Attempt.id, Marking.is_peer.is_(True))
        .correlate(Attempt)
        .scalar_subquery()
    )
    columns = (Attempt.token, Attempt.edition_id, Attempt.quiz_key, Attempt.person_id, Attempt.closed_at)
    names = (Person.title_prefix, Person.name, Person.title_suffix)
    counts = (together.label("together"), by_peers.label("by_peers"))
    return select(*columns, *names, *counts).join(Person, Person.id == Attempt.person_id)


def _work_row(row: Row[Any], kind: _Kind) -> WorkRow:
    assert kind.item.quiz is not None
    return WorkRow(
        token=row.token,
        course_id=kind.course_id,
        course_key=kind.course_key,
        course_title=kind.course_title,
        item_title=kind.item.title,
        rules=kind.item.quiz,
        person_id=row.person_id,
        name=display_name(row.title_prefix, row.name, row.title_suffix),
        handed_in_at=row.closed_at,
        members=row.together,
        peers_done=row.by_peers,
    )


# ------------------------------------------------------------------ one piece of work


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to mark: the question as it was asked, the files it lists, and what was given so far, oldest first."""

    question: AttemptQuestionView
    files: tuple[FileRow, ...]
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work on a marker's desk."""

    attempt_id: int
    token: str
    person_id: int
    course_id: int
    edition_id: int
    item: Item
    rules: QuizRules
    state: AttemptState
    handed_in_at: datetime
    score: int | None
    answers: tuple[Answered, ...]
    newest: int
    """Id of the newest marking, 0 = none: what a marker has seen."""


def work(session: Session, row: Row[Any]) -> Work:
    """What is to be marked in a row of `attempts` that `circle` or `peers` let the marker have."""
    item = library.edition(session, row.edition_id).outline.item(row.quiz_key)
    assert item is not None and item.quiz is not None  # the edition an attempt was begun in does not change
    known, given = files.files(session, row.id), markings.given(session, row.id)
    asked = [one for one in questions_of(session, row.id) if awaits_marker(one.public, one.answer)]
    answers = tuple(
        Answered(one, tuple(files.listed(one.answer, known)), tuple(each for each in given if each.position == one.position))
        for one in asked
    )
    score = row.score if row.new_score is None else row.new_score
    return Work(
        attempt_id=row.id,
        token=row.token,
        person_id=row.person_id,
        course_id=row.course_id,
        edition_id=row.edition_id,
        item=item,
        rules=item.quiz,
        state=AttemptState(row.state),
        handed_in_at=row.closed_at,
        score=score,
        answers=answers,
        newest=given[-1].id if given else 0,
    )


def marked_by(session: Session, marker_id: int, limit: int = 20) -> list[tuple[str, str, datetime]]:
    """(token, name, time) of what a member of staff marked last, newest first, to look at or mark again."""
    newest = (
        select(Marking.attempt_id, func.max(Marking.id).label("id"), func.max(Marking.marked_at).label("at"))
        .where(Marking.marker_id == marker_id, Marking.is_peer.is_(False))
        .group_by(Marking.attempt_id)
        .subquery()
    )
    rows = session.execute(
        select(Attempt.token, Person.title_prefix, Person.name, Person.title_suffix, newest.c.at)
        .join(newest, newest.c.attempt_id == Attempt.id)
        .join(Person, Person.id == Attempt.person_id)
        .where(Attempt.state.in_(circle.MARKABLE))
        .order_by(newest.c.id.desc())
        .limit(limit)
    )
    return [(row.token, display_name(row.title_prefix, row.name, row.title_suffix), row.at) for row in rows]
