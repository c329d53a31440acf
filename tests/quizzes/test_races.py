"""Sixteen threads at once, on both databases: one attempt too many never, one submit exactly, no answer lost (R12, R60)."""

import os
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.errors import Conflict
from lms.quizzes import actions, queries
from lms.quizzes.models import AnswerRow, Attempt, LateAnswer
from lms.quizzes.types import AttemptState
from lms.store.engine import write_tx
from tests.factories.quizzes import QUIZ, add_person, begin, fill_in, hand_in, publish_quiz, take

THREADS = 16
ROUNDS = 1000 if os.environ.get("PELITA_PROVE") else 50


def at_once(work, count=THREADS):
    """Run `work(number)` in `count` threads that set off together; their results or exceptions, by number."""
    results: list[object] = [None] * count
    gate = threading.Barrier(count)

    def run(number):
        gate.wait()
        try:
            results[number] = work(number)
        except Exception as problem:
            results[number] = problem

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return results


@pytest.fixture
def published(session, tmp_path, now):
    return publish_quiz(session, tmp_path, now, tries=2)


@pytest.mark.long
def test_start_race_opens_exactly_one_attempt_and_never_one_over_the_limit(session, new_session, published, now):
    def start(person):
        with new_session() as mine, write_tx(mine):
            return actions.start(mine, person_id=person, published=published, quiz_key=QUIZ, now=now)

    for _ in range(ROUNDS):
        person = add_person(session)
        tokens = at_once(lambda number, person=person: start(person))
        assert len(set(tokens)) == 1 and isinstance(tokens[0], str)
        hand_in(session, person, tokens[0], now)
        take(session, person, published, now, right=0)
        refused = at_once(lambda number, person=person: start(person))
        assert [type(one) for one in refused] == [Conflict] * THREADS
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Attempt).where(Attempt.person_id == person)) == 2


@pytest.mark.long
def test_submit_race_closes_exactly_once(session, new_session, published, now):
    for _ in range(ROUNDS):
        person = add_person(session)
        token = begin(session, person, published, now)
        fill_in(session, person, token, now, right=3)

        def submit(number, person=person, token=token):
            with new_session() as mine, write_tx(mine):
                return actions.submit(mine, person_id=person, token=token, now=now + timedelta(seconds=number))

        results = at_once(submit)
        assert len(set(results)) == 1
        assert (results[0].state, results[0].score) == (AttemptState.GRADED, 7500)


