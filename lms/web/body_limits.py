"""How much a request may carry. Everything takes the application's ordinary limit but the endpoints named here."""

from flask import Flask, request

from lms.web.identity import maybe_user

FILES = 110_000_000
"""A video or a zip of a course, the largest that are taken, and the form around it."""
HAND_IN = 51_000_000
"""Five files of ten megabytes."""
LARGER = dict.fromkeys(
    ("studio.attachments.upload", "studio.attachments.replace", "studio.archives.create", "studio.archives.compare"), FILES
) | {"learn.uploads.add": HAND_IN}
"""Bytes by endpoint, for people who are signed in. Files beyond half a megabyte go to a temporary file while they arrive, never to memory."""


def allow() -> None:
    """Before anything reads the form: the CSRF check does."""
    most = LARGER.get(request.endpoint or "")
    if most is not None and maybe_user() is not None:
        request.max_content_length = most


def register(app: Flask) -> None:
    app.before_request(allow)
