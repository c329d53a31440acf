"""Course folders on disk: which names are let in, one writer at a time, several renames as one, and nothing lost.

Beside the courses lies one hidden folder:
  .terhapus/<key>/kunci          held while somebody changes that course
  .terhapus/<key>/perubahan/     a change that has begun; whoever opens the course next finishes it
  .terhapus/<key>/<token>/       what was deleted or replaced, and <token>.json that says where it was
"""

import contextlib
import functools
import json
import logging
import os
import shutil
import stat
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lms.authoring.types import Removed
from lms.errors import Busy, NotFound
from lms.shared.files import sync_folder, write_whole

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HIDDEN = ".terhapus"
WAIT = 10.0
"""Seconds for which a change waits for the one before it."""
_LOCK, CHANGE = "kunci", "perubahan"
_logger = logging.getLogger(__name__)
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
_saying = threading.Lock()


def is_visible(name: str) -> bool:
    """Whether a file or folder of this name belongs to a course: hidden ones, drafts (`_x`) and odd names do not."""
    is_plain = name.isprintable() and not set(name) & set('/\\:*?"<>|')
    return bool(name) and is_plain and not name.startswith((".", "_")) and len(name.encode()) <= 200


def inside(root: Path, path: str) -> Path:
    """The place of a relative path below `root`, existing or not. NotFound for anything hidden, climbing out or behind a link."""
    here = root
    for part in path.split("/"):
        here = here / part
        if not is_visible(part) or here.is_symlink():
            raise NotFound(f"Berkas {printable(path)} tidak ada di pelatihan ini. Kembali ke daftar isinya.")
    return here


def printable(name: str) -> str:
    """A name that came from outside, for a sentence."""
    return "".join(character if character.isprintable() else "?" for character in name)[:120]


def files_of(folder: Path, *, with_drafts: bool = False) -> Iterator[tuple[str, os.stat_result]]:
    """(relative path, stat) of every visible file, on request with those that begin with `_`; links are not followed."""

    def wanted(name: str) -> bool:
        return is_visible(name.lstrip("_") if with_drafts else name)

    for place, names, files in os.walk(folder):
        here = Path(place)
        names[:] = sorted(name for name in names if wanted(name) and not (here / name).is_symlink())
        for name in sorted(files):
            if wanted(name):
                with contextlib.suppress(OSError):  # gone meanwhile
                    found = (here / name).lstat()
                    if stat.S_ISREG(found.st_mode):
                        yield (here / name).relative_to(folder).as_posix(), found


def hidden(root: Path, key: str) -> Path:
    """The hidden folder of one course, made on first use and ignored by git."""
    folder = root / HIDDEN / key
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        ignore = root / HIDDEN / ".gitignore"
        if not ignore.exists():
            write_whole(ignore, b"*\n")
    return folder


@contextlib.contextmanager
def locked(root: Path, key: str, wait: float = WAIT) -> Iterator[None]:
    """Hold the course alone, across threads and processes; a change that a killed process began is finished first.

    Raises Busy after `wait` seconds. Where the system has no file locks (Windows), only threads of this process take turns, and
    the log says so: run one worker there.
    """
    folder = hidden(root, key)
    with _held(folder / _LOCK, time.monotonic() + wait):
        finish(root, key)
        yield


@contextlib.contextmanager
def _held(path: Path, until: float) -> Iterator[None]:
    if fcntl is None:
        with _saying:  # a cache alone lets two threads in
            _say_once()
        lock = _locks[str(path)]
        if not lock.acquire(timeout=max(0.0, until - time.monotonic())):
            raise _busy()
        try:
            yield
        finally:
            lock.release()
        return
    with path.open("ab") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as problem:
                if time.monotonic() >= until:
                    raise _busy() from problem
                time.sleep(0.02)
        yield


@functools.cache
def _say_once() -> None:
    _logger.warning("This system has no file locks: only threads of one process take turns on a course. Run one worker.")


def _busy() -> Busy:
    return Busy("Pelatihan ini sedang diubah orang lain. Tidak ada yang hilang; tunggu sebentar, lalu coba lagi.")


def unfinished(root: Path) -> list[str]:
    """Keys of courses in which a change was begun and not finished."""
    return sorted(path.parent.name for path in root.glob(f"{HIDDEN}/*/{CHANGE}"))


def change(root: Path, key: str, renames: Sequence[tuple[str, str]], writes: Mapping[str, bytes] | None = None) -> None:
    """Do all renames and writes, or, when killed before they are written down, none. Call it inside `locked`.

    Paths are relative to `root`. Everything that is renamed exists; no new name is taken by anything that stays. Writes happen
    after the renames, under the new names.
    """
    folder = hidden(root, key)
    draft = folder / f"{CHANGE}.siap"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    targets = list(writes or {})
    for number, target in enumerate(targets):
        write_whole(draft / f"isi-{number}", (writes or {})[target])
    plan = {"renames": _in_order(renames, f"{HIDDEN}/{key}/{CHANGE}/sela-"), "writes": targets}
    write_whole(draft / "rencana.json", json.dumps(plan).encode())
    draft.rename(folder / CHANGE)  # from here on it will be done
    sync_folder(folder)
    finish(root, key)


