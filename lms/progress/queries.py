"""Reads of progress. Statuses come from rules.status alone; lists read the summary, which the same function wrote."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from lms.content import library
from lms.content.editions import changed_rules
from lms.content.library import Published
from lms.content.models import CourseRow, EditionRow
from lms.content.types import ItemKind, Outline
from lms.progress import competencies, rules
from lms.progress.competencies import Standing, Suggestion
from lms.progress.jp import jp_meter as jp_meter
from lms.progress.jp import ledger as ledger
from lms.progress.models import Bookmark, Completion, Enrolment, EnrolmentSummary, LessonDone, TestedOut
from lms.progress.types import CourseCard, EditionOffer, EnrolmentRow, Facts, ModuleOffer, Piece, Place, State, Status
from lms.quizzes import queries as quiz_queries
from lms.quizzes.attempts import closed_attempts
from lms.quizzes.types import ClosedAttempt, QuizFact

_STATUSES_KEPT = 4096
_statuses: dict[tuple[Any, ...], Status] = {}
"""Statuses by (database, enrolment, summary version, edition): every fact raises the version, so an entry never goes stale."""


# ------------------------------------------------------------------ one enrolment


def _enrolments() -> Select[*tuple[Any, ...]]:
    return select(
        Enrolment.id,
        Enrolment.person_id,
        Enrolment.course_id,
        Enrolment.edition_number,
        Enrolment.enrolled_at,
        func.coalesce(EnrolmentSummary.version, 0),
    ).outerjoin(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)


_OF_PERSON = _enrolments().where(Enrolment.person_id == bindparam("person_id"), Enrolment.course_id == bindparam("course_id"))


def enrolment(session: Session, person_id: int, course_id: int) -> EnrolmentRow | None:
    """The person's enrolment in a course, None when there is none. One SELECT."""
    row = session.connection().execute(_OF_PERSON, {"person_id": person_id, "course_id": course_id}).first()
    return None if row is None else EnrolmentRow(*row)


def enrolled_at_of(session: Session, person_ids: Collection[int], course_ids: Collection[int]) -> dict[tuple[int, int], datetime]:
    """(person id, course id) to the time of enrolling, for the due dates of a list. One SELECT, none for nobody."""
    if not person_ids:
        return {}
    wanted = select(Enrolment.person_id, Enrolment.course_id, Enrolment.enrolled_at)
    rows = session.execute(wanted.where(Enrolment.person_id.in_(person_ids), Enrolment.course_id.in_(course_ids)))
    return {(row.person_id, row.course_id): row.enrolled_at for row in rows}


def enrolment_by_id(session: Session, enrolment_id: int) -> EnrolmentRow | None:
    row = session.execute(_enrolments().where(Enrolment.id == enrolment_id)).first()
    return None if row is None else EnrolmentRow(*row)


def published_for(session: Session, enrolment: EnrolmentRow) -> Published:
    """What the enrolled person sees: the newest revision of the edition number they are in."""
    return library.of_number(session, enrolment.course_id, enrolment.edition_number)


def enrolments_after(session: Session, after_id: int, limit: int, course_id: int | None = None) -> list[EnrolmentRow]:
    """The next enrolments in order of id, of one course or of all."""
    wanted = _enrolments().where(Enrolment.id > after_id).order_by(Enrolment.id).limit(limit)
    if course_id is not None:
        wanted = wanted.where(Enrolment.course_id == course_id)
    return [EnrolmentRow(*row) for row in session.execute(wanted)]


def facts(session: Session, enrolment: EnrolmentRow, outline: Outline) -> Facts:
    """Everything that happened in one enrolment. `outline` is the edition it is seen through: it says which score of a quiz
    counts. Three SELECTs."""
    found = facts_of_many(session, {enrolment: outline})[enrolment.id]
    return replace(
        found, inline_correct=frozenset(quiz_queries.inline_correct(session, enrolment.person_id, enrolment.course_id))
    )


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_FACTS = union_all(  # built once: this runs with every progress write
    select(
        LessonDone.enrolment_id,
        literal("lesson").label("what"),
        LessonDone.lesson_key.label("name"),
        LessonDone.done_at.label("at"),
    ).where(LessonDone.enrolment_id.in_(_IDS)),
    select(TestedOut.enrolment_id, literal("module"), TestedOut.module_key, TestedOut.accepted_at).where(
        TestedOut.enrolment_id.in_(_IDS)
    ),
    select(Completion.enrolment_id, literal("completed"), literal(""), Completion.completed_at).where(
        Completion.enrolment_id.in_(_IDS)
    ),
)


