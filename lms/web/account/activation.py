"""First sign-in, or a forgotten password: the one-time code of a slip, and a password of one's own (D30)."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from lms.errors import Invalid, TooManyTries
from lms.people import actions, passwords, queries, sign_in
from lms.web import clock
from lms.web.account.sign_in import line_is_safe
from lms.web.extensions import reading, writing

bp = Blueprint("activation", __name__)


class ActivationForm(FlaskForm):
    identifier = StringField()
    code = StringField()
    password = PasswordField()


@bp.route("/aktivasi", methods=("GET", "POST"))
def show() -> Response | str:
    form = ActivationForm()
    if not form.validate_on_submit():
        return _page(form)
    if not line_is_safe():
        return _page(form, error="Sambungan ini belum memakai https, jadi kata sandi tidak disimpan. Beri tahu pengelola Pelita.")
    try:
        _activate(form.identifier.data or "", form.code.data or "", form.password.data or "")
    except TooManyTries as problem:
        response = make_response(_page(form, error=str(problem)), 429)
        response.headers["Retry-After"] = str(problem.retry_after)
        return response
    except Invalid as problem:
        return make_response(_page(form, errors={problem.field or "code": str(problem)}), 400)
    return redirect(url_for("account.sign_in.show", pesan="aktif"), 303)


def _activate(identifier: str, code: str, password: str) -> None:
    """Check the code, then the password, then hash, then write: in this order a guess costs little and holds no lock."""
    identifier, code, address = identifier[:200], code[:100], request.remote_addr or ""
    person_id = sign_in.code_check(reading(), identifier=identifier, code=code, address=address, now=clock.now())
    if person_id is None:
        with writing() as session:
            sign_in.record_failure(session, address=address, now=clock.now())
        raise actions.code_refused()
    passwords.check_new_password(password, queries.password_words(reading(), person_id))
    reading().rollback()
    password_hash = passwords.hash_password(password)
    with writing() as session:
        actions.redeem_code(session, identifier=identifier, code=code, password_hash=password_hash, now=clock.now())


def _page(form: ActivationForm, error: str | None = None, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "account/activation/show.html",
        identifier=(form.identifier.data or "")[:100],
        code=(form.code.data or request.args.get("kode", ""))[:100],
        error=error,
        errors=errors or {},
        min_length=passwords.MIN_LENGTH,
    )
