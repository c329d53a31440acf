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


def kept_key(path: Path) -> str:
    """A random key of this installation, made on first use with mode 0600; of two processes that make it at once one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{DRAFT}{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all: nobody ever reads half a key
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def append_line(path: Path, line: str) -> None:
    """Add a line at the end of a log that only grows (mode 0600). One write, so lines of several processes never mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode("utf-8", "replace"))
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames within `folder` survive a power cut; not every system can sync a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
