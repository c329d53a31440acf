"""Plays the history of the demo's core staff through the very actions that the product uses, in the order of time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from lms.cli import demo_marking
from lms.cli.demo_answers import answers_for, right_answer, wrong_answer
from lms.cli.demo_journeys import Journey, Step
from lms.content import library
from lms.content.library import Published
from lms.content.types import Item, ItemKind, QuestionKey, QuestionKind, QuestionPublic
from lms.errors import Conflict, Invalid
from lms.progress import actions as progress_actions
from lms.progress import queries as progress_queries
from lms.quizzes import actions as quiz_actions
from lms.quizzes import queries as quiz_queries
from lms.quizzes.types import AttemptState
from lms.recognition.actions import settle


@dataclass(frozen=True, slots=True)
class Learner:
    """A journey and whose it is."""

    person_id: int
    journey: Journey


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to play. `step` None is the enrolment."""

    at: datetime
    learner: Learner
    step: Step | None


def events(learners: Iterable[Learner]) -> list[Event]:
    """Everything that happened, by time, so that certificates get their numbers in the order of their dates."""
    found = []
    for learner in learners:
        found.append(Event(learner.journey.enrolled_at, learner, None))
        found += [Event(step.at, learner, step) for step in learner.journey.steps]
    return sorted(found, key=lambda event: (event.at, event.learner.person_id, event.learner.journey.published.course_id))


def warm(session: Session, courses: Iterable[Published]) -> None:
    """Decode questions and keys once, in a read: inside the long write nothing may be kept in the caches."""
    for published in courses:
        ids = library.version_ids(session, published.edition_id)
        library.versions(session, ids.values())
        library.keys(session, ids.values())
        for item in published.outline.items:
            if item.kind is ItemKind.LESSON:
                library.page(session, published.edition_id, item.key)


def play(
    session: Session, random: Random, happened: list[Event], before: Callable[[datetime], None], tell: Callable[[int], None]
) -> None:
    """Run the events. `before(at)` comes ahead of each one that may finish a course, `tell(n)` after each."""
    for number, event in enumerate(happened, 1):
        learner, step = event.learner, event.step
        if step is None:
            progress_actions.enrol(session, person_id=learner.person_id, published=learner.journey.published, now=event.at)
        else:
            if learner.journey.finishes:
                before(event.at)
            _Moment(session, random, learner.person_id, learner.journey, step).play()
        tell(number)


@dataclass(frozen=True, slots=True)
class _Moment:
    """One step of one person, with what it needs."""

    session: Session
    random: Random
    person_id: int
    journey: Journey
    step: Step

    @property
    def published(self) -> Published:
        return self.journey.published

    def play(self) -> None:
        own = progress_queries.enrolment(self.session, self.person_id, self.published.course_id)
        item = self.published.outline.item(self.step.item_key)
        assert own is not None and item is not None
        if self.journey.goal.tests_out:
            status = progress_queries.status_of(self.session, own, self.published)
            if status.items[item.key].is_done:
                return  # the pre-test showed it
        try:
            (self._lesson if item.kind is ItemKind.LESSON else self._quiz)(item)
        except (Conflict, Invalid):
            return  # locked, used up or paused: the rules are the product's, so then this did not happen
        if self.journey.finishes:
            settle(self.session, enrolment_id=own.id, now=self.step.at)

    def _lesson(self, item: Item) -> None:
        for question_id, answer, at in inline_answers(self.session, self.random, self.published, item, self.step):
            quiz_actions.answer_inline(
                self.session, person_id=self.person_id, published=self.published, question_id=question_id, answer=answer, now=at
            )
        progress_actions.mark_done(
            self.session, person_id=self.person_id, published=self.published, lesson_key=item.key, now=self.step.at
        )
        place, heading = next_place(self.session, self.published, item)
        progress_actions.set_bookmark(
            self.session,
            person_id=self.person_id,
            course_id=self.published.course_id,
            item_key=place,
            heading=heading,
            now=self.step.at,
        )

    def _quiz(self, item: Item) -> None:
        begun = self.step.at - timedelta(minutes=self.step.minutes)
        token = progress_actions.start_quiz(
            self.session, person_id=self.person_id, published=self.published, quiz_key=item.key, now=begun
        )
        view = quiz_queries.attempt_view(self.session, self.person_id, token)
        keys = library.keys(self.session, [one.version_id for one in view.questions])
        asked = [(one.public, keys[one.version_id]) for one in view.questions]
        rules = item.quiz
        assert rules is not None
        given = answers_for(self.random, asked, quality=self.step.quality, pass_mark=rules.pass_mark, passes=self.step.passes)
        for at, question, answer in zip(_spread(begun, self.step.at, len(given)), view.questions, given, strict=True):
            if question.public.kind is QuestionKind.FILE:
                demo_marking.hand_in_file(self.session, self.person_id, token, question.position, question.public, at)
                continue
            quiz_actions.save_answer(
                self.session,
                person_id=self.person_id,
                token=token,
                position=question.position,
                answer=answer,
                sequence=1,
                now=at,
            )
        closed = progress_actions.submit_quiz(self.session, person_id=self.person_id, token=token, now=self.step.at)
        if closed.state is AttemptState.SUBMITTED:
            demo_marking.mark(self.session, self.random, self.person_id, token, self.step.passes, self.step.at)
        if self.journey.goal.tests_out and item.kind is ItemKind.PRETEST:
            self._test_out()

    def _test_out(self) -> None:
        own = progress_queries.enrolment(self.session, self.person_id, self.published.course_id)
        assert own is not None
        _, offers = progress_queries.test_out_offer(self.session, own, self.published)
        known = [offer.module_key for offer in offers if offer.may_skip]
        progress_actions.accept_test_out(
            self.session, person_id=self.person_id, course=self.published, module_keys=known[:2], now=self.step.at
        )


