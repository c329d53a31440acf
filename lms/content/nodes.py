"""The parsed form of a course: typed, with a place on every node, faulty where the files are faulty. Pure data.

Lines start at 1; columns start at 1 and count characters after tab expansion, as an editor shows them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lms.content.types import Problem, QuestionKind, Scale


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text within one line."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file after decoding: tabs expanded, odd blanks and bullets made ordinary, comments blanked. Line n is lines[n - 1]."""

    file: str
    """Path relative to the course, with forward slashes."""
    lines: tuple[str, ...]
    original: tuple[str, ...]
    """The same lines before bullets and comments were changed, to quote in messages."""
    code: frozenset[int]
    """Numbers of the lines inside (or fencing) a code block."""
    body_start: int = 1
    """First line after the front matter."""
    suppressed: dict[int, frozenset[str]] = field(default_factory=dict)
    """Codes to be silent about, by line number."""
    breaks: frozenset[int] = frozenset()
    """Lines that ended in two blanks, Markdown's forced line break; the blanks themselves are gone from `lines`."""
    shifts: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Lines from which something was taken or to which a blank was added: places right of the first number are off by the second."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of front matter or course.yml, converted by its schema. `value` is None when it could not be converted."""

    value: Any
    text: str
    line: int
    column: int
    items: tuple[Span, ...] = ()
    """The places of the entries of a list."""

    @property
    def width(self) -> int:
        return max(len(self.text), 1)


@dataclass(slots=True)
class Metadata:
    """Settings by their canonical key."""

    settings: dict[str, Setting] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        setting = self.settings.get(key)
        return default if setting is None or setting.value is None else setting.value


@dataclass(frozen=True, slots=True)
class HeadingNode:
    line: int
    column: int
    level: int
    text: str
    """Without hashes and without `{#id}`."""
    text_column: int
    id: str = ""
    id_column: int = 0
    setext: bool = False


@dataclass(slots=True)
class OptionNode:
    line: int
    column: int
    is_correct: bool
    text: list[Span]
    feedback: list[Span] = field(default_factory=list)
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class AnswerNode:
    """One accepted answer: a text, or numbers from `low` to `high` as exact decimal strings."""

    line: int
    column: int
    text: str
    low: str = ""
    high: str = ""
    is_quoted: bool = False


@dataclass(slots=True)
class PairNode:
    line: int
    column: int
    left: str
    right: str


@dataclass(slots=True)
class StepNode:
    line: int
    column: int
    text: list[Span]


@dataclass(slots=True)
class BlankNode:
    """`[[…]]`: accepted answers, or the choices of a drop-down when one is starred."""

    line: int
    column: int
    width: int
    answers: tuple[AnswerNode, ...] = ()
    choices: tuple[str, ...] = ()
    correct: int = -1
    """Ordinal of the starred choice."""


@dataclass(slots=True)
class LevelNode:
    """A step of a rubric criterion; `points` in hundredths."""

    line: int
    column: int
    points: int
    text: list[Span]


@dataclass(slots=True)
class CriterionNode:
    line: int
    column: int
    name: list[Span]
    weight: int | None
    """Hundredths of a per cent; None where the author wrote none."""
    levels: list[LevelNode] = field(default_factory=list)