def facts_of_many(session: Session, outlines: Mapping[EnrolmentRow, Outline]) -> dict[int, Facts]:
    """The facts that decide a status, by enrolment id; `inline_correct`, which decides none, is left empty. Two SELECTs; ask
    for some hundreds at a time."""
    rows = session.execute(_FACTS, {"ids": [row.id for row in outlines]}).all()
    names: dict[tuple[int, str], set[str]] = {}
    for row in rows:
        names.setdefault((row.enrolment_id, row.what), set()).add(row.name)
    completed = {row.enrolment_id: row.at for row in rows if row.what == "completed"}
    pairs = {(own.person_id, own.course_id): outline for own, outline in outlines.items()}
    quizzes = quiz_queries.quiz_facts_of_many(session, pairs)
    return {own.id: _facts(own, names, quizzes[own.person_id, own.course_id], completed.get(own.id)) for own in outlines}


def _facts(
    own: EnrolmentRow, names: Mapping[tuple[int, str], set[str]], quizzes: Mapping[str, QuizFact], completed_at: datetime | None
) -> Facts:
    return Facts(
        lessons_done=frozenset(names.get((own.id, "lesson"), ())),
        quizzes_passed=frozenset(key for key, quiz in quizzes.items() if quiz.passed),
        quizzes_tried=frozenset(quizzes),
        best_scores={key: quiz.score for key, quiz in quizzes.items() if quiz.score is not None},
        waiting=frozenset(key for key, quiz in quizzes.items() if quiz.is_waiting),
        modules_tested_out=frozenset(names.get((own.id, "module"), ())),
        completed_at=completed_at,
    )


def status_of(session: Session, enrolment: EnrolmentRow, published: Published | None = None) -> Status:
    """How far the enrolled person is. `published` saves a SELECT when the caller has read it already.

    Kept per process while nothing changed, so that opening a lesson twice reads no facts; never kept inside a write
    transaction, whose version may still be rolled back and used again.
    """
    published = published or published_for(session, enrolment)
    if session.connection().get_execution_options().get("lms_write"):
        return rules.status(facts(session, enrolment, published.outline), published.outline)
    key = (session.get_bind(), enrolment.id, enrolment.version, published.edition_id)
    status = _statuses.get(key)
    if status is None:
        status = rules.status(facts(session, enrolment, published.outline), published.outline)
        if len(_statuses) >= _STATUSES_KEPT:
            _statuses.clear()
        _statuses[key] = status
    return status


def edition_offer(session: Session, enrolment: EnrolmentRow) -> EditionOffer | None:
    """The move to the course's current edition, when that has a higher number and is not the same again, as after a roll-back;
    None otherwise. Nobody is moved unasked."""
    key = session.execute(select(CourseRow.key).where(CourseRow.id == enrolment.course_id)).scalar_one()
    newest, own = library.current(session, key), published_for(session, enrolment)
    if newest.number <= enrolment.edition_number or newest.sha256 == own.sha256:
        return None
    known = facts(session, enrolment, newest.outline)
    change = rules.compare_editions(known, own.outline, newest.outline)
    titles = {item.key: item.title for item in newest.outline.items}
    added = tuple((key, titles[key]) for key in rules.new_since_completion(known, newest.outline))
    return EditionOffer(enrolment.edition_number, newest.number, change, changed_rules(own.outline, newest.outline), added)


# ------------------------------------------------------------------ testing out


def first_closed_attempt(session: Session, person_id: int, course_id: int, quiz_key: str) -> ClosedAttempt | None:
    """The first closed, valid attempt: what a pre-test shows before anything was learnt."""
    return next(iter(closed_attempts(session, person_id, course_id, quiz_key)), None)


