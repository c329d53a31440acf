"""Activation codes (D30): who still needs one, slips to print and hand out, and what became of those handed out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import segno
from flask import Blueprint, current_app, redirect, render_template, request, stream_template, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.errors import LmsError, NotFound
from lms.people import codes, operators, queries
from lms.people.rules import staff_date
from lms.people.types import CodeState, UnitRow
from lms.teams.rules import is_staff_number
from lms.web import clock, filters, fresh, language
from lms.web.admin import forms
from lms.web.agency import current
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.operator import navigation

bp = Blueprint("codes", __name__)
AT_ONCE = 50
UNITS_AT_ONCE = 100
A_SHEET = 8
"""Slips on one A4 page."""
STATES = {"belum": CodeState.NONE, "berlaku": CodeState.VALID, "lewat": CodeState.EXPIRED}
STATE_LABELS = (
    ("", "Semua"),
    ("belum", "Belum dibuatkan kode"),
    ("berlaku", "Kode masih berlaku"),
    ("lewat", "Kode sudah lewat"),
)


def _paths() -> list[str]:
    """The subtrees whose people this person hands slips to."""
    return ["/"] if user().signed_in.is_admin else operators.operated_paths(reading(), user().person_id)


def _unit(unit_id: int | None) -> UnitRow | None:
    """One unit of the subtrees. Raises NotFound for any other."""
    if unit_id is None:
        return None
    unit = queries.unit(reading(), unit_id)
    if not any(unit.path.startswith(path) for path in _paths()):
        raise NotFound("Unit kerja ini tidak ditemukan.")
    return unit


# ------------------------------------------------------------------ who waits


@bp.get("")
def index() -> str:
    session, now = reading(), clock.now()
    words = forms.text("q", 100)
    is_number = is_staff_number(words)
    words = "" if is_number else words
    unit, state = _unit(forms.chosen("unit")), forms.text("keadaan")
    paths = [unit.path] if unit else _paths()
    units = codes.waiting_units(session, paths, staff_date(now))
    after = (forms.text("nama"), forms.chosen("setelah") or 0) if forms.text("nama") else None
    wants_people = bool(unit or words or state in STATES or len(units) < 2)
    found = (
        codes.waiting_people(session, paths, now, text=words, state=STATES.get(state), after=after, limit=AT_ONCE + 1)
        if wants_people
        else []
    )
    last = found[AT_ONCE - 1] if len(found) > AT_ONCE else None
    kept: dict[str, Any] = {"q": words, "keadaan": state, "unit": unit.unit_id if unit else None}
    kept = {name: value for name, value in kept.items() if value}
    picked = {forms.whole(part) for part in forms.text("pilih", 500).split("-")}
    shown = _matching(units, words) if not unit else []
    return render_template(
        "operator/codes/index.html",
        unit=unit,
        query=words,
        is_number=is_number,
        filters=[filters.choice("keadaan", "Kode", STATE_LABELS, state)],
        total=language.number(sum(one.people for one in units)),
        units=[(url_for("operator.codes.index", unit=one.unit_id), one.name, language.number(one.people)) for one in shown],
        more_units=len(units) > UNITS_AT_ONCE and not unit,
        wants_people=wants_people,
        state=state,
        may_print_all=(unit is not None or len(units) == 1) and not words,
        people=[_line(one, one.person_id in picked) for one in found[:AT_ONCE]],
        first_url=url_for("operator.codes.index", **kept) if after else None,
        next_url=url_for("operator.codes.index", **kept, nama=last.name, setelah=last.person_id) if last else None,
        **navigation.of("codes"),
    )


def _matching(units: list[codes.WaitingUnit], words: str) -> list[codes.WaitingUnit]:
    wanted = words.casefold().split()
    return [one for one in units if all(word in one.name.casefold() for word in wanted)][:UNITS_AT_ONCE]


def _line(one: codes.Waiting, is_picked: bool) -> dict[str, Any]:
    told = forms.told_state(one.state, one.expires_at) if one.expires_at else "Belum dibuatkan kode"
    return {
        "id": one.person_id,
        "name": one.display_name,
        "position": one.position,
        "unit": one.unit_name,
        "code": told if one.may_have_code else "Belum punya nama masuk, atau akunnya dinonaktifkan: hubungi administrator",
        "may_have_code": one.may_have_code,
        "is_picked": is_picked and one.may_have_code,
    }


# ------------------------------------------------------------------ slips


@dataclass
class Sheets:
    """Slips in sheets, made while they are sent: each chunk is one short transaction, so others write in between."""

    rest: list[int]
    paths: list[str]
    ready: list[codes.Slip] = field(default_factory=list)
    is_cut: bool = False
    """The rest could not be made; nobody's code was replaced without being printed."""

    def issue(self) -> None:
        chunk, self.rest = self.rest[: codes.SLIPS_AT_ONCE], self.rest[codes.SLIPS_AT_ONCE :]
        with writing() as session:
            self.ready += codes.issue_slips(session, person_ids=chunk, paths=self.paths, now=clock.now(), by=user().person_id)

    def __iter__(self) -> Iterator[list[dict[str, str]]]:
        while self.ready or self.rest:
            if self.rest and len(self.ready) < A_SHEET:
                try:
                    self.issue()
                except LmsError:
                    self.is_cut, self.rest = True, []
                continue
            sheet, self.ready = self.ready[:A_SHEET], self.ready[A_SHEET:]
            yield [_printed(slip) for slip in sheet]


