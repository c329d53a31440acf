"""The one table from failures to pages. Views do not catch, except to put a message on a form."""

import errno
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from lms.errors import Busy, Conflict, Invalid, LmsError, NotAllowed, NotFound, TooManyTries
from lms.web import clock, denied, language
from lms.web.identity import maybe_user
from lms.web.redirects import safe_target

STATUS: dict[type[LmsError], int] = {NotFound: 404, NotAllowed: 403, Invalid: 400, Conflict: 409, TooManyTries: 429, Busy: 503}
PAGES = {400, 403, 404, 405, 409, 413, 429, 500, 503}


def page(status: int, message: str = "", retry_after: int = 0, incident: str = "") -> Response:
    """The error page of a status; `message` is a finished sentence of ours or empty for the page's own words."""
    name = status if status in PAGES and status != 405 else 404 if status == 405 else 400
    when = (
        f"{retry_after} detik lagi"
        if 0 < retry_after < 90
        else f"{-(-retry_after // 60)} menit lagi"
        if retry_after
        else "sebentar lagi"
    )
    html = render_template(
        f"errors/{name}.html",
        reason=message,
        back_url=_back_url(),
        when=when,
        limit=language.kilobytes(request.max_content_length or 0),
        incident=incident,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _back_url() -> str:
    """The page of ours that sent the person here, else home."""
    return safe_target(urlsplit(request.referrer or "").path) or "/"


def register(app: Flask) -> None:
    @app.errorhandler(LmsError)
    def expected(problem: LmsError) -> Response:
        if isinstance(problem, NotAllowed) and (found := maybe_user()):
            denied.note(current_app.config["PELITA"].data_dir, clock.now(), found.person_id, request.method, request.path)
        status = next((STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS), 500)
        wait = problem.retry_after if isinstance(problem, TooManyTries) else 5 if isinstance(problem, Busy) else 0
        return page(status, str(problem), wait)

    @app.errorhandler(CSRFError)
    def stale_form(problem: CSRFError) -> Response:
        return page(
            400,
            "Formulir ini berasal dari sesi yang sudah berakhir, jadi belum dikirim. Muat ulang halamannya, lalu kirim sekali lagi.",
        )

    @app.errorhandler(SecurityError)
    def foreign_host(problem: SecurityError) -> Response:
        return Response(
            "Alamat ini tidak dilayani di sini.\n", 400, mimetype="text/plain"
        )  # no page: its links would need the host

    @app.errorhandler(HTTPException)
    def http(problem: HTTPException) -> Response:
        if problem.response is not None:
            return current_app.make_response(problem.response)
        status = problem.code or 500
        if 300 <= status < 400:
            return current_app.make_response(problem.get_response())
        ours = problem.description if problem.description and problem.description != type(problem).description else ""
        return page(status, ours or "")

    @app.errorhandler(OSError)
    def disk(problem: OSError) -> Response:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            return unexpected(problem)
        return page(
            503, "Penyimpanan server sedang penuh, jadi kiriman tadi belum tersimpan. Coba lagi nanti, atau beri tahu pengelola."
        )

    @app.errorhandler(Exception)
    def unexpected(problem: Exception) -> Response:
        if app.testing or app.config.get("PROPAGATE_EXCEPTIONS"):
            raise problem
        reference = secrets.token_hex(4)
        app.logger.exception("request failed, reference %s", reference)
        return page(500, incident=reference)
