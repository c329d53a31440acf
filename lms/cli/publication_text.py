"""The plan and the result of a publication as lines for the terminal, in Indonesian, one sign a line like a difference."""

from collections.abc import Mapping

from lms.authoring import sentences
from lms.authoring.follow_up import Standing
from lms.authoring.publishing import Proposal
from lms.content.actions import Publication
from lms.content.plan import Change, ItemChange, QuestionChange
from lms.quizzes.types import QuestionEffect, RegradeMode

SIGNS = {Change.ADDED: "+", Change.REMOVED: "-", Change.RETIRED: "-"}
"""Everything else is "~"."""
TEXT_LENGTH = 60


def plan_lines(proposal: Proposal, mode: RegradeMode) -> list[str]:
    """What would change, why it is a correction or a new edition, and what it means for learners."""
    plan = proposal.plan
    lines = [f"{plan.title} ({plan.course_key})"]
    if proposal.former:
        lines[0] = f"{plan.title} ({proposal.compiled.outline.key})"
        lines.append(f"  ~ kode berubah: {proposal.former} → {proposal.compiled.outline.key}; alamat lama tetap berlaku.")
    if plan.before is None:
        return [*lines, "  Terbitan pertama: edisi 1, revisi 1."]
    if not plan.changed:
        return [*lines, f"  Tidak ada yang berubah sejak edisi {plan.before.number}, revisi {plan.before.revision}."]
    lines += [f"  ~ pelatihan: {', '.join(plan.details)}"] if plan.details else []
    lines += [_item_line(change) for change in plan.items]
    for change in plan.questions:
        lines += _question_lines(change, proposal.effects)
    verdict, *reasons = sentences.verdict(plan)
    lines += [f"  {verdict}", *(f"    - {reason}" for reason in reasons)]
    lines += [f"  {sentence}" for sentence in sentences.for_learners(plan, proposal.reach)]
    if proposal.changes_meaning:
        lines.append(f"  Nilai ulang: {sentences.MODES[mode]}. Ganti dengan --nilai-ulang {' | '.join(RegradeMode)}.")
    return lines


def _item_line(change: ItemChange) -> str:
    detail = f" ({change.detail})" if change.detail else ""
    words = sentences.ITEM_WORDS[change.change]
    return f"  {SIGNS.get(change.change, '~')} {change.key}: {words}{detail}: {_short(change.title)}"


def _question_lines(change: QuestionChange, effects: Mapping[str, QuestionEffect]) -> list[str]:
    detail = f" {change.detail}" if change.detail else ""
    place = f" [{change.place}]" if change.place else ""
    words = sentences.QUESTION_WORDS[change.change]
    line = f"  {SIGNS.get(change.change, '~')} soal {change.question_id}{place}: {words}{detail}: {_short(change.text)}"
    effect = effects.get(change.question_id)
    return [line] if effect is None else [line, f"      {sentences.effect(effect)}"]


def _short(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1].rstrip() + "…"


def result_line(key: str, publication: Publication) -> str:
    """One sentence on what was done."""
    if not publication.changed:
        return f"{key}: tidak ada yang berubah; edisi {publication.number}, revisi {publication.revision} tetap berlaku."
    kind = "koreksi" if publication.is_correction else "edisi baru" if publication.number > 1 else "terbitan pertama"
    return f"{key}: terbit sebagai {kind}, edisi {publication.number} revisi {publication.revision}."


def regrade_line(done: Standing) -> str:
    """One sentence on old scores."""
    if done.mode is RegradeMode.KEEP:
        return "Nilai lama dibiarkan; pilihan ini tercatat."
    return (
        f"Nilai ulang ({done.mode}): {done.raised} nilai naik, {done.lowered} turun, "
        f"{done.newly_passed} peserta kini lulus kuisnya."
    )
