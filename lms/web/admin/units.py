"""The unit tree: one level at a time, found by words, and what is changed of one unit (D26, D27)."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid, NotFound
from lms.people import operators, queries, superiors, tree, units
from lms.people.rules import staff_date
from lms.people.types import ActingKind, UnitCategory, UnitRow
from lms.web import clock, fresh, language
from lms.web.admin import forms, navigation
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("units", __name__)
AT_ONCE = 100
"""Rows of one page of a level."""
ZONES = {zone: f"{name} ({zone.split('/')[1]})" for zone, name in language.ZONE_NAMES.items()}
POSTS = {"kepala": forms.POSTS["head"], **{word: forms.POSTS[word] for word in ("plt", "plh", "operator")}}
Page = str | tuple[str, int] | Response


@dataclass(frozen=True)
class Row:
    url: str
    name: str
    detail: str
    head: str


# ------------------------------------------------------------------ looking


@bp.get("/unit")
def index() -> str:
    words = forms.text("q", 100)
    session = reading()
    if words:
        found = queries.find_units(session, words, limit=AT_ONCE)
        above = tree.trails(session, [one.path for one in found])
        names = _head_names(found)
        rows = [Row(_url(one.unit_id), one.name, above[one.path], names.get(one.head_id or 0, "")) for one in found]
        return _index(rows, words, None)
    _, roots = tree.level(session, None, staff_date(clock.now()))
    rows, pager = _page_of(roots, url_for("admin.units.index"))
    return _index(rows, "", pager)


def _index(rows: list[Row], words: str, pager: dict[str, Any] | None) -> str:
    return render_template("admin/units/index.html", rows=rows, query=words, pager=pager, **navigation.of("units"))


@bp.get("/unit/<int:unit_id>")
def show(unit_id: int) -> str:
    session, today = reading(), staff_date(clock.now())
    unit = _unit(unit_id)
    people, branches = tree.level(session, unit, today)
    rows, pager = _page_of(branches, _url(unit_id))
    terms = superiors.acting_heads(session, unit_id)
    named = operators.operators_of(session, unit_id)
    names = queries.names_of(session, [*named, *([unit.head_id] if unit.head_id else [])])
    return render_template(
        "admin/units/show.html",
        unit=unit,
        crumbs=_crumbs(unit),
        facts=[
            ("Pegawai", language.number(people)),
            ("Unit langsung di bawahnya", language.number(len(branches))),
            ("Kategori", forms.CATEGORIES[unit.category]),
            ("Zona waktu", ZONES.get(unit.time_zone, unit.time_zone)),
            ("Kode", unit.code or "Belum diisi"),
        ],
        head={"id": unit.head_id, "name": names[unit.head_id]} if unit.head_id else None,
        terms=[
            {
                "id": term.term_id,
                "person_id": term.person_id,
                "name": term.display_name,
                "kind": POSTS[term.kind.value] if term.kind else "",
                "when": forms.told_term(term.from_on, term.to_on),
                "is_open": term.to_on is None or term.to_on > today,
            }
            for term in terms
        ],
        operators=[{"id": person_id, "name": names[person_id]} for person_id in named],
        rows=rows,
        pager=pager,
        **navigation.of("units"),
    )


def _page_of(branches: list[tree.Branch], address: str) -> tuple[list[Row], dict[str, Any] | None]:
    number = forms.chosen("hal") or 1
    last = max(1, -(-len(branches) // AT_ONCE))
    number = min(number, last)
    shown = branches[(number - 1) * AT_ONCE : number * AT_ONCE]
    names = _head_names([one.unit for one in shown])
    rows = [Row(_url(one.unit.unit_id), one.unit.name, _counted(one), names.get(one.unit.head_id or 0, "")) for one in shown]
    if last == 1:
        return rows, None
    return rows, {
        "label": f"Halaman {number} dari {last}",
        "previous_url": f"{address}?hal={number - 1}" if number > 1 else None,
        "next_url": f"{address}?hal={number + 1}" if number < last else None,
    }


def _counted(branch: tree.Branch) -> str:
    people = language.number(branch.people)
    if not branch.units_below:
        return f"{people} pegawai"
    return f"{people} pegawai · {language.number(branch.units_below)} unit di bawahnya"


def _head_names(found: list[UnitRow]) -> dict[int, str]:
    return queries.names_of(reading(), [one.head_id for one in found if one.head_id])


def _unit(unit_id: int) -> UnitRow:
    return queries.unit(reading(), min(unit_id, forms.LARGEST_ID))


def _url(unit_id: int, **more: Any) -> str:
    return url_for("admin.units.show", unit_id=unit_id, **more)


def _crumbs(unit: UnitRow | None) -> list[tuple[str, str]]:
    """The way up from a page below a unit, or from the unit's own page."""
    above = [int(part) for part in unit.path.strip("/").split("/")][:-1] if unit else []
    names = tree.trails(reading(), [unit.path])[unit.path].split(" › ") if unit and above else []
    steps = [(_url(unit_id), name) for unit_id, name in zip(above, names, strict=True)]
    return [(url_for("admin.units.index"), "Unit kerja"), *steps]


