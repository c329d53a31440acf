"""Files written so that a crash at any moment leaves the old one or the new one, whole."""

import contextlib
import os
import secrets
from pathlib import Path

DRAFT = ".lms-"
"""How drafts of killed writers begin: hidden, so nobody reads them as a course."""


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` in place of the file at `path` (its folder must exist), keeping its permissions. Raises OSError, the old file intact."""
    draft = path.with_name(f"{DRAFT}{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(OSError):
            draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames within `folder` survive a power cut; not every system can sync a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
