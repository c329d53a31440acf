"""JP for training outside: a person's claims, the draft with its proofs, and the word of the other person of a session (D10, D65)."""

from dataclasses import dataclass, field
from datetime import date

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from config import Config
from lms.content import mediastore
from lms.content.uploads import accept
from lms.errors import Conflict, Invalid, Refused
from lms.people import queries as people
from lms.progress import claim_actions, claim_queries, claims, jp
from lms.progress.claim_queries import ClaimRow
from lms.progress.claims import Asked, Step
from lms.progress.forms import Conversion, Form
from lms.quizzes.forms import typed_text
from lms.web import agency, clock, language, work
from lms.web.claims import clamp_numbers, days, decide_by_form, line, review_of, rules_today, sheet
from lms.web.extensions import reading, writing
from lms.web.identity import user
from lms.web.learn.uploads import FULL

bp = Blueprint("claims", __name__)
bp.url_value_preprocessor(clamp_numbers)


@dataclass(frozen=True)
class Fields:
    """What the form asks for one form of training, with what was typed; `errors` by field."""

    typed: dict[str, str]
    is_paired: bool
    has_span: bool
    has_minutes: bool
    has_programme: bool
    report_label: str
    errors: dict[str, str] = field(default_factory=dict)


def _today() -> date:
    return clock.today(user().time_zone)


# ------------------------------------------------------------------ the list


@bp.get("/klaim")
def index() -> str:
    who, today = user(), _today()
    session = reading()
    book = rules_today()
    mine = claim_queries.own_claims(session, who.person_id, today)
    awarded = claim_queries.awarded(session, [row.id for row in mine])
    inside, outside = jp.split_by_person(session, [who.person_id], today.year).get(who.person_id, (0, 0))
    return render_template(
        "learn/claims/index.html",
        totals=[(f"JP dari LMS tahun {today.year}", f"{inside} JP"), (f"JP luar LMS tahun {today.year}", f"{outside} JP")],
        claims=[
            line(
                row,
                book.form(row.learning_form).name,
                url_for("learn.claims.show", claim_id=row.id),
                jp_label=f"{awarded[row.id][0]} JP diakui" if row.id in awarded else "",
                note=awarded[row.id][1] if row.id in awarded else "",
            )
            for row in mine
        ],
        to_confirm=[
            (url_for("learn.claims.confirm", claim_id=row.id), row.name, f"{book.form(row.learning_form).name} · {days(row)}")
            for row in claim_queries.to_confirm(session, who.person_id, today)
        ],
    )


# ------------------------------------------------------------------ the draft


@bp.get("/klaim/baru")
def create() -> str:
    chosen = request.args.get("bentuk", "")
    return _create_page(chosen) if chosen else _choose_page()


def _choose_page() -> str:
    per_jp = agency.current().minutes_per_jp
    forms = [
        (one.is_classical, url_for("learn.claims.create", bentuk=one.id), one.name, claims.conversion_sentence(one, per_jp))
        for one in rules_today().forms
    ]
    groups = (
        ("Klasikal: pelatihan, seminar, dan tatap muka", True),
        ("Nonklasikal: belajar sambil bekerja dan dari rekan", False),
    )
    return render_template(
        "learn/claims/create.html",
        groups=[(title, [rest for is_classical, *rest in forms if is_classical is wanted]) for title, wanted in groups],
        form=None,
    )


def _form(number: str) -> Form:
    return rules_today().form(int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0)


def _create_page(number: str, fields: Fields | None = None) -> str:
    form = _form(number)
    return render_template(
        "learn/claims/create.html",
        groups=[],
        form={"id": form.id, "name": form.name, "rule": claims.conversion_sentence(form, agency.current().minutes_per_jp)},
        fields=fields or _fields(form, {}),
    )


@bp.post("/klaim/baru")
def add() -> Response:
    form = _form(request.form.get("bentuk", ""))
    try:
        asked = _asked(form)
        with writing() as session:
            claim_id = claim_actions.create(
                session, person_id=user().person_id, learning_form=form.id, asked=asked, today=_today(), now=clock.now()
            )
    except Invalid as problem:
        return make_response(_create_page(str(form.id), _fields(form, _typed(), problem)), 400)
    return redirect(url_for("learn.claims.show", claim_id=claim_id, _anchor="bukti"), 303)


