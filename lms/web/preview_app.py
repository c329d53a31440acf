"""The pages of `lms pratinjau`: course folders on the author's own computer. No database, no accounts; answers live in memory only."""

import io
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, abort, current_app, g, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from config import LOOPBACK, ROOT
from lms.authoring.preview import CoursePreview, PreviewPage, key_of
from lms.authoring.trial import Trial
from lms.authoring.watch import Watch
from lms.content.compile import KINDS as COMPILED
from lms.content.measure import minutes
from lms.content.nodes import FileNode
from lms.content.slugs import RESERVED
from lms.content.types import Level, Problem
from lms.errors import Invalid, LmsError, NotFound
from lms.web import assets, headers, language, translation
from lms.web.learn.shapes import KIND_LABELS, Link, ModuleSection, OutlineRow
from lms.web.preview import Answering, preview_html
from lms.web.stored import send_media
from lms.web.studio import findings

bp = Blueprint("preview", __name__)
VISITOR_COOKIE = "pratinjau"
MOST_VISITORS = 50
WAIT_SECONDS = 25.0
MOST_TOLD = 100
"""Findings on one page; the rest are counted."""
PHONE_WIDTH = 22.5
"""360 px in em: the width at which the learners' style sheet is read for the phone's column."""
BODY_LIMIT = 1_000_000
VIEWS = {"peserta": "Peserta", "penulis": "Penulis"}
NAMES = {
    "tugas": "Tugas",
    "evaluasi": "Evaluasi",
    "bank": "Bank soal",
    "readme": "Pengantar modul",
    "istilah": "Daftar istilah",
} | {kind: KIND_LABELS[compiled] for kind, compiled in COMPILED.items() if compiled in KIND_LABELS}
"""What a file is called, by its kind."""


@dataclass
class Visitor:
    """What one browser chose and tried. Forgotten when the command ends."""

    view: str = "peserta"
    is_wide: bool = False
    trials: dict[tuple[str, str], Trial] = field(default_factory=dict)

    def trial(self, course_key: str, item_key: str) -> Trial:
        return self.trials.setdefault((course_key, item_key), Trial())


@dataclass(frozen=True)
class Toggle:
    url: str
    label: str
    is_on: bool


@dataclass
class Stage:
    """What the application serves. `mark` tells one run of the command from the next."""

    watch: Watch
    phone_style: str
    wide_url: str
    visitors: OrderedDict[str, Visitor] = field(default_factory=OrderedDict)
    in_view: str = ""
    """Key of the course that was asked for last."""
    mark: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def previews(self) -> dict[str, CoursePreview]:
        return dict(self.watch.previews)


def create_preview_app(watch: Watch, root: Path = ROOT) -> Flask:
    """The application over the previews of a watch, which the caller starts and stops."""
    app = Flask("lms", static_folder=None, template_folder=str(root / "templates"))
    app.config.update(TRUSTED_HOSTS=list(LOOPBACK), MAX_CONTENT_LENGTH=BODY_LIMIT)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "finalize": translation.spoken}
    language.register(app)
    assets.register(app, root / "static")
    found: assets.Assets = app.extensions["pelita_assets"]
    app.extensions["pelita_preview"] = Stage(watch, at_width(found.style, PHONE_WIDTH), found.url(assets.STYLE))
    app.before_request(headers.refuse_junk)
    app.before_request(_refuse_other_sites)
    app.after_request(_add_headers)
    app.register_error_handler(LmsError, _missing)
    app.register_error_handler(HTTPException, _refused)
    app.register_blueprint(bp)
    return app


def at_width(style: str, width_em: float) -> str:
    """A style sheet as a window of that width reads it: what a column on a wide screen needs to look like a phone."""
    made, position = "", 0
    for match in re.finditer(r"@media\((min|max)-width:([\d.]+)em\)\{", style):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(style[end], 0)
            end += 1
        holds = width_em >= float(match[2]) if match[1] == "min" else width_em <= float(match[2])
        made += style[position : match.start()] + (style[match.end() : end - 1] if holds else "")
        position = end
    return made + style[position:]


def _stage() -> Stage:
    stage: Stage = current_app.extensions["pelita_preview"]
    return stage


def _refuse_other_sites() -> None:
    if headers.comes_from_elsewhere():
        abort(400, headers.FROM_ELSEWHERE)


def _add_headers(response: Response) -> Response:
    if "visitor_key" in g:
        response.set_cookie(VISITOR_COOKIE, g.visitor_key, samesite="Lax", httponly=True)
    for name, value in headers.ALWAYS.items():
        response.headers.setdefault(name, value)
    policy = headers.POLICY.format(style="", ancestors="'none'", frames="")
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refused(problem: HTTPException) -> Response:
    if problem.response is not None or (problem.code or 500) < 400:
        return current_app.make_response(problem.get_response())
    return Response(f"{problem.description}\n", problem.code, mimetype="text/plain")


