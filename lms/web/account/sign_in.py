"""Signing in. Unknown, wrong, slowed down and disabled look the same (R40); hashing happens outside the write transaction."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask import session as form_session
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, StringField

from config import LOOPBACK, Config
from lms.errors import LmsError, TooManyTries
from lms.people import access, devices, queries, rules, second_factor, sign_in
from lms.people.types import NewSession
from lms.web import agency, clock, demo_accounts
from lms.web.extensions import Session, reading, writing
from lms.web.identity import (
    current_token_hash,
    knows_device,
    remember_device,
    remembered_session_id,
    session_user,
    sign_in_cookie,
)
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
    found = session_user()
    if request.method == "GET" and found is not None:
        return redirect(code_page(target) if found.is_half else target or "/", 303)
    if not form.validate_on_submit():
        return page(form, target)
    if not line_is_safe():
        return page(
            form, target, "Sambungan ini belum memakai https, jadi kata sandi tidak diperiksa. Beri tahu pengelola Pelita."
        )
    identifier = form.identifier.data or ""
    try:
        opened = check(identifier, form.password.data or "", bool(form.shared.data))
    except LmsError as problem:
        response = make_response(page(form, target, str(problem)), 429 if isinstance(problem, TooManyTries) else 401)
        if isinstance(problem, TooManyTries):
            response.headers["Retry-After"] = str(problem.retry_after)
        return response
    return welcome(opened, first_page(opened, target), identifier)


def check(identifier: str, password: str, is_shared: bool, second_factor_at: datetime | None = None) -> NewSession:
    """A new session for the right password, in the two phases of people.sign_in. Raises the one refusal, or TooManyTries."""
    found = _first_phase(identifier, password)
    with writing() as session:
        opened = sign_in.record_sign_in(
            session,
            found,
            is_shared=is_shared,
            device=devices.device_label(request.user_agent.string),
            now=clock.now(),
            replaces_token_hash=current_token_hash(),
            second_factor_at=second_factor_at,
        )
        if opened is not None:
            begin_second_factor(session, opened)
    if opened is None:
        raise sign_in.sign_in_refused()
    return opened


def begin_second_factor(session: Session, opened: NewSession) -> None:
    """What a sign-in means for the second factor, inside its transaction."""
    second_factor.after_sign_in(
        session,
        opened,
        remembered_session_id=remembered_session_id(),
        is_required=agency.second_factor_is_required(),
        now=clock.now(),
    )


def confirm_password(identifier: str, password: str) -> None:
    """Raises the refusal unless this is the account's password; decided and counted like a sign-in."""
    found = _first_phase(identifier, password)
    with writing() as session:
        person_id = sign_in.record_password(session, found, now=clock.now())
    if person_id is None:
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


def welcome(opened: NewSession, target: str, identifier: str | None = None) -> Response:
    """Give the browser its new session and forget the form cookie of before. `identifier`: what the password was given for."""
    form_session.clear()
    response = redirect(target, 303)
    sign_in_cookie(response, opened.token, opened.is_shared, opened.expires_at)
    if identifier is not None and not opened.is_shared:
        remember_device(response, identifier)
    return response


def first_page(opened: NewSession, target: str | None) -> str:
    """Where a sign-in leads: to the code if one is owed, to setting up a second factor if pages of staff ask for it, else on."""
    who = queries.signed_in(reading(), rules.hash_secret(opened.token), clock.now())
    config: Config = current_app.config["PELITA"]
    if who is None or config.is_demo:
        return target or "/"
    if access.is_half_signed_in(who, clock.now()):
        return code_page(target)
    if access.lacks_second_factor(who) and agency.second_factor_is_required():
        return url_for("own.second_factor.show", lanjut=target)
    return target or "/"


def code_page(target: str | None) -> str:
    return url_for("account.second_factor.show", lanjut=target)


def line_is_safe() -> bool:
    """Passwords travel over TLS, or inside one computer."""
    return request.is_secure or (urlsplit(request.host_url).hostname or "") in (*LOOPBACK, "::1")


def page(form: SignInForm, target: str | None, error: str | None = None) -> str:
    config: Config = current_app.config["PELITA"]
    return render_template(
        "account/sign_in/show.html",
        identifier=(form.identifier.data or "")[:200],
        error=error,
        next=target or "",
        demo_accounts=demo_accounts.of(config) if config.is_demo else [],
        provider=config.provider,
    )
