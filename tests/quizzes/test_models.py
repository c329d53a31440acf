"""The database itself keeps attempts whole: raw SQL that breaks a rule is refused on both kinds."""

import pytest
from sqlalchemy import exc, select, text

from lms.quizzes.models import AnswerRow, Attempt
from lms.store.engine import write_tx
from tests.factories.quizzes import add_person, begin, fill_in, publish_quiz, take

COPY_ATTEMPT = (
    "INSERT INTO attempt (token, person_id, course_id, edition_id, quiz_key, try_number, state, started_at) "
    "SELECT :token, person_id, course_id, edition_id, quiz_key, :number, :state, started_at FROM attempt WHERE id = 1"
)


def refuse(session, statement, **values):
    with pytest.raises(exc.DBAPIError), write_tx(session):
        session.execute(text(statement), values)
    session.rollback()


@pytest.fixture
def published(session, tmp_path, now):
    return publish_quiz(session, tmp_path, now)


@pytest.fixture
def open_token(session, published, now):
    person = add_person(session)
    token = begin(session, person, published, now)
    fill_in(session, person, token, now)
    return token


@pytest.mark.parametrize(
    ("token", "number", "state"),
    [("baru", 1, "graded"), ("baru", 2, "open"), (None, 2, "graded"), ("baru", 2, "lulus")],
    ids=["same try number", "second open attempt", "same token", "unknown state"],
)
def test_attempt_that_breaks_a_rule_is_refused(session, open_token, token, number, state):
    refuse(session, COPY_ATTEMPT, token=token or open_token, number=number, state=state)
    with write_tx(session):
        session.execute(text(COPY_ATTEMPT), {"token": "baru", "number": 2, "state": "graded"})
    assert session.scalars(select(Attempt.try_number).order_by(Attempt.id)).all() == [1, 2]


@pytest.mark.parametrize("score", [-1, 10001])
def test_score_outside_its_range_is_refused(session, open_token, score):
    refuse(session, "UPDATE attempt SET score = :score WHERE id = 1", score=score)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO answer (attempt_id, position, value, sequence, saved_at) SELECT attempt_id, position, value, 9, saved_at FROM answer",
        "INSERT INTO answer (attempt_id, position, value, sequence, saved_at) SELECT 999, 9, value, 9, saved_at FROM answer LIMIT 1",
        "INSERT INTO attempt_question SELECT attempt_id, 9, question_id, version_id, layout FROM attempt_question WHERE position = 1",
        "INSERT INTO attempt_question SELECT attempt_id, 1, 'lain', version_id, layout FROM attempt_question WHERE position = 1",
        "UPDATE attempt_question SET position = 9 WHERE position = 1",
        "DELETE FROM attempt_question",
        "DELETE FROM attempt",
    ],
)
def test_draw_and_answers_keep_their_keys_and_parents(session, open_token, statement):
    refuse(session, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attempt SET score = 10000 WHERE id = 1",
        "UPDATE attempt SET passed = NOT passed WHERE id = 1",
        "UPDATE attempt SET state = 'open' WHERE id = 1",
        "UPDATE attempt SET closed_at = started_at WHERE id = 1",
        "DELETE FROM attempt",
        "UPDATE answer SET value = '{}' WHERE position = 1",
        "UPDATE answer SET score = 100",
        "DELETE FROM answer WHERE position = 1",
        "INSERT INTO answer (attempt_id, position, value, sequence, saved_at) SELECT attempt_id, 9, value, 9, saved_at FROM answer WHERE position = 1",
    ],
)
def test_closed_attempt_is_a_fact(session, published, now, statement):
    take(session, add_person(session), published, now, right=2)
    refuse(session, statement)
    rows = session.execute(select(AnswerRow.position, AnswerRow.score).order_by(AnswerRow.position)).all()
    assert rows == [(1, 100), (2, 100), (3, 0), (4, 0)]
    assert session.execute(select(Attempt.state, Attempt.score)).all() == [("graded", 5000)]
