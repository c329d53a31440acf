"""Checks of questions, groups and quizzes: K030, K032, K050-K052, K060-K074, K081, K084, K090-K095."""

import re
from collections import Counter
from collections.abc import Collection

from lms.content.check_links import bank_advice
from lms.content.compile_questions import joined, sort_text
from lms.content.compile_quiz import pass_mark
from lms.content.editions import mark
from lms.content.keywords import KIND_NAMES
from lms.content.measure import bank_path, drawn_questions
from lms.content.nodes import CourseNode, FileNode, GroupNode, QuestionNode, Span
from lms.content.problems import Reporter
from lms.content.scan import TEST_KINDS
from lms.content.types import MARKED_BY_MACHINE, MARKED_BY_PERSON, WITHOUT_KEY, Problem, QuestionKind

_POINTS_AT_OTHERS = re.compile(
    r"\b(?:semua|seluruh)\s+(?:jawaban\s+|pilihan\s+|yang\s+)*(?:di\s*atas|benar|salah|tersebut)|\btidak ada\s+(?:jawaban\s+|satu pun\s+)*yang (?:benar|tepat)"
    r"|\b(?:all|none|both) of the above|\bkeduanya\s+(?:benar|salah)|\b(?:jawaban\s+)?[a-e]\s+dan\s+[a-e]\s+benar",
    re.IGNORECASE,
)
_CHOICES = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE, QuestionKind.POLL)
_NO_MARKER = "pindahkan ke berkas `jenis: kuis` atau `jenis: posttest`, atau jadikan berkas `jenis: tugas`"
_PLACES: dict[str, tuple[Collection[QuestionKind], str]] = {
    "pelajaran": (MARKED_BY_MACHINE, "pindahkan ke kuis; soal survei juga boleh di berkas `jenis: evaluasi`"),
    "pretest": ((*MARKED_BY_MACHINE, *WITHOUT_KEY), _NO_MARKER),
    "latihan": ((*MARKED_BY_MACHINE, *WITHOUT_KEY), _NO_MARKER),
    "evaluasi": (WITHOUT_KEY, "hapus kunci jawabannya supaya menjadi soal survei, atau pindahkan ke berkas `jenis: kuis`"),
    "tugas": ((), "ganti judulnya supaya tidak diawali Soal, atau pindahkan ke berkas `jenis: kuis`"),
}
"""Kinds of questions that a kind of file may hold, and the way out; files not named here may hold all."""


def check_questions(course: CourseNode) -> list[Problem]:
    """All findings about questions in all files."""
    problems: list[Problem] = []
    seen: dict[str, QuestionNode | GroupNode] = {}
    modules = {module.key for module in course.modules}
    for node in course.all_files():
        reporter = Reporter(node.file)
        shuffles = node.meta.get("acak-pilihan", True) if node.kind in TEST_KINDS else True
        for part in node.parts:
            if isinstance(part, GroupNode):
                _unique_id(part, seen, reporter)
                _check_group(course, part, reporter)
        for question in node.questions():
            _unique_id(question, seen, reporter)
            _check_question(question, modules if course.is_course else None, shuffles, reporter)
            if question is not node.parts[-1] or node.kind != "tugas":  # there the last part is what the file itself asks
                _check_place(question, node.kind, (question.line, question.column, question.width), reporter)
        if node.kind in TEST_KINDS:
            _check_quiz(course, node, shuffles, reporter)
        problems += reporter.problems
    return problems


def _check_place(question: QuestionNode, file_kind: str, place: tuple[int, int, int], reporter: Reporter) -> None:
    """K084: nobody marks an essay in a lesson, and a survey has no right answers."""
    kind = question.kind
    if kind is None:
        return
    here = _PLACES.get(file_kind)
    if here is not None and kind not in here[0]:
        reporter.add("K084", *place, kind=KIND_NAMES[kind], place=file_kind, advice=here[1])


def _unique_id(part: QuestionNode | GroupNode, seen: dict[str, QuestionNode | GroupNode], reporter: Reporter) -> None:
    if isinstance(part, QuestionNode) and (part.is_nameless or not (part.id or part.id_column)):
        reporter.add("K032", part.line, part.column, part.width)
    elif part.id:
        older = seen.setdefault(part.id, part)
        if older is not part:
            where = f"baris {older.line}" if older.file == part.file else f"{older.file} baris {older.line}"
            reporter.add("K030", part.line, part.id_column, len(part.id), id=part.id, where=where)


