"""Shapes of attempts and grades. Scores are hundredths: of 100 for attempts, of a point for a question."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lms.content.types import QuestionKind, QuestionPublic


class AttemptState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    """Handed in and waiting for people to mark it (essays, files, links); machine-graded attempts never stay here."""
    GRADED = "graded"
    EXPIRED = "expired"
    """The deadline passed; the saved answers were graded as of the deadline."""
    VOIDED = "voided"


CLOSED = (AttemptState.SUBMITTED, AttemptState.GRADED, AttemptState.EXPIRED)

Answer = dict[str, Any]
"""A canonical answer, by kind: {"choice": 2} · {"choices": [0, 2]} · {"text": "70,8"} · {"pairs": {"0": 3}} ·
{"order": [2, 0, 1]} · {"blanks": {"0": "25", "2": 1}} (text typed, or the ordinal chosen) · {"files": [7, 9]} (ids of uploads) ·
{"scale": {"0": 4}} (number given to a statement). Ordinals refer to the question version, never to the order on screen. An empty
dict is "not answered"."""


class RegradeMode(StrEnum):
    """What a corrected key does to old scores (COURSE-FORMAT.md 2.10)."""

    NEVER_LOWER = "tidak-turun"
    FULL = "penuh"
    KEEP = "tidak"


class FollowUpStep(StrEnum):
    """What is left to do after a publication, in this order."""

    JUDGE = "judge"
    """Closed attempts in which a changed question was asked are judged again."""
    SUMMARIES = "summaries"
    """Summaries of the course's learners are brought up to date."""
    SETTLE = "settle"
    """Who has finished now gets completion, JP and certificate."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Layout:
    """How one question was laid out in one attempt: random tokens stand for ordinals, so a form tells nothing (R10)."""

    options: tuple[tuple[str, int], ...] = ()
    """(token, ordinal) in the order shown; for choice kinds, and for matching the right sides."""
    steps: tuple[tuple[str, int], ...] = ()
    """Ordering: (token, ordinal) in the order shown."""
    blanks: tuple[tuple[tuple[str, int], ...], ...] = ()
    """Cloze: one entry a gap, (token, ordinal) of its drop-down in the order shown; empty for a gap that is typed."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Outcome for one answer. `score` is in hundredths of a point, between 0 and `points`."""

    score: int
    points: int
    is_correct: bool
    parts: tuple[bool, ...] = ()
    """Per pair, step or blank."""
    reading: str = ""
    """How a typed number was understood: "1.250 (seribu dua ratus lima puluh)"; of a cloze all its numbers, with semicolons."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Outcome of a whole attempt. `score` is in hundredths of 100, None while people still have to mark something and for a
    survey; `grades` are in the order of the questions."""

    score: int | None
    passed: bool
    grades: tuple[Grade, ...]
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class FieldOption:
    """A choice on screen. `content` is HTML for choice kinds and matching, plain text for a cloze drop-down."""

    token: str
    content: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A left side of a matching question with its drop-down, posted as `name`."""

    name: str
    left: str
    """HTML; a statement where numbers are given to statements, and then the options' contents are the labels of the numbers."""
    options: tuple[FieldOption, ...]
    chosen: str = ""
    """Token of the chosen right side; "" = none yet."""


@dataclass(frozen=True, slots=True)
class FieldStep:
    """A step of an ordering question, posted as `name` with its position number."""

    name: str
    content: str
    """HTML."""
    place: int = 0
    """1 … `count` as answered; 0 = none yet."""
    count: int = 0


@dataclass(frozen=True, slots=True)
class FieldBlank:
    """A gap of a cloze text, posted as `name`: a text field, or a drop-down when it has options."""

    name: str
    is_number: bool = False
    options: tuple[FieldOption, ...] = ()
    chosen: str = ""
    text: str = ""
    reading: str = ""
    """How a number typed here is understood."""


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """One question as form fields that work without JavaScript. A template needs nothing else to draw it."""

    question_id: str
    kind: QuestionKind
    stem: tuple[str, ...]
    """HTML; for a cloze text gap `n` stands between stem[n] and stem[n + 1]."""
    name: str = ""
    """Field name of choices ("a") and of typed answers ("t")."""
    options: tuple[FieldOption, ...] = ()
    pairs: tuple[FieldPair, ...] = ()
    steps: tuple[FieldStep, ...] = ()
    blanks: tuple[FieldBlank, ...] = ()
    text: str = ""
    """What was typed; kept as typed."""
    reading: str = ""
    """How a typed number is understood, "" when nothing is typed. Says nothing about right or wrong."""
    unit: str = ""
    hints: tuple[str, ...] = ()
    longest: int = 0
    """Most characters of a typed answer."""
    words: int = 0
    """Words of an essay as it stands."""
    word_limits: tuple[int, int] = (0, 0)
    """Fewest and most words asked for; 0 = no limit. Told, never a reason to refuse."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save left in the database. Never raise on `late`: the row behind it must be committed first.

    `late` is "" for an ordinary save. Otherwise the attempt was already over: the answer is kept beside it and not counted, and
    `late` is the finished sentence the edge shows (as a Conflict) after its transaction.
    """

    saved_at: datetime
    sequence: int
    answer: Answer
    """The answer that now stands; differs from the one sent when a newer one was there already."""
    is_newest: bool = True
    """Whether the answer sent is the one that stands."""
    late: str = ""