@dataclass(slots=True)
class QuestionNode:
    file: str
    line: int
    column: int
    width: int
    """Length of the heading line, to underline."""
    level: int
    id: str = ""
    id_column: int = 0
    kind: QuestionKind | None = None
    points: int = 100
    """Hundredths; 0 for a survey question."""
    stem: list[Span] = field(default_factory=list)
    options: list[OptionNode] = field(default_factory=list)
    answers: list[AnswerNode] = field(default_factory=list)
    pairs: list[PairNode] = field(default_factory=list)
    steps: list[StepNode] = field(default_factory=list)
    blanks: list[BlankNode] = field(default_factory=list)
    rubric: list[CriterionNode] = field(default_factory=list)
    statements: list[StepNode] = field(default_factory=list)
    """What is rated on `scale`."""
    scale: Scale | None = None
    fewest_words: int = 0
    most_words: int = 0
    file_types: tuple[str, ...] = ()
    most_bytes: int = 0
    settings: dict[str, Span] = field(default_factory=dict)
    """Setting lines by canonical keyword; the span is the value."""
    hints: list[list[Span]] = field(default_factory=list)
    explanation: list[Span] = field(default_factory=list)
    if_correct: list[Span] = field(default_factory=list)
    if_incorrect: list[Span] = field(default_factory=list)
    shuffle: bool | None = None
    all_or_nothing: bool = False
    match: str = ""
    tags: tuple[str, ...] = ()
    module: str = ""
    unit: str = ""


@dataclass(slots=True)
class GroupNode:
    """`## Kelompok: …`: `pick` of its questions are drawn; 0 = all. With `bank` they come from that file."""

    file: str
    line: int
    column: int
    width: int
    level: int
    name: str
    pick: int = 0
    bank: str = ""
    tag: str = ""
    id: str = ""
    id_column: int = 0
    questions: list[QuestionNode] = field(default_factory=list)


@dataclass(slots=True)
class TextNode:
    """A run of ordinary Markdown lines."""

    lines: list[Span]


Part = TextNode | QuestionNode | GroupNode


@dataclass(slots=True)
class FileNode:
    """A Markdown file of the course. `kind` is its `jenis`: pelajaran, kuis, pretest, posttest, latihan, tugas, evaluasi;
    or by its place: bank, readme, istilah."""

    file: str
    kind: str
    key: str
    title: str
    source: Source
    meta: Metadata
    headings: list[HeadingNode] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    module_key: str = ""

    def questions(self) -> Iterator[QuestionNode]:
        """All questions in file order, those of groups included."""
        for part in self.parts:
            if isinstance(part, QuestionNode):
                yield part
            elif isinstance(part, GroupNode):
                yield from part.questions

    def groups(self) -> Iterator[GroupNode]:
        return (part for part in self.parts if isinstance(part, GroupNode))

    def text_lines(self) -> list[Span]:
        """The Markdown that is not part of a question."""
        return [span for part in self.parts if isinstance(part, TextNode) for span in part.lines]


@dataclass(slots=True)
class ModuleNode:
    key: str
    folder: str
    title: str
    readme: FileNode | None = None


@dataclass(slots=True)
class CourseNode:
    """A folder. `is_course` is False for a stranger's Markdown without course.yml."""

    root: str
    """Absolute path of the folder."""
    code: str
    is_course: bool
    meta: Metadata
    files: list[FileNode] = field(default_factory=list)
    """Lessons and quizzes in the order they are taken."""
    modules: list[ModuleNode] = field(default_factory=list)
    banks: dict[str, FileNode] = field(default_factory=dict)
    """By path relative to the course."""
    readme: FileNode | None = None
    glossary: FileNode | None = None
    manifest: Source | None = None
    """course.yml."""
    known_paths: frozenset[str] = frozenset()
    """Every file below the folder, relative, to resolve links and name look-alikes."""

    def sources(self) -> Iterator[Source]:
        """Every file read, course.yml first."""
        if self.manifest is not None:
            yield self.manifest
        for node in self.all_files():
            yield node.source

    def all_files(self) -> Iterator[FileNode]:
        """Every Markdown file: pages, module introductions, banks, glossary."""
        if self.readme is not None:
            yield self.readme
        yield from (module.readme for module in self.modules if module.readme is not None)
        yield from self.files
        yield from self.banks.values()
        if self.glossary is not None:
            yield self.glossary

    @property
    def language(self) -> str:
        return str(self.meta.get("bahasa", "id"))


@dataclass(slots=True)
class LoadedCourse:
    """What parse makes of a folder: the tree, and what was wrong while reading it."""

    course: CourseNode
    problems: list[Problem]
