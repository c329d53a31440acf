"""How long an item takes and how much it weighs. Pure; the checker (K113) and the compiler use the same figures."""

import gzip
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from lms.content.nodes import CourseNode, FileNode, GroupNode, QuestionNode, Span
from lms.content.slugs import plain_text

WORDS_PER_MINUTE = 180
MINUTES_PER_QUESTION = Decimal("1.5")
PAGE_FRAME_BYTES = 4_000
"""The page around a lesson, compressed."""
_DURATION = re.compile(r"\((\d{1,3})(?:[.,](\d))?\s*(?:menit|minutes?|min)\)", re.IGNORECASE)
_VIDEO = re.compile(r"^\s*\[(?:▶|\s*Video|\s*Audio)", re.IGNORECASE)


def words(lines: Iterable[Span]) -> int:
    return sum(len(re.findall(r"[^\W_]+(?:[-'’.,][^\W_]+)*", plain_text(span.text))) for span in lines)


def video_minutes(lines: Iterable[Span]) -> Decimal:
    """Durations written in the link text of videos: `[▶ Video: Sambutan (4 menit)](…)`."""
    total = Decimal(0)
    for span in lines:
        if _VIDEO.match(span.text) and (match := _DURATION.search(span.text)):
            total += Decimal(f"{match[1]}.{match[2] or 0}")
    return total


def drawn_questions(course: CourseNode, group: GroupNode) -> list[QuestionNode]:
    """The questions a group draws from: its own, or its bank's (with its tag). Ungraded ones are left out."""
    if group.bank:
        bank = course.banks.get(bank_path(group.bank))
        pool = list(bank.questions()) if bank else []
        pool = [question for question in pool if not group.tag or group.tag in question.tags]
    else:
        pool = group.questions
    return [question for question in pool if not question.ungraded]


def bank_path(written: str) -> str:
    """`bank/x.md` for `bank/x.md`, `bank/x`, `x.md` and `../bank/x.md`."""
    name = written.replace("\\", "/").rpartition("/")[2]
    return f"bank/{name if name.endswith('.md') else name + '.md'}"


def question_count(course: CourseNode, node: FileNode) -> int:
    """Questions one learner gets in this file."""
    total = 0
    for part in node.parts:
        if isinstance(part, QuestionNode):
            total += not part.ungraded
        elif isinstance(part, GroupNode):
            available = len(drawn_questions(course, part))
            total += min(part.pick, available) if part.pick else available
    return total


def minutes(course: CourseNode, node: FileNode) -> int:
    """Whole minutes for one item, at least 1."""
    lines = node.text_lines()
    total = Decimal(words(lines)) / WORDS_PER_MINUTE + video_minutes(lines) + question_count(course, node) * MINUTES_PER_QUESTION
    return max(1, int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def page_bytes(htmls: Iterable[str], picture_bytes: int) -> int:
    """What a phone loads: the compressed page, its frame and its pictures."""
    return len(gzip.compress("".join(htmls).encode(), 6, mtime=0)) + PAGE_FRAME_BYTES + picture_bytes
