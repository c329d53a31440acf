"""Reading a lesson: its text, the checks inside it, and marking it done. At most three SELECTs after the guard's."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from lms.content import library
from lms.content.library import Published, Version
from lms.content.types import Item, ItemKind, Page
from lms.errors import Invalid, NotFound
from lms.progress import actions as progress
from lms.quizzes import actions, forms, queries
from lms.quizzes.draw import inline_layout
from lms.quizzes.types import InlineShown
from lms.recognition import actions as recognition
from lms.web import clock, freshness
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn.questions import QuestionPart, ToldAnswer, question_part, told_answer
from lms.web.learn.shapes import KIND_LABELS, Link, item_url, minutes_and_size, progress_label, section_of
from lms.web.learn.study import Study, open_course, require_enrolment

bp = Blueprint("lessons", __name__)


@dataclass(frozen=True)
class Check:
    """A question inside the lesson with the last answer given to it."""

    id: str
    question: QuestionPart
    url: str | None
    lesson: str
    result: ToldAnswer | None = None
    error: str | None = None


@dataclass(frozen=True)
class Block:
    html: Markup | None = None
    check: Check | None = None


@dataclass(frozen=True)
class Refused:
    """An inline answer that could not be read, shown again as it was typed."""

    question_id: str = ""
    form: dict[str, list[str]] = field(default_factory=dict)
    message: str = ""


def _lesson(published: Published, lesson_key: str) -> Item:
    item = published.outline.item(lesson_key)
    if item is None:
        raise NotFound("Materi ini tidak ada di edisi pelatihan yang Anda ikuti. Lihat daftar materinya di halaman pelatihan.")
    return item


@bp.get("/pelatihan/<course_key>/<path:lesson_key>")
def show(course_key: str, lesson_key: str) -> Response:
    study = open_course(course_key, user().person_id)
    item = _lesson(study.published, lesson_key)
    if item.kind is not ItemKind.LESSON:
        return redirect(item_url(study.published.course_key, item), 303)
    version = study.enrolment.version if study.enrolment else 0
    name = freshness.page_version(study.published.edition_id, study.newest.edition_id, version)
    return freshness.fresh_or(name, lambda: _page(study, item, Refused()))


def _page(study: Study, item: Item, refused: Refused, finish_error: str | None = None) -> str:
    published, outline = study.published, study.published.outline
    page = library.page(reading(), published.edition_id, item.key)
    status = study.status.items[item.key]
    place = outline.items.index(item)
    here = section_of(published, study.status if study.enrolment else None, item.key)
    return render_template(
        "learn/lessons/show.html",
        course={
            "url": url_for("learn.courses.show", course_key=published.course_key),
            "title": outline.title,
            "language": outline.language,
            "key": published.course_key,
            "percent": study.status.percent if study.enrolment else 0,
            "label": progress_label(study.status) if study.enrolment else "Belum ikut",
        },
        lesson={
            "title": item.title,
            "key": item.key,
            "meta": minutes_and_size(item),
            "goals": item.objectives,
            "done_label": "Selesai" if status.is_done and study.enrolment else None,
            "blocks": _blocks(study, item, page, refused),
            "attachments": item.attachments,
        },
        finish={"url": url_for("learn.lessons.finish", course_key=published.course_key, lesson_key=item.key)}
        if _may_finish(study, item)
        else None,
        finish_error=finish_error,
        locked=_locked(study, item),
        enrol=None if study.enrolment else {"url": url_for("learn.courses.enrol", course_key=published.course_key)},
        previous=_neighbour(published, place - 1),
        following=_neighbour(published, place + 1),
        outline=here,
        track=study.enrolment is not None,
        active_nav="catalogue",
    )


def _may_finish(study: Study, item: Item) -> bool:
    status = study.status.items[item.key]
    return study.enrolment is not None and not status.is_done and not status.locked_by


def _locked(study: Study, item: Item) -> dict[str, str] | None:
    first = study.published.outline.item(study.status.items[item.key].locked_by)
    if study.enrolment is None or first is None:
        return None
    text = f"Pelatihan ini berurutan. Anda boleh membaca materi ini, tetapi “{first.title}” diselesaikan dulu."
    return {"text": text, "url": item_url(study.published.course_key, first), "label": f"Buka {first.title}"}


def _neighbour(published: Published, place: int) -> Link | None:
    items = published.outline.items
    if not 0 <= place < len(items):
        return None
    return Link(item_url(published.course_key, items[place]), items[place].title, kind_label=KIND_LABELS[items[place].kind])


def _blocks(study: Study, item: Item, page: Page, refused: Refused) -> list[Block]:
    wanted = [part.question_id for part in page.parts if part.question_id]
    versions = library.questions(reading(), study.published.edition_id, wanted) if wanted else {}
    answered: dict[str, InlineShown] = {}
    if study.enrolment is not None and wanted:
        answered = queries.inline_shown(reading(), user().person_id, study.published, wanted)
    blocks = []
    for part in page.parts:
        if not part.question_id:
            blocks.append(Block(html=Markup(part.html)))
        elif part.question_id in versions:
            blocks.append(Block(check=_check(study, item, versions[part.question_id], answered.get(part.question_id), refused)))
    return blocks


def _check(study: Study, item: Item, version: Version, last: InlineShown | None, refused: Refused) -> Check:
    public = version.public
    layout = inline_layout(public, user().person_id, version.version_id)
    is_refused = refused.question_id == public.id
    fields = forms.question_fields(public, layout, last.answer if last else {}, refused.form if is_refused else None)
    result = told_answer(last.feedback) if last is not None and not is_refused else None
    url = (
        url_for("learn.lessons.answer", course_key=study.published.course_key, question_id=public.id) if study.enrolment else None
    )
    return Check(public.id, question_part(fields, public.points), url, item.key, result, refused.message if is_refused else None)


@bp.post("/pelatihan/<course_key>/<path:lesson_key>")
def finish(course_key: str, lesson_key: str) -> Response:
    """Marks the lesson done, then opens what comes next."""
    who = user()
    study = open_course(course_key, who.person_id)
    enrolment = require_enrolment(study)
    try:
        return _finish(study, enrolment.id, lesson_key)
    except Invalid as problem:
        return make_response(_page(study, _lesson(study.published, lesson_key), Refused(), finish_error=str(problem)), 400)


def _finish(study: Study, enrolment_id: int, lesson_key: str) -> Response:
    who = user()
    with writing() as session:
        status = progress.mark_done(
            session, person_id=who.person_id, published=study.published, lesson_key=lesson_key, now=clock.now()
        )
        code = recognition.settle(session, enrolment_id=enrolment_id, now=clock.now())
        following = study.published.outline.item(status.next_key)
        if following is not None:
            progress.set_bookmark(
                session,
                person_id=who.person_id,
                course_id=study.published.course_id,
                item_key=following.key,
                heading="",
                now=clock.now(),
            )
    if code is not None and not study.is_completed:
        return redirect(url_for("learn.courses.finished", course_key=study.published.course_key), 303)
    if following is None:
        return redirect(url_for("learn.courses.show", course_key=study.published.course_key, pesan="selesai"), 303)
    return redirect(item_url(study.published.course_key, following), 303)


@bp.post("/jawab/<course_key>/<question_id>")
def answer(course_key: str, question_id: str) -> Response | str | tuple[str, int]:
    """An answer to a check inside a lesson; the page shows it again with its feedback."""
    who = user()
    study = open_course(course_key, who.person_id)
    enrolment = require_enrolment(study)
    item = next((each for each in study.published.outline.items if question_id in each.question_ids), None)
    version = library.questions(reading(), study.published.edition_id, [question_id]).get(question_id)
    if item is None or version is None:
        raise NotFound("Soal ini tidak ada lagi di materi. Muat ulang halaman materinya.")
    posted = request.form.to_dict(flat=False)
    layout = inline_layout(version.public, who.person_id, version.version_id)
    try:
        given = forms.read_answer(version.public, layout, posted)
        if not given:
            raise Invalid("Belum ada jawaban yang diisi.")
    except Invalid as problem:
        return _page(study, item, Refused(question_id, posted, str(problem))), 400
    with writing() as session:
        actions.answer_inline(
            session, person_id=who.person_id, published=study.published, question_id=question_id, answer=given, now=clock.now()
        )
        progress.set_bookmark(
            session,
            person_id=who.person_id,
            course_id=study.published.course_id,
            item_key=item.key,
            heading=f"periksa-{question_id}",
            now=clock.now(),
        )
        progress.refresh_summary(session, enrolment.id, clock.now())
    address = url_for(
        "learn.lessons.show", course_key=study.published.course_key, lesson_key=item.key, _anchor=f"periksa-{question_id}"
    )
    return redirect(address, 303)


@bp.post("/tempat")
def place() -> tuple[str, int]:
    """The beacon of the reading page: where the reader is. Says nothing back."""
    who = user()
    fields: dict[str, Any] = {name: request.form.get(name, "") for name in ("course", "item", "heading")}
    study = open_course(fields["course"], who.person_id)
    if study.enrolment is None or study.published.outline.item(fields["item"]) is None:
        return "", 204
    with writing() as session:
        progress.set_bookmark(
            session,
            person_id=who.person_id,
            course_id=study.published.course_id,
            item_key=fields["item"],
            heading=fields["heading"],
            now=clock.now(),
        )
    return "", 204
