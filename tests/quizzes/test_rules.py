"""Tries, rounds, pauses, deadlines and the feedback policy, as tables without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.content.types import FeedbackPolicy, ScoreTaken
from lms.quizzes.rules import (
    GRACE,
    closing_time,
    deadline,
    in_words,
    is_due,
    is_practice,
    reveal,
    score_taken,
    shows_at_once,
    standing,
)
from lms.quizzes.types import AttemptState, ClosedAttempt
from tests.factories.content import quiz_rules

NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def closed(number, ago=timedelta(minutes=10), score=3000, passed=False):
    at = NOW - ago
    return ClosedAttempt(number, f"t{number}", 1, 1, 1, "kuis", number, AttemptState.GRADED, at, at, score, passed)


def stand(count, *, tries=3, open_=False, ago=timedelta(minutes=10), passed=False, now=NOW, **over):
    history = [closed(number + 1, ago, passed=passed and number + 1 == count) for number in range(count)]
    return standing(quiz_rules("s", tries=tries, **over), history, open_, now)


@pytest.mark.parametrize(
    ("count", "used", "left", "round_number", "may_start", "is_used_up"),
    [(0, 0, 3, 1, True, False), (1, 1, 2, 1, True, False), (2, 2, 1, 1, True, False), (3, 3, 0, 1, False, True), (4, 1, 2, 2, True, False), (6, 3, 0, 2, False, True)],
)  # fmt: skip
def test_tries_are_counted_by_rounds(count, used, left, round_number, may_start, is_used_up):
    found = stand(count)
    assert (found.used, found.left, found.round_number, found.may_start, found.is_used_up) == (
        used,
        left,
        round_number,
        may_start,
        is_used_up,
    )


def test_open_attempt_uses_its_try_and_is_no_end_of_the_round():
    found = stand(2, open_=True)
    assert (found.used, found.left, found.may_start, found.is_used_up, found.reason) == (3, 0, False, False, "")


@pytest.mark.parametrize(
    ("pause", "ago", "opens"),
    [(0, HOUR - timedelta(seconds=1), False), (0, HOUR, True), (60, HOUR - timedelta(seconds=1), False), (86400, 23 * HOUR, False), (86400, 24 * HOUR, True)],
)  # fmt: skip
def test_new_round_opens_after_an_hour_or_the_longer_pause_of_the_quiz(pause, ago, opens):
    found = stand(3, ago=ago, pause_seconds=pause)
    assert (found.may_start, found.left, found.round_number) == ((True, 3, 2) if opens else (False, 0, 1))
    assert found.next_round_at == NOW - ago + max(HOUR, timedelta(seconds=pause))


def test_used_up_round_says_when_the_next_one_opens():
    assert stand(3).reason == (
        "Percobaan di putaran ini sudah habis. Hasilnya tersimpan, dan putaran baru terbuka 50 menit lagi; "
        "sementara itu Anda dapat membaca ulang materinya."
    )


@pytest.mark.parametrize(("ago", "may_start"), [(timedelta(minutes=59, seconds=59), False), (HOUR, True)])
def test_pause_runs_between_tries_of_a_round(ago, may_start):
    found = stand(1, ago=ago, pause_seconds=3600)
    assert found.may_start is may_start
    assert found.reason == ("" if may_start else "Percobaan berikutnya terbuka 1 menit lagi. Hasil percobaan tadi tersimpan.")
    assert found.next_try_at == NOW - ago + HOUR


def test_unlimited_tries_never_run_out():
    found = stand(25, tries=0)
    assert (found.used, found.left, found.round_number, found.may_start, found.is_used_up) == (25, None, 1, True, False)


def test_passed_quiz_is_closed_for_further_tries():
    found = stand(1, passed=True)
    assert (found.may_start, found.passed, found.is_used_up) == (False, True, False)
    assert found.reason == "Kuis ini sudah selesai Anda tempuh dan nilainya tersimpan, jadi tidak perlu diulang."
    assert stand(3, passed=True).is_used_up is False


def test_practice_may_be_repeated_for_ever():
    assert stand(4, tries=0, pass_mark=0, passed=True, pause_seconds=3600).may_start is True
    assert [is_practice(quiz_rules("s", tries=tries, pass_mark=least)) for tries, least in ((0, 0), (1, 0), (0, 7000))] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(("seconds", "due"), [(-1, False), (0, False), (30, False), (31, True)])
def test_attempt_is_over_once_deadline_and_grace_have_passed(seconds, due):
    assert is_due(NOW, NOW + timedelta(seconds=seconds)) is due
    assert is_due(None, NOW) is False
    assert timedelta(seconds=30) == GRACE


def test_attempt_never_counts_as_finished_later_than_its_deadline():
    assert [closing_time(NOW, NOW + timedelta(seconds=each)) - NOW for each in (-5, 0, 20, 99)] == [
        timedelta(seconds=each) for each in (-5, 0, 0, 0)
    ]
    assert closing_time(None, NOW) == NOW
    assert [deadline(quiz_rules("s", time_limit_seconds=each), NOW) for each in (0, 60)] == [None, NOW + timedelta(minutes=1)]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 menit"), (1, "1 menit"), (60, "1 menit"), (61, "2 menit"), (3600, "1 jam"), (3661, "1 jam 2 menit"), (90000, "1 hari 1 jam"), (90060, "1 hari 1 jam"), (86460, "1 hari 1 menit")],
)  # fmt: skip
def test_waits_are_told_in_words(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(("taken", "score"), [(ScoreTaken.HIGHEST, 9000), (ScoreTaken.LAST, 2001), (ScoreTaken.AVERAGE, 5001)])
def test_score_that_counts_follows_the_quiz(taken, score):
    assert score_taken(taken, [4000, 9000, 2001, 5001]) == (score if taken is not ScoreTaken.LAST else 5001)
    assert score_taken(taken, []) is None


P = FeedbackPolicy


@pytest.mark.parametrize(
    ("policy", "passed", "used_up", "posttest", "answers", "key"),
    [
        (P.AFTER_SUBMIT, False, False, False, True, False),
        (P.AFTER_SUBMIT, True, False, False, True, True),
        (P.AFTER_SUBMIT, False, True, False, True, True),
        (P.AT_ONCE, False, False, False, True, False),
        (P.AT_ONCE, True, False, False, True, True),
        (P.AFTER_PASS, False, False, False, False, False),
        (P.AFTER_PASS, False, True, False, False, False),
        (P.AFTER_PASS, True, False, False, True, True),
        (P.NEVER, True, False, False, False, False),
        (P.NEVER, True, True, False, False, False),
        (P.NEVER, True, False, True, True, True),
    ],
)
def test_feedback_policy_decides_what_is_told(policy, passed, used_up, posttest, answers, key):
    shown = reveal(policy, passed=passed, is_used_up=used_up, posttest_passed=posttest)
    assert (shown.answers, shown.key) == (answers, key)


@pytest.mark.parametrize(
    ("policy", "tries", "pass_mark", "shows"),
    [(P.AT_ONCE, 0, 0, True), (P.AT_ONCE, 3, 7000, False), (P.AT_ONCE, 0, 7000, False), (P.AFTER_SUBMIT, 0, 0, False)],
)
def test_answers_are_judged_at_once_only_in_practice(policy, tries, pass_mark, shows):
    assert shows_at_once(quiz_rules("s", tries=tries, pass_mark=pass_mark, feedback=policy)) is shows
