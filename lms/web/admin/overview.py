"""The agency at a glance, and the doors to what the training office does."""

from flask import Blueprint, render_template, url_for

from lms.people import queries
from lms.people.rules import staff_date
from lms.people.types import EmploymentKind
from lms.progress import jp
from lms.progress.claim_queries import office_count
from lms.web import clock, language
from lms.web.admin import navigation
from lms.web.agency import current
from lms.web.extensions import reading
from lms.web.identity import user

bp = Blueprint("overview", __name__)
DOORS = (
    ("admin.people.index", "Pegawai", "Cari orang, catat mutasi, atur peran dan akun, buat kode baru."),
    ("admin.units.index", "Unit kerja", "Susunan unit, kepala, Plt dan Plh, operator unit."),
    ("operator.codes.index", "Kode aktivasi", "Cetak slip untuk pegawai yang akunnya belum aktif."),
)
"""(endpoint, label, what it is for), in the order people need them."""


@bp.get("")
def index() -> str:
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
        doors=[(url_for(endpoint), label, text) for endpoint, label, text in DOORS],
        **navigation.of("overview"),
    )
