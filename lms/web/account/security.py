"""The door to everything that keeps an account safe: password, second factor, recovery codes, devices."""

from flask import Blueprint, current_app, render_template

from lms.people import external, queries, second_factor
from lms.web import clock, language
from lms.web.extensions import reading
from lms.web.identity import user

bp = Blueprint("security", __name__)


@bp.get("/akun/keamanan")
def show() -> str:
    who, session = user(), reading()
    account = queries.account(session, who.person_id)
    standing = second_factor.standing(session, who.person_id)
    before = queries.sign_in_before(session, who.person_id, who.signed_in.session_id)
    provider = current_app.config["PELITA"].provider
    return render_template(
        "own/security/show.html",
        has_password=account.is_activated,
        password_since=language.long_date(account.password_changed_at, who.time_zone) if account.password_changed_at else None,
        factor_since=language.long_date(standing.confirmed_at, who.time_zone) if standing.confirmed_at else None,
        codes_left=standing.codes_left,
        device_count=len(queries.sessions_of(session, who.person_id, clock.now())),
        before=before,
        before_label=language.date_and_time(before.created_at, who.time_zone) if before else None,
        provider_label=provider.label if provider and external.is_linked(session, who.person_id) else None,
    )
