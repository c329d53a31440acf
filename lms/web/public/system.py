"""What machines ask: is the process alive, is it ready, how is it doing. Details stay inside."""

import hmac
import os
import time

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from config import LOOPBACK, Config
from lms.errors import NotFound
from lms.store.engine import is_ready
from lms.web.extensions import db

bp = Blueprint("system", __name__)
_started = time.monotonic()


def _plain(text: str, status: int = 200) -> Response:
    return Response(text + "\n", status, mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/healthz")
def healthz() -> Response:
    return _plain("ok")


@bp.get("/readyz")
def readyz() -> Response:
    """200 when the schema is current, the database can be written and the disk has room; 503 otherwise, without saying why."""
    config: Config = current_app.config["PELITA"]
    problems = is_ready(db.engine, config.data_dir)
    for problem in problems:
        current_app.logger.warning("not ready: %s", problem)
    return _plain("ready" if not problems else "not ready", 503 if problems else 200)


@bp.get("/metrics")
def metrics() -> Response:
    """Process figures in the text format of Prometheus; from the loopback, or with the token of the configuration."""
    config: Config = current_app.config["PELITA"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    by_token = bool(config.metrics_token) and hmac.compare_digest(given, config.metrics_token)
    if not by_token and (request.remote_addr not in (*LOOPBACK, "::1") or "X-Forwarded-For" in request.headers):
        raise NotFound("Halaman tidak ditemukan.")
    lines = [f"pelita_uptime_seconds {time.monotonic() - _started:.0f}", f"pelita_process_id {os.getpid()}"]
    with open("/proc/self/statm", encoding="ascii") as file:
        lines.append(f"pelita_resident_bytes {int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')}")
    return _plain("\n".join(lines))
