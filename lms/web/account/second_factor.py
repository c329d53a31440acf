"""The second factor: the page that asks for a code after the password, and the owner's pages to set it up and take it away."""

from datetime import datetime
from typing import Any

import segno
from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from pyotp import TOTP
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from lms.errors import LmsError, TooManyTries
from lms.people import access, queries, rules, second_factor
from lms.people.types import NewSession, SignedIn
from lms.web import agency, clock, fresh, language
from lms.web.account import sign_in
from lms.web.extensions import reading, writing
from lms.web.identity import remember_second_factor, session_user, sign_in_cookie, user
from lms.web.redirects import safe_target

code_bp = Blueprint("second_factor", __name__)
"""Of the surface of those who are not signed in: who still owes a code is not."""
bp = Blueprint("second_factor", __name__)


class CodeForm(FlaskForm):
    code = StringField()
    next = StringField()


class OffForm(FlaskForm):
    password = PasswordField()
    code = StringField()


@code_bp.route("/masuk/kode", methods=("GET", "POST"), endpoint="show")
def show_code() -> Response | str:
    found = session_user()
    form = CodeForm()
    target = safe_target(form.next.data or request.args.get("lanjut"))
    if found is None:
        return redirect(url_for("account.sign_in.show", lanjut=target), 303)
    if not found.is_half:
        return redirect(target or "/", 303)
    if not form.validate_on_submit():
        return _code_page(found.name, target)
    who = found.signed_in
    try:
        opened = _give(who, form.code.data or "")
    except LmsError as problem:
        return _refusal(_code_page(found.name, target, str(problem)), problem)
    response = redirect(target or "/", 303)
    return _signed_in(response, opened, remembers=not access.has_staff_rights(who))


def _give(who: SignedIn, code: str) -> NewSession:
    with writing() as session:
        opened = second_factor.give(session, session_id=who.session_id, **_typed(who, code))
    if opened is None:
        raise second_factor.refused()
    return opened


def _code_page(name: str, target: str | None, error: str | None = None) -> str:
    contact = agency.current().help_contact
    return render_template("account/second_factor/show.html", name=name, next=target or "", error=error, contact=contact)


# -- the owner's pages ----------------------------------------------------------------------------------------------------------


@bp.get("/akun/dua-langkah")
def show() -> str:
    return _page()


@bp.post("/akun/dua-langkah")
def begin() -> Response:
    target = safe_target(request.form.get("next"))
    if asked := fresh.password_first(url_for("own.second_factor.show", lanjut=target)):
        return asked
    with writing() as session:
        second_factor.begin(session, person_id=user().person_id, seal_key=_seal_key(), now=clock.now())
    return redirect(url_for("own.second_factor.set_up", lanjut=target), 303)


@bp.route("/akun/dua-langkah/pasang", methods=("GET", "POST"))
def set_up() -> Response | str:
    """Shows the key only to somebody who gave the password minutes ago, and never again once it is confirmed."""
    who = user().signed_in
    form = CodeForm()
    target = safe_target(form.next.data or request.args.get("lanjut"))
    if asked := fresh.password_first(url_for("own.second_factor.set_up", lanjut=target)):
        return asked
    secret = second_factor.half_made_secret(reading(), person_id=who.person_id, seal_key=_seal_key())
    if secret is None:
        return redirect(url_for("own.second_factor.show", lanjut=target), 303)
    if not form.validate_on_submit():
        return _set_up_page(secret, target)
    try:
        with writing() as session:
            confirmed = second_factor.confirm(session, session_id=who.session_id, **_typed(who, form.code.data or ""))
        if confirmed is None:
            raise second_factor.refused()
    except LmsError as problem:
        return _refusal(_set_up_page(secret, target, str(problem)), problem)
    opened, codes = confirmed
    response = make_response(_codes_page(codes, target, is_new=True))
    return _signed_in(response, opened, remembers=not access.has_staff_rights(who))


@bp.post("/akun/dua-langkah/kode-pemulihan")
def codes() -> Response | str:
    """Ten new recovery codes, shown on this page only."""
    if asked := fresh.password_first(url_for("own.second_factor.show")):
        return asked
    with writing() as session:
        made = second_factor.remake_codes(session, person_id=user().person_id, now=clock.now())
    return _codes_page(made, None, is_new=False)


@bp.post("/akun/dua-langkah/matikan")
def switch_off() -> Response | str:
    who = user().signed_in
    form = OffForm()
    try:
        sign_in.confirm_password(queries.account(reading(), who.person_id).identifier, form.password.data or "")
        with writing() as session:
            opened = second_factor.switch_off(session, session_id=who.session_id, **_typed(who, form.code.data or ""))
        if opened is None:
            raise second_factor.refused()
    except LmsError as problem:
        return _refusal(_page(str(problem)), problem)
    return _signed_in(redirect(url_for("own.security.show", pesan="dua-langkah-mati"), 303), opened, remembers=False)


def must_be_set_up(who: SignedIn, now: datetime) -> bool:
    """Whether pages of staff stay shut until this person has a second factor (R45): the days of grace are over."""
    return access.lacks_second_factor(who) and access.grace_is_over(who, now) and agency.second_factor_is_required()


def _typed(who: SignedIn, code: str) -> dict[str, Any]:
    """What every check of a code needs to know."""
    return {
        "person_id": who.person_id,
        "code": code[:100],
        "address": request.remote_addr or "",
        "seal_key": _seal_key(),
        "now": clock.now(),
    }


def _seal_key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _signed_in(response: Response, opened: NewSession, remembers: bool) -> Response:
    sign_in_cookie(response, opened.token, opened.is_shared, opened.expires_at)
    if remembers and not opened.is_shared:
        remember_second_factor(response, opened.session_id)
    return response


def _refusal(page: str, problem: LmsError) -> Response:
    response = make_response(page, 429 if isinstance(problem, TooManyTries) else 401)
    if isinstance(problem, TooManyTries):
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _page(error: str | None = None) -> str:
    who = user()
    standing = second_factor.standing(reading(), who.person_id)
    asked_at = who.signed_in.second_factor_asked_at
    is_asked = access.lacks_second_factor(who.signed_in) and asked_at is not None and agency.second_factor_is_required()
    is_late = must_be_set_up(who.signed_in, clock.now())
    until = language.long_date(asked_at + rules.SECOND_FACTOR_GRACE, who.time_zone) if is_asked and asked_at else None
    return render_template(
        "own/second_factor/show.html",
        standing=standing,
        since=language.long_date(standing.confirmed_at, who.time_zone) if standing.confirmed_at else None,
        until=until,
        is_late=is_late,
        next=safe_target(request.args.get("lanjut")) or "",
        error=error,
    )


def _set_up_page(secret: str, target: str | None, error: str | None = None) -> str:
    account = queries.account(reading(), user().person_id).identifier
    address = TOTP(secret, name=account, issuer=f"Pelita {agency.current().agency_name}"[:60]).provisioning_uri()
    return render_template(
        "own/second_factor/set_up.html",
        qr=segno.make(address, error="m").svg_data_uri(border=4, light="#fff", dark="#000"),
        key=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        account=account,
        next=target or "",
        error=error,
    )


def _codes_page(made: list[str], target: str | None, is_new: bool) -> str:
    next_url = target or url_for("own.security.show")
    return render_template("own/second_factor/codes.html", codes=made, is_new=is_new, next_url=next_url)
