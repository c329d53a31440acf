"""An assignment on one page: brief, rubric, due date, and the draft in it. Handing in and results are those of every attempt."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.content import library
from lms.content.types import Item, ItemKind, QuestionKind, QuizRules
from lms.errors import Invalid, NotFound
from lms.progress import groups
from lms.progress.rules import days_late, due_at
from lms.quizzes import files, forms, peers, queries
from lms.quizzes.types import AttemptQuestionView, AttemptView, Tries
from lms.web import clock, language, work
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn.questions import question_part
from lms.web.learn.shapes import Link, item_url, markup, past_attempt
from lms.web.learn.study import Study, open_course

bp = Blueprint("assignments", __name__)
KINDS = {QuestionKind.ESSAY: "tulisan", QuestionKind.FILE: "berkas", QuestionKind.LINK: "tautan"}


def due_of(rules: QuizRules, study: Study) -> datetime | None:
    """When this person's work is due; None without a due date or before enrolling."""
    if rules.hand_in is None or study.enrolment is None:
        return None
    return due_at(rules.hand_in, study.enrolment.enrolled_at, user().time_zone)


def due_label(due: datetime | None, handed_in_at: datetime | None = None) -> str:
    """20 Maret 2026 pukul 23.59 WITA, and how late it is. A due date ends with a day, so its last minute is told."""
    if due is None:
        return ""
    late = days_late(due, handed_in_at or clock.now())
    told = language.date_and_time(due - timedelta(minutes=1), user().time_zone)
    return f"{told} · {late_label(late)}" if late and handed_in_at is None else told


def late_label(days: int) -> str:
    return f"Terlambat {days} hari" if days else ""


@bp.get("/pelatihan/<course_key>/tugas/<path:item_key>")
def show(course_key: str, item_key: str) -> Response | str:
    study = open_course(course_key, user().person_id)
    item = study.published.outline.item(item_key)
    if item is None:
        raise NotFound("Tugas ini tidak ada di edisi pelatihan yang Anda ikuti. Lihat daftarnya di halaman pelatihan.")
    if item.kind is not ItemKind.ASSIGNMENT:
        return redirect(item_url(study.published.course_key, item), 303)
    return page(study, item)


def page(
    study: Study, item: Item, *, posted: dict[str, list[str]] | None = None, error: str | None = None, **refused: str | None
) -> str:
    """The assignment as it stands for this person. `posted` and `error` show a refused text again as it was sent; `refused` holds
    what was refused elsewhere on the page: `upload_error`, `member_error`, `number`."""
    assert item.quiz is not None
    who, rules, published = user(), item.quiz, study.published
    now = clock.now()
    tries = queries.tries(reading(), who.person_id, published.course_id, item.key, rules, now)
    view = queries.attempt_view(reading(), who.person_id, tries.open_token, now=now) if tries.open_token else None
    here = view.questions[0] if view else None
    public = here.public if here else _public(study, rules)
    due = due_of(rules, study)
    return render_template(
        "learn/assignments/show.html",
        course=Link(url_for("learn.courses.show", course_key=published.course_key), published.outline.title),
        task={
            "title": item.title,
            "intro": work.brief(published.edition_id, item.key),
            "facts": _facts(rules, tries, due_label(due), public.kind if public else None),
            "question": markup("".join(public.stem)) if public else None,
            "rubric": work.rubric(public) if public else [],
            "is_group": rules.hand_in is not None and rules.hand_in.is_group,
        },
        start=_start(study, item, tries),
        waiting=_waiting(study, item, tries),
        enrol_url=None if study.enrolment else url_for("learn.courses.enrol", course_key=published.course_key),
        draft=_draft(view, here, posted, refused) if view and here else None,
        error=error,
        member_error=refused.get("member_error"),
        number=refused.get("number") or "",
        named=[
            {"name": each.name, "url": url_for("learn.assignments.leave", token=each.token)}
            for each in groups.named_in(reading(), who.person_id, published.course_id, item.key)
        ],
        attempts=[past_attempt(closed, who.time_zone) for closed in tries.history],
        peer=peer_part(tries),
        active_nav="catalogue",
    )


def _public(study: Study, rules: QuizRules) -> Any:
    """The question before anything was begun, so that the rubric can be read first."""
    ids = [question_id for draw in rules.draws for question_id in draw.question_ids]
    versions = library.questions(reading(), study.published.edition_id, ids)
    return next((versions[question_id].public for question_id in ids if question_id in versions), None)


def _facts(rules: QuizRules, tries: Tries, due: str, kind: QuestionKind | None) -> list[tuple[str, str]]:
    facts = [("Yang dikumpulkan", KINDS[kind])] if kind in KINDS else []
    if due:
        facts.append(("Tenggat", due))
    if rules.hand_in:
        facts.append(("Dinilai oleh", work.GRADERS[rules.hand_in.grader]))
    if rules.pass_mark:
        facts.append(("Nilai minimum", language.score(rules.pass_mark)))
    if rules.tries:
        facts.append(("Percobaan", f"sisa {tries.left} dari {rules.tries}"))
    if tries.score is not None:
        facts.append(("Nilai Anda", language.score(tries.score)))
    return facts


