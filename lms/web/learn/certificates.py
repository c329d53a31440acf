"""The certificate of a finished course: PDF, print page, and what the completion page offers."""

from typing import Any
from urllib.parse import quote

import segno
from flask import Blueprint, current_app, render_template, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.content.types import ItemKind
from lms.errors import NotFound
from lms.evaluation import queries as evaluation
from lms.progress import jp
from lms.progress.queries import EnrolmentRow
from lms.recognition import pdf, printing, queries, rules, siasn
from lms.recognition.types import Snapshot
from lms.web import language, translation
from lms.web.extensions import reading
from lms.web.identity import user
from lms.web.learn import asked
from lms.web.learn.results import gain_part
from lms.web.learn.shapes import item_url
from lms.web.learn.study import Study, open_course, require_enrolment
from lms.web.public import logo

bp = Blueprint("certificates", __name__)


def verify_url(code: str) -> str:
    """The public address a QR code opens; always of BASE_URL, never of the request's host (R37)."""
    config: Config = current_app.config["PELITA"]
    return f"{config.base_url}/verifikasi/{rules.grouped_code(code)}"


def _own_snapshot(course_key: str) -> Snapshot:
    """The newest certificate of the signed-in person for a course."""
    who = user()
    enrolment = require_enrolment(open_course(course_key, who.person_id))
    code = queries.code_for(reading(), enrolment.id)
    if code is None:
        raise NotFound("Belum ada sertifikat untuk pelatihan ini.")
    return queries.snapshot_for(reading(), who.person_id, code)


def completion_page(study: Study, enrolment: EnrolmentRow) -> dict[str, Any]:
    """What templates/learn/courses/finished.html shows of a completed course."""
    who = user()
    code = queries.code_for(reading(), enrolment.id)
    earned = jp.counted_entry(reading(), enrolment.id)
    snapshot = queries.snapshot_for(reading(), who.person_id, code) if code else None
    course_key = study.published.course_key
    return {
        "person_name": snapshot.name if snapshot else who.name,
        "finished_label": printing.day(snapshot.completed_on) if snapshot else "",
        "jp_label": f"{earned.jp if earned else 0} JP",
        "jp_note": snapshot.jp_note if snapshot else "",
        "score_label": f"nilai {language.score(study.status.final_score)}" if study.status.final_score is not None else None,
        "certificate": {
            "number": snapshot.number,
            "code": rules.grouped_code(snapshot.code),
            "pdf_url": url_for("learn.certificates.download", course_key=course_key),
            "page_url": url_for("learn.certificates.show", course_key=course_key),
            "verify_url": url_for("public.verification.show", code=rules.grouped_code(snapshot.code)),
        }
        if snapshot
        else None,
        "myasn": siasn.myasn_card(snapshot) if snapshot and snapshot.jp else [],
        "gain": gain_part(evaluation.gain_of(reading(), who.person_id, study.published.course_id)),
        "thanks": asked.thanks_for(who.person_id, study.published.course_id),
        "survey": _survey(study),
        "next_step": _what_is_new(study),
    }


def _survey(study: Study) -> dict[str, str] | None:
    """The survey at the end of the course, until it is filled in; it decides nothing."""
    items = study.published.outline.items
    survey = next((item for item in items if item.kind is ItemKind.SURVEY and not study.status.items[item.key].is_done), None)
    if survey is None:
        return None
    return {"url": item_url(study.published.course_key, survey), "title": survey.title, "minutes": f"±{survey.minutes} menit"}


def _what_is_new(study: Study) -> dict[str, str] | None:
    if not study.has_newer:
        return None
    return {
        "url": url_for("learn.courses.changes", course_key=study.published.course_key),
        "label": "Lihat yang baru sejak Anda lulus",
    }


@bp.get("/pelatihan/<course_key>/sertifikat/pdf")
def download(course_key: str) -> Response:
    snapshot = _own_snapshot(course_key)
    content = pdf.render(snapshot, verify_url=verify_url(snapshot.code), logo=logo.content())
    name = rules.file_name(snapshot.number)
    return Response(
        content,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
    )


@bp.get("/pelatihan/<course_key>/sertifikat/cetak")
def show(course_key: str) -> str:
    """The certificate as a page to print, for devices that cannot open a PDF."""
    snapshot = _own_snapshot(course_key)
    address = verify_url(snapshot.code)
    translation.use(snapshot.language)  # a document is never translated
    return render_template(
        "learn/certificates/show.html",
        face=printing.face(snapshot, address),
        qr=segno.make(address, error="m", micro=False).svg_data_uri(border=2, omitsize=True),
    )
