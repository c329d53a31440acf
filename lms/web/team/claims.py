"""JP claims of direct subordinates: what waits for this superior, the oldest first, and their word on each (D10)."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.progress import claim_queries
from lms.progress.claims import ClaimState, Step
from lms.web import work
from lms.web.claims import clamp_numbers, decide_by_form, form_filter, lines, number_in, pager, review_of, rights_date, sheet
from lms.web.extensions import reading
from lms.web.filters import choice
from lms.web.identity import user
from lms.web.team import navigation

bp = Blueprint("claims", __name__)
bp.url_value_preprocessor(clamp_numbers)
DECIDED = "selesai"


@bp.get("/klaim")
def index() -> str:
    session, on, form_id = reading(), rights_date(), number_in("bentuk")
    waiting = claim_queries.waiting_below(session, user().person_id, on)
    is_decided = request.args.get("keadaan") == DECIDED
    shown = claim_queries.decided_below(session, user().person_id, on) if is_decided else waiting
    words = request.args.get("q", "")[:100].strip()
    found = claim_queries.page_of(
        session, claim_queries.among(shown), on, learning_form=form_id, words=words, page=number_in("hal") or 1
    )
    states = [("", "Menunggu saya"), (DECIDED, "Sudah saya putuskan")]
    return render_template(
        "team/claims/index.html",
        waiting_count=len(waiting),
        query=words,
        filters=[choice("keadaan", "Keadaan", states, DECIDED if is_decided else ""), form_filter(form_id)],
        claims=lines(found, "team.claims.show", {}),
        pager=pager(found, "team.claims.index"),
        **navigation.of("claims"),
    )


@bp.get("/klaim/<int:claim_id>")
def show(claim_id: int) -> str:
    return _page(claim_id)


def _page(claim_id: int, error: str = "", comment: str = "") -> str:
    row = claim_queries.below_claim(reading(), user().person_id, claim_id, rights_date())
    return render_template(
        "team/claims/show.html",
        claim_id=row.id,
        sheet=sheet(row, review_of(row), "team.claims.file"),
        is_waiting=row.state is ClaimState.SUPERIOR,
        error=error,
        comment=comment,
        **navigation.of("claims"),
    )


@bp.post("/klaim/<int:claim_id>")
def decide(claim_id: int) -> Response:
    try:
        decide_by_form(claim_id, Step.SUPERIOR)
    except Invalid as problem:
        return make_response(_page(claim_id, str(problem), request.form.get("catatan", "")), 400)
    return redirect(url_for("team.claims.index", pesan="klaim-diputuskan"), 303)


@bp.get("/klaim/<int:claim_id>/berkas/<int:upload_id>")
def file(claim_id: int, upload_id: int) -> Response:
    row = claim_queries.below_claim(reading(), user().person_id, claim_id, rights_date())
    return work.send(claim_queries.file_of(reading(), row.id, upload_id))
