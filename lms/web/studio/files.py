"""The editor: one text file of a course, saved whole, with nothing lost when two people write at once."""

import posixpath
from dataclasses import dataclass

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.authoring.types import EditConflict, FileText, TreeEntry
from lms.content.repair import repair_folder
from lms.errors import Busy, Invalid, LmsError, NotFound
from lms.web import clock, language
from lms.web.identity import user
from lms.web.studio import compare, findings, navigation, snippets, tree
from lms.web.studio.attachments import reference
from lms.web.studio.desk import course_line, note, presence, typed_text, wants_json, workspace
from lms.web.studio.previews import previews

bp = Blueprint("files", __name__)
FEWEST_LINES, MOST_LINES = 16, 40
"""Height of the field where there is no script."""


@dataclass(frozen=True)
class Picture:
    path: str
    reference: str


@dataclass(frozen=True)
class FilePage:
    path: str
    title: str
    icon: str
    folder_label: str
    url: str
    version: str
    text: str
    lines: int


@bp.get("/<key>/berkas/<path:path>")
def show(key: str, path: str) -> Response | str:
    if not tree.find(workspace().tree(key), path).is_text:
        return redirect(url_for("studio.attachments.show", key=key, path=path), 303)
    return _editor(key, workspace().read(key, path))


@bp.post("/<key>/berkas/<path:path>")
def save(key: str, path: str) -> Response | tuple[Response | str, int]:
    """Answers the editor's script in JSON. What cannot be saved comes back as it was typed."""
    text, version = typed_text(), request.form.get("version", "")
    try:
        saved = workspace().save(key, path, text, version=version)
    except EditConflict as problem:
        if problem.current.text != text:  # equal: it was saved already, and only the answer got lost
            return _two_versions(key, text, problem.current)
        saved = problem.current
    except (LmsError, OSError) as problem:
        return _not_saved(key, FileText(path, text, version), problem)
    note("save", key, path)
    if wants_json():
        return jsonify(version=saved.version, saved_at=language.hour_and_minute(clock.now(), user().time_zone))
    return redirect(url_for("studio.files.show", key=key, path=path, pesan="tersimpan"), 303)


@bp.post("/<key>/berkas/<path:path>/perbaiki")
def repair(key: str, path: str) -> Response:
    """What `lms check --perbaiki` does, for one saved file: small repairs that are certain."""
    tree.find(workspace().tree(key), path)
    with workspace().lock(key) as folder:
        repaired = repair_folder(folder, path)
    if repaired:
        note("repair", key, path)
    return redirect(url_for("studio.files.show", key=key, path=path, pesan="diperbaiki" if repaired else None), 303)


def _not_saved(key: str, typed: FileText, problem: LmsError | OSError) -> tuple[Response | str, int]:
    """The editor once more with the text that could not be saved, and why."""
    status = 404 if isinstance(problem, NotFound) else 400 if isinstance(problem, Invalid) else 503
    why = str(problem)
    if isinstance(problem, OSError):
        why = (
            f"Belum tersimpan: folder pelatihan tidak dapat ditulis ({problem.strerror or problem}). "
            "Ketikan Anda masih ada di halaman ini. Salin dulu, lalu hubungi pengelola."
        )
    elif isinstance(problem, NotFound):
        why = f"Belum tersimpan. {why} Ketikan Anda masih ada di halaman ini; salin dulu sebelum pergi."
    if wants_json():
        return jsonify(message=why, retry=isinstance(problem, Busy)), status
    return _editor(key, typed, why), status


def _two_versions(key: str, mine: str, current: FileText) -> tuple[Response | str, int]:
    """Both texts with their differences marked; nothing was written."""
    if wants_json():
        return jsonify(conflict=True), 409
    path = current.path
    contents = workspace().tree(key)
    who = presence(key, path)
    happened = (
        f"{who}, setelah Anda membukanya. "
        if who
        else "Berkas ini berubah setelah Anda membukanya, di tab lain atau oleh orang lain. "
    )
    return render_template(
        "studio/files/save.html",
        course=course_line(key, contents.title),
        file=_page(key, tree.find(contents, path), current, ""),
        happened=f"{happened}Ketikan Anda belum tersimpan, tetapi utuh di halaman ini.",
        version=current.version,
        mine=mine,
        both=compare.merged(mine, current.text),
        differences=compare.differences(mine, current.text),
        theirs_label="Yang tersimpan",
        **navigation.within(key, "files"),
    ), 409


def _editor(key: str, file: FileText, refusal: str = "") -> str:
    contents = workspace().tree(key)
    entry = next((entry for entry in contents.entries() if entry.path == file.path), None)
    entry = entry or TreeEntry(file.path, posixpath.basename(file.path), "file", "", True, 0)  # vanished while it was open
    with previews.of(workspace().folder(key), key) as preview:
        problems, is_framed = findings.told(preview.problems), bool(preview.item_of(file.path))
    own = [problem for problem in problems if problem.file == file.path]
    group = next((group for group in contents.groups if entry in group.entries), None)
    page = _page(key, entry, file, group.title if group else "")
    pictures = [each.path for each in contents.entries() if tree.is_picture(each.path)]
    return render_template(
        "studio/files/show.html",
        course=course_line(key, contents.title),
        file=page,
        presence=presence(key, file.path),
        refusal=refusal,
        groups=tree.side_groups(contents, key, problems, file.path),
        findings=findings.of_file(own, file.text, page.url),
        finding_label=findings.label(own),
        blank=findings.BLANK,
        may_repair=any(problem.fixable for problem in own),
        snippets=snippets.groups("###" if entry.kind in ("lesson", "readme") else "##"),
        pictures=[Picture(path, reference(file.path, path)) for path in pictures],
        preview_url=url_for("studio.drafts.preview", key=key, path=file.path) if is_framed else None,
        check_url=url_for("studio.drafts.check", key=key, path=file.path),
        upload_url=url_for("studio.attachments.upload", key=key),
        folder=group.folder if group and group.is_module else "",
        **navigation.within(key, "files"),
    )


def _page(key: str, entry: TreeEntry, file: FileText, folder_label: str) -> FilePage:
    return FilePage(
        path=file.path,
        title=tree.title_of(entry),
        icon=tree.icon_of(entry),
        folder_label=folder_label,
        url=url_for("studio.files.show", key=key, path=file.path),
        version=file.version,
        text=file.text,
        lines=min(max(file.text.count("\n") + 2, FEWEST_LINES), MOST_LINES),
    )