@dataclass(frozen=True, slots=True)
class ClosedAttempt:
    """A closed attempt as facts: score and pass include the newest regrade. `score` is None for a voided one, for one that waits
    to be marked, and for a survey."""

    attempt_id: int
    token: str
    person_id: int
    course_id: int
    edition_id: int
    quiz_key: str
    try_number: int
    state: AttemptState
    started_at: datetime
    closed_at: datetime
    score: int | None
    passed: bool


@dataclass(frozen=True, slots=True)
class KeyView:
    """The right answer in a form to show: HTML of options, pairs (left, right) and steps, plain texts of typed answers and gaps."""

    options: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """Accepted texts or numbers, as written for people ("70,3 sampai 71,3")."""
    pairs: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    option_feedback: tuple[tuple[str, str], ...] = ()
    """(option, feedback), both HTML, of every option that has feedback."""
    explanation: str = ""
    """HTML."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What may be told about one answer now. Everything that would tell more than the policy allows is empty (R10)."""

    is_answered: bool
    is_correct: bool
    score: int
    points: int
    chosen: tuple[tuple[str, str], ...] = ()
    """(option, feedback), both HTML, of the options the learner chose."""
    general: str = ""
    """The author's `Jika benar` or `Jika salah`, HTML."""
    parts: tuple[bool, ...] = ()
    reading: str = ""
    key: KeyView | None = None


@dataclass(frozen=True, slots=True)
class InlineResult:
    """Outcome of a check inside a lesson."""

    grade: Grade
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class InlineShown:
    """The last answer to a check inside a lesson, as the lesson shows it again."""

    answer: Answer
    feedback: Feedback
    was_correct: bool
    """Answered correctly at least once, though perhaps not the last time."""


@dataclass(frozen=True, slots=True)
class AttemptQuestionView:
    position: int
    """1 … n, the order shown."""
    question_id: str
    version_id: int
    public: QuestionPublic
    layout: Layout
    answer: Answer
    saved_at: datetime | None
    sequence: int
    """Of the saved answer; 0 = none. The next save counts on from here."""


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt as its person may see it at any time: nothing here depends on a key."""

    attempt_id: int
    token: str
    course_id: int
    edition_id: int
    quiz_key: str
    try_number: int
    state: AttemptState
    """EXPIRED also when the time is up and the row has not been moved yet."""
    started_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    questions: tuple[AttemptQuestionView, ...]
    is_due: bool = False
    """The time is up but the row still stands open: the next POST should submit it."""

    @property
    def answered_count(self) -> int:
        return sum(1 for question in self.questions if question.answer)


@dataclass(frozen=True, slots=True)
class ResultQuestion:
    """One question of a result. `feedback` is None when the policy tells nothing yet."""

    view: AttemptQuestionView
    feedback: Feedback | None


@dataclass(frozen=True, slots=True)
class ResultView:
    """What the feedback policy allows of one attempt (D44, R10, law 4). While it is open: no score, no questions."""

    attempt_id: int
    token: str
    course_id: int
    edition_id: int
    quiz_key: str
    try_number: int
    state: AttemptState
    started_at: datetime
    closed_at: datetime | None
    score: int | None
    passed: bool | None
    regraded_at: datetime | None = None
    """When the score was changed afterwards: by a corrected key, or by a person who marked again."""
    first_score: int | None = None
    """What it was when the attempt closed."""
    corrected: tuple[int, ...] = ()
    """Positions of the questions that a corrected wording judges now."""
    is_waiting: bool = False
    """Something in it waits to be marked by a person; there is no score yet."""
    questions: tuple[ResultQuestion, ...] = ()
    shows_answers: bool = False
    """Right or wrong of each answer is shown."""
    shows_key: bool = False
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class Tries:
    """Where a person stands in one quiz, now. Times are aware UTC."""

    used: int
    """Tries of the present round, an open one included."""
    left: int | None
    """Tries that the present round still allows; None = unlimited."""
    round_number: int
    may_start: bool
    reason: str
    """Why not, as a finished sentence; "" when `may_start` or an attempt is open."""
    next_try_at: datetime | None
    """When a pause within the round ends."""
    next_round_at: datetime | None
    """When a new round opens, once the tries of this one are used up."""
    open_token: str | None
    best_score: int | None
    score: int | None
    """The score that counts (`nilai-diambil`)."""
    passed: bool
    is_used_up: bool
    history: tuple[ClosedAttempt, ...]
    """Closed attempts, oldest first; voided ones left out."""


@dataclass(frozen=True, slots=True)
class QuizFact:
    """A person's standing in one quiz, from closed attempts only. Scores are None while none was given."""

    quiz_key: str
    best_score: int | None
    score: int | None
    """The score that counts; equals `best_score` unless an outline said otherwise."""
    passed: bool
    tried: int
    """Closed attempts."""
    last_closed_at: datetime
    is_waiting: bool = False
    """Something handed in waits to be marked, and nothing passed before."""


@dataclass(frozen=True, slots=True)
class QuestionEffect:
    """What a changed key would do to old answers of one question."""

    question_id: str
    answers: int
    become_right: int
    become_wrong: int


@dataclass(frozen=True, slots=True)
class RegradeResult:
    """Counts of one regrade call. `last_attempt_id` continues the next batch; None = nothing is left."""

    attempts: int
    raised: int
    lowered: int
    newly_passed: int
    last_attempt_id: int | None = None
    person_ids: tuple[int, ...] = ()
    """Whose scores changed: their summaries must be refreshed."""
