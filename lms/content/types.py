"""The compiled form of a course: what an edition stores and every other capability reads. No I/O, no database, no Markdown.

HTML fields hold sanitised fragments made at publish time. Everything that depends on an answer key lives in `QuestionKey`,
which is stored apart and is never given to a template before the item is closed (R10). Scores and points are integers of
hundredths; minutes and seconds are whole numbers; option references are ordinals within one question version.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from lms.content.assignments import Criterion, HandIn


class Level(StrEnum):
    ERROR = "galat"
    WARNING = "peringatan"
    NOTE = "catatan"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding of the checker. `line` and `column` start at 1; columns count characters after tab expansion."""

    file: str
    line: int
    column: int
    code: str
    level: Level
    message: str
    help: str
    width: int = 1
    """How many characters the carets underline."""
    fixable: bool = False


class ItemKind(StrEnum):
    LESSON = "lesson"
    QUIZ = "quiz"
    PRETEST = "pretest"
    POSTTEST = "posttest"
    PRACTICE = "practice"
    ASSIGNMENT = "assignment"
    """`jenis: tugas`: an attempt at one question that a person marks (essay, file or link), with the brief as its page."""
    SURVEY = "survey"
    """`jenis: evaluasi`: an attempt whose questions have no key and no score."""


class DoneWhen(StrEnum):
    READ = "read"
    """`dibaca`: opening the next item or pressing the button; like MARKED on the server, which never trusts dwell time."""
    MARKED = "marked"
    CORRECT = "correct"
    """`soal-benar`: every inline question answered correctly once, then marked."""


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    TEXT = "text"
    NUMBER = "number"
    MATCHING = "matching"
    ORDERING = "ordering"
    CLOZE = "cloze"
    # marked by a person, by its rubric
    ESSAY = "essay"
    FILE = "file"
    LINK = "link"
    """An address typed by the learner: `kumpul: tautan`."""
    # asked without a key
    OPEN = "open"
    """Survey: a free text."""
    POLL = "poll"
    """Survey: one of several options."""
    SCALE = "scale"
    """Survey: each statement is given a number between `Scale.low` and `Scale.high`."""


MARKED_BY_PERSON = frozenset((QuestionKind.ESSAY, QuestionKind.FILE, QuestionKind.LINK))
WITHOUT_KEY = frozenset((QuestionKind.OPEN, QuestionKind.POLL, QuestionKind.SCALE))
MARKED_BY_MACHINE = tuple(kind for kind in QuestionKind if kind not in MARKED_BY_PERSON | WITHOUT_KEY)


class BlankKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


class FeedbackPolicy(StrEnum):
    AT_ONCE = "at_once"
    """`langsung`: after each answer (practice)."""
    AFTER_SUBMIT = "after_submit"
    AFTER_PASS = "after_pass"
    NEVER = "never"


class ScoreTaken(StrEnum):
    HIGHEST = "highest"
    LAST = "last"
    AVERAGE = "average"


class CompletionPart(StrEnum):
    ALL_LESSONS = "semua-pelajaran"
    ALL_QUIZZES = "semua-kuis"
    POSTTEST = "posttest"
    ASSIGNMENTS = "tugas"


@dataclass(frozen=True, slots=True)
class Blank:
    """A gap in a cloze text, as the learner may see it. `options` are plain texts of a drop-down, in the author's order."""

    kind: BlankKind
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Accepted numbers, both ends included, as exact decimal strings ("70.3")."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class BlankKey:
    texts: tuple[str, ...] = ()
    numbers: tuple[NumberRange, ...] = ()
    choice: int = -1
    """Ordinal of the right drop-down option."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`Skala: 1-5 Sangat tidak setuju – Sangat setuju`. `labels` are plain texts: one at each end, or one a number, or none."""

    low: int
    high: int
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionPublic:
    """What a learner may see while the question is open. Nothing here, order included, depends on the key."""

    id: str
    kind: QuestionKind
    points: int
    stem: tuple[str, ...]
    """HTML; a cloze text is split at its gaps, so gap `n` stands between stem[n] and stem[n + 1]. Other kinds have one part."""
    options: tuple[str, ...] = ()
    """HTML a choice, in the author's order."""
    pinned: tuple[int, ...] = ()
    """Ordinals that stay last when choices are shuffled."""
    shuffle: bool | None = None
    """The author's `Acak:` for this question; None follows the quiz. True/false is never shuffled, ordering always."""
    lefts: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    """Matching: right sides and distractors, each distinct text once, sorted by text so that the order tells nothing."""
    steps: tuple[str, ...] = ()
    """Ordering: the steps sorted by text."""
    blanks: tuple[Blank, ...] = ()
    unit: str = ""
    """Printed after a number field, e.g. "%"."""
    hints: tuple[str, ...] = ()
    module_key: str = ""
    tags: tuple[str, ...] = ()
    language: str = "id"
    """Decides how a typed number is read."""
    rubric: tuple[Criterion, ...] = ()
    """Essay, file, link: shown to learners before they write. Empty = one mark from 0 to 100."""
    fewest_words: int = 0
    most_words: int = 0
    """`Kata: 100-300`; 0 = no limit. Told to the learner, never a reason to refuse."""
    file_types: tuple[str, ...] = ()
    """File: allowed endings without the dot, lower case ("pdf", "docx")."""
    most_bytes: int = 0
    """File: the largest one file may be."""
    scale: Scale | None = None
    statements: tuple[str, ...] = ()
    """Scale: HTML a statement. A scale without bullets has its stem as the one statement: then this is empty."""


