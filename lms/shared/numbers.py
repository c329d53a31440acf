"""Reading and saying numbers as Indonesian civil servants type them. Exact decimals, no rounding, no floats.

Indonesian notation: a comma is the decimal mark, a dot before exactly three digits groups thousands (`1.250` = 1250), any other
dot is taken as a decimal mark. English swaps the two. `Rp`, `%` and unit words are stripped; `1,5 juta` means 1500000.
"""

import re
import unicodedata
from decimal import Decimal

LONGEST = 60
"""Characters of a typed number; anything longer is not a number."""

SCALES = {
    "id": {"ribu": 3, "rb": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9, "triliun": 12, "trilyun": 12},
    "en": {"thousand": 3, "million": 6, "billion": 9, "trillion": 12},
}

_CURRENCY = re.compile(r"^(?:rp|idr|usd|us\$|\$|€)\.?\s*", re.IGNORECASE)
_NUMBER = re.compile(r"^(?P<sign>[+-]?)\s*(?P<digits>\d[\d.,' ]*|[.,]\d+)(?P<rest>.*)$", re.DOTALL)
_UNIT = re.compile(r"^(?:[%‰°]|[^\W\d_¹²³]|[./-](?=[^\W\d_])|(?<=[mM])[23²³](?![\d²³])|\.$|\s)*$")
_CENTS_DASH = re.compile(r",(?:-|--|=)$")


def parse_number(text: str, language: str = "id") -> Decimal | None:
    """The exact number in `text`, or None when it cannot be read as exactly one number.

    `language` ("id" or "en") decides which mark is the decimal one. A percentage keeps its face value: `70,8 %` is 70.8.
    """
    if len(text) > LONGEST:
        return None
    cleaned = _plain(text)
    match = _NUMBER.match(_split_currency(cleaned))
    if match is None:
        return None
    digits, rest = match["digits"].rstrip(), match["rest"].strip()
    if digits.endswith((".", ",")):  # the full stop of a sentence, or "1.250.000,-" whose dash went into the rest
        digits = digits[:-1]
    if rest in ("-", "--", "="):
        rest = ""
    if not _UNIT.match(rest):
        return None
    plain = _decimal_digits(digits, language)
    if plain is None:
        return None
    value = Decimal(f"{plain}E{_scale(rest, language)}")  # arithmetic would round to 28 digits
    return value.copy_negate() if match["sign"] == "-" and value else value


def _plain(text: str) -> str:
    """ASCII digits, ordinary blanks and minus signs; superscripts stay as they are, so that 10² is never read as 102."""
    characters = []
    for character in text.strip():
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            characters.append(str(digit))
        elif character in "−–—﹣－":
            characters.append("-")
        elif character.isspace() or character in "\u200b\ufeff":
            characters.append(" ")
        else:
            characters.append(character)
    return "".join(characters).strip()


def _split_currency(text: str) -> str:
    """Without the currency word; a minus before it stays in front ("-Rp5.000")."""
    sign = ""
    if text[:1] in "+-" and text:
        sign, text = text[0], text[1:].lstrip()
    return sign + _CURRENCY.sub("", _CENTS_DASH.sub("", text))


def _decimal_digits(digits: str, language: str) -> str | None:
    """`digits` with a dot as the only mark, or None when the marks contradict each other."""
    decimal, group = (".", ",") if language == "en" else (",", ".")
    digits = digits.replace("'", " ")
    if " " in digits and not re.fullmatch(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?", digits):
        return None
    spaced = " " in digits
    digits = digits.replace(" ", "")
    marks = [character for character in digits if character in ".,"]
    if not marks:
        return digits
    if len(set(marks)) == 2:
        last = marks[-1]
        if marks.count(last) != 1 or not _is_grouped(digits.partition(last)[0], marks[0]):
            return None
        return digits.replace(marks[0], "").replace(last, ".")
    mark = marks[0]
    if _is_grouped(digits, mark) and (mark == group or len(marks) > 1) and not spaced:
        return digits.replace(mark, "")
    if len(marks) == 1:
        whole, _, fraction = digits.partition(mark)
        return f"{whole or '0'}.{fraction}" if mark in (decimal, group) else None
    return None


def _is_grouped(digits: str, mark: str) -> bool:
    """Whether `digits` is a whole number in groups of three: 1.250.000 but not 0.125 and not 1250.000."""
    return re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+", digits) is not None


def _scale(unit: str, language: str) -> int:
    words = unit.casefold().split()
    return SCALES.get(language, SCALES["id"]).get(words[0].rstrip("."), 0) if words else 0


def format_number(value: Decimal, language: str = "id") -> str:
    """`1.250,5` in Indonesian, `1,250.5` in English; trailing zeros of the fraction are dropped."""
    sign, whole, fraction = _parts(value)
    decimal, group = (".", ",") if language == "en" else (",", ".")
    grouped = f"{int(whole):,}".replace(",", group)
    return sign + grouped + (decimal + fraction if fraction else "")


def read_back(value: Decimal, language: str = "id") -> str:
    """How a number was understood: `1.250 (seribu dua ratus lima puluh)`. The caller puts "Terbaca: " before it."""
    words = spell_number(value, language)
    return f"{format_number(value, language)} ({words})" if words else format_number(value, language)


def spell_number(value: Decimal, language: str = "id") -> str:
    """The number in words; "" for 10^18 and more, where words help nobody."""
    sign, whole, fraction = _parts(value)
    if len(whole) > 18:
        return ""
    english = language == "en"
    words = _english(int(whole)) if english else _indonesian(int(whole))
    if fraction:
        units = _ENGLISH_ONES if english else _ONES
        words += (" point " if english else " koma ") + " ".join(units[int(digit)] for digit in fraction)
    return ("minus " if sign else "") + words


def _parts(value: Decimal) -> tuple[str, str, str]:
    """Sign ("" or "-"), whole digits and fraction digits without trailing zeros."""
    whole, _, fraction = format(value.copy_abs(), "f").partition(".")
    fraction = fraction.rstrip("0")
    return ("-" if value < 0 else ""), whole.lstrip("0") or "0", fraction


_ONES = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
_LARGE = ((10**15, "kuadriliun"), (10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"))


def _indonesian(number: int) -> str:
    if number < 12:
        return _ONES[number]
    if number < 20:
        return f"{_ONES[number - 10]} belas"
    if number < 100:
        return f"{_ONES[number // 10]} puluh" + _more(number % 10)
    if number < 1000:
        return ("seratus" if number < 200 else f"{_ONES[number // 100]} ratus") + _more(number % 100)
    if number < 10**6:
        return ("seribu" if number < 2000 else f"{_indonesian(number // 1000)} ribu") + _more(number % 1000)
    size, name = next(pair for pair in _LARGE if number >= pair[0])
    return f"{_indonesian(number // size)} {name}" + _more(number % size)


def _more(rest: int) -> str:
    return f" {_indonesian(rest)}" if rest else ""


_ENGLISH_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH_LARGE = ((10**15, "quadrillion"), (10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))


def _english(number: int) -> str:
    if number < 20:
        return _ENGLISH_ONES[number]
    if number < 100:
        return _ENGLISH_TENS[number // 10] + (f"-{_ENGLISH_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{_ENGLISH_ONES[number // 100]} hundred" + (f" {_english(number % 100)}" if number % 100 else "")
    size, name = next(pair for pair in _ENGLISH_LARGE if number >= pair[0])
    return f"{_english(number // size)} {name}" + (f" {_english(number % size)}" if number % size else "")
