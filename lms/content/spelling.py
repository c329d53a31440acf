"""K120: words that are probably misspelt. Few and sure rather than many, because a note that is wrong is not read again.

Two sources: misspellings.txt, common ones of Indonesian office language with their right form; and the course itself, in which a
word that stands once and differs by one slip of the hand from a word used often is probably that word. A slip is a letter too
many, one too few, two in the wrong order, or a neighbour on the keyboard, well inside the word: at its ends Indonesian has too
many true pairs (menerima and penerima, perhatian and perhatikan).
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

from lms.content.nodes import CourseNode, FileNode
from lms.content.problems import Reporter
from lms.content.types import Problem

DICTIONARY = "ejaan.txt"
"""At the root of a course: words that are right, one a line."""
OFTEN = 5
SHORTEST = 7
SHORTEST_SWAPPED = 9
"""A neighbouring key is believed only in words this long."""
HEAD, TAIL = 2, 3
"""Letters at both ends that must agree."""
_CLITICS = ("nya", "lah", "kah", "pun")
_WORD = re.compile(r"[a-z]{4,40}")
_NO_PROSE = re.compile(
    r"`[^`\n]*`|\]\([^()\n]*\)|\{#[^{}\n]*\}|https?://\S+|[\w.-]+@[\w.-]+|<[^<>\n]*>|[\w./-]+\.(?:md|png|jpg|pdf|docx|xlsx|csv|mp4)\b"
)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@cache
def _known() -> dict[str, str]:
    rows = (Path(__file__).parent / "misspellings.txt").read_text("utf-8").split("\n")
    return dict(row.split(" ", 1) for row in rows if row)


def check_spelling(course: CourseNode) -> list[Problem]:
    """One note a word and file. Only for courses in Indonesian; a stranger's Markdown may be in any language."""
    if not course.is_course or course.language != "id":
        return []
    accepted = _dictionary(course)
    texts = {node.file: _prose(node) for node in course.all_files()}
    counts: Counter[str] = Counter()
    for text in texts.values():
        counts.update(_WORD.findall(text.lower()))
    wrong = {word: _known()[word] for word in counts.keys() & _known().keys()} | _slips(counts)
    problems: list[Problem] = []
    for node in course.all_files():
        reporter = Reporter(node.file)
        for word in wrong.keys() - accepted:
            if word in texts[node.file] and (match := re.search(rf"(?<![\w-]){word}(?![\w-])", texts[node.file])):
                line = texts[node.file].count("\n", 0, match.start()) + 1
                column = match.start() - texts[node.file].rfind("\n", 0, match.start())
                reporter.add("K120", line, column, len(word), word=word, near=wrong[word])
        problems += reporter.problems
    return problems


def _dictionary(course: CourseNode) -> set[str]:
    if DICTIONARY not in course.known_paths:
        return set()
    try:
        text = (Path(course.root) / DICTIONARY).read_bytes()[:200_000].decode("utf-8", "replace")
    except OSError:
        return set()
    return {line.partition("#")[0].strip().casefold() for line in text.splitlines()}


def _prose(node: FileNode) -> str:
    """The body with code, addresses and file names blanked, every character in its place."""
    source = node.source
    lines = [
        "" if number < source.body_start or number in source.code else line for number, line in enumerate(source.lines, start=1)
    ]
    return _NO_PROSE.sub(lambda match: " " * len(match[0]), "\n".join(lines))


def _slips(counts: Counter[str]) -> dict[str, str]:
    often: dict[tuple[str, str], list[str]] = {}
    for word, count in counts.items():
        if count >= OFTEN and len(word) >= SHORTEST - 1:
            often.setdefault((word[:HEAD], word[-TAIL:]), []).append(word)
    found = {}
    for word, count in counts.items():
        if count == 1 and len(word) >= SHORTEST:
            near = [other for other in often.get((word[:HEAD], word[-TAIL:]), ()) if _is_slip(word, other)]
            if near:
                found[word] = max(near, key=lambda other: counts[other])
    return found


def _is_slip(word: str, right: str) -> bool:
    if word[-3:] == right[-3:] and word[-3:] in _CLITICS:  # tangga+nya and tanggal+nya
        word, right = word[:-3], right[:-3]
    start = 0
    while start < min(len(word), len(right)) and word[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(word), len(right)) - start and word[-1 - end] == right[-1 - end]:
        end += 1
    has, wants = word[start : len(word) - end], right[start : len(right) - end]
    if start < HEAD or end < TAIL:
        return False
    if len(has) == len(wants) == 1:
        return len(word) >= SHORTEST_SWAPPED and any(has + wants in row or wants + has in row for row in _ROWS)
    return len(has) + len(wants) == 1 or (len(has) == 2 and has == wants[::-1])
