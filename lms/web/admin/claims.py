"""JP claims at the office: the queue, one claim, many at once when nothing is odd about them, and later corrections of the JP (D8, D10)."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.people import hierarchy
from lms.people import queries as people
from lms.progress import awards, claim_actions, claim_queries
from lms.progress.claim_queries import ClaimPage, ClaimRow
from lms.progress.claims import ClaimState, Step
from lms.quizzes.forms import typed_text
from lms.web import clock, work
from lms.web.admin import navigation
from lms.web.claims import (
    LARGEST_ID,
    STATES,
    clamp_numbers,
    decide_by_form,
    form_filter,
    lines,
    number_in,
    pager,
    review_of,
    rights_date,
    sheet,
)
from lms.web.extensions import reading, writing
from lms.web.filters import choice
from lms.web.identity import user

bp = Blueprint("claims", __name__)
bp.url_value_preprocessor(clamp_numbers)
ALL = "semua"
SHOWN_STATES = [state for state in ClaimState if state not in (ClaimState.DRAFT, ClaimState.OFFICE)]


@bp.get("/klaim")
def index() -> str:
    session, on, form_id = reading(), rights_date(), number_in("bentuk")
    chosen, words = request.args.get("keadaan", ""), request.args.get("q", "")[:100].strip()
    state = next((one for one in SHOWN_STATES if one == chosen), None)
    if state is None and chosen != ALL:
        within = claim_queries.waiting_at_office(session, on)
    else:
        within = claim_queries.ever_sent(state)
    found = claim_queries.page_of(session, within, on, learning_form=form_id, words=words, page=number_in("hal") or 1)
    states = [("", "Menunggu pengelola"), (ALL, "Semua"), *((str(one), STATES[one][0]) for one in SHOWN_STATES)]
    rows = lines(found, "admin.claims.show", _whom(found))
    return render_template(
        "admin/claims/index.html",
        count=found.total,
        query=words,
        filters=[choice("keadaan", "Keadaan", states, chosen), form_filter(form_id)],
        claims=rows,
        may_approve=state is None and chosen != ALL and any(one.is_clean for one in rows),
        pager=pager(found, "admin.claims.index"),
        **navigation.of("claims"),
    )


def _whom(found: ClaimPage) -> dict[int, str]:
    """By claim: whose word a claim waits for that is not at the office yet."""
    session, on = reading(), rights_date()
    waiting = [row for row in found.rows if row.state is ClaimState.SUPERIOR]
    superiors = hierarchy.superiors_of(session, {row.person_id for row in waiting}, on) if waiting else {}
    names = people.names_of(session, set(superiors.values()))
    return {
        row.id: f"Menunggu {names[superiors[row.person_id]]}."
        if row.person_id in superiors
        else "Tidak ada atasan: kantor memutuskan."
        for row in waiting
    }


@bp.post("/klaim/setujui")
def approve() -> Response:
    """Approve the chosen claims that have no warning; the others stay where they are."""
    chosen = [int(text) for text in request.form.getlist("klaim")[:100] if text.isascii() and text.isdigit() and len(text) <= 9]
    with writing() as session:
        done = claim_actions.approve_clean(session, claim_ids=chosen, by=user().person_id, now=clock.now())
    word = "klaim-kosong" if not chosen else "klaim-disetujui" if done == len(set(chosen)) else "klaim-sebagian"
    return redirect(url_for("admin.claims.index", pesan=word), 303)


@bp.get("/klaim/<int:claim_id>")
def show(claim_id: int) -> str:
    return _page(claim_id)


def _page(claim_id: int, error: str = "", typed: dict[str, str] | None = None) -> str:
    session = reading()
    row = claim_queries.sent_claim(session, claim_id, rights_date())
    entries = claim_queries.entries(session, row.id)
    return render_template(
        "admin/claims/show.html",
        claim_id=row.id,
        sheet=sheet(row, review_of(row), "admin.claims.file"),
        is_waiting=_waits_here(row),
        is_own=row.person_id == user().person_id,
        entries=[(f"{one.jp} JP", one.reason, one.counts) for one in entries],
        error=error,
        typed=typed or {},
        **navigation.of("claims"),
    )


def _waits_here(row: ClaimRow) -> bool:
    if row.state is ClaimState.SUPERIOR:
        return hierarchy.superior_of(reading(), row.person_id, rights_date()) is None
    return row.state is ClaimState.OFFICE


@bp.post("/klaim/<int:claim_id>")
def decide(claim_id: int) -> Response:
    try:
        decide_by_form(claim_id, Step.OFFICE)
    except Invalid as problem:
        return make_response(_page(claim_id, str(problem), {"catatan": request.form.get("catatan", "")}), 400)
    return redirect(url_for("admin.claims.index", pesan="klaim-diputuskan"), 303)


@bp.post("/klaim/<int:claim_id>/koreksi")
def correct(claim_id: int) -> Response:
    """Replace the JP that a claim brought; the earlier row stays in the ledger."""
    form = request.form.to_dict(flat=False)
    jp, reason = typed_text(form, "jp").strip()[:20], typed_text(form, "alasan")[:1000]
    try:
        row = claim_queries.sent_claim(reading(), claim_id, rights_date())
        if row.person_id == user().person_id:
            raise Invalid("Ini klaim Anda sendiri. Pengelola lain yang mengoreksinya.")
        entry_id = next((one.id for one in claim_queries.entries(reading(), row.id) if one.counts), LARGEST_ID)
        if not (jp.isascii() and jp.isdigit() and len(jp) <= 4):
            raise Invalid("JP berupa bilangan bulat dari 0 sampai 1000.", field="jp")
        with writing() as session:
            awards.correct_jp(session, entry_id=entry_id, jp=int(jp), reason=reason, author_id=user().person_id, now=clock.now())
    except Invalid as problem:
        return make_response(_page(claim_id, str(problem), {"jp": jp, "alasan": reason}), 400)
    return redirect(url_for("admin.claims.show", claim_id=claim_id, pesan="tersimpan"), 303)


@bp.get("/klaim/<int:claim_id>/berkas/<int:upload_id>")
def file(claim_id: int, upload_id: int) -> Response:
    row = claim_queries.sent_claim(reading(), claim_id, rights_date())
    return work.send(claim_queries.file_of(reading(), row.id, upload_id))
