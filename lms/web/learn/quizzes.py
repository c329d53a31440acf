"""Taking a quiz: the rules and one button, one question a screen, a look before sending, the result.

An attempt is named by its token alone. Saving and sending are idempotent by their natural keys, so reloads, double clicks and
second tabs change nothing (R19). A save asked for by the script answers JSON; the form itself redirects.
"""

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.content import library
from lms.content.library import Published
from lms.content.types import Item, ItemKind, QuestionKind, QuizRules
from lms.errors import Conflict, Invalid, NotFound
from lms.evaluation import queries as evaluation
from lms.progress import actions as progress
from lms.quizzes import actions, forms, queries
from lms.quizzes.rules import shows_at_once
from lms.quizzes.types import Answer, AttemptQuestionView, AttemptState, AttemptView, Tries
from lms.recognition import actions as recognition
from lms.web import clock, language, work
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn import assignments, handing_in, results
from lms.web.learn.questions import question_part, quiz_facts, told_answer
from lms.web.learn.shapes import KIND_LABELS, Link, item_url, past_attempt
from lms.web.learn.study import Study, open_course, require_enrolment

bp = Blueprint("quizzes", __name__)


def _quiz(published: Published, quiz_key: str) -> tuple[Item, QuizRules]:
    item = published.outline.item(quiz_key)
    if item is None or item.quiz is None:
        raise NotFound("Kuis ini tidak ada di edisi pelatihan yang Anda ikuti.")
    return item, item.quiz


@bp.get("/pelatihan/<course_key>/kuis/<path:quiz_key>")
def start(course_key: str, quiz_key: str) -> Response | str:
    who = user()
    study = open_course(course_key, who.person_id)
    item, rules = _quiz(study.published, quiz_key)
    if item.kind is ItemKind.ASSIGNMENT:
        return redirect(item_url(study.published.course_key, item), 303)
    tries = queries.tries(reading(), who.person_id, study.published.course_id, quiz_key, rules, clock.now())
    locked_by = study.published.outline.item(study.status.items[quiz_key].locked_by) if study.enrolment else None
    return render_template(
        "learn/quizzes/start.html",
        course=_course_link(study.published),
        quiz={
            "title": item.title,
            "intro": work.brief(study.published.edition_id, quiz_key),
            "facts": handing_in.survey_facts(item, rules)
            if item.kind is ItemKind.SURVEY
            else quiz_facts(rules, tries.left, tries.score),
            "kind": KIND_LABELS[item.kind],
            "promise": handing_in.promise(item, rules),
        },
        start=_start_button(study, item, tries, bool(locked_by)),
        open_attempt=_open_attempt(tries),
        waiting=_waiting(study, item, tries, locked_by),
        enrol_url=None if study.enrolment else url_for("learn.courses.enrol", course_key=course_key),
        attempts=[past_attempt(closed, who.time_zone) for closed in tries.history],
        active_nav="catalogue",
    )


def _course_link(published: Published) -> Link:
    return Link(url_for("learn.courses.show", course_key=published.course_key), published.outline.title)


def _start_button(study: Study, item: Item, tries: Tries, is_locked: bool) -> dict[str, str] | None:
    if study.enrolment is None or is_locked or not tries.may_start:
        return None
    label = "Mulai" if not tries.history else "Coba lagi" if tries.used else "Mulai putaran baru"
    return {"url": url_for("learn.quizzes.begin", course_key=study.published.course_key, quiz_key=item.key), "label": label}


def _open_attempt(tries: Tries) -> dict[str, str] | None:
    if tries.open_token is None:
        return None
    return {"url": url_for("learn.quizzes.question", token=tries.open_token), "label": "Lanjutkan percobaan ini"}


def _waiting(study: Study, item: Item, tries: Tries, locked_by: Item | None) -> str | None:
    if study.enrolment is None:
        return "Ikuti pelatihan ini dulu, supaya hasil kuis tercatat untuk Anda."
    if locked_by is not None:
        return f"Pelatihan ini berurutan. Selesaikan dulu “{locked_by.title}”, lalu kuis ini terbuka."
    if item.kind is ItemKind.SURVEY and tries.passed:
        return "Anda sudah mengisi evaluasi ini. Terima kasih; jawabannya tidak perlu dikirim lagi."
    return tries.reason or None


