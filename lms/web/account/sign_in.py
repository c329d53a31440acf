"""Signing in. Unknown, wrong, slowed and disabled look the same (R40); hashing happens outside the write transaction."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, StringField

from config import LOOPBACK
from lms.errors import LmsError
from lms.people import accounts, devices
from lms.web import clock, demo
from lms.web.extensions import reading, writing
from lms.web.identity import knows_device, maybe_user, remember_device, sign_in_cookie
from lms.web.redirects import safe_target

bp = Blueprint("sign_in", __name__)


class SignInForm(FlaskForm):
    identifier = StringField()
    password = PasswordField()
    shared = BooleanField()
    next = StringField()


@bp.route("/masuk", methods=("GET", "POST"))
def show() -> Response | str:
    form = SignInForm()
    target = safe_target(request.args.get("lanjut") or form.next.data)
    if maybe_user() is not None and request.method == "GET":
        return redirect(target or "/", 303)
    if not form.validate_on_submit():
        return _page(form, target)
    if not _line_is_safe():
        return _page(form, target, "Sambungan ini belum memakai https, jadi kata sandi tidak dikirim lebih jauh. Beri tahu pengelola.")
    try:
        return _sign_in(form, target)
    except LmsError as problem:
        response = make_response(_page(form, target, str(problem)), 401)
        wait = getattr(problem, "retry_after", 0)
        if wait:
            response.status_code = 429
            response.headers["Retry-After"] = str(wait)
        return response


def _line_is_safe() -> bool:
    return request.is_secure or (urlsplit(request.host_url).hostname or "") in (*LOOPBACK, "::1")
