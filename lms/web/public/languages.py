"""Choosing the language of the interface. A cookie keeps it, so it works before signing in and on every page."""

from flask import Blueprint, redirect, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from lms.web import translation
from lms.web.redirects import safe_target

bp = Blueprint("languages", __name__)
YEAR = 365 * 24 * 3600


class LanguageForm(FlaskForm):
    language = StringField()
    next = StringField()


@bp.get("/bahasa")
def choose() -> str:
    return render_template(
        "public/languages/choose.html",
        names=list(translation.NAMES.items()),
        next=safe_target(request.args.get("lanjut")) or "",
    )


@bp.post("/bahasa")
def keep() -> Response:
    form = LanguageForm()
    code = form.language.data if form.language.data in translation.NAMES else translation.INDONESIAN
    response = redirect(safe_target(form.next.data) or "/", 303)
    response.set_cookie(translation.COOKIE, code, max_age=YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    return response
