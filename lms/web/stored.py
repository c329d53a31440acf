"""Files that authors gave, sent so that nothing in them can act on the site."""

from io import BytesIO
from pathlib import Path

from flask import send_file
from werkzeug.wrappers import Response

INLINE = ("image/", "video/", "audio/", "text/vtt")


def send_media(source: Path | BytesIO, *, mime: str, name: str, sha256: str) -> Response:
    """Addressed by content, so a browser may keep it for good."""
    response = send_file(
        source,
        mimetype=mime,
        download_name=name,
        as_attachment=not mime.startswith(INLINE),
        etag=sha256,
        max_age=31536000,
        conditional=True,
    )
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