def _check_question(question: QuestionNode, modules: set[str] | None, shuffles: bool, reporter: Reporter) -> None:
    place = (question.line, question.column, question.width)
    if not question.statements and not any(span.text.strip() for span in question.stem):
        reporter.add("K061", *place)
    if question.module and modules is not None and question.module not in modules:
        span = question.settings["modul"]
        advice = "modul yang ada: " + (", ".join(sorted(modules)) or "tidak ada")
        reporter.add("K093", span.line, span.column, len(span.text) or 1, key=question.module, advice=advice)
    kind = question.kind
    if kind in _CHOICES or question.options:
        _check_choices(question, shuffles, reporter)
    if kind is QuestionKind.MATCHING:
        _check_pairs(question, reporter)
    elif kind is QuestionKind.ORDERING:
        texts = {sort_text(joined(step.text)) for step in question.steps}
        if len(question.steps) < 3 or len(texts) < len(question.steps):
            reporter.add("K074", *place, count=len(texts))
    elif kind is QuestionKind.CLOZE and not question.blanks:
        reporter.add("K069", *place)
    elif (
        "jawaban" in question.settings
        and not question.answers
        or kind in (QuestionKind.TEXT, QuestionKind.NUMBER)
        and not question.answers
    ):
        reporter.add("K072", *place)
    elif kind is QuestionKind.NUMBER and not all(answer.low for answer in question.answers):
        wrong = next(answer for answer in question.answers if not answer.low)
        message = f"`{wrong.text}` bukan angka"
        reporter.add(
            "K072", wrong.line, wrong.column, len(wrong.text) or 1, message=message, help="tulis misalnya `Jawaban: 70,8 ± 0,5`"
        )
    elif kind is None and not question.options:
        reporter.add("K060", *place)
    elif kind in MARKED_BY_PERSON and "rubrik" not in question.settings:
        reporter.add("K081", *place, kind=KIND_NAMES[kind])
    _check_twins([statement.text[0] for statement in question.statements], reporter)
    if kind not in MARKED_BY_PERSON | WITHOUT_KEY and not any(span.text.strip() for span in question.explanation):
        reporter.add("K090", *place)


def _check_choices(question: QuestionNode, shuffles: bool, reporter: Reporter) -> None:
    place = (question.line, question.column, question.width)
    right = [option for option in question.options if option.is_correct]
    if not question.options:
        reporter.add("K060", *place)
        return
    if not right and question.kind is not QuestionKind.POLL:
        reporter.add("K062", *place)
    if len(question.options) < 2:
        reporter.add("K064", *place)
    elif len(right) == len(question.options):
        reporter.add("K065", *place)
    if question.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE) and len(right) > 1:
        reporter.add("K063", *place, count=len(right))
    _check_twins([Span(option.line, option.text[0].column, joined(option.text)) for option in question.options], reporter)
    is_shuffled = shuffles if question.shuffle is None else question.shuffle
    is_shuffled = is_shuffled and question.kind not in (QuestionKind.TRUE_FALSE, QuestionKind.POLL)
    for option in question.options:
        span = option.text[0]
        if is_shuffled and not option.is_pinned and _POINTS_AT_OTHERS.search(span.text):
            reporter.add("K067", option.line, span.column, len(span.text), text=span.text[:60])
    _check_lengths(question, reporter)


def _check_twins(texts: list[Span], reporter: Reporter) -> None:
    seen: dict[str, int] = {}
    for span in texts:
        text = sort_text(span.text)
        if text and text in seen:
            reporter.add("K066", span.line, span.column, len(span.text.partition("\n")[0]), other=seen[text])
        seen.setdefault(text, span.line)


def _check_lengths(question: QuestionNode, reporter: Reporter) -> None:
    """A single right answer that is much longer than every other one."""
    right = [len(joined(option.text)) for option in question.options if option.is_correct]
    wrong = [len(joined(option.text)) for option in question.options if not option.is_correct]
    if len(right) == 1 and len(wrong) > 1 and right[0] > 60 and right[0] > 1.6 * max(wrong):
        option = next(option for option in question.options if option.is_correct)
        reporter.add("K068", option.line, option.text[0].column, len(option.text[0].text))


def _check_pairs(question: QuestionNode, reporter: Reporter) -> None:
    seen: dict[str, int] = {}
    for pair in question.pairs:
        left = sort_text(pair.left)
        if left and left in seen:
            reporter.add("K073", pair.line, pair.column, len(pair.left) + 2, other=seen[left])
        seen.setdefault(left, pair.line)
        if not pair.right:
            reporter.add("K073", pair.line, pair.column, message="sisi kanan kosong", help="tulis pasangannya setelah `->`")
    lefts = sum(bool(pair.left) for pair in question.pairs)
    if lefts < 2:
        message = "soal menjodohkan butuh sedikitnya dua pasangan"
        reporter.add(
            "K073",
            question.line,
            question.column,
            question.width,
            message=message,
            help="tulis `- kiri -> kanan`, satu pasangan satu baris",
        )