def _fields(form: Form, typed: dict[str, str], problem: Invalid | None = None) -> Fields:
    is_paired = form.id in claims.PAIRED
    return Fields(
        typed=typed,
        is_paired=is_paired,
        has_span=form.conversion is not Conversion.SESSION,
        has_minutes=form.conversion is not Conversion.FIXED,
        has_programme=form.conversion is Conversion.PROGRAMME,
        report_label="Kesepakatan dan tindak lanjut"
        if is_paired
        else "Proses belajar dan sumber yang dipakai"
        if form.conversion is Conversion.DAILY
        else "Yang dipelajari (boleh dikosongkan)",
        errors={problem.field or "": str(problem)} if problem else {},
    )


def _typed() -> dict[str, str]:
    names = ("title", "organizer", "from_on", "to_on", "hours", "minutes", "programme_jp", "report")
    form = request.form.to_dict(flat=False)
    return {name: typed_text(form, name)[:5000].strip() for name in names}


def _typed_of(asked: Asked) -> dict[str, str]:
    hours, minutes = divmod(asked.minutes or 0, 60)
    return {
        "title": asked.title,
        "organizer": asked.organizer,
        "from_on": asked.from_on.isoformat(),
        "to_on": asked.to_on.isoformat(),
        "hours": str(hours or ""),
        "minutes": str(minutes or ""),
        "programme_jp": str(asked.programme_jp or ""),
        "report": asked.report,
    }


def _asked(form: Form, partner_id: int | None = None) -> Asked:
    """What the posted form claims. Raises Invalid with the field."""
    typed = _typed()
    from_on = _day(typed["from_on"], "from_on")
    has_span = form.conversion is not Conversion.SESSION
    hours, minutes = _whole(typed["hours"], "hours"), _whole(typed["minutes"], "minutes")
    return Asked(
        title=" ".join(typed["title"].split()),
        from_on=from_on,
        to_on=_day(typed["to_on"], "to_on") if has_span and typed["to_on"] else from_on,
        organizer=" ".join(typed["organizer"].split()),
        minutes=(hours or 0) * 60 + (minutes or 0) if hours is not None or minutes is not None else None,
        programme_jp=_whole(typed["programme_jp"], "programme_jp"),
        partner_id=partner_id,
        report=typed["report"],
    )


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Invalid("Isi tanggalnya, misalnya 2026-03-05.", field=name) from problem


def _whole(text: str, name: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise Invalid("Isi dengan angka bulat.", field=name)
    return int(text)


# ------------------------------------------------------------------ one claim


@bp.get("/klaim/<int:claim_id>")
def show(claim_id: int) -> str:
    return _page(claim_queries.own_claim(reading(), user().person_id, claim_id, _today()))


def _page(row: ClaimRow, typed: dict[str, str] | None = None, problem: Invalid | None = None, told: str = "") -> str:
    session, who = reading(), user()
    review = review_of(row, ahead=row.state in claims.EDITABLE)
    files = claim_queries.files(session, row.id)
    partner = row.asked.partner_id
    searched = request.args.get("cari", "")[:100].strip()
    return render_template(
        "learn/claims/show.html",
        claim_id=row.id,
        sheet=sheet(row, review, "learn.claims.file"),
        is_open=row.state in claims.EDITABLE,
        is_waiting=row.state in claims.WAITING,
        was_sent=row.sent_at is not None,
        rule=claims.conversion_sentence(review.form, agency.current().minutes_per_jp),
        fields=_fields(review.form, typed or _typed_of(row.asked), problem),
        missing=claims.missing(review.form, row.asked, len(files)),
        files=[
            (f"hapus-{one.id}", link)
            for one, link in zip(files, work.file_links(files, "learn.claims.file", claim_id=row.id), strict=True)
        ],
        is_full=len(files) >= claims.MOST_FILES,
        file_hint=f"Foto atau PDF; paling besar {language.kilobytes(claims.LARGEST_FILE)}; paling banyak {claims.MOST_FILES} berkas",
        partner={"id": partner, "name": people.names_of(session, [partner])[partner]} if partner else None,
        searched=searched,
        found=claim_queries.partner_names(session, searched, _today(), but_not=who.person_id) if searched else [],
        told=told,
    )


@bp.post("/klaim/<int:claim_id>")
def save(claim_id: int) -> Response:
    """Everything the form holds is kept first, each file by itself; then what the button asked for is done."""
    who, act = user(), request.form.get("aksi", "")
    row = claim_queries.own_claim(reading(), who.person_id, claim_id, _today())
    form = review_of(row).form
    problems = _keep_files(claim_id) if row.state in claims.EDITABLE else []
    try:
        chosen = request.form.get("partner_id", "")
        partner_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) <= 9 else row.asked.partner_id
        asked = _asked(form, partner_id)
        with writing() as session:
            claim_actions.save(session, person_id=who.person_id, claim_id=claim_id, asked=asked, today=_today())
            if act.startswith("hapus-") and act[6:].isascii() and act[6:].isdigit() and len(act) < 16:
                claim_actions.detach(session, person_id=who.person_id, claim_id=claim_id, upload_id=int(act[6:]))
    except Invalid as problem:
        row = claim_queries.own_claim(reading(), who.person_id, claim_id, _today())
        return make_response(_page(row, _typed(), problem, " ".join(problems)), 400)
    if act == "kirim" and not problems:
        problems = _send(claim_id)
    if problems:
        row = claim_queries.own_claim(reading(), who.person_id, claim_id, _today())
        return make_response(_page(row, told=" ".join(dict.fromkeys(problems))), 400)
    if act == "kirim":
        return redirect(url_for("learn.claims.index", pesan="klaim-terkirim"), 303)
    searched = request.form.get("cari", "")[:100].strip() if act == "cari" else ""
    target = url_for(
        "learn.claims.show",
        claim_id=claim_id,
        cari=searched or None,
        pesan=None if searched else "tersimpan",
        _anchor="rekan" if searched else None,
    )
    return redirect(target, 303)


