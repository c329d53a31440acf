"""Where a person stands: unit, superior, roles, account. Each change is one form on, or one step from, the person's record."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Conflict, Invalid, LmsError, NotFound
from lms.people import actions, queries, superiors
from lms.people.rules import staff_date
from lms.people.types import CodePurpose, Role
from lms.web import clock, fresh
from lms.web.admin import forms, navigation, people
from lms.web.extensions import reading, writing
from lms.web.identity import user

bp = Blueprint("standing", __name__)


def _about(person_id: int) -> dict[str, Any]:
    return {"person_id": min(person_id, forms.LARGEST_ID), "now": clock.now(), "by": user().person_id}


def _record_url(person_id: int, **more: Any) -> str:
    return url_for("admin.people.show", person_id=person_id, **more)


def _refused(person_id: int, problem: LmsError) -> Response:
    return make_response(people.record_page(person_id, problem), 409 if isinstance(problem, Conflict) else 400)


# ------------------------------------------------------------------ unit


@bp.route("/orang/<int:person_id>/mutasi", methods=("GET", "POST"))
def move(person_id: int) -> people.Page:
    """To another unit from a day on; also brings back somebody who had left."""
    if request.method == "GET" or "hanya-cari" in request.form:
        return people.closed(person_id) or _move_page(person_id)
    unit_id = forms.chosen("pilih")
    if unit_id is None:
        return _move_page(person_id, Invalid("Cari lalu pilih dulu unitnya.", field="unit_id")), 400
    try:
        on = forms.day("tanggal")
        assert on is not None
        with writing() as session:
            actions.move_person(session, **_about(person_id), unit_id=unit_id, on=on)
    except Invalid as problem:
        return _move_page(person_id, problem), 400
    return redirect(_record_url(person_id, pesan="mutasi"), 303)


def _move_page(person_id: int, problem: Invalid | None = None) -> str:
    words = forms.text("cari", 100)
    person = queries.identity(reading(), min(person_id, forms.LARGEST_ID), staff_date(clock.now()))
    return render_template(
        "admin/standing/move.html",
        person=person,
        query=words,
        choices=forms.unit_choices(words, forms.chosen("pilih")),
        on=forms.text("tanggal") or clock.today(user().time_zone).isoformat(),
        errors={"on": str(problem)}
        if problem and problem.field in ("on", "tanggal")
        else {"unit": str(problem)}
        if problem
        else {},
        **navigation.of("people"),
    )


@bp.post("/orang/<int:person_id>/berhenti")
def leave(person_id: int) -> Response:
    try:
        on = forms.day("tanggal")
        assert on is not None
        with writing() as session:
            actions.let_leave(session, **_about(person_id), on=on)
    except (Invalid, Conflict) as problem:
        return _refused(person_id, problem)
    return redirect(_record_url(person_id, pesan="berhenti"), 303)


# ------------------------------------------------------------------ superior


@bp.route("/orang/<int:person_id>/atasan", methods=("GET", "POST"))
def superior(person_id: int) -> people.Page:
    """A superior named by hand, for a time. What was chosen comes back after the password was asked."""
    if request.method == "GET" or "hanya-cari" in request.form:
        return people.closed(person_id) or _superior_page(person_id)
    superior_id = forms.chosen("pilih")
    if superior_id is None:
        return _superior_page(person_id, Invalid("Cari lalu pilih dulu orangnya.", field="person_id")), 400
    kept: dict[str, Any] = {name: forms.text(name) for name in ("pilih", "dari", "sampai")}
    if asked := fresh.password_first(url_for("admin.standing.superior", person_id=person_id, **kept)):
        return asked
    try:
        from_on, to_on = forms.term("dari", "sampai")
        with writing() as session:
            superiors.name_superior(session, **_about(person_id), superior_id=superior_id, from_on=from_on, to_on=to_on)
    except Invalid as problem:
        return _superior_page(person_id, problem), 400
    return redirect(_record_url(person_id, pesan="penunjukan"), 303)


def _superior_page(person_id: int, problem: Invalid | None = None) -> str:
    words = forms.text("cari", 100)
    number = min(person_id, forms.LARGEST_ID)
    field = {"from_on": "dari", "to_on": "sampai"}.get(problem.field or "", problem.field or "person_id") if problem else ""
    return render_template(
        "admin/standing/superior.html",
        person=queries.identity(reading(), number, staff_date(clock.now())),
        query=words,
        choices=forms.people_choices(words, forms.chosen("pilih"), but=number),
        values={"dari": forms.text("dari") or clock.today(user().time_zone).isoformat(), "sampai": forms.text("sampai")},
        errors={field: str(problem)} if problem else {},
        **navigation.of("people"),
    )


@bp.post("/orang/<int:person_id>/atasan/<int:term_id>/akhiri")
def end_superior(person_id: int, term_id: int) -> Response:
    if asked := fresh.password_first(_record_url(person_id)):
        return asked
    with writing() as session:
        superiors.end_named_superior(session, **_about(person_id), term_id=min(term_id, forms.LARGEST_ID))
    return redirect(_record_url(person_id, pesan="hak-diakhiri"), 303)


# ------------------------------------------------------------------ roles and account


@bp.post("/orang/<int:person_id>/peran")
def role(person_id: int) -> Response:
    """`beri` or `cabut` names the role to grant or to take."""
    if asked := fresh.password_first(_record_url(person_id)):
        return asked
    change = actions.grant_role if "beri" in request.form else actions.revoke_role
    word = forms.text("beri") or forms.text("cabut")
    if word not in {one.value for one in forms.ROLES}:
        raise NotFound("Peran ini tidak ada. Muat ulang halamannya, lalu pilih lagi.")
    try:
        with writing() as session:
            change(session, **_about(person_id), role=Role(word))
    except Conflict as problem:
        return _refused(person_id, problem)
    return redirect(_record_url(person_id, pesan="peran"), 303)


@bp.post("/orang/<int:person_id>/kode")
def issue_code(person_id: int) -> Response:
    """A new one-time code; shown once, on this page, and kept nowhere."""
    if asked := fresh.password_first(_record_url(person_id)):
        return asked
    try:
        account = queries.account(reading(), min(person_id, forms.LARGEST_ID))
        purpose = CodePurpose.RESET if account.is_activated else CodePurpose.ACTIVATION
        with writing() as session:
            code = actions.issue_code(session, **_about(person_id), purpose=purpose)
    except Conflict as problem:
        return _refused(person_id, problem)
    life = "30 menit" if purpose is CodePurpose.RESET else "14 hari"
    return make_response(people.record_page(person_id, code={"text": code, "life": life, "identifier": account.identifier}))


@bp.post("/orang/<int:person_id>/akun")
def account(person_id: int) -> Response:
    """Switch the account off or on, or end all its sessions."""
    if asked := fresh.password_first(_record_url(person_id)):
        return asked
    acts = {
        "nonaktif": (actions.disable_account, "akun-nonaktif"),
        "aktif": (actions.enable_account, "akun-aktif"),
        "keluarkan": (actions.end_all_sessions, "sesi-selesai"),
    }
    act, message = acts.get(forms.text("lakukan"), (None, ""))
    if act is None:
        raise NotFound("Tindakan ini tidak ada. Muat ulang halamannya, lalu pilih lagi.")
    try:
        with writing() as session:
            act(session, **_about(person_id))
    except Conflict as problem:
        return _refused(person_id, problem)
    return redirect(_record_url(person_id, pesan=message), 303)
