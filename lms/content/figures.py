"""What can be counted of a course: its size, how hard its prose is to read, and whether its keys can be guessed. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from lms.content import measure
from lms.content.nodes import CourseNode, QuestionNode, Span
from lms.content.slugs import plain_text
from lms.content.types import QuestionKind

LONG_SENTENCE = 25
"""Words; longer sentences are counted apart."""
LONG_WORD = 6
"""Letters; LIX counts words with more."""
_ORDERED = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
_NEW_BLOCK = re.compile(r"\s*(?:#|[-*+] |\d+[.)] |\[\^|:\s)")
_NO_PROSE = re.compile(r"\s*(?:\||!\[|\*\[|\[!|[-=]{3,}\s*$)")
_WORD = re.compile(r"[^\W_]+(?:[-'’.,/][^\W_]+)*")


@dataclass(slots=True)
class Guessing:
    """How often a rule of thumb finds a key, against how often chance would. A tie counts by its share."""

    hits: Fraction = Fraction(0)
    chance: Fraction = Fraction(0)

    def count(self, chosen: Sequence[int], keys: frozenset[int], options: int) -> None:
        """`chosen`: ordinals that the rule cannot tell apart, at least one."""
        self.hits += Fraction(len(keys.intersection(chosen)), len(chosen))
        self.chance += Fraction(len(keys), options)

    def ratio(self) -> float | None:
        """1.0 = as good as chance; None without a question."""
        return float(self.hits / self.chance) if self.chance else None

    def __iadd__(self, other: "Guessing") -> "Guessing":
        self.hits += other.hits
        self.chance += other.chance
        return self


@dataclass(slots=True)
class Figures:
    """Sums over one course or several; `minutes` are those that the JP rest on (K113)."""

    minutes: int = 0
    words: int = 0
    sentences: int = 0
    long_sentences: int = 0
    long_words: int = 0
    kinds: Counter[QuestionKind] = field(default_factory=Counter)
    longest: Guessing = field(default_factory=Guessing)
    first: Guessing = field(default_factory=Guessing)
    true_false: int = 0
    true_keys: int = 0

    def words_per_sentence(self) -> float | None:
        return self.words / self.sentences if self.sentences else None

    def lix(self) -> float | None:
        """Björnsson's readability index: words per sentence + per cent of long words. It needs no list of syllables, and is made for
        no language; Indonesian words carry affixes, so compare courses with each other, not with a table for Swedish."""
        per_sentence = self.words_per_sentence()
        return None if per_sentence is None else per_sentence + 100 * self.long_words / self.words

    def __iadd__(self, other: "Figures") -> "Figures":
        for name in ("minutes", "words", "sentences", "long_sentences", "long_words", "true_false", "true_keys"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.kinds += other.kinds
        self.longest += other.longest
        self.first += other.first
        return self


def figures_of(course: CourseNode) -> Figures:
    """Of all pages and banks. Prose is what stands outside questions, headings, tables and code."""
    found = Figures(minutes=measure.carried_minutes(course))
    for node in [*course.files, *course.banks.values()]:
        for sentence in sentences([span for span in node.text_lines() if span.line not in node.source.code]):
            written = _WORD.findall(sentence)
            found.words += len(written)
            found.sentences += 1
            found.long_sentences += len(written) > LONG_SENTENCE
            found.long_words += sum(len(word) > LONG_WORD for word in written)
        for question in node.questions():
            _count_question(question, found)
    return found


def sentences(lines: Iterable[Span]) -> Iterator[str]:
    """The sentences of Markdown lines. A list item or a paragraph ends one even without a full stop; one of a single word is a label."""
    for block in _blocks(lines):
        for sentence in re.split(r"(?<=[.!?…])[\"”’)*_]*\s+", plain_text(block)):
            if len(_WORD.findall(sentence)) > 1:
                yield sentence


def _blocks(lines: Iterable[Span]) -> Iterator[str]:
    kept: list[str] = []
    last = 0
    for span in lines:
        text = re.sub(r"^\s*(?:>\s?)+", "", span.text)
        if kept and (not text.strip() or span.line != last + 1 or _NEW_BLOCK.match(text) or _NO_PROSE.match(text)):
            yield " ".join(kept)
            kept = []
        last = span.line
        if text.strip() and not _NO_PROSE.match(text) and not text.lstrip().startswith("#"):
            kept.append(re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?", "", text))
    if kept:
        yield " ".join(kept)


def _count_question(question: QuestionNode, found: Figures) -> None:
    if question.kind is None:
        return
    found.kinds[question.kind] += 1
    if question.kind is QuestionKind.TRUE_FALSE:
        found.true_false += 1
        found.true_keys += question.options[0].is_correct
    elif question.kind in _ORDERED:
        texts = [plain_text(" ".join(span.text for span in option.text)) for option in question.options]
        _count_choice(texts, frozenset(n for n, option in enumerate(question.options) if option.is_correct), found)
    for blank in question.blanks:
        if blank.choices:
            _count_choice([plain_text(choice) for choice in blank.choices], frozenset({blank.correct}), found)


def _count_choice(texts: list[str], keys: frozenset[int], found: Figures) -> None:
    most = max(map(len, texts))
    found.longest.count([n for n, text in enumerate(texts) if len(text) == most], keys, len(texts))
    found.first.count([0], keys, len(texts))
