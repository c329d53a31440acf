"""Corrected keys: old scores may rise, never fall, unless somebody says so; every act is audited and changes no fact."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.content.types import QuestionKind
from lms.quizzes import actions, queries, regrading
from lms.quizzes.models import AnswerRow, Attempt, Regrade
from lms.quizzes.regrading import choose, regrade_effect
from lms.quizzes.types import QuestionEffect, RegradeMode
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.content import (
    BANK,
    change_item,
    compiled_question,
    publish_course,
    quiz_rules,
    sample_course,
    sample_question,
)
from tests.factories.quizzes import QUIZ, add_person, begin, count, fill_in, hand_in, publish_quiz, rules_of, take

LATER = timedelta(days=1)
SINGLE = BANK[0]


@pytest.fixture
def published(session, tmp_path, now):
    return publish_quiz(session, tmp_path, now)


def correct(session, tmp_path, now, published, *corrected, question_ids=BANK[:4]):
    """Publish the course anew with these questions corrected."""
    course = sample_course(questions={one.public.id: one for one in corrected})
    rules = dataclasses.replace(rules_of(published), draws=quiz_rules(*question_ids).draws)
    return publish_course(session, tmp_path, now + LATER, change_item(course, QUIZ, quiz=rules))


def regrade(session, edition, now, mode="tidak-turun", since=None, **over):
    with write_tx(session):
        since_id = since.edition_id if since else None
        choose(session, edition_id=edition.edition_id, mode=RegradeMode(mode), now=now, by=None, since_id=since_id)
        return regrading.regrade(session, edition_id=edition.edition_id, now=now, **over)


def scores(session, person, published):
    session.rollback()
    return [(one.score, one.passed) for one in queries.closed_attempts(session, person, published.course_id, QUIZ)]


@pytest.fixture
def moved_key(session, tmp_path, now, published):
    """Two people took the quiz; then the right option of the first question turned out to be the second."""
    right, wrong = add_person(session), add_person(session)
    take(session, right, published, now, right=3)  # had the first question right by the old key
    token = begin(session, wrong, published, now)
    fill_in(session, wrong, token, now, right=0)
    with write_tx(session):
        for position, answer in ((2, {"choices": [0, 1]}), (3, {"choice": 0})):
            actions.save_answer(session, person_id=wrong, token=token, position=position, answer=answer, sequence=None, now=now)
    with write_tx(session):
        assert actions.submit(session, person_id=wrong, token=token, now=now).score == 5000
    edition = correct(session, tmp_path, now, published, sample_question(SINGLE, QuestionKind.SINGLE, correct=(1,)))
    return right, wrong, edition


def test_scores_rise_and_never_fall_by_default(session, published, now, moved_key):
    right, wrong, edition = moved_key
    done = regrade(session, edition, now + LATER)
    assert (done.attempts, done.raised, done.lowered, done.newly_passed, done.person_ids) == (1, 1, 0, 1, (wrong,))
    assert scores(session, right, published) == [(7500, True)]
    assert scores(session, wrong, published) == [(7500, True)]


def test_full_regrade_lowers_scores_too_but_takes_no_pass_away(session, published, now, moved_key):
    right, wrong, edition = moved_key
    done = regrade(session, edition, now + LATER, "penuh")
    assert (done.attempts, done.raised, done.lowered, done.newly_passed) == (2, 1, 1, 1)
    assert scores(session, right, published) == [(5000, True)]
    assert scores(session, wrong, published) == [(7500, True)]


def test_choosing_no_regrade_changes_nothing_and_is_audited(session, published, now, moved_key):
    right, wrong, edition = moved_key
    assert regrade(session, edition, now + LATER, "tidak").attempts == 0
    assert scores(session, wrong, published) == [(5000, False)]
    wanted = select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail).where(
        AuditEntry.action.startswith("attempt.regrade")
    )
    assert session.execute(wanted).all() == [("attempt.regrade_choice", f"edition:{edition.edition_id}", {"mode": "tidak"})]


@pytest.mark.parametrize("mode", ["tidak-turun", "penuh"])
def test_regrade_adds_rows_once_and_changes_no_fact(session, published, now, moved_key, mode):
    before = session.execute(select(Attempt.id, Attempt.score, Attempt.passed).order_by(Attempt.id)).all()
    answers = session.execute(
        select(AnswerRow.attempt_id, AnswerRow.position, AnswerRow.score).order_by(AnswerRow.attempt_id, AnswerRow.position)
    ).all()
    made = regrade(session, moved_key[2], now + LATER, mode).attempts
    assert regrade(session, moved_key[2], now + LATER, mode).attempts == 0
    assert count(session, Regrade) == made
    assert session.execute(select(Attempt.id, Attempt.score, Attempt.passed).order_by(Attempt.id)).all() == before
    assert (
        session.execute(
            select(AnswerRow.attempt_id, AnswerRow.position, AnswerRow.score).order_by(AnswerRow.attempt_id, AnswerRow.position)
        ).all()
        == answers
    )


def test_result_after_a_regrade_is_judged_by_the_corrected_key(session, published, now, moved_key):
    wrong, edition = moved_key[1:]
    regrade(session, edition, now + LATER)
    session.rollback()
    (attempt,) = queries.closed_attempts(session, wrong, published.course_id, QUIZ)
    shown = queries.result_view(session, wrong, attempt.token, rules_of(edition))
    assert (shown.is_regraded, shown.score, [one.feedback.is_correct for one in shown.questions]) == (
        True,
        7500,
        [True, True, True, False],
    )
    assert shown.questions[0].feedback.key.options == ("Keuntungan instansi",)
    assert sum(one.feedback.score for one in shown.questions) == 300


def test_large_course_is_regraded_in_batches(session, tmp_path, published, now):
    people = [add_person(session) for _ in range(5)]
    for person in people:
        take(session, person, published, now, right=0)
    edition = correct(session, tmp_path, now, published, sample_question(SINGLE, QuestionKind.SINGLE, correct=(1,)))
    batches, after = [], 0
    while after is not None:
        done = regrade(session, edition, now, after=after, limit=2)
        batches.append(done.attempts)
        after = done.last_attempt_id
    assert batches == [2, 2, 1]
    assert [scores(session, person, published) for person in people] == [[(2500, False)]] * 5


def test_changed_wording_alone_regrades_nothing(session, tmp_path, published, now):
    take(session, add_person(session), published, now, right=2)
    edition = correct(
        session, tmp_path, now, published, sample_question(SINGLE, QuestionKind.SINGLE, text="Apa asas yang utama?")
    )
    assert regrade(session, edition, now + LATER, "penuh").attempts == 0


def test_options_in_another_order_keep_what_was_chosen(session, tmp_path, published, now):
    person = add_person(session)
    take(session, person, published, now, right=0)  # chose the second option
    old = sample_question(SINGLE, QuestionKind.SINGLE)
    turned = dataclasses.replace(old.public, options=tuple(reversed(old.public.options)))
    edition = correct(
        session, tmp_path, now, published, compiled_question(turned, dataclasses.replace(old.key, correct=(1,), feedback=()))
    )
    regrade(session, edition, now + LATER)
    assert scores(session, person, published) == [(2500, False)]


def test_removed_question_counts_until_a_full_regrade(session, tmp_path, published, now):
    person = add_person(session)
    take(session, person, published, now, right=3)
    course = change_item(sample_course(), QUIZ, quiz=dataclasses.replace(rules_of(published), draws=quiz_rules(*BANK[:3]).draws))
    questions = {id_: one for id_, one in course.questions.items() if id_ != BANK[3]}
    edition = publish_course(session, tmp_path, now + LATER, dataclasses.replace(course, questions=questions))
    assert regrade(session, edition, now + LATER).attempts == 0
    assert regrade(session, edition, now + LATER, "penuh").raised == 1
    assert scores(session, person, published) == [(10000, True)]


def test_changed_kind_that_cannot_be_compared_keeps_the_old_grade(session, tmp_path, published, now):
    person = add_person(session)
    take(session, person, published, now, right=1)
    edition = correct(session, tmp_path, now, published, sample_question(SINGLE, QuestionKind.NUMBER))
    regrade(session, edition, now + LATER, "penuh")
    assert scores(session, person, published) == [(2500, False)]


def test_open_and_voided_attempts_are_left_alone(session, tmp_path, published, now):
    begin(session, add_person(session), published, now)
    token = take(session, add_person(session), published, now, right=0).token
    with write_tx(session):
        actions.void(session, token, None, "Salah", now)
    edition = correct(session, tmp_path, now, published, sample_question(SINGLE, QuestionKind.SINGLE, correct=(1,)))
    assert regrade(session, edition, now + LATER, "penuh").attempts == 0


def test_newest_regrade_counts(session, tmp_path, published, now, moved_key):
    wrong = moved_key[1]
    regrade(session, moved_key[2], now + LATER)
    text_too = sample_question(BANK[3], QuestionKind.TEXT, texts=("Kominfo",))
    edition = correct(
        session, tmp_path, now + LATER, published, sample_question(SINGLE, QuestionKind.SINGLE, correct=(1,)), text_too
    )
    assert regrade(session, edition, now + 2 * LATER).raised == 1
    assert scores(session, wrong, published) == [(10000, True)]
    assert queries.quiz_facts(session, wrong, published.course_id)[QUIZ].best_score == 10000
    assert session.scalar(select(func.count()).select_from(Regrade)) == 2


def test_plan_counts_answers_that_would_become_right_or_wrong(session, published, now):
    for right in (4, 4, 0, 0, 0):
        take(session, add_person(session), published, now, right=right)
    begin(session, add_person(session), published, now)
    questions = dict(sample_course().questions)
    questions[SINGLE] = sample_question(SINGLE, QuestionKind.SINGLE, correct=(1,))
    questions[BANK[1]] = sample_question(BANK[1], QuestionKind.MULTIPLE, text="Pilih asas.")
    questions[BANK[3]] = sample_question(BANK[3], QuestionKind.TEXT, texts=("Dukcapil", "Disdukcapil", "Kominfo"))
    session.rollback()
    assert regrade_effect(session, course_id=published.course_id, questions=questions) == [
        QuestionEffect(BANK[3], 5, 3, 0),
        QuestionEffect(SINGLE, 5, 3, 2),
    ]


FIRST_MOVED = sample_question(SINGLE, QuestionKind.SINGLE, correct=(1,))
SECOND_MOVED = sample_question(BANK[1], QuestionKind.MULTIPLE, correct=(2,))


def shown_right(session, person, published):
    """Right or wrong of each question on the result page of the only attempt."""
    session.rollback()
    (attempt,) = queries.closed_attempts(session, person, published.course_id, QUIZ)
    view = queries.result_view(session, person, attempt.token, rules_of(published))
    return [one.feedback.is_correct for one in view.questions]


def test_publication_judges_only_the_questions_it_changed(session, tmp_path, published, now):
    """Scores left alone by choice stay so whatever is published afterwards."""
    person = add_person(session)
    take(session, person, published, now, right=0)
    kept = correct(session, tmp_path, now, published, FIRST_MOVED)
    regrade(session, kept, now, "tidak", since=published)
    later = correct(session, tmp_path, now, published, FIRST_MOVED, SECOND_MOVED)
    regrade(session, later, now, since=kept)
    assert scores(session, person, published) == [(2500, False)]
    assert shown_right(session, person, published) == [False, True, False, False]
    assert regrade(session, later, now).raised == 1, "asked for by itself, everything is judged again"
    assert scores(session, person, published) == [(5000, False)]
    assert shown_right(session, person, published) == [True, True, False, False]


@pytest.mark.parametrize("mode", ["tidak-turun", "penuh"])
def test_choices_of_several_publications_add_up(session, tmp_path, published, now, mode):
    person = add_person(session)
    take(session, person, published, now, right=0)
    first = correct(session, tmp_path, now, published, FIRST_MOVED)
    assert regrade(session, first, now, mode, since=published).raised == 1
    second = correct(session, tmp_path, now, published, FIRST_MOVED, SECOND_MOVED)
    assert regrade(session, second, now, mode, since=first).raised == 1
    assert scores(session, person, published) == [(5000, False)]
    assert shown_right(session, person, published) == [True, True, False, False]


@pytest.mark.parametrize(("mode", "after"), [("tidak-turun", 2500), ("tidak", 2500), ("penuh", 0)])
def test_roll_back_takes_regraded_scores_back_only_when_asked(session, tmp_path, published, now, mode, after):
    person = add_person(session)
    take(session, person, published, now, right=0)
    moved = correct(session, tmp_path, now, published, FIRST_MOVED)
    regrade(session, moved, now, since=published)
    questions = sample_course().questions
    session.rollback()
    assert regrade_effect(session, course_id=published.course_id, questions=questions) == [QuestionEffect(SINGLE, 1, 0, 1)]
    back = correct(session, tmp_path, now, published)
    regrade(session, back, now, mode, since=moved)
    assert scores(session, person, published) == [(after, False)]


@pytest.mark.parametrize(("mode", "score"), [("tidak-turun", 2500), ("tidak", 0), ("penuh", 2500)])
def test_attempt_sent_after_the_correction_is_judged_like_those_before(session, tmp_path, published, now, mode, score):
    """It finishes on its own versions, which are known to be wrong by now."""
    person = add_person(session)
    token = begin(session, person, published, now)
    fill_in(session, person, token, now, right=0)
    edition = correct(session, tmp_path, now, published, FIRST_MOVED)
    assert regrade(session, edition, now, mode, since=published).attempts == 0
    closed = hand_in(session, person, token, now + LATER)
    assert (closed.score, closed.passed) == (score, False)
    assert scores(session, person, published) == [(score, False)]
    assert session.execute(select(Attempt.score)).scalars().all() == [0], "the fact is what its own key says"
    assert hand_in(session, person, token, now + LATER) == closed
    assert regrade(session, edition, now, mode, since=published).attempts == 0


def test_attempt_begun_after_the_correction_is_left_alone(session, tmp_path, published, now):
    edition = correct(session, tmp_path, now, published, FIRST_MOVED)
    regrade(session, edition, now, "penuh", since=published)
    take(session, add_person(session), edition, now, right=0)
    assert count(session, Regrade) == 0


def test_question_that_left_and_came_back_with_another_key_is_judged_again(session, tmp_path, published, now):
    person = add_person(session)
    take(session, person, published, now, right=0)
    without = {id_: one for id_, one in sample_course().questions.items() if id_ != SINGLE}
    course = change_item(sample_course(), QUIZ, quiz=dataclasses.replace(rules_of(published), draws=quiz_rules(*BANK[1:4]).draws))
    gone = publish_course(session, tmp_path, now, dataclasses.replace(course, questions=without))
    assert regrade(session, gone, now, since=published).attempts == 0
    back = correct(session, tmp_path, now, published, FIRST_MOVED)
    assert regrade(session, back, now, since=gone).raised == 1
    assert scores(session, person, published) == [(2500, False)]
