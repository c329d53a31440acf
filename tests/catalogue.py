"""The interface's sentences, gathered from templates and code, and the English catalogue beside them.

    python -m tests.catalogue          brings lms/translations/en.po up to date: new sentences come in empty, gone ones go

In code a sentence is any text with Indonesian words; what an f-string puts in stands as {1}, {2} … in its order.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "lms" / "translations" / "en.po"
SILENT = re.compile(r"cli/|store/|content/(?!plan|editions|uploads|zips|library|actions)|web/studio/snippets|web/demo_accounts")
"""What no page says itself: the command line, what the checker finds in an Indonesian course, texts put into courses."""
WORD = re.compile(r"[A-Za-z][a-z]+(?:-[a-z]+)?")
HOLE = re.compile(r"\{[a-z_]*\}")


def template_sentences() -> dict[str, str]:
    """Sentence → where it stands."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for line, _, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), {"trimmed": "true"}):
                for text in filter(None, message if isinstance(message, tuple) else (message,)):
                    found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return found


def code_sentences(words: frozenset[str]) -> dict[str, str]:
    """Sentence → where it stands, of every module whose words reach a page. `words` tells Indonesian from code."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "lms").rglob("*.py")):
        name = path.relative_to(ROOT / "lms").as_posix()
        if SILENT.match(name):
            continue
        for text, line in _texts(ast.parse(path.read_text(encoding="utf-8"))):
            if is_sentence(text, words):
                found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return found


def is_sentence(text: str, words: frozenset[str]) -> bool:
    plain = HOLE.sub(" ", re.sub(r"\{\d+\}", " ", text)).strip()
    if not plain or "/" in plain.split(" ")[0] or re.search(r"[<>_\\]|\S=|=\S|SELECT|NULL|^\(\?|\*\)", plain):
        return False
    if " " not in text.strip() and re.fullmatch(r"[a-z0-9.:/{}-]+", text.strip()):
        return False  # a single word in small letters is a key or an address, unless something is put in beside it
    return any(word.casefold() in words for word in WORD.findall(plain))


def _texts(tree: ast.AST) -> Iterator[tuple[str, int]]:
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(id(node.value))  # docstrings
        if isinstance(node, ast.JoinedStr):
            inside.update(
                id(part) for part in ast.walk(node) if part is not node and isinstance(part, ast.Constant) and part in node.values
            )
            for spec in (part.format_spec for part in node.values if isinstance(part, ast.FormattedValue) and part.format_spec):
                inside.update(id(part) for part in ast.walk(spec))
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            yield _of_joined(node), node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _numbered(node.value), node.lineno


def _of_joined(node: ast.JoinedStr) -> str:
    parts, hole = [], 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
        else:
            hole += 1
            parts.append(f"{{{hole}}}")
    return "".join(parts)


def _numbered(text: str) -> str:
    """A text for str.format, with its holes numbered."""
    holes = iter(range(1, 100))
    return HOLE.sub(lambda _: f"{{{next(holes)}}}", text) if HOLE.search(text) else text


def vocabulary() -> frozenset[str]:
    """Indonesian words, of the templates and of a shipped course: they tell a sentence of ours from code."""
    english = {
        "pelita",
        "nip",
        "email",
        "id",
        "html",
        "markdown",
        "zip",
        "csv",
        "data",
        "normal",
        "model",
        "format",
        "file",
        "title",
        "status",
        "video",
        "pdf",
        "item",
        "text",
    }
    words = {word.casefold() for text in template_sentences() for word in WORD.findall(text)}
    guide = " ".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "courses" / "pelayanan-publik-ramah").rglob("*.md"))
    )
    usual = {word for word, count in Counter(word.casefold() for word in WORD.findall(guide)).items() if count > 2}
    return frozenset(word for word in words | usual if len(word) > 1) - english


def read() -> Catalog:
    if not PO.exists():
        return Catalog(locale="en")
    with PO.open("rb") as file:
        return pofile.read_po(file, locale="en")


def update() -> int:
    """Write the catalogue anew. Returns how many sentences have no English yet."""
    known = read()
    fresh = Catalog(locale="en", project="Pelita", fuzzy=False)
    for text, place in sorted(
        (template_sentences() | code_sentences(vocabulary())).items(), key=lambda each: (each[1].rpartition(":")[0], each[0])
    ):
        entry = known.get(text)
        fresh.add(text, entry.string if entry else "", locations=[(place.rpartition(":")[0], 0)])
    with PO.open("wb") as file:
        pofile.write_po(file, fresh, width=130, omit_header=True, include_lineno=False)
    return sum(not message.string for message in fresh if message.id)


if __name__ == "__main__":
    print(update(), "sentences have no English yet", file=sys.stderr)
