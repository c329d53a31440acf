"""How much a request may carry. Everything takes the application's ordinary limit but the endpoints named here."""

from flask import Flask, request

FILES = 110_000_000
"""A video or a zip of a course, the largest that are taken, and the form around it."""
LARGER = dict.fromkeys(
    ("studio.attachments.upload", "studio.attachments.replace", "studio.archives.create", "studio.archives.compare"), FILES
)
"""Bytes by endpoint. Files beyond half a megabyte go to a temporary file while they arrive, never to memory."""


def allow() -> None:
    """Before anything reads the form: the CSRF check does."""
    most = LARGER.get(request.endpoint or "")
    if most is not None:
        request.max_content_length = most


def register(app: Flask) -> None:
    app.before_request(allow)
