"""Markdown to sanitised HTML with our own markup. Pure; runs in the child process of worker.py, never on learners' text.

Order: list layout, Python-Markdown with the constant below, nh3 with the allow-list below, then markup by us (callouts, table
frames, highlighted code, formulas). Links and media are resolved afterwards, by pages.py, because they need the course.
"""

import html
import re
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown import Markdown
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from lms.content.allowlist import ATTRIBUTES, CALLOUTS, CLASSES, SCHEMES, TAGS
from lms.content.blocks import lay_out, put_back
from lms.content.inline import like_github
from lms.content.math import formula
from lms.content.slugs import heading_slug, unique
from lms.content.worker import Fragment

ANCHOR = "b-"
"""Prefix of heading anchors: authors' words can never become an id that a script or form listens to."""

EXTENSIONS = (
    "tables", "footnotes", "def_list", "abbr", "sane_lists", "toc", "pymdownx.quotes",
    "pymdownx.tasklist", "pymdownx.saneheaders", "pymdownx.betterem", "pymdownx.tilde", "pymdownx.magiclink",
)  # fmt: skip
_PLAIN = re.compile(r"^(?!\s|[-+#>:=|]|\d+[.)]\s)[^\\`*_\[\]<>&!~|^$@{}\n\ue0f0\ue0f1]+$")
_ALIGNED = re.compile(r"<(t[dh]) align=\"(\w+)\">")
"""Columns set to the right hold numbers; the style sheet has classes for those and for the middle."""
_EMPTY_HEAD = re.compile(r"<th( class=\"\w+\")?></th>")
_MAY_LINK = re.compile(r"://|www\.|mailto:|ftp:", re.IGNORECASE)


class Slugger:
    """The toc extension's slugify, with GitHub's numbering of equal headings; reset for every page."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def __call__(self, text: str, separator: str = "-") -> str:
        return ANCHOR + unique(heading_slug(html.unescape(text)), self.seen)


class Renderer:
    """One set of settings (glossary, formulas); reuses a Markdown instance. Not for sharing between threads."""

    def __init__(self, glossary: dict[str, str] | None = None, math: bool = False):
        self.slugger = Slugger()
        self.notes: list[str] = []
        self.glossary = glossary or {}
        extensions = [*EXTENSIONS, *(["pymdownx.arithmatex"] if math else [])]
        self.settings: dict[str, dict[str, Any]] = {
            "tables": {"use_align_attribute": True},
            "footnotes": {"BACKLINK_TITLE": "Kembali ke rujukan %d", "SEPARATOR": "-"},
            "toc": {"slugify": self.slugger, "permalink": False, "toc_depth": "2-4", "marker": ""},
            "abbr": {"glossary": {}},
            "pymdownx.quotes": {"callouts": True},
            "pymdownx.tasklist": {"custom_checkbox": False},
            "pymdownx.tilde": {"subscript": False},
            "pymdownx.magiclink": {"hide_protocol": True},
            **({"pymdownx.arithmatex": {"generic": True}} if math else {}),
        }
        self.page = Markdown(extensions=extensions, extension_configs=self.settings | {"abbr": {"glossary": self.glossary}})
        self.fragment = Markdown(extensions=extensions, extension_configs=self.settings)
        for machine in (self.page, self.fragment):
            machine.preprocessors.deregister("html_block")  # blocks.py keeps raw HTML and code back
            machine.parser.blockprocessors.deregister("code")
            like_github(machine)

    def render(self, fragment: Fragment) -> str:
        """Sanitised, dressed HTML of one fragment."""
        if fragment.mode != "page" and (simple := plain_paragraph(fragment.text)) is not None:
            return simple if fragment.mode == "block" else simple.removeprefix("<p>").removesuffix("</p>")
        machine = self.page if fragment.mode == "page" else self.fragment
        machine.reset()
        self.slugger.seen = {}
        lines, kept = lay_out(fragment.text.split("\n"))
        raw = put_back(machine.convert("\n".join(lines)), kept)
        clean = sanitise(raw, ids=fragment.mode == "page")
        dressed = self._dress(clean)
        if fragment.mode == "inline" and dressed.startswith("<p>") and dressed.endswith("</p>") and dressed.count("<p>") == 1:
            return dressed[3:-4]
        return dressed

    def _dress(self, text: str) -> str:
        text = _callouts(text)
        text = _tables(text)
        text = re.sub(
            r'<pre><code(?: class="language-([\w+#.-]{1,40})")?>(.*?)</code></pre>', _highlighted, text, flags=re.DOTALL
        )
        return re.sub(r'<(span|div) class="arithmatex">(.*?)</\1>', self._formula, text, flags=re.DOTALL)

    def _formula(self, match: re.Match[str]) -> str:
        source = html.unescape(re.sub(r"<[^>]*>", "", match[2])).strip()
        source = source.removeprefix("\\(").removesuffix("\\)").removeprefix("\\[").removesuffix("\\]").strip()
        made, unknown = formula(source, is_block=match[1] == "div")
        self.notes += unknown
        return made


def plain_paragraph(text: str) -> str | None:
    """HTML of text that holds no Markdown at all, at a hundredth of the cost; None when Python-Markdown must look at it."""
    stripped = text.strip("\n")
    if not stripped or _MAY_LINK.search(stripped) or stripped != stripped.strip() or "  \n" in stripped:
        return "" if not stripped.strip() else None
    paragraphs = re.split(r"\n\n+", stripped)
    for paragraph in paragraphs:
        if not all(_PLAIN.match(line) for line in paragraph.split("\n")):
            return None
    return "\n".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)


def sanitise(text: str, ids: bool = True) -> str:
    """nh3 with the allow-list above. Idempotent. `ids=False` drops every id (fragments share a page)."""

    def keep(tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return value if ids and value.startswith((ANCHOR, "fn")) else None
        if tag == "input" and name == "type":
            return value if value == "checkbox" else None
        if tag == "code" and name == "class":
            return value if re.fullmatch(r"language-[\w+#.-]{1,40}", value) else None
        if name in ("width", "height", "start"):
            return value if re.fullmatch(r"\d{1,5}", value) else None
        if name in ("href", "src"):
            return value if is_safe_address(value) else None
        return value

    cleaned = nh3.clean(
        text,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=keep,
        allowed_classes={tag: set(names) for tag, names in CLASSES.items()},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    # A box nobody can untick must not look like a form field: only the ticked or empty, disabled one stays.
    return re.sub(r"<input(?![^>]*\btype=\"checkbox\")[^>]*>|<input(?![^>]*\bdisabled)[^>]*>", "", cleaned)


def is_safe_address(value: str) -> bool:
    """A relative address or one of SCHEMES, after browsers' own trimming of control characters and blanks."""
    squeezed = re.sub(r"[\x00-\x20\x7f-\x9f]", "", value)
    try:
        scheme = urlsplit(squeezed).scheme
    except ValueError:
        return False
    return not scheme or scheme.casefold() in SCHEMES


