"""Item facts: what answers say about questions. Pure: sums of groups in, sentences for the author out.

Figures are hidden below FEWEST answers (D48). Percentages are whole numbers, discrimination is in hundredths (-100 … 100), scores in
hundredths of 100.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from lms.content.types import QuestionKind

FEWEST = 20
LONGEST_PAUSE = 1800
"""Seconds between two saved answers above which the learner was not thinking about the question."""
TOO_EASY, TOO_HARD = 95, 20
WEAK = 10
"""Discrimination below which a question does not tell those who know from those who do not."""
NOTICED = 20
"""Per cent of answers from which one wrong answer is common."""
AHEAD = 500
"""Hundredths by which choosers of a wrong option must at least be better in the rest of the quiz to make the key doubtful."""
SURE = 2.5
"""Standard errors that an oddity must exceed: a course has a hundred questions, so one in twenty would doubt five sound keys."""
GIVEN_UP = ("belum tahu", "tidak tahu", "tdk tahu", "lupa", "-", "?")
"""Typed instead of an answer: never a reason to doubt the key."""
TYPED = (QuestionKind.TEXT, QuestionKind.NUMBER)
PARTS = (QuestionKind.MATCHING, QuestionKind.ORDERING, QuestionKind.CLOZE)


@dataclass(frozen=True, slots=True)
class Group:
    """Equal answers to one version in one quiz of one edition, each person's first. `answer` is in words, "" = left empty.

    `score` and `points` in hundredths of a point; `totals` and `squares` sum the attempts' scores in the *rest* of the quiz.
    """

    answer: str
    count: int
    score: int
    points: int
    totals: float = 0.0
    squares: float = 0.0
    stratum: int = 0
    """Attempts are compared only within the same edition."""

    @property
    def is_right(self) -> bool:
        return self.score >= self.points


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer in the picture: `percent` of all first answers."""

    text: str
    count: int
    percent: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the answers to one question say. Everything but `answers` is None or empty below FEWEST."""

    answers: int
    first_right: int | None = None
    """Per cent of people who had it fully right the first time."""
    discrimination: int | None = None
    """Correlation with the rest of the quiz; None where there is no rest or no spread."""
    seconds: int | None = None
    choices: tuple[Choice, ...] = ()
    """Most frequent first."""
    doubt: str = ""
    """Why the key may be wrong, as a finished sentence."""
    remarks: tuple[str, ...] = ()

    @property
    def is_shown(self) -> bool:
        return self.answers >= FEWEST

    @property
    def common_wrong(self) -> Choice | None:
        return next((choice for choice in self.choices if not choice.is_right and choice.text), None)


def item_facts(kind: QuestionKind, groups: Sequence[Group], seconds: Iterable[float] = ()) -> ItemFacts:
    """The facts of one question in one quiz."""
    answers = sum(group.count for group in groups)
    if answers < FEWEST:
        return ItemFacts(answers)
    first_right = _percent(sum(group.count for group in groups if group.is_right), answers)
    discrimination = _discrimination(groups)
    choices = _choices(groups, answers)
    thought = [each for each in seconds if 0 < each <= LONGEST_PAUSE]
    doubt = _doubt(kind, groups, choices, answers, discrimination)
    return ItemFacts(
        answers=answers,
        first_right=first_right,
        discrimination=discrimination,
        seconds=round(median(thought)) if thought else None,
        choices=choices,
        doubt=doubt,
        remarks=() if doubt else _remarks(first_right, discrimination),
    )


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole)


def _choices(groups: Sequence[Group], answers: int) -> tuple[Choice, ...]:
    counts: dict[tuple[str, bool], int] = {}
    for group in groups:
        counts[group.answer, group.is_right] = counts.get((group.answer, group.is_right), 0) + group.count
    found = [Choice(text, count, _percent(count, answers), right) for (text, right), count in counts.items()]
    return tuple(sorted(found, key=lambda choice: (-choice.count, not choice.is_right, choice.text)))


def _discrimination(groups: Sequence[Group]) -> int | None:
    """Correlation of the question's score with the rest of the attempt, pooled over strata."""
    together = spread = rest_spread = 0.0
    for stratum in {group.stratum for group in groups}:
        inside = [group for group in groups if group.stratum == stratum]
        count = sum(group.count for group in inside)
        mean = sum(group.score * group.count for group in inside) / count
        rest_mean = sum(group.totals for group in inside) / count
        together += sum((group.score - mean) * (group.totals - rest_mean * group.count) for group in inside)
        spread += sum((group.score - mean) ** 2 * group.count for group in inside)
        rest_spread += sum(group.squares for group in inside) - rest_mean**2 * count
    if spread <= 0 or rest_spread <= 1e-6:
        return None
    return max(-100, min(100, round(100 * together / sqrt(spread * rest_spread))))


def _doubt(
    kind: QuestionKind, groups: Sequence[Group], choices: tuple[Choice, ...], answers: int, discrimination: int | None
) -> str:
    if kind in TYPED:
        typed = next((each for each in choices if not each.is_right and each.text and each.text not in GIVEN_UP), None)
        if typed is not None and typed.percent >= NOTICED:
            return f"{typed.percent} % menjawab “{typed.text}” dan dinilai salah. Bila jawaban itu benar, tambahkan ke kunci."
        return ""
    right = [group for group in groups if group.is_right]
    for choice in choices if kind not in PARTS else ():
        chosen = [group for group in groups if group.answer == choice.text and not group.is_right]
        if chosen and choice.text and choice.percent >= NOTICED and _lead(chosen, right) > 0:
            return f"Yang memilih “{choice.text}” justru lebih pandai di soal lain daripada yang menjawab sesuai kunci."
    if discrimination is not None and discrimination <= -max(WEAK, 100 * SURE / sqrt(answers)):
        return "Peserta yang nilainya tinggi justru lebih sering salah di soal ini."
    return ""


def _lead(first: Sequence[Group], second: Sequence[Group]) -> float:
    """How far the first are ahead of the second in the rest of the quiz, in hundredths, beyond AHEAD and chance; else at most 0."""
    means, errors = [], 0.0
    for groups in (first, second):
        count = sum(group.count for group in groups)
        if count < 2 or not any(group.squares for group in groups):
            return 0
        mean = sum(group.totals for group in groups) / count
        variance = max(0.0, sum(group.squares for group in groups) - count * mean**2) / (count - 1)
        means.append(mean)
        errors += variance / count
    return means[0] - means[1] - max(AHEAD, SURE * sqrt(errors))


def _remarks(first_right: int, discrimination: int | None) -> tuple[str, ...]:
    if first_right >= TOO_EASY:
        return ("Hampir semua langsung benar: soal ini tidak lagi menguji.",)
    found = []
    if first_right <= TOO_HARD:
        found.append("Hampir semua salah: materinya belum terbahas, atau pertanyaannya membingungkan.")
    if discrimination is not None and discrimination < WEAK:
        found.append("Benar atau salahnya hampir tidak berkaitan dengan nilai peserta; periksa apakah pertanyaannya jelas.")
    return tuple(found)
