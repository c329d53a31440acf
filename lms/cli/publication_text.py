"""The plan and the result of a publication as lines for the terminal, in Indonesian, one sign a line like a difference."""

from collections.abc import Mapping

from lms.content.actions import Publication
from lms.content.likeness import SAME, Lookalike
from lms.content.plan import Change, ItemChange, PublicationPlan, QuestionChange
from lms.progress.reach import Reach
from lms.quizzes.types import QuestionEffect, RegradeMode, RegradeResult

SIGNS = {Change.ADDED: "+", Change.REMOVED: "-", Change.RETIRED: "-"}
"""Everything else is "~"."""
ITEM_WORDS = {
    Change.ADDED: "materi baru",
    Change.REMOVED: "dihapus; yang sudah menyelesaikannya tetap tercatat",
    Change.RENAMED: "judul berubah",
    Change.MOVED: "pindah",
    Change.EDITED: "isi berubah",
}
QUESTION_WORDS = {
    Change.ADDED: "soal baru",
    Change.RETIRED: "tidak ditanyakan lagi; jawaban lama tetap tersimpan",
    Change.WORDING: "hanya susunan kata atau penjelasan; nilai tidak terpengaruh",
    Change.MEANING: "isi soal berubah",
    Change.KEY: "kunci berubah",
}
MODES = {
    RegradeMode.NEVER_LOWER: "nilai lama dihitung ulang dan hanya boleh naik (tidak-turun)",
    RegradeMode.FULL: "nilai lama dihitung ulang penuh dan boleh turun; yang sudah lulus tetap lulus (penuh)",
    RegradeMode.KEEP: "nilai lama tidak dihitung ulang (tidak)",
}
TEXT_LENGTH = 60


def plan_lines(plan: PublicationPlan, effects: Mapping[str, QuestionEffect], reach: Reach, mode: RegradeMode) -> list[str]:
    """What would change, why it is a correction or a new edition, and what it means for learners."""
    lines = [f"{plan.title} ({plan.course_key})"]
    if plan.before is None:
        lines.append("  Terbitan pertama: edisi 1, revisi 1.")
        if plan.maybe_former:
            lines.append(
                f"  ? Soalnya sama dengan pelatihan {plan.maybe_former} yang sudah terbit: berganti kode? "
                f"Bila ya, terbitkan dengan --kode-lama {plan.maybe_former} agar peserta dan alamat lama ikut pindah."
            )
        return lines + _obstacles(plan)
    if not plan.changed:
        return [*lines, f"  Tidak ada yang berubah sejak edisi {plan.before.number}, revisi {plan.before.revision}."]
    lines += [f"  ~ pelatihan: {', '.join(plan.details)}"] if plan.details else []
    lines += [_item_line(change) for change in plan.items]
    for change in plan.questions:
        lines += _question_lines(change, effects)
    lines += _lost_lines(plan)
    lines += _verdict(plan)
    lines += _for_learners(plan, reach)
    if any(change.change in (Change.KEY, Change.MEANING) for change in plan.questions):
        lines.append(f"  Nilai ulang: {MODES[mode]}. Ganti dengan --nilai-ulang {' | '.join(RegradeMode)}.")
    return lines + _obstacles(plan)


def _item_line(change: ItemChange) -> str:
    detail = f" ({change.detail})" if change.detail else ""
    return f"  {SIGNS.get(change.change, '~')} {change.key}: {ITEM_WORDS[change.change]}{detail}: {_short(change.title)}"


def _question_lines(change: QuestionChange, effects: Mapping[str, QuestionEffect]) -> list[str]:
    detail = f" {change.detail}" if change.detail else ""
    place = f" [{change.place}]" if change.place else ""
    line = f"  {SIGNS.get(change.change, '~')} soal {change.question_id}{place}: {QUESTION_WORDS[change.change]}{detail}: {_short(change.text)}"
    effect = effects.get(change.question_id)
    if effect is None:
        return [line]
    return [
        line,
        f"      {effect.answers} jawaban lama; {effect.become_right} menjadi benar, {effect.become_wrong} menjadi salah",
    ]


def _lost_lines(plan: PublicationPlan) -> list[str]:
    lines = []
    for pair in plan.lost_questions:
        sure = "hampir pasti soal yang sama" if pair.ratio >= SAME else "mungkin soal yang sama"
        lines.append(
            f"  ? soal {pair.new_id} {_percent(pair)} sama dengan {pair.old_id} yang hilang: {sure}. Tulis {{#{pair.old_id}}} agar nilainya tidak putus."
        )
    for pair in plan.lost_items:
        lines.append(
            f"  ? {pair.new_id} {_percent(pair)} sama dengan {pair.old_id} yang hilang: berganti nama? "
            f"Tulis `id: {pair.old_id}` di kepala berkasnya agar kemajuan peserta tidak putus."
        )
    return lines


def _verdict(plan: PublicationPlan) -> list[str]:
    if plan.is_correction:
        return [
            f"  Ini koreksi (edisi {plan.number}, revisi {plan.revision}), karena materi wajib dan aturan lulus tidak berubah."
        ]
    return [
        f"  Ini edisi baru (edisi {plan.number}), karena materi wajib atau aturan lulus berubah:",
        *(f"    - {reason}" for reason in plan.reasons),
    ]


def _for_learners(plan: PublicationPlan, reach: Reach) -> list[str]:
    if plan.is_correction:
        running = (
            f"{reach.running_here} peserta yang sedang belajar langsung melihat perbaikannya; kemajuan mereka tidak berubah."
        )
        elsewhere = f" {reach.running_elsewhere} peserta di edisi lain tetap di edisinya." if reach.running_elsewhere else ""
    else:
        running = (
            f"{reach.running_here + reach.running_elsewhere} peserta yang sedang belajar tetap di edisinya "
            "dan ditawari pindah dengan daftar perbedaannya."
        )
        elsewhere = ""
    return [
        f"  {running}{elsewhere}",
        f"  {reach.finished} peserta yang sudah lulus tetap lulus; sertifikat dan JP mereka tidak berubah.",
    ]


def _obstacles(plan: PublicationPlan) -> list[str]:
    return [f"  ! {obstacle}" for obstacle in plan.obstacles]


def _percent(pair: Lookalike) -> str:
    return f"{int(pair.ratio * 100)}%"


def _short(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1].rstrip() + "…"


def result_line(key: str, publication: Publication) -> str:
    """One sentence on what was done."""
    if not publication.changed:
        return f"{key}: tidak ada yang berubah; edisi {publication.number}, revisi {publication.revision} tetap berlaku."
    kind = "koreksi" if publication.is_correction else "edisi baru" if publication.number > 1 else "terbitan pertama"
    return f"{key}: terbit sebagai {kind}, edisi {publication.number} revisi {publication.revision}."


def regrade_line(results: list[RegradeResult], mode: RegradeMode) -> str:
    """One sentence on old scores."""
    if mode is RegradeMode.KEEP:
        return "Nilai lama dibiarkan; pilihan ini tercatat."
    raised, lowered, passed = (sum(getattr(one, name) for one in results) for name in ("raised", "lowered", "newly_passed"))
    return f"Nilai ulang ({mode}): {raised} nilai naik, {lowered} turun, {passed} peserta kini lulus kuisnya."
