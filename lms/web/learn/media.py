"""Files of published courses: pictures, attachments, videos. Addressed by content, so a browser may keep them for good."""

from pathlib import Path
from typing import IO

from flask import Blueprint, current_app, send_file
from werkzeug.wrappers import Response

from config import Config
from lms.content import library
from lms.errors import NotFound
from lms.web.extensions import reading

bp = Blueprint("media", __name__)
INLINE = ("image/", "video/", "audio/", "text/vtt")


@bp.get("/media/<sha256>/<name>")
def show(sha256: str, name: str) -> Response:
    config: Config = current_app.config["PELITA"]
    found = library.media(reading(), sha256)
    path = config.media_dir / sha256
    if found is None or not path.is_file():
        raise NotFound("Berkas ini tidak ada. Kembali ke halaman materi lalu muat ulang.")
    response = sent(path, mime=found.mime, name=name, sha256=sha256)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def sent(content: Path | IO[bytes], *, mime: str, name: str, sha256: str = "") -> Response:
    """A file of an author or a learner: shown only where nothing in it can act, else offered to be kept (R25)."""
    response = send_file(
        content, mimetype=mime, download_name=name, as_attachment=not mime.startswith(INLINE), etag=sha256 or True, conditional=True
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
