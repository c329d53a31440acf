"""Data saya (D69, R91): what is held, who may see it, who looked, which files held it, a copy, and asking for a change."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.care import gather, inventory
from lms.care.types import DataClass
from lms.content import mediastore
from lms.errors import Conflict, Invalid
from lms.people import exports, privacy, queries, views
from lms.people.grades import rank_name
from lms.people.nip import format_nip
from lms.people.privacy import RequestKind
from lms.web import clock, language
from lms.web.extensions import reading, writing
from lms.web.filters import choice
from lms.web.fresh import password_first
from lms.web.identity import user

bp = Blueprint("data", __name__)
KIND_LABELS = {RequestKind.CORRECTION: "Perbaiki data yang keliru", RequestKind.ERASURE: "Hapus data saya"}
WHAT = {"progress": "kemajuan belajar", "record": "data pegawai"}
EXPORTS = {"own": "salinan data Anda sendiri", "person": "salinan data Anda", "audit": "jejak audit", "reports": "laporan"}


@dataclass(frozen=True)
class HeldClass:
    label: str
    purpose: str
    retention: str
    tables: list[tuple[str, str]]


@dataclass(frozen=True)
class AskedLine:
    label: str
    text: str
    when: str
    answer: str
    answered_label: str


@bp.get("/akun/data")
def index() -> str:
    return _page()


def _page(text: str = "", kind: str = "", error: str = "") -> str:
    who, session = user(), reading()
    today = clock.today(who.time_zone)
    held = gather.counts(session, who.person_id)
    when = lambda at: language.date_and_time(at, who.time_zone)  # noqa: E731
    return render_template(
        "own/data/index.html",
        identity=_identity(),
        classes=[_class(data_class, held) for data_class in inventory.KINDS],
        may_see=privacy.may_see(session, who.person_id, today),
        views=[
            (row.viewer, WHAT.get(row.what, row.what), f"{row.count} kali", when(row.first_at))
            for row in views.views_of(session, who.person_id)
        ],
        exports=[
            (one.by, EXPORTS.get(one.kind, one.kind), when(one.at)) for one in privacy.exports_about(session, who.person_id)
        ],
        asked=[_asked(one) for one in privacy.requests(session, person_id=who.person_id)],
        kinds=choice("kind", "Permintaan", [(kind.value, label) for kind, label in KIND_LABELS.items()], kind),
        text=text,
        error=error,
    )


def _identity() -> list[tuple[str, str]]:
    """The fields that a person can check at a glance."""
    row = gather.rows_of(reading(), "person", user().person_id)[0]
    person = queries.identity(reading(), user().person_id, clock.today(user().time_zone))
    rows = (
        ("Nama", person.display_name),
        ("NIP", format_nip(person.nip) if person.nip else ""),
        ("Tanggal lahir", language.long_date(date.fromisoformat(row["birth_date"])) if row["birth_date"] else ""),
        (
            "Pangkat, golongan",
            ", ".join(part for part in (rank_name(person.grade, person.employment_kind), person.grade) if part),
        ),
        ("Jabatan", person.position),
        ("Unit kerja", person.unit_name),
        ("Surel", row["email"]),
    )
    return [(label, value) for label, value in rows if value]


def _class(data_class: DataClass, held: dict[str, int]) -> HeldClass:
    kind = inventory.KINDS[data_class]
    tables = [
        (table.label, language.number(held[name]))
        for name, table in inventory.personal().items()
        if held[name] and data_class in table.columns.values()
    ]
    is_told = data_class not in (DataClass.TECHNICAL, DataClass.ACTOR)
    return HeldClass(kind.label, kind.purpose, kind.retention, tables if is_told else [])


def _asked(one: privacy.RequestRow) -> AskedLine:
    zone = user().time_zone
    answered = (
        f"Dijawab {language.date_and_time(one.answered_at, zone)}"
        if one.answered_at
        else f"Dijawab paling lambat {language.date_and_time(one.due_at, zone)}"
    )
    return AskedLine(KIND_LABELS[one.kind], one.text, language.date_and_time(one.made_at, zone), one.answer, answered)


@bp.post("/akun/data/salinan")
def download() -> Response:
    """A zip of everything, with the password again: it holds more than any page shows."""
    if asked := password_first(url_for("own.data.index")):
        return asked
    config: Config = current_app.config["PELITA"]
    person_id, now = user().person_id, clock.now()
    content = gather.copy_of(
        reading(), person_id, title=f"Data pribadi {user().name}", now=now, content_of=mediastore.opener(config.data_dir)
    )
    with writing() as session:
        exports.record_export(session, at=now, by=person_id, kind="own", scope_paths=(f"person:{person_id}",), people=1)
    headers = {"Content-Disposition": 'attachment; filename="data-saya.zip"', "Cache-Control": "no-store"}
    return Response(content, mimetype="application/zip", headers=headers)


@bp.post("/akun/data/permintaan")
def ask() -> Response | tuple[str, int]:
    text, kind = request.form.get("text", "")[:5000], request.form.get("kind", "")
    try:
        if kind not in set(RequestKind):
            raise Invalid("Pilih dulu apa yang Anda minta.", field="kind")
        with writing() as session:
            privacy.ask(session, person_id=user().person_id, kind=RequestKind(kind), text=text, now=clock.now())
    except (Invalid, Conflict) as problem:
        return _page(text, kind, str(problem)), 400
    return redirect(url_for("own.data.index", pesan="permintaan"), 303)
