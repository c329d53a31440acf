"""Which doors exist and who may pass each. One place, read first: a page added under a surface is guarded by it."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from flask import Blueprint, Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from lms.errors import NotAllowed
from lms.people import access, rules
from lms.people.types import SignedIn
from lms.web import clock, requirements
from lms.web.account import (
    activation,
    data,
    devices,
    messages,
    oidc,
    password,
    privacy,
    recovery,
    second_factor,
    security,
    sign_in,
    sign_out,
)
from lms.web.admin import audit as admin_audit
from lms.web.admin import claims as admin_claims
from lms.web.admin import courses as admin_courses
from lms.web.admin import imports, incidents, requests, rule_files
from lms.web.admin import messages as admin_messages
from lms.web.admin import overview as admin_overview
from lms.web.admin import people as admin_people
from lms.web.admin import reports as admin_reports
from lms.web.admin import second_factor as admin_second_factor
from lms.web.admin import settings as admin_settings
from lms.web.admin import standing as admin_standing
from lms.web.admin import units as admin_units
from lms.web.fresh import FORM_GRACE
from lms.web.identity import maybe_user, session_user
from lms.web.learn import (
    assignments,
    catalogue,
    certificates,
    claims,
    competencies,
    courses,
    home,
    lessons,
    media,
    peers,
    quizzes,
    search,
    uploads,
)
from lms.web.marking import queue as marking_queue
from lms.web.marking import works
from lms.web.operator import codes as operator_codes
from lms.web.public import languages, logo, system, verification
from lms.web.public import privacy as public_privacy
from lms.web.studio import archives, attachments, drafts, files, history, lifecycle, mentors, publishing, structure, surveys
from lms.web.studio import courses as studio_courses
from lms.web.studio import statistics as studio_statistics
from lms.web.team import claims as team_claims
from lms.web.team import comparison, members, today
from lms.web.team import courses as team_courses
from lms.web.team import reports as team_reports

Rule = Callable[[SignedIn], bool]


def _surface(
    name: str, prefix: str | None, may_enter: Rule | None, children: Iterable[Blueprint], is_staff: bool = False
) -> Blueprint:
    """`may_enter` None = open to everyone. Staff surfaces ask the password again twelve hours after it was given, and a second
    factor of those with rights over others once their days of grace are over (R45)."""
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
            if is_staff and second_factor.must_be_set_up(found.signed_in, clock.now() - grace):
                return redirect(url_for("own.second_factor.show", lanjut=request.path), 303)
            return None

    if name == "account":
        parent.before_request(_know_who_asks)
    for child in children:
        parent.register_blueprint(child)
    return parent


def _know_who_asks() -> None:
    """Forms are made before the page asks who this is: bring the session's CSRF secret first."""
    session_user()


SURFACES = (
    _surface(
        "public",
        None,
        None,
        (
            verification.bp,
            system.bp,
            languages.bp,
            logo.bp,
            public_privacy.bp,
        ),
    ),
    _surface(
        "account",
        None,
        None,
        (
            sign_in.bp,
            sign_out.bp,
            activation.bp,
            second_factor.code_bp,
            recovery.bp,
            oidc.bp,
        ),
    ),
    _surface(
        "own",
        None,
        access.may_enter_learn,
        (
            devices.bp,
            password.bp,
            security.bp,
            second_factor.bp,
            messages.bp,
            data.bp,
            privacy.bp,
        ),
    ),
    _surface(
        "learn",
        None,
        access.may_enter_learn,
        (
            home.bp,
            catalogue.bp,
            competencies.bp,
            courses.bp,
            lessons.bp,
            quizzes.bp,
            assignments.bp,
            uploads.bp,
            peers.bp,
            certificates.bp,
            claims.bp,
            search.bp,
            media.bp,
        ),
    ),
    _surface(
        "team",
        "/tim",
        access.may_enter_team,
        (
            today.bp,
            members.bp,
            team_courses.bp,
            comparison.bp,
            requirements.team,
            team_claims.bp,
            team_reports.bp,
        ),
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
    _surface(
        "marking",
        "/penilaian",
        access.may_enter_marking,
        (
            marking_queue.bp,
            works.bp,
        ),
        is_staff=True,
    ),
    _surface(
        "operator",
        "/operator",
        access.may_enter_operator,
        (operator_codes.bp,),
        is_staff=True,
    ),
    _surface(
        "admin",
        "/admin",
        access.may_enter_admin,
        (
            admin_overview.bp,
            admin_people.bp,
            admin_standing.bp,
            admin_units.bp,
            imports.bp,
            requirements.admin,
            admin_claims.bp,
            rule_files.bp,
            admin_reports.bp,
            admin_courses.bp,
            admin_settings.bp,
            admin_audit.bp,
            requests.bp,
            incidents.bp,
            admin_messages.bp,
            admin_second_factor.bp,
        ),
        is_staff=True,
    ),
)


def register(app: Flask) -> None:
    for surface in SURFACES:
        app.register_blueprint(surface)
