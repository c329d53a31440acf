"""The privacy page (D68), made from the inventory, so that it cannot say anything else than what is held."""

from flask import Blueprint, render_template

from lms.care import inventory
from lms.people import privacy
from lms.web import agency
from lms.web.extensions import reading
from lms.web.identity import maybe_user

bp = Blueprint("privacy", __name__)


@bp.get("/privasi")
def show() -> str:
    found = maybe_user()
    version = inventory.VERSION
    settings = agency.current()
    return render_template(
        "public/privacy/show.html",
        agency=settings.agency_name,
        contact=settings.help_contact,
        kinds=list(inventory.KINDS.values()),
        version=version,
        is_read=found is not None and privacy.has_read(reading(), found.person_id, version),
    )
