"""Who is asking: one opaque cookie, one row, one joined SELECT. Flask-Login is met only here, through its request loader.

The cookie is `<token>.<stamp>.<signature>`. The stamp says when the browser was last seen and is re-issued every ten minutes,
so idle sessions end without a database write for each page (DESIGN 3.4).
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from flask import Flask, Request, current_app, g, has_request_context, request, url_for
from flask import Response as FlaskResponse
from flask import session as form_session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import UserMixin
from werkzeug.wrappers import Response

from lms.people import access, names, queries, rules
from lms.people.types import SignedIn
from lms.web import clock
from lms.web.extensions import login, reading

RESTAMP_AFTER = timedelta(minutes=10)
KNOWN_DEVICE_DAYS = 365


class SessionUser(UserMixin):
    """The signed-in person as views and templates see them."""

    def __init__(self, signed_in: SignedIn):
        self.signed_in = signed_in
        self.person_id = signed_in.person_id
        self.name = signed_in.name
        self.initials = names.initials(signed_in.name)
        self.time_zone = signed_in.time_zone

        self.mark = hashlib.sha256(f"session:{signed_in.session_id}:{signed_in.csrf_secret}".encode()).hexdigest()[:16]
        """Names this session in the versions of pages; tells nothing."""
        self.is_half = access.is_half_signed_in(signed_in, clock.now()) and not current_app.config["PELITA"].is_demo
        """Still owes the code of the second factor, which no account of a demo is asked for (DESIGN 4)."""

    def get_id(self) -> str:
        return str(self.person_id)

    @property
    def owner(self) -> str:
        """Names this person on a device, for drafts: it outlives a session that ended in the middle of a quiz. Tells nothing."""
        return hmac.new(_key(), f"owner:{self.person_id}".encode(), hashlib.sha256).hexdigest()[:16]

    @property
    def surfaces(self) -> list[tuple[str, str]]:
        """(address, label) of the doors this person may enter, the learner's own first."""
        doors = (
            (access.may_enter_team, "team.today.index", "Tim saya"),
            (access.marks_for_courses, "marking.queue.index", "Penilaian"),
            (access.may_enter_studio, "studio.courses.index", "Studio penulis"),
            (access.may_enter_operator, "operator.codes.index", "Kode aktivasi"),
            (access.may_enter_admin, "admin.overview.index", "Administrasi"),
        )
        return [("/", "Beranda"), *((url_for(endpoint), label) for allowed, endpoint, label in doors if allowed(self.signed_in))]


def user() -> SessionUser:
    """The signed-in person of this request; only behind a surface's guard."""
    found = maybe_user()
    assert found is not None
    return found


def maybe_user() -> SessionUser | None:
    """The signed-in person, or None: also for those who still owe the code of their second factor."""
    found = session_user()
    return None if found is None or found.is_half else found


def session_user() -> SessionUser | None:
    """Whoever's session this is, half signed in or whole: for the page that asks for the code, and for signing out.

    Looked up once a request, and only when the browser sent our cookie.
    """
    if "pelita_user" not in g:
        g.pelita_user = _load(request)
    found: SessionUser | None = g.pelita_user
    return found


def cookie_name() -> str:
    """`__Host-` needs TLS; plain http is for the loopback only."""
    return "__Host-lms" if request.is_secure else "lms"


def _key() -> bytes:
    return hashlib.sha256(b"session stamp:" + current_app.config["SECRET_KEY"].encode()).digest()


def _signature(token: str, stamp: str) -> str:
    return hmac.new(_key(), f"{token}.{stamp}".encode(), hashlib.sha256).hexdigest()[:32]


def _cookie_value(token: str, seen_at: datetime) -> str:
    stamp = str(int(seen_at.timestamp()))
    return f"{token}.{stamp}.{_signature(token, stamp)}"