def _visitor() -> Visitor:
    """Whoever asks, known by a random cookie; other previews on this computer may have set it first."""
    visitors, given = _stage().visitors, request.cookies.get(VISITOR_COOKIE, "")
    key = given if re.fullmatch(r"[\w-]{22}", given, re.ASCII) else secrets.token_urlsafe(16)
    g.visitor_key = key
    visitor = visitors.setdefault(key, Visitor())
    visitors.move_to_end(key)
    while len(visitors) > MOST_VISITORS:
        visitors.popitem(last=False)
    return visitor


def _preview(course_key: str) -> CoursePreview:
    """The course that is looked at; the child process of the one before may rest."""
    stage = _stage()
    preview = stage.previews.get(course_key)
    if preview is None:
        raise NotFound(f"Pelatihan {course_key} tidak ada di pratinjau ini.")
    if not preview.version:
        preview.refresh()
    if stage.in_view not in ("", course_key):
        stage.previews[stage.in_view].close()
    stage.in_view = course_key
    return preview


# Pages


@bp.before_request
def choose() -> Response | None:
    """The toggles are links: they set what this browser looks at, and come back to the page."""
    visitor = _visitor()
    if request.method != "GET" or not {"sebagai", "lebar"} & set(request.args):
        return None
    if request.args.get("sebagai") in VIEWS:
        visitor.view = request.args["sebagai"]
    visitor.is_wide = request.args.get("lebar", "ya" if visitor.is_wide else "tidak") == "ya"
    return redirect(request.path, 303)


@bp.get("/")
def index() -> Response | str:
    previews = _stage().previews
    if len(previews) == 1:
        return redirect(url_for("preview.course", course_key=next(iter(previews))), 303)
    return _index_page()


def _index_page(message: str = "") -> str:
    rows = [
        OutlineRow(
            url_for("preview.course", course_key=key), _title(preview), str(preview.folder), "", findings.label(preview.problems)
        )
        for key, preview in _stage().previews.items()
    ]
    return render_template("preview/index.html", courses=rows, message=message, bar=_bar(None))


@bp.get("/pelatihan/<course_key>")
def course(course_key: str) -> str:
    return _course_page(_preview(course_key))


def _course_page(preview: CoursePreview, message: str = "") -> str:
    shown = preview.course
    return render_template(
        "preview/course.html",
        course={
            "title": _title(preview),
            "summary": shown.meta.get("ringkasan", ""),
            "meta": f"{shown.meta.get('jp')} JP" if shown.meta.get("jp") else "",
            "intro": _intro(preview),
            "folder": str(preview.folder),
        },
        sections=_sections(preview),
        message=message,
        bar=_bar(preview, preview.problems),
    )


@bp.get("/pelatihan/<course_key>/<path:place>")
def page(course_key: str, place: str) -> str:
    preview = _preview(course_key)
    return _page(preview, preview.page(_item_key(preview, place)))


@bp.post("/pelatihan/<course_key>/<path:place>")
def answer(course_key: str, place: str) -> Response | tuple[str, int]:
    """Saves one answer, sends the attempt or begins a new one; all of it in memory."""
    preview = _preview(course_key)
    shown = preview.page(_item_key(preview, place))
    rules, trial = shown.item.quiz, _visitor().trial(course_key, shown.item.key)
    question = shown.questions.get(request.args.get("soal", ""))
    anchor = ""
    if rules is not None and request.form.get("go") == "kirim":
        trial.send(shown.questions.values(), rules)
        anchor = "#hasil"
    elif request.form.get("go") == "ulang":
        trial.start_again()
    elif question is not None:
        typed = request.form.to_dict(flat=False)
        try:
            trial.save(question, rules is None or rules.shuffle_options, typed)
            if rules is None and not trial.answers[question.public.id]:
                raise Invalid("Belum ada jawaban yang diisi.")
        except Invalid as problem:
            refused = {"question_id": question.public.id, "typed": typed, "reason": str(problem)}
            return _page(preview, shown, **refused), 400
        anchor = f"#periksa-{question.public.id}"
    return redirect(_url(preview, shown.item.key) + anchor, 303)


def _page(preview: CoursePreview, shown: PreviewPage, **refused: Any) -> str:
    visitor = _visitor()
    posttests = [key_of(node) for node in preview.course.files if node.kind == "posttest"]
    answering = Answering(
        url=_url(preview, shown.item.key),
        trial=visitor.trial(preview.key, shown.item.key),
        posttest_passed=any(visitor.trial(preview.key, key).passed for key in posttests),
        **refused,
    )
    return preview_html(shown, view=visitor.view, answering=answering, bar=_bar(preview, shown.problems, shown.file))


@bp.get("/versi")
def follow() -> Response:
    """Answers when there is something newer than `sejak`, or after a while."""
    stage = _stage()
    mark, _, version = request.args.get("sejak", "").partition("-")
    key = request.args.get("kursus", "")
    if key not in stage.previews:
        raise NotFound("Pelatihan ini tidak ada di pratinjau ini.")
    if mark == stage.mark and version.isascii() and version.isdigit():
        stage.watch.wait(key, int(version), WAIT_SECONDS, request.environ.get("waitress.client_disconnected", lambda: False))
    return jsonify(versi=_version(stage.previews[key]))


