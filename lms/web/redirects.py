"""Where to go after signing in: only a page of ours, rebuilt from the address table (R38)."""

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def safe_target(address: str | None) -> str | None:
    """The path (and query) of a page that GET can open, or None. Anything odd - schemes, hosts, backslashes, control
    characters, unknown paths - is None."""
    if not address or len(address) > 500 or not address.startswith("/") or address.startswith("//"):
        return None
    if any(character in address for character in "\\@") or any(
        ord(character) < 33 or ord(character) == 127 for character in address
    ):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or "%2f" in parts.path.lower() or "%5c" in parts.path.lower() or "//" in parts.path:
        return None
    adapter = current_app.url_map.bind("")
    try:
        endpoint, arguments = adapter.match(parts.path, method="GET")
    except (RequestRedirect, HTTPException):
        return None
    if endpoint.startswith(("account.", "public.system")):
        return None
    path = str(adapter.build(endpoint, arguments))
    return f"{path}?{parts.query}" if parts.query else path
