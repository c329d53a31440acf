"""From the lines below a `Soal` heading to a QuestionNode: question_lines sorts the lines, this module decides the kind."""

import re

from lms.content.answers import ARROW, apply_tolerance, mask_code, read_answers, read_blanks
from lms.content.keywords import KIND_NAMES, KINDS, TRUE_FALSE_PAIRS
from lms.content.nodes import HeadingNode, OptionNode, PairNode, QuestionNode, Source, Span, StepNode
from lms.content.problems import Reporter
from lms.content.question_lines import OPTION, RULE, Item, Reading, read_line, stray
from lms.content.readers import (
    DEFAULT_BYTES,
    DEFAULT_ENDINGS,
    ENDINGS,
    MOST_BYTES,
    read_endings,
    read_scale,
    read_size,
    read_words,
)
from lms.content.rubrics import cut_rubric, read_rubric
from lms.content.schemas import read_yes_no
from lms.content.types import MARKED_BY_PERSON, WITHOUT_KEY, QuestionKind
from lms.shared.numbers import parse_number


def read_question(
    heading: HeadingNode, stem: Span | None, lines: list[Span], source: Source, reporter: Reporter, language: str, file_kind: str
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
    opening, rubric, lines = cut_rubric(lines, source.code)
    if opening is not None:
        question.settings["rubrik"] = opening
        question.rubric = read_rubric(opening, rubric, reporter)
    reading.last_option = max(
        (span.line for span in lines if OPTION.match(span.text) and span.line not in source.code), default=0
    )
    for span in lines:
        read_line(reading, span)
    _apply_settings(reading)
    _decide_kind(reading, language, file_kind == "evaluasi")
    _apply_settings_of_kind(reading)
    return question


def _apply_settings(reading: Reading) -> None:
    question, settings = reading.question, reading.question.settings
    if points := settings.get("poin"):
        question.points = read_points(points, reading.reporter)
    if shuffle := settings.get("acak"):
        question.shuffle = read_yes_no(shuffle.text)
        if question.shuffle is None:
            _unreadable(reading, "acak", "ya atau tidak")
    if scoring := settings.get("penilaian"):
        lowered = scoring.text.strip().casefold()
        if lowered not in ("penuh", "full", "sebagian", "partial"):
            _unreadable(reading, "penilaian", "penuh atau sebagian")
        question.all_or_nothing = lowered in ("penuh", "full")
    if match := settings.get("cocok"):
        similar = re.fullmatch(r"(?:mirip|similar)\s+(\d{1,3})\s*%?", match.text.strip(), re.IGNORECASE)
        if match.text.strip().casefold() in ("persis", "exact"):
            question.match = "exact"
        elif similar and 50 <= int(similar[1]) <= 100:
            question.match = f"similar {similar[1]}"
        else:
            _unreadable(reading, "cocok", "persis, atau mirip 50 sampai mirip 100")
    if tags := settings.get("tag"):
        question.tags = tuple(tag.strip().casefold() for tag in tags.text.split(",") if tag.strip())
    question.module = settings["modul"].text.strip() if "modul" in settings else ""
    question.unit = settings["satuan"].text.strip() if "satuan" in settings else ""


def _unreadable(reading: Reading, name: str, wanted: str) -> None:
    value = reading.question.settings[name]
    width = len(value.text) or 1
    reading.reporter.add("K044", value.line, value.column, width, key=name.capitalize(), value=value.text, wanted=wanted)


def _apply_settings_of_kind(reading: Reading) -> None:
    """`Kata:`, `Berkas:` and `Maks:` mean something for one kind only; elsewhere they are told to have no effect."""
    question, settings = reading.question, reading.question.settings
    kind = question.kind
    if kind is QuestionKind.FILE:
        question.file_types, question.most_bytes = DEFAULT_ENDINGS, DEFAULT_BYTES
    for name, owner in (("kata", QuestionKind.ESSAY), ("berkas", QuestionKind.FILE), ("maks", QuestionKind.FILE)):
        value = settings.get(name)
        if value is not None and kind is not None and kind is not owner:
            what = f"`{name.capitalize()}:` pada soal {KIND_NAMES[kind]}"
            advice = f"hapus barisnya; `{name.capitalize()}:` hanya untuk `Jenis: {KIND_NAMES[owner]}`"
            reading.reporter.add("K086", value.line, 1, value.column + len(value.text), what=what, advice=advice)
        elif value is not None and name == "kata":
            question.fewest_words, question.most_words = read_words(value.text) or (0, 0)
            if not question.fewest_words and not question.most_words:
                _unreadable(reading, name, "misalnya 100-300, maks 300 atau min 100")
        elif value is not None and name == "berkas":
            question.file_types = read_endings(value.text) or ()
            if not question.file_types:
                _unreadable(reading, name, "misalnya pdf, docx; yang dapat diterima: " + ", ".join(ENDINGS))
        elif value is not None:
            question.most_bytes = read_size(value.text) or 0
            if not question.most_bytes:
                _unreadable(reading, name, f"ukuran sampai {MOST_BYTES // 1_000_000} MB, misalnya 10 MB")


def read_points(span: Span, reporter: Reporter) -> int:
    """Hundredths of a point; 100 with K041 when the text is no positive number."""
    value = parse_number(re.sub(r"\s*(poin|points?)\s*$", "", span.text, flags=re.IGNORECASE))
    if value is None or not 0 < value <= 1000 or int(value * 100) != value * 100:
        reporter.add("K041", span.line, span.column, len(span.text) or 1, value=span.text)
        return 100
    return int(value * 100)


def _decide_kind(reading: Reading, language: str, in_survey: bool) -> None:
    question, reporter = reading.question, reading.reporter
    settings = question.settings
    asked: QuestionKind | None = None
    if kind := settings.get("jenis"):
        asked = KINDS.get(" ".join(kind.text.strip().casefold().replace("-", " ").split()))
        if asked is None:
            reporter.add("K042", kind.line, kind.column, len(kind.text) or 1, value=kind.text)
    elif "skala" in settings:
        asked = QuestionKind.SCALE
    elif "rubrik" in settings and not question.options and "jawaban" not in settings:
        asked = QuestionKind.ESSAY
    _take_list_answers(reading, asked)
    question.stem = _stem(reading.pieces)
    _take_answers(reading, asked, language)
    if asked in (None, QuestionKind.CLOZE):
        question.blanks = read_blanks(question.stem, reading.source.code, language, reporter)
    question.kind = asked or _inferred(question)
    if in_survey and (question.kind is None or asked is None and _is_unticked(question)):
        question.kind = QuestionKind.OPEN
    if question.kind in WITHOUT_KEY:
        _take_survey(reading)
    forms = (
        question.options and question.kind is not QuestionKind.POLL, question.answers, question.pairs, question.steps, question.blanks,
        question.kind in MARKED_BY_PERSON or "rubrik" in settings, question.kind in WITHOUT_KEY,
    )  # fmt: skip
    if sum(map(bool, forms)) > 1:
        is_marked = question.kind in MARKED_BY_PERSON
        advice = {"help": "tulis contoh jawaban untuk penilai sebagai `Pembahasan: …`"} if is_marked else {}
        reporter.add("K043", question.line, question.column, question.width, **advice)


def _is_unticked(question: QuestionNode) -> bool:
    """A task list without a right answer: in a survey file simply the options."""
    return question.kind is QuestionKind.SINGLE and not any(option.is_correct for option in question.options)


def _take_survey(reading: Reading) -> None:
    """Bullets, or else a numbered list, become the options of a poll or the statements of a scale."""
    question, report = reading.question, reading.reporter.add
    for option in (option for option in question.options if option.is_correct):
        message, advice = "soal survei tidak punya jawaban benar", "hapus tanda x di kotaknya"
        report("K084", option.line, option.column, message=message, help=advice)
    items = [piece for piece in reading.pieces if isinstance(piece, Item)]
    bullets = [item for item in items if not item.marker[0].isdigit()] or items
    if not question.options:
        question.options = [OptionNode(item.line, item.column, False, item.text) for item in bullets]
        reading.pieces[:] = [piece for piece in reading.pieces if not any(piece is item for item in bullets)]
        question.stem = _stem(reading.pieces)
    if question.kind is QuestionKind.SCALE:
        question.statements = [StepNode(option.line, option.column, option.text) for option in question.options]
        question.options = []
        _read_scale(reading)
    else:
        question.kind = QuestionKind.POLL if question.options else QuestionKind.OPEN
        question.shuffle = bool(
            question.shuffle
        )  # "sangat puas … tidak puas" is an order: a quiz that shuffles must not touch it


def _read_scale(reading: Reading) -> None:
    question = reading.question
    value = question.settings.get("skala")
    if value is None:
        message, advice = "soal skala tanpa `Skala:`", "tulis misalnya `Skala: 1-5 Sangat tidak setuju – Sangat setuju`"
        reading.reporter.add("K060", question.line, question.column, question.width, message=message, help=advice)
        return
    question.scale = read_scale(value.text)
    if question.scale is None:
        _unreadable(
            reading,
            "skala",
            "misalnya 1-5 Sangat tidak setuju – Sangat setuju, atau satu label tiap angka: 1-3 Kurang | Cukup | Baik",
        )


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