@bp.post("/pelatihan/<course_key>/kuis/<path:quiz_key>")
def begin(course_key: str, quiz_key: str) -> Response:
    who = user()
    study = open_course(course_key, who.person_id)
    with writing() as session:
        token = progress.start_quiz(
            session, person_id=who.person_id, published=study.published, quiz_key=quiz_key, now=clock.now()
        )
        progress.set_bookmark(
            session, person_id=who.person_id, course_id=study.published.course_id, item_key=quiz_key, heading="", now=clock.now()
        )
    item, _ = _quiz(study.published, quiz_key)
    is_assignment = item.kind is ItemKind.ASSIGNMENT
    return redirect(
        item_url(study.published.course_key, item) if is_assignment else url_for("learn.quizzes.question", token=token), 303
    )


def _attempt(token: str) -> tuple[AttemptView, Published, Item, QuizRules]:
    """An attempt of this person; NotFound for anybody else's."""
    view = queries.attempt_view(reading(), user().person_id, token, now=clock.now())
    published = library.edition(reading(), view.edition_id)
    item, rules = _quiz(published, view.quiz_key)
    return view, published, item, rules


def _at(view: AttemptView, position: int) -> AttemptQuestionView:
    if not 1 <= position <= len(view.questions):
        raise NotFound("Soal dengan nomor itu tidak ada di percobaan ini.")
    return view.questions[position - 1]


@bp.get("/percobaan/<token>")
@bp.get("/percobaan/<token>/soal/<int:position>")
def question(token: str, position: int | None = None) -> Response | str:
    view, published, item, _ = _attempt(token)
    if view.state is not AttemptState.OPEN:
        return redirect(url_for("learn.quizzes.result", token=token), 303)
    if item.kind is ItemKind.ASSIGNMENT:
        return redirect(item_url(published.course_key, item), 303)
    here = _at(view, position or handing_in.first_empty(view) or len(view.questions))
    return _live(_question_page(view, published, item, here))


def question_again(token: str, position: int, *, upload_error: str) -> str:
    """A question whose file was refused."""
    view, published, item, _ = _attempt(token)
    return _question_page(view, published, item, _at(view, position), upload_error=upload_error)


