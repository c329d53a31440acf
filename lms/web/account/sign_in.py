"""Signing in. Unknown, wrong, slowed down and disabled look the same (R40); hashing happens outside the write transaction."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask import session as form_session
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, StringField

from config import LOOPBACK, Config
from lms.errors import LmsError, TooManyTries
from lms.people import devices, sign_in
from lms.people.types import NewSession
from lms.web import clock, demo_accounts
from lms.web.extensions import reading, writing
from lms.web.identity import current_token_hash, knows_device, maybe_user, remember_device, sign_in_cookie
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
    target = safe_target(form.next.data or request.args.get("lanjut"))
    if request.method == "GET" and maybe_user() is not None:
        return redirect(target or "/", 303)
    if not form.validate_on_submit():
        return _page(form, target)
    if not line_is_safe():
        return _page(
            form, target, "Sambungan ini belum memakai https, jadi kata sandi tidak diperiksa. Beri tahu pengelola Pelita."
        )
    try:
        opened = check(form.identifier.data or "", form.password.data or "", bool(form.shared.data))
    except LmsError as problem:
        response = make_response(_page(form, target, str(problem)), 429 if isinstance(problem, TooManyTries) else 401)
        if isinstance(problem, TooManyTries):
            response.headers["Retry-After"] = str(problem.retry_after)
        return response
    return welcome(opened, form.identifier.data or "", target)


def check(identifier: str, password: str, is_shared: bool) -> NewSession:
    """A new session for the right password, in the two phases of people.sign_in. Raises the one refusal, or TooManyTries."""
    found = _first_phase(identifier, password)
    device = devices.device_label(request.user_agent.string)
    with writing() as session:
        opened = sign_in.record_sign_in(
            session, found, is_shared=is_shared, device=device, now=clock.now(), replaces_token_hash=current_token_hash()
        )
    if opened is None:
        raise sign_in.sign_in_refused()
    return opened


def confirm_password(identifier: str, password: str) -> None:
    """Raises the refusal unless this is the account's password; a wrong one counts like a failed sign-in."""
    found = _first_phase(identifier, password)
    if found.is_right:
        return
    with writing() as session:
        sign_in.record_sign_in(session, found, is_shared=False, device="", now=clock.now())
    raise sign_in.sign_in_refused()


def _first_phase(identifier: str, password: str) -> sign_in.SignInCheck:
    identifier = identifier[:200]
    address = request.remote_addr or ""
    return sign_in.sign_in_check(
        reading(),
        identifier=identifier,
        password=password,
        address=address,
        knows_device=knows_device(identifier),
        now=clock.now(),
    )


def welcome(opened: NewSession, identifier: str, target: str | None) -> Response:
    """Give the browser its new session and forget the form cookie of before."""
    form_session.clear()
    response = redirect(target or "/", 303)
    sign_in_cookie(response, opened.token, opened.is_shared, opened.expires_at)
    if not opened.is_shared:
        remember_device(response, identifier)
    return response


def line_is_safe() -> bool:
    """Passwords travel over TLS, or inside one computer."""
    return request.is_secure or (urlsplit(request.host_url).hostname or "") in (*LOOPBACK, "::1")


def _page(form: SignInForm, target: str | None, error: str | None = None) -> str:
    config: Config = current_app.config["PELITA"]
    return render_template(
        "account/sign_in/show.html",
        identifier=(form.identifier.data or "")[:200],
        error=error,
        next=target or "",
        demo_accounts=demo_accounts.of(config) if config.is_demo else [],
        activation_url=url_for("account.activation.show"),
    )
