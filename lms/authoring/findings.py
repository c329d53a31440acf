"""What only a look at the published course can find: K033 to K036 and K110, as problems with their place in the files."""

from collections.abc import Mapping

from lms.content.nodes import LoadedCourse
from lms.content.parse import MANIFEST
from lms.content.plan import Change, PublicationPlan, QuestionChange
from lms.content.problems import Reporter
from lms.content.types import CompiledCourse, Problem
from lms.quizzes.types import QuestionEffect


def findings(
    loaded: LoadedCourse, compiled: CompiledCourse, plan: PublicationPlan, effects: Mapping[str, QuestionEffect]
) -> list[Problem]:
    """Lost ids, reused ids, changed keys and a changed code, each where the author can mend it. `effects` by question id."""
    headings = {(q.file, q.line): q for node in loaded.course.all_files() for q in node.questions()}
    reporter = Reporter("")

    def at_question(question_id: str, code: str, **values: object) -> None:
        question = compiled.questions[question_id]
        node = headings.get((question.file, question.line))
        reporter.file = question.file
        reporter.add(code, question.line, node.column if node else 1, node.width if node else 1, **values)

    for pair in plan.lost_questions:
        at_question(pair.new_id, "K033", percent=pair.percent, old=pair.old_id)
    for one in plan.reused:
        at_question(one.question.public.id, "K034", id=one.question.public.id, date=f"{one.last_published:%d-%m-%Y}")
    files = {node.key: node.file for node in loaded.course.files}
    for pair in plan.lost_items:
        reporter.file = files[pair.new_id]
        reporter.add("K035", 1, percent=pair.percent, old=pair.old_id)
    for change in plan.questions:
        if change.change is Change.KEY:
            at_question(change.question_id, "K036", **_effect(change, effects))
    published = plan.maybe_former or plan.renamed_to
    if published:
        _code(loaded, plan, published, reporter)
    return reporter.problems


def _effect(change: QuestionChange, effects: Mapping[str, QuestionEffect]) -> dict[str, object]:
    effect = effects.get(change.question_id, QuestionEffect(change.question_id, 0, 0, 0))
    return {
        "change": change.detail,
        "answers": effect.answers,
        "right": effect.become_right,
        "wrong": effect.become_wrong,
    }


def _code(loaded: LoadedCourse, plan: PublicationPlan, published: str, reporter: Reporter) -> None:
    course = loaded.course
    setting = course.meta.settings.get("kode")
    reporter.file = course.manifest.file if course.manifest else MANIFEST
    advice = f"`{plan.course_key}` adalah kode lama pelatihan ini; tulis `kode: {published}`" if plan.renamed_to else ""
    place = (setting.line, setting.column, setting.width) if setting else (1, 1, 1)
    reporter.add("K110", *place, help=advice, key=plan.course_key, published=published)
