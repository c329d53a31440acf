"""How much a request may carry. Everything takes the application's ordinary limit but the endpoints named here."""

from flask import Flask, request

from lms.web.identity import maybe_user

FILES = 110_000_000
"""A video or a zip of a course, the largest that are taken, and the form around it."""
HAND_IN = 51_000_000
"""Five files of ten megabytes."""
PROOF = 16_000_000
"""Three files of five megabytes."""
STAFF_FILE = 20_000_000
LARGER = dict.fromkeys(
    ("studio.attachments.upload", "studio.attachments.replace", "studio.archives.create", "studio.archives.compare"), FILES
) | {"learn.uploads.add": HAND_IN, "learn.claims.save": PROOF, "admin.imports.create": STAFF_FILE}
"""Bytes by endpoint, for people who are signed in, those of the studio for authors only, those of the office for administrators. Files beyond half a megabyte go to a temporary file while they arrive, never to memory."""


def allow() -> None:
    """Before anything reads the form: the CSRF check does."""
    endpoint = request.endpoint or ""
    most, found = LARGER.get(endpoint), maybe_user() if endpoint in LARGER else None
    rights = {"studio": "is_author", "admin": "is_admin"}
    needed = rights.get(endpoint.partition(".")[0])
    if found is not None and (needed is None or getattr(found.signed_in, needed)):
        request.max_content_length = most


def register(app: Flask) -> None:
    app.before_request(allow)
