"""Response headers for every page, and the checks of a request that come before any view (R32, R34, R36, R37)."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from lms.web import assets
from lms.web.identity import maybe_user

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}; object-src 'none'; manifest-src 'self'; "
    "worker-src 'self'; require-trusted-types-for 'script'{frames}"
)
FRAMING = {"studio.files.show", "studio.files.save"}
"""The editor, which shows the preview beside the text: the only pages that hold a frame, and of ours only."""
FRAMED = {"studio.drafts.preview"}
"""The preview, the only page that may stand in a frame, and only in one of ours."""
UNSAFE_METHODS = {"POST", "PUT", "PATCH", "DELETE"}
JUNK = ("\x00",)


FROM_ELSEWHERE = "Permintaan ini datang dari situs lain, jadi tidak dijalankan. Buka halamannya langsung di sini lalu coba lagi."
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",  # names on certificates are for those who hold the code (D53)
}
"""On every response."""


def comes_from_elsewhere() -> bool:
    """Whether another site makes this browser write here: browsers say where a request comes from."""
    if request.method not in UNSAFE_METHODS:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return bool(origin) and origin != "null" and urlsplit(origin).netloc != request.host


def refuse_foreign_writes() -> None:
    """A second wall beside the CSRF token."""
    if request.method in UNSAFE_METHODS:
        maybe_user()  # brings the session's CSRF secret, which the form library checks next
    if comes_from_elsewhere():
        abort(400, FROM_ELSEWHERE)


def refuse_junk() -> None:
    """Bytes that no person types end here as a 400, never as a 500 further down (R53)."""
    if any(mark in request.path or mark in part for mark in JUNK for pair in request.args.items(multi=True) for part in pair):
        abort(400, "Alamat halaman ini berisi tanda yang tidak dapat dibaca.")
    if "\x00" in request.path:
        abort(400, "Alamat halaman ini berisi tanda yang tidak dapat dibaca.")


def add_headers(response: Response) -> Response:
    found = g.get("pelita_assets")
    style = ""
    if found is not None and response.mimetype == "text/html":
        if assets.style_is_inlined():
            style = f" '{found.style_csp}'"
            response.set_cookie(
                assets.STYLE_COOKIE, found.style_mark, max_age=31536000, secure=request.is_secure, samesite="Lax", httponly=True
            )
        response.vary.add("Cookie")
    headers = response.headers
    ancestors = "'self'" if request.endpoint in FRAMED else "'none'"
    frames = "; frame-src 'self'" if request.endpoint in FRAMING else ""
    headers.setdefault("Content-Security-Policy", POLICY.format(style=style, ancestors=ancestors, frames=frames))
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    headers.setdefault("Cache-Control", "no-store" if not _may_be_kept() else "private, no-cache")
    return response


def _may_be_kept() -> bool:
    """Only learner pages of a person's own device may stay in the browser, and only to be revalidated."""
    if not (request.blueprints and request.blueprints[-1] == "learn"):
        return False
    found = maybe_user()
    return found is not None and not found.signed_in.is_shared_device


def register(app: Flask) -> None:
    app.before_request(refuse_junk)
    app.before_request(refuse_foreign_writes)
    app.after_request(add_headers)
