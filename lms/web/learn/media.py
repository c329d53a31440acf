"""Files of published courses: pictures, attachments, videos. Addressed by content, so a browser may keep them for good."""

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
    response = send_file(
        path,
        mimetype=found.mime,
        download_name=name,
        as_attachment=not found.mime.startswith(INLINE),
        etag=sha256,
        max_age=31536000,
        conditional=True,
    )
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
