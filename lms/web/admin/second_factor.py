"""For somebody who lost the phone, or whose account of a sign-in provider changed: an administrator undoes the tie (R45, R47).

Both are buttons of the person's page; the password must be ten minutes old at most.
"""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from lms.people import external, second_factor
from lms.web import clock, fresh
from lms.web.extensions import writing
from lms.web.identity import user

bp = Blueprint("second_factor", __name__)


@bp.post("/pegawai/<int:person_id>/dua-langkah")
def reset(person_id: int) -> Response:
    """Take the second factor of a person away, end all sessions; the next sign-in leads to setting it up anew."""
    if asked := fresh.password_first(url_for("admin.people.show", person_id=person_id)):
        return asked
    with writing() as session:
        second_factor.reset(session, person_id=person_id, by=user().person_id, now=clock.now())
    return redirect(url_for("admin.people.show", person_id=person_id, pesan="dua-langkah-lepas"), 303)


@bp.post("/pegawai/<int:person_id>/akun-luar")
def unlink(person_id: int) -> Response:
    """Forget which account of the sign-in provider belongs to a person; the next sign-in there links anew, by NIP."""
    if asked := fresh.password_first(url_for("admin.people.show", person_id=person_id)):
        return asked
    with writing() as session:
        external.unlink(session, person_id=person_id, by=user().person_id, now=clock.now())
    return redirect(url_for("admin.people.show", person_id=person_id, pesan="akun-luar-lepas"), 303)
