"""Where Python-Markdown's inline rules differ from GitHub's in ways that lose or change an author's words: made equal here."""

import html
import re
import string
from typing import Any

from markdown import Markdown
from markdown.inlinepatterns import HtmlInlineProcessor, ImageInlineProcessor, LinkInlineProcessor
from markdown.util import INLINE_PLACEHOLDER_RE

_ATTRIBUTE = r"\s+[a-zA-Z_:][\w.:-]*(?:\s*=\s*(?:[^\s\"'=<>`]+|'[^']*'|\"[^\"]*\"))?"
_TAG = rf"(<(?:[a-zA-Z][a-zA-Z0-9-]*(?:{_ATTRIBUTE})*\s*/?|/[a-zA-Z][a-zA-Z0-9-]*\s*|!--(?:(?!-->)[\s\S])*--)>)"
"""What GitHub takes for a tag. Everything else with a `<` is text: `<nama.instansi>`, `<1 tahun`, `<localhost:8000>`."""
_NEXT_LABEL = re.compile(r"\[([^\]]*)\]")


class References(dict[str, tuple[str, str]]):
    """Link references by their name without marks, the first one of a name: `[`x`][]` finds `[`x`]: …`."""

    def __init__(self, machine: Markdown):
        super().__init__()
        self.machine = machine

    def _plain(self, name: str) -> str:
        stash = getattr(self.machine.treeprocessors["inline"], "stashed_nodes", {})

        def stashed(match: re.Match[str]) -> str:
            node = stash.get(match[1], "")
            return node if isinstance(node, str) else "".join(node.itertext())

        text = html.unescape(INLINE_PLACEHOLDER_RE.sub(stashed, name))
        return " ".join(re.sub(r"[`*_]", "", text).casefold().split())

    def __contains__(self, name: object) -> bool:
        return bool(plain := self._plain(str(name))) and super().__contains__(plain)

    def __getitem__(self, name: str) -> tuple[str, str]:
        return super().__getitem__(self._plain(name))

    def __setitem__(self, name: str, target: tuple[str, str]) -> None:
        self.setdefault(self._plain(name), target)


class _NoBlanks:
    """A link or picture whose address has a blank and no angle brackets around it is none: its words stay."""

    def getLink(self, data: str, index: int) -> tuple[Any, Any, int, bool]:
        href, title, end, handled = super().getLink(data, index)  # type: ignore[misc]
        if handled and re.search(r"\s", href) and not data[index + 1 :].lstrip().startswith("<"):
            return "", None, index, False
        return href, title, end, handled


class _Link(_NoBlanks, LinkInlineProcessor):
    pass


class _Picture(_NoBlanks, ImageInlineProcessor):
    pass


def like_github(machine: Markdown) -> None:
    """Change the inline rules of a Markdown instance in place."""
    machine.references = References(machine)
    machine.ESCAPED_CHARS = list(string.punctuation)
    patterns = machine.inlinePatterns
    patterns.register(HtmlInlineProcessor(_TAG, machine), "html", 90)
    patterns.register(_Link(patterns["link"].pattern, machine), "link", 160)
    patterns.register(_Picture(patterns["image_link"].pattern, machine), "image_link", 150)
    for name in ("reference", "image_reference"):
        setattr(patterns[name], "RE_LINK", _NEXT_LABEL)  # no blank between the two brackets  # noqa: B010
