"""Static files under hashed names, compressed at start and served from memory; the style sheet inlined on a first visit."""

import atexit
import hashlib
import re
import shutil
import tempfile
from base64 import b64encode
from functools import lru_cache
from pathlib import Path

from flask import Flask, g, request
from markupsafe import Markup
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

STYLE = "css/pelita.css"
STYLE_COOKIE = "gaya"


COMMENT = re.compile(rb"/\*.*?\*/\s*", re.S)


def _lean(path: Path) -> bytes:
    """What is sent of a file: style sheets without their comments."""
    content = path.read_bytes()
    return COMMENT.sub(b"", content) if path.suffix == ".css" else content


class Assets:
    """Knows every static file: its hashed address and, for the style sheet, its text and CSP hash."""

    def __init__(self, source: Path):
        self.root = tempfile.mkdtemp(prefix="pelita-static-")
        atexit.register(shutil.rmtree, self.root, ignore_errors=True)
        self.names: dict[str, str] = {}
        target = Path(self.root)
        compressor = Compressor(quiet=True, use_brotli=False)
        for path in sorted(source.rglob("*")):
            if path.is_dir():
                continue
            content = _lean(path)
            name = path.relative_to(source).as_posix()
            digest = hashlib.sha256(content).hexdigest()[:12]
            hashed = f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
            self.names[name] = hashed
            copy = target / hashed
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
            if compressor.should_compress(copy.name):
                list(compressor.compress(str(copy)))
        self.style = _lean(source / STYLE).decode()
        self.style_mark = hashlib.sha256(self.style.encode()).hexdigest()[:12]
        self.style_csp = "sha256-" + b64encode(hashlib.sha256(self.style.encode()).digest()).decode()

    def url(self, name: str) -> str:
        """Address of a static file. Raises KeyError for a file that does not exist, so that a typo fails in the tests."""
        return f"/static/{self.names[name]}"


@lru_cache(maxsize=2)
def prepared(source: Path) -> Assets:
    """The assets of a folder, made once a process."""
    return Assets(source)


def is_immutable(path: str, url: str) -> bool:
    return True


def style_is_inlined() -> bool:
    """A first visit gets the style sheet inside the page: one round trip less on a slow line."""
    assets: Assets = g.pelita_assets
    return request.cookies.get(STYLE_COOKIE) != assets.style_mark


def inline_css() -> Markup:
    """What a layout puts into its head for styling."""
    assets: Assets = g.pelita_assets
    url = assets.url(STYLE)
    if style_is_inlined():
        return Markup('<style>{}</style><link rel="prefetch" href="{}" as="style">').format(Markup(assets.style), url)
    return Markup('<link rel="stylesheet" href="{}">').format(url)


def register(app: Flask, static_dir: Path) -> None:
    assets = prepared(static_dir)
    app.extensions["pelita_assets"] = assets
    app.jinja_env.globals.update(static_url=assets.url, inline_css=inline_css)

    @app.before_request
    def offer_assets() -> None:
        g.pelita_assets = assets

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=assets.root,
        prefix="static/",
        max_age=31536000,
        immutable_file_test=is_immutable,
        allow_all_origins=False,
    )