@bp.get("/media/<sha256>/<name>")
def media(sha256: str, name: str) -> Response:
    found = next((file for preview in _stage().previews.values() if (file := preview.media(sha256))), None)
    if found is None:
        raise NotFound("Berkas ini tidak ada lagi. Muat ulang halamannya.")
    return send_media(io.BytesIO(found.content), mime=found.mime, name=found.name, sha256=sha256)


@bp.get("/gaya.css")
def style() -> Response:
    """The learners' style sheet for a column as wide as a phone."""
    return Response(_stage().phone_style, mimetype="text/css")


def _missing(problem: LmsError) -> tuple[str, int]:
    """What is not there: the nearest page that is, with the reason. It follows the files too, and shows them when they are back."""
    preview = _stage().previews.get((request.view_args or {}).get("course_key", ""))
    return (_course_page(preview, str(problem)) if preview else _index_page(str(problem))), 404


# What the pages show


def _version(preview: CoursePreview) -> str:
    return f"{_stage().mark}-{preview.version}"


def _title(preview: CoursePreview) -> str:
    shown = preview.course
    return shown.meta.get("judul") or (shown.readme.title if shown.readme else "") or preview.folder.name


def _item_key(preview: CoursePreview, place: str) -> str:
    """The key in an address such as the learners': `kuis/asas/kuis`, `asas/materi`, `bank/etika.md`."""
    first, _, rest = place.partition("/")
    return rest if rest and first in RESERVED else place


def _url(preview: CoursePreview, item_key: str) -> str:
    return quote(preview.address_of(item_key))


def _findings(preview: CoursePreview, problems: Iterable[Problem]) -> list[findings.Finding]:
    """The worst first, each with its place as a terminal writes it."""
    rows = []
    for problem in sorted(problems, key=lambda one: (list(Level).index(one.level), one))[:MOST_TOLD]:
        row = findings.of_course([problem], str, 1)[0]
        rows.append(replace(row, url=_url(preview, preview.item_of(problem.file)), place=f"{problem.file}:{problem.line}"))
    return rows


def _bar(preview: CoursePreview | None, problems: Iterable[Problem] = (), file: str = "") -> dict[str, Any]:
    """What stands above the page; see templates/_layout/preview.html. `problems` are told in full, those of other files counted."""
    visitor, found = _visitor(), list(problems)
    others = [one for one in preview.problems if one.file != file and one.level is not Level.NOTE] if preview and file else []
    course = Link(url_for("preview.course", course_key=preview.key), _title(preview)) if preview else None
    return {
        "version": _version(preview) if preview else "",
        "follow_url": url_for("preview.follow", kursus=preview.key) if preview else "",
        "reload_url": request.path,
        "style_url": url_for("preview.style") if file and not visitor.is_wide else _stage().wide_url,
        "course": course,
        "is_phone": bool(file) and not visitor.is_wide,
        "views": [Toggle(f"{request.path}?sebagai={view}", label, visitor.view == view) for view, label in VIEWS.items()]
        if file
        else [],
        "widths": [
            Toggle(f"{request.path}?lebar=tidak", "Ponsel", not visitor.is_wide),
            Toggle(f"{request.path}?lebar=ya", "Lebar", visitor.is_wide),
        ],
        "findings": _findings(preview, found) if preview else [],
        "finding_label": findings.label(found),
        "has_errors": any(one.level is Level.ERROR for one in found),
        "others": Link(course.url, f"Di berkas lain: {findings.label(others)}") if course and others else None,
    }


def _sections(preview: CoursePreview) -> list[ModuleSection]:
    """All files that have a page, hidden ones too: the course in its order, then what it draws on."""
    shown = preview.course
    groups = [(key, list(nodes)) for key, nodes in groupby(shown.files, key=lambda node: node.module_key)]
    sections = []
    for place, (module_key, nodes) in enumerate(groups):
        module = next((module for module in shown.modules if module.key == module_key), None)
        title = module.title if module else "Sebelum mulai" if place == 0 else "Penutup"
        first = [module.readme] if module and module.readme else []
        sections.append(ModuleSection(title, "", [_row(preview, node) for node in (*first, *nodes)]))
    rest = [*shown.banks.values(), *([shown.glossary] if shown.glossary else [])]
    return sections + ([ModuleSection("Bank soal dan istilah", "", [_row(preview, node) for node in rest])] if rest else [])


def _row(preview: CoursePreview, node: FileNode) -> OutlineRow:
    own = [problem for problem in preview.problems if problem.file == node.file and problem.level is not Level.NOTE]
    marks = (["Disembunyikan"] if node.meta.get("sembunyi") else []) + ([findings.label(own)] if own else [])
    label = NAMES[node.kind]
    meta = f"{label} · ±{minutes(preview.course, node)} menit" if node.key else label
    return OutlineRow(_url(preview, key_of(node)), node.title, meta, "", " · ".join(marks) or None)


def _intro(preview: CoursePreview) -> Markup | None:
    if preview.course.readme is None:
        return None
    return Markup("".join(part.html for part in preview.page(preview.course.readme.file).page.parts)) or None