def _live(html: str) -> Response:
    """A page of an open attempt: the back button fetches it again, so that it never shows an answer older than the stored one."""
    return Response(html, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _question_page(
    view: AttemptView,
    published: Published,
    item: Item,
    here: AttemptQuestionView,
    posted: dict[str, list[str]] | None = None,
    error: str | None = None,
    upload_error: str | None = None,
) -> str:
    if item.kind is ItemKind.ASSIGNMENT:
        return assignments.page(open_course(published.course_key, user().person_id), item, posted=posted, error=error)
    fields = forms.question_fields(here.public, here.layout, here.answer, posted)
    count = len(view.questions)
    saved = here.saved_at is not None and posted is None
    return render_template(
        "learn/quizzes/question.html",
        quiz=Link(url_for("learn.quizzes.start", course_key=published.course_key, quiz_key=view.quiz_key), item.title),
        attempt=handing_in.progress_of(view) | {"position": here.position, "total": count},
        word="Pertanyaan" if item.kind is ItemKind.SURVEY else "Soal",
        upload=assignments.upload_part(view, here, upload_error),
        question=question_part(fields, here.public.points),
        save={
            "url": url_for("learn.quizzes.save", token=view.token, position=here.position),
            "sequence": here.sequence,
            "state": "unsent" if posted is not None else "saved" if saved else "empty",
            "at": language.hour_and_minute(here.saved_at, user().time_zone) if here.saved_at else None,
        },
        error=error,
        has_previous=here.position > 1,
        numbers=_numbers(view, here.position),
        told=told_answer(queries.answer_feedback(reading(), user().person_id, view.token, here.position, item.quiz))
        if item.quiz and posted is None
        else None,
    )


def _numbers(view: AttemptView, current: int | None) -> list[dict[str, Any]]:
    return [
        {
            "number": each.position,
            "url": url_for("learn.quizzes.question", token=view.token, position=each.position),
            "answered": bool(each.answer),
            "current": each.position == current,
        }
        for each in view.questions
    ]


@bp.post("/percobaan/<token>/soal/<int:position>")
def save(token: str, position: int) -> Response | str | tuple[Response | str, int]:
    view, published, item, rules = _attempt(token)
    here = _at(view, position)
    posted = request.form.to_dict(flat=False)
    by_script = request.accept_mimetypes.best == "application/json"
    is_file = here.public.kind is QuestionKind.FILE  # files are sent and removed by themselves
    try:
        answer = here.answer if is_file else forms.read_answer(here.public, here.layout, posted)
    except Invalid as problem:
        if by_script:
            return jsonify(message=str(problem)), 400
        return _question_page(view, published, item, here, posted, str(problem)), 400
    wanted = request.form.get("go", "" if by_script else "next")
    if wanted == "next" and answer and shows_at_once(rules) and not _was_told(here, answer):
        wanted = str(position)
    onwards = _next_address(token, position, len(view.questions), wanted)
    if item.kind is ItemKind.ASSIGNMENT and wanted not in ("review", "next"):
        onwards = item_url(published.course_key, item)
    if is_file or (not answer and not here.answer and wanted):
        return jsonify(sequence=here.sequence, next=onwards) if by_script else redirect(onwards, 303)
    sequence = request.form.get("sequence", type=int) if by_script else None  # a form sent by a person counts as the latest
    with writing() as session:
        saved = actions.save_answer(
            session, person_id=user().person_id, token=token, position=position, answer=answer, sequence=sequence, now=clock.now()
        )
    if saved.late and by_script:
        return jsonify(message=saved.late), 409
    if saved.late:
        raise Conflict(saved.late)
    if by_script:
        told = language.hour_and_minute(saved.saved_at, user().time_zone)
        return jsonify(saved_at=told, sequence=saved.sequence, newest=saved.is_newest, next=onwards if wanted else None)
    return redirect(onwards, 303)


def _was_told(here: AttemptQuestionView, answer: Answer) -> bool:
    """Whether the page this form was sent from already said how right this very answer is."""
    return answer == here.answer and request.form.get("told", type=int) == here.sequence


def _next_address(token: str, position: int, count: int, wanted: str) -> str:
    """Where a button of the question page leads after saving: next, previous, review, or the number of a question."""
    if wanted == "review" or (wanted == "next" and position == count):
        return url_for("learn.quizzes.review", token=token)
    target = position + 1 if wanted == "next" else position - 1 if wanted == "previous" else position
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 5:
        target = int(wanted)
    return url_for("learn.quizzes.question", token=token, position=min(max(target, 1), count))


@bp.get("/percobaan/<token>/periksa")
def review(token: str) -> Response | str:
    view, _, item, _ = _attempt(token)
    if view.state is not AttemptState.OPEN:
        return redirect(url_for("learn.quizzes.result", token=token), 303)
    return _live(handing_in.review_page(view, item))


@bp.post("/percobaan/<token>/kirim")
def submit(token: str) -> Response | tuple[Response, int]:
    """Ends the attempt, and in the same transaction everything that follows from it: completion, JP, certificate."""
    view, published, item, _ = _attempt(token)
    enrolment = require_enrolment(open_course(published.course_key, user().person_id))
    try:
        with writing() as session:
            progress.submit_quiz(session, person_id=user().person_id, token=token, now=clock.now())
            recognition.settle(session, enrolment_id=enrolment.id, now=clock.now())
    except Invalid as problem:  # nothing was sent, and a person can put it right
        return _live(handing_in.review_page(view, item, str(problem))), 400
    return redirect(url_for("learn.quizzes.result", token=token), 303)


@bp.get("/percobaan/<token>/hasil")
def result(token: str) -> Response | str:
    view, published, item, rules = _attempt(token)
    if view.state is AttemptState.OPEN:
        return redirect(url_for("learn.quizzes.question", token=token), 303)
    who = user()
    told = queries.result_view(reading(), who.person_id, token, rules, now=clock.now())
    tries = queries.tries(reading(), who.person_id, published.course_id, item.key, rules, clock.now())
    study = open_course(published.course_key, who.person_id)
    gain = evaluation.gain_of(reading(), who.person_id, published.course_id) if item.kind is ItemKind.POSTTEST else None
    offers = results.test_out_offers(study) if item.kind is ItemKind.PRETEST else []
    return render_template(
        "learn/quizzes/result.html",
        **results.page(told, tries, study, item, rules, who.time_zone),
        gain=results.gain_part(gain),
        offers=offers,
        may_skip=any(offer.may_skip for offer in offers),
        accept_url=url_for("learn.quizzes.accept_test_out", token=token),
    )


@bp.post("/percobaan/<token>/lewati")
def accept_test_out(token: str) -> Response:
    """Takes the pre-test's offer: the chosen modules count as mastered (D43). The server looks at the stored attempt again."""
    _, published, _, _ = _attempt(token)
    who = user()
    enrolment = require_enrolment(open_course(published.course_key, who.person_id))
    with writing() as session:
        modules = request.form.getlist("module")
        progress.accept_test_out(session, person_id=who.person_id, course=published, module_keys=modules, now=clock.now())
        recognition.settle(session, enrolment_id=enrolment.id, now=clock.now())
    return redirect(url_for("learn.courses.show", course_key=published.course_key, pesan="lewati"), 303)
