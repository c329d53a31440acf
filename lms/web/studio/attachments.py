"""Pictures, videos and attachments of a course folder: brought in, shown, replaced, and served to the preview."""

import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from lms.authoring.types import CourseTree
from lms.content.links import DOCUMENTS, MIME
from lms.content.media import MediaRefused, read_media, safe_stem
from lms.content.uploads import ENDINGS
from lms.errors import Invalid, NotFound
from lms.web import language
from lms.web.stored import send_media
from lms.web.studio import navigation
from lms.web.studio.desk import course_line, note, wants_json, workspace
from lms.web.studio.previews import previews
from lms.web.studio.tree import find, is_picture

bp = Blueprint("attachments", __name__)
ACCEPT = ",".join(f".{ending}" for ending in sorted(ENDINGS))


@dataclass(frozen=True)
class Attachment:
    path: str
    name: str
    size_label: str
    raw_url: str
    is_picture: bool
    reference: str


@dataclass(frozen=True)
class Use:
    url: str
    title: str
    line_label: str


@bp.get("/<key>/lampiran/<path:path>")
def show(key: str, path: str) -> str:
    return _page(key, path)


@bp.post("/<key>/lampiran/<path:path>")
def replace(key: str, path: str) -> Response | tuple[str, int]:
    """Another file under the same name, so that no text has to change."""
    find(workspace().tree(key), path)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid("Pilih dulu berkas penggantinya.")
        made = workspace().upload(key, posixpath.dirname(path), posixpath.basename(path), file.read())
    except Invalid as problem:
        return _page(key, path, str(problem)), 400
    note("replace", key, made)
    return redirect(url_for("studio.attachments.show", key=key, path=made, pesan="diganti" if made == path else "diunggah"), 303)


@bp.post("/<key>/unggah")
def upload(key: str) -> Response | tuple[Response, int]:
    """One or several files. The editor's script is answered in JSON with what to write into the text."""
    workspace().folder(key)
    files = [file for file in request.files.getlist("file") if file.filename]
    made, refused = [], [] if files else ["Pilih dulu berkasnya."]
    for file in files:
        try:
            made.append(workspace().upload(key, _folder(file), _free_name(key, _folder(file), file.filename or ""), file.read()))
        except Invalid as problem:
            refused.append(str(problem))
        else:
            note("upload", key, made[-1])
    if wants_json():
        if refused:
            return jsonify(message=" ".join(refused)), 400
        name = posixpath.basename(made[0])
        return jsonify(reference=reference(request.form.get("from", ""), made[0]), name=name, is_picture=is_picture(name))
    if refused:
        raise Invalid(" ".join([*refused, f"{len(made)} berkas lain sudah diunggah." if made else ""]).strip())
    return redirect(url_for("studio.attachments.show", key=key, path=made[-1], pesan="diunggah"), 303)


@bp.get("/<key>/mentah/<path:path>")
def raw(key: str, path: str) -> Response:
    """The file as it lies in the folder."""
    find(workspace().tree(key), path)
    mime = MIME.get(posixpath.splitext(path)[1].casefold(), "application/octet-stream")
    return send_media(workspace().folder(key) / path, mime=mime, name=posixpath.basename(path))


@bp.get("/<key>/media/<sha256>/<name>")
def media(key: str, sha256: str, name: str) -> Response:
    """A file under the address that a compiled page gives it, so that the preview shows it before anything is published.

    Another process may have compiled that page: then the file is found by its name.
    """
    folder = workspace().folder(key)
    with previews.of(folder, key) as preview:
        known = preview.media(sha256)
    if known is not None:
        return send_media(io.BytesIO(known.content), mime=known.mime, name=name, sha256=sha256)
    for path in _named(workspace().tree(key), name):
        try:
            found = read_media(folder, path)
        except (MediaRefused, OSError):
            continue
        if found.sha256 == sha256:
            return send_media(io.BytesIO(found.content), mime=found.mime, name=name, sha256=sha256)
    raise NotFound("Berkas ini tidak ada lagi di pelatihan. Muat ulang pratinjaunya.")


def reference(from_path: str, to_path: str) -> str:
    """How one file of a course names another."""
    return posixpath.relpath(to_path, posixpath.dirname(from_path) or ".")


def _named(tree: CourseTree, name: str) -> Iterator[str]:
    """Files whose address may end in `name`: it is made of the file's own name."""
    stem = posixpath.splitext(name)[0].replace("-", "")
    for entry in tree.entries():
        own = posixpath.splitext(posixpath.basename(entry.path))[0].casefold()
        if entry.kind in ("media", "file") and (stem == "berkas" or stem in "".join(filter(str.isalnum, own))):
            yield entry.path


def _folder(file: FileStorage) -> str:
    """Where a file belongs: pictures and videos beside the page that shows them, documents with the attachments."""
    asked = request.form.get("folder", "")
    if posixpath.basename(asked) in ("media", "berkas", "data"):
        return asked
    is_document = posixpath.splitext(file.filename or "")[1].casefold() in DOCUMENTS
    return "berkas" if is_document else posixpath.join(asked, "media") if asked and asked != "bank" else "media"


def _free_name(key: str, folder: str, name: str) -> str:
    """The name, numbered when something is called so already: every picture that is pasted comes as `image.png`."""
    stem, ending = posixpath.splitext(name.replace("\\", "/").rpartition("/")[2])
    wanted = safe_stem(stem)
    taken = {posixpath.splitext(entry.path)[0] for entry in workspace().tree(key).entries()}
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, 10_000)))
    return next(each for each in names if posixpath.join(folder, each) not in taken) + ending


def _page(key: str, path: str, error: str = "") -> str:
    tree = workspace().tree(key)
    entry, folder = find(tree, path), workspace().folder(key)
    name = posixpath.basename(path)
    raw_url = url_for("studio.attachments.raw", key=key, path=path)
    shown = f"![]({path})" if is_picture(path) else f"[Unduh: {name}]({path})"
    return render_template(
        "studio/attachments/show.html",
        course=course_line(key, tree.title),
        file=Attachment(path, name, language.kilobytes(entry.size), raw_url, is_picture(path), shown),
        uses=list(_uses(tree, folder, key, path)),
        replace_url=url_for("studio.attachments.replace", key=key, path=path),
        remove_url=url_for("studio.structure.remove", key=key),
        accept=posixpath.splitext(path)[1] if is_picture(path) else ACCEPT,
        error=error,
        **navigation.within(key, "files"),
    )


def _uses(tree: CourseTree, folder: Path, key: str, path: str) -> Iterator[Use]:
    """The lines of text files that name the file."""
    for entry in tree.entries():
        if not entry.is_text or entry.path == path:
            continue
        wanted = f"({reference(entry.path, path)}"
        try:
            lines = (folder / entry.path).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for number, line in enumerate(lines, 1):
            if wanted in line:
                url = url_for("studio.files.show", key=key, path=entry.path)
                yield Use(f"{url}?baris={number}", entry.title, f"baris {number}")
