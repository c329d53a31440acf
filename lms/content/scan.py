"""The body of a Markdown file: headings, and its division into text, questions and groups."""

import re

from lms.content.keywords import GROUP_DRAW, GROUP_HEADING, QUESTION_HEADING, setting_line
from lms.content.nodes import GroupNode, HeadingNode, Part, QuestionNode, Source, Span, TextNode
from lms.content.problems import Reporter
from lms.content.questions import read_points, read_question
from lms.content.slugs import QUESTION_ID, key_segment
from lms.content.types import WITHOUT_KEY

TEST_KINDS = ("kuis", "pretest", "posttest", "latihan", "evaluasi")
"""Files that consist of questions."""
_ATX = re.compile(r"^ {0,3}(#{1,6})(?!#)(\s*)(.*)$")
_ID = re.compile(r"\{#([^{}]*)\}$")
_LOOKS_LIKE_QUESTION = re.compile(
    r"^\s{0,3}(?:\*\*|__)?(?:(?:Soal|Question|Pertanyaan)\s+|Q\.?\s?)\d+[a-z]?\s*(?:\([^)]*\)\s*)?(?:[:.)]|\*\*|__|$)",
    re.IGNORECASE,
)
_FOREIGN_QUESTION = re.compile(
    r"(?:Q\.?\s?|Pertanyaan\s*|No\.?\s*|Nomor\s*)?\d+[a-z]?[.:) ]|.*\?$|(?:Quiz|Kuis|Question|Pertanyaan)\b", re.IGNORECASE
)
_TICKED = re.compile(r"\[[xX✓✔]\]")
_ANSWER_LINE = re.compile(r"^\s{0,3}(?:[-*+]|\d{1,9}[.)])\s*\[[ xX✓✔]?\](?![(\[])")


def read_headings(source: Source, reporter: Reporter) -> list[HeadingNode]:
    """ATX and setext headings outside code. `##Soal` without its blank is reported (K020) and taken as a heading."""
    headings: list[HeadingNode] = []
    lines = source.lines
    for number in range(source.body_start, len(lines) + 1):
        line = lines[number - 1]
        if number in source.code or not line:
            continue
        match = _ATX.match(line)
        if match and match[3] and not match[2]:
            if QUESTION_HEADING.match(_ID.sub("", match[3])) or GROUP_HEADING.match(_ID.sub("", match[3])) or len(match[1]) > 1:
                reporter.add("K020", number, match.end(1) + 1, 1, better=f"{match[1]} {match[3]}"[:60])
            else:
                reporter.add("K012", number, match.start(1) + 1, len(match[0].strip()), text=match[0].strip().split()[0])
                continue
        if match:
            headings.append(_heading(number, match))
        elif number < len(lines) and re.fullmatch(r" {0,3}(=+|-{2,})\s*", lines[number]) and _may_be_setext(line):
            level = 1 if "=" in lines[number] else 2
            headings.append(HeadingNode(number, 1, level, line.strip(), 1, setext=True))
    return headings


def _heading(number: int, match: re.Match[str]) -> HeadingNode:
    text, column = _without_closing_hashes(match[3]), match.start(3) + 1
    found = _ID.search(text)
    id_text, id_column = "", 0
    if found:
        id_text, id_column = found[1], column + found.start(1)
        text = _without_closing_hashes(text[: found.start()].rstrip())
    return HeadingNode(number, match.start(1) + 1, len(match[1]), text.strip(), column, id_text, id_column)


def _without_closing_hashes(text: str) -> str:
    """`Judul ##` is `Judul`; `C#` stays."""
    bare = text.rstrip("#")
    return bare.rstrip() if bare.endswith(" ") or not bare else text


def _may_be_setext(line: str) -> bool:
    return not re.match(r"^\s*(?:[-*+]\s|\d+[.)]\s|>|\||#|```|~~~|\s{4}|\[\^)", line) and setting_line(line) is None


