"""The result of an attempt in words: kind, honest, and no more than the policy allows (law 4)."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from lms.content.types import FeedbackPolicy, Item, ItemKind, QuizRules
from lms.evaluation.types import Gain
from lms.progress import queries
from lms.quizzes.types import AttemptState, ClosedAttempt, ResultView, Tries
from lms.web import language
from lms.web.extensions import reading
from lms.web.learn.questions import reviewed_answer
from lms.web.learn.shapes import Link, item_url
from lms.web.learn.study import Study

NEARLY = 1500
"""Hundredths below the pass mark that may be called close."""


@dataclass(frozen=True)
class PastAttempt:
    url: str
    label: str
    score_label: str
    passed: bool


def past_attempt(closed: ClosedAttempt, time_zone: str) -> PastAttempt:
    score = f"nilai {language.score(closed.score)}" if closed.score is not None else "batal"
    return PastAttempt(
        url_for("learn.quizzes.result", token=closed.token),
        f"Percobaan {closed.try_number}, {language.long_date(closed.closed_at, time_zone)}",
        score,
        closed.passed,
    )


def page(told: ResultView, tries: Tries, study: Study, item: Item, rules: QuizRules, time_zone: str) -> dict[str, Any]:
    """Everything templates/learn/quizzes/result.html shows, apart from gain and test-out offers."""
    published = study.published
    marks = [bool(each.feedback and each.feedback.is_correct) for each in told.questions] if told.shows_answers else []
    return {
        "course": Link(url_for("learn.courses.show", course_key=published.course_key), published.outline.title),
        "quiz": {"title": item.title, "attempt_label": f"Percobaan {told.try_number}"},
        "result": {
            "headline": _headline(told, item, rules),
            "text": _text(told, tries, item, rules),
            "passed": bool(told.passed) and item.kind is not ItemKind.PRETEST,
            "pending": told.state is AttemptState.SUBMITTED,
            "time_note": _time_note(told, time_zone),
            "regraded": _regraded(told, time_zone),
        },
        "marks": marks,
        "marks_label": f"{sum(marks)} dari {len(marks)} soal benar" if marks else "",
        "primary": _primary(told, tries, study, item),
        "secondary": _secondary(study, item, tries),
        "reread": _reread(study, item) if not told.passed and item.kind is not ItemKind.PRETEST else [],
        "answers": [reviewed_answer(each) for each in told.questions],
        "closed_note": _closed_note(told, rules),
        "active_nav": "catalogue",
    }


def _headline(told: ResultView, item: Item, rules: QuizRules) -> str:
    score = language.score(told.score)
    if item.kind is ItemKind.PRETEST:
        return f"Nilai awal Anda {score}"
    if rules.pass_mark == 0:
        return f"Nilai latihan {score}"
    if told.passed:
        return f"Lulus dengan nilai {score}"
    if (told.score or 0) >= rules.pass_mark - NEARLY:
        return f"Nilai {score}. Sedikit lagi sampai {language.score(rules.pass_mark)}"
    return f"Nilai {score}. Perlu {language.score(rules.pass_mark)} untuk lulus"


def _text(told: ResultView, tries: Tries, item: Item, rules: QuizRules) -> str:
    if item.kind is ItemKind.PRETEST:
        return (
            "Tes awal tidak menentukan lulus. Hasilnya menunjukkan bagian mana yang sudah Anda kuasai dan mana yang perlu waktu."
        )
    if rules.pass_mark == 0:
        return "Latihan tidak menentukan kelulusan. Lihat pembahasannya, lalu ulangi kapan saja."
    if told.passed:
        return "Kerja yang baik. Nilai ini sudah tersimpan dan tidak akan turun."
    if tries.passed:
        return "Anda sudah lulus kuis ini; nilai yang dipakai adalah yang tertinggi."
    if tries.left:
        return f"Baca lagi bagian yang belum tepat, lalu coba lagi. Masih ada {tries.left} percobaan, dan nilai tertinggi yang dipakai."
    if tries.may_start:
        return "Baca lagi bagian yang belum tepat, lalu coba lagi kapan saja."
    return tries.reason or "Percobaan berikutnya terbuka setelah jeda."


def _time_note(told: ResultView, time_zone: str) -> str | None:
    if told.state is not AttemptState.EXPIRED or told.closed_at is None:
        return None
    return f"Waktunya habis pada {language.clock_time(told.closed_at, time_zone)}. Semua jawaban yang tersimpan sampai saat itu sudah dinilai."


def _regraded(told: ResultView, time_zone: str) -> str | None:
    """Why the score is another than on the day it was made."""
    if told.regraded_at is None:
        return None
    numbers = ", ".join(str(number) for number in told.corrected)
    why = f"kunci soal {numbers} diperbaiki setelah Anda mengerjakannya" if numbers else "jawaban Anda dinilai sekali lagi"
    when = language.long_date(told.regraded_at, time_zone)
    if told.score == told.first_score:
        return f"Pada {when} hasil ini dinilai ulang karena {why}. Nilainya tetap {language.score(told.score)}."
    return f"Nilai ini diperbarui pada {when}, dari {language.score(told.first_score)} menjadi {language.score(told.score)}, karena {why}."


def _primary(told: ResultView, tries: Tries, study: Study, item: Item) -> dict[str, Any]:
    published = study.published
    if tries.open_token is not None:
        return {"url": url_for("learn.quizzes.question", token=tries.open_token), "label": "Lanjutkan percobaan", "post": False}
    still_there = published.outline.item(item.key) is not None
    if still_there and not tries.passed and item.kind is not ItemKind.PRETEST and tries.may_start:
        return {
            "url": url_for("learn.quizzes.begin", course_key=published.course_key, quiz_key=item.key),
            "label": "Coba lagi",
            "post": True,
        }
    if study.enrolment is not None and study.is_completed:
        return {
            "url": url_for("learn.courses.finished", course_key=published.course_key),
            "label": "Lihat sertifikat",
            "post": False,
        }
    following = published.outline.item(study.status.next_key)
    if following is not None and following.key != item.key:
        return {"url": item_url(published.course_key, following), "label": f"Lanjut: {following.title}", "post": False}
    return {"url": url_for("learn.courses.show", course_key=published.course_key), "label": "Kembali ke pelatihan", "post": False}


def _secondary(study: Study, item: Item, tries: Tries) -> Link | None:
    if tries.passed or item.kind is ItemKind.PRETEST:
        return None
    url = url_for("learn.courses.show", course_key=study.published.course_key)
    return Link(url, "Kembali ke pelatihan", "Kembali ke pelatihan")


def _reread(study: Study, item: Item) -> list[Link]:
    """Lessons of the quiz's module: where the missing answers are."""
    outline = study.published.outline
    lessons = [
        each for each in outline.items if each.kind is ItemKind.LESSON and each.module_key == item.module_key and item.module_key
    ]
    return [Link(item_url(outline.key, lesson), lesson.title) for lesson in lessons]


