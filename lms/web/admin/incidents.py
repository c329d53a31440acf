"""When personal data may have leaked (D70, R90): how many people, which data, until when they must be told, and a draft."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from lms.care import incidents, inventory
from lms.care.incidents import NOTICE, Affected, Scope
from lms.errors import Invalid
from lms.people import queries
from lms.web import agency, clock, language
from lms.web.admin import navigation
from lms.web.extensions import reading
from lms.web.filters import choice
from lms.web.identity import user

bp = Blueprint("incidents", __name__)
SCOPES = (
    (Scope.ACCOUNT, "Satu akun dipakai orang lain"),
    (Scope.EXPORTS, "Berkas ekspor jatuh ke tangan lain"),
    (Scope.AGENCY, "Mesin, basis data, atau cadangan"),
)
MINUTES = "%Y-%m-%dT%H:%M"
FIELDS = ("cakupan", "akun", "dari", "sampai", "diketahui")


@bp.get("/insiden")
def show() -> str:
    now = clock.now().astimezone(ZoneInfo(user().time_zone))
    days = {"dari": now - timedelta(days=1), "sampai": now, "diketahui": now}
    return _page({name: f"{at:{MINUTES}}" for name, at in days.items()})


@bp.post("/insiden")
def reckon() -> Response | str | tuple[str, int]:
    """Shown, never stored; the account is sent in a form, so that no NIP stays in an address."""
    typed = {name: request.form.get(name, "")[:100].strip() for name in FIELDS}
    try:
        since, until, known_at = (_moment(typed[name]) for name in ("dari", "sampai", "diketahui"))
        found = _affected(typed, since, until)
    except Invalid as problem:
        return _page(typed, error=str(problem)), 400
    return _page(typed, found, known_at)


def _moment(text: str) -> datetime:
    try:
        found = datetime.strptime(text[:16], MINUTES).replace(tzinfo=ZoneInfo(user().time_zone))
    except ValueError as problem:
        raise Invalid("Tulis tanggal dan jamnya, misalnya 2026-03-05T14:30.") from problem
    if not 2000 <= found.year <= 2200:
        raise Invalid("Tahunnya tidak masuk akal. Periksa tanggalnya.")
    return found


def _affected(typed: dict[str, str], since: datetime, until: datetime) -> Affected:
    if until < since:
        raise Invalid("Akhir masa tidak boleh sebelum awalnya.")
    if typed["cakupan"] == Scope.AGENCY:
        return incidents.by_agency(reading(), until.date())
    if typed["cakupan"] == Scope.EXPORTS:
        return incidents.by_exports(reading(), since, until)
    account = queries.account_by_identifier(reading(), typed["akun"])
    if account is None:
        raise Invalid("Tidak ada akun dengan NIP atau nama masuk itu. Periksa penulisannya.")
    return incidents.by_account(reading(), account.person_id, since, until)


def _page(typed: dict[str, str], found: Affected | None = None, known_at: datetime | None = None, error: str = "") -> str:
    zone = user().time_zone
    until = known_at + NOTICE if known_at else None
    kinds = [inventory.KINDS[kind] for kind in found.kinds] if found else []
    return render_template(
        "admin/incidents/show.html",
        typed=typed,
        scopes=choice("cakupan", "Yang terjadi", [(scope.value, label) for scope, label in SCOPES], typed.get("cakupan", "")),
        error=error,
        found=found,
        people=language.number(found.people) if found else "",
        kinds=kinds,
        known_label=language.date_and_time(known_at, zone) if known_at else "",
        until_label=language.date_and_time(until, zone) if until else "",
        is_late=until is not None and until < clock.now(),
        agency=agency.current().agency_name,
        contact=agency.current().help_contact,
        **navigation.of("requests"),
    )