# ------------------------------------------------------------------ making and changing


@bp.route("/unit/baru", methods=("GET", "POST"))
def create() -> Page:
    parent_id = forms.chosen("induk")
    parent = _unit(parent_id) if parent_id else None
    if request.method == "GET":
        zone = parent.time_zone if parent else user().time_zone
        return _form(parent, {"kategori": (parent.category if parent else UnitCategory.OFFICE).value, "zona": zone}, None)
    try:
        with writing() as session:
            made = units.make_unit(
                session,
                name=forms.text("nama", 300),
                parent_id=parent_id,
                category=_category(),
                time_zone=forms.text("zona"),
                code=forms.text("kode"),
                now=clock.now(),
                by=user().person_id,
            )
    except Invalid as problem:
        return _form(parent, forms.typed(), problem), 400
    return redirect(_url(made, pesan="tersimpan"), 303)


@bp.route("/unit/<int:unit_id>/ubah", methods=("GET", "POST"))
def edit(unit_id: int) -> Page:
    unit = _unit(unit_id)
    if request.method == "GET":
        kept = {"nama": unit.name, "kategori": unit.category.value, "zona": unit.time_zone, "kode": unit.code}
        return _form(unit, kept, None, unit)
    try:
        with writing() as session:
            units.change_unit(
                session,
                unit_id=unit_id,
                now=clock.now(),
                by=user().person_id,
                name=forms.text("nama", 300),
                category=_category(),
                time_zone=forms.text("zona"),
                code=forms.text("kode"),
            )
    except Invalid as problem:
        return _form(unit, forms.typed(), problem, unit), 400
    return redirect(_url(unit_id, pesan="tersimpan"), 303)


def _category() -> UnitCategory:
    try:
        return UnitCategory(forms.text("kategori"))
    except ValueError as problem:
        raise Invalid("Kategori ini tidak ada. Pilih dari daftar.", field="category") from problem


def _form(around: UnitRow | None, values: Any, problem: Invalid | None, unit: UnitRow | None = None) -> str:
    """`around`: the unit above a new one, or the one that is changed."""
    zone = values.get("zona", "")
    zones = ZONES if zone in ZONES else ZONES | {zone: zone}
    own = [(_url(around.unit_id), around.name)] if around else []
    return render_template(
        "admin/units/edit.html",
        title=f"Ubah {unit.name}" if unit else "Unit baru",
        parent=None if unit else around,
        crumbs=_crumbs(around) + own,
        values=values,
        categories=forms.options({kind.value: label for kind, label in forms.CATEGORIES.items()}, values.get("kategori", "")),
        zones=forms.options(zones, zone),
        errors={problem.field or "name": str(problem)} if problem else {},
        **navigation.of("units"),
    )


@bp.route("/unit/<int:unit_id>/pindah", methods=("GET", "POST"))
def move(unit_id: int) -> Page:
    """Below another unit, found by words, or among the roots."""
    unit = _unit(unit_id)
    parent_id = forms.chosen("pilih")
    if request.method == "GET" or "hanya-cari" in request.form:
        return _move_page(unit, parent_id)
    if parent_id is None and "puncak" not in request.form:
        return _move_page(unit, None, "Pilih dulu unit yang akan menjadi induknya."), 400
    try:
        with writing() as session:
            units.move_unit(
                session,
                unit_id=unit_id,
                parent_id=None if "puncak" in request.form else parent_id,
                now=clock.now(),
                by=user().person_id,
            )
    except (Invalid, NotFound) as problem:
        return _move_page(unit, None, str(problem)), 400
    return redirect(_url(unit_id, pesan="unit-pindah"), 303)


