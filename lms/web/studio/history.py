"""The editions of a course: what each changed, its files, and going back to one."""

import time
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.authoring import archive, history, publishing, sources
from lms.authoring.history import Edition
from lms.errors import NotFound
from lms.web import clock, language
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.studio import plans
from lms.web.studio.desk import note, workspace
from lms.web.studio.place import Place, published_place
from lms.web.studio.publishing import chosen_mode, go_on

bp = Blueprint("history", __name__)


@dataclass(frozen=True)
class EditionRow:
    url: str
    label: str
    when: str
    by: str
    note: str
    inside: str
    is_current: bool
    work: str
    done: str


def _label(edition: Edition) -> str:
    return f"Edisi {edition.published.number}.{edition.published.revision}"


def _row(key: str, edition: Edition) -> EditionRow:
    return EditionRow(
        url_for("studio.history.show", key=key, edition_id=edition.published.edition_id),
        _label(edition),
        language.date_and_time(edition.published.published_at, user().time_zone),
        edition.by or "baris perintah",
        edition.note,
        f"{language.number(edition.inside)} peserta sedang belajar di sini" if edition.inside else "",
        edition.is_current,
        plans.work_label(edition.work),
        plans.done_label(edition.work),
    )


@bp.get("/<key>/riwayat")
def index(key: str) -> str:
    place, published = published_place(key)
    rows = [_row(key, edition) for edition in history.editions(reading(), published.course_id)]
    return render_template(
        "studio/history/index.html",
        editions=rows,
        is_working=any(row.work for row in rows),
        modes=plans.MODES,
        retired=published.is_retired,
        code=published.course_key,
        has_folder=place.folder is not None,
        **place.within("history"),
    )


@bp.get("/<key>/riwayat/<int:edition_id>")
def show(key: str, edition_id: int) -> str:
    """One edition: what it changed, line by line, and what publishing it again would do."""
    place, published = published_place(key)
    session = reading()
    edition = _edition(place, edition_id)
    chosen, before = history.edition_of(session, published.course_id, edition_id)
    changed = history.changes(session, before, chosen) if before else None
    old, new = (history.source_files(session, _data_dir(), one.edition_id) if one else {} for one in (before, chosen))
    back = publishing.consequences(session, history.stored(session, chosen)) if not edition.is_current else None
    return render_template(
        "studio/history/show.html",
        edition=_row(key, edition),
        edition_id=edition_id,
        before_label=f"edisi {before.number}.{before.revision}" if before else "",
        changes=plans.change_rows(changed, {}) if changed else [],
        details=", ".join(changed.details) if changed else "",
        verdict=_verdict(changed.is_correction, list(changed.reasons)) if changed else [],
        files=history.file_differences(old, new) if old and new else [],
        has_both=bool(old and new),
        source=language.kilobytes(edition.source.size) if edition.source else "",
        may_restore=edition.source is not None and place.folder is not None,
        back=plans.page(back) if back and back.plan.changed else None,
        current_id=published.edition_id,
        modes=plans.MODES if back and back.changes_meaning else (),
        **place.within("history"),
    )


def _verdict(is_correction: bool, reasons: list[str]) -> list[str]:
    if is_correction:
        return ["Koreksi: materi wajib dan aturan lulus tidak berubah."]
    return ["Edisi baru, karena materi wajib atau aturan lulus berubah:", *reasons]


def _edition(place: Place, edition_id: int) -> Edition:
    assert place.published is not None
    for edition in history.editions(reading(), place.published.course_id):
        if edition.published.edition_id == edition_id:
            return edition
    raise NotFound("Edisi itu bukan milik pelatihan ini. Lihat daftar edisinya lalu pilih lagi.")


def _data_dir() -> Path:
    config: Config = current_app.config["PELITA"]
    return config.data_dir


@bp.get("/<key>/riwayat/<int:edition_id>/sumber")
def download(key: str, edition_id: int) -> Response:
    edition = _edition(published_place(key)[0], edition_id)
    response = Response(_source(edition), mimetype="application/zip")
    number = f"{edition.published.number}.{edition.published.revision}"
    response.headers.set("Content-Disposition", "attachment", filename=f"{edition.published.course_key}-edisi-{number}.zip")
    return response


def _source(edition: Edition) -> bytes:
    if edition.source is None:
        raise NotFound("Berkas sumber edisi ini tidak disimpan. Edisinya sendiri utuh dan dapat diterbitkan lagi.")
    return sources.read(_data_dir(), edition.source)


@bp.post("/<key>/riwayat/<int:edition_id>/terbitkan")
def roll_back(key: str, edition_id: int) -> Response:
    """Only what the plan was shown for: when another edition was published meanwhile, the page shows the new plan."""
    began = time.monotonic()
    _, published = published_place(key)
    if request.form.get("before", type=int) != published.edition_id:
        return redirect(url_for("studio.history.show", key=key, edition_id=edition_id, pesan="rencana-baru"), 303)
    told = " ".join(request.form.get("note", "").split())
    with writing() as session:
        made = publishing.roll_back(
            session, published.course_key, edition_id, mode=chosen_mode(), note=told, now=clock.now(), by=user().person_id
        )
    go_on(made.edition_id, began)
    return redirect(url_for("studio.history.index", key=key, pesan="terbit"), 303)


@bp.post("/<key>/riwayat/<int:edition_id>/kembalikan")
def restore(key: str, edition_id: int) -> Response:
    """Put the files of an edition in the place of the folder's; those that stand there now can be brought back."""
    place, _ = published_place(key)
    if place.folder is None:
        raise NotFound("Folder pelatihan ini tidak ada di studio. Unduh berkas sumbernya, lalu unggah sebagai pelatihan.")
    archive.unpack(_source(_edition(place, edition_id)), workspace(), place.folder.name, is_own=True)
    note("restore_source", key)
    return redirect(url_for("studio.structure.show", key=key, pesan="diganti"), 303)


@bp.post("/<key>/riwayat/nilai-ulang")
def regrade(key: str) -> Response:
    """Judge all old answers by today's keys, asked for by itself."""
    began = time.monotonic()
    _, published = published_place(key)
    mode = chosen_mode()
    if mode is not None:
        with writing() as session:
            publishing.regrade(session, published.edition_id, mode=mode, now=clock.now(), by=user().person_id)
        go_on(published.edition_id, began)
    return redirect(url_for("studio.history.index", key=key, pesan="nilai-ulang"), 303)
