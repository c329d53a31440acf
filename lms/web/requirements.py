"""Asking courses of people ("Penugasan pelatihan"): the same pages for heads, within their units, and for the office, anywhere."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lms.content import library
from lms.errors import Invalid
from lms.people import hierarchy
from lms.people.hierarchy import EVERYBODY, Team
from lms.people.queries import unit_names
from lms.people.rules import staff_date
from lms.people.types import EmploymentKind, UnitCategory, UnitRow
from lms.progress import requirement_actions, requirements
from lms.progress.rules import position_words
from lms.progress.types import Audience, RequirementRow
from lms.teams.queries import require_team
from lms.web import clock, language
from lms.web.admin import navigation as admin_navigation
from lms.web.extensions import reading, writing
from lms.web.filters import Filter, choice
from lms.web.identity import user
from lms.web.team import navigation as team_navigation

PER_PAGE = 10
KINDS = {EmploymentKind.PNS: "PNS", EmploymentKind.PPPK: "PPPK", EmploymentKind.CPNS: "CPNS", EmploymentKind.OTHER: "Lainnya"}
CATEGORIES = {
    UnitCategory.OFFICE: "Dinas/badan",
    UnitCategory.HEALTH: "Kesehatan",
    UnitCategory.EDUCATION: "Pendidikan",
    UnitCategory.TERRITORY: "Kewilayahan",
    UnitCategory.OTHER: "UPT lain",
}
FIELDS = ("pelatihan", "unit", "unit_id", "kategori", "jenis", "jabatan", "sampai", "catatan")


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    about: str
    is_chosen: bool


@dataclass(frozen=True)
class Wish:
    """What the form says, understood."""

    course_id: int
    title: str
    audience: Audience
    unit_name: str
    due_on: date
    note: str


def _is_office() -> bool:
    return request.blueprints[-1] == "admin"


def _team() -> Team:
    return EVERYBODY if _is_office() else require_team(reading(), user().person_id, staff_date(clock.now()))


def _page(name: str, **values: Any) -> str:
    navigation = admin_navigation if _is_office() else team_navigation
    return render_template(f"team/requirements/{name}.html", **values, **navigation.of("requirements"))


def index() -> str:
    number = request.args.get("hal", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) <= 6 else 1
    rows, total = requirements.requirements_of(
        reading(), user().person_id, _team(), staff_date(clock.now()), page=page, limit=PER_PAGE
    )
    last = max(1, -(-total // PER_PAGE))
    return _page(
        "index",
        rows=[_row(row) for row in rows],
        pager=None
        if last == 1
        else {
            "label": f"Halaman {language.number(page)} dari {language.number(last)}",
            "previous_url": url_for(".index", hal=page - 1) if page > 1 else None,
            "next_url": url_for(".index", hal=page + 1) if page < last else None,
        },
    )


def _row(row: RequirementRow) -> dict[str, Any]:
    state = ""
    if row.ended_at is not None:
        state = f"Diakhiri {language.long_date(row.ended_at, user().time_zone)}"
    elif row.is_closed:
        state = "Pelatihannya sudah ditutup"
    return {
        "title": row.title,
        "due_label": f"Sampai {language.long_date(row.due_on)}",
        "asked_by": row.asked_by,
        "whom": " · ".join(_whom(row.audience, row.unit_name, is_personal=row.is_personal)),
        "note": row.note,
        "state": state,
        "progress_label": f"{language.number(row.finished)} dari {language.number(row.asked)} orang sudah selesai",
        "percent": round(100 * row.finished / row.asked) if row.asked else 0,
        "end_url": None if row.ended_at else url_for(".end", requirement_id=row.requirement_id),
    }


def _whom(audience: Audience, unit_name: str, *, is_personal: bool) -> list[str]:
    """Whom a requirement asks, in words."""
    if is_personal:
        return [f"Orang tertentu di {unit_name}" if unit_name else "Orang tertentu"]
    return [
        f"{unit_name} dan semua di bawahnya" if unit_name else "Seluruh instansi",
        *([CATEGORIES[audience.unit_category]] if audience.unit_category else ()),
        *([KINDS[audience.employment_kind]] if audience.employment_kind else ()),
        *([f"jabatan memuat “{audience.position_words}”"] if audience.position_words else ()),
    ]


# ------------------------------------------------------------------ asking


def new() -> str:
    """The form, for the unit one heads or for the people in the address."""
    typed = MultiDict(request.args)
    if not _is_office() and "orang" not in typed:
        typed.setdefault("unit", next((unit.name for unit in hierarchy.find_units(reading(), _team(), "", limit=1)), ""))
    return _form(typed)


def check() -> str | tuple[str, int]:
    """How many people it would be, before anything is stored; or the form again, to look up people or to change it."""
    if request.form.get("langkah"):
        return _form(request.form)
    team = _team()
    try:
        wish = _wish(team)
    except Invalid as problem:
        return _form(request.form, problem), 400
    asked, finished = requirements.preview(reading(), wish.audience, wish.course_id, team, staff_date(clock.now()))
    kept = [(name, value) for name in (*FIELDS, "orang") for value in request.form.getlist(name) if value]
    return _page(
        "check",
        title=wish.title,
        whom=_whom(wish.audience, wish.unit_name, is_personal=bool(wish.audience.person_ids)),
        due_label=language.long_date(wish.due_on),
        note=wish.note,
        asked_label=f"{language.number(asked)} orang",
        finished_label=f"{language.number(finished)} orang",
        is_empty=not asked,
        kept=kept,
    )


def create() -> Response | tuple[str, int]:
    team = _team()
    try:
        wish = _wish(team)
        with writing() as session:
            requirement_actions.require_course(
                session,
                course_id=wish.course_id,
                audience=wish.audience,
                due_on=wish.due_on,
                note=wish.note,
                team=team,
                by=user().person_id,
                now=clock.now(),
            )
    except Invalid as problem:
        return _form(request.form, problem), 400
    return redirect(url_for(".index", pesan="penugasan"), 303)


def end(requirement_id: int) -> Response:
    team = _team()
    number = min(requirement_id, 2**31 - 1)
    with writing() as session:
        requirement_actions.end_requirement(session, requirement_id=number, team=team, by=user().person_id, now=clock.now())
    return redirect(url_for(".index", pesan="penugasan-akhir"), 303)


def _wish(team: Team) -> Wish:
    """What was sent, checked. Raises Invalid with the field, NotFound for units and people elsewhere."""
    form = request.form
    offered = {each.course_key: each for each in library.catalogue(reading())}
    course = offered.get(form.get("pelatihan", ""))
    if course is None:
        raise Invalid("Pilih pelatihan dari daftar.", field="pelatihan")
    people = tuple(_numbers(form.getlist("orang")))
    unit = None if people else _unit(team, form.get("unit", ""), form.get("unit_id", ""))
    audience = Audience(
        unit_id=unit.unit_id if unit else None,
        unit_category=None if people else _one(UnitCategory, form.get("kategori", "")),
        employment_kind=None if people else _one(EmploymentKind, form.get("jenis", "")),
        position_words="" if people else position_words(form.get("jabatan", "")),
        person_ids=people,
    )
    on = staff_date(clock.now())
    try:
        due_on = date.fromisoformat(form.get("sampai", ""))
    except ValueError as problem:
        raise Invalid("Pilih tanggal terakhirnya, misalnya 2026-12-05.", field="sampai") from problem
    requirement_actions.check_day(due_on, on)
    audience = requirement_actions.check_audience(reading(), audience, team, on)
    note = requirement_actions.check_note(form.get("catatan", ""))
    return Wish(course.course_id, course.outline.title, audience, unit.name if unit else "", due_on, note)


def _unit(team: Team, typed: str, chosen: str) -> UnitRow | None:
    """The unit that was typed or chosen among several of that name; None when nothing was."""
    found = hierarchy.find_units(reading(), team, typed)
    for unit in found:
        if str(unit.unit_id) == chosen:
            return unit
    if not typed.strip():
        return None
    exact = [unit for unit in found if unit.name.casefold() == " ".join(typed.split()).casefold()]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise Invalid("Ada beberapa unit dengan nama itu. Pilih satu di bawah.", field="unit")
    raise Invalid("Tidak ada unit dengan nama itu. Periksa tulisannya.", field="unit")


def _form(typed: Any, problem: Invalid | None = None) -> str:
    """The form filled with what was typed; `problem` stands at its field, or on top."""
    team = _team()
    today = staff_date(clock.now())
    values = {name: typed.get(name, "") for name in FIELDS}
    units = hierarchy.find_units(reading(), team, values["unit"]) if problem is not None and problem.field == "unit" else []
    courses = [(each.course_key, each.outline.title) for each in library.catalogue(reading())]
    chosen = set(_numbers(typed.getlist("orang")))
    search = typed.get("cari", "")[:100].strip()
    people = hierarchy.find_in_team(reading(), team, today, search, chosen)
    return _page(
        "new",
        values=values,
        course=choice("pelatihan", "Pelatihan", [("", "Pilih pelatihan"), *courses], values["pelatihan"]),
        filters=_filters(values),
        unit_hint=[unit.name for unit in hierarchy.find_units(reading(), team, "")],
        units=_with_parents(units),
        people=[Person(each.person_id, each.display_name, each.unit_name, each.person_id in chosen) for each in people],
        search=search,
        today=today.isoformat(),
        field=problem.field if problem else "",
        error=str(problem) if problem else "",
        is_office=_is_office(),
    )


def _with_parents(units: list[UnitRow]) -> list[tuple[int, str, str]]:
    """(id, name, name of the unit above) of units to choose from."""
    names = unit_names(reading(), [unit.parent_id for unit in units if unit.parent_id is not None])
    return [(unit.unit_id, unit.name, names.get(unit.parent_id or 0, "")) for unit in units]


def _filters(values: dict[str, str]) -> list[Filter]:
    return [
        choice(
            "kategori",
            "Jenis unit",
            [("", "Semua"), *((key.value, text) for key, text in CATEGORIES.items())],
            values["kategori"],
        ),
        choice(
            "jenis", "Status kepegawaian", [("", "Semua"), *((key.value, text) for key, text in KINDS.items())], values["jenis"]
        ),
    ]


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in dict.fromkeys(texts) if text.isascii() and text.isdigit() and len(text) <= 9]


def _one(kind: Any, text: str) -> Any:
    """The enum value of a choice, None for "all" and for anything else."""
    return next((each for each in kind if each.value == text), None)


def _make() -> Blueprint:
    bp = Blueprint("requirements", __name__)
    bp.add_url_rule("/penugasan", view_func=index)
    bp.add_url_rule("/penugasan/baru", view_func=new)
    bp.add_url_rule("/penugasan/periksa", view_func=check, methods=["POST"])
    bp.add_url_rule("/penugasan", view_func=create, methods=["POST"])
    bp.add_url_rule("/penugasan/<int:requirement_id>/akhiri", view_func=end, methods=["POST"])
    return bp


team, admin = _make(), _make()
"""The same pages under both surfaces; `_is_office` tells them apart."""