def inline_answers(
    session: Session, random: Random, published: Published, item: Item, step: Step
) -> Iterator[tuple[str, dict[str, object], datetime]]:
    """(question id, answer, when) of the checks inside a lesson: each answered right in the end, some wrong at first."""
    versions = library.questions(session, published.edition_id, item.question_ids)
    keys = library.keys(session, [version.version_id for version in versions.values()])
    tries: list[tuple[str, dict[str, object]]] = []
    for question_id, version in versions.items():
        pair: tuple[QuestionPublic, QuestionKey] = (version.public, keys[version.version_id])
        if random.random() > step.quality:
            tries.append((question_id, wrong_answer(*pair)))
        tries.append((question_id, right_answer(*pair)))
    times = _spread(step.at - timedelta(minutes=step.minutes), step.at, len(tries))
    for (question_id, answer), at in zip(tries, times, strict=True):
        yield question_id, answer, at


def next_place(session: Session, published: Published, item: Item) -> tuple[str, str]:
    """(item, heading) where somebody stopped who has just finished `item`: the second heading of the next lesson, or a quiz."""
    items = published.outline.items
    upcoming = next(iter(items[items.index(item) + 1 :]), item)
    if upcoming.kind is not ItemKind.LESSON:
        return upcoming.key, ""
    headings = library.page(session, published.edition_id, upcoming.key).headings
    return upcoming.key, headings[min(1, len(headings) - 1)][0] if headings else ""


def _spread(begin: datetime, end: datetime, count: int) -> list[datetime]:
    """`count` times between both ends, in order."""
    return [begin + (end - begin) * (number + 1) / (count + 1) for number in range(count)]


def leave_open(session: Session, random: Random, learner: Learner, quiz_key: str, at: datetime) -> None:
    """Somebody began a quiz and was called away: half of it is answered and saved, and nothing is lost."""
    published = learner.journey.published
    token = progress_actions.start_quiz(session, person_id=learner.person_id, published=published, quiz_key=quiz_key, now=at)
    view = quiz_queries.attempt_view(session, learner.person_id, token)
    keys = library.keys(session, [one.version_id for one in view.questions])
    half = view.questions[: max(1, len(view.questions) // 2)]
    asked = [(one.public, keys[one.version_id]) for one in half]
    given = answers_for(random, asked, quality=0.8, pass_mark=0, passes=True)
    for minutes, (question, answer) in enumerate(zip(half, given, strict=True), 1):
        now = at + timedelta(minutes=minutes)
        quiz_actions.save_answer(
            session, person_id=learner.person_id, token=token, position=question.position, answer=answer, sequence=1, now=now
        )


__all__ = ["Event", "Learner", "events", "inline_answers", "leave_open", "next_place", "play", "warm"]
