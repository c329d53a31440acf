"""Reports about the whole agency, and certificates on their way to SIASN."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.people.exports import ExportRow, exports_of, record_export
from lms.people.hierarchy import EVERYBODY
from lms.recognition import exports
from lms.web import clock, downloads, fresh, language, report_pages
from lms.web.admin import navigation
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn.certificates import verify_url

bp = Blueprint("reports", __name__, url_prefix="/laporan")
PLACE = report_pages.Place("admin.reports", lambda: (EVERYBODY, None), navigation.of)
ROWS_SHOWN = 20


@bp.get("")
def index() -> str:
    siasn = report_pages.Card(
        "Ekspor kursus ke SIASN",
        "Sertifikat yang belum dikirim ke SIASN, sebagai berkas isian beserta PDF-nya. Tidak ada yang terkirim dua kali.",
        f"{language.number(exports.waiting_count(reading()))} sertifikat belum dikirim",
        url_for("admin.reports.siasn"),
    )
    return report_pages.index(PLACE, (siasn,))


@bp.get("/<key>")
def show(key: str) -> str:
    return report_pages.show(PLACE, key)


@bp.post("/<key>")
def export(key: str) -> Response:
    return report_pages.export(PLACE, key)


# ------------------------------------------------------------------ SIASN (D54)


@bp.get("/siasn")
def siasn() -> str:
    found = exports.preview(reading())
    lines = report_pages.plain_lines(found.table)
    return render_template(
        "admin/reports/siasn.html",
        up_url=url_for("admin.reports.index"),
        facts=[
            ("Siap dikirim", language.number(found.waiting)),
            ("Belum dapat dikirim", language.number(len(found.held))),
            ("Siap, tanpa pnsOrangId", language.number(found.without_siasn_id)),
        ],
        columns=report_pages.heads(found.table.columns),
        lines=lines[:ROWS_SHOWN],
        more=max(0, found.waiting - ROWS_SHOWN),
        next_size=len(found.ids),
        held=found.held[: exports.SHOWN],
        changed=found.changed,
        past=[_past(row) for row in exports_of(reading(), exports.KIND)],
        opened=request.args.get("ekspor", ""),
        **navigation.of("reports"),
    )


@bp.post("/siasn")
def make_siasn() -> Response:
    """Mark what is new as sent; its files are then taken from the list."""
    if asked := fresh.password_first(url_for("admin.reports.siasn")):
        return asked
    ids = exports.preview(reading()).ids
    with writing() as session:
        export_id = exports.make_export(session, ids=ids, by=user().person_id, now=clock.now())
    return redirect(url_for("admin.reports.siasn", ekspor=export_id, _anchor="ekspor"), 303)


@bp.post("/siasn/<int:export_id>")
def take_siasn(export_id: int) -> Response:
    """One file of an export, the same however often it is taken."""
    if asked := fresh.password_first(url_for("admin.reports.siasn", ekspor=export_id)):
        return asked
    wanted = request.form.get("bentuk", "")
    made = exports.export_row(reading(), min(export_id, 2**31 - 1))
    stem = f"siasn-kursus-{made.id}"
    if wanted.startswith("pdf-"):
        part = int(wanted[4:]) if wanted[4:].isdecimal() and len(wanted) < 9 else 0
        snapshots = exports.snapshots_of(reading(), made.id, part)
        _note(made, wanted, len({snapshot.nip for snapshot in snapshots}))
        return downloads.send_zip(
            lambda out: exports.pack(snapshots, out, made_at=made.at, verify_url=verify_url), f"{stem}-pdf-{part}"
        )
    shape = downloads.checked_shape(wanted)
    table = exports.export_table(reading(), made.id)
    _note(made, shape, made.people)
    return downloads.send_table(table, stem, shape, made.at)


def _note(made: ExportRow, shape: str, people: int) -> None:
    with writing() as session:
        record_export(
            session, at=clock.now(), by=user().person_id, kind="siasn-berkas", scope_paths=("/",), people=people,
            export=made.id, shape=shape,
        )  # fmt: skip


def _past(row: ExportRow) -> dict[str, Any]:
    count = row.detail["certificates"]
    starts = range(0, count, exports.IN_PART)
    return {
        "id": str(row.id),
        "title": f"Ekspor {row.id}: {language.number(count)} sertifikat, {language.number(row.people)} pegawai",
        "when": language.date_and_time(row.at, user().time_zone),
        "action": url_for("admin.reports.take_siasn", export_id=row.id),
        "shapes": downloads.SHAPES,
        "parts": [
            (f"pdf-{part}", f"PDF {start + 1}–{min(count, start + exports.IN_PART)}") for part, start in enumerate(starts, 1)
        ],
    }
