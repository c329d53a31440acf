"""Asking for the password again before an act that takes personal data out or changes rights (R45): it must be ten minutes old at most."""

from datetime import timedelta

from flask import redirect, url_for
from werkzeug.wrappers import Response

from lms.people import rules
from lms.web import clock
from lms.web.identity import user

FORM_GRACE = timedelta(hours=1)
"""A form opened while the password was fresh may still be sent: what was written in it must not be lost."""


def password_first(back_to: str, *, grace: timedelta = timedelta()) -> Response | None:
    """The way to give the password again, which leads on to `back_to` (a page that GET opens); None when it is fresh enough.

    In a view, before anything is done:  `if asked := fresh.password_first(url_for("team.reports.index")): return asked`
    A form with much to write asks when it is opened, and takes what was written with `grace=FORM_GRACE`.
    """
    if clock.now() - user().signed_in.authenticated_at < rules.FRESH + grace:
        return None
    return redirect(url_for("own.password.confirm", lanjut=back_to), 303)
