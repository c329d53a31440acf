"""The interface in another language. Indonesian sentences are the message ids, in templates and code alike; lms/translations/en.po
holds the English ones. The domain speaks Indonesian and knows nothing of this: what it says is translated where a page prints it.

A sentence that code puts together stands in the catalogue with {1}, {2} … for what was put in; it is found by its fixed words.
Titles, names and texts of courses are data and stay as they are.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.pofile import read_po
from flask import Flask, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

INDONESIAN, ENGLISH = "id", "en"
NAMES = {INDONESIAN: "Bahasa Indonesia", ENGLISH: "English"}
COOKIE = "bahasa"
CATALOGUE = Path(__file__).parents[1] / "translations" / "en.po"

_current: ContextVar[str] = ContextVar("language", default=INDONESIAN)
_HOLE = re.compile(r"\{(\d+)\}")
_WORDS = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)?")
_FIGURE = r"((?:\d{1,2} \w+ \d{4}(?: (?:at|pukul) )?)?[\d.,:/%+–-]*(?: WI[TB]A?)?)"
_ANYTHING = r"(.*?)"
_JOINTS = re.compile(r"( · |(?<=[.!?%]) |\n)")
_MONTHS = {str(format_date(date(2026, month, 1), "MMMM", locale=INDONESIAN)): month for month in range(1, 13)}
_DATE = re.compile(rf"((?:\d{{1,2}} )?)({'|'.join(_MONTHS)})( \d{{4}})")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One sentence with holes. One with a single word of its own takes figures and dates only, so that it never catches a title."""

    match: re.Pattern[str]
    holes: tuple[int, ...]
    english: str

    def apply(self, text: str) -> str | None:
        found = self.match.fullmatch(text)
        if found is None:
            return None
        values = dict(zip(self.holes, found.groups(), strict=True))
        return _HOLE.sub(lambda hole: english(values[int(hole[1])]), self.english)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    whole: dict[str, str]
    patterns: tuple[_Pattern, ...]


def current() -> str:
    """Code of the language of this request; Indonesian everywhere else."""
    return _current.get()


def use(code: str) -> None:
    """The language from here on; an unknown one is Indonesian."""
    _current.set(code if code in NAMES else INDONESIAN)


def translate(text: str) -> str:
    """The sentence in the language of the request, itself where there is none."""
    return text if _current.get() == INDONESIAN else english(text)


@lru_cache(maxsize=20_000)
def english(text: str) -> str:
    """Whole, by a pattern, or piece by piece where several sentences or labels stand together."""
    catalogue = _catalogue()
    if text in catalogue.whole:
        return catalogue.whole[text]
    if text[:1].isupper() and (small := text[0].lower() + text[1:]) in catalogue.whole:
        told = catalogue.whole[small]
        return told[:1].upper() + told[1:]
    if dated := _DATE.fullmatch(text):
        month = format_date(date(2026, _MONTHS[dated[2]], 1), "MMMM", locale=ENGLISH)
        return f"{dated[1]}{month}{dated[3]}"
    for pattern in catalogue.patterns:
        found = pattern.apply(text)
        if found is not None:
            return found
    pieces = _JOINTS.split(text)
    if len(pieces) > 1:
        return "".join(piece if number % 2 else english(piece) for number, piece in enumerate(pieces))
    stripped = text.strip()
    return text.replace(stripped, english(stripped)) if stripped and stripped != text else text


@lru_cache(maxsize=1)
def _catalogue() -> _Catalogue:
    with CATALOGUE.open("rb") as file:
        messages = read_po(file, locale=ENGLISH)
    pairs = [(str(each.id), str(each.string)) for each in messages if each.id and each.string]
    patterns = sorted((pair for pair in pairs if _HOLE.search(pair[0])), key=lambda pair: (-len(pair[0]), pair[0]))
    whole = {text.strip(" ·\n"): told.strip(" ·\n") for text, told in pairs} | dict(pairs)
    return _Catalogue(whole, tuple(_pattern(*pair) for pair in patterns))


def _pattern(indonesian: str, told: str) -> _Pattern:
    parts = _HOLE.split(indonesian)
    hole = _ANYTHING if len(_WORDS.findall(" ".join(parts[::2]))) > 1 else _FIGURE
    expression = "".join(hole if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return _Pattern(re.compile(expression, re.DOTALL), tuple(int(part) for part in parts[1::2]), told)


@pass_context
def gettext(context: Context, text: str, /, **values: Any) -> str:
    """`_("…%(name)s…", name=…)` and `trans` of the templates; what is put in is translated too, where it is ours."""
    told = Markup(translate(text)) if context.eval_ctx.autoescape else translate(text)
    return told % {name: spoken(context, value) for name, value in values.items()}


@pass_context  # so that no constant is translated once and for all when the template is compiled
def spoken(context: Context, value: Any) -> Any:
    """What a template prints: our own sentences in the language of the request. Markup is finished already."""
    return english(value) if type(value) is str and _current.get() != INDONESIAN else value


def register(app: Flask) -> None:
    """Before anything else of a request: which language the browser asked for with its cookie."""
    app.before_request(_choose)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["gettext"] = gettext
    app.context_processor(lambda: {"language": current()})


def _choose() -> None:
    use(request.cookies.get(COOKIE, INDONESIAN))