def _move_page(unit: UnitRow, picked: int | None, error: str | None = None) -> str:
    words = forms.text("cari", 100)
    return render_template(
        "admin/units/move.html",
        unit=unit,
        crumbs=[*_crumbs(unit), (_url(unit.unit_id), unit.name)],
        query=words,
        choices=forms.unit_choices(words, picked, but_below=unit.path),
        may_be_root=unit.parent_id is not None,
        error=error,
        **navigation.of("units"),
    )


# ------------------------------------------------------------------ heads and operators


@bp.route("/unit/<int:unit_id>/tunjuk", methods=("GET", "POST"))
def appoint(unit_id: int) -> Page:
    """Name the head, a Plt or Plh, or an operator. What was chosen comes back after the password was asked."""
    unit = _unit(unit_id)
    if request.method == "GET" or "hanya-cari" in request.form:
        return _appoint_page(unit)
    person_id = forms.chosen("pilih")
    if person_id is None:
        return _appoint_page(unit, Invalid("Cari lalu pilih dulu orangnya.", field="person_id")), 400
    kept: dict[str, Any] = {name: forms.text(name) for name in ("jabatan", "pilih", "dari", "sampai")}
    if asked := fresh.password_first(url_for("admin.units.appoint", unit_id=unit_id, **kept)):
        return asked
    try:
        _appoint(unit_id, person_id, forms.text("jabatan"))
    except Invalid as problem:
        return _appoint_page(unit, problem), 400
    return redirect(_url(unit_id, pesan="penunjukan"), 303)


def _appoint(unit_id: int, person_id: int, post: str) -> None:
    about: dict[str, Any] = {"unit_id": unit_id, "person_id": person_id, "now": clock.now(), "by": user().person_id}
    if post == "kepala":
        with writing() as session:
            units.set_head(session, **about)
    elif post == "operator":
        with writing() as session:
            operators.name_operator(session, **about)
    elif post in ("plt", "plh"):
        from_on, to_on = forms.term("dari", "sampai")
        with writing() as session:
            superiors.name_acting_head(session, **about, kind=ActingKind(post), from_on=from_on, to_on=to_on)
    else:
        raise Invalid("Pilih dulu sebagai apa orang ini ditunjuk.", field="jabatan")


def _appoint_page(unit: UnitRow, problem: Invalid | None = None) -> str:
    words = forms.text("cari", 100)
    fields = {"from_on": "dari", "to_on": "sampai"}
    field = problem.field or "person_id" if problem else ""
    return render_template(
        "admin/units/appoint.html",
        unit=unit,
        crumbs=[*_crumbs(unit), (_url(unit.unit_id), unit.name)],
        posts=forms.options(POSTS, forms.text("jabatan") or "kepala"),
        query=words,
        choices=forms.people_choices(words, forms.chosen("pilih")),
        values={"dari": forms.text("dari") or clock.today(user().time_zone).isoformat(), "sampai": forms.text("sampai")},
        errors={fields.get(field, field): str(problem)} if problem else {},
        **navigation.of("units"),
    )


@bp.post("/unit/<int:unit_id>/kosongkan")
def vacate(unit_id: int) -> Response:
    """The post of the head stands empty; who acted as head goes on."""
    if asked := fresh.password_first(_url(unit_id)):
        return asked
    with writing() as session:
        units.set_head(session, unit_id=unit_id, person_id=None, now=clock.now(), by=user().person_id)
    return redirect(_url(unit_id, pesan="hak-diakhiri"), 303)


@bp.post("/unit/<int:unit_id>/plt/<int:term_id>/akhiri")
def end_term(unit_id: int, term_id: int) -> Response:
    if asked := fresh.password_first(_url(unit_id)):
        return asked
    with writing() as session:
        superiors.end_acting_head(
            session, unit_id=unit_id, term_id=min(term_id, forms.LARGEST_ID), now=clock.now(), by=user().person_id
        )
    return redirect(_url(unit_id, pesan="hak-diakhiri"), 303)


@bp.post("/unit/<int:unit_id>/operator/<int:person_id>/hapus")
def end_operator(unit_id: int, person_id: int) -> Response:
    if asked := fresh.password_first(_url(unit_id)):
        return asked
    with writing() as session:
        operators.remove_operator(
            session, unit_id=unit_id, person_id=min(person_id, forms.LARGEST_ID), now=clock.now(), by=user().person_id
        )
    return redirect(_url(unit_id, pesan="hak-diakhiri"), 303)
