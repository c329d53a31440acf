"""The result of an attempt in words: kind, honest, and no more than the policy allows (law 4)."""

from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from lms.content.assignments import Grader
from lms.content.types import MARKED_BY_MACHINE, MARKED_BY_PERSON, FeedbackPolicy, Item, ItemKind, QuizRules
from lms.evaluation.types import Gain
from lms.people import queries as people
from lms.progress import groups, queries
from lms.progress.rules import days_late
from lms.quizzes import files, markings
from lms.quizzes.attempts import is_anonymous
from lms.quizzes.types import AttemptState, ResultView, Tries
from lms.web import language, work
from lms.web.extensions import reading
from lms.web.learn import assignments
from lms.web.learn.questions import ReviewedAnswer, reviewed_answer
from lms.web.learn.shapes import Link, item_url
from lms.web.learn.study import Study

NEARLY = 1500
"""Hundredths below the pass mark that may be called close."""


def page(told: ResultView, tries: Tries, study: Study, item: Item, rules: QuizRules, time_zone: str) -> dict[str, Any]:
    """Everything templates/learn/quizzes/result.html shows, apart from gain and test-out offers."""
    published = study.published
    if item.kind is ItemKind.SURVEY:  # answers that are still in the attempt were sent before the survey became anonymous
        promised = is_anonymous(reading(), told.edition_id, told.quiz_key)
        rules = replace(rules, is_anonymous=promised and not any(each.view.answer for each in told.questions))
    judged = [each for each in told.questions if each.view.public.kind in MARKED_BY_MACHINE]
    marks = [bool(each.feedback and each.feedback.is_correct) for each in judged] if told.shows_answers else []
    primary, secondary = _primary(told, tries, study, item), _secondary(study, item, tries)
    return {
        "course": Link(url_for("learn.courses.show", course_key=published.course_key), published.outline.title),
        "quiz": {"title": item.title, "attempt_label": f"Percobaan {told.try_number}"},
        "result": {
            "headline": _headline(told, item, rules),
            "text": _text(told, tries, item, rules),
            "passed": bool(told.passed) and item.kind is not ItemKind.PRETEST,
            "time_note": _time_note(told, time_zone),
            "regraded": _regraded(told, time_zone),
            "late_note": _late_note(told, rules, study),
            "group_note": _group_note(told, rules),
        },
        "peer": assignments.peer_part(tries) if rules.hand_in else None,
        "marks": marks,
        "marks_label": f"{sum(marks)} dari {len(marks)} soal benar" if marks else "",
        "primary": primary,
        "secondary": None if secondary is None or secondary.url == primary["url"] else secondary,
        "reread": [] if told.passed or told.is_waiting or item.kind is ItemKind.PRETEST else _reread(study, item),
        "answers": [] if rules.is_anonymous else _answers(told, rules, time_zone),
        "closed_note": _closed_note(told, rules) if judged else None,
        "active_nav": "catalogue",
    }


def _answers(told: ResultView, rules: QuizRules, time_zone: str) -> list[ReviewedAnswer]:
    """Every question with what was answered, its files, and what people gave once the score is out."""
    by_people = any(each.view.public.kind in MARKED_BY_PERSON for each in told.questions)
    given = markings.given_for(reading(), told.attempt_id) if by_people else []
    names = people.names_of(reading(), {one.marker_id for one in given if not one.is_peer})
    known = files.own_files(reading(), told.attempt_id) if by_people else []
    shows = not told.is_waiting and (told.shows_answers or rules.hand_in is not None)
    answers = []
    for each in told.questions:
        here = [one for one in given if one.position == each.view.position]
        cards = [
            work.marking_card(each.view.public, one, who or names.get(one.marker_id, ""), time_zone)
            for one, who in (work.counted_markings(here, rules) if shows else [])
        ]
        links = work.file_links(files.listed(each.view.answer, known), "learn.uploads.show", token=told.token)
        answers.append(reviewed_answer(each, is_waiting=told.is_waiting, files=links, cards=cards))
    return answers


def _late_note(told: ResultView, rules: QuizRules, study: Study) -> str | None:
    due = assignments.due_of(rules, study)
    if due is None or told.closed_at is None:
        return None
    late = assignments.late_label(days_late(due, told.closed_at))
    return f"{late}: tenggatnya {assignments.due_label(due, told.closed_at)}. Pekerjaan Anda tetap diterima." if late else None


def _group_note(told: ResultView, rules: QuizRules) -> str | None:
    if rules.hand_in is None or not rules.hand_in.is_group:
        return None
    by = groups.handed_in_by(reading(), told.attempt_id)
    if by is not None:
        return f"Dikumpulkan {by.name} atas nama kelompok, termasuk Anda. Nilainya berlaku untuk semua anggota."
    names = ", ".join(each.name for each in groups.members(reading(), told.attempt_id))
    return f"Dikumpulkan untuk Anda dan {names}. Nilainya berlaku untuk semua anggota." if names else None


def _headline(told: ResultView, item: Item, rules: QuizRules) -> str:
    score = language.score(told.score)
    if item.kind is ItemKind.SURVEY:
        return "Terima kasih, jawaban Anda sudah terkirim"
    if told.is_waiting:
        return "Terkirim, menunggu dinilai"
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
    if item.kind is ItemKind.SURVEY:
        kept = "tanpa nama, terpisah dari akun Anda" if rules.is_anonymous else "bersama nama Anda"
        return f"Jawaban disimpan {kept}. Penyusun memakainya untuk memperbaiki pelatihan ini."
    if told.is_waiting:
        who = work.GRADERS[rules.hand_in.grader] if rules.hand_in else work.GRADERS[Grader.MENTOR]
        return f"Yang menilai: {who}. Nilai dan komentarnya muncul di halaman ini; sementara itu materi lain dapat dilanjutkan."
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
    if rules.hand_in is not None and tries.may_start:
        return "Baca komentar penilai di bawah, perbaiki, lalu kumpulkan lagi. Nilai tertinggi yang dipakai."
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
            "label": "Kerjakan lagi" if item.kind is ItemKind.ASSIGNMENT else "Coba lagi",
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
