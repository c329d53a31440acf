"""Throw-away attempts tell what the feedback policy of the quiz allows, and nothing before sending."""

from dataclasses import replace

import pytest

from lms.authoring.trial import Trial, layout_of
from lms.content.compile import compile_course
from lms.content.parse import load_course
from lms.content.types import FeedbackPolicy
from lms.errors import Invalid
from tests.content.course_files import quiz, write_course

BODY = """## Soal 1: Apa? {#apa}

- [x] Ini
    > Tepat.
- [ ] Itu
    > Keliru.

Pembahasan: sebab.

## Soal 2: Berapa? {#berapa}

Jawaban: 70,8

Pembahasan: hitung.
"""


@pytest.fixture
def compiled(tmp_path):
    return compile_course(load_course(write_course(tmp_path / "contoh", {"01-asas/02-kuis.md": quiz(BODY)})))


@pytest.fixture
def questions(compiled):
    return [compiled.questions[id] for id in ("apa", "berapa")]


@pytest.fixture
def rules(compiled):
    return compiled.outline.item("asas/kuis").quiz


def pick(trial, question, ordinal):
    token = next(token for token, found in layout_of(question.public).options if found == ordinal)
    trial.save(question, True, {"a": [token]})


def test_layout_is_the_same_each_time_so_that_a_redrawn_page_keeps_what_is_filled_in(questions):
    assert layout_of(questions[0].public) == layout_of(questions[0].public)


def test_check_in_a_lesson_is_told_at_once_and_its_key_when_right(questions):
    trial = Trial()
    assert trial.told(questions[0], None) is None
    pick(trial, questions[0], 1)
    wrong = trial.told(questions[0], None)
    pick(trial, questions[0], 0)
    right = trial.told(questions[0], None)
    assert (wrong.is_correct, wrong.key, [words for _, words in wrong.chosen]) == (False, None, ["<p>Keliru.</p>"])
    assert (right.is_correct, right.key.explanation) == (True, "<p>sebab.</p>")


def test_quiz_tells_nothing_before_sending_and_the_score_after(questions, rules):
    trial = Trial()
    pick(trial, questions[0], 0)
    assert trial.told(questions[0], rules) is None
    trial.send(questions, rules)
    assert (trial.outcome.score, trial.outcome.passed, trial.tries_used) == (5000, False, 1)
    assert [trial.told(one, rules).is_correct for one in questions] == [True, False]


@pytest.mark.parametrize(
    ("policy", "right", "tries", "posttest_passed", "answers", "key"),
    [
        (FeedbackPolicy.AFTER_SUBMIT, True, 1, False, True, True),
        (FeedbackPolicy.AFTER_SUBMIT, False, 1, False, True, False),
        (FeedbackPolicy.AFTER_SUBMIT, False, 3, False, True, True),
        (FeedbackPolicy.AFTER_PASS, False, 1, False, False, False),
        (FeedbackPolicy.AFTER_PASS, True, 1, False, True, True),
        (FeedbackPolicy.NEVER, True, 1, False, False, False),
        (FeedbackPolicy.NEVER, True, 1, True, True, True),
    ],
)
def test_feedback_after_sending_follows_the_policy(questions, rules, policy, right, tries, posttest_passed, answers, key):
    rules, trial = replace(rules, feedback=policy, pass_mark=5000), Trial()
    for _ in range(tries):
        trial.start_again()
        pick(trial, questions[0], 0 if right else 1)
        trial.send(questions, rules)
    told = trial.told(questions[0], rules, posttest_passed)
    assert (told is not None, bool(told and told.key)) == (answers, key)
    shown = trial.revealed(rules, posttest_passed)
    assert (shown.answers, shown.key) == (answers, key)


def test_practice_is_told_at_once_and_can_be_begun_again(questions, rules):
    practice = replace(rules, feedback=FeedbackPolicy.AT_ONCE, pass_mark=0, tries=0)
    trial = Trial()
    trial.save(questions[1], True, {"t": ["70,8"]})
    assert trial.told(questions[1], practice).is_correct is True
    trial.send(questions, practice)
    trial.start_again()
    assert (trial.told(questions[1], practice), trial.outcome, trial.answers) == (None, None, {})


def test_unreadable_answer_is_refused_and_the_one_before_stays(questions):
    trial = Trial()
    trial.save(questions[1], True, {"t": ["70,8"]})
    with pytest.raises(Invalid):
        trial.save(questions[1], True, {"t": ["7" * 2001]})
    assert trial.answers == {"berapa": {"text": "70,8"}}
