"""The people of the agency: finding them, opening one record (which is logged), correcting it, and adding somebody."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid, LmsError
from lms.people import (
    actions,
    codes,
    external,
    grades,
    hierarchy,
    identifiers,
    queries,
    records,
    second_factor,
    superiors,
    views,
)
from lms.people.nip import format_nip, mask_nip, nip_digits
from lms.people.rules import normalise_identifier, staff_date
from lms.people.types import EmploymentKind, PersonRecord, PersonRow, PersonState
from lms.store import audit
from lms.web import clock, filters, language
from lms.web.admin import forms, navigation
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.redirects import safe_target

bp = Blueprint("people", __name__)
AT_ONCE = 50
RECORD = "record"
"""What PersonalView calls this page."""
STATES = {"tanpa-unit": PersonState.NO_UNIT, "belum-aktif": PersonState.NOT_ACTIVATED, "berhenti": PersonState.LEFT}
STATE_LABELS = (("", "Semua"), ("tanpa-unit", "Tanpa unit"), ("belum-aktif", "Akun belum aktif"), ("berhenti", "Sudah berhenti"))
FIELDS = {
    "name": "nama",
    "nip": "nip",
    "identifier": "kata",
    "grade": "golongan",
    "birth_date": "lahir",
    "email": "surel",
    "employment_kind": "jenis",
    "from_on": "mulai",
    "unit_id": "unit",
}
"""Fields of the domain to fields of the form, for errors."""
Page = str | tuple[str, int] | Response


# ------------------------------------------------------------------ the list


@bp.get("/orang")
def index() -> str:
    words = forms.text("q", 100)
    return _list("", is_number=True) if nip_digits(words) else _list(words)


@bp.post("/orang")
def search() -> str | Response:
    """Words lead to an address that can be kept; a NIP stays out of addresses and histories (R86), so its answer stands here."""
    words = forms.text("q", 100)
    if nip_digits(words):
        return _list(words)
    kept: dict[str, Any] = {name: forms.text(name) for name in ("q", "keadaan", "unit")}
    return redirect(url_for("admin.people.index", **{name: value for name, value in kept.items() if value}), 303)


def _list(words: str, is_number: bool = False) -> str:
    session, today = reading(), staff_date(clock.now())
    state, unit_id = forms.text("keadaan"), forms.chosen("unit")
    unit = queries.unit(session, unit_id) if unit_id else None
    after = (forms.text("nama"), forms.chosen("setelah") or 0) if forms.text("nama") else None
    found = queries.find_people(
        session,
        words,
        today,
        state=STATES.get(state),
        path=unit.path if unit else "",
        after=after,
        limit=AT_ONCE + 1,
    )
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    kept: dict[str, Any] = {"q": words, "keadaan": state, "unit": unit_id}
    kept = {name: value for name, value in kept.items() if value}
    return render_template(
        "admin/people/index.html",
        unit=unit,
        query=words,
        is_number=is_number,
        filters=[filters.choice("keadaan", "Keadaan", STATE_LABELS, state)],
        people=[_row(one, today) for one in found[:AT_ONCE]],
        first_url=url_for("admin.people.index", **kept) if after else None,
        next_url=url_for("admin.people.index", **kept, nama=last.name, setelah=last.person_id)
        if last and not nip_digits(words)
        else None,
        **navigation.of("people"),
    )


def _row(one: PersonRow, today: Any) -> dict[str, Any]:
    has_left = one.left_on is not None and one.left_on <= today
    chips = [("ingat", "Tanpa unit")] if one.unit_id is None and not has_left else []
    if has_left and one.left_on:
        chips.append(("", f"Berhenti {language.long_date(one.left_on)}"))
    elif not one.is_activated:
        chips.append(("", "Akun belum aktif"))
    return {
        "id": one.person_id,
        "name": one.display_name,
        "detail": " · ".join(part for part in (one.position, mask_nip(one.nip) if one.nip else "tanpa NIP") if part),
        "unit": one.unit_name,
        "chips": chips,
    }


# ------------------------------------------------------------------ one record


@bp.post("/orang/<int:person_id>")
def open(person_id: int) -> Response:
    """Who opens a record leaves a trace that the person it is about can see."""
    _look(person_id)
    return redirect(safe_target(request.form.get("next")) or url_for("admin.people.show", person_id=person_id), 303)


@bp.get("/orang/<int:person_id>")
def show(person_id: int) -> str:
    return closed(person_id) or record_page(person_id)


def closed(person_id: int) -> str | None:
    """The door in front of a record that was not opened today; None when it stands open, as one's own always does."""
    session, number = reading(), min(person_id, forms.LARGEST_ID)
    name = queries.identity(session, number, staff_date(clock.now())).display_name
    if number == user().person_id or views.viewed_today(session, user().person_id, number, RECORD, clock.now()):
        return None
    return render_template("admin/people/open.html", name=name, person_id=number, next=request.path, **navigation.of("people"))


