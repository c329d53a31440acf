"""A course as the tree of its files: what is in it, in which order, what was taken out, and the whole as a zip."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from lms.authoring import git
from lms.authoring.git import commit as record_in_git
from lms.authoring.types import CourseTree
from lms.content.types import Level
from lms.errors import Invalid, NotFound
from lms.web import clock, language
from lms.web.identity import user
from lms.web.studio import findings, navigation, tree
from lms.web.studio.desk import ago, course_line, note, workspace
from lms.web.studio.place import place_of, without_folder
from lms.web.studio.previews import previews
from lms.web.studio.standing import standing_of

bp = Blueprint("structure", __name__)
_STAYS = "Peserta tetap melihat edisi yang sudah terbit."
MOST_FINDINGS = 8


@dataclass(frozen=True)
class RemovedRow:
    token: str
    path: str
    when: str


@dataclass(frozen=True)
class Arranged:
    title: str
    path: str
    kind_label: str
    has_title: bool


@bp.get("/<key>")
def show(key: str) -> str:
    place = place_of(key)
    if place.folder is None:
        return without_folder(place, "files")
    key, folder = place.key, place.folder
    contents = workspace().tree(key)
    with previews.of(folder, key) as preview:
        problems = findings.told(preview.problems)
    modules = [group.folder for group in contents.groups if group.is_module]
    return render_template(
        "studio/structure/show.html",
        course=course_line(key, contents.title),
        standing=standing_of(key),
        sections=tree.sections(contents, key, problems),
        findings=findings.of_course(problems, lambda file: _file_url(contents, key, file), MOST_FINDINGS),
        findings_label=findings.label(problems),
        has_errors=any(problem.level is Level.ERROR for problem in problems),
        more=max(0, len(problems) - MOST_FINDINGS),
        kinds=tree.MAKES,
        upload_folders=[
            ("media", "Gambar dan video"),
            ("berkas", "Lampiran"),
            *((f"{each}/media", f"Gambar {each}") for each in modules),
        ],
        removed=len(workspace().removed(key)),
        git=git.state(folder),
        **navigation.within(key, "files"),
    )


@bp.post("/<key>/buat")
def create(key: str) -> Answer:
    kind, title = request.form.get("kind", ""), request.form.get("title", "").strip()
    if not title:
        raise Invalid("Tulis dulu judulnya. Belum ada yang dibuat.")
    path = workspace().create(key, kind, title, request.form.get("folder", ""))
    note("create", key, path)
    if kind == "module":
        return _back(key, "dibuat", path)
    return redirect(url_for("studio.files.show", key=key, path=path, pesan="dibuat"), 303)


@bp.get("/<key>/atur/<path:path>")
def arrange(key: str, path: str) -> str:
    contents = workspace().tree(key)
    module = next((group for group in contents.groups if group.is_module and group.folder == path), None)
    if module is not None:
        entry = Arranged(module.title, path, "Modul", True)
    else:
        file = tree.find(contents, path)
        entry = Arranged(
            tree.title_of(file), path, tree.kind_label(file), file.is_text and file.kind not in ("manifest", "glossary")
        )
    count = len(module.entries) if module else 0
    return render_template(
        "studio/structure/arrange.html",
        course=course_line(key, contents.title),
        entry=entry,
        places=tree.places(contents, path),
        removal_text=f"Modul ini berisi {count} berkas. Semuanya dipindahkan ke Terhapus dan dapat dikembalikan. {_STAYS}"
        if module
        else f"Berkas ini dipindahkan ke Terhapus dan dapat dikembalikan. {_STAYS}",
        key=key,
        **navigation.within(key, "files"),
    )


@bp.post("/<key>/nama")
def rename(key: str) -> Answer:
    title = request.form.get("title", "").strip()
    if not title:
        raise Invalid("Tulis dulu judulnya. Judul yang lama tetap dipakai.")
    path = workspace().rename(key, request.form.get("path", ""), title)
    note("rename", key, path)
    return _back(key, "dinamai", path)


@bp.post("/<key>/pindah")
def move(key: str) -> Answer:
    """`up` or `down` name what goes one step; else `path` goes to `place` (folder|before) or to `folder` and `before`."""
    form, contents = request.form, workspace().tree(key)
    before: str | None
    if "up" in form or "down" in form:
        path = form.get("up") or form.get("down", "")
        folder, before = tree.neighbour(contents, path, -1 if "up" in form else 1)
    else:
        path = form.get("path", "")
        folder, _, before = (
            form["place"].partition("|") if "place" in form else (form.get("folder", ""), "", form.get("before", ""))
        )
    moved = workspace().move(key, path, folder=folder, before=before or None)
    note("move", key, moved)
    return _back(key, "dipindah", moved)


@bp.post("/<key>/hapus")
def remove(key: str) -> Answer:
    path = request.form.get("path", "")
    if not path:
        raise Invalid("Pilih dulu berkas yang dihapus. Belum ada yang dihapus.")
    workspace().delete(key, path)
    note("delete", key, path)
    return _back(key, "dihapus")


@bp.get("/<key>/terhapus")
def removed(key: str) -> str:
    now, zone = clock.now(), user().time_zone
    rows = [
        RemovedRow(
            each.token,
            each.path or "Seluruh isi pelatihan",
            f"{each.reason.capitalize()} {ago(each.at, now)}, {language.date_and_time(each.at, zone)}",
        )
        for each in workspace().removed(key)
    ]
    course = course_line(key, workspace().tree(key).title)
    return render_template("studio/structure/removed.html", course=course, rows=rows, **navigation.within(key, "files"))


@bp.post("/<key>/terhapus")
def restore(key: str) -> Answer:
    path = workspace().restore(key, request.form.get("token", ""))
    note("restore", key, path)
    return _back(key, "dikembalikan", path)


@bp.post("/<key>/catat")
def commit(key: str) -> Answer:
    """Record the folder in git, where it lies in a checkout."""
    message = " ".join(request.form.get("message", "").split())
    if not message:
        raise Invalid("Tulis dulu catatannya. Belum ada yang dicatat.")
    record_in_git(workspace().folder(key), message, (user().name, ""))
    note("commit", key)
    return _back(key, "dicatat")


def _back(key: str, word: str, path: str = "") -> Answer:
    url = url_for("studio.structure.show", key=key, pesan=word)
    return redirect(f"{url}#{tree.anchor(path)}" if path else url, 303)


def _file_url(contents: CourseTree, key: str, path: str) -> str:
    try:
        return tree.entry_url(key, tree.find(contents, path))
    except NotFound:
        return url_for("studio.structure.show", key=key)
