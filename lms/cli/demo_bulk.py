"""Writes the history of many people at once, as the same rows that the actions would have written, some hundred people a call.

Summaries come from progress.rules.status itself; people with the same facts share one call of it. Certificates are left to
demo_awards, which writes them in the order of time.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Text, bindparam, insert, update
from sqlalchemy.orm import Session

from lms.cli.demo_answers import answers_for
from lms.cli.demo_awards import Finished
from lms.cli.demo_data import reserve_ids
from lms.cli.demo_history import Learner, inline_answers, next_place
from lms.cli.demo_journeys import Journey, Step
from lms.cli.demo_marking import sheet_for
from lms.content import library
from lms.content.library import Published
from lms.content.types import ItemKind, QuestionPublic
from lms.progress import rules as progress_rules
from lms.progress.models import Bookmark, Enrolment, EnrolmentSummary, LessonDone
from lms.progress.projection import derived_columns
from lms.progress.types import Facts, Status
from lms.quizzes import rules as quiz_rules
from lms.quizzes.draw import draw
from lms.quizzes.grading import awaits_marker, grade, mark, rubric_score, score_of
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, InlineAnswer, Marking
from lms.quizzes.types import Answer, AttemptState
from lms.shared.codec import encode
from lms.store.base import canonical_json

PAPERS = 200
"""Different papers (draw, answers, marks) made of each quiz; people share them. Fewer would make item statistics absurd."""
CLOSE = (
    update(Attempt.__table__)  # type: ignore[arg-type]
    .where(Attempt.__table__.c.id == bindparam("attempt_id"))
    .values(state=bindparam("closed_state"), closed_at=bindparam("closed"), score=bindparam("got"), passed=bindparam("is_pass"))
)
ASK = insert(AttemptQuestion).values(layout=bindparam("layout", type_=Text))
ANSWER = insert(AnswerRow).values(value=bindparam("value", type_=Text))
"""Their JSON is made once a paper, not once a person."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A finished attempt without its person: what was asked, what was answered (both with JSON as text), what it earned."""

    questions: tuple[dict[str, Any], ...]
    answers: tuple[dict[str, Any], ...]
    score: int
    passed: bool
    marks: tuple[dict[str, Any], ...] = ()
    """What the demo's author gave, for work that people mark."""


