"""Saying that one has read the privacy page."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from lms.care import inventory
from lms.people import privacy
from lms.web import clock
from lms.web.extensions import writing
from lms.web.identity import user

bp = Blueprint("privacy", __name__)


@bp.post("/akun/privasi")
def read() -> Response:
    with writing() as session:
        privacy.mark_read(session, person_id=user().person_id, version=inventory.VERSION, now=clock.now())
    return redirect(url_for("public.privacy.show", pesan="privasi"), 303)
