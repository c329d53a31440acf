"""Taking over a staff file: upload, plan, confirm, progress, result, undo. The same functions as `lms impor`.

A request does the work itself as long as it may last, so that a small file is done at once; what is left then is done by
`lms jobs`, so that a large one holds no web worker. The page refreshes itself meanwhile.
"""

import time
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.content import mediastore
from lms.content.spreadsheets import read_sheets
from lms.errors import Busy, Conflict, Invalid, NotFound, Refused
from lms.people.importing import actions, queries, template, undo
from lms.people.importing.queries import ImportRow
from lms.people.importing.rows import read_kept, read_upload
from lms.people.importing.texts import KINDS, STATES, problem_table, told, unit_lines
from lms.people.importing.types import ImportState, Options, Outcome, Plan, RowKind, StaffFile
from lms.people.queries import names_of
from lms.web import clock, fresh, language
from lms.web.admin import navigation
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("imports", __name__, url_prefix="/impor")
REQUEST_SECONDS = 8.0
"""From here on the rest is left to `lms jobs`."""
REFRESH_SECONDS = 3
PAGE = 50
TEMPLATES = {
    "xlsx": ("templat-pegawai.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", template.workbook),
    "csv": ("templat-pegawai.csv", "text/csv", template.plain_text),
}
GONE = "Berkas impor ini sudah dihapus dari server. Unggah lagi berkasnya; yang sudah tercatat tidak berubah."


@bp.get("")
def index() -> str:
    return _index()


def _index(error: str = "", field: str | None = None) -> str:
    rows = queries.imports(reading())
    names = names_of(reading(), {row.by for row in rows if row.by is not None})
    return render_template(
        "admin/imports/index.html",
        today=clock.today(user().time_zone).isoformat(),
        on=request.form.get("on", clock.today(user().time_zone).isoformat()),
        is_complete=bool(request.form.get("complete")),
        error=error,
        on_error=error if field == "on" else "",
        imports=[
            {
                "url": url_for("admin.imports.show", import_id=row.import_id),
                "name": row.file_name,
                "when": language.date_and_time(row.begun_at, user().time_zone),
                "who": names.get(row.by or 0, "perintah lms"),
                "state": STATES[row.state],
            }
            for row in rows
        ],
        **navigation.of("imports"),
    )