def _in_order(renames: Sequence[tuple[str, str]], aside: str) -> list[tuple[str, str]]:
    """The renames so that each new name is free when its turn comes; circles go through a name `aside`."""
    pending = {old: new for old, new in renames if old != new}
    steps: list[tuple[str, str]] = []
    while pending:
        free = [old for old, new in pending.items() if new not in pending]
        for old in free:
            steps.append((old, pending.pop(old)))
        if not free:
            old = next(iter(pending))
            steps.append((old, f"{aside}{len(steps)}"))
            pending[steps[-1][1]] = pending.pop(old)
    return steps


def finish(root: Path, key: str) -> None:
    """Go on with a change where it stopped; nothing to do is the usual case. Call it inside `locked`."""
    folder = root / HIDDEN / key / CHANGE
    for rest in (folder.with_name(f"{CHANGE}.siap"), folder.with_name(f"{CHANGE}.selesai")):
        if rest.exists():
            shutil.rmtree(rest, ignore_errors=True)
    if not folder.is_dir():
        return
    plan = json.loads((folder / "rencana.json").read_bytes())
    for number, (old, new) in enumerate(plan["renames"]):
        done = folder / f"langkah-{number}"
        if not done.exists():
            if (root / old).exists() and not (root / new).exists():
                (root / new).parent.mkdir(parents=True, exist_ok=True)
                (root / old).rename(root / new)
                sync_folder((root / new).parent)
            done.touch()
    for number, target in enumerate(plan["writes"]):
        staged = folder / f"isi-{number}"
        if staged.exists():
            with contextlib.suppress(OSError):
                staged.chmod((root / target).stat().st_mode & 0o777)
            staged.replace(root / target)
            sync_folder((root / target).parent)
    folder.rename(folder.with_name(f"{CHANGE}.selesai"))
    shutil.rmtree(folder.with_name(f"{CHANGE}.selesai"), ignore_errors=True)


def new_token() -> str:
    """Sorts by time; two in one microsecond would collide, which the lock excludes."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")


def put_aside(root: Path, key: str, path: str, reason: str) -> str:
    """Move a file, folder or ("") the whole course out of the way; the token that brings it back. Call it inside `locked`."""
    old, new, token = aside(root, key, path, reason)
    target = root / new
    target.parent.mkdir()
    (root / old).rename(target)
    sync_folder(target.parent)
    return token


def aside(root: Path, key: str, path: str, reason: str) -> tuple[str, str, str]:
    """Write down that `path` is about to leave; (old, new) relative to `root`, for a rename, and the token."""
    folder, token = hidden(root, key), new_token()
    note = {"path": path, "reason": reason, "at": datetime.now(UTC).isoformat()}
    write_whole(folder / f"{token}.json", json.dumps(note).encode())
    old = f"{key}/{path}" if path else key
    return old, f"{HIDDEN}/{key}/{token}/{old.rsplit('/', 1)[-1]}", token


def replacing(root: Path, key: str, new: str) -> tuple[list[tuple[str, str]], str]:
    """The renames that put the folder `new` (relative to `root`) in the place of the course, and the token that takes it back.
    A `.git` and other hidden things at its top stay where they are."""
    stays = [(f"{key}/{path.name}", f"{new}/{path.name}") for path in sorted((root / key).glob(".*"))]
    old, kept, token = aside(root, key, "", "diganti")
    return [*stays, (old, kept), (new, key)], token


def removed(root: Path, key: str) -> list[Removed]:
    """What can be brought back, newest first."""
    found = []
    for note in sorted((root / HIDDEN / key).glob("*Z.json"), reverse=True):
        if not any((note.with_suffix("")).glob("*")):
            continue  # announced, but killed before it went; or back already
        with contextlib.suppress(OSError, ValueError, KeyError):
            said = json.loads(note.read_bytes())
            at = datetime.fromisoformat(said["at"])
            found.append(Removed(note.stem, str(said["path"]), str(said["reason"]), at))
    return found


def removed_place(root: Path, key: str, token: str) -> tuple[Removed, Path]:
    """The record and where its content lies. NotFound when it is not there any more."""
    record = next((each for each in removed(root, key) if each.token == token), None)
    if record is None:
        raise NotFound("Yang dihapus itu tidak ada lagi di simpanan. Mungkin sudah dikembalikan; lihat daftar isinya.")
    return record, next((root / HIDDEN / key / token).glob("*"))


def forget(root: Path, key: str, token: str) -> None:
    """Its content is back: drop the record."""
    folder = root / HIDDEN / key
    with contextlib.suppress(OSError):
        (folder / token).rmdir()
        (folder / f"{token}.json").unlink()