class Division:
    """Divides one body; keeps the text and the group that are being filled."""

    def __init__(self, source: Source, reporter: Reporter, kind: str, language: str):
        self.source, self.reporter, self.kind, self.language = source, reporter, kind, language
        self.parts: list[Part] = []
        self.group: GroupNode | None = None

    def divide(self, headings: list[HeadingNode]) -> list[Part]:
        """Parts of the body in order. Group questions hang below their group."""
        lines = self.source.lines
        starts = [heading.line for heading in headings] + [len(lines) + 1]
        self._text(self.source.body_start, starts[0])
        index = 0
        while index < len(headings):
            heading = headings[index]
            end_index = index + 1
            if self._is_question(heading, starts[index + 1]):
                while end_index < len(headings) and self._belongs(headings[end_index], heading, starts[end_index + 1]):
                    end_index += 1
                self._question(heading, starts[end_index])
            elif self._is_group(heading):
                self._group(heading)
                self._text(heading.line + 1, starts[end_index])
            else:
                if self.group is not None and heading.level <= self.group.level:
                    self.group = None
                self._foreign_question(heading, starts[end_index])
                self._text(heading.line, starts[end_index])
            index = end_index
        return self.parts

    def _belongs(self, later: HeadingNode, question: HeadingNode, end: int) -> bool:
        return later.level > question.level and not self._is_question(later, end) and not self._is_group(later)

    def _is_group(self, heading: HeadingNode) -> bool:
        """Only tests draw; `## Kelompok: petani` in a lesson is a heading like any other."""
        return self.kind in TEST_KINDS and not heading.setext and GROUP_HEADING.match(heading.text) is not None

    def _is_question(self, heading: HeadingNode, end: int) -> bool:
        """A heading by the grammar; a looser one ("Soal pilihan berikut …"), or one in a brief, only when an answer follows it."""
        if (
            heading.setext
            or self.kind in ("istilah", "readme")
            or not re.match(r"(?:Soal|Question)\b", heading.text, re.IGNORECASE)
        ):
            return False
        if heading.level > 1 and self.kind != "tugas" and QUESTION_HEADING.fullmatch(heading.text):
            return True
        for number in range(heading.line + 1, end):
            line = self.source.lines[number - 1]
            if number not in self.source.code and (
                _ANSWER_LINE.match(line) or (setting_line(line) or (0, ""))[1] in ("jawaban", "jenis")
            ):
                return True
        return False

    def _foreign_question(self, heading: HeadingNode, end: int) -> None:
        """K021: a heading with a ticked list below, which other quiz tools take for a question; in a lesson only when it reads like one."""
        if heading.setext or self.kind in ("istilah", "readme"):
            return
        lines = [self.source.lines[number - 1] for number in range(heading.line + 1, end) if number not in self.source.code]
        boxes = [line for line in lines if _ANSWER_LINE.match(line)]
        is_test = self.kind in (*TEST_KINDS, "bank")
        if len(boxes) > 1 and (is_test or (_TICKED.search("\n".join(boxes)) and _FOREIGN_QUESTION.match(heading.text))):
            message = "judul ini diikuti kotak pilihan, tetapi tidak diawali kata Soal"
            advice = f"bila ini soal, tulis `{'#' * heading.level} Soal: …`"
            width = len(self.source.lines[heading.line - 1]) - heading.column + 1
            self.reporter.add("K021", heading.line, heading.column, width, message=message, advice=advice)

    def _question(self, heading: HeadingNode, end: int) -> None:
        match = QUESTION_HEADING.fullmatch(heading.text)
        stem: Span | None = None
        if match is None:
            rest = re.sub(r"^(?:Soal|Question)\s*", "", heading.text, flags=re.IGNORECASE)
            stem = Span(heading.line, heading.text_column + len(heading.text) - len(rest), rest)
        elif match["stem"]:
            stem = Span(heading.line, heading.text_column + match.start("stem"), match["stem"])
        lines = self._spans(heading.line + 1, end)
        question = read_question(heading, stem, lines, self.source, self.reporter, self.language, self.kind)
        if match and match["points"]:
            points = read_points(Span(heading.line, heading.text_column + match.start("points"), match["points"]), self.reporter)
            if "poin" in question.settings and points != question.points:
                line = question.settings["poin"]
                self.reporter.add(
                    "K041", line.line, line.column, len(line.text) or 1, message="poin ditulis dua kali dengan angka berbeda"
                )
            question.points = points
        if question.kind in WITHOUT_KEY:
            if "poin" in question.settings or (match and match["points"]):
                place = (heading.line, heading.column, question.width)
                self.reporter.add("K086", *place, what="poin pada soal survei", advice="hapus poinnya; survei tidak dinilai")
            question.points = 0
        check_id(question, self.reporter)
        if self.group is not None and heading.level > self.group.level and not self.group.bank:
            self.group.questions.append(question)
        else:
            self.group = None
            self.parts.append(question)

    def _group(self, heading: HeadingNode) -> None:
        name = heading.text.partition(":")[2].strip()
        width = len(self.source.lines[heading.line - 1])
        group = GroupNode(
            self.source.file, heading.line, heading.column, width, heading.level, name, id=heading.id, id_column=heading.id_column
        )
        opening = name.rfind("(")
        if opening >= 0:
            group.name = name[:opening].rstrip()
            draw = GROUP_DRAW.fullmatch(name[opening:])
            if draw:
                group.pick, group.bank, group.tag = int(draw["pick"]), draw["bank"] or "", (draw["tag"] or "").strip().casefold()
            if not group.pick:
                advice = "tulis `(ambil 3)` atau `(ambil 3 dari bank/nama.md tag nama-tag)`"
                self.reporter.add(
                    "K050", heading.line, heading.column, width, message="ambilan kelompok tidak terbaca", help=advice
                )
        check_id(group, self.reporter)
        self.group = group
        self.parts.append(group)

    def _text(self, start: int, end: int) -> None:
        spans = self._spans(start, end)
        if not any(span.text.strip() for span in spans):
            return
        if self.kind in (*TEST_KINDS, "bank"):
            for span in spans:
                if span.line not in self.source.code and _LOOKS_LIKE_QUESTION.match(span.text):
                    self.reporter.add("K021", span.line, 1, len(span.text), advice="awali dengan `## `")
        if self.parts and isinstance(self.parts[-1], TextNode):
            self.parts[-1].lines += spans
        else:
            self.parts.append(TextNode(spans))

    def _spans(self, start: int, end: int) -> list[Span]:
        return [Span(number, 1, self.source.lines[number - 1]) for number in range(start, end)]


def check_id(node: QuestionNode | GroupNode, reporter: Reporter) -> None:
    """K031 for an id outside `[a-z0-9-]{2,40}`; the node goes on without one."""
    if not node.id_column:
        return
    if not QUESTION_ID.fullmatch(node.id):
        better = key_segment("x-" + node.id)[2:42].strip("-")
        better = better if len(better) > 1 else "soal-" + (better or "1")
        reporter.add("K031", node.line, node.id_column, len(node.id) or 1, id=node.id, better="{#" + better + "}")
        node.id = ""