@bp.post("")
def create() -> Response:
    """Read the file and keep what was read until it is taken over. Nothing else changes yet."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid("Pilih dulu berkasnya.", field="file")
        options = Options(_day(), bool(request.form.get("complete")))
        actions.check_day(options, clock.now())
        _, kept = read_upload(read_sheets(sent.read()))
    except Invalid as problem:
        return make_response(_index(str(problem), problem.field), 400)
    sha256 = mediastore.keep(kept, _data_dir(), mediastore.IMPORTS)
    name = "".join(sign for sign in sent.filename if sign.isprintable())
    with writing() as session:
        import_id = actions.register(
            session, file_name=name, sha256=sha256, options=options, now=clock.now(), by=user().person_id
        )
    return redirect(url_for("admin.imports.show", import_id=import_id), 303)


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("on") or clock.today(user().time_zone).isoformat())
    except ValueError as problem:
        raise Invalid("Tanggal berlaku tidak terbaca. Pilih tanggalnya sekali lagi.", field="on") from problem


@bp.get("/templat/<kind>")
def templates(kind: str) -> Response:
    if kind not in TEMPLATES:
        raise NotFound("Templat ini tidak ada. Yang tersedia: xlsx dan csv.")
    name, mime, make = TEMPLATES[kind]
    return send_file(BytesIO(make()), mimetype=mime, as_attachment=True, download_name=name)


@bp.get("/<int:import_id>")
def show(import_id: int) -> Response:
    return _page(_found(import_id))


def _page(found: ImportRow, error: str = "") -> Response:
    if found.state is ImportState.PLANNED:
        return make_response(_plan_page(found, error))
    page = make_response(_result_page(found))
    if found.state in (ImportState.APPLYING, ImportState.UNDOING):
        page.headers["Refresh"] = str(REFRESH_SECONDS)
    return page


def _plan_page(found: ImportRow, error: str) -> str:
    plan = queries.plan_of(reading(), file := _file(found), found.options, user().person_id)
    groups = _groups(plan)
    chosen = request.args.get("jenis", "")
    chosen = chosen if chosen in groups else next(iter(groups))
    label, rows = groups[chosen]
    page = _page_number(len(rows))
    here = {"import_id": found.import_id, "jenis": chosen}
    return render_template(
        "admin/imports/show.html",
        plan=plan,
        imported=_head(found),
        sheet=file.sheet,
        header_line=file.header_line,
        ignored=file.ignored,
        kinds=[
            (url_for("admin.imports.show", import_id=found.import_id, jenis=key, _anchor="rincian"), name, language.number(len(those)),
             key == chosen)
            for key, (name, those) in groups.items()
        ],
        chosen=label,
        rows=[told(outcome, plan) for outcome in rows[(page - 1) * PAGE : page * PAGE]],
        pager=_pager(here, page, len(rows)),
        units=unit_lines(plan),
        problems=plan.count(RowKind.PROBLEM),
        leavers=plan.count(RowKind.LEFT) if plan.asks_for_number else 0,
        has_work=_has_work(plan),
        error=error,
        **navigation.of("imports"),
    )  # fmt: skip


def _groups(plan: Plan) -> dict[str, tuple[str, list[Outcome]]]:
    """Word of the address to label and rows: what becomes of people, then what is only worth a second look."""
    groups = {kind.value: (label, [one for one in plan.outcomes if one.kind is kind]) for kind, label in KINDS.items()}
    doubtful = [one for one in plan.outcomes if one.findings and one.kind is not RowKind.PROBLEM]
    groups["catatan"] = ("Perlu dilihat lagi", doubtful)
    return {key: (label, rows) for key, (label, rows) in groups.items() if rows}


def _has_work(plan: Plan) -> bool:
    return bool(plan.units) or any(plan.count(kind) for kind in RowKind if kind not in (RowKind.PROBLEM, RowKind.UNCHANGED))


def _page_number(total: int) -> int:
    typed = request.args.get("hal", "")
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else 1
    return max(1, min(wanted, -(-total // PAGE)))


def _pager(here: dict[str, Any], page: int, total: int) -> dict[str, Any] | None:
    last = -(-total // PAGE)
    if last <= 1:
        return None

    def address(number: int) -> str:
        return url_for("admin.imports.show", **here, hal=number, _anchor="rincian")

    return {
        "label": f"Halaman {language.number(page)} dari {language.number(last)}",
        "previous_url": address(page - 1) if page > 1 else None,
        "next_url": address(page + 1) if page < last else None,
    }


def _head(found: ImportRow) -> dict[str, Any]:
    zone = user().time_zone
    return {
        "id": found.import_id,
        "name": found.file_name,
        "state": found.state.value,
        "on": language.long_date(found.options.on),
        "is_complete": found.options.is_complete,
        "finished": language.date_and_time(found.finished_at, zone) if found.finished_at else "",
        "undone": language.date_and_time(found.undone_at, zone) if found.undone_at else "",
    }


def _result_page(found: ImportRow) -> str:
    counts = found.counts
    done = sum(count for kind, count in counts["done"].items() if kind != "units")
    is_back = found.state in (ImportState.UNDOING, ImportState.UNDONE)
    return render_template(
        "admin/imports/show.html",
        plan=None,
        imported=_head(found),
        percent=min(100, 100 * done // max(1, counts["total"])),
        progress=f"{language.number(done)} dari {language.number(counts['total'])} baris selesai",
        has_new=counts["done"][RowKind.NEW] > 0,
        facts=[(KINDS[kind], language.number(counts["done"][kind])) for kind in KINDS if counts["done"][kind]]
        + ([("Unit baru atau berubah", language.number(counts["done"]["units"]))] if counts["done"]["units"] else []),
        undone=language.number(counts["undone"]) if is_back else "",
        kept_count=counts["kept"] if is_back else 0,
        kept=queries.kept_changes(reading(), found.import_id) if is_back else [],
        problems=counts["done"][RowKind.PROBLEM] if _is_there(found) else 0,
        error="",
        **navigation.of("imports"),
    )


@bp.post("/<int:import_id>/terapkan")
def apply(import_id: int) -> Response:
    """Begin to take over, or go on with it."""
    here = url_for("admin.imports.show", import_id=import_id)
    found = _found(import_id)
    if asked := fresh.password_first(here):
        return asked
    began = time.monotonic()
    file = _file(found)
    if found.state is ImportState.PLANNED:
        plan = queries.plan_of(reading(), file, found.options, user().person_id)
        try:
            with writing() as session:
                actions.confirm(
                    session,
                    import_id=import_id,
                    plan=plan,
                    typed=request.form.get("leavers", ""),
                    now=clock.now(),
                    by=user().person_id,
                )
        except Invalid as problem:
            answer = _page(found, str(problem))
            answer.status_code = 400
            return answer
    run = actions.begin_run(reading(), _found(import_id), file)
    _go_on(lambda session: actions.advance(session, run, now=clock.now()), import_id, began)
    _read.cache_clear()
    return redirect(here, 303)


@bp.post("/<int:import_id>/batalkan")
def take_back(import_id: int) -> Response:
    """Begin to undo, or go on with it."""
    here = url_for("admin.imports.show", import_id=import_id)
    found = _found(import_id)
    if asked := fresh.password_first(here):
        return asked
    began = time.monotonic()
    if found.state is not ImportState.UNDOING:
        with writing() as session:
            undo.begin_undo(session, import_id=import_id, now=clock.now(), by=user().person_id)
    _go_on(lambda session: undo.advance_undo(session, import_id, now=clock.now()), import_id, began)
    return redirect(here, 303)


def _go_on(piece: Callable[[Any], bool], import_id: int, began: float) -> None:
    """Piece by piece as long as this request may last; what was done stands, so nothing here may fail the page."""
    try:
        more = True
        while more and time.monotonic() - began < REQUEST_SECONDS:
            with writing() as session:
                more = piece(session)
            session.expunge_all()
    except Busy:
        return  # learners go first; `lms jobs` goes on from here
    except Exception:  # what was done is kept, and `lms jobs` tries again and tells
        current_app.logger.exception("staff import id %s stopped", import_id)


@bp.post("/<int:import_id>/masalah")
def problems(import_id: int) -> Response:
    """The rows that were left out as a CSV, the reason beside each, to be mended and imported again."""
    found = _found(import_id)
    if asked := fresh.password_first(url_for("admin.imports.show", import_id=import_id)):
        return asked
    file = _file(found)
    headings, rows = problem_table(file, queries.plan_of(reading(), file, found.options, user().person_id))
    if not rows:
        raise Conflict("Tidak ada baris bermasalah lagi pada impor ini.")
    with writing() as session:
        actions.note_problems_taken(session, import_id=import_id, people=len(rows), now=clock.now(), by=user().person_id)
    content = BytesIO(template.table_csv(headings, rows))
    return send_file(content, mimetype="text/csv", as_attachment=True, download_name=f"impor-{import_id}-bermasalah.csv")


def _found(import_id: int) -> ImportRow:
    return queries.staff_import(reading(), min(import_id, 2**31 - 1))


def _file(found: ImportRow) -> StaffFile:
    try:
        return _read(mediastore.path_of(_data_dir(), found.sha256, mediastore.IMPORTS))
    except (OSError, Refused) as problem:
        raise Conflict(GONE) from problem


@lru_cache(maxsize=1)
def _read(path: Path) -> StaffFile:
    """Kept while somebody pages through a plan: a large file takes seconds to read. It never changes, being named by its hash."""
    return read_kept(path.read_bytes())


def _is_there(found: ImportRow) -> bool:
    return mediastore.path_of(_data_dir(), found.sha256, mediastore.IMPORTS).is_file()


def _data_dir() -> Path:
    config: Config = current_app.config["PELITA"]
    return config.data_dir
