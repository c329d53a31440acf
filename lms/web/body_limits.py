"""How much a request may carry. Everything takes the application's ordinary limit but the endpoints named here."""

from flask import Flask, request

PICTURE = 25_000_000
ZIP = 210_000_000
LARGER = {
    "studio.attachments.upload": ZIP,
    "studio.attachments.replace": ZIP,
    "studio.courses.upload": ZIP,
}
"""Bytes by endpoint. Files beyond half a megabyte go to a temporary file while they arrive, never to memory."""


def allow() -> None:
    """Before anything reads the form: the CSRF check does."""
    most = LARGER.get(request.endpoint or "")
    if most is not None:
        request.max_content_length = most


def register(app: Flask) -> None:
    app.before_request(allow)
