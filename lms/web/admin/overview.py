"""The agency at a glance, and handing out activation codes."""

from flask import Blueprint, make_response, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from lms.errors import LmsError, NotFound
from lms.people import actions, queries
from lms.people.rules import staff_date
from lms.people.types import CodePurpose, EmploymentKind
from lms.progress import jp
from lms.progress.claim_queries import office_count
from lms.web import clock, language
from lms.web.admin import navigation
from lms.web.agency import current
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("overview", __name__)


class CodeForm(FlaskForm):
    identifier = StringField()


@bp.get("")
def index() -> str:
    return _page()


@bp.post("/kode")
def issue_code() -> Response:
    """A new one-time code for a person; shown once, on this page, and kept nowhere."""
    form = CodeForm()
    typed = (form.identifier.data or "")[:100]
    try:
        account = queries.account_by_identifier(reading(), typed)
        if account is None:
            raise NotFound("Tidak ada akun dengan NIP atau nama masuk itu. Periksa angkanya; belum ada yang dibuat.")
        purpose = CodePurpose.RESET if account.is_activated else CodePurpose.ACTIVATION
        with writing() as session:
            code = actions.issue_code(session, person_id=account.person_id, purpose=purpose, now=clock.now(), by=user().person_id)
    except LmsError as problem:
        return make_response(_page(typed, error=str(problem)), 400)
    person = queries.identity(reading(), account.person_id, clock.today(user().time_zone))
    life = "30 menit" if purpose is CodePurpose.RESET else "14 hari"
    return make_response(_page(typed, issued={"name": person.display_name, "code": code, "life": life}))


def _page(typed: str = "", error: str | None = None, issued: dict[str, str] | None = None) -> str:
    session = reading()
    today = clock.today(user().time_zone)
    settings = current()
    counts = queries.agency_counts(session, today)
    target, _ = jp.target_of(EmploymentKind.PNS, settings, today.year)
    reached = jp.reached_count(session, today.year, target)
    return render_template(
        "admin/overview/index.html",
        agency=settings.agency_name,
        facts=[
            ("Pegawai", language.number(counts.people)),
            ("Unit kerja", language.number(counts.units)),
            ("Akun aktif", f"{language.number(counts.activated)} dari {language.number(counts.accounts)}"),
            ("Klaim JP menunggu", language.number(office_count(session, staff_date(clock.now())))),
            (f"Mencapai {target} JP tahun {today.year}", f"{language.number(reached)} orang"),
        ],
        typed=typed,
        error=error,
        issued=issued,
        **navigation.of("overview"),
    )
