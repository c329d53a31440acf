"""The first pass over a question: every line below its heading finds its place, blank lines and indentation or not.

What fits nowhere is reported and kept as explanation, never dropped and never shown before the key may be.
"""

import re
from dataclasses import dataclass, field

from lms.content.answers import ARROW
from lms.content.keywords import STRONG, nearest_keyword, setting_line
from lms.content.nodes import OptionNode, QuestionNode, Source, Span
from lms.content.problems import Reporter

OPTION = re.compile(r"^(\s{0,3})([-*+]|\d{1,9}[.)])(\s*)\[([^\[\]]{0,3})\](?![(\[])(\s*)(.*)$")
_ITEM = re.compile(r"^(\s{0,3})([-*+]|\d{1,9}[.)])(\s+)(.*)$")
_QUOTE = re.compile(r"^(\s*)>[ ]?(.*)$")
_EXPLAINS = re.compile(r"^(?:\*\*|__)?\s*(?:Pembahasan|Explanation)\s*(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*", re.IGNORECASE)
RULE = re.compile(r"^\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_PINNED = re.compile(r"^\((?:terakhir|last)\)\s*", re.IGNORECASE)
_TICKS = frozenset("✓✔√☑☒✗vV*+yY")


@dataclass(slots=True)
class Item:
    """A bullet or numbered item that may turn out to be a pair, a step, an accepted answer or just part of the stem."""

    line: int
    column: int
    marker: str
    text: list[Span]
    raw: list[Span]


@dataclass(slots=True)
class Reading:
    """State while reading one question."""

    question: QuestionNode
    source: Source
    reporter: Reporter
    pieces: list[Span | Item] = field(default_factory=list)
    """Candidate stem, in order."""
    option: OptionNode | None = None
    in_feedback: bool = False
    item: Item | None = None
    text: list[Span] | None = None
    """Where a continued setting or explanation goes on."""
    takes_answers: bool = False
    """The items below belong to `Jawaban:`."""
    answer_items: list[Item] = field(default_factory=list)
    was_blank: bool = False
    answered: bool = False
    """An answer or explanation has been seen, so stray text below is suspicious."""
    last_option: int = 0
    """Line of the last option; code above it belongs to an option even when it is not indented."""
    inner: int = 0
    """Indent that was taken from the last line inside an option or item."""
    reported: int = 0
    """Line that already has its finding."""


def read_line(reading: Reading, span: Span) -> None:
    text = span.text
    if not text.strip():
        _read_blank_line(reading, span)
        return
    indent = len(text) - len(text.lstrip())
    in_code = span.line in reading.source.code
    if reading.option is not None and indent >= 2 and not _is_strong_setting(text):
        _continue_option(reading, span, indent, in_code)
    elif (quote := _quote_below_item(reading, span)) is not None:
        _read_quote(reading, span, quote)
    elif (inner := _inner_pair(reading, span)) is not None:
        _read_item(reading, *inner)
    elif reading.item is not None and indent >= 2 and not _is_strong_setting(text):
        reading.item.text.append(_dedented(span, _inner(reading, span, indent)))
        reading.item.raw.append(span)
    elif in_code and _is_code_of_option(reading, span):
        reading.option.text.append(span)  # type: ignore[union-attr]
    elif in_code:
        _plain(reading, span)
    elif (setting := setting_line(text)) and (indent < 4 or setting[1] in STRONG):
        _read_setting(reading, span, setting[1], setting[2], setting[3])
    elif option := OPTION.match(text):
        _read_option(reading, span, option)
    elif quote := _QUOTE.match(text):
        _read_quote(reading, span, quote)
    elif item := _ITEM.match(text):
        _read_item(reading, span, item)
    else:
        _plain(reading, span)
    reading.was_blank = False


def _quote_below_item(reading: Reading, span: Span) -> re.Match[str] | None:
    """An indented explanation below an item, or any quote below a pair: inside the pair it would be shown with the question."""
    quote = _QUOTE.match(span.text) if reading.item is not None and span.line not in reading.source.code else None
    if quote is None or reading.item is None:
        return None
    if not _EXPLAINS.match(quote[2]) and not ARROW.search(reading.item.text[0].text):
        return None
    reading.answered = True
    return quote


def _inner_pair(reading: Reading, span: Span) -> tuple[Span, re.Match[str]] | None:
    """A pair that slipped to the right below another pair; it would become part of that one's text."""
    if reading.item is None or span.line in reading.source.code or not ARROW.search(reading.item.text[0].text):
        return None
    inner = _dedented(span, len(span.text))
    match = _ITEM.match(inner.text)
    return (inner, match) if match and ARROW.search(inner.text) else None


def _is_code_of_option(reading: Reading, span: Span) -> bool:
    """Code without an indent below an option, as quizzes of other tools have it: between options, or below all of them alike."""
    option = reading.option
    if option is None or reading.text is not None:
        return False
    others = [other for other in reading.question.options if other is not option]
    has_code = any(line.line in reading.source.code for other in others for line in other.text)
    if span.line > reading.last_option and not has_code:
        return False
    if span.line - 1 not in reading.source.code:
        message = "kode ini dibaca sebagai bagian pilihan di atasnya"
        advice = "beri empat spasi di depan setiap barisnya, supaya jelas milik pilihan itu"
        reading.reporter.add("K028", span.line, 1, len(span.text), message=message, help=advice, fixable=False)
    return True


def _is_strong_setting(text: str) -> bool:
    setting = setting_line(text)
    return setting is not None and setting[1] in STRONG


def _inner(reading: Reading, span: Span, indent: int) -> int:
    """How much of the indent inside an option or item to take away; from code as much as from its fence, so that it keeps its shape."""
    code = reading.source.code
    if span.line not in code or span.line - 1 not in code:
        reading.inner = 2 if indent < 4 else 4
    return reading.inner


def _dedented(span: Span, width: int) -> Span:
    cut = min(width, len(span.text) - len(span.text.lstrip()))
    return Span(span.line, span.column + cut, span.text[cut:])


def _read_blank_line(reading: Reading, span: Span) -> None:
    reading.was_blank = True
    if reading.option is not None:
        (reading.option.feedback if reading.in_feedback else reading.option.text).append(span)
    elif reading.item is not None:
        reading.item.text.append(span)
        reading.item.raw.append(span)
    elif reading.text is None or reading.text is not reading.question.explanation:
        reading.text = None
        reading.pieces.append(span)


def _continue_option(reading: Reading, span: Span, indent: int, in_code: bool) -> None:
    option = reading.option
    assert option is not None
    quote = None if in_code else _QUOTE.match(span.text)
    if quote:
        if not reading.in_feedback and option.feedback:
            option.feedback.append(Span(span.line, 1, ""))
        option.feedback.append(Span(span.line, quote.start(2) + 1, quote[2]))
        reading.in_feedback = True
    elif reading.in_feedback and not reading.was_blank:
        option.feedback.append(_dedented(span, indent))  # a lazy line of the quote above
    else:
        reading.in_feedback = False
        if not in_code and OPTION.match(span.text.lstrip()):
            message = "kotak ini menjorok: dibaca sebagai bagian pilihan di atasnya"
            column = span.column + indent
            width = len(span.text) - indent
            advice = "hapus spasi di depannya, bila ini pilihan tersendiri"
            reading.reporter.add("K029", span.line, column, width, message=message, help=advice)
        option.text.append(_dedented(span, _inner(reading, span, indent)))


def _read_setting(reading: Reading, span: Span, name: str, value: str, column: int) -> None:
    question, value_span = reading.question, Span(span.line, column, value)
    reading.option = reading.item = None
    reading.takes_answers = False
    reading.text = None
    if name == "pembahasan":
        question.explanation.append(value_span)
        reading.text, reading.answered = question.explanation, True
    elif name == "petunjuk":
        question.hints.append([value_span])
        reading.text = question.hints[-1]
    elif name == "jika benar":
        question.if_correct.append(value_span)
        reading.text = question.if_correct
    elif name == "jika salah":
        question.if_incorrect.append(value_span)
        reading.text = question.if_incorrect
    elif name in question.settings:
        message = f"`{name.capitalize()}:` ditulis dua kali"
        reading.reporter.add(
            "K040", span.line, 1, len(span.text), message=message, help="hapus salah satu; alternatif jawaban dipisah dengan `|`",
            fixable=False,
        )  # fmt: skip
    else:
        question.settings[name] = value_span
        if name == "jawaban":
            reading.takes_answers, reading.answered = not value, True


def _read_option(reading: Reading, span: Span, match: re.Match[str]) -> None:
    report, line = reading.reporter.add, span.line
    box, column = match[4], match.start(4)
    ticked = box.strip()
    if not match[3]:
        report("K023", line, match.start(3) + 1, 1)
    if not match[5] and match[6]:
        report("K024", line, match.end(4) + 2, 1)
    if ticked and ticked not in ("x", "X") and ticked in _TICKS:
        report("K025", line, column + 1, len(box), mark=ticked)
    elif ticked not in ("", "x", "X") or len(box) != 1:
        report("K026", line, column, len(box) + 2, box=box)
    text, text_column = match[6], match.start(6) + 1
    pinned = _PINNED.match(text)
    if pinned:
        text, text_column = text[pinned.end() :], text_column + pinned.end()
    if not text.strip():
        report("K027", line, column, len(box) + 2)
    option = OptionNode(line, len(match[1]) + 1, bool(ticked), [Span(line, text_column, text)], is_pinned=bool(pinned))
    reading.question.options.append(option)
    reading.option, reading.item, reading.text = option, None, None
    reading.in_feedback, reading.answered, reading.takes_answers = False, True, False


def _read_quote(reading: Reading, span: Span, match: re.Match[str]) -> None:
    question, inner = reading.question, match[2]
    explains = _EXPLAINS.match(inner)
    content = Span(span.line, match.start(2) + 1, inner)
    if explains:
        if question.explanation:
            question.explanation.append(Span(span.line, 1, ""))
        question.explanation.append(Span(span.line, match.start(2) + 1 + explains.end(), inner[explains.end() :]))
        reading.text, reading.answered = question.explanation, True
        reading.option = reading.item = None
    elif reading.text is question.explanation:
        if reading.was_blank:
            question.explanation.append(Span(span.line, 1, ""))
        question.explanation.append(content)
    elif reading.option is not None and not reading.was_blank:
        if not reading.in_feedback:
            reading.reporter.add("K028", span.line, len(match[1]) + 1, len(span.text.strip()))
        reading.option.feedback.append(content)
        reading.in_feedback = True
    elif reading.answered:
        stray(reading, content)
    else:
        _plain(reading, span)


def _read_item(reading: Reading, span: Span, match: re.Match[str]) -> None:
    item = Item(span.line, len(match[1]) + 1, match[2], [Span(span.line, match.start(4) + 1, match[4])], [span])
    if RULE.match(span.text):
        _plain(reading, span)
    elif reading.takes_answers:
        reading.answer_items.append(item)
        reading.item = item
    elif reading.option is not None or reading.text is reading.question.explanation and not reading.was_blank:
        stray(reading, span)
    else:
        reading.pieces.append(item)
        reading.item, reading.text = item, None


def _plain(reading: Reading, span: Span) -> None:
    question = reading.question
    if reading.answered and RULE.match(span.text):
        reading.option = reading.item = reading.text = None
        return
    near = None if span.line in reading.source.code else nearest_keyword(span.text)
    if near:
        reading.reported = span.line
        reading.reporter.add("K040", span.line, span.text.find(near[0]) + 1, len(near[0]), key=near[0], near=near[1])
    if reading.text is not None and not reading.was_blank:
        reading.text.append(span)
    elif reading.option is not None and not reading.was_blank:
        (reading.option.feedback if reading.in_feedback else reading.option.text).append(Span(span.line, 1, span.text))
    elif reading.item is not None and not reading.was_blank:
        reading.item.text.append(span)
        reading.item.raw.append(span)
    elif question.options or question.explanation or (reading.answered and not reading.pieces):
        stray(reading, span)
    else:
        reading.item = reading.text = None
        reading.pieces.append(span)


def stray(reading: Reading, span: Span) -> None:
    """Text after the answer that says not what it is: kept as explanation, so that it cannot give the answer away (K029)."""
    question = reading.question
    if reading.text is not question.explanation or reading.was_blank:
        text = span.text.strip()
        if reading.reported != span.line:
            reading.reporter.add("K029", span.line, span.column + len(span.text) - len(span.text.lstrip()), len(text))
        if question.explanation:
            question.explanation.append(Span(span.line, 1, ""))
    question.explanation.append(span)
    reading.option = reading.item = None
    reading.text = question.explanation