def pretest_of(outline: Outline) -> str:
    """Key of the pre-test, "" without one."""
    return next((item.key for item in outline.items if item.kind is ItemKind.PRETEST), "")


def test_out_offer(session: Session, enrolment: EnrolmentRow, published: Published) -> tuple[int, list[ModuleOffer]]:
    """(pre-test attempt id, offers) from the stored pre-test; (0, []) while there is none or the course allows no skipping."""
    key = pretest_of(published.outline)
    attempt = first_closed_attempt(session, enrolment.person_id, enrolment.course_id, key) if key else None
    if attempt is None or not published.outline.test_out_mark:
        return 0, []
    scores = quiz_queries.module_scores(session, attempt.attempt_id)
    return attempt.attempt_id, rules.test_out_offer(published.outline, scores, facts(session, enrolment, published.outline))


# ------------------------------------------------------------------ my courses, home


def newest_revision() -> Any:
    """Scalar subquery beside `Enrolment`: id of the publication the enrolled person sees."""
    return (
        select(EditionRow.id)
        .where(EditionRow.course_id == Enrolment.course_id, EditionRow.number == Enrolment.edition_number)
        .order_by(EditionRow.revision.desc())
        .limit(1)
        .correlate(Enrolment)
        .scalar_subquery()
    )


_CURRENT = aliased(EditionRow)
_MY_COURSES = (
    select(
        Enrolment.id,
        Enrolment.edition_number,
        newest_revision().label("edition_id"),
        *(getattr(EnrolmentSummary, name) for name in ("state", "percent", "done_count", "total_count", "minutes_left")),
        EnrolmentSummary.next_key,
        EnrolmentSummary.last_activity_at,
        EnrolmentSummary.version,
        Completion.completed_at,
        func.coalesce(_CURRENT.number, 0).label("current_number"),
        _CURRENT.sha256.label("current_sha256"),
    )
    .join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
    .join(CourseRow, CourseRow.id == Enrolment.course_id)
    .outerjoin(_CURRENT, _CURRENT.id == CourseRow.current_edition_id)
    .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
    .where(Enrolment.person_id == bindparam("person_id"))
    .order_by(EnrolmentSummary.last_activity_at.desc(), Enrolment.id.desc())
)


def my_courses(session: Session, person_id: int) -> list[CourseCard]:
    """All courses of a person from their summaries: running ones first, the latest activity on top. A constant number of SELECTs."""
    rows = session.execute(_MY_COURSES, {"person_id": person_id}).all()
    editions = library.by_ids(session, (row.edition_id for row in rows))
    cards = [_card(row, editions[row.edition_id]) for row in rows]
    return sorted(cards, key=lambda card: card.state is State.DONE)


def _card(row: Row[Any], published: Published) -> CourseCard:
    upcoming = published.outline.item(row.next_key)
    return CourseCard(
        enrolment_id=row.id,
        course_id=published.course_id,
        course_key=published.course_key,
        title=published.outline.title,
        jp=published.outline.jp,
        edition_number=row.edition_number,
        edition_id=published.edition_id,
        state=row.state,
        percent=row.percent,
        done_count=row.done_count,
        total_count=row.total_count,
        minutes_left=row.minutes_left,
        next_key=row.next_key,
        next_title=upcoming.title if upcoming else "",
        last_activity_at=row.last_activity_at,
        completed_at=row.completed_at,
        version=row.version,
        competencies=published.outline.competencies,
        has_newer_edition=row.current_number > row.edition_number and row.current_sha256 != published.sha256,
    )