def _load(asked: Request) -> SessionUser | None:
    parts = asked.cookies.get(cookie_name(), "").split(".")
    if len(parts) != 3 or not parts[1].isdigit() or len(parts[1]) > 12:
        return None
    token, stamp, signature = parts
    if not hmac.compare_digest(_signature(token, stamp), signature):
        return None
    now = clock.now()
    found = queries.signed_in(reading(), hashlib.sha256(token.encode()).hexdigest(), now)
    if found is None:
        return None
    idle = now.timestamp() - int(stamp)
    limit = rules.idle_limit(found.is_shared_device, found.roles)
    if limit is not None and idle > limit.total_seconds():
        return None
    if idle > RESTAMP_AFTER.total_seconds():
        g.pelita_restamp = token
    form_session["csrf_token"] = found.csrf_secret  # where the form library looks; never saved to a cookie, see below
    return SessionUser(found)


def sign_in_cookie(response: Response, token: str, is_shared: bool, expires_at: datetime) -> None:
    """Give the browser its session. A shared computer forgets it when the browser closes."""
    g.pop("pelita_restamp", None)  # of the token that this one replaces
    _set_cookie(response, _cookie_value(token, clock.now()), None if is_shared else expires_at)


def _set_cookie(response: Response, value: str, expires_at: datetime | None) -> None:
    response.set_cookie(
        cookie_name(), value, expires=expires_at, secure=request.is_secure, httponly=True, samesite="Lax", path="/"
    )


def sign_out_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), secure=request.is_secure, httponly=True, samesite="Lax", path="/")


def restamp(response: Response) -> Response:
    token = g.get("pelita_restamp")
    found = g.get("pelita_user")
    if token and found:
        shared = found.signed_in.is_shared_device
        _set_cookie(response, _cookie_value(token, clock.now()), None if shared else clock.now() + timedelta(days=30))
    return response


def _device_mark(identifier: str) -> str:
    return hmac.new(_key(), f"device:{rules.normalise_identifier(identifier)}".encode(), hashlib.sha256).hexdigest()[:24]


def knows_device(identifier: str) -> bool:
    """Whether this browser has signed in with this very identifier before: strangers' guesses then do not keep it out (R41)."""
    return any(hmac.compare_digest(_device_mark(identifier), mark) for mark in request.cookies.get("dikenal", "").split("~"))


def remember_device(response: Response, identifier: str) -> None:
    mark = _device_mark(identifier)
    kept = [old for old in request.cookies.get("dikenal", "").split("~") if old and old != mark][:4]
    value = "~".join([mark, *kept])
    response.set_cookie(
        "dikenal", value, max_age=KNOWN_DEVICE_DAYS * 86400, secure=request.is_secure, httponly=True, samesite="Lax"
    )


def remember_second_factor(response: Response, session_id: int) -> None:
    """This browser is its owner's and has given a code: the session says when (people.second_factor.after_sign_in)."""
    value = f"{session_id}.{_signature('second factor', str(session_id))}"
    response.set_cookie("dua-langkah", value, max_age=rules.OWN_DEVICE, secure=request.is_secure, httponly=True, samesite="Lax")


def remembered_session_id() -> int | None:
    """The session in which this browser last gave a code, by its signed cookie."""
    number, _, signature = request.cookies.get("dua-langkah", "").partition(".")
    is_ours = number.isdecimal() and hmac.compare_digest(_signature("second factor", number), signature)
    return int(number) if is_ours else None


def current_token_hash() -> str | None:
    """SHA-256 of the session token this browser sent, valid or not; None without one."""
    token = request.cookies.get(cookie_name(), "").split(".")[0]
    return rules.hash_secret(token) if token else None


class _SessionInterface(SecureCookieSessionInterface):
    """Before sign-in Flask's signed cookie carries the CSRF secret; afterwards the session row does and no such cookie is set."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: FlaskResponse) -> None:
        if has_request_context() and g.get("pelita_user") is None:
            super().save_session(app, session, response)


def register(app: Flask) -> None:
    app.session_interface = _SessionInterface()
    login.init_app(app, add_context_processor=False)
    login.request_loader(lambda _request: maybe_user())
    login.session_protection = None
    app.after_request(restamp)
