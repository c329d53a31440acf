"""The agency's mark: open to all, because the sign-in page shows it."""

from flask import Blueprint, current_app
from werkzeug.wrappers import Response

from config import Config
from lms.content import mediastore
from lms.errors import NotFound
from lms.web import agency
from lms.web.stored import send_media

bp = Blueprint("logo", __name__)
NAME = "logo.png"


@bp.get("/logo/<sha256>")
def show(sha256: str) -> Response:
    config: Config = current_app.config["PELITA"]
    path = config.media_dir / sha256
    if not sha256 or sha256 != agency.current().logo or not path.is_file():
        raise NotFound("Logo ini tidak ada.")
    return send_media(path, mime="image/png", name=NAME, sha256=sha256)


def content() -> bytes:
    """The mark as PNG for a certificate; b"" when there is none."""
    config: Config = current_app.config["PELITA"]
    kept = agency.current().logo
    path = mediastore.path_of(config.data_dir, kept) if kept else None
    return path.read_bytes() if path is not None and path.is_file() else b""
