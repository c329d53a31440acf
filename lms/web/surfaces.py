"""Which doors exist and who may pass each. One place, read first: a page added under a surface is guarded by it."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from flask import Blueprint, Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from lms.errors import NotAllowed
from lms.people import access, rules
from lms.people.types import SignedIn
from lms.web import clock, requirements
from lms.web.account import activation, devices, password, sign_in, sign_out
from lms.web.admin import overview as admin_overview
from lms.web.identity import maybe_user
from lms.web.learn import assignments, catalogue, certificates, courses, home, lessons, media, peers, quizzes, search, uploads
from lms.web.marking import queue as marking_queue
from lms.web.marking import works
from lms.web.public import system, verification
from lms.web.studio import archives, attachments, drafts, files, history, lifecycle, mentors, publishing, structure, surveys
from lms.web.studio import courses as studio_courses
from lms.web.studio import statistics as studio_statistics
from lms.web.team import comparison, members, today
from lms.web.team import courses as team_courses

Rule = Callable[[SignedIn], bool]
FORM_GRACE = timedelta(hours=1)
"""A form opened while the password was fresh may still be sent: what was written in it must not be lost."""


def _surface(
    name: str, prefix: str | None, may_enter: Rule | None, children: Iterable[Blueprint], is_staff: bool = False
) -> Blueprint:
    """`may_enter` None = open to everyone. Staff surfaces ask the password again twelve hours after it was given."""
    parent = Blueprint(name, __name__, url_prefix=prefix)
    if may_enter is not None:
        allowed = may_enter

        @parent.before_request
        def guard() -> Response | None:
            found = maybe_user()
            if found is None:
                return redirect(
                    url_for("account.sign_in.show", lanjut=request.full_path.rstrip("?") if request.method == "GET" else None),
                    303,
                )
            if not allowed(found.signed_in):
                raise NotAllowed("Halaman ini untuk tugas lain. Kemajuan belajar Anda tetap aman di beranda.")
            grace = FORM_GRACE if request.method == "POST" else timedelta()
            if is_staff and rules.needs_fresh_password(found.signed_in.authenticated_at, clock.now() - grace):
                return redirect(url_for("own.password.confirm", lanjut=request.path), 303)
            return None

    if name == "account":
        parent.before_request(_know_who_asks)
    for child in children:
        parent.register_blueprint(child)
    return parent


def _know_who_asks() -> None:
    """Forms are made before the page asks who this is: bring the session's CSRF secret first."""
    maybe_user()


SURFACES = (
    _surface("public", None, None, (verification.bp, system.bp)),
    _surface("account", None, None, (sign_in.bp, sign_out.bp, activation.bp)),
    _surface("own", None, access.may_enter_learn, (devices.bp, password.bp)),
    _surface(
        "learn",
        None,
        access.may_enter_learn,
        (
            home.bp,
            catalogue.bp,
            courses.bp,
            lessons.bp,
            quizzes.bp,
            assignments.bp,
            uploads.bp,
            peers.bp,
            certificates.bp,
            search.bp,
            media.bp,
        ),
    ),
    _surface(
        "team",
        "/tim",
        access.may_enter_team,
        (today.bp, members.bp, team_courses.bp, comparison.bp, requirements.team),
        is_staff=True,
    ),
    _surface(
        "studio",
        "/studio",
        access.may_enter_studio,
        (
            studio_courses.bp,
            archives.bp,
            structure.bp,
            files.bp,
            drafts.bp,
            attachments.bp,
            studio_statistics.bp,
            publishing.bp,
            history.bp,
            lifecycle.bp,
            mentors.bp,
            surveys.bp,
        ),
        is_staff=True,
    ),
    _surface("marking", "/penilaian", access.may_enter_marking, (marking_queue.bp, works.bp), is_staff=True),
    _surface("admin", "/admin", access.may_enter_admin, (admin_overview.bp, requirements.admin), is_staff=True),
)


def register(app: Flask) -> None:
    for surface in SURFACES:
        app.register_blueprint(surface)
