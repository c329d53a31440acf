"""Giving the password again before staff pages, and changing it."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from lms.errors import Invalid, LmsError
from lms.people import actions, devices, passwords, queries
from lms.web import clock
from lms.web.account import sign_in
from lms.web.extensions import reading, writing
from lms.web.identity import current_token_hash, sign_in_cookie, user
from lms.web.redirects import safe_target

bp = Blueprint("password", __name__)


class ConfirmForm(FlaskForm):
    password = PasswordField()
    next = StringField()


class ChangeForm(FlaskForm):
    old = PasswordField()
    new = PasswordField()


@bp.route("/akun/konfirmasi", methods=("GET", "POST"))
def confirm() -> Response | str:
    form = ConfirmForm()
    target = safe_target(form.next.data or request.args.get("lanjut"))
    if not form.validate_on_submit():
        return _confirm_page(target)
    who = user().signed_in
    identifier = queries.account(reading(), who.person_id).identifier
    try:
        opened = sign_in.check(identifier, form.password.data or "", who.is_shared_device, who.second_factor_at)
    except LmsError as problem:
        return make_response(_confirm_page(target, str(problem)), 401)
    return sign_in.welcome(opened, target or "/", identifier)


@bp.route("/akun/kata-sandi", methods=("GET", "POST"))
def change() -> Response | str:
    form = ChangeForm()
    if not form.validate_on_submit():
        return _change_page()
    who = user()
    identifier = queries.account(reading(), who.person_id).identifier
    try:
        sign_in.confirm_password(identifier, form.old.data or "")
    except LmsError as problem:
        return make_response(_change_page({"old": str(problem)}), 401)
    try:
        passwords.check_new_password(form.new.data or "", queries.password_words(reading(), who.person_id))
    except Invalid as problem:
        return make_response(_change_page({"new": str(problem)}), 400)
    reading().rollback()
    password_hash = passwords.hash_password(form.new.data or "")
    with writing() as session:
        actions.change_password(session, person_id=who.person_id, password_hash=password_hash, now=clock.now())
        opened = actions.open_session(
            session,
            person_id=who.person_id,
            is_shared=who.signed_in.is_shared_device,
            device=devices.device_label(request.user_agent.string),
            now=clock.now(),
            replaces_token_hash=current_token_hash(),
            second_factor_at=who.signed_in.second_factor_at,
        )
    response = redirect(url_for("own.security.show", pesan="sandi"), 303)
    sign_in_cookie(response, opened.token, opened.is_shared, opened.expires_at)
    return response


def _confirm_page(target: str | None, error: str | None = None) -> str:
    provider = current_app.config["PELITA"].provider
    return render_template("own/password/confirm.html", next=target or "", error=error, provider=provider)


def _change_page(errors: dict[str, str] | None = None) -> str:
    return render_template("own/password/change.html", errors=errors or {}, min_length=passwords.MIN_LENGTH)
