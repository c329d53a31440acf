"""What the agency decides for itself: name and zone, certificates, JP, and its mark. Asks the password when it is opened."""

from dataclasses import dataclass, fields
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config import Config
from lms.content import actions, mediastore
from lms.content.shrink import LOGO_SIZE, as_mark
from lms.content.uploads import accept
from lms.errors import Invalid
from lms.people import settings
from lms.people.nip import parse_nip
from lms.people.settings import AgencySettings, agency_settings, save_settings
from lms.recognition import queries
from lms.web import agency, clock, language
from lms.web.admin import navigation
from lms.web.extensions import reading, writing
from lms.web.filters import Filter, choice
from lms.web.fresh import FORM_GRACE, password_first
from lms.web.identity import user

bp = Blueprint("settings", __name__)
LOGO_BYTES = 900_000
ZONES = (("Asia/Jakarta", "WIB (Jakarta)"), ("Asia/Makassar", "WITA (Makassar)"), ("Asia/Jayapura", "WIT (Jayapura)"))
SECOND_FACTOR = (
    ("required", "Wajib bagi penulis, atasan, operator, dan administrator"),
    ("offered", "Ditawarkan saja"),
)
NUMBERS = ("minutes_per_jp", "jp_target_pns", "jp_target_pppk", "jp_cap_pppk")
SECTIONS = (
    (
        "Instansi",
        (
            ("agency_name", "Nama instansi", "Tercetak pada sertifikat dan di kaki setiap halaman."),
            ("help_contact", "Kontak bantuan", "Siapa yang ditanya bila tidak bisa masuk, misalnya BKPSDM loket 3."),
        ),
    ),
    (
        "Jam pelajaran",
        (
            ("minutes_per_jp", "Menit untuk 1 JP", "Berlaku bagi kelulusan sesudah ini; catatan JP yang ada tidak berubah."),
            ("jp_target_pns", "Target JP setahun, PNS", ""),
            ("jp_target_pppk", "Target JP setahun, PPPK", ""),
            ("jp_cap_pppk", "Batas JP setahun, PPPK", "Hanya memperingatkan. Kosongkan bila tidak ada batas."),
        ),
    ),
    (
        "Sertifikat",
        (
            ("agency_place", "Tempat", "Kota di depan tanggal sertifikat."),
            ("signatory_name", "Nama penandatangan", "Dengan gelar."),
            ("signatory_nip", "NIP penandatangan", "18 angka; boleh kosong."),
            ("signatory_position", "Jabatan penandatangan", ""),
            ("certificate_pattern", "Pola nomor sertifikat", "Bagian yang diganti: {no:04} {kode} {unit} {bulan} {bulan_romawi} {tahun}."),
        ),
    ),
)  # fmt: skip
"""(heading, fields); a field is (name, label, hint)."""


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    hint: str
    value: str
    error: str | None
    is_number: bool


@bp.get("/pengaturan")
def show() -> Response | str:
    if asked := password_first(url_for("admin.settings.show")):
        return asked
    kept = agency_settings(reading())
    return _page({field.name: _text(getattr(kept, field.name)) for field in fields(kept)})


def _text(value: Any) -> str:
    return "" if value is None else str(value)


@bp.post("/pengaturan")
def save() -> Response | str | tuple[str, int]:
    """Keep everything or nothing; "Lihat contoh nomor" only shows what was typed again."""
    if asked := password_first(url_for("admin.settings.show"), grace=FORM_GRACE):
        return asked
    names = [name for _, rows in SECTIONS for name, _, _ in rows] + [
        name for name in ("time_zone", "second_factor") if name in request.form
    ]
    typed = {name: " ".join(request.form.get(name, "").split())[:300] for name in names}
    if "contoh" in request.form:
        return _page(typed)
    values, errors = {}, {}
    for name in names:
        try:
            values[name] = _value(name, typed[name])
            settings.checked(name, values[name])
        except Invalid as problem:
            errors[name] = str(problem)
    if errors:
        return _page(typed, errors), 400
    kept = agency_settings(reading())
    changed = {name: value for name, value in values.items() if (value or None) != (getattr(kept, name) or None)}
    if changed:
        with writing() as session:
            save_settings(session, now=clock.now(), by=user().person_id, **changed)
        agency.forget()
    return redirect(url_for("admin.settings.show", pesan="pengaturan"), 303)


def _value(name: str, text: str) -> Any:
    if name in NUMBERS:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text or None
    return parse_nip(text).value if name == "signatory_nip" and text else text


def _page(typed: dict[str, str], errors: dict[str, str] | None = None, logo_error: str = "") -> str:
    errors = errors or {}
    kept: AgencySettings = agency_settings(reading())
    sections = [
        (
            heading,
            [Field(name, label, hint, typed.get(name, ""), errors.get(name), name in NUMBERS) for name, label, hint in rows],
        )
        for heading, rows in SECTIONS
    ]
    today = clock.today(kept.time_zone)
    return render_template(
        "admin/settings/show.html",
        sections=sections,
        choices=[
            _zones(typed.get("time_zone", "")),
            choice("second_factor", "Verifikasi dua langkah", SECOND_FACTOR, typed.get("second_factor", "")),
        ],
        example=queries.next_number(reading(), typed.get("certificate_pattern", "")[:200] or kept.certificate_pattern, today),
        has_errors=bool(errors),
        logo=kept.logo,
        logo_error=logo_error,
        logo_hint=f"PNG atau JPEG, paling besar {language.kilobytes(LOGO_BYTES)}. Dipasang pada sertifikat dan halaman masuk.",
        **navigation.of("settings"),
    )


def _zones(chosen: str) -> Filter:
    known = ZONES if chosen in dict(ZONES) or not chosen else (*ZONES, (chosen, chosen))
    return choice("time_zone", "Zona waktu", known, chosen)


@bp.post("/pengaturan/logo")
def put_logo() -> Response | tuple[str, int]:
    """The picture is encoded anew, small and square; the bytes first, then the setting that names them."""
    if asked := password_first(url_for("admin.settings.show"), grace=FORM_GRACE):
        return asked
    config: Config = current_app.config["PELITA"]
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid("Belum ada berkas yang dipilih. Pilih dulu gambarnya, lalu unggah.")
        taken = accept(sent.filename, sent.stream.read(LOGO_BYTES + 1), endings=("png", "jpg"), most_bytes=LOGO_BYTES)
    except Invalid as problem:
        kept = agency_settings(reading())
        return _page({field.name: _text(getattr(kept, field.name)) for field in fields(kept)}, logo_error=str(problem)), 400
    content = as_mark(taken.content)
    sha256 = mediastore.keep(content, config.data_dir, mediastore.MEDIA)
    with writing() as session:
        actions.keep_picture(session, sha256=sha256, mime="image/png", size=len(content), width=LOGO_SIZE, height=LOGO_SIZE)
        save_settings(session, now=clock.now(), by=user().person_id, logo=sha256)
    agency.forget()
    return redirect(url_for("admin.settings.show", pesan="logo"), 303)


@bp.post("/pengaturan/logo/hapus")
def remove_logo() -> Response:
    if asked := password_first(url_for("admin.settings.show"), grace=FORM_GRACE):
        return asked
    with writing() as session:
        save_settings(session, now=clock.now(), by=user().person_id, logo="")
    agency.forget()
    return redirect(url_for("admin.settings.show", pesan="logo-hapus"), 303)
