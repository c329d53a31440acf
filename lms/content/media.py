"""Pictures, videos and attachments of a course: read once, verified, stripped of metadata, named by their hash."""

import hashlib
import io
import warnings
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image, ImageOps

from lms.content.links import IMAGES, MIME
from lms.content.slugs import key_segment
from lms.content.types import MediaFile

LARGEST_BYTES = 100_000_000
LARGEST_PIXELS = 50_000_000
WIDEST = 1600
"""Pixels; wider pictures are scaled down, a phone shows 360 to 800."""
_FORMATS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}


class MediaRefused(Exception):
    """`str(error)` says why, to follow "berkas `x` …"."""


def read_media(root: Path, path: str) -> MediaFile:
    """The media file at `path` below `root`. Raises MediaRefused or OSError."""
    suffix = PurePosixPath(path).suffix.casefold()
    if suffix == ".svg":
        raise MediaRefused("berjenis SVG, yang dapat memuat skrip")
    if suffix not in MIME:
        raise MediaRefused(f"berjenis {suffix or 'tidak dikenal'}, yang tidak diterima")
    full = root / path
    if full.stat().st_size > LARGEST_BYTES:
        raise MediaRefused(f"lebih dari {LARGEST_BYTES // 1_000_000} MB")
    content = full.read_bytes()
    width = height = 0
    if suffix in IMAGES:
        content, suffix, width, height = clean_picture(content)
    name = (key_segment("x-" + PurePosixPath(path).stem)[2:] or "berkas") + suffix
    return MediaFile(hashlib.sha256(content).hexdigest(), name, MIME[suffix], content, width, height)


def clean_picture(content: bytes) -> tuple[bytes, str, int, int]:
    """(bytes, suffix, width, height) of a verified picture without metadata; never bigger than it came, unless it had to be turned."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as probe:
                kind = probe.format or ""
                if kind not in _FORMATS:
                    raise MediaRefused("bukan gambar jpg, png, webp atau gif")
                if probe.width * probe.height > LARGEST_PIXELS:
                    raise MediaRefused(f"berukuran {probe.width} x {probe.height} titik, terlalu besar")
                moving = getattr(probe, "n_frames", 1) > 1
                turned = probe.getexif().get(0x0112, 1) != 1
                probe.load()
                size = probe.size
                made = b"" if moving else _encoded(probe, kind)
    except MediaRefused:
        raise
    except Exception as error:  # Pillow raises many kinds for broken pictures
        raise MediaRefused("rusak atau bukan gambar") from error
    stripped = content if moving else _stripped(content, kind)
    must = turned or size[0] > WIDEST
    best = made if made and (must or len(made) < len(stripped)) else stripped
    if best is made:
        with Image.open(io.BytesIO(made)) as final:
            size = final.size
    return best, _FORMATS[kind], size[0], size[1]


def _encoded(picture: Image.Image, kind: str) -> bytes:
    upright: Image.Image = ImageOps.exif_transpose(picture)
    if upright.width > WIDEST:
        upright = upright.resize((WIDEST, max(1, round(upright.height * WIDEST / upright.width))), Image.Resampling.LANCZOS)
    if kind == "JPEG" and upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGB")
    profile = picture.info.get("icc_profile")
    upright.info = {key: value for key, value in upright.info.items() if key in ("transparency",)}
    stream = io.BytesIO()
    choices: dict[str, dict[str, Any]] = {
        "PNG": {"optimize": True},
        "JPEG": {"quality": 85, "optimize": True, "progressive": True},
    }
    options = choices.get(kind, {"quality": 85})
    if profile and kind == "JPEG":
        options = {**options, "icc_profile": profile}
    if kind == "WEBP" and picture.mode == "RGBA":
        options = {"lossless": True}
    upright.save(stream, kind, **options)
    return stream.getvalue()


def _stripped(content: bytes, kind: str) -> bytes:
    """The same picture without camera data and comments (where it was taken is nobody's business), pixels untouched."""
    if kind == "JPEG":
        return _stripped_jpeg(content)
    if kind == "PNG":
        return _stripped_png(content)
    return content


def _stripped_jpeg(content: bytes) -> bytes:
    out, position = bytearray(content[:2]), 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xDA:
            break
        size = int.from_bytes(content[position + 2 : position + 4], "big") + 2
        if not (marker == 0xFE or (0xE1 <= marker <= 0xEF and marker not in (0xE2, 0xEE))):
            out += content[position : position + size]
        position += size
    return bytes(out + content[position:])


def _stripped_png(content: bytes) -> bytes:
    out, position = bytearray(content[:8]), 8
    while position + 12 <= len(content):
        size = int.from_bytes(content[position : position + 4], "big") + 12
        name = content[position + 4 : position + 8]
        if name not in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"):
            out += content[position : position + size]
        position += size
        if name == b"IEND":
            break
    return bytes(out)
