"""Random histories of a learner and an author: every view of progress agrees, and nobody ever loses what they reached."""

import os
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lms.content.types import CompletionPart
from lms.errors import Conflict, Invalid, NotFound
from lms.progress import actions, queries, rules
from lms.progress.models import EnrolmentSummary
from lms.progress.projection import derived_columns, derived_status, differences, rebuild_summaries
from lms.progress.types import State
from lms.recognition import queries as recognition_queries
from lms.recognition.actions import settle
from lms.store.engine import write_tx
from tests.factories.content import INLINE, LESSONS, add_lesson, change_item, publish_course, sample_course
from tests.factories.people import make_person
from tests.factories.progress import answer_inline, close_attempt, take_pretest

EXAMPLES = 300 if os.environ.get("PELITA_PROVE") else 15
NUMBERS = count(1)
STEPS = st.one_of(
    st.tuples(st.just("enrol")),
    st.tuples(st.just("lesson"), st.sampled_from([*LESSONS, *LESSONS, "standar/baru-1", "standar/baru-2"])),
    st.tuples(st.just("quiz"), st.sampled_from(["asas/kuis", "posttest"]), st.integers(0, 10000)),
    st.tuples(st.just("pretest"), st.integers(0, 100), st.integers(0, 100)),
    st.tuples(st.just("skip"), st.sampled_from(["asas", "standar"])),
    st.tuples(st.just("correction"), st.integers(1, 60)),
    st.tuples(st.just("edition"), st.booleans()),
    st.tuples(st.just("move")),
)


class History:
    """One learner in one course of their own, with what was promised so far."""

    def __init__(self, session, tmp_path, now, in_order, parts):
        self.session, self.tmp_path, self.now = session, tmp_path, now
        self.course = sample_course(key=f"kursus-{next(NUMBERS)}", test_out_mark=7000, in_order=in_order, completion=tuple(parts))
        self.published = publish_course(session, tmp_path, now, self.course)
        self.editions = 0
        self.floor = 0
        self.code = None
        with write_tx(session):
            self.person = make_person(session)
            actions.enrol(session, person_id=self.person.id, published=self.published, now=now)
            answer_inline(session, self.person, self.published, INLINE[1], now)

    def own(self):
        return queries.enrolment(self.session, self.person.id, self.published.course_id)

    def step(self, kind, *values):
        self.now += timedelta(minutes=5)
        try:
            if kind in ("correction", "edition"):
                self.publish(kind, *values)
            else:
                with write_tx(self.session):
                    getattr(self, kind)(*values)
                    self.code = settle(self.session, enrolment_id=self.own().id, now=self.now) or self.code
        except (Conflict, Invalid, NotFound):
            self.session.rollback()

    def enrol(self):
        actions.enrol(self.session, person_id=self.person.id, published=self.published, now=self.now)

    def lesson(self, key):
        actions.mark_done(self.session, person_id=self.person.id, published=self.published, lesson_key=key, now=self.now)

    def quiz(self, key, score):
        close_attempt(self.session, self.person, self.published, key, score=score, passed=score >= 7000, at=self.now)
        actions.refresh_summary(self.session, self.own().id, self.now)

    def pretest(self, asas, standar):
        take_pretest(self.session, self.person, self.published, self.now, asas=asas, standar=standar)
        actions.refresh_summary(self.session, self.own().id, self.now)

    def skip(self, module):
        actions.accept_test_out(self.session, person_id=self.person.id, course=self.published, module_keys=[module], now=self.now)

    def move(self):
        actions.move_to_edition(
            self.session,
            person_id=self.person.id,
            course_id=self.published.course_id,
            to_number=self.published.number,
            now=self.now,
        )
        if self.floor < 100:
            self.floor = 0  # a larger edition may show a smaller share of an unfinished course

    def publish(self, kind, value):
        if kind == "correction":
            self.course = change_item(self.course, LESSONS[0], minutes=value)
        else:
            self.editions += 1
            self.course = add_lesson(self.course, f"standar/baru-{self.editions}", required=bool(value))
        self.published = publish_course(self.session, self.tmp_path, self.now, self.course)
        with write_tx(self.session):
            rebuild_summaries(self.session, course_id=self.published.course_id)

    def check(self):
        self.session.rollback()
        own = self.own()
        derived = derived_status(self.session, own)
        stored = self.session.scalars(select(EnrolmentSummary).where(EnrolmentSummary.enrolment_id == own.id)).one()
        [card] = queries.my_courses(self.session, self.person.id)
        facts = queries.facts(self.session, own, queries.published_for(self.session, own).outline)
        assert differences(self.session, [own]) == {}
        assert {name: getattr(stored, name) for name in derived_columns(derived)} == derived_columns(derived)
        assert queries.status_of(self.session, own) == derived
        assert (card.percent, card.state, card.next_key, card.version) == (
            derived.percent,
            derived.state,
            derived.next_key,
            own.version,
        )
        assert 0 <= derived.percent <= 100
        assert (derived.percent == 100) == (facts.completed_at is not None) == (derived.state is State.DONE)
        assert derived.percent >= self.floor
        self.floor = derived.percent
        assert bool(self.code) == (facts.completed_at is not None)
        assert recognition_queries.code_for(self.session, own.id) == self.code
        assert (queries.resume_place(self.session, self.person.id) is None) == (derived.state is State.DONE)
        rows = queries.ledger(self.session, self.person.id)
        assert len(rows) == (1 if self.code else 0)
        if rows:
            assert rows[0].year == rules.jp_year(facts.completed_at, "Asia/Makassar")
            assert 0 <= rows[0].jp <= 2


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_every_view_of_progress_agrees_through_any_history(session, tmp_path, now, data):
    parts = data.draw(st.lists(st.sampled_from(list(CompletionPart)), unique=True, min_size=1))
    history = History(session, tmp_path, now, data.draw(st.booleans()), parts)
    history.check()
    for step in data.draw(st.lists(STEPS, max_size=14)):
        history.step(*step)
        history.check()
    for _ in range(20):  # and it can always be finished
        own = history.own()
        status = derived_status(session, own)
        if status.state is State.DONE:
            break
        item = queries.published_for(session, own).outline.item(status.next_key)
        history.step("quiz", item.key, 10000) if item.quiz else history.step("lesson", item.key)
        history.check()
    assert status.percent == 100