@pytest.mark.long
def test_start_submit_and_expire_together_keep_every_limit(session, new_session, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, tries=3, time_limit_seconds=60, pass_mark=10000)
    for _ in range(max(4, ROUNDS // 10)):
        person = add_person(session)

        def act(number, person=person):
            with new_session() as mine:
                for turn in range(4):
                    at = now + timedelta(seconds=40 * turn)
                    with write_tx(mine):
                        if number % 4 == 3:
                            actions.expire_due(mine, at)
                            continue
                        token = actions.start(mine, person_id=person, published=published, quiz_key=QUIZ, now=at)
                        if number % 2:
                            actions.submit(mine, person_id=person, token=token, now=at)

        problems = {type(one) for one in at_once(act)} - {type(None)}
        assert problems <= {Conflict}
        session.rollback()
        rows = session.execute(
            select(Attempt.try_number, Attempt.state).where(Attempt.person_id == person).order_by(Attempt.try_number)
        ).all()
        assert [row.try_number for row in rows] == list(range(1, len(rows) + 1))
        assert 1 <= len(rows) <= 3 and sum(row.state == AttemptState.OPEN for row in rows) <= 1


def test_no_save_is_lost_among_sixteen_writers(session, new_session, published, now):
    person = add_person(session)
    token = begin(session, person, published, now)
    saves = 12

    def save(number):
        done = []
        with new_session() as mine:
            for turn in range(saves):
                with write_tx(mine):
                    done.append(
                        actions.save_answer(
                            mine,
                            person_id=person,
                            token=token,
                            position=number % 4 + 1,
                            answer={"text": f"{number}-{turn}"},
                            sequence=None,
                            now=now,
                        )
                    )
        return done

    results = at_once(save)
    view = queries.attempt_view(session, person, token)
    for question in view.questions:
        mine = [one for number, saved in enumerate(results) if number % 4 + 1 == question.position for one in saved]
        assert sorted(one.sequence for one in mine) == list(range(1, THREADS // 4 * saves + 1))
        last = max(mine, key=lambda one: one.sequence)
        assert (question.answer, question.sequence) == (last.answer, last.sequence)


def test_replays_and_shuffled_arrivals_leave_the_highest_sequence_standing(session, new_session, published, now):
    person = add_person(session)
    token = begin(session, person, published, now)

    def save(number):
        with new_session() as mine:
            for sequence in (number + 1, max(1, number), number + 1):  # each answer is sent again, and an older one after it
                with write_tx(mine):
                    actions.save_answer(
                        mine,
                        person_id=person,
                        token=token,
                        position=1,
                        answer={"choice": sequence % 3},
                        sequence=sequence,
                        now=now,
                    )

    assert at_once(save) == [None] * THREADS
    session.rollback()
    assert session.execute(select(AnswerRow.sequence, AnswerRow.value)).all() == [(THREADS, {"choice": THREADS % 3})]


def test_answers_racing_a_submit_are_counted_or_kept_as_late(session, new_session, published, now):
    for _ in range(max(5, ROUNDS // 10)):
        person = add_person(session)
        token = begin(session, person, published, now)

        def act(number, person=person, token=token):
            with new_session() as mine, write_tx(mine):
                if number == 7:
                    return actions.submit(mine, person_id=person, token=token, now=now)
                return actions.save_answer(
                    mine, person_id=person, token=token, position=1, answer={"text": str(number)}, sequence=number + 1, now=now
                )

        results = at_once(act)
        saved = {number: one for number, one in enumerate(results) if number != 7}
        session.rollback()
        attempt_id = session.scalar(select(Attempt.id).where(Attempt.token == token))
        late = session.scalars(select(LateAnswer.value).where(LateAnswer.attempt_id == attempt_id).order_by(LateAnswer.id)).all()
        assert sorted(one["text"] for one in late) == sorted(str(number) for number, one in saved.items() if one.late)
        counted = [number for number, one in saved.items() if not one.late]
        standing = session.execute(select(AnswerRow.sequence, AnswerRow.score).where(AnswerRow.attempt_id == attempt_id)).all()
        assert standing == ([(max(counted) + 1, 0)] if counted else [])


def test_expiry_by_two_jobs_closes_each_attempt_once(session, new_session, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, time_limit_seconds=60)
    tokens = [begin(session, add_person(session), published, now) for _ in range(12)]

    def expire(number):
        with new_session() as mine, write_tx(mine):
            return [one.token for one in actions.expire_due(mine, now + timedelta(hours=1))]

    closed = [token for tokens in at_once(expire, 4) for token in tokens]
    assert sorted(closed) == sorted(tokens)


def test_save_that_meets_a_submit_half_done_waits_and_is_kept_as_late(session, new_session, published, now):
    person = add_person(session)
    token = begin(session, person, published, now)
    saved = []

    def save():
        with new_session() as mine, write_tx(mine):
            saved.append(
                actions.save_answer(mine, person_id=person, token=token, position=1, answer={"choice": 0}, sequence=1, now=now)
            )

    thread = threading.Thread(target=save)
    with write_tx(session):
        actions.submit(session, person_id=person, token=token, now=now)
        thread.start()
        thread.join(0.5)
        assert saved == []
    thread.join()
    assert saved[0].late.startswith("Kuis ini sudah dikirim.")
    assert session.execute(select(AnswerRow.position)).all() == []


def test_expiry_does_not_wait_for_an_attempt_somebody_holds(session, new_session, engine, tmp_path, now):
    if engine.dialect.name == "sqlite":  # one writer at a time: nobody can hold a row
        return
    published = publish_quiz(session, tmp_path, now, time_limit_seconds=60)
    people = [add_person(session) for _ in range(3)]
    tokens = [begin(session, person, published, now) for person in people]
    with write_tx(session):
        actions.save_answer(session, person_id=people[1], token=tokens[1], position=1, answer={"choice": 0}, sequence=1, now=now)
        with new_session() as mine, write_tx(mine):
            assert [one.token for one in actions.expire_due(mine, now + timedelta(hours=1))] == [tokens[0], tokens[2]]