def _check_group(course: CourseNode, group: GroupNode, reporter: Reporter) -> None:
    place = (group.line, group.column, group.width)
    if group.bank and bank_path(group.bank) not in course.banks:
        if len(course.known_paths) > 1:  # a file checked alone cannot know its banks
            reporter.add("K052", *place, path=group.bank, advice=bank_advice(course, group))
        return
    drawn = drawn_questions(course, group)
    if group.tag and not drawn:
        tags = sorted({tag for question in course.banks[bank_path(group.bank)].questions() for tag in question.tags})
        advice = "tag yang ada: " + (", ".join(tags) or "belum ada; tulis `Tag: …` pada soalnya")
        reporter.add("K052", *place, message=f"tag `{group.tag}` tidak ditemukan di {group.bank}", advice=advice)
    elif group.pick > len(drawn):
        reporter.add("K050", *place, pick=group.pick, count=len(drawn))
    points = Counter(question.points for question in drawn)
    if group.pick and len(points) > 1:
        shown = ", ".join(f"{value / 100:g}".replace(".", ",") for value in sorted(points))
        reporter.add("K051", *place, points=shown)


def _check_quiz(course: CourseNode, node: FileNode, shuffles: bool, reporter: Reporter) -> None:
    drawn: list[QuestionNode] = []
    fixed: list[QuestionNode] = []
    for part in node.parts:
        if isinstance(part, QuestionNode):
            fixed.append(part)
        elif isinstance(part, GroupNode):
            drawn += drawn_questions(course, part)
    for question in drawn:
        if question.file != node.file:
            _check_place(question, node.kind, _group_of(course, node, question), reporter)
    graded = [question for question in (*fixed, *drawn) if question.kind not in WITHOUT_KEY]
    has_bank = any(group.bank for group in node.groups())
    if not has_bank and not (fixed or drawn if node.kind == "evaluasi" else graded):
        only_survey = {"message": "kuis tanpa soal yang dinilai", "help": "tambahkan soal, atau tulis `jenis: evaluasi`"}
        reporter.add("K094", 1, 1, 1, **(only_survey if fixed or drawn else {}))
    _check_reach(course, node, reporter)
    if node.kind == "pretest" and course.meta.get("uji-lewati"):
        _check_modules(course, node, graded, reporter)
    counted = [question for question in graded if question.kind is QuestionKind.SINGLE and len(question.options) > 2]
    unshuffled = [question for question in counted if not (shuffles if question.shuffle is None else question.shuffle)]
    positions = Counter(
        next((index for index, option in enumerate(question.options) if option.is_correct), 0) for question in unshuffled
    )
    if len(unshuffled) >= 5 and positions:
        position, right = positions.most_common(1)[0]
        if right >= 0.7 * len(unshuffled):
            reporter.add("K091", node.source.body_start, right=right, count=len(unshuffled), position=position + 1)


def _group_of(course: CourseNode, node: FileNode, question: QuestionNode) -> tuple[int, int, int]:
    """The place of the group that draws a question from a bank."""
    group = next(group for group in node.groups() if question in drawn_questions(course, group))
    return group.line, group.column, group.width


def _check_reach(course: CourseNode, node: FileNode, reporter: Reporter) -> None:
    """K095: what the machine can give before a person has marked is not enough to pass."""
    total = by_machine = 0
    for part in node.parts:
        pool = [part] if isinstance(part, QuestionNode) else drawn_questions(course, part) if isinstance(part, GroupNode) else []
        points = sorted((each.points * (each.kind not in MARKED_BY_PERSON) for each in pool), reverse=True)
        count = min(part.pick, len(pool)) if isinstance(part, GroupNode) and part.pick else len(pool)
        total += sum(each.points for each in pool[:count])
        by_machine += sum(points[:count])
    wanted = pass_mark(course, node)
    if by_machine < total and by_machine * 10_000 < wanted * total:
        place = next(((q.line, q.column, q.width) for q in node.questions() if q.kind in MARKED_BY_PERSON), (1, 1, 1))
        reporter.add("K095", *place, mark=mark(wanted), most=by_machine * 100 // total)


def _check_modules(course: CourseNode, node: FileNode, graded: list[QuestionNode], reporter: Reporter) -> None:
    example = course.modules[0].key if course.modules else "nama-modul"
    for question in graded:
        if question.module:
            continue
        if question.file == node.file:
            reporter.add("K092", question.line, question.column, question.width, example=example)
            continue
        message = f"soal `{question.id or question.line}` di {question.file} tidak menyebut `Modul:`"
        reporter.add("K092", *_group_of(course, node, question), message=message, example=example)
