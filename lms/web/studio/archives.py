"""A whole course as a zip: taken home, brought in as a new one, or put in the place of another after a look at what that changes."""

from io import BytesIO
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from config import Config
from lms.authoring import archive
from lms.content import mediastore
from lms.errors import Invalid, NotFound, Refused
from lms.web.studio import navigation
from lms.web.studio.desk import course_line, note, workspace

bp = Blueprint("archives", __name__)


@bp.get("/unggah")
def new() -> str:
    return _form()


@bp.post("/unggah")
def create() -> Answer | tuple[str, int]:
    """A new course. One that exists is never replaced from here."""
    try:
        made = archive.unpack(_sent(), workspace(), None)
    except Invalid as problem:
        return _form(str(problem)), 400
    note("upload", made.key)
    return redirect(url_for("studio.structure.show", key=made.key, pesan="diunggah"), 303)


@bp.get("/<key>/unduh")
def download(key: str) -> Answer:
    content = BytesIO(archive.pack(workspace().folder(key)))
    return send_file(content, mimetype="application/zip", as_attachment=True, download_name=f"{key}.zip")


@bp.post("/<key>/ganti")
def compare(key: str) -> str:
    """What a zip would change in the course. It waits in the store of sources, where what nobody confirms is cleared away."""
    content, contents = _sent(), workspace().tree(key)
    sent, here = set(archive.listed(content)), {entry.path for entry in contents.entries()}
    return render_template(
        "studio/archives/compare.html",
        course=course_line(key, contents.title),
        replaced=sorted(here & sent),
        added=sorted(sent - here),
        gone=sorted(here - sent),
        token=mediastore.keep(content, _data_dir(), mediastore.SOURCES),
        **navigation.within(key, "files"),
    )


@bp.post("/<key>/ganti/ya")
def replace(key: str) -> Answer:
    try:
        content = mediastore.path_of(_data_dir(), request.form.get("token", ""), mediastore.SOURCES).read_bytes()
    except (Refused, OSError) as problem:
        raise NotFound("Zip yang diunggah tadi sudah tidak ada. Tidak ada yang berubah; unggah sekali lagi.") from problem
    archive.unpack(content, workspace(), key)
    note("replace", key)
    return redirect(url_for("studio.structure.show", key=key, pesan="diganti"), 303)


def _sent() -> bytes:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("Pilih dulu berkas zipnya.")
    return file.read()


def _data_dir() -> Path:
    config: Config = current_app.config["PELITA"]
    return config.data_dir


def _form(error: str = "") -> str:
    return render_template("studio/archives/new.html", error=error, **navigation.over_all())