def _keep_files(claim_id: int) -> list[str]:
    """What was wrong with the files sent; those that were taken are kept."""
    problems = []
    for sent in (one for one in request.files.getlist("file") if one.filename):
        try:
            _keep(claim_id, sent)
        except (Invalid, Refused) as problem:
            problems.append(FULL if isinstance(problem, Refused) else str(problem))
    return problems


def _keep(claim_id: int, sent: FileStorage) -> None:
    """The bytes first, then the row that names them; a row without its file can never be."""
    config: Config = current_app.config["PELITA"]
    content = sent.stream.read(claims.LARGEST_FILE + 1)
    taken = accept(sent.filename or "", content, endings=claims.ENDINGS, most_bytes=claims.LARGEST_FILE)
    sha256 = mediastore.keep(taken.content, config.data_dir, mediastore.UPLOADS)
    with writing() as session:
        claim_actions.attach(
            session,
            person_id=user().person_id,
            claim_id=claim_id,
            sha256=sha256,
            name=taken.name,
            mime=taken.mime,
            size=len(taken.content),
            now=clock.now(),
        )


def _send(claim_id: int) -> list[str]:
    try:
        with writing() as session:
            claim_actions.send(session, person_id=user().person_id, claim_id=claim_id, now=clock.now())
    except (Invalid, Conflict) as problem:
        return [str(problem)]
    return []


@bp.post("/klaim/<int:claim_id>/tarik")
def withdraw(claim_id: int) -> Response:
    with writing() as session:
        claim_actions.withdraw(session, person_id=user().person_id, claim_id=claim_id, now=clock.now())
    return redirect(url_for("learn.claims.show", claim_id=claim_id, pesan="klaim-ditarik"), 303)


@bp.post("/klaim/<int:claim_id>/hapus")
def discard(claim_id: int) -> Response:
    with writing() as session:
        claim_actions.discard(session, person_id=user().person_id, claim_id=claim_id)
    return redirect(url_for("learn.claims.index", pesan="klaim-dihapus"), 303)


@bp.get("/klaim/<int:claim_id>/berkas/<int:upload_id>")
def file(claim_id: int, upload_id: int) -> Response:
    row = claim_queries.own_claim(reading(), user().person_id, claim_id, _today())
    return work.send(claim_queries.file_of(reading(), row.id, upload_id))


# ------------------------------------------------------------------ the other person of a session


@bp.get("/klaim/<int:claim_id>/konfirmasi")
def confirm(claim_id: int) -> str:
    return _confirm_page(claim_id)


def _confirm_page(claim_id: int, error: str = "", comment: str = "") -> str:
    row = claim_queries.claim_to_confirm(reading(), user().person_id, claim_id, _today())
    return render_template(
        "learn/claims/confirm.html", claim_id=row.id, sheet=sheet(row, review_of(row), None), error=error, comment=comment
    )


@bp.post("/klaim/<int:claim_id>/konfirmasi")
def answer(claim_id: int) -> Response:
    try:
        decide_by_form(claim_id, Step.PARTNER)
    except Invalid as problem:
        return make_response(_confirm_page(claim_id, str(problem), request.form.get("catatan", "")), 400)
    return redirect(url_for("learn.claims.index", pesan="klaim-diputuskan"), 303)
