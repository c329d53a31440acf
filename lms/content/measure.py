"""How long an item takes and how much it weighs. Pure; the checker (K113) and the compiler use the same figures."""

import gzip
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from lms.content.nodes import CourseNode, FileNode, GroupNode, Part, QuestionNode, Span
from lms.content.slugs import plain_text
from lms.content.types import MARKED_BY_PERSON, WITHOUT_KEY

WORDS_PER_MINUTE = 180
MINUTES_PER_QUESTION = Decimal("1.5")
MINUTES_PER_STATEMENT = Decimal("0.5")
"""Of a survey, which asks for no thinking back."""
MINUTES_PER_ESSAY = Decimal(10)
WORDS_WRITTEN_PER_MINUTE = 15
MINUTES_PER_ASSIGNMENT = Decimal(30)
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
    """The questions a group draws from: its own, or its bank's (with its tag)."""
    if group.bank:
        bank = course.banks.get(bank_path(group.bank))
        pool = list(bank.questions()) if bank else []
        return [question for question in pool if not group.tag or group.tag in question.tags]
    return group.questions


def bank_path(written: str) -> str:
    """`bank/x.md` for `bank/x.md`, `bank/x`, `x.md` and `../bank/x.md`."""
    name = written.replace("\\", "/").rpartition("/")[2]
    return f"bank/{name if name.endswith('.md') else name + '.md'}"


def minutes(course: CourseNode, node: FileNode) -> int:
    """Whole minutes for one item, at least 1: reading, listening, and answering the questions that one learner gets. Of an
    assignment the author's `menit:`, or reading its brief and half an hour of work."""
    if node.kind == "tugas" and node.meta.get("menit"):
        return int(node.meta.get("menit"))
    total = node.once("reading", _reading)
    if node.kind == "tugas":
        total += MINUTES_PER_ASSIGNMENT
    else:
        total += sum((_answering(course, part) for part in node.parts), Decimal(0))
    return max(1, int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def is_required(node: FileNode) -> bool:
    """What a learner must finish to complete the course."""
    return node.kind != "evaluasi" and bool(node.meta.get("wajib", node.kind != "latihan"))


def carried_minutes(course: CourseNode) -> int:
    """What the declared JP rest on: everything that must be finished. The pre-test measures, and teaches nothing."""
    return sum(minutes(course, node) for node in course.files if node.kind != "pretest" and is_required(node))


def _reading(node: FileNode) -> Decimal:
    lines = node.text_lines()
    return Decimal(words(lines)) / WORDS_PER_MINUTE + video_minutes(lines)


def _answering(course: CourseNode, part: Part) -> Decimal:
    """Minutes for a question, or for the share of a group that one learner gets."""
    if isinstance(part, GroupNode):
        pool = [_answering(course, question) for question in drawn_questions(course, part)]
        share = Decimal(min(part.pick, len(pool))) / len(pool) if part.pick and pool else 1
        return sum(pool, Decimal(0)) * share
    if not isinstance(part, QuestionNode):
        return Decimal(0)
    if part.kind in WITHOUT_KEY:
        return MINUTES_PER_STATEMENT * max(1, len(part.statements))
    if part.kind in MARKED_BY_PERSON:
        return max(MINUTES_PER_ESSAY, Decimal(part.most_words or part.fewest_words) / WORDS_WRITTEN_PER_MINUTE)
    return MINUTES_PER_QUESTION


def page_bytes(htmls: Iterable[str], picture_bytes: int) -> int:
    """What a phone loads: the compressed page, its frame and its pictures."""
    return len(gzip.compress("".join(htmls).encode(), 6, mtime=0)) + PAGE_FRAME_BYTES + picture_bytes
