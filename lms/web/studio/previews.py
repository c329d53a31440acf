"""The previews this process keeps open: each holds a child process that renders, so they are few and closed when idle."""

import atexit
import contextlib
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lms.authoring import archive
from lms.authoring.preview import CoursePreview, Draft, Stamps
from lms.content.types import Problem

MOST_OPEN = 3
IDLE_SECONDS = 600.0


@dataclass
class _Kept:
    preview: CoursePreview
    users: int = 0
    used_at: float = 0.0
    drafted: tuple[object, Draft] | None = None
    """The last unsaved text and what came of it: the editor asks for its findings and for its page."""


class Previews:
    """Lends previews of course folders. They let threads take turns themselves; here is only how many are open, and how long."""

    def __init__(self, most: int = MOST_OPEN, idle_seconds: float = IDLE_SECONDS):
        self._idle_seconds = idle_seconds
        self._most = most
        self._places = threading.BoundedSemaphore(most)
        self._guard = threading.Lock()
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()
        self._timer: threading.Timer | None = None

    @contextlib.contextmanager
    def of(self, folder: Path, key: str) -> Iterator[CoursePreview]:
        """The preview of that folder, up to date, opened when it is not. Waits while as many as may be open are all in use."""
        with self._places:
            kept, spare = self._take(folder, key)
            for old in spare:
                old.preview.close()
            try:
                kept.preview.refresh()
                yield kept.preview
            finally:
                self._give_back(kept)

    def draft(self, folder: Path, key: str, path: str, text: str) -> Draft:
        """What unsaved text of one file would give."""
        with self.of(folder, key) as preview:
            kept = self._kept[folder]
            asked = preview.version, path, text
            if kept.drafted is None or kept.drafted[0] != asked:
                kept.drafted = asked, preview.draft(path, text)
            return kept.drafted[1]

    def close(self) -> None:
        """Close all that nobody uses now."""
        self._close_idle(0.0)

    def count(self) -> int:
        """How many are open."""
        return len(self._kept)

    def _take(self, folder: Path, key: str) -> tuple[_Kept, list[_Kept]]:
        with self._guard:
            kept = self._kept.get(folder)
            if kept is None:
                kept = self._kept[folder] = _Kept(CoursePreview(folder, key=key))
            kept.users += 1
            self._kept.move_to_end(folder)
            spare = [place for place, old in self._kept.items() if not old.users][: max(0, len(self._kept) - self._most)]
            return kept, [self._kept.pop(place) for place in spare]

    def _give_back(self, kept: _Kept) -> None:
        with self._guard:
            kept.users -= 1
            kept.used_at = time.monotonic()
            if self._timer is None:
                self._wait()

    def _wait(self) -> None:
        self._timer = threading.Timer(self._idle_seconds, self._close_idle)
        self._timer.daemon = True
        self._timer.start()

    def _close_idle(self, idle_seconds: float | None = None) -> None:
        before = time.monotonic() - (self._idle_seconds if idle_seconds is None else idle_seconds)
        with self._guard:
            idle = [folder for folder, kept in self._kept.items() if not kept.users and kept.used_at <= before]
            closing = [self._kept.pop(folder) for folder in idle]
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            if self._kept:
                self._wait()
        for kept in closing:
            kept.preview.close()


@dataclass
class _Known:
    stamps: Stamps
    problems: list[Problem] | None = None
    digest: str = ""


class Known:
    """Two facts about many folders, for the list of courses: worked out anew only when a file of the folder has changed."""

    def __init__(self) -> None:
        self._found: dict[Path, _Known] = {}

    def problems(self, folder: Path, key: str) -> list[Problem]:
        """What the checker finds in it."""
        found = self._of(folder)
        if found.problems is None:
            with contextlib.closing(CoursePreview(folder, key=key)) as preview:
                preview.refresh()
                found.problems = preview.problems
        return found.problems

    def digest(self, folder: Path) -> str:
        """SHA-256 of the folder as it would be kept with an edition."""
        found = self._of(folder)
        found.digest = found.digest or hashlib.sha256(archive.pack(folder)).hexdigest()
        return found.digest

    def _of(self, folder: Path) -> _Known:
        stamps = CoursePreview(folder).stamps()
        if folder not in self._found or self._found[folder].stamps != stamps:
            self._found[folder] = _Known(stamps)
        return self._found[folder]


known = Known()
previews = Previews()
atexit.register(previews.close)
