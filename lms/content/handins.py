"""A `jenis: tugas` file asks one thing: the question made here from its front matter and `Rubrik:`. The rest of the body is the brief."""

import hashlib
import re

from lms.content.nodes import FileNode, QuestionNode, Span, TextNode
from lms.content.problems import Reporter
from lms.content.readers import DEFAULT_BYTES, DEFAULT_ENDINGS
from lms.content.rubrics import cut_rubric, read_rubric
from lms.content.scan import check_id
from lms.content.types import QuestionKind

KINDS = {"berkas": QuestionKind.FILE, "teks": QuestionKind.ESSAY, "tautan": QuestionKind.LINK}
"""`kumpul` -> what the learner gives."""
POINTS = 100 * 100


def add_question(node: FileNode, reporter: Reporter) -> None:
    """Append the question to `node.parts`; the lines of its rubric leave the brief."""
    heading = node.headings[0] if node.headings else None
    line = heading.line if heading else min(node.source.body_start, max(len(node.source.lines), 1))
    kind = KINDS[node.meta.get("kumpul", "berkas")]
    question = QuestionNode(
        file=node.file,
        line=line,
        column=1,
        width=max(len(node.source.lines[line - 1]) if node.source.lines else 1, 1),
        level=1,
        id=heading.id if heading else "",
        id_column=heading.id_column if heading else 0,
        kind=kind,
        points=POINTS,
        stem=[Span(line, 1, node.title)],
    )
    check_id(question, reporter)
    question.id = question.id or question_id(node.key)
    for part in [part for part in node.parts if isinstance(part, TextNode)]:
        opening, rubric, part.lines = cut_rubric(part.lines, node.source.code)
        if opening is not None:
            question.settings["rubrik"] = opening
            question.rubric = read_rubric(opening, rubric, reporter)
            node.headings = [heading for heading in node.headings if heading.line != opening.line]
            break
    if kind is QuestionKind.FILE:
        endings = [ending for group in node.meta.get("berkas", ()) for ending in group]
        question.file_types = tuple(dict.fromkeys(endings)) or DEFAULT_ENDINGS
        question.most_bytes = node.meta.get("maks", DEFAULT_BYTES)
    elif kind is QuestionKind.ESSAY:
        question.fewest_words, question.most_words = node.meta.get("kata", (0, 0))
    node.parts.append(question)


def question_id(item_key: str) -> str:
    """The id of an assignment's question when its first heading carries no `{#id}`: as permanent as the item's key, which
    alone decides it. The digits keep it apart from every id that a person would write."""
    words = re.sub(r"[^a-z0-9]+", "-", item_key)[-29:].strip("-")
    return f"{words}-{hashlib.sha256(item_key.encode()).hexdigest()[:8]}".lstrip("-")