def _start(study: Study, item: Item, tries: Tries) -> dict[str, str] | None:
    if study.enrolment is None or study.status.items[item.key].locked_by or not tries.may_start:
        return None
    url = url_for("learn.quizzes.begin", course_key=study.published.course_key, quiz_key=item.key)
    return {"url": url, "label": "Kerjakan lagi" if tries.history else "Mulai mengerjakan"}


def _waiting(study: Study, item: Item, tries: Tries) -> str | None:
    locked_by = study.published.outline.item(study.status.items[item.key].locked_by)
    if study.enrolment is None:
        return "Ikuti pelatihan ini dulu, supaya tugas Anda tercatat dan dinilai."
    if locked_by is not None:
        return f"Pelatihan ini berurutan. Selesaikan dulu “{locked_by.title}”, lalu tugas ini terbuka."
    if tries.passed:
        return "Tugas ini sudah selesai dan nilainya tersimpan."
    return tries.reason or None


def _draft(
    view: AttemptView, here: AttemptQuestionView, posted: dict[str, list[str]] | None, refused: dict[str, str | None]
) -> dict[str, Any]:
    """The open attempt: its fields or files, when it was saved, and who hands in together."""
    is_saved = here.saved_at is not None and posted is None
    names = groups.members(reading(), view.attempt_id)
    return {
        "question": question_part(forms.question_fields(here.public, here.layout, here.answer, posted), here.public.points),
        "save": {
            "url": url_for("learn.quizzes.save", token=view.token, position=here.position),
            "sequence": here.sequence,
            "state": "unsent" if posted is not None else "saved" if is_saved else "empty",
            "at": language.hour_and_minute(here.saved_at, user().time_zone) if here.saved_at else None,
        },
        "upload": upload_part(view, here, refused.get("upload_error")),
        "members": [
            {"name": each.name, "url": url_for("learn.assignments.remove", token=view.token, person_id=each.person_id)}
            for each in names
        ],
        "add_url": url_for("learn.assignments.add", token=view.token),
    }


def upload_part(view: AttemptView, here: AttemptQuestionView, error: str | None = None) -> dict[str, Any] | None:
    """What templates/_parts/upload_field.html draws; None for a question that takes no files."""
    if here.public.kind is not QuestionKind.FILE:
        return None
    listed = files.listed(here.answer, files.files(reading(), view.attempt_id))
    return {
        "url": url_for("learn.uploads.add", token=view.token, position=here.position),
        "files": work.file_links(listed, "learn.uploads.show", remove="learn.uploads.remove", token=view.token),
        "accept": ",".join(f".{ending}" for ending in here.public.file_types),
        "hint": work.file_hint(here.public),
        "is_full": len(listed) >= files.MOST_FILES,
        "error": error,
    }


def peer_part(tries: Tries) -> dict[str, Any] | None:
    """What this person may do for the others after handing in (`sejawat`)."""
    for closed in reversed(tries.history):
        task = peers.peer_task(reading(), person_id=user().person_id, own_token=closed.token)
        if task is not None:
            upcoming = task.offered[0] if task.offered else None
            return {
                "label": f"{len(task.done)} dari {task.wanted} pekerjaan rekan sudah Anda nilai",
                "url": url_for("learn.peers.show", token=closed.token, other=upcoming) if upcoming else None,
                "is_done": len(task.done) >= task.wanted,
            }
    return None


# ------------------------------------------------------------------ members of a group


def of_attempt(token: str) -> tuple[Study, Item]:
    """The course and item of one's own open attempt. NotFound for a foreign one."""
    view = queries.attempt_view(reading(), user().person_id, token)
    published = library.edition(reading(), view.edition_id)
    study = open_course(published.course_key, user().person_id)
    item = study.published.outline.item(view.quiz_key) or published.outline.item(view.quiz_key)
    if item is None:
        raise NotFound("Tugas ini tidak ada lagi. Buka halaman pelatihan untuk melihat yang lain.")
    return study, item


@bp.post("/percobaan/<token>/anggota")
def add(token: str) -> Response | tuple[str, int]:
    study, item = of_attempt(token)
    number = request.form.get("number", "")[:100]
    try:
        with writing() as session:
            groups.add_member(session, person_id=user().person_id, token=token, number=number)
    except Invalid as problem:
        return page(study, item, member_error=str(problem), number=number), 400
    return _back(study, item)


@bp.post("/percobaan/<token>/anggota/<int:person_id>/hapus")
def remove(token: str, person_id: int) -> Response:
    study, item = of_attempt(token)
    with writing() as session:
        groups.remove_member(session, person_id=user().person_id, token=token, member_id=min(person_id, 2**31 - 1))
    return _back(study, item)


@bp.post("/percobaan/<token>/anggota/keluar")
def leave(token: str) -> Response:
    """Somebody who was named without being asked takes their name off the list."""
    with writing() as session:
        groups.leave(session, person_id=user().person_id, token=token)
    return redirect(url_for("learn.home.index", pesan="keluar-kelompok"), 303)


def _back(study: Study, item: Item) -> Response:
    url = url_for("learn.assignments.show", course_key=study.published.course_key, item_key=item.key, _anchor="anggota")
    return redirect(url, 303)
