"""Random histories of handing in and being marked, in any order: every view of progress agrees, nothing is lost, nobody is stuck."""

import os
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lms.content.types import CompletionPart, Item, ItemKind, QuestionKind
from lms.errors import Conflict, NotFound
from lms.people.types import Role
from lms.progress import queries, rules
from lms.progress.models import EnrolmentSummary
from lms.progress.projection import derived_columns, derived_status, differences, rebuild_summaries
from lms.progress.types import State
from lms.quizzes.models import Attempt
from lms.quizzes.types import AttemptState
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.content import (
    LESSONS,
    add_lesson,
    assignment,
    people_course,
    publish_course,
    quiz_rules,
    sample_question,
    survey,
)
from tests.factories.marking import ESSAY, FULL, HALF, TASK
from tests.factories.people import make_person

EXAMPLES = 200 if os.environ.get("PELITA_PROVE") else 12
NUMBERS = count(1)
QUIZ = "kuis-esai"
STEPS = st.one_of(
    st.tuples(st.just("lesson")),
    st.tuples(st.just("hand_in"), st.sampled_from([TASK, QUIZ, "evaluasi"]), st.booleans()),
    st.tuples(st.just("mark"), st.integers(0, 5), st.sampled_from([FULL, HALF])),
    st.tuples(st.just("wait")),
    st.tuples(st.just("edition")),
)


class History:
    def __init__(self, session, tmp_path, now, in_order):
        self.session, self.tmp_path, self.now = session, tmp_path, now
        quiz = Item(QUIZ, ItemKind.QUIZ, "Kuis dengan esai", 10, "asas", quiz=quiz_rules("tunggal", "esai", tries=2))
        lesson = Item(LESSONS[0], ItemKind.LESSON, "Mengapa", 20, "asas")
        course = people_course(
            key=f"riwayat-{next(NUMBERS)}", items=(assignment(), quiz, lesson, survey()), in_order=in_order,
            completion=(CompletionPart.ALL_LESSONS, CompletionPart.ALL_QUIZZES, CompletionPart.ASSIGNMENTS),
            weights={"kuis": 50, "tugas": 50},
        )  # fmt: skip
        course.questions["esai"] = sample_question("esai", QuestionKind.ESSAY)
        self.course = course
        self.published = publish_course(session, tmp_path, now, course)
        self.person = make.learner(session, self.published, now)
        with write_tx(session):
            self.marker = make_person(session, roles=(Role.AUTHOR,))
        self.floor = 0

    def own(self):
        return queries.enrolment(self.session, self.person.id, self.published.course_id)

    def step(self, kind, *values):
        self.now += timedelta(minutes=5)
        try:
            getattr(self, kind)(*values)
        except (Conflict, NotFound):
            self.session.rollback()

    def lesson(self, key=LESSONS[0]):
        with write_tx(self.session):
            make.actions.mark_done(self.session, person_id=self.person.id, published=self.published, lesson_key=key, now=self.now)
            make.settle(self.session, enrolment_id=self.own().id, now=self.now)

    def hand_in(self, key, is_right):
        answers = {TASK: (ESSAY,), QUIZ: ({"choice": 0 if is_right else 1}, ESSAY), "evaluasi": ({"scale": {"0": 3}},)}
        make.hand_in(self.session, self.person, self.published, self.now, *answers[key], key=key)

    def mark(self, place, sheet):
        wanted = select(Attempt).where(Attempt.person_id == self.person.id, Attempt.state != AttemptState.OPEN)
        handed = self.session.scalars(wanted.where(Attempt.quiz_key != "evaluasi").order_by(Attempt.id)).all()
        if place < len(handed):
            sheets = (sheet,) if handed[place].quiz_key == TASK else (None, sheet)
            make.mark(self.session, self.marker, handed[place].token, self.now, *sheets)

    def wait(self):
        self.now += timedelta(hours=2)

    def edition(self):
        self.course = add_lesson(self.course, f"asas/baru-{next(NUMBERS)}", required=False)
        self.published = publish_course(self.session, self.tmp_path, self.now, self.course)
        with write_tx(self.session):
            rebuild_summaries(self.session, course_id=self.published.course_id)

    def check(self):
        self.session.rollback()
        own = self.own()
        seen = queries.published_for(self.session, own)
        derived = derived_status(self.session, own)
        facts = queries.facts(self.session, own, seen.outline)
        stored = self.session.scalars(select(EnrolmentSummary).where(EnrolmentSummary.enrolment_id == own.id)).one()
        assert differences(self.session, [own]) == {}
        assert {name: getattr(stored, name) for name in derived_columns(derived)} == derived_columns(derived)
        assert queries.status_of(self.session, own) == derived == rules.status(facts, seen.outline)
        assert derived.percent >= self.floor
        self.floor = derived.percent
        assert (derived.state is State.DONE) == (facts.completed_at is not None) == (derived.percent == 100)
        assert facts.waiting.isdisjoint(facts.quizzes_passed)
        assert not any(here.locked_by in facts.waiting for here in derived.items.values() if here.locked_by)
        assert "evaluasi" not in facts.best_scores
        submitted = self.session.scalars(
            select(Attempt.quiz_key).where(Attempt.person_id == self.person.id, Attempt.state == AttemptState.SUBMITTED)
        )
        assert set(submitted) - facts.quizzes_passed == set(facts.waiting)
        return seen, derived


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_markings_in_any_order_give_the_status_of_the_one_function(session, tmp_path, now, data):
    history = History(session, tmp_path, now, data.draw(st.booleans()))
    history.check()
    for step in data.draw(st.lists(STEPS, max_size=14)):
        history.step(*step)
        history.check()
    for _ in range(30):  # and it can always be finished, by doing what is next and marking what waits
        seen, status = history.check()
        if status.state is State.DONE:
            break
        here = status.items[status.next_key]
        if here.is_waiting:
            for place in range(30):
                history.step("mark", place, FULL)
        elif seen.outline.item(status.next_key).quiz:
            history.step("wait")
            history.step("hand_in", status.next_key, True)
        else:
            history.step("lesson", status.next_key)
    assert status.percent == 100
