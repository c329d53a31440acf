"""A LoadedCourse without errors to a CompiledCourse: everything an edition stores. Renders in the killable child.

A page holds no first-level heading: the title stands in `Item.title`, and the page around prints it.
"""

import contextlib
import hashlib
import html
import re
from dataclasses import dataclass, field, replace

from lms.content import measure
from lms.content.compile_questions import GapLost, compile_question, fragments, joined, normalised, sort_text
from lms.content.compile_quiz import DEFAULT_PASS_MARK, default_completion, quiz_rules
from lms.content.glossary import read_glossary
from lms.content.links import title_heading
from lms.content.nodes import CourseNode, FileNode, LoadedCourse, QuestionNode, TextNode
from lms.content.pages import Dresser, MediaStore
from lms.content.problems import Reporter
from lms.content.source import GAP_CLOSE, GAP_OPEN, LARGEST_FILE, decode
from lms.content.types import (
    CompiledCourse,
    CompiledQuestion,
    CompletionPart,
    DoneWhen,
    Item,
    ItemKind,
    Level,
    MediaFile,
    Module,
    Outline,
    Page,
    PagePart,
    Problem,
)
from lms.content.worker import Fragment, Rendered, Worker
from lms.errors import Invalid

KINDS = {
    "pelajaran": ItemKind.LESSON,
    "kuis": ItemKind.QUIZ,
    "pretest": ItemKind.PRETEST,
    "posttest": ItemKind.POSTTEST,
    "latihan": ItemKind.PRACTICE,
    "tugas": ItemKind.ASSIGNMENT,
    "evaluasi": ItemKind.SURVEY,
}
_TOKEN = re.compile(f"<p>{GAP_OPEN}(\\d+){GAP_CLOSE}</p>|{GAP_OPEN}(\\d+){GAP_CLOSE}")


class CannotCompile(Invalid):
    """The course holds errors that only rendering could find. `problems` names each with its place."""

    def __init__(self, problems: list[Problem]):
        self.problems = sorted(problems)
        super().__init__(f"Pelatihan ini belum dapat diolah: ada {len(problems)} galat. Tidak ada yang berubah bagi peserta.")


@dataclass(slots=True)
class _FileHtml:
    page: str
    questions: dict[str, list[str]]


@dataclass(slots=True)
class Cache:
    """What a preview keeps between two compilations of the same folder, the child process included. Not for sharing between threads;
    call `close` at the end."""

    rendered: dict[str, Rendered] = field(default_factory=dict)
    media: dict[tuple[str, int, int], MediaFile] = field(default_factory=dict)
    worker: Worker | None = None

    def worker_for(self, glossary: dict[str, str], math: bool) -> Worker:
        """The running child, or a new one when the glossary or the use of formulas has changed."""
        if self.worker is None or self.worker.settings != {"glossary": glossary, "math": math}:
            self.close()
            self.worker = Worker(glossary, math, self.rendered)
        return self.worker

    def close(self) -> None:
        if self.worker is not None:
            self.worker.close()


def compile_course(loaded: LoadedCourse, cache: Cache | None = None) -> CompiledCourse:
    """The compiled course. `loaded` must have passed `check_course` without errors. Raises CannotCompile for what rendering finds."""
    kept = cache or Cache()
    try:
        return Compiler(loaded.course, kept).compile()
    finally:
        if cache is None:
            kept.close()


def render_warnings(loaded: LoadedCourse) -> list[Problem]:
    """What only rendering can find (K019, K106, K108): the checker's second, slower look. Never raises for content."""
    cache = Cache()
    compiler = Compiler(loaded.course, cache)
    with contextlib.suppress(CannotCompile):
        compiler.compile()
    cache.close()
    return sorted(compiler.problems)


