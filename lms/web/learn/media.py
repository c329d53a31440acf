"""Files of published courses: pictures, attachments, videos. Addressed by content, so a browser may keep them for good."""

from flask import Blueprint, current_app
from werkzeug.wrappers import Response

from config import Config
from lms.content import library
from lms.errors import NotFound
from lms.web.extensions import reading
from lms.web.stored import send_media

bp = Blueprint("media", __name__)


@bp.get("/media/<sha256>/<name>")
def show(sha256: str, name: str) -> Response:
    config: Config = current_app.config["PELITA"]
    found = library.media(reading(), sha256)
    path = config.media_dir / sha256
    if found is None or not path.is_file():
        raise NotFound("Berkas ini tidak ada. Kembali ke halaman materi lalu muat ulang.")
    return send_media(path, mime=found.mime, name=name, sha256=sha256)
