"""Reading the answer of a question: accepted texts, numbers with tolerance, gaps, pairs."""

import re
from decimal import Decimal

from lms.content.nodes import AnswerNode, BlankNode, QuestionNode, Span
from lms.content.problems import Reporter
from lms.shared.numbers import parse_number, spell_number

GAP = re.compile(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
ARROW = re.compile(r"-{1,2}>|–>|→|⇒|=>")
_QUOTED = re.compile(r"""^(?:"(.*)"|“(.*)”|'(.*)')$""")
_NUMERIC = re.compile(
    r"^(?:[-+−–]?\s*)?(?:rp\.?|idr|us\$|\$|€)?\s*[-+−–]?\s*[\d.,][\d.,\s]*(?:,-)?\s*(?P<unit>.*)$", re.IGNORECASE
)
_UNITS = frozenset(
    [
        "%",
        "‰",
        "persen",
        "percent",
        "orang",
        "hari",
        "jam",
        "menit",
        "detik",
        "rupiah",
        "minggu",
        "bulan",
        "tahun",
        "kg",
        "g",
        "gram",
        "km",
        "m",
        "cm",
        "mm",
        "m2",
        "m²",
        "meter",
        "liter",
        "jp",
        "buah",
        "unit",
        "kali",
        "ribu",
        "rb",
        "juta",
        "jt",
        "miliar",
        "milyar",
        "triliun",
        "°c",
    ]
)
_PLUS_MINUS = re.compile(r"±|\+/-|\+-")


def mask_code(text: str) -> str:
    """The text with code spans blanked out, same length."""
    return CODE_SPAN.sub(lambda match: " " * len(match[0]), text)


def split_bar(text: str) -> list[tuple[int, str]]:
    """(offset, part) of the parts between `|`, blanks trimmed; a bar inside quotes does not split."""
    parts, start, quote = [], 0, ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in '"“':
            closing = "”" if character == "“" else '"'
            quote = closing if closing in text[index + 1 :] else ""
        elif character == "|":
            parts.append((start, text[start:index]))
            start = index + 1
    parts.append((start, text[start:]))
    return [(offset + len(part) - len(part.lstrip()), part.strip()) for offset, part in parts]


def read_answers(span: Span, unit: str, language: str, reporter: Reporter, forced: str = "") -> list[AnswerNode]:
    """The alternatives of one `Jawaban:` value. `forced` is "text" or "number" when `Jenis:` says so."""
    answers = []
    for offset, part in split_bar(span.text):
        if part:
            answers.append(read_answer(Span(span.line, span.column + offset, part), unit, language, reporter, forced))
    return answers


def read_answer(span: Span, unit: str, language: str, reporter: Reporter, forced: str = "") -> AnswerNode:
    quoted = _QUOTED.match(span.text)
    if quoted:
        return AnswerNode(
            span.line, span.column, next(part for part in quoted.groups() if part is not None).strip(), is_quoted=True
        )
    bounds = None if forced == "text" else _bounds(span, unit, language, reporter, forced == "number")
    if bounds is None:
        return AnswerNode(span.line, span.column, span.text)
    return AnswerNode(span.line, span.column, span.text, format(bounds[0], "f"), format(bounds[1], "f"))


def _bounds(span: Span, unit: str, language: str, reporter: Reporter, forced: bool) -> tuple[Decimal, Decimal] | None:
    text = span.text
    parts = [part.strip() for part in _PLUS_MINUS.split(text)]
    if len(parts) == 2:
        centre, margin = _number(parts[0], unit, language, forced), _number(parts[1], unit, language, forced)
        if centre is None or margin is None:
            return None
        if "%" in parts[1]:
            reporter.add("K075", span.line, span.column, len(text), value=text)
        _warn_notation(span, language, reporter)
        margin = margin.copy_abs()
        return _exact_add(centre, -margin), _exact_add(centre, margin)
    ends = [end.strip() for end in re.split(r"\.\.\.?", text)]
    if len(ends) == 2 and all(ends):
        low, high = _number(ends[0], unit, language, forced), _number(ends[1], unit, language, forced)
        if low is None or high is None:
            return None
        if low > high:
            reporter.add("K076", span.line, span.column, len(text), value=text)
        _warn_notation(span, language, reporter)
        return min(low, high), max(low, high)
    value = _number(text, unit, language, forced)
    if value is None:
        return None
    _warn_notation(span, language, reporter)
    return value, value


def _exact_add(left: Decimal, right: Decimal) -> Decimal:
    """Sums of numbers of at most 60 characters, exact beyond the default 28 digits."""
    scale = max(0, -int(left.as_tuple().exponent), -int(right.as_tuple().exponent))
    total = int(format(left, "f").replace(".", "") or 0) * 10 ** (scale - _places(left)) + int(
        format(right, "f").replace(".", "") or 0
    ) * 10 ** (scale - _places(right))
    return Decimal(f"{total}E-{scale}") if scale else Decimal(total)


def _places(value: Decimal) -> int:
    return len(format(value, "f").partition(".")[2])


def _number(text: str, unit: str, language: str, forced: bool) -> Decimal | None:
    """The number, unless its words make it a text ("5 Maret" is a date, not 5)."""
    match = _NUMERIC.match(text.strip())
    if match is None:
        return None
    words = match["unit"].strip().casefold().rstrip(".")
    known = words in ("", "-", unit.casefold()) or all(word in _UNITS for word in words.split())
    return parse_number(text, language) if known or forced else None


def _warn_notation(span: Span, language: str, reporter: Reporter) -> None:
    """K070 and K071: a dot that an Indonesian reader could take for the other mark."""
    if language != "id":
        return
    for match in re.finditer(r"(?<![\d.,])\d+\.\d+(?![\d.,])", span.text.replace("..", "  ")):
        whole, fraction = match[0].split(".")
        if len(fraction) == 3 and re.fullmatch(r"[1-9]\d{0,2}", whole):
            if fraction != "000" and "rp" not in span.text.casefold():
                words = spell_number(Decimal(whole + fraction))
                reporter.add("K071", span.line, span.column + match.start(), len(match[0]), value=match[0], words=words)
        else:
            better = match[0].replace(".", ",")
            reporter.add("K070", span.line, span.column + match.start(), len(match[0]), value=match[0], better=better)


def apply_tolerance(question: QuestionNode, span: Span, language: str, reporter: Reporter) -> None:
    """Widen every number of the question by `Toleransi: 0,5` or `Toleransi: 2% relatif`."""
    match = re.fullmatch(r"(?:±\s*)?([\d.,]+)\s*(%|persen)?\s*(relatif|relative)?", span.text.strip(), re.IGNORECASE)
    margin = parse_number(match[1], language) if match else None
    if match is None or margin is None:
        reporter.add(
            "K044", span.line, span.column, len(span.text) or 1, key="Toleransi", value=span.text, wanted="0,5 atau 2% relatif"
        )
        return
    if match[2] and not match[3]:
        reporter.add("K075", span.line, span.column, len(span.text), value=span.text)
        return
    widened = []
    for answer in question.answers:
        if not answer.low:
            widened.append(answer)
            continue
        low, high = Decimal(answer.low), Decimal(answer.high)
        below = low.copy_abs() * margin / 100 if match[3] else margin
        above = high.copy_abs() * margin / 100 if match[3] else margin
        low, high = _exact_add(low, -below), _exact_add(high, above)
        widened.append(AnswerNode(answer.line, answer.column, answer.text, format(low, "f"), format(high, "f")))
    question.answers = widened


def read_blanks(lines: list[Span], code: frozenset[int], language: str, reporter: Reporter) -> list[BlankNode]:
    """The `[[…]]` gaps of a text, in order. Reports an opened gap that is not closed on its line."""
    blanks = []
    for span in lines:
        if span.line in code:
            continue
        masked = mask_code(span.text)
        for match in GAP.finditer(masked):
            inner = span.text[match.start(1) : match.end(1)]
            blanks.append(_read_blank(Span(span.line, span.column + match.start(), inner), language, reporter))
        rest = GAP.sub("", masked)
        if "[[" in rest:
            reporter.add(
                "K069",
                span.line,
                span.column + masked.rfind("[["),
                2,
                message="kurung `[[` tidak ditutup",
                help="tutup dengan `]]` di baris yang sama",
            )
    return blanks


def _read_blank(span: Span, language: str, reporter: Reporter) -> BlankNode:
    width = len(span.text) + 4
    parts = split_bar(span.text)
    starred = [index for index, (_, part) in enumerate(parts) if part.startswith("*") and not part.startswith("**")]
    if not any(part for _, part in parts):
        reporter.add("K069", span.line, span.column, width, message="kurung `[[ ]]` kosong", help="isi jawabannya: `[[2009]]`")
        return BlankNode(span.line, span.column, width)
    if starred:
        choices = tuple(part.lstrip("*").strip() for _, part in parts)
        if len(starred) > 1 or len(choices) < 2 or len({choice.casefold() for choice in choices}) < len(choices):
            advice = "beri satu bintang pada jawaban yang benar dan minimal dua pilihan berbeda: `[[*benar | salah]]`"
            reporter.add("K069", span.line, span.column, width, message="pilihan rumpang tidak jelas", help=advice)
        return BlankNode(span.line, span.column, width, choices=choices, correct=starred[0])
    inner = Span(span.line, span.column + 2, span.text)
    answers = read_answers(inner, "", language, reporter)
    if not all(answer.low for answer in answers):  # one text among numbers makes the gap a text gap
        answers = [AnswerNode(answer.line, answer.column, answer.text, is_quoted=answer.is_quoted) for answer in answers]
    return BlankNode(span.line, span.column, width, answers=tuple(answers))