@bp.post("/slip")
def slips() -> Response | str | Iterator[str]:
    """Slips for one person, for those chosen, or for everybody of a unit who still waits. Shown once: printing again makes new codes."""
    unit = _unit(forms.chosen("unit"))
    picked = request.form.getlist("satu") or request.form.getlist("pilih")
    person_ids = list(dict.fromkeys(found for one in picked[: 2 * AT_ONCE] if (found := forms.whole(one)) is not None))
    back: dict[str, Any] = {"unit": unit.unit_id} if unit else {}
    if asked := fresh.password_first(url_for("operator.codes.index", **back, pilih="-".join(map(str, person_ids)) or None)):
        return asked
    paths = [unit.path] if unit else _paths()
    if "semua" in request.form:
        person_ids = codes.waiting_ids(reading(), paths, clock.now(), STATES.get(forms.text("keadaan")))
    if not person_ids:
        return redirect(url_for("operator.codes.index", **back, pesan="pilih-dulu"), 303)
    sheets = Sheets(person_ids, paths)
    sheets.issue()  # here, while it can still be refused as a page
    agency = current().agency_name
    return _in_parts(
        stream_template("operator/codes/slips.html", sheets=sheets, agency=agency, back=back, **navigation.of("codes"))
    )


def _in_parts(pieces: Iterator[str]) -> Iterator[str]:
    """The page in some hundred pieces at a time: a template yields every word by itself."""
    while part := "".join(islice(pieces, 500)):
        yield part


def _printed(slip: codes.Slip) -> dict[str, str]:
    """The address in the code carries the code and nothing about the person (R86)."""
    config: Config = current_app.config["PELITA"]
    address = f"{config.base_url}{url_for('account.activation.show')}"
    picture = segno.make(f"{address}?kode={slip.code}", error="m", mask=3, micro=False)
    return {
        "name": slip.display_name,
        "unit": slip.unit_name,
        "address": address.split("://", 1)[-1],
        "identifier": "NIP Anda" if slip.identifier.isdigit() else slip.identifier,
        "code": slip.code,
        "until": language.date_and_time(slip.expires_at, user().time_zone),
        "qr": picture.svg_data_uri(border=0, omitsize=True),
    }


# ------------------------------------------------------------------ what became of them


@bp.get("/kode")
def history() -> str:
    session, now = reading(), clock.now()
    found = codes.issued_codes(
        session, codes.of_units(_paths(), staff_date(now)), now=now, before=forms.chosen("sebelum"), limit=AT_ONCE + 1
    )
    return render_template(
        "operator/codes/history.html",
        codes=forms.told_codes(found[:AT_ONCE]),
        first_url=url_for("operator.codes.history") if "sebelum" in request.args else None,
        next_url=url_for("operator.codes.history", sebelum=found[AT_ONCE - 1].code_id) if len(found) > AT_ONCE else None,
        **navigation.of("history"),
    )