@dataclass(frozen=True, slots=True)
class QuestionKey:
    """The answer key and everything that reveals it. Feedback and explanation are HTML."""

    correct: tuple[int, ...] = ()
    feedback: tuple[str, ...] = ()
    """One entry an option, "" where the author wrote none."""
    texts: tuple[str, ...] = ()
    match: str = ""
    """"" = forgiving (NFKC, case, blanks, final punctuation), "exact", or "similar 90" (per cent)."""
    numbers: tuple[NumberRange, ...] = ()
    pairs: tuple[int, ...] = ()
    """Matching: for each left side the ordinal in `rights`."""
    order: tuple[int, ...] = ()
    """Ordering: ordinals in `steps`, in the right order."""
    blanks: tuple[BlankKey, ...] = ()
    explanation: str = ""
    if_correct: str = ""
    if_incorrect: str = ""
    all_or_nothing: bool = False


@dataclass(frozen=True, slots=True)
class CompiledQuestion:
    public: QuestionPublic
    key: QuestionKey
    full_hash: str
    """SHA-256 of the canonical JSON of public and key."""
    meaning_hash: str
    """SHA-256 over kind, options as a set, key, tolerance, points, blanks, rubric, limits and scale: equal = only wording changed."""
    text: str
    """Normalised plain text, to recognise the question when its id is lost."""
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Draw:
    """One place in a quiz: `pick` questions out of `question_ids`. A fixed question is a draw of one from one."""

    question_ids: tuple[str, ...]
    pick: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class QuizRules:
    pass_mark: int
    """Hundredths of 100, e.g. 7000. 0 for a pre-test: it never fails anyone."""
    tries: int
    """Per round; 0 = unlimited."""
    draws: tuple[Draw, ...]
    question_count: int
    points_total: int
    feedback: FeedbackPolicy = FeedbackPolicy.AFTER_SUBMIT
    taken: ScoreTaken = ScoreTaken.HIGHEST
    pause_seconds: int = 0
    """Wait between tries; also the wait before a new round opens (at least `NEW_ROUND_PAUSE` of quizzes.rules)."""
    time_limit_seconds: int = 0
    shuffle_questions: bool = False
    shuffle_options: bool = True
    hand_in: HandIn | None = None
    """Set for an assignment."""
    is_anonymous: bool = False
    """Survey: answers are kept without the person."""


@dataclass(frozen=True, slots=True)
class Item:
    """A lesson or a quiz, in course order. `key` is permanent within the course."""

    key: str
    kind: ItemKind
    title: str
    minutes: int
    module_key: str = ""
    required: bool = True
    size_bytes: int = 0
    """Compressed page with its pictures, as a phone would load it."""
    objectives: tuple[str, ...] = ()
    done_when: DoneWhen = DoneWhen.MARKED
    question_ids: tuple[str, ...] = ()
    """Inline checks of a lesson, in order."""
    prerequisites: tuple[str, ...] = ()
    attachments: tuple["Attachment", ...] = ()
    quiz: QuizRules | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    title: str
    url: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Module:
    key: str
    title: str
    intro: str = ""
    """HTML."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A course as learners see it: everything but page texts, question texts and keys."""

    key: str
    title: str
    summary: str
    jp: int
    minutes: int
    modules: tuple[Module, ...]
    items: tuple[Item, ...]
    """All items in the order they are taken: pre-test first, post-test last, then the surveys of the whole course."""
    landing: str = ""
    """HTML of README.md."""
    language: str = "id"
    version: str = ""
    organizer: str = ""
    authors: tuple[str, ...] = ()
    audience: str = ""
    prerequisites: tuple[str, ...] = ()
    in_order: bool = False
    pass_mark: int = 7000
    weights: dict[str, int] = field(default_factory=dict)
    """Per cent by kind (`kuis`, `tugas`, `posttest`); only for the final score that is printed."""
    completion: tuple[CompletionPart, ...] = (CompletionPart.ALL_LESSONS, CompletionPart.ALL_QUIZZES, CompletionPart.POSTTEST)
    certificate: bool = True
    test_out_mark: int = 0
    """Hundredths a module must reach in the pre-test to be skipped; 0 = the course allows no testing out."""
    learning_form: int = 16
    """SIASN id of the form; 16 = e-learning."""
    competencies: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reviewed_on: str = ""

    def item(self, key: str) -> Item | None:
        return next((item for item in self.items if item.key == key), None)

    def module(self, key: str) -> Module | None:
        return next((module for module in self.modules if module.key == key), None)


@dataclass(frozen=True, slots=True)
class PagePart:
    """A run of lesson HTML, or the place of an inline question. Exactly one of the two is set."""

    html: str = ""
    question_id: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered lesson or quiz introduction."""

    parts: tuple[PagePart, ...]
    headings: tuple[tuple[str, str], ...] = ()
    """(anchor id, plain title) of second-level headings."""
    text: str = ""
    """Plain text without questions, for the search index."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    sha256: str
    name: str
    mime: str
    content: bytes = field(repr=False)
    width: int = 0
    height: int = 0

    @property
    def url(self) -> str:
        return f"/media/{self.sha256}/{self.name}"


@dataclass(frozen=True, slots=True)
class CompiledCourse:
    """Everything one edition is made of. Made by content.compile from a folder that checks clean."""

    outline: Outline
    pages: dict[str, Page]
    """By item key; lessons and quiz introductions."""
    questions: dict[str, CompiledQuestion]
    """By question id; inline, quiz and bank questions alike."""
    media: tuple[MediaFile, ...] = ()
