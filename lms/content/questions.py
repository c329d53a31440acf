"""From the lines below a `Soal` heading to a QuestionNode: one pass that sorts lines, then one that decides the kind.

Blank lines and indentation never change meaning (only list nesting does). What fits nowhere is reported, never dropped.
"""

import re
from dataclasses import dataclass, field

from lms.content.answers import ARROW, apply_tolerance, mask_code, read_answers, read_blanks
from lms.content.keywords import KINDS, STRONG, TRUE_FALSE_PAIRS, UNGRADED, nearest_keyword, setting_line
from lms.content.nodes import HeadingNode, OptionNode, PairNode, QuestionNode, Source, Span, StepNode
from lms.content.problems import Reporter
from lms.content.schemas import read_yes_no
from lms.content.types import QuestionKind
from lms.shared.numbers import parse_number

_OPTION = re.compile(r"^(\s{0,3})([-*+]|\d{1,9}[.)])(\s*)\[([^\[\]]{0,3})\](?![(\[])(\s*)(.*)$")
_ITEM = re.compile(r"^(\s{0,3})([-*+]|\d{1,9}[.)])(\s+)(.*)$")
_QUOTE = re.compile(r"^(\s*)>[ ]?(.*)$")
_EXPLAINS = re.compile(r"^(?:\*\*|__)?\s*(?:Pembahasan|Explanation)\s*(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*", re.IGNORECASE)
_RULE = re.compile(r"^\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_PINNED = re.compile(r"^\((?:terakhir|last)\)\s*", re.IGNORECASE)
_TICKS = frozenset("✓✔√☑☒✗vV*+yY")
_LONG_TEXT = frozenset({"pembahasan", "petunjuk", "jika benar", "jika salah"})


@dataclass(slots=True)
class Item:
    """A bullet or numbered item that may turn out to be a pair, a step, an accepted answer or just part of the stem."""

    line: int
    column: int
    marker: str
    text: list[Span]
    raw: list[Span]


@dataclass(slots=True)
class _Reading:
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
    list_key: str = ""
    """`jawaban` or `rubrik` when the items below belong to that setting."""
    answer_items: list[Item] = field(default_factory=list)
    rubric_items: int = 0
    was_blank: bool = False
    answered: bool = False
    """An answer or explanation has been seen, so stray text below is suspicious."""
    reported: int = 0
    """Line that already has its finding."""


def read_question(
    heading: HeadingNode, stem: Span | None, lines: list[Span], source: Source, reporter: Reporter, language: str
) -> QuestionNode:
    """The question below `heading`. `stem` is the text of the heading after its colon."""
    question = QuestionNode(
        file=source.file,
        line=heading.line,
        column=heading.column,
        width=max(len(source.lines[heading.line - 1]) - heading.column + 1, 1),
        level=heading.level,
        id=heading.id,
        id_column=heading.id_column,
    )
    reading = _Reading(question, source, reporter)
    if stem is not None and stem.text:
        reading.pieces += [stem, Span(stem.line, 1, "")]
    for span in lines:
        _read_line(reading, span)
    _apply_settings(reading, language)
    _decide_kind(reading, language)
    return question


def _read_line(reading: _Reading, span: Span) -> None:
    text = span.text
    if not text.strip():
        _read_blank_line(reading, span)
        return
    indent = len(text) - len(text.lstrip())
    in_code = span.line in reading.source.code
    if reading.option is not None and indent >= 2 and not _is_strong_setting(text):
        _continue_option(reading, span, indent, in_code)
    elif reading.item is not None and indent >= 2 and not _is_strong_setting(text):
        reading.item.text.append(_dedented(span, 2 if indent < 4 else 4))
        reading.item.raw.append(span)
    elif in_code:
        _plain(reading, span)
    elif (setting := setting_line(text)) and (indent < 4 or setting[1] in STRONG):
        _read_setting(reading, span, setting[1], setting[2], setting[3])
    elif option := _OPTION.match(text):
        _read_option(reading, span, option)
    elif quote := _QUOTE.match(text):
        _read_quote(reading, span, quote)
    elif item := _ITEM.match(text):
        _read_item(reading, span, item)
    else:
        _plain(reading, span)
    reading.was_blank = False


def _is_strong_setting(text: str) -> bool:
    setting = setting_line(text)
    return setting is not None and setting[1] in STRONG


def _dedented(span: Span, width: int) -> Span:
    cut = min(width, len(span.text) - len(span.text.lstrip()))
    return Span(span.line, span.column + cut, span.text[cut:])


def _read_blank_line(reading: _Reading, span: Span) -> None:
    reading.was_blank = True
    if reading.option is not None:
        (reading.option.feedback if reading.in_feedback else reading.option.text).append(span)
    elif reading.item is not None:
        reading.item.text.append(span)
        reading.item.raw.append(span)
    elif reading.text is None or reading.text is not reading.question.explanation:
        reading.text = None
        reading.pieces.append(span)


def _continue_option(reading: _Reading, span: Span, indent: int, in_code: bool) -> None:
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
        option.text.append(_dedented(span, 2 if indent < 4 else 4))


def _read_setting(reading: _Reading, span: Span, name: str, value: str, column: int) -> None:
    question, value_span = reading.question, Span(span.line, column, value)
    reading.option = reading.item = None
    reading.list_key = ""
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
            "K040", span.line, 1, len(span.text), message=message, help="hapus salah satu; alternatif jawaban dipisah dengan `|`"
        )
    else:
        question.settings[name] = value_span
        if not value and name in ("jawaban", "rubrik"):
            reading.list_key = name
        if name == "jawaban":
            reading.answered = True


