"""What a publication changes and means, in words that the terminal and the studio share."""

from lms.content.plan import Change, PublicationPlan
from lms.progress.reach import Reach
from lms.quizzes.types import QuestionEffect, RegradeMode

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


def effect(found: QuestionEffect) -> str:
    return f"{found.answers} jawaban lama; {found.become_right} menjadi benar, {found.become_wrong} menjadi salah"


def verdict(plan: PublicationPlan) -> list[str]:
    """Correction or new edition, then the reasons for a new one."""
    if plan.before is None:
        return ["Terbitan pertama: edisi 1, revisi 1."]
    if plan.is_correction:
        return [f"Ini koreksi (edisi {plan.number}, revisi {plan.revision}), karena materi wajib dan aturan lulus tidak berubah."]
    return [f"Ini edisi baru (edisi {plan.number}), karena materi wajib atau aturan lulus berubah:", *plan.reasons]


def for_learners(plan: PublicationPlan, reach: Reach) -> list[str]:
    """What who is in the middle and who has finished will see."""
    if plan.is_correction:
        running = (
            f"{reach.running_here} peserta yang sedang belajar langsung melihat perbaikannya; kemajuan mereka tidak berubah."
        )
        if reach.running_elsewhere:
            running += f" {reach.running_elsewhere} peserta di edisi lain tetap di edisinya."
    else:
        running = (
            f"{reach.running_here + reach.running_elsewhere} peserta yang sedang belajar tetap di edisinya "
            "dan ditawari pindah dengan daftar perbedaannya."
        )
    return [running, f"{reach.finished} peserta yang sudah lulus tetap lulus; sertifikat dan JP mereka tidak berubah."]
