"""Random histories of one person and one quiz against a small model: whatever the order of acts, the promises hold."""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from lms.content.types import QuestionKind
from lms.errors import Conflict
from lms.quizzes import actions, queries
from lms.quizzes.models import Attempt
from lms.quizzes.rules import GRACE, NEW_ROUND_PAUSE
from lms.quizzes.types import AttemptState
from lms.store.engine import write_tx
from tests.factories.content import BANK
from tests.factories.quizzes import QUIZ, RIGHT, WRONG, add_person, publish_quiz, rules_of

TRIES = 2
LIMIT = timedelta(minutes=10)
KINDS = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE, QuestionKind.TEXT)
ANSWERS = st.sampled_from([RIGHT, WRONG, None])


class History(RuleBasedStateMachine):
    """The model: what is saved in time, which attempts are closed with what score."""

    session: object
    published: object
    origin: object

    @initialize()
    def someone_new(self):
        self.person = add_person(self.session)
        self.now = self.origin
        self.open: dict[str, object] | None = None
        self.saved: dict[int, bool] = {}
        self.closed: list[tuple[int, object]] = []
        self.sequence = 0

    def close_in_model(self):
        assert self.open is not None
        score = sum(self.saved.values()) * 2500
        self.closed.append((score, min(self.now, self.open["started"] + LIMIT)))
        self.open, self.saved = None, {}

    def is_due(self):
        return self.open is not None and self.now > self.open["started"] + LIMIT + GRACE

    def passed(self):
        return any(score >= 7000 for score, _ in self.closed)

    @rule(wait=st.sampled_from([1, 30, 300, 600, 631, 3600, 86400]))
    def time_passes(self, wait):
        self.now += timedelta(seconds=wait)

    @rule()
    def start(self):
        was_due = self.is_due()
        if was_due:
            self.close_in_model()
        used_up = not self.open and self.closed and len(self.closed) % TRIES == 0
        waits = used_up and self.now < self.closed[-1][1] + NEW_ROUND_PAUSE
        try:
            with write_tx(self.session):
                token = actions.start(self.session, person_id=self.person, published=self.published, quiz_key=QUIZ, now=self.now)
        except Conflict:
            assert not self.open and (self.passed() or waits)
            if was_due:  # refused and so rolled back: the job closes it
                with write_tx(self.session):
                    actions.expire_due(self.session, self.now, person_id=self.person)
            return
        assert self.open or not (self.passed() or waits)
        if self.open:
            assert token == self.open["token"]
        else:
            self.open = {"token": token, "started": self.now}

    @rule(position=st.integers(1, 4), answers=ANSWERS, behind=st.integers(0, 2))
    def save(self, position, answers, behind):
        if self.open is None:
            return
        self.sequence += 1
        kind = KINDS[position - 1]
        answer = answers[kind] if answers else {"text": 5, "choice": "x"}
        with write_tx(self.session):
            saved = actions.save_answer(
                self.session,
                person_id=self.person,
                token=self.open["token"],
                position=position,
                answer=answer,
                sequence=max(0, self.sequence - behind),
                now=self.now,
            )
        if self.is_due():
            assert saved.late or saved.is_newest
        elif saved.sequence == max(0, self.sequence - behind) and saved.is_newest:
            self.saved[position] = answers is RIGHT
        else:
            assert saved.sequence >= self.sequence - behind

    @rule()
    def submit(self):
        if self.open is None:
            return
        was_due, token = self.is_due(), self.open["token"]
        self.close_in_model()
        with write_tx(self.session):
            closed = actions.submit(self.session, person_id=self.person, token=token, now=self.now)
        assert (closed.score, closed.closed_at) == self.closed[-1]
        assert closed.state is (AttemptState.EXPIRED if was_due else AttemptState.GRADED)
        assert closed.passed is (closed.score >= 7000)
        with write_tx(self.session):
            assert actions.submit(self.session, person_id=self.person, token=token, now=self.now + LIMIT) == closed

    @rule()
    def job_runs(self):
        was_due = self.is_due()
        if was_due:
            self.close_in_model()
        with write_tx(self.session):
            closed = actions.expire_due(self.session, self.now, person_id=self.person)
        assert [one.score for one in closed] == ([self.closed[-1][0]] if was_due else [])

    @invariant()
    def database_agrees(self):
        if not hasattr(self, "person"):
            return
        self.session.rollback()
        rows = self.session.execute(
            select(Attempt.try_number, Attempt.state).where(Attempt.person_id == self.person).order_by(Attempt.id)
        ).all()
        assert [row.try_number for row in rows] == list(range(1, len(self.closed) + (self.open is not None) + 1))
        found = queries.tries(self.session, self.person, self.published.course_id, QUIZ, rules_of(self.published), self.now)
        history = [one.score for one in found.history]
        if self.is_due():  # the reader sees it as closed already
            assert found.open_token is None and history == [score for score, _ in self.closed] + [sum(self.saved.values()) * 2500]
        else:
            assert found.open_token == (self.open["token"] if self.open else None)
            assert history == [score for score, _ in self.closed]
            assert found.passed is self.passed()
        assert found.may_start or found.open_token or found.passed or found.next_round_at is not None, "a dead end"
        assert found.left is not None and 0 <= found.left <= TRIES


@pytest.mark.long
def test_random_histories_keep_every_promise(session, tmp_path, now):
    published = publish_quiz(
        session, tmp_path, now, tries=TRIES, time_limit_seconds=int(LIMIT.total_seconds()), question_ids=BANK[:4]
    )
    machine = type("HistoryHere", (History,), {"session": session, "published": published, "origin": now})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=400 if os.environ.get("PELITA_PROVE") else 25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
