"""Files that authors gave, sent so that nothing in them can act on the site."""

from io import BytesIO
from pathlib import Path

from flask import send_file
from werkzeug.wrappers import Response

INLINE = ("image/", "video/", "audio/", "text/vtt")


def send_media(source: Path | BytesIO, *, mime: str, name: str, sha256: str = "") -> Response:
    """A browser may keep it for good when its address names its content."""
    response = send_file(
        source,
        mimetype=mime,
        download_name=name,
        as_attachment=not mime.startswith(INLINE),
        etag=sha256 or True,
        conditional=True,
    )
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if sha256 else "private, no-cache"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
