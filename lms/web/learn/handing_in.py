"""The words around an attempt, whatever it is: how far it is, what is about to be sent, what becomes of a survey's answers."""

from typing import Any

from flask import render_template, url_for

from lms.content.types import Item, ItemKind, QuestionKind, QuizRules
from lms.progress import groups
from lms.quizzes import files, forms
from lms.quizzes.grading import word_count
from lms.quizzes.types import AttemptQuestionView, AttemptView
from lms.web import clock, language
from lms.web.extensions import reading
from lms.web.learn.questions import question_part, summary_of
from lms.web.learn.shapes import time_left


def survey_facts(item: Item, rules: QuizRules) -> list[tuple[str, str]]:
    kept = "tanpa nama" if rules.is_anonymous else "dengan nama Anda"
    return [("Pertanyaan", str(rules.question_count)), ("Waktu", f"±{item.minutes} menit"), ("Disimpan", kept)]


def promise(item: Item, rules: QuizRules) -> str | None:
    """What becomes of an answer to a survey, said before anything is asked."""
    if item.kind is not ItemKind.SURVEY:
        return None
    if rules.is_anonymous:
        return (
            "Jawaban disimpan terpisah dari nama Anda begitu dikirim, dan hasilnya baru terlihat setelah ada 5 jawaban. Evaluasi ini tidak "
            "memengaruhi nilai atau kelulusan."
        )
    return (
        "Jawaban disimpan bersama nama Anda; penyusun membaca hasilnya sebagai rangkuman. Evaluasi ini tidak memengaruhi nilai atau "
        "kelulusan."
    )


def first_empty(view: AttemptView) -> int | None:
    return next((question.position for question in view.questions if not question.answer), None)


def progress_of(view: AttemptView) -> dict[str, Any]:
    total = len(view.questions)
    return {
        "percent": 100 * view.answered_count // total,
        "percent_label": f"{view.answered_count} dari {total} terjawab",
        "time_left": time_left(view.deadline_at, clock.now()),
        "deadline": view.deadline_at.isoformat() if view.deadline_at else None,
    }


def review_page(view: AttemptView, item: Item, error: str | None = None) -> str:
    empty_at = first_empty(view)
    token, is_assignment = view.token, item.kind is ItemKind.ASSIGNMENT
    word = "Pertanyaan" if item.kind is ItemKind.SURVEY else "Soal"
    known = files.files(reading(), view.attempt_id) if any(one.public.file_types for one in view.questions) else []
    return render_template(
        "learn/quizzes/review.html",
        quiz={"title": item.title, "url": url_for("learn.quizzes.question", token=token)},
        error=error,
        words={
            "heading": "Kumpulkan tugas" if is_assignment else "Periksa sebelum dikirim",
            "label": "Pekerjaan Anda" if is_assignment else word,
            "note": "Setelah dikumpulkan, tugas ini tidak bisa diubah lagi."
            if is_assignment
            else "Setelah dikirim, jawaban percobaan ini tidak bisa diubah lagi.",
            "button": "Kumpulkan tugas" if is_assignment else "Kirim jawaban",
            "empty": "pertanyaan belum dijawab. Boleh dikosongkan."
            if item.kind is ItemKind.SURVEY
            else "soal belum dijawab. Soal kosong dihitung nol.",
        },
        is_assignment=is_assignment,
        members=[each.name for each in groups.members(reading(), view.attempt_id)] if is_assignment else [],
        attempt=progress_of(view),
        empty=len(view.questions) - view.answered_count,
        first_empty_url=url_for("learn.quizzes.question", token=token, position=empty_at) if empty_at else None,
        questions=[
            {
                "number": each.position,
                "url": url_for("learn.quizzes.question", token=token, position=each.position),
                "summary": summary_of(each),
                "answered": bool(each.answer),
                "told": _told(each, known),
                "read_as": question_part(
                    forms.question_fields(each.public, each.layout, each.answer), each.public.points
                ).read_as,
            }
            for each in view.questions
        ],
        submit={"url": url_for("learn.quizzes.submit", token=token)},
    )


def _told(here: AttemptQuestionView, known: list[files.FileRow]) -> str:
    """What is about to be handed in, in one line: names of files, the count of an essay's words."""
    if here.public.kind is QuestionKind.FILE:
        return ", ".join(f"{one.name} ({language.kilobytes(one.size)})" for one in files.listed(here.answer, known))
    if here.public.kind is QuestionKind.ESSAY and here.answer:
        return f"{word_count(here.answer.get('text', ''))} kata"
    return str(here.answer.get("text", "")) if here.public.kind is QuestionKind.LINK else ""
