"""Surveys: no key, no score, no name; results only from five answers on."""

import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from lms.content.types import QuestionKind
from lms.errors import Conflict
from lms.quizzes import actions, surveys
from lms.quizzes.models import AnswerRow, Attempt, LateAnswer, SurveyAnswer
from lms.quizzes.types import AttemptState
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.content import SURVEY, people_course, publish_course, sample_question
from tests.factories.marking import publish_people
from tests.factories.quizzes import count

ANSWERS = ({"scale": {"0": 5, "1": 4}}, {"choice": 1}, {"text": "Waktu. <script>alert(1)</script>"})


@pytest.fixture
def published(session, tmp_path, now):
    return publish_people(session, tmp_path, now)


def fill(session, published, now, *answers):
    person = make.learner(session, published, now)
    return person, make.hand_in(session, person, published, now, *(answers or ANSWERS), key="evaluasi")


def test_anonymous_answers_leave_the_attempt_which_stays_as_a_fact(session, published, now):
    person, closed = fill(session, published, now)
    assert (closed.state, closed.score, closed.passed) == (AttemptState.GRADED, None, True)
    assert session.scalars(select(AnswerRow.attempt_id)).all() == []
    rows = session.scalars(select(SurveyAnswer).order_by(SurveyAnswer.question_id)).all()
    assert [(row.question_id, row.value, row.answered_on) for row in rows] == sorted(
        [(name, value, now.date()) for name, value in zip(SURVEY, ANSWERS, strict=True)], key=lambda each: each[0]
    )
    assert len({row.token for row in rows}) == 3
    assert set(SurveyAnswer.__table__.columns.keys()).isdisjoint({"person_id", "attempt_id"})
    with pytest.raises(Conflict):
        make.begin(session, person, published, now, "evaluasi")


def test_what_comes_after_sending_is_not_kept_beside_the_person(session, published, now):
    person, closed = fill(session, published, now)
    with write_tx(session):
        saved = actions.save_answer(
            session, person_id=person.id, token=closed.token, position=3, answer={"text": "lagi"}, sequence=9, now=now
        )
    assert "tanpa nama" in saved.late
    assert session.scalars(select(LateAnswer.id)).all() == []
    stored = "".join(str(row) for row in session.execute(text("SELECT * FROM answer")).all())
    assert stored == ""


def test_named_survey_keeps_its_answers_in_the_attempt(session, tmp_path, now):
    published = publish_people(session, tmp_path, now, is_anonymous=False)
    _, closed = fill(session, published, now)
    assert (closed.state, closed.score) == (AttemptState.GRADED, None)
    assert [row.value for row in session.scalars(select(AnswerRow).order_by(AnswerRow.position))] == list(ANSWERS)
    assert session.scalars(select(SurveyAnswer.token)).all() == []


@pytest.mark.parametrize("was_anonymous", [True, False])
def test_promise_of_a_correction_and_of_the_beginning_are_both_kept(session, tmp_path, now, was_anonymous):
    before = publish_people(session, tmp_path, now, is_anonymous=was_anonymous)
    person = make.learner(session, before, now)
    token = make.begin(session, person, before, now, "evaluasi")
    make.answer(session, person, token, now, list(ANSWERS))
    after = publish_people(session, tmp_path, now, is_anonymous=not was_anonymous)
    assert (after.number, after.revision) == (before.number, 2)
    make.submit(session, person, token, now)
    with write_tx(session):
        saved = actions.save_answer(
            session, person_id=person.id, token=token, position=3, answer={"text": "lagi"}, sequence=9, now=now
        )
    assert "tanpa nama" in saved.late
    assert [count(session, table) for table in (AnswerRow, LateAnswer, SurveyAnswer)] == [0, 0, 3]


@pytest.mark.parametrize("is_anonymous", [True, False])
def test_results_stay_hidden_below_five_answers_to_a_question(session, tmp_path, now, is_anonymous):
    published = publish_people(session, tmp_path, now, is_anonymous=is_anonymous)
    for _ in range(4):
        fill(session, published, now)
    fill(session, published, now, {"scale": {"0": 1}}, {"choice": 0}, {})
    session.rollback()
    [result] = surveys.results(session, published)
    scale, poll, free = result.questions
    assert (result.respondents, result.is_anonymous) == (5, is_anonymous)
    assert (free.count, free.is_hidden, free.texts) == (4, True, ())
    assert [count for _, count in poll.distributions[0].choices] == [1, 4, 0]
    assert [count for _, count in scale.distributions[0].choices] == [1, 0, 0, 0, 4]
    assert (scale.distributions[0].mean, scale.distributions[1].mean) == (420, None)
    assert {count for _, count in scale.distributions[1].choices} == {0}
    assert scale.distributions[0].choices[0][0] == "1 – Sangat tidak setuju"


def test_reworded_options_are_counted_where_they_went(session, tmp_path, published, now):
    for _ in range(5):
        fill(session, published, now, {}, {"choice": 0}, {})
    course = people_course()
    poll = sample_question(SURVEY[1], QuestionKind.POLL)
    options = ("Belum pernah", "Hampir setiap hari", "Setiap minggu")
    moved = sample_question(SURVEY[1], QuestionKind.POLL, text="Seberapa sering?")
    new = type(poll)(
        **{name: getattr(moved, name) for name in ("key", "text", "file", "line")},
        public=type(poll.public)(id=SURVEY[1], kind=QuestionKind.POLL, points=100, stem=("<p>?</p>",), options=options),
        full_hash="1" * 64,
        meaning_hash="2" * 64,
    )
    newer = publish_course(
        session,
        tmp_path,
        now,
        type(course)(course.outline, course.pages, course.questions | {SURVEY[1]: new}, course.media),
    )
    session.rollback()
    [result] = surveys.results(session, newer)
    assert result.questions[1].distributions[0].choices == (("Belum pernah", 0), ("Hampir setiap hari", 5), ("Setiap minggu", 0))


@pytest.mark.long
def test_survey_sent_twice_at_once_is_counted_once(session, new_session, published, now):
    for round_ in range(1, 6):
        person = SimpleNamespace(id=make.learner(session, published, now).id)
        token = make.begin(session, person, published, now, "evaluasi")
        make.answer(session, person, token, now, list(ANSWERS))
        gate = threading.Barrier(6)

        def send(person=person, token=token, gate=gate):
            with new_session() as mine:
                gate.wait()
                make.submit(mine, person, token, now)

        threads = [threading.Thread(target=send) for _ in range(6)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        session.rollback()
        assert len(session.scalars(select(SurveyAnswer.token)).all()) == 3 * round_
        assert len(session.scalars(select(Attempt.id).where(Attempt.state == AttemptState.GRADED)).all()) == round_