def _look(person_id: int) -> None:
    queries.identity(reading(), min(person_id, forms.LARGEST_ID), staff_date(clock.now()))  # a missing person is a missing page
    with writing() as session:
        views.record_view(session, viewer_id=user().person_id, person_id=person_id, what=RECORD, now=clock.now())


def record_page(person_id: int, problem: LmsError | None = None, code: dict[str, str] | None = None) -> str:
    """The record with what was refused or issued; the answer to a form is a look at the record too."""
    if request.method == "POST" and not views.viewed_today(reading(), user().person_id, person_id, RECORD, clock.now()):
        _look(person_id)
    session, now = reading(), clock.now()
    today = staff_date(now)
    record = records.person_record(session, person_id)
    posts = records.posts_of(session, person_id, today)
    terms = superiors.named_superiors(session, person_id)
    issued = codes.issued_codes(session, codes.of_person(person_id), now=now, limit=10)
    superior = hierarchy.superiors_with_source(session, [person_id], today).get(person_id)
    names = queries.names_of(session, [superior.person_id] if superior else [])
    return render_template(
        "admin/people/show.html",
        person=record,
        has_second_factor=second_factor.standing(session, person_id).confirmed_at is not None,
        is_linked=external.is_linked(session, person_id),
        unit=record.stays[0] if record.stays and record.stays[0].to_on is None else None,
        facts=_facts(record),
        posts=[(post.unit_id, post.unit_name, forms.POSTS[post.kind]) for post in posts],
        superior={"id": superior.person_id, "name": names[superior.person_id], "source": forms.SOURCES[superior.source]}
        if superior
        else None,
        terms=[
            {
                "id": term.term_id,
                "name": term.display_name,
                "when": forms.told_term(term.from_on, term.to_on),
                "is_open": term.to_on is None or term.to_on > today,
            }
            for term in terms
        ],
        stays=[
            {"id": stay.unit_id, "name": stay.unit_name, "when": forms.told_term(stay.from_on, stay.to_on)}
            for stay in record.stays
        ],
        has_left=record.left_on is not None and record.left_on <= today,
        roles=[(role.value, label, role in record.roles) for role, label in forms.ROLES.items()],
        codes=forms.told_codes(issued),
        code=code,
        problem=problem,
        today=clock.today(user().time_zone).isoformat(),
        **navigation.of("people"),
    )


def _facts(record: PersonRecord) -> list[tuple[str, str]]:
    rank = grades.rank_name(record.grade, record.employment_kind)
    return [
        ("NIP", format_nip(record.nip) if record.nip else "Tidak ada"),
        ("Jenis pegawai", forms.KINDS[record.employment_kind]),
        ("Golongan", rank if record.grade in rank else f"{rank}, {record.grade}" if rank else record.grade or "Belum diisi"),
        ("Jabatan", record.position or "Belum diisi"),
        ("Tanggal lahir", language.long_date(record.birth_date) if record.birth_date else "Belum diisi"),
        ("Surel", record.email or "Belum diisi"),
    ]


# ------------------------------------------------------------------ new, and corrected