@dataclass(slots=True)
class Batch:
    """Rows collected for one call, by table."""

    rows: dict[Any, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    tries: dict[int, list[tuple[dict[str, Any], Paper]]] = field(default_factory=lambda: defaultdict(list))
    """By number of the try: a quiz may have one open attempt a person, so later tries are written after earlier ones closed."""
    finished: list[Finished] = field(default_factory=list)


class BulkWriter:
    """Keeps the papers and statuses that many people share. One per demo."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._papers: dict[tuple[int, str, bool, int], Paper] = {}
        self._statuses: dict[tuple[Any, ...], Status] = {}
        self._checks: dict[tuple[int, str, int], list[tuple[str, int, dict[str, Any], bool, float]]] = {}
        self._places: dict[tuple[int, str], tuple[str, str]] = {}

    def write(self, session: Session, learners: Sequence[Learner], marker_id: int | None = None) -> list[Finished]:
        """Insert everything of these journeys; returns those that are now finished and wait for what that brings. `marker_id`: who
        gave the marks that people give."""
        batch = Batch()
        ids = reserve_ids(session, Enrolment, len(learners))
        for enrolment_id, learner in zip(ids, learners, strict=True):
            self._collect(session, batch, enrolment_id, learner)
        for table in (Enrolment, LessonDone, EnrolmentSummary, Bookmark):
            if batch.rows[table]:
                session.execute(insert(table), batch.rows[table])
        for number in sorted(batch.tries):
            self._write_attempts(session, batch.tries[number], marker_id)
        if batch.rows[InlineAnswer]:
            session.execute(insert(InlineAnswer), batch.rows[InlineAnswer])
        return batch.finished

    def _collect(self, session: Session, batch: Batch, enrolment_id: int, learner: Learner) -> None:
        journey, person_id = learner.journey, learner.person_id
        published = journey.published
        tried: dict[str, int] = defaultdict(int)
        lessons: set[str] = set()
        passed: set[str] = set()
        scores: dict[str, int] = {}
        for step in journey.steps:
            if step.kind is ItemKind.LESSON:
                lessons.add(step.item_key)
                row = {
                    "enrolment_id": enrolment_id,
                    "lesson_key": step.item_key,
                    "edition_id": published.edition_id,
                    "done_at": step.at,
                }
                batch.rows[LessonDone].append(row)
                batch.rows[InlineAnswer] += self._inline_rows(session, person_id, published, step)
                continue
            paper = self._paper(session, published, step)
            tried[step.item_key] += 1
            scores[step.item_key] = max(paper.score, scores.get(step.item_key, 0))
            if paper.passed:
                passed.add(step.item_key)
            batch.tries[tried[step.item_key]].append((_attempt(person_id, published, step, tried[step.item_key]), paper))
        facts = Facts(frozenset(lessons), frozenset(passed), frozenset(tried), best_scores=scores)
        status = self._status(published, facts)
        last_at = journey.steps[-1].at if journey.steps else journey.enrolled_at
        batch.rows[Enrolment].append(
            {
                "id": enrolment_id,
                "person_id": person_id,
                "course_id": published.course_id,
                "edition_number": published.number,
                "enrolled_at": journey.enrolled_at,
            }
        )
        batch.rows[EnrolmentSummary].append(
            {"enrolment_id": enrolment_id, "last_activity_at": last_at, "version": 1 + len(journey.steps)}
            | derived_columns(status)
        )
        if status.is_complete:
            batch.finished.append(Finished(last_at, enrolment_id, person_id, journey.enrolled_at, published, facts))
        self._bookmark(session, batch, person_id, journey)

    def _bookmark(self, session: Session, batch: Batch, person_id: int, journey: Journey) -> None:
        lesson = next((step for step in reversed(journey.steps) if step.kind is ItemKind.LESSON), None)
        item = journey.published.outline.item(lesson.item_key) if lesson else None
        if lesson is None or item is None:
            return
        known = (journey.published.edition_id, item.key)
        if known not in self._places:
            self._places[known] = next_place(session, journey.published, item)
        place, heading = self._places[known]
        row = {"person_id": person_id, "course_id": journey.published.course_id, "item_key": place, "heading": heading}
        batch.rows[Bookmark].append(row | {"set_at": lesson.at})

    def _status(self, published: Published, facts: Facts) -> Status:
        """Nothing in a summary depends on scores, so that people with the same items done share one status."""
        known = (published.edition_id, facts.lessons_done, facts.quizzes_passed, facts.quizzes_tried)
        if known not in self._statuses:
            self._statuses[known] = progress_rules.status(replace(facts, best_scores={}), published.outline)
        return self._statuses[known]

    def _inline_rows(self, session: Session, person_id: int, published: Published, step: Step) -> list[dict[str, Any]]:
        """Answers to the checks of a lesson; who answered is different, what was answered is one of a few."""
        known = (published.edition_id, step.item_key, self._random.randrange(PAPERS))
        if known not in self._checks:
            item = published.outline.item(step.item_key)
            assert item is not None
            versions = library.questions(session, published.edition_id, item.question_ids)
            keys = library.keys(session, [version.version_id for version in versions.values()])
            span = timedelta(minutes=step.minutes)
            self._checks[known] = [
                (key, versions[key].version_id, answer, _is_right(versions[key], keys, answer), (at - step.at + span) / span)
                for key, answer, at in inline_answers(session, self._random, published, item, step)
            ]
        begun, spent = step.at - timedelta(minutes=step.minutes), timedelta(minutes=step.minutes)
        return [
            {
                "person_id": person_id,
                "course_id": published.course_id,
                "question_id": question_id,
                "version_id": version_id,
                "value": answer,
                "is_correct": is_correct,
                "answered_at": begun + spent * part,
            }
            for question_id, version_id, answer, is_correct, part in self._checks[known]
        ]

    def _paper(self, session: Session, published: Published, step: Step) -> Paper:
        known = (published.edition_id, step.item_key, step.passes, self._random.randrange(PAPERS))
        if known not in self._papers:
            self._papers[known] = make_paper(session, self._random, published, step)
        return self._papers[known]

    def _write_attempts(self, session: Session, tries: list[tuple[dict[str, Any], Paper]], marker_id: int | None) -> None:
        """Open them, answer, then close: the triggers allow no other order."""
        ids = reserve_ids(session, Attempt, len(tries))
        begun = [row | {"id": attempt_id} for attempt_id, (row, _) in zip(ids, tries, strict=True)]
        closing = [row.pop("closed_at") for row in begun]
        session.execute(insert(Attempt), begun)
        asked = [
            {"attempt_id": id_} | question for id_, (_, paper) in zip(ids, tries, strict=True) for question in paper.questions
        ]
        session.connection().execute(ASK, asked)
        answered = []
        for row, closed, (_, paper) in zip(begun, closing, tries, strict=True):
            step = (closed - row["started_at"]) / (len(paper.answers) + 1)
            for place, answer in enumerate(paper.answers, 1):
                answered.append({"attempt_id": row["id"], "saved_at": row["started_at"] + step * place, "sequence": 1} | answer)
        session.connection().execute(ANSWER, answered)
        session.connection().execute(
            CLOSE,
            [
                {
                    "attempt_id": id_,
                    "closed_state": AttemptState.GRADED,
                    "closed": closed,
                    "got": paper.score,
                    "is_pass": paper.passed,
                }
                for id_, closed, (_, paper) in zip(ids, closing, tries, strict=True)
            ],
        )
        marked = [
            {"attempt_id": id_, "marker_id": marker_id, "is_peer": False, "marked_at": closed} | given
            for id_, closed, (_, paper) in zip(ids, closing, tries, strict=True)
            for given in paper.marks
        ]
        if marked:
            session.execute(insert(Marking), marked)


def make_paper(session: Session, random: Random, published: Published, step: Step) -> Paper:
    """Draw, lay out, answer and mark one quiz as the actions do."""
    item = published.outline.item(step.item_key)
    assert item is not None and item.quiz is not None
    wanted = [question_id for one in item.quiz.draws for question_id in one.question_ids]
    versions = library.questions(session, published.edition_id, wanted)
    drawn = draw(item.quiz, {key: version.public for key, version in versions.items()}, random)
    keys = library.keys(session, [versions[key].version_id for key, _ in drawn])
    asked = [(versions[key].public, keys[versions[key].version_id]) for key, _ in drawn]
    given = answers_for(random, asked, quality=step.quality, pass_mark=item.quiz.pass_mark, passes=step.passes)
    outcome = mark([(public, key, answer) for (public, key), answer in zip(asked, given, strict=True)], item.quiz.pass_mark)
    marks = _marks(random, [public for public, _ in asked], given, step.passes) if outcome.is_waiting else ()
    by_people = {one["position"]: one["score"] for one in marks}
    earned = [by_people.get(place, judged.score) for place, judged in enumerate(outcome.grades, 1)]
    score = score_of(earned, [public.points for public, _ in asked])
    return Paper(
        questions=tuple(
            {
                "position": place,
                "question_id": key,
                "version_id": versions[key].version_id,
                "layout": canonical_json(encode(layout)),
            }
            for place, (key, layout) in enumerate(drawn, 1)
        ),
        answers=tuple(
            {"position": place, "value": canonical_json(answer), "score": None if place in by_people else judged.score}
            for place, (answer, judged) in enumerate(zip(given, outcome.grades, strict=True), 1)
        ),
        score=score,
        passed=score >= item.quiz.pass_mark,
        marks=marks,
    )


def _marks(random: Random, publics: list[QuestionPublic], given: list[Answer], passes: bool) -> tuple[dict[str, Any], ...]:
    found = []
    for place, (public, answer) in enumerate(zip(publics, given, strict=True), 1):
        if awaits_marker(public, answer):
            sheet = sheet_for(random, public, passes)
            row = {"position": place, "levels": list(sheet.levels), "comment": sheet.comment}
            found.append(row | {"score": rubric_score(public, sheet.levels)})
    return tuple(found)


def _attempt(person_id: int, published: Published, step: Step, try_number: int) -> dict[str, Any]:
    item = published.outline.item(step.item_key)
    assert item is not None and item.quiz is not None
    begun = step.at - timedelta(minutes=step.minutes)
    return {
        "token": token_urlsafe(16),
        "person_id": person_id,
        "course_id": published.course_id,
        "edition_id": published.edition_id,
        "quiz_key": step.item_key,
        "try_number": try_number,
        "state": AttemptState.OPEN,
        "started_at": begun,
        "deadline_at": quiz_rules.deadline(item.quiz, begun),
        "closed_at": step.at,
    }


def _is_right(version: library.Version, keys: dict[int, Any], answer: dict[str, Any]) -> bool:
    return grade(version.public, keys[version.version_id], answer).is_correct
