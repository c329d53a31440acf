"""Makes the Flask application. Order matters: compression first (it acts last), identity before headers, headers before errors,
surfaces last."""

from functools import lru_cache
from typing import Any

from flask import Flask, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from lms.store import audit
from lms.store.engine import engine_options, prepare
from lms.web import (
    agency,
    assets,
    body_limits,
    compression,
    errors,
    freshness,
    headers,
    identity,
    language,
    notices,
    surfaces,
    translation,
)
from lms.web.extensions import csrf, db

BODY_LIMIT = 1_000_000


def create_app(config: Config) -> Flask:
    """The application for one data folder. Starts no thread and touches no table."""
    app = Flask("lms", static_folder=None, template_folder=str(config.root / "templates"))
    app.config.update(
        SECRET_KEY=config.secret_key,
        TESTING=config.is_testing,
        PELITA=config,
        TRUSTED_HOSTS=list(config.trusted_hosts),
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        SESSION_COOKIE_NAME="formulir",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.base_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,  # the library's 30 minutes would lose a long quiz
        WTF_I18N_ENABLED=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "finalize": translation.spoken}
    if config.proxy_hops:
        hops = config.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        audit.arm(prepare(db.engine), config.data_dir)
    compression.register(app)
    body_limits.register(app)
    language.register(app)
    assets.register(app, config.root / "static")
    identity.register(app)
    headers.register(app)
    csrf.init_app(app)
    errors.register(app)
    freshness.register(app, config.root / "templates")
    surfaces.register(app)
    app.context_processor(lambda: _page_context(config))
    app.jinja_env.globals["url_for"] = _address
    return app


@lru_cache(maxsize=8192)
def _address(endpoint: str, **values: Any) -> str:
    """`url_for` of the templates, kept: an address of ours is a path, the same for every request."""
    return url_for(endpoint, **values)


def _page_context(config: Config) -> dict[str, Any]:
    """What every layout needs. Costs no query: settings are kept for a minute."""
    found = identity.maybe_user() if request else None
    return {
        "user": found,
        "theme": None,
        "agency_name": agency.current().agency_name,
        "agency_logo": agency.current().logo,
        "is_demo": config.is_demo,
        "messages": notices.of(request.args.get("pesan", "")) if request else (),
    }
