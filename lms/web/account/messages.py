"""What Pelita told this person: reading it, whether it may come by e-mail too, and to which address."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from config import Config
from lms.errors import Invalid, LmsError
from lms.messages import actions, queries
from lms.people import queries as people
from lms.people.rules import check_email
from lms.web import clock
from lms.web.account import sign_in
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.redirects import safe_target

bp = Blueprint("messages", __name__)


class AddressForm(FlaskForm):
    email = StringField()
    password = PasswordField()


@bp.get("/pesan")
def index() -> str:
    who = user()
    page = max(1, min(request.args.get("halaman", 1, type=int), 100_000))
    listed, pages = queries.notices(reading(), who.person_id, page)
    email, wants_email = queries.email_choice(reading(), who.person_id)
    return render_template(
        "own/messages/index.html",
        notices=listed,
        has_unread=any(not each.is_read for each in listed),
        time_zone=who.time_zone,
        email=email,
        wants_email=wants_email,
        is_mail_on=has_mail(),
        page=page,
        pages=pages,
    )


@bp.post("/pesan/<int:message_id>")
def read(message_id: int) -> Response:
    """Mark it read and go where it leads."""
    who = user()
    notice = queries.notice(reading(), who.person_id, message_id)
    with writing() as session:
        actions.mark_read(session, person_id=who.person_id, message_id=message_id, now=clock.now())
    return redirect(safe_target(notice.link) or url_for("own.messages.index"), 303)


@bp.post("/pesan/semua")
def read_all() -> Response:
    with writing() as session:
        actions.mark_read(session, person_id=user().person_id, now=clock.now())
    return redirect(url_for("own.messages.index"), 303)


@bp.post("/pesan/surel")
def choose() -> Response:
    with writing() as session:
        actions.choose_email(session, person_id=user().person_id, wants_email=request.form.get("wanted") == "1")
    return redirect(url_for("own.messages.index", pesan="tersimpan"), 303)


@bp.route("/pesan/alamat", methods=("GET", "POST"))
def address() -> Response | str:
    """A new e-mail address, with the password again: whoever holds the address can get a new password."""
    form = AddressForm()
    who = user()
    if not form.validate_on_submit():
        return render_template("own/messages/address.html", email=queries.email_choice(reading(), who.person_id)[0], errors={})
    typed = form.email.data or ""
    try:
        check_email(typed)
    except Invalid as problem:
        return _asked_again(typed, {"email": str(problem)}, 400)
    try:
        sign_in.confirm_password(people.account(reading(), who.person_id).identifier, form.password.data or "")
    except LmsError as problem:
        return _asked_again(typed, {"password": str(problem)}, 401)
    with writing() as session:
        actions.change_address(session, person_id=who.person_id, email=typed, now=clock.now(), has_mail=has_mail())
    return redirect(url_for("own.messages.index", pesan="tersimpan"), 303)


def _asked_again(typed: str, errors: dict[str, str], status: int) -> Response:
    return make_response(render_template("own/messages/address.html", email=typed[:250], errors=errors), status)


def has_mail() -> bool:
    """Whether this installation sends e-mail."""
    config: Config = current_app.config["PELITA"]
    return config.mail is not None