def _closed_note(told: ResultView, rules: QuizRules) -> str | None:
    if told.shows_key:
        return None
    if rules.feedback is FeedbackPolicy.NEVER:
        return "Kunci dan pembahasan tidak ditampilkan, karena soal yang serupa muncul lagi di tes akhir."
    return "Kunci dan pembahasan terbuka setelah Anda lulus atau semua percobaan terpakai."


@dataclass(frozen=True)
class Offer:
    module_key: str
    title: str
    score_label: str
    minutes_label: str
    may_skip: bool


def test_out_offers(study: Study) -> list[Offer]:
    """What the pre-test says module by module: skip with one tap, or how many minutes it needs (D43)."""
    if study.enrolment is None:
        return []
    _, offers = queries.test_out_offer(reading(), study.enrolment, study.published)
    return [
        Offer(each.module_key, each.title, f"nilai {language.score(each.score)}", f"±{each.minutes} menit", each.may_skip)
        for each in offers
    ]


@dataclass(frozen=True)
class GainPart:
    facts: list[tuple[str, str]]
    verdict: str


def gain_part(gain: Gain | None) -> GainPart | None:
    """Pre-test against post-test, with the plain-language verdict."""
    if gain is None:
        return None
    facts = [
        ("Tes awal", language.score(gain.pre)),
        ("Tes akhir", language.score(gain.post)),
        ("Kenaikan", language.score(gain.gain)),
    ]
    return GainPart(facts, gain.verdict)