def _read_option(reading: _Reading, span: Span, match: re.Match[str]) -> None:
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
    reading.in_feedback, reading.answered, reading.list_key = False, True, ""


def _read_quote(reading: _Reading, span: Span, match: re.Match[str]) -> None:
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
        _stray(reading, content)
    else:
        _plain(reading, span)


def _read_item(reading: _Reading, span: Span, match: re.Match[str]) -> None:
    item = Item(span.line, len(match[1]) + 1, match[2], [Span(span.line, match.start(4) + 1, match[4])], [span])
    if _RULE.match(span.text):
        _plain(reading, span)
    elif reading.list_key == "jawaban":
        reading.answer_items.append(item)
        reading.item = item
    elif reading.list_key == "rubrik":
        reading.rubric_items += 1
        reading.item = item
    elif reading.option is not None or reading.text is reading.question.explanation and not reading.was_blank:
        _stray(reading, span)
    else:
        reading.pieces.append(item)
        reading.item, reading.text = item, None


def _plain(reading: _Reading, span: Span) -> None:
    question = reading.question
    if reading.answered and _RULE.match(span.text):
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
        _stray(reading, span)
    else:
        reading.item = reading.text = None
        reading.pieces.append(span)


def _stray(reading: _Reading, span: Span) -> None:
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


def _apply_settings(reading: _Reading, language: str) -> None:
    question, report = reading.question, reading.reporter.add
    settings = question.settings
    if points := settings.get("poin"):
        question.points = read_points(points, reading.reporter)
    for name in ("acak",):
        if value := settings.get(name):
            question.shuffle = read_yes_no(value.text)
            if question.shuffle is None:
                report(
                    "K044", value.line, value.column, len(value.text) or 1, key="Acak", value=value.text, wanted="ya atau tidak"
                )
    if scoring := settings.get("penilaian"):
        lowered = scoring.text.strip().casefold()
        if lowered not in ("penuh", "full", "sebagian", "partial"):
            report(
                "K044",
                scoring.line,
                scoring.column,
                len(scoring.text) or 1,
                key="Penilaian",
                value=scoring.text,
                wanted="penuh atau sebagian",
            )
        question.all_or_nothing = lowered in ("penuh", "full")
    if match := settings.get("cocok"):
        similar = re.fullmatch(r"(?:mirip|similar)\s+(\d{1,3})\s*%?", match.text.strip(), re.IGNORECASE)
        if match.text.strip().casefold() in ("persis", "exact"):
            question.match = "exact"
        elif similar and 50 <= int(similar[1]) <= 100:
            question.match = f"similar {similar[1]}"
        else:
            report(
                "K044",
                match.line,
                match.column,
                len(match.text) or 1,
                key="Cocok",
                value=match.text,
                wanted="persis, atau mirip 50 sampai mirip 100",
            )
    if tags := settings.get("tag"):
        question.tags = tuple(tag.strip().casefold() for tag in tags.text.split(",") if tag.strip())
    question.module = settings["modul"].text.strip() if "modul" in settings else ""
    question.unit = settings["satuan"].text.strip() if "satuan" in settings else ""


def read_points(span: Span, reporter: Reporter) -> int:
    """Hundredths of a point; 100 with K041 when the text is no positive number."""
    value = parse_number(re.sub(r"\s*(poin|points?)\s*$", "", span.text, flags=re.IGNORECASE))
    if value is None or not 0 < value <= 1000 or int(value * 100) != value * 100:
        reporter.add("K041", span.line, span.column, len(span.text) or 1, value=span.text)
        return 100
    return int(value * 100)


