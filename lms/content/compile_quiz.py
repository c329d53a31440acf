"""From a file of questions to its QuizRules: what is drawn, and the rules of COURSE-FORMAT 2.7 and 2.8 with their defaults by kind."""

from collections.abc import Mapping
from typing import Any

from lms.content.assignments import Grader, HandIn
from lms.content.measure import drawn_questions
from lms.content.nodes import CourseNode, FileNode, GroupNode, QuestionNode
from lms.content.types import CompiledQuestion, Draw, FeedbackPolicy, Item, ItemKind, QuizRules, ScoreTaken

DEFAULT_PASS_MARK = 7000


def quiz_rules(course: CourseNode, node: FileNode, questions: Mapping[str, CompiledQuestion]) -> QuizRules:
    """`questions` are the compiled ones by id; a survey question counts as a question, without points."""
    draws = []
    for part in node.parts:
        if isinstance(part, QuestionNode) and part.kind:
            draws.append(Draw((part.id,), 1))
        elif isinstance(part, GroupNode):
            pool = tuple(question.id for question in drawn_questions(course, part) if question.kind)
            if part.pick:
                draws.append(Draw(pool, min(part.pick, len(pool)), part.name))
            else:
                draws += [Draw((id,), 1, part.name) for id in pool]
    points = {id: questions[id].public.points for draw in draws for id in draw.question_ids if id in questions}
    return QuizRules(
        draws=tuple(draws),
        question_count=sum(draw.pick for draw in draws),
        points_total=sum(draw.pick * points.get(draw.question_ids[0], 0) for draw in draws if draw.question_ids),
        **_settings(node, course),
    )


def pass_mark(course: CourseNode, node: FileNode) -> int:
    """Hundredths of 100. A post-test and an assignment follow the course where they say nothing themselves."""
    if node.kind in ("pretest", "latihan", "evaluasi"):
        return 0
    default = course.meta.get("nilai-lulus", DEFAULT_PASS_MARK) if node.kind in ("posttest", "tugas") else DEFAULT_PASS_MARK
    return int(node.meta.get("nilai-lulus", default))


def _settings(node: FileNode, course: CourseNode) -> dict[str, Any]:
    meta, kind = node.meta, node.kind
    feedback = {"pretest": "never", "posttest": "after_pass", "latihan": "at_once", "evaluasi": "never"}.get(kind, "after_submit")
    is_test = kind in ("pretest", "posttest")
    return {
        "pass_mark": pass_mark(course, node),
        "tries": meta.get("percobaan", {"pretest": 1, "posttest": 2, "latihan": 0, "evaluasi": 1}.get(kind, 3)),
        "feedback": FeedbackPolicy(meta.get("umpan-balik", feedback)),
        "taken": ScoreTaken(meta.get("nilai-diambil", "highest")),
        "pause_seconds": meta.get("jeda", 86400 if kind == "posttest" else 0),
        "time_limit_seconds": meta.get("waktu", 1800 if kind == "posttest" else 0),
        "shuffle_questions": meta.get("acak-soal", is_test),
        "shuffle_options": meta.get("acak-pilihan", kind not in ("tugas", "evaluasi")),
        "hand_in": _hand_in(node) if kind == "tugas" else None,
        "is_anonymous": kind == "evaluasi" and meta.get("anonim", True),
    }


def _hand_in(node: FileNode) -> HandIn:
    due = node.meta.get("tenggat", 0)
    grader, peers = node.meta.get("penilai", (Grader.MENTOR, 0))
    return HandIn(
        grader=grader,
        peers=peers,
        due_seconds=due if isinstance(due, int) else 0,
        due_on=due if isinstance(due, str) else "",
        is_group=node.meta.get("kelompok", False),
    )


def default_completion(items: list[Item]) -> list[str]:
    """Without `lulus-bila:` everything the course has must be done; of assignments the required ones."""
    kinds = {item.kind for item in items if item.required or item.kind is not ItemKind.ASSIGNMENT}
    parts = {
        ItemKind.LESSON: "semua-pelajaran",
        ItemKind.QUIZ: "semua-kuis",
        ItemKind.ASSIGNMENT: "tugas",
        ItemKind.POSTTEST: "posttest",
    }
    return [part for kind, part in parts.items() if kind in kinds]
