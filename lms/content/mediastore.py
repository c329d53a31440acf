"""Media files on disk: DATA/media/<sha256>, written once, whole or not at all. No database."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from lms.content.types import MediaFile
from lms.errors import Refused


def path_of(data_dir: Path, sha256: str) -> Path:
    """Where the file with this hash lies. Refused for anything that is not a hash, so that no address can climb out."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise Refused("Alamat berkas media tidak sah.")
    return data_dir / "media" / sha256


def store(files: Iterable[MediaFile], data_dir: Path) -> int:
    """Write the files that are not there yet; returns how many were. Each is synced and renamed into place, so a crash
    leaves either no file or a whole one. Call it before the transaction that names them: disks are slow, the gate is narrow."""
    written = 0
    for file in files:
        target = path_of(data_dir, file.sha256)
        if target.exists() and target.stat().st_size == len(file.content):
            os.utime(target)  # fresh again, so that `clear` leaves it alone until the edition that names it commits
            continue
        if hashlib.sha256(file.content).hexdigest() != file.sha256:
            raise Refused(
                f"Isi berkas {file.name} tidak cocok dengan sidik jarinya. Tidak ada yang diterbitkan; coba terbitkan lagi."
            )
        _write(target, file.content)
        written += 1
    if written:
        _sync_folder(data_dir / "media")
    return written


def clear(data_dir: Path, *, keep: Collection[str], before: datetime) -> int:
    """Remove files that are not in `keep` (hashes) and were last written or asked for before that moment; returns how many.

    Drafts of killed writers go too. Anything that does not look like ours is left where it is.
    """
    removed = 0
    folder = data_dir / "media"
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        name = path.name[1:65] if path.name.startswith(".") else path.name
        is_ours = len(name) == 64 and set(name) <= set("0123456789abcdef")
        if not is_ours or path.name in keep:
            continue
        with contextlib.suppress(OSError):  # gone already: another worker was quicker
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                path.unlink()
                removed += 1
    return removed


def _write(target: Path, content: bytes) -> None:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    except OSError as problem:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise Refused(
            f"Berkas media tidak dapat ditulis ke {target.parent} ({problem.strerror}). "
            "Tidak ada yang diterbitkan dan edisi lama tetap berlaku; kosongkan ruang disk, lalu terbitkan lagi."
        ) from problem


def _sync_folder(folder: Path) -> None:
    """Make the renames themselves survive a power cut; not every system can sync a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