class Compiler:
    """Renders the files of one course. `pages`, `questions` and `problems` grow with every item; `compile` does all of them."""

    def __init__(self, course: CourseNode, cache: Cache):
        self.course = course
        self.store = MediaStore(course, cache.media)
        self.problems: list[Problem] = []
        self.questions: dict[str, CompiledQuestion] = {}
        self.pages: dict[str, Page] = {}
        self.worker = cache.worker_for(read_glossary(course.glossary), bool(course.meta.get("rumus")))

    def compile(self) -> CompiledCourse:
        course = self.course
        items = []
        ensure_ids(course)
        for bank in course.banks.values():
            self.file(bank)
        for node in course.files:
            if node.kind in KINDS and not node.meta.get("sembunyi"):
                items.append(self.item(node))
        modules = tuple(
            Module(module.key, module.title, self._plain_page(module.readme))
            for module in course.modules
            if any(item.module_key == module.key for item in items)
        )
        landing = self._plain_page(course.readme)
        self._drop_unused_bank_questions(items)
        if any(problem.level is Level.ERROR for problem in self.problems):
            raise CannotCompile([problem for problem in self.problems if problem.level is Level.ERROR])
        return CompiledCourse(self._outline(items, modules, landing), self.pages, self.questions, self.store.all())

    def _drop_unused_bank_questions(self, items: list[Item]) -> None:
        used = {id for item in items for id in item.question_ids}
        used |= {id for item in items if item.quiz for draw in item.quiz.draws for id in draw.question_ids}
        self.questions = {id: question for id, question in self.questions.items() if id in used}

    def file(self, node: FileNode) -> tuple[str, Dresser]:
        """Render one file within one file's limits: its page, and its questions into `self.questions`."""
        reporter = Reporter(node.file)
        dresser = Dresser(self.course, node, self.store, reporter, self._transcript)
        questions = [question for question in node.questions() if question.kind is not None]
        batches = [fragments(question, node.source.code) for question in questions]
        page = Fragment(_page_markdown(node), "page")
        made = self.worker.render([page, *(fragment for batch in batches for fragment in batch)])
        text = ""
        if made.failure:
            report_failure(node, reporter, made.failure)
        else:
            text = dresser.dress(made.html[0])
            position = 1
            for question, batch in zip(questions, batches, strict=True):
                htmls = [dresser.dress(part) for part in made.html[position : position + len(batch)]]
                position += len(batch)
                self._question(node, question, htmls, reporter)
        for macro in dict.fromkeys(made.notes):
            line = next((number for number, line in enumerate(node.source.lines, start=1) if macro in line), 1)
            reporter.add("K108", line, macro=macro)
        self.problems += reporter.problems
        return text, dresser

    def _question(self, node: FileNode, question: QuestionNode, htmls: list[str], reporter: Reporter) -> None:
        if node.kind == "tugas":  # its stem is the title as it stands, whatever Markdown would make of it
            htmls[0] = f"<p>{html.escape(node.title, quote=False)}</p>"
        try:
            made = compile_question(question, htmls, node.module_key, self.course.language)
            brief = sort_text(joined(node.text_lines())) if node.kind == "tugas" else ""
            self.questions[question.id] = replace(made, text=f"{made.text} | {brief}") if brief else made
        except GapLost:
            message, advice = "kurung `[[…]]` berada di dalam tautan atau gambar", "pindahkan `[[…]]` ke kalimat biasa"
            reporter.add("K069", question.line, question.column, question.width, message=message, help=advice)

    def _transcript(self, path: str) -> str:
        """HTML of a transcript, its headings below those of any page."""
        try:
            with open(f"{self.course.root}/{path}", "rb") as stream:
                text = decode(stream.read(LARGEST_FILE), Reporter(path))
        except OSError:
            return ""
        made = self.worker.render([Fragment("\n".join(text.splitlines()), "block")])
        return re.sub(r"<(/?)h[1-3]>", r"<\1h4>", made.html[0]) if not made.failure else ""

    def _plain_page(self, node: FileNode | None) -> str:
        return self.file(node)[0] if node is not None else ""

    def item(self, node: FileNode) -> Item:
        text, dresser = self.file(node)
        numbered = [part.id if part.kind else "" for part in node.parts if isinstance(part, QuestionNode)]
        parts = _split(text, numbered)
        headings = tuple(
            (anchor, _text(title).strip()) for anchor, title in re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', text, re.DOTALL)
        )
        if parts or node.kind in ("pelajaran", "tugas"):
            self.pages[node.key] = Page(parts, headings, _text("\n".join(part.html for part in parts)).strip())
        pictures = sum(len(media.content) for media in dresser.used.values() if media.mime.startswith("image/"))
        is_lesson = node.kind == "pelajaran"
        done = node.meta.get("selesai-bila", "marked")
        return Item(
            key=node.key,
            kind=KINDS[node.kind],
            title=node.title,
            minutes=measure.minutes(self.course, node),
            module_key=node.module_key,
            required=measure.is_required(node),
            size_bytes=measure.page_bytes((part.html for part in parts), pictures),
            objectives=tuple(node.meta.get("tujuan", ())),
            done_when=DoneWhen(done) if done in ("read", "correct", "marked") else DoneWhen.MARKED,
            question_ids=tuple(id for id in numbered if id) if is_lesson else (),
            prerequisites=tuple(node.meta.get("prasyarat", ())),
            attachments=tuple(dresser.attachments),
            quiz=None if is_lesson else quiz_rules(self.course, node, self.questions),
        )

    def _outline(self, items: list[Item], modules: tuple[Module, ...], landing: str) -> Outline:
        meta = self.course.meta
        total = sum(item.minutes for item in items if item.kind is not ItemKind.PRETEST)
        wanted = meta.get("lulus-bila", default_completion(items))
        return Outline(
            key=self.course.code,
            title=meta.get("judul") or (self.course.readme.title if self.course.readme else self.course.code),
            summary=meta.get("ringkasan", ""),
            jp=meta.get("jp", 0),
            minutes=meta.get("menit") or total,
            modules=modules,
            items=tuple(items),
            landing=landing,
            language=self.course.language,
            version=meta.get("versi", ""),
            organizer=meta.get("penyelenggara", ""),
            authors=tuple(meta.get("penulis", ())),
            audience=meta.get("sasaran", ""),
            prerequisites=tuple(meta.get("prasyarat", ())),
            in_order=meta.get("urut", False),
            pass_mark=meta.get("nilai-lulus", DEFAULT_PASS_MARK),
            weights={name: value // 100 for name, value in (meta.get("bobot") or {}).items()},
            completion=tuple(dict.fromkeys(CompletionPart(part) for part in wanted)),
            certificate=meta.get("sertifikat", True),
            test_out_mark=meta.get("uji-lewati", 0),
            learning_form=meta.get("bentuk", 16),
            competencies=tuple(meta.get("kompetensi", ())),
            tags=tuple(meta.get("tag", ())),
            reviewed_on=meta.get("ditinjau", ""),
        )


def ensure_ids(course: CourseNode) -> None:
    """Questions without an id get one made from where and what they are: good for a preview, not for publishing (stamp first)."""
    taken = {question.id for node in course.all_files() for question in node.questions() if question.id}
    for node in course.all_files():
        for question in node.questions():
            salt = 0
            while not question.id:
                seed = f"{node.file}|{normalised(question)}|{salt}"
                made = "p-" + hashlib.sha256(seed.encode()).hexdigest()[:10]
                if made not in taken:
                    question.id, question.is_nameless = made, True
                    taken.add(made)
                salt += 1


def _page_markdown(node: FileNode) -> str:
    """The text of the page with a token for every inline question, without its title and without `{#id}` on headings."""
    title = title_heading(node)
    heads = {heading.line: heading for heading in node.headings}
    lines: list[str] = []
    number = 0
    for part in node.parts:
        if isinstance(part, TextNode):
            for span in part.lines:
                heading = heads.get(span.line)
                underlines = bool(title) and span.line - 1 == title and heads[title].setext
                if span.line == title or underlines:
                    lines.append("")
                elif heading is not None and not heading.setext:
                    lines.append("#" * max(heading.level, 2) + " " + heading.text)
                else:
                    lines.append(span.text + ("  " if span.line in node.source.breaks else ""))
        elif isinstance(part, QuestionNode):
            if node.kind == "pelajaran":
                lines += ["", f"{GAP_OPEN}{number}{GAP_CLOSE}", ""]
            number += 1
    return "\n".join(lines)


def _split(text: str, ids: list[str]) -> tuple[PagePart, ...]:
    """Page HTML cut at the tokens of its questions; a question that is not compiled leaves nothing."""
    parts: list[PagePart] = []
    position = 0
    for match in _TOKEN.finditer(text):
        parts.append(PagePart(html=text[position : match.start()].strip()))
        id = ids[int(match[1] or match[2])]
        if id:
            parts.append(PagePart(question_id=id))
        position = match.end()
    parts.append(PagePart(html=text[position:].strip()))
    return tuple(part for part in parts if part.html or part.question_id)


def _text(fragment: str) -> str:
    spaced = re.sub(r"</(?:p|li|h\d|td|th|tr|div|pre|figcaption|dt|dd)>|<br>", "\n", fragment)
    plain = html.unescape(re.sub(r"<[^>]*>", "", spaced))
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", plain))


def report_failure(node: FileNode, reporter: Reporter, failure: str) -> None:
    """K019 on the line that most likely did it: the one with most of a single mark."""
    worst = (0, 1, "[")
    for number, line in enumerate(node.source.lines, start=1):
        for mark in "[*_`<>(~$|#":
            worst = max(worst, (line.count(mark), number, mark))
    message = "" if worst[0] > 20 else "tidak dapat diolah dalam 2 detik dan 512 MB"
    reporter.add(
        "K019",
        worst[1],
        1,
        len(node.source.lines[worst[1] - 1]) if node.source.lines else 1,
        message=message,
        row=worst[1],
        count=worst[0],
        mark=worst[2],
    )