def _decide_kind(reading: _Reading, language: str) -> None:
    question, reporter = reading.question, reading.reporter
    asked: QuestionKind | None = None
    if kind := question.settings.get("jenis"):
        name = " ".join(kind.text.strip().casefold().replace("-", " ").split())
        asked, question.ungraded = KINDS.get(name), UNGRADED.get(name, "")
        if asked is None and not question.ungraded:
            reporter.add("K042", kind.line, kind.column, len(kind.text) or 1, value=kind.text)
    for name, meaning in (("rubrik", "esai"), ("skala", "skala")):
        if name in question.settings and asked is None and not question.ungraded:
            question.ungraded = meaning
    if question.ungraded:
        question.stem = _stem(reading.pieces)
        return
    _take_list_answers(reading, asked)
    question.stem = _stem(reading.pieces)
    _take_answers(reading, asked, language)
    if asked in (None, QuestionKind.CLOZE):
        question.blanks = read_blanks(question.stem, reading.source.code, language, reporter)
    forms = [bool(form) for form in (question.options, question.answers, question.pairs, question.steps, question.blanks)]
    if sum(forms) > 1:
        reporter.add("K043", question.line, question.column, question.width)
    question.kind = asked or _inferred(question)


def _take_list_answers(reading: _Reading, asked: QuestionKind | None) -> None:
    """Pairs and steps leave the candidate stem."""
    question = reading.question
    bullets = [piece for piece in reading.pieces if isinstance(piece, Item) and not piece.marker[0].isdigit()]
    numbered = [piece for piece in reading.pieces if isinstance(piece, Item) and piece.marker[0].isdigit()]
    has_other = question.options or "jawaban" in question.settings
    arrows = [ARROW.search(_masked_item(item)) for item in bullets]
    if asked is QuestionKind.ORDERING:
        question.steps = [StepNode(item.line, item.column, item.text) for item in numbered]
        taken = numbered
    elif asked is QuestionKind.MATCHING or (asked is None and not has_other and bullets and all(arrows)):
        taken = [item for item, arrow in zip(bullets, arrows, strict=True) if arrow]
        for item in taken:
            text = " ".join(span.text.strip() for span in item.text if span.text.strip())
            match = ARROW.search(_masked_item(item))
            assert match is not None
            question.pairs.append(PairNode(item.line, item.column, text[: match.start()].strip(), text[match.end() :].strip()))
    else:
        return
    gone = {id(item) for item in taken}
    last = max((index for index, piece in enumerate(reading.pieces) if id(piece) in gone), default=len(reading.pieces))
    kept = [piece for piece in reading.pieces[:last] if id(piece) not in gone]
    trailing = reading.pieces[last + 1 :]
    reading.pieces[:] = kept
    _stray_below(reading, [span for piece in trailing for span in (piece.raw if isinstance(piece, Item) else [piece])])


def _stray_below(reading: _Reading, lines: list[Span]) -> None:
    """Lines below the last pair or step: an explanation without its word."""
    reading.was_blank, reading.text = True, None
    for span in lines:
        if not span.text.strip() or _RULE.match(span.text):
            reading.was_blank = True
            continue
        _stray(reading, Span(span.line, span.column, re.sub(r"^\s*>\s?", "", span.text)))
        reading.was_blank = False


def _masked_item(item: Item) -> str:
    return mask_code(" ".join(span.text.strip() for span in item.text if span.text.strip()))


def _take_answers(reading: _Reading, asked: QuestionKind | None, language: str) -> None:
    question, reporter = reading.question, reading.reporter
    forced = {QuestionKind.TEXT: "text", QuestionKind.NUMBER: "number"}.get(asked, "") if asked else ""
    if "jawaban" not in question.settings:
        return
    spans = [question.settings["jawaban"], *(span for item in reading.answer_items for span in item.text)]
    for span in spans:
        question.answers += read_answers(span, question.unit, language, reporter, forced)
    if tolerance := question.settings.get("toleransi"):
        apply_tolerance(question, tolerance, language, reporter)


def _inferred(question: QuestionNode) -> QuestionKind | None:
    if question.options:
        texts = frozenset(
            " ".join(span.text for span in option.text).strip().rstrip(".").casefold() for option in question.options
        )
        right = sum(option.is_correct for option in question.options)
        if len(question.options) == 2 and right == 1 and texts in TRUE_FALSE_PAIRS:
            return QuestionKind.TRUE_FALSE
        return QuestionKind.MULTIPLE if right > 1 else QuestionKind.SINGLE
    if question.answers:
        return QuestionKind.NUMBER if all(answer.low for answer in question.answers) else QuestionKind.TEXT
    if question.pairs:
        return QuestionKind.MATCHING
    if question.blanks:
        return QuestionKind.CLOZE
    return None


def _stem(pieces: list[Span | Item]) -> list[Span]:
    lines: list[Span] = []
    for piece in pieces:
        lines += [piece] if isinstance(piece, Span) else piece.raw
    while lines and not lines[-1].text.strip():
        lines.pop()
    while lines and not lines[0].text.strip():
        lines.pop(0)
    return lines
