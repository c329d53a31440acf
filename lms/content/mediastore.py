"""Files by their hash below DATA: `media` of published courses, `uploads` handed in by learners, `sources` of editions, `impor`
of staff files that wait.

Each is written once, whole or not at all, and never changes. No database.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from pathlib import Path

from lms.content.types import MediaFile
from lms.errors import Refused
from lms.shared.files import DRAFT, write_whole

MEDIA, UPLOADS, SOURCES, IMPORTS = "media", "uploads", "sources", "impor"
_ENDINGS = {SOURCES: ".zip"}
_HASH = re.compile(r"[0-9a-f]{64}")


def path_of(data_dir: Path, sha256: str, folder: str = MEDIA) -> Path:
    """Where the file with this hash lies. Refused for anything that is not a hash, so that no address can climb out."""
    if not _HASH.fullmatch(sha256):
        raise Refused("Alamat berkas tidak sah.")
    return data_dir / folder / (sha256 + _ENDINGS.get(folder, ""))


def keep(content: bytes, data_dir: Path, folder: str) -> str:
    """Store one file unless it is there; returns its hash. Raises Refused when the disk does not take it.

    Call it before the transaction that names the hash: disks are slow, the gate is narrow.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    _put(path_of(data_dir, sha256, folder), content, "Tidak ada yang disimpan; kosongkan ruang disk, lalu coba lagi.")
    return sha256


def opener(data_dir: Path) -> Callable[[str], bytes | None]:
    """Gives the bytes of a file handed in by its hash; None when it is gone."""

    def content_of(sha256: str) -> bytes | None:
        path = path_of(data_dir, sha256, UPLOADS)
        return path.read_bytes() if path.is_file() else None

    return content_of


def store(files: Iterable[MediaFile], data_dir: Path) -> int:
    """Write the media that are not there yet; returns how many were. Call it before the transaction that names them."""
    written = 0
    for file in files:
        if hashlib.sha256(file.content).hexdigest() != file.sha256:
            raise Refused(
                f"Isi berkas {file.name} tidak cocok dengan sidik jarinya. Tidak ada yang diterbitkan; coba terbitkan lagi."
            )
        written += _put(
            path_of(data_dir, file.sha256),
            file.content,
            "Tidak ada yang diterbitkan dan edisi lama tetap berlaku; kosongkan ruang disk, lalu terbitkan lagi.",
        )
    return written


def clear(data_dir: Path, *, keep: Collection[str], before: datetime, folder: str = MEDIA) -> int:
    """Remove files whose hash is not in `keep` and that were last written or asked for before that moment; returns how many.

    Drafts of killed writers go too. Anything that does not look like ours is left where it is.
    """
    removed = 0
    place = data_dir / folder
    for path in sorted(place.iterdir()) if place.is_dir() else []:
        sha256 = path.name.removesuffix(_ENDINGS.get(folder, ""))
        if sha256 in keep or not (_HASH.fullmatch(sha256) or path.name.startswith(DRAFT)):
            continue
        with contextlib.suppress(OSError):  # gone already: another worker was quicker
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                path.unlink()
                removed += 1
    return removed


def _put(target: Path, content: bytes, comfort: str) -> bool:
    """Whether it had to be written. One that is there becomes fresh, so that `clear` leaves it until the row that names it commits."""
    try:
        if target.exists() and target.stat().st_size == len(content):
            os.utime(target)
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, content)
    except OSError as problem:
        raise Refused(f"Berkas tidak dapat ditulis ke {target.parent} ({problem.strerror}). {comfort}") from problem
    return True
