"""From the lines below a `Soal` heading to a QuestionNode: question_lines sorts the lines, this module decides the kind."""

import re

from lms.content.answers import ARROW, apply_tolerance, mask_code, read_answers, read_blanks
from lms.content.keywords import KINDS, TRUE_FALSE_PAIRS, UNGRADED
from lms.content.nodes import HeadingNode, PairNode, QuestionNode, Source, Span, StepNode
from lms.content.problems import Reporter
from lms.content.question_lines import OPTION, RULE, Item, Reading, read_line, stray
from lms.content.schemas import read_yes_no
from lms.content.types import QuestionKind
from lms.shared.numbers import parse_number


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
    reading = Reading(question, source, reporter)
    if stem is not None and stem.text:
        reading.pieces += [stem, Span(stem.line, 1, "")]
    reading.last_option = max(
        (span.line for span in lines if OPTION.match(span.text) and span.line not in source.code), default=0
    )
    for span in lines:
        read_line(reading, span)
    _apply_settings(reading, language)
    _decide_kind(reading, language)
    return question


def _apply_settings(reading: Reading, language: str) -> None:
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


def _decide_kind(reading: Reading, language: str) -> None:
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


def _take_list_answers(reading: Reading, asked: QuestionKind | None) -> None:
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


def _stray_below(reading: Reading, lines: list[Span]) -> None:
    """Lines below the last pair or step: an explanation without its word."""
    reading.was_blank, reading.text = True, None
    for span in lines:
        if not span.text.strip() or RULE.match(span.text):
            reading.was_blank = True
            continue
        stray(reading, Span(span.line, span.column, re.sub(r"^\s*>\s?", "", span.text)))
        reading.was_blank = False


def _masked_item(item: Item) -> str:
    return mask_code(" ".join(span.text.strip() for span in item.text if span.text.strip()))


def _take_answers(reading: Reading, asked: QuestionKind | None, language: str) -> None:
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
