"""A forgotten password: a link to the person's e-mail address, or whom to ask for a code (R46). The answer never tells whether an
account exists (R40)."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from lms.errors import Invalid, TooManyTries
from lms.messages import actions as messages
from lms.people import actions, passwords, queries, recovery, sign_in
from lms.people.rules import hash_secret
from lms.web import agency, clock
from lms.web.account.sign_in import line_is_safe
from lms.web.extensions import Session, reading, writing

bp = Blueprint("recovery", __name__)


class AskForm(FlaskForm):
    identifier = StringField()


class RenewForm(FlaskForm):
    password = PasswordField()


@bp.route("/lupa-sandi", methods=("GET", "POST"))
def show() -> Response | str:
    form = AskForm()
    if not form.validate_on_submit() or not _sends_mail():
        return _page()
    now = clock.now()
    try:
        with writing() as session:
            asked = recovery.ask(
                session, identifier=(form.identifier.data or "")[:200], address=request.remote_addr or "", now=now
            )
            with session.begin_nested() as written:
                _send_link(session, asked.person_id)
                if not asked.is_real:
                    written.rollback()
    except TooManyTries as problem:
        response = make_response(_page(error=str(problem)), 429)
        response.headers["Retry-After"] = str(problem.retry_after)
        return response
    return _page(is_asked=True)


def _send_link(session: Session, person_id: int) -> None:
    now = clock.now()
    token = recovery.issue_link(session, person_id=person_id, now=now)
    messages.queue(
        session,
        person_id=person_id,
        kind="recovery",
        subject="Membuat kata sandi baru di Pelita",
        body="Ada permintaan untuk membuat kata sandi baru bagi akun Pelita Anda. Buka tautan ini dalam 30 menit; tautan berlaku sekali. "
        "Bila bukan Anda yang meminta, abaikan surel ini: kata sandi Anda tidak berubah.",
        link=url_for("account.recovery.renew", token=token),
        about=f"recovery:{hash_secret(token)[:40]}",
        reason={"asked": "account.recovery.show"},
        not_before=now,
        now=now,
        channels=("email",),
    )


@bp.route("/pulihkan/<token>", methods=("GET", "POST"))
def renew(token: str) -> Response | str:
    """A new password by the link. The second factor stays as it is, and every session ends."""
    form = RenewForm()
    address = request.remote_addr or ""
    try:
        bearer = recovery.bearer(reading(), token=token, address=address, now=clock.now())
        if not form.validate_on_submit():
            return _renew_page()
        if not line_is_safe():
            return _renew_page("Sambungan ini belum memakai https, jadi kata sandi tidak disimpan. Beri tahu pengelola Pelita.")
        password = form.password.data or ""
        passwords.check_new_password(password, queries.password_words(reading(), bearer.person_id))
        reading().rollback()
        password_hash = passwords.hash_password(password)
        with writing() as session:
            actions.redeem_code(
                session, identifier=bearer.identifier, code=token, password_hash=password_hash, now=clock.now(), by_link=True
            )
    except Invalid as problem:
        if problem.field == "password":
            return make_response(_renew_page(str(problem)), 400)
        return _late_link(address)
    return redirect(url_for("account.sign_in.show", pesan="sandi-baru"), 303)


def _late_link(address: str) -> Response:
    """A link that does not work (any more). A guess that was sent counts against its address."""
    if request.method == "POST":
        with writing() as session:
            sign_in.record_failure(session, address=address, now=clock.now())
    return make_response(_page(error=str(recovery.link_refused())), 400)


def _sends_mail() -> bool:
    return current_app.config["PELITA"].mail is not None


def _page(error: str | None = None, is_asked: bool = False) -> str:
    contact = agency.current().help_contact
    sends_mail = _sends_mail()
    return render_template("account/recovery/show.html", error=error, is_asked=is_asked, sends_mail=sends_mail, contact=contact)


def _renew_page(error: str | None = None) -> str:
    return render_template("account/recovery/renew.html", error=error, min_length=passwords.MIN_LENGTH)
