"""What may happen to attempts and what may be told about them: tries, rounds, pauses, deadlines, feedback. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.content.types import FeedbackPolicy, QuizRules, ScoreTaken
from lms.quizzes.types import AttemptState, ClosedAttempt

GRACE = timedelta(seconds=30)
"""A save or submit this long after the deadline still counts: the line may be slow, the server's clock decides (D37, R14)."""
NEW_ROUND_PAUSE = timedelta(hours=1)
"""Least wait before a new round opens once the tries of one are used up."""
WAITING = "Pekerjaan Anda sudah terkirim dan menunggu dinilai. Sementara itu, materi yang lain tetap dapat Anda lanjutkan."


def deadline(rules: QuizRules, started_at: datetime) -> datetime | None:
    """When an attempt begun then ends; None without a time limit."""
    return started_at + timedelta(seconds=rules.time_limit_seconds) if rules.time_limit_seconds else None


def is_due(deadline_at: datetime | None, now: datetime) -> bool:
    """Whether an open attempt is over because its time, grace included, has passed."""
    return deadline_at is not None and now > deadline_at + GRACE


def closing_time(deadline_at: datetime | None, now: datetime) -> datetime:
    """When an attempt closed now counts as finished: never after its deadline, whenever the row is moved."""
    return now if deadline_at is None else min(now, deadline_at)


def is_practice(rules: QuizRules) -> bool:
    """A quiz without limit and without pass mark proves nothing, so it may be repeated for ever and answers show at once."""
    return rules.tries == 0 and rules.pass_mark == 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where someone stands in the tries of one quiz. See `types.Tries` for the fields."""

    used: int
    left: int | None
    round_number: int
    may_start: bool
    reason: str
    next_try_at: datetime | None
    next_round_at: datetime | None
    passed: bool
    is_used_up: bool


def standing(rules: QuizRules, closed: Sequence[ClosedAttempt], has_open: bool, now: datetime) -> Standing:
    """Tries, rounds and pauses (law of DESIGN.md 3.4: nobody is ever at a dead end).

    `closed` holds the closed attempts oldest first, voided ones left out. A round has `rules.tries` tries. Between tries the
    quiz's pause runs; once a round is used up without a pass, the next opens after that pause, but at least after
    NEW_ROUND_PAUSE. A passed quiz is closed for further tries, except practice. While something handed in waits to be marked, no
    further try begins and none is needed.
    """
    passed = any(one.passed for one in closed)
    is_waiting = not passed and any(one.state is AttemptState.SUBMITTED for one in closed)
    in_all = len(closed) + has_open
    completed_rounds, used = divmod(in_all, rules.tries) if rules.tries else (0, in_all)
    is_full = rules.tries > 0 and in_all > 0 and used == 0  # the last try of a round is taken: count it to that round
    if is_full:
        completed_rounds, used = completed_rounds - 1, rules.tries
    is_used_up = is_full and not has_open and not passed and not is_waiting
    last = closed[-1].closed_at if closed else None
    pause = timedelta(seconds=rules.pause_seconds)
    next_round_at = last + max(pause, NEW_ROUND_PAUSE) if last and is_used_up else None
    next_try_at = last + pause if last and pause and not (is_used_up or passed or has_open) else None
    left = rules.tries - used if rules.tries else None
    round_number = completed_rounds + 1
    if next_round_at is not None and now >= next_round_at:
        left, used, round_number = rules.tries, 0, round_number + 1
    reason = WAITING if is_waiting else _reason_against(rules, passed, next_try_at, next_round_at, now)
    may_start = not has_open and not reason
    return Standing(
        used, left, round_number, may_start, "" if has_open else reason, next_try_at, next_round_at, passed, is_used_up
    )


def _reason_against(
    rules: QuizRules, passed: bool, next_try_at: datetime | None, next_round_at: datetime | None, now: datetime
) -> str:
    """Why no try may start now, as a finished sentence; "" when one may."""
    if passed and not is_practice(rules):
        return "Kuis ini sudah selesai Anda tempuh dan nilainya tersimpan, jadi tidak perlu diulang."
    if next_round_at is not None and now < next_round_at:
        return (
            f"Percobaan di putaran ini sudah habis. Hasilnya tersimpan, dan putaran baru terbuka {in_words(next_round_at - now)} lagi; "
            "sementara itu Anda dapat membaca ulang materinya."
        )
    if next_try_at is not None and now < next_try_at and not is_practice(rules):
        return f"Percobaan berikutnya terbuka {in_words(next_try_at - now)} lagi. Hasil percobaan tadi tersimpan."
    return ""


def in_words(wait: timedelta) -> str:
    """A wait in the two largest units, rounded up to minutes: "1 jam 5 menit", "2 hari 3 jam", "1 menit"."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{count} {unit}" for count, unit in ((days, "hari"), (hours, "jam"), (minutes, "menit")) if count]
    return " ".join(parts[:2])


def score_taken(taken: ScoreTaken, scores: Sequence[int]) -> int | None:
    """The score that counts out of all closed attempts, oldest first; averages are rounded half up. None without attempts."""
    if not scores:
        return None
    if taken is ScoreTaken.LAST:
        return scores[-1]
    if taken is ScoreTaken.AVERAGE:
        return (2 * sum(scores) + len(scores)) // (2 * len(scores))
    return max(scores)


@dataclass(frozen=True, slots=True)
class Reveal:
    """How much of a closed attempt may be told."""

    answers: bool = False
    """Right or wrong, and the feedback of what was chosen."""
    key: bool = False
    """The right answers, all feedback and the explanation."""


def reveal(policy: FeedbackPolicy, *, passed: bool, is_used_up: bool, posttest_passed: bool) -> Reveal:
    """What the feedback policy allows (D44, law 4).

    `passed`: this person has passed the quiz. `is_used_up`: the tries of the present round are used up and no new try was begun.
    `setelah-lulus` tells nothing but the score before a pass, `tidak` nothing until the post-test of the course is passed.
    """
    if policy is FeedbackPolicy.NEVER:
        return Reveal(answers=posttest_passed, key=posttest_passed)
    if policy is FeedbackPolicy.AFTER_PASS:
        return Reveal(answers=passed, key=passed)
    return Reveal(answers=True, key=passed or is_used_up)


def shows_at_once(rules: QuizRules) -> bool:
    """Whether an answer of an open attempt may be judged at once: only practice, where nothing can be won by asking."""
    return rules.feedback is FeedbackPolicy.AT_ONCE and is_practice(rules)