def _callouts(text: str) -> str:
    def opening(match: re.Match[str]) -> str:
        names = match[1].split()
        css, label = next((CALLOUTS[name] for name in names if name in CALLOUTS), ("catatan", ""))
        title = match[2].strip()
        plain = re.sub(r"<[^>]*>", "", title).strip().casefold()
        if not plain or plain in CALLOUTS:
            title = label or CALLOUTS.get(plain, ("", "Catatan"))[1]
        return f'<div class="{css}">\n<p class="jdl">{title}</p>'

    text = re.sub(r'<div class="(admonition[\w ]*)">\s*<p class="admonition-title">(.*?)</p>', opening, text, flags=re.DOTALL)
    text = re.sub(r'<div class="admonition[\w ]*">', '<div class="catatan">\n<p class="jdl">Catatan</p>', text)
    return text.replace(' class="admonition-title"', "")


def _tables(text: str) -> str:
    """Every outer table in a frame that scrolls sideways and takes the keyboard focus."""
    pieces = re.split(r"(</?table>)", text)
    depth, made, number = 0, [], 0
    for piece in pieces:
        if piece == "<table>":
            depth += 1
            if depth == 1:
                number += 1
                made.append(f'<div class="gulir" tabindex="0" role="region" aria-label="Tabel {number}">')
            made.append(piece)
        elif piece == "</table>":
            made.append(piece)
            if depth == 1:
                made.append("</div>")
            depth -= 1
        else:
            made.append(piece)
    text = _ALIGNED.sub(_aligned, "".join(made))
    text = _EMPTY_HEAD.sub(r"<td\1></td>", text)
    return text.replace("<th>", '<th scope="col">').replace("<th class=", '<th scope="col" class=')


def _aligned(match: re.Match[str]) -> str:
    css = {"right": "angka", "center": "tengah"}.get(match[2])
    return f'<{match[1]} class="{css}">' if css else f"<{match[1]}>"


def _highlighted(match: re.Match[str]) -> str:
    language, code = match[1], html.unescape(match[2])
    if not language:
        return f"<pre><code>{match[2]}</code></pre>"
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return f"<pre><code>{match[2]}</code></pre>"
    body = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="kode"><code>{body}</code></pre>'
