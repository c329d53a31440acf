"""What a publication changes and means, in the shape that the pages of publishing and of the history read."""

from dataclasses import dataclass
from typing import Any

from lms.authoring import sentences
from lms.authoring.follow_up import Standing
from lms.authoring.publishing import Consequences, Doubt
from lms.content.plan import Change, PublicationPlan
from lms.quizzes.types import FollowUpStep, QuestionEffect, RegradeMode
from lms.web import language

SIGNS = {Change.ADDED: "+", Change.REMOVED: "−", Change.RETIRED: "−"}
LONGEST = 160
MODES = (
    (RegradeMode.NEVER_LOWER, "Nilai boleh naik, tidak pernah turun"),
    (RegradeMode.FULL, "Nilai dihitung ulang penuh dan boleh turun; yang sudah lulus tetap lulus"),
    (RegradeMode.KEEP, "Nilai lama dibiarkan"),
)
WORK = {
    FollowUpStep.JUDGE: "jawaban lama dinilai ulang",
    FollowUpStep.SUMMARIES: "ringkasan peserta disusun ulang",
    FollowUpStep.SETTLE: "kelulusan dituntaskan",
}


@dataclass(frozen=True)
class ChangeRow:
    sign: str
    name: str
    """Key or id."""
    words: str
    title: str
    effect: str = ""


@dataclass(frozen=True)
class DoubtRow:
    """A question or lesson that may be one whose id was lost. `name` is its form field."""

    name: str
    what: str
    is_question: bool
    file: str
    line: int
    percent: int
    old_text: tuple[str, ...]
    new_text: tuple[str, ...]
    is_same: bool
    is_open: bool


def page(found: Consequences) -> dict[str, Any]:
    """The plan as the parts that `_parts/studio_plan.html` shows."""
    plan = found.plan
    verdict, *reasons = sentences.verdict(plan)
    return {
        "verdict": verdict,
        "reasons": reasons,
        "learners": sentences.for_learners(plan, found.reach) if plan.before else [],
        "changes": change_rows(plan, found.effects),
        "details": ", ".join(plan.details),
    }


def change_rows(plan: PublicationPlan, effects: dict[str, QuestionEffect]) -> list[ChangeRow]:
    rows = []
    for item in plan.items:
        detail = f" ({item.detail})" if item.detail else ""
        rows.append(
            ChangeRow(SIGNS.get(item.change, "~"), item.key, sentences.ITEM_WORDS[item.change] + detail, _short(item.title))
        )
    for change in plan.questions:
        words = " ".join(filter(None, (sentences.QUESTION_WORDS[change.change], change.detail)))
        effect = effects.get(change.question_id)
        told = sentences.effect(effect) if effect else ""
        rows.append(ChangeRow(SIGNS.get(change.change, "~"), f"soal {change.question_id}", words, _short(change.text), told))
    return rows


def doubt_rows(doubts: list[Doubt]) -> list[DoubtRow]:
    return [
        DoubtRow(
            field_of(doubt),
            "Soal" if doubt.is_question else "Materi",
            doubt.is_question,
            doubt.file,
            doubt.line,
            doubt.pair.percent,
            doubt.old_text,
            doubt.new_text,
            is_same=doubt.pair.ratio >= 0.9,
            is_open=doubt.is_open,
        )
        for doubt in doubts
    ]


def field_of(doubt: Doubt) -> str:
    """Its name in the form: question ids and keys of items are spaces of their own."""
    return f"{'soal' if doubt.is_question else 'materi'}:{doubt.pair.new_id}"


def work_label(work: Standing | None) -> str:
    """What is still being done after a publication, "" when nothing is."""
    if work is None or work.is_done:
        return ""
    left = f", {language.number(work.left)} lagi" if work.left else ""
    return f"Sedang dikerjakan: {WORK[work.step]}{left}."


def done_label(work: Standing | None) -> str:
    """What became of old scores, "" when nothing did."""
    if work is None or not work.is_done or not (work.raised or work.lowered or work.newly_passed):
        return ""
    return f"Nilai ulang: {work.raised} naik, {work.lowered} turun, {work.newly_passed} peserta jadi lulus kuisnya."


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
