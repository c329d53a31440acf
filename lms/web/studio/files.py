"""The editor: one text file of a course, saved whole, with nothing lost when two people write at once."""

import posixpath
from dataclasses import asdict, dataclass

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.authoring.workspace import EditConflict, FileText
from lms.errors import Conflict, Invalid, LmsError, NotFound
from lms.web import clock, language
from lms.web.identity import user
from lms.web.studio import compare, findings, navigation, snippets
from lms.web.studio.desk import note, presence, workspace
from lms.web.studio.previews import previews
from lms.web.studio.tree import SideGroup, find, kind_of, side_groups

bp = Blueprint("files", __name__)
FEWEST_LINES, MOST_LINES = 16, 40
"""Height of the field where there is no script."""


@dataclass(frozen=True)
class CourseLine:
    key: str
    title: str
    url: str


@dataclass(frozen=True)
class FilePage:
    path: str
    title: str
    kind_label: str
    icon: str
    folder_label: str
    url: str
    version: str
    text: str
    lines: int


@bp.get("/<key>/berkas/<path:path>")
def show(key: str, path: str) -> Response | str:
    file = workspace().read(key, path) if find(workspace().tree(key), path).is_text else None
    if file is None:
        return redirect(url_for("studio.attachments.show", key=key, path=path), 303)
    return _editor(key, file)


@bp.post("/<key>/berkas/<path:path>")
def save(key: str, path: str) -> Response | str | tuple[Response | str, int]:
    """Answers the editor's script in JSON. What cannot be saved comes back as it was typed."""
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    version = request.form.get("version", "")
    try:
        saved = workspace().save(key, path, text, version=version)
    except EditConflict as problem:
        if problem.current.text != text:  # equal: the same text was saved already, and only the answer got lost
            return _two_versions(key, path, text, problem)
        saved = problem.current
    except (LmsError, OSError) as problem:
        return _refused(key, FileText(path, text, version), problem)
    note("save", key, path)
    if _wants_json():
        return jsonify(version=saved.version, saved_at=language.hour_and_minute(clock.now(), user().time_zone))
    return redirect(url_for("studio.files.show", key=key, path=path, pesan="tersimpan"), 303)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _refused(key: str, typed: FileText, problem: LmsError | OSError) -> tuple[Response | str, int]:
    """The editor once more with the text that could not be saved, and why."""
    if isinstance(problem, OSError):
        why = f"Berkas ini belum tersimpan: folder pelatihan tidak dapat ditulis ({problem.strerror or problem}). "
        why += "Ketikan Anda masih ada di halaman ini; salin dulu, lalu hubungi pengelola."
    else:
        why = str(problem)
    status = (
        404
        if isinstance(problem, NotFound)
        else 400
        if isinstance(problem, Invalid)
        else 409
        if isinstance(problem, Conflict)
        else 503
    )
    if _wants_json():
        return jsonify(message=why), 400 if status == 409 else status
    return _editor(key, typed, refusal=why), status


def _editor(key: str, file: FileText, refusal: str = "") -> str:
    tree = workspace().tree(key)
    entry, group = find(tree, file.path), ""
    url = url_for("studio.files.show", key=key, path=file.path)
    folder = workspace().folder(key)
    with previews.of(folder, key) as preview:
        problems = preview.problems
        framed = has_page(preview, file.path)
    own = [problem for problem in problems if problem.file == file.path]
    group = next((each.title for each in tree.groups if entry in each.entries), "")
    kind = kind_of(entry)
    pictures = [each for part in tree.groups for each in part.entries if kind_of(each).is_picture]
    return render_template(
        "studio/files/show.html",
        course=CourseLine(key, tree.title, url_for("studio.structure.show", key=key)),
        file=FilePage(
            file.path, entry.title, kind.label, kind.icon, group, url, file.version, file.text,
            min(max(file.text.count("\n") + 2, FEWEST_LINES), MOST_LINES),
        ),
        presence=presence(key, file.path),
        refusal=refusal,
        groups=side_groups(tree, key, problems, file.path),
        findings=findings.of_file(own, file.text, url),
        finding_label=findings.label(own),
        blank=findings.BLANK,
        snippets=snippets.groups("###" if kind.holds_lessons else "##"),
        pictures=[Picture(each.path, reference(file.path, each.path)) for each in pictures],
        preview_url=url_for("studio.drafts.preview", key=key, path=file.path) if framed else None,
        check_url=url_for("studio.drafts.check", key=key, path=file.path),
        upload_url=url_for("studio.attachments.upload", key=key),
        folder=posixpath.dirname(file.path),
        surface_nav=navigation.of_course(key),
        active_nav="files",
        surface_name=navigation.SURFACE,
    )  # fmt: skip
