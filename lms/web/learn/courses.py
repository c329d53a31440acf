"""One course: what it gives, how far, and its outline; enrolling, moving to a new edition, and the page of a finished one."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.content import library
from lms.content.types import Item
from lms.errors import Conflict, NotFound
from lms.progress import actions, queries
from lms.progress.competencies import named
from lms.web import clock, language
from lms.web.claims import rules_today
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn import certificates
from lms.web.learn.asked import of_course
from lms.web.learn.shapes import Link, course_meta, item_url, markup, minutes_and_size, module_sections, progress_label
from lms.web.learn.study import Study, open_course, require_enrolment

bp = Blueprint("courses", __name__)


@bp.get("/pelatihan/<course_key>")
def show(course_key: str) -> str:
    who = user()
    study = open_course(course_key, who.person_id)
    outline = study.published.outline
    prerequisites = _prerequisites(study)
    return render_template(
        "learn/courses/show.html",
        course={
            "title": outline.title,
            "language": outline.language,
            "summary": outline.summary,
            "meta": course_meta(outline),
            "organizer": outline.organizer,
            "audience": outline.audience,
            "authors": ", ".join(outline.authors),
            "competencies": [(name, f"level {level}") for _, name, level in named(rules_today(), outline.competencies)],
            "edition_label": f"Edisi {study.published.number}, {language.long_date(study.published.published_at, who.time_zone)}",
            "intro": markup(outline.landing),
        },
        enrolment=_enrolment(study),
        asked_label=None if study.is_completed else of_course(who.person_id, study.newest.course_id),
        resume=_resume(study),
        enrol=_enrol(study, prerequisites),
        prerequisites=prerequisites,
        update=_update(study),
        modules=module_sections(
            study.published, study.status if study.enrolment else None, study.status.next_key if study.enrolment else ""
        ),
        attachments=[
            {"url": file.url, "title": file.title, "meta": language.kilobytes(file.size_bytes)}
            for file in {file.url: file for item in outline.items for file in item.attachments}.values()
        ],
        active_nav="catalogue",
    )


def _enrolment(study: Study) -> dict[str, Any] | None:
    if study.enrolment is None:
        return None
    url = url_for("learn.courses.finished", course_key=study.published.course_key) if study.is_completed else None
    return {
        "percent": study.status.percent,
        "label": "Selesai" if study.is_completed else progress_label(study.status),
        "finished": study.is_completed,
        "certificate_url": url,
    }


def _resume(study: Study) -> Link | None:
    following = study.published.outline.item(study.status.next_key)
    if study.enrolment is None or study.is_completed or following is None:
        return None
    return Link(item_url(study.published.course_key, following), following.title)


def _enrol(study: Study, prerequisites: list[dict[str, Any]]) -> dict[str, str] | None:
    if study.enrolment is not None or not all(each["met"] for each in prerequisites):
        return None
    return {"url": url_for("learn.courses.enrol", course_key=study.published.course_key)}


def _prerequisites(study: Study) -> list[dict[str, Any]]:
    keys = study.published.outline.prerequisites
    if not keys:
        return []
    finished = queries.completed_course_keys(reading(), user().person_id)
    found = []
    for key in keys:
        try:
            needed = library.current(reading(), key)
        except NotFound:
            continue  # a course that is not offered (any more) holds nobody back
        met = needed.course_key in finished or needed.is_retired
        url = url_for("learn.courses.show", course_key=needed.course_key)
        found.append(
            {"title": needed.outline.title, "url": url, "met": met, "state_label": "Selesai" if met else "Selesaikan dulu"}
        )
    return found


def _update(study: Study) -> dict[str, str] | None:
    """The offer to move to a newer edition, with what it means."""
    if study.enrolment is None or not study.has_newer or study.is_completed:
        return None
    offer = queries.edition_offer(reading(), study.enrolment)
    if offer is None:
        return None
    change = offer.change
    parts = [f"Edisi {offer.to_number} sudah terbit."]
    if change.added:
        parts.append(f"{len(change.added)} materi baru: {', '.join(title for _, title in change.added[:3])}.")
    if change.removed:
        parts.append(f"{len(change.removed)} materi tidak ada lagi.")
    parts += offer.rules
    parts.append(f"Kemajuan Anda {change.percent_now} % menjadi {change.percent_then} %; yang sudah selesai tetap selesai.")
    return {
        "url": url_for("learn.courses.move", course_key=study.published.course_key),
        "text": " ".join(parts),
        "number": str(offer.to_number),
    }


@bp.post("/pelatihan/<course_key>/daftar")
def enrol(course_key: str) -> Response:
    who = user()
    study = open_course(course_key, who.person_id)
    with writing() as session:
        actions.enrol(session, person_id=who.person_id, published=study.newest, now=clock.now())
    return redirect(url_for("learn.courses.show", course_key=study.published.course_key, pesan="ikut"), 303)


@bp.get("/pelatihan/<course_key>/perubahan")
def changes(course_key: str) -> str:
    """What is new between the edition the person knows and the newest one."""
    study = open_course(course_key, user().person_id)
    known = study.published
    found = library.changes_between(reading(), known, study.newest)
    outline = study.newest.outline

    def rows(items: tuple[Item, ...], link: bool) -> list[dict[str, Any]]:
        return [
            {"title": item.title, "meta": minutes_and_size(item), "url": item_url(outline.key, item) if link else None}
            for item in items
        ]

    return render_template(
        "learn/courses/changes.html",
        course=Link(url_for("learn.courses.show", course_key=known.course_key), outline.title),
        editions=f"Edisi {known.number} → {study.newest.number}",
        new=rows(found.new_items, False),
        changed=rows(found.changed_items, False),
        removed=rows(found.removed_items, False),
        is_completed=study.is_completed,
        update=_update(study),
        active_nav="catalogue",
    )


@bp.post("/pelatihan/<course_key>/perubahan")
def move(course_key: str) -> Response:
    who = user()
    study = open_course(course_key, who.person_id)
    require_enrolment(study)
    number = request.form.get("number", default=study.newest.number, type=int)
    with writing() as session:
        actions.move_to_edition(
            session, person_id=who.person_id, course_id=study.published.course_id, to_number=number, now=clock.now()
        )
    return redirect(url_for("learn.courses.show", course_key=study.published.course_key, pesan="pindah"), 303)


@bp.get("/pelatihan/<course_key>/sertifikat")
def finished(course_key: str) -> str:
    study = open_course(course_key, user().person_id)
    if not study.is_completed or study.enrolment is None:
        raise Conflict(
            "Pelatihan ini belum selesai, jadi sertifikatnya belum terbit. Kemajuan Anda tersimpan; lanjutkan dari halaman pelatihan."
        )
    return render_template(
        "learn/courses/finished.html",
        course=Link(url_for("learn.courses.show", course_key=study.published.course_key), study.published.outline.title),
        **certificates.completion_page(study, study.enrolment),
        active_nav="catalogue",
    )
