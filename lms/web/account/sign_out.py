"""Signing out: a question by GET, the act by POST. The browser is told to forget everything of ours."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.people import actions
from lms.web import clock
from lms.web.extensions import writing
from lms.web.identity import session_user, sign_out_cookie

bp = Blueprint("sign_out", __name__)


@bp.get("/keluar")
def show() -> Response | str:
    if session_user() is None:
        return redirect(url_for("account.sign_in.show"), 303)
    return render_template("account/sign_out/show.html", provider=current_app.config["PELITA"].provider)


@bp.post("/keluar")
def leave() -> Response:
    who = session_user()
    if who is not None:
        with writing() as session:
            actions.end_session(session, person_id=who.person_id, session_id=who.signed_in.session_id, now=clock.now())
    response = redirect(url_for("account.sign_in.show", pesan="keluar"), 303)
    sign_out_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