@bp.route("/orang/baru", methods=("GET", "POST"))
def create() -> Page:
    if request.method == "GET" or "hanya-cari" in request.form:
        return _form(forms.typed(), None)
    try:
        values = _values()
        unit_id = forms.chosen("pilih")
        from_on = forms.day("mulai") if unit_id else None
        if from_on and from_on > staff_date(clock.now()):
            raise Invalid("Tanggal mulai tidak boleh sesudah hari ini. Catat pada hari masuknya.", field="from_on")
        if unit_id:
            queries.unit(reading(), unit_id)
        with writing() as session:
            made = actions.make_person(
                session,
                nip=forms.text("nip", 60) or None,
                identifier=forms.text("kata", 100) or None,
                unit_id=unit_id,
                from_on=from_on,
                **values,
            )
            audit.record(
                session, at=clock.now(), action="person.make", actor_id=user().person_id, subject=f"person:{made}", unit=unit_id
            )
            views.record_view(session, viewer_id=user().person_id, person_id=made, what=RECORD, now=clock.now())
    except LmsError as problem:
        return _form(forms.typed(), problem), 400
    return redirect(url_for("admin.people.show", person_id=made, pesan="tersimpan"), 303)


@bp.route("/orang/<int:person_id>/ubah", methods=("GET", "POST"))
def edit(person_id: int) -> Page:
    if request.method == "GET" and (door := closed(person_id)):
        return door
    record = records.person_record(reading(), min(person_id, forms.LARGEST_ID))
    if request.method == "GET":
        return _form(_kept(record), None, record)
    nip, word = forms.text("nip", 60), forms.text("kata", 100)
    was = (record.nip or "", record.account.identifier if record.account and not record.nip else "")
    try:
        values = _values()
        with writing() as session:
            about: dict[str, Any] = {"person_id": record.person_id, "now": clock.now(), "by": user().person_id}
            actions.change_person(session, **about, **values)
            if (normalise_identifier(nip), normalise_identifier(word)) != was:
                identifiers.change_sign_in(session, **about, nip=nip, identifier=word)
    except Invalid as problem:
        return _form(forms.typed(), problem, record), 400
    return redirect(url_for("admin.people.show", person_id=person_id, pesan="tersimpan"), 303)


def _values() -> dict[str, Any]:
    """The person's own data from the form. Raises Invalid."""
    try:
        kind = EmploymentKind(forms.text("jenis"))
    except ValueError as problem:
        raise Invalid("Jenis pegawai ini tidak ada. Pilih dari daftar.", field="employment_kind") from problem
    return {
        "name": forms.text("nama", 300),
        "title_prefix": forms.text("gelar-depan", 60),
        "title_suffix": forms.text("gelar-belakang", 100),
        "employment_kind": kind,
        "grade": grades.parse_grade(forms.text("golongan", 60)),
        "position": forms.text("jabatan"),
        "birth_date": forms.day("lahir", needed=False),
        "email": forms.text("surel", 300),
    }


def _kept(record: PersonRecord) -> dict[str, str]:
    return {
        "nama": record.name,
        "gelar-depan": record.title_prefix,
        "gelar-belakang": record.title_suffix,
        "nip": format_nip(record.nip) if record.nip else "",
        "kata": record.account.identifier if record.account and not record.nip else "",
        "jenis": record.employment_kind.value,
        "golongan": record.grade,
        "jabatan": record.position,
        "lahir": record.birth_date.isoformat() if record.birth_date else "",
        "surel": record.email,
    }


def _form(values: Any, problem: LmsError | None, record: PersonRecord | None = None) -> str:
    field = getattr(problem, "field", None) or "name"
    words = forms.text("cari", 100)
    return render_template(
        "admin/people/edit.html",
        person=record,
        values={name: values.get(name, "") for name in ("nama", "nip", "kata", "golongan", "jabatan", "lahir", "surel")},
        prefix=values.get("gelar-depan", ""),
        suffix=values.get("gelar-belakang", ""),
        kinds=forms.options({kind.value: label for kind, label in forms.KINDS.items()}, values.get("jenis", "pns")),
        query=words,
        choices=None if record else forms.unit_choices(words, forms.chosen("pilih")),
        begins=forms.text("mulai") or clock.today(user().time_zone).isoformat(),
        errors={FIELDS.get(field, field): str(problem)} if problem else {},
        **navigation.of("people"),
    )