def resume_place(session: Session, person_id: int, cards: list[CourseCard] | None = None) -> Place | None:
    """Where *Lanjutkan belajar* leads: the place last seen in the running course with the latest activity, or its first
    unfinished item when there is no bookmark, the bookmarked item is done, or it left the course. None when nothing runs."""
    running = _running(session, person_id, cards)
    if not running:
        return None
    bookmarks = {
        row.course_id: row
        for row in session.execute(
            select(Bookmark.course_id, Bookmark.item_key, Bookmark.heading, Bookmark.set_at).where(
                Bookmark.person_id == person_id
            )
        )
    }
    seen = {card.course_id: bookmarks[card.course_id].set_at for card in running if card.course_id in bookmarks}
    card = max(
        running, key=lambda each: (max(each.last_activity_at, seen.get(each.course_id, each.last_activity_at)), each.course_id)
    )
    published, status = _status_of_card(session, person_id, card)
    bookmark = bookmarks.get(card.course_id)
    marked = status.items.get(bookmark.item_key) if bookmark else None
    is_open = marked is not None and not (marked.is_done or marked.locked_by or marked.is_waiting)
    item = published.outline.item(marked.key if is_open and marked else status.next_key)
    if item is None:
        return None
    heading = bookmark.heading if bookmark and is_open else ""
    waits = status.items[item.key].is_waiting
    return Place(card.course_key, card.title, item.key, item.title, item.kind, item.minutes, heading, card.percent, waits)


def short_pieces(session: Session, person_id: int, minutes: int = 10, cards: list[CourseCard] | None = None) -> list[Piece]:
    """ "10 menit sekarang": for each of the five latest running courses the next piece that fits into `minutes`, in that order.
    When nothing fits anywhere, the one shortest next piece, so that the list is empty only when nothing is left to do."""
    fitting: list[Piece] = []
    others: list[Piece] = []
    for card in _running(session, person_id, cards)[:5]:
        published, status = _status_of_card(session, person_id, card)
        found = [(item, status.items[item.key]) for item in published.outline.items]
        opened = [item for item, here in found if not (here.is_done or here.locked_by or here.is_waiting)]
        opened = [item for item in opened if item.kind is not ItemKind.SURVEY] or opened  # opinions come after learning
        opened.sort(key=lambda item: item.key != status.next_key)
        pieces = [
            Piece(card.course_key, card.title, item.key, item.title, item.kind, item.minutes, item.size_bytes) for item in opened
        ]
        fits = next((piece for piece in pieces if piece.minutes <= minutes), None)
        if fits:
            fitting.append(fits)
        others.extend(pieces)
    return fitting or sorted(others, key=lambda piece: piece.minutes)[:1]


def _running(session: Session, person_id: int, cards: list[CourseCard] | None) -> list[CourseCard]:
    found = my_courses(session, person_id) if cards is None else cards
    return [card for card in found if card.state is not State.DONE]


def _status_of_card(session: Session, person_id: int, card: CourseCard) -> tuple[Published, Status]:
    published = library.by_ids(session, [card.edition_id])[card.edition_id]
    row = EnrolmentRow(card.enrolment_id, person_id, card.course_id, card.edition_number, card.last_activity_at, card.version)
    return published, status_of(session, row, published)


def suggestions(
    session: Session, mine: list[CourseCard], known: list[Standing], about: str = "", limit: int = 3
) -> list[Suggestion]:
    """Courses that add JP or close a gap (D11, D15): not begun yet and no unmet prerequisite. `about`: the person's post and unit."""
    begun, finished = {card.course_id for card in mine}, {card.course_key for card in mine if card.completed_at}
    offered = library.catalogue(session)
    keys = {published.course_key for published in offered}
    fresh = (
        published
        for published in offered
        if published.course_id not in begun and all(key in finished or key not in keys for key in published.outline.prerequisites)
    )
    return competencies.suggest(fresh, known, about, limit)


def completed_course_keys(session: Session, person_id: int) -> set[str]:
    """Keys of the courses a person has finished."""
    return set(
        session.scalars(
            select(CourseRow.key)
            .join(Enrolment, Enrolment.course_id == CourseRow.id)
            .join(Completion, Completion.enrolment_id == Enrolment.id)
            .where(Enrolment.person_id == person_id)
        )
    )


def course_counts(session: Session) -> dict[int, tuple[int, int]]:
    """(enrolled, finished) by course id. One SELECT."""
    rows = session.execute(
        select(Enrolment.course_id, func.count(Enrolment.id), func.count(Completion.enrolment_id))
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .group_by(Enrolment.course_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
