"""Signing in through a provider such as ASN Digital, off unless the environment names one (D32, R47).

POST starts and shows a page that leads there; the provider sends the browser back by GET, which writes nothing: a form of that page,
sent by itself where scripts run, brings the answer in.
"""

import json
from dataclasses import asdict

from cryptography.fernet import Fernet, InvalidToken
from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField

from config import Config, SignInProvider
from lms.errors import Conflict, Invalid, LmsError, NotFound
from lms.people import actions, devices, external
from lms.people.sign_in import record_opened
from lms.people.types import NewSession
from lms.shared.sealing import box
from lms.web import clock, oidc_client
from lms.web.account import sign_in
from lms.web.extensions import writing
from lms.web.identity import current_token_hash, maybe_user
from lms.web.redirects import safe_target

bp = Blueprint("oidc", __name__)
COOKIE = "luar"
LIFE_SECONDS = 900
REASONS: dict[type[LmsError], str] = {
    oidc_client.ProviderDown: "provider does not answer",
    Conflict: "person is linked to another account",
    Invalid: "no active person",
}


class StartForm(FlaskForm):
    shared = BooleanField()
    next = StringField()


class AnswerForm(FlaskForm):
    code = StringField()
    state = StringField()
    iss = StringField()


@bp.post("/masuk/luar")
def start() -> Response:
    """A page that leads to the provider at once: a redirect of this form would be stopped by our own `form-action`."""
    provider, form = _provider(), StartForm()
    target = safe_target(form.next.data) or ""
    found = maybe_user()
    is_shared = found.signed_in.is_shared_device if found else bool(form.shared.data)
    try:
        journey = oidc_client.begin(provider, _back_to(), asks_again=found is not None)
    except LmsError as problem:
        return make_response(_sign_in_page(target, str(problem)), 503)
    response = make_response(render_template("account/oidc/start.html", address=journey.address, label=provider.label))
    sealed = _box().encrypt(json.dumps(asdict(journey) | {"next": target, "shared": is_shared}).encode()).decode()
    response.set_cookie(COOKIE, sealed, max_age=LIFE_SECONDS, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


@bp.get("/masuk/luar/kembali")
def back() -> Response | str:
    """The provider's answer comes as an address. It is passed on as a form, because a GET of ours never writes (law 5)."""
    provider = _provider()
    if "code" not in request.args:
        return redirect(url_for("account.sign_in.show", pesan="akun-luar-batal"), 303)
    answer = {name: request.args.get(name, "")[:4000] for name in ("code", "state", "iss")}
    return render_template("account/oidc/back.html", answer=answer, label=provider.label)


@bp.post("/masuk/luar/kembali")
def finish() -> Response:
    provider, form = _provider(), AnswerForm()
    kept = _opened_seal()
    target = safe_target(str(kept.get("next", ""))) or ""
    try:
        opened = _open_session(provider, form, kept)
        response = sign_in.welcome(opened, sign_in.first_page(opened, target or None))
    except (LmsError, oidc_client.Rejected) as problem:
        reason = problem.reason if isinstance(problem, oidc_client.Rejected) else REASONS.get(type(problem), "other")
        with writing() as session:
            external.record_refusal(session, reason=reason, now=clock.now())
        told = external.refused() if isinstance(problem, oidc_client.Rejected) else problem
        status = 503 if isinstance(problem, oidc_client.ProviderDown) else 401
        response = make_response(_sign_in_page(target, str(told)), status)
    response.delete_cookie(COOKIE, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def _open_session(provider: SignInProvider, form: AnswerForm, kept: dict[str, object]) -> NewSession:
    """The same sign-in as by password, with the provider's word in its place."""
    if not kept:
        raise oidc_client.Rejected("no journey of this browser")
    journey = oidc_client.Journey(*(str(kept[name]) for name in ("address", "state", "nonce", "verifier")))
    sent = {"code": form.code.data or "", "state": form.state.data or "", "issuer": form.iss.data or ""}
    now, found = clock.now(), maybe_user()
    proof = oidc_client.finish(provider, journey, _back_to(), **sent, now=now)
    device = devices.device_label(request.user_agent.string)
    with writing() as session:
        person_id = external.person_for(session, issuer=proof.issuer, subject=proof.subject, nip=proof.nip, now=now)
        given_at = found.signed_in.second_factor_at if found and found.person_id == person_id else None
        opened = actions.open_session(
            session,
            person_id=person_id,
            is_shared=bool(kept["shared"]),
            device=device,
            now=now,
            replaces_token_hash=current_token_hash(),
            authenticated_at=min(now, proof.authenticated_at or now),
            second_factor_at=now if proof.has_second_factor else given_at,
        )
        record_opened(session, opened, device=device, now=now, issuer=proof.issuer)
        sign_in.begin_second_factor(session, opened)
    return opened


def _provider() -> SignInProvider:
    config: Config = current_app.config["PELITA"]
    if config.provider is None:
        raise NotFound("Masuk lewat akun luar tidak dipakai di instansi ini.")
    return config.provider


def _back_to() -> str:
    config: Config = current_app.config["PELITA"]
    return config.base_url + url_for("account.oidc.back")


def _sign_in_page(target: str, error: str) -> str:
    return sign_in.page(sign_in.SignInForm(formdata=None), target, error)


def _box() -> Fernet:
    return box(str(current_app.config["SECRET_KEY"]), "journey to the provider")


def _opened_seal() -> dict[str, object]:
    """What this browser set out with; empty when it did not, or too long ago."""
    try:
        found = json.loads(_box().decrypt(request.cookies.get(COOKIE, "").encode(), ttl=LIFE_SECONDS))
    except (InvalidToken, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
