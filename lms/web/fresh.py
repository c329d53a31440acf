"""Asking for the password again before an act that takes personal data out or changes rights (R45): it must be ten minutes old at most."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from lms.people import rules
from lms.web import clock
from lms.web.identity import user


def password_first(back_to: str) -> Response | None:
    """The way to give the password again, which leads on to `back_to` (a page that GET opens); None when it is fresh enough.

    In a view, before anything is done:  `if asked := fresh.password_first(url_for("team.reports.index")): return asked`
    """
    if clock.now() - user().signed_in.authenticated_at < rules.FRESH:
        return None
    return redirect(url_for("own.password.confirm", lanjut=back_to), 303)
