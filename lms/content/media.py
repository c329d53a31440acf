"""Pictures, videos and attachments of a course: read once, verified, pictures encoded anew, named by their hash."""

import hashlib
import io
import threading
import warnings
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import GifImagePlugin, Image, ImageCms, ImageOps, ImageSequence, JpegImagePlugin

from lms.content.links import IMAGES, MIME
from lms.content.slugs import key_segment
from lms.content.types import MediaFile

LARGEST_BYTES = 100_000_000
LARGEST_PIXELS = 40_000_000
"""Width times height."""
MOST_MOVING = 250_000_000
"""Bytes of all frames of a moving picture while it is open: one a pixel with a palette, else four."""
LARGEST_WEBP = 16_000_000
"""Its encoder takes 30 bytes a pixel, the others up to 9."""
WIDEST = 1600
"""Pixels; wider pictures are scaled down, a phone shows 360 to 800."""
MOST_SCANS = 100
"""Passes of a progressive JPEG (about ten are usual): each costs the time of a whole picture."""
_FORMATS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
"""Frames that share a palette keep it: a quarter of the memory, and a tenth of the bytes when written again."""
_one_at_a_time = threading.Lock()
"""A picture of 40 megapixels takes hundreds of megabytes while it is open."""


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
    name = safe_stem(PurePosixPath(path).stem) + suffix
    return MediaFile(hashlib.sha256(content).hexdigest(), name, MIME[suffix], content, width, height)


def safe_stem(stem: str) -> str:
    """A file name without its ending as `[a-z0-9-]{1,58}`; number prefixes stay. Never empty."""
    return key_segment("x-" + stem)[2:] or "berkas"


def clean_picture(content: bytes, *, widest: int = WIDEST) -> tuple[bytes, str, int, int]:
    """(bytes, suffix, width, height) of the picture encoded anew, upright and at most `widest` pixels wide (0 = any width).

    Nothing but pixels survives: camera data, comments, colour profiles (applied first) and whatever was hidden around them
    are gone (R25). Moving pictures keep moving.
    """
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > MOST_SCANS:
        raise MediaRefused("tersusun dari terlalu banyak lapisan")
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=tuple(_FORMATS)) as picture:
                return _cleaned(picture, widest)
    except MediaRefused:
        raise
    except Image.UnidentifiedImageError as error:
        raise MediaRefused("bukan gambar jpg, png, webp atau gif") from error
    except Image.DecompressionBombError as error:
        raise MediaRefused("terlalu besar") from error
    except Exception as error:  # Pillow raises many kinds for broken pictures
        raise MediaRefused("rusak atau terpotong") from error


def _cleaned(picture: Any, widest: int) -> tuple[bytes, str, int, int]:
    kind = "JPEG" if picture.format == "MPO" else str(picture.format)  # a telephone's JPEG with a second picture behind
    if picture.width * picture.height > (LARGEST_WEBP if kind == "WEBP" else LARGEST_PIXELS):
        raise MediaRefused(f"berukuran {picture.width} x {picture.height} titik, terlalu besar")
    if kind != "JPEG" and getattr(picture, "is_animated", False):
        frames = [_plain(frame.copy(), widest) for frame in _counted(picture)]
        made = _written(frames[0], kind, _movement(picture, frames))
    else:
        if widest:
            picture.draft(None, (2 * widest, 2 * widest))  # a JPEG far too big is read smaller, in a tenth of the memory
        ImageOps.exif_transpose(picture, in_place=True)
        frames = [_plain(picture, widest)]
        made = min((_written(frames[0], kind, options) for options in _choices(picture, kind)), key=len)
    return made, _FORMATS[kind], frames[0].width, frames[0].height


def _counted(picture: Image.Image) -> Any:
    """The frames, as long as they are not too many."""
    total = 0
    for frame in ImageSequence.Iterator(picture):
        total += frame.width * frame.height * (1 if frame.mode in ("P", "L", "1") else 4)
        if total > MOST_MOVING:
            raise MediaRefused("bergerak terlalu lama; simpan sebagai video mp4")
        yield frame


def _plain(picture: Image.Image, widest: int) -> Image.Image:
    """Scaled down, in sRGB, without anything else that came along (of what is known besides, timing and transparency stay)."""
    if widest and picture.width > widest:
        if picture.mode == "P":
            picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
        known = picture.info
        picture = picture.resize((widest, max(1, round(picture.height * widest / picture.width))), Image.Resampling.LANCZOS)
        picture.info = known
    profile = picture.info.get("icc_profile")
    picture.info = {key: value for key, value in picture.info.items() if key in ("transparency", "duration")}
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, described, ImageCms.createProfile("sRGB"), outputMode="RGB") or picture
        except (ImageCms.PyCMSError, OSError):  # a broken profile: the bare colours are near enough
            pass
    return picture


def _choices(picture: Any, kind: str) -> list[dict[str, Any]]:
    """Ways to write a picture; the smallest result is taken. A JPEG keeps its own coarseness where ours would make it bigger."""
    if kind == "JPEG":
        own = {"qtables": picture.quantization, "subsampling": JpegImagePlugin.get_sampling(picture)}
        return [{"optimize": True, "progressive": True, **options} for options in ({"quality": 85}, own)]
    if kind == "PNG":
        return [{"optimize": True}]
    return [{"lossless": True} if picture.mode == "RGBA" else {"quality": 80}]


def _movement(picture: Image.Image, frames: list[Image.Image]) -> dict[str, Any]:
    options: dict[str, Any] = {
        "save_all": True,
        "append_images": frames[1:],
        "duration": [int(frame.info.get("duration", 100)) for frame in frames],
    }
    if "loop" in picture.info:
        options["loop"] = picture.info["loop"]
    if picture.format == "GIF" and any(map(_is_see_through, frames)):
        options["disposal"] = 2  # each frame on an empty canvas, whole: only where something behind must vanish
    return options


def _is_see_through(frame: Image.Image) -> bool:
    if frame.mode == "P":
        index = frame.info.get("transparency")
        return isinstance(index, int) and frame.histogram()[index] > 0
    return frame.mode == "RGBA" and frame.getchannel("A").histogram()[255] < frame.width * frame.height


def _written(picture: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    if kind == "JPEG" and picture.mode not in ("RGB", "L"):
        picture = picture.convert("RGB")
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()
