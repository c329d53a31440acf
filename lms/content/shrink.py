"""A picture made light enough for a phone on a weak line: for `lms check --perbaiki` (K103); an agency's mark."""

import io

from PIL import Image

from lms.content.check_links import HEAVY_PICTURE
from lms.content.media import MediaRefused, clean_picture

LOGO_SIZE = 240
"""Printed 30 mm wide at 200 dots an inch, shown 72 pixels wide."""
_STEPS = ((1600, 80), (1600, 65), (1200, 65), (1000, 60), (800, 55))
"""(widest, quality) in the order tried."""


def lighter(content: bytes) -> bytes:
    """The same kind of picture, at most 1600 pixels wide and below HEAVY_PICTURE where possible; `content` itself when it moves,
    is broken or cannot be made smaller."""
    try:
        best, suffix, _, _ = clean_picture(content)
    except MediaRefused:
        return content
    for widest, quality in _STEPS:
        if len(best) <= HEAVY_PICTURE or suffix == ".gif":
            break
        made = _encoded(best, suffix, widest, quality)
        best = made if len(made) < len(best) else best
    return best if len(best) < len(content) else content


def as_mark(content: bytes) -> bytes:
    """A picture as the mark of an agency: PNG, LOGO_SIZE pixels square on white, so that it stands on light and dark alike."""
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGBA")
    picture.thumbnail((LOGO_SIZE - 16, LOGO_SIZE - 16), Image.Resampling.LANCZOS)
    tile = Image.new("RGBA", (LOGO_SIZE, LOGO_SIZE), "white")
    tile.alpha_composite(picture, ((LOGO_SIZE - picture.width) // 2, (LOGO_SIZE - picture.height) // 2))
    stream = io.BytesIO()
    tile.convert("RGB").quantize(128).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _encoded(content: bytes, suffix: str, widest: int, quality: int) -> bytes:
    with Image.open(io.BytesIO(content)) as opened:
        if getattr(opened, "n_frames", 1) > 1:
            return content
        picture: Image.Image = opened.convert("RGBA" if opened.mode in ("RGBA", "LA", "P", "PA") else "RGB")
    picture.thumbnail((widest, widest * 4), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    if suffix == ".png":
        picture.quantize(256).save(stream, "PNG", optimize=True)
    elif suffix == ".webp":
        picture.save(stream, "WEBP", quality=quality)
    else:
        picture.convert("RGB").save(stream, "JPEG", quality=quality, optimize=True, progressive=True)
    return stream.getvalue()
