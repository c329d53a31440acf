"""Reports about the people below a superior."""

from flask import Blueprint
from werkzeug.wrappers import Response

from lms.errors import NotAllowed
from lms.people import hierarchy
from lms.people.hierarchy import Team
from lms.people.rules import staff_date
from lms.web import clock, report_pages
from lms.web.extensions import reading
from lms.web.identity import user
from lms.web.team import navigation

bp = Blueprint("reports", __name__, url_prefix="/laporan")


def _look() -> tuple[Team, int | None]:
    team = hierarchy.team_of(reading(), user().person_id, staff_date(clock.now()))
    if not team:
        raise NotAllowed("Halaman ini untuk kepala unit kerja. Kemajuan belajar Anda sendiri ada di Beranda.")
    return team, user().person_id


PLACE = report_pages.Place("team.reports", _look, navigation.of)


@bp.get("")
def index() -> str:
    return report_pages.index(PLACE)


@bp.get("/<key>")
def show(key: str) -> str:
    return report_pages.show(PLACE, key)


@bp.post("/<key>")
def export(key: str) -> Response:
    return report_pages.export(PLACE, key)
