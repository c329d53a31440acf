"""Looks at course folders again and again and says when one has changed. By polling: it works on any file system, shares included."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from lms.authoring.preview import CoursePreview

INTERVAL_SECONDS = 0.15
SETTLING_SECONDS = 0.02
"""An editor that writes in place is given this long between its first byte and its last."""
MOST_SETTLING = 10
SHARE_OF_TIME = 10
"""A tree that takes long to look at is looked at less often: at most a tenth of the time goes there."""
GLANCE_SECONDS = 0.5


class Watch:
    """One thread that refreshes previews; any number of threads that wait for the next version of one."""

    def __init__(self, previews: Mapping[str, CoursePreview]):
        self.previews = previews
        self._news = threading.Condition()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pratinjau", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def release(self) -> None:
        """Lets everybody go who waits; nobody waits from now on."""
        self._is_over.set()
        with self._news:
            self._news.notify_all()

    def stop(self) -> None:
        """Ends the thread and the child processes."""
        self.release()
        self._thread.join(5)
        for preview in self.previews.values():
            preview.close()

    def wait(self, key: str, version: int, seconds: float, is_gone: Callable[[], bool] = lambda: False) -> int:
        """The version of a course as soon as it is not `version`, or after `seconds`, or when nobody waits any more."""
        preview, until = self.previews[key], time.monotonic() + seconds
        with self._news:
            while preview.version == version and time.monotonic() < until and not self._is_over.is_set() and not is_gone():
                self._news.wait(min(GLANCE_SECONDS, until - time.monotonic()))
        return preview.version

    def _run(self) -> None:
        while not self._is_over.is_set():
            started = time.monotonic()
            news = [preview for preview in self.previews.values() if self._look(preview)]
            pause = INTERVAL_SECONDS if news else max(INTERVAL_SECONDS, (time.monotonic() - started) * SHARE_OF_TIME)
            self._is_over.wait(pause)

    def _look(self, preview: CoursePreview) -> bool:
        try:
            if not preview.is_behind():
                return False
            self._settle(preview)
            preview.refresh(datetime.now(UTC).date())
        except Exception as error:  # whatever a file made go wrong, the next save must still be seen
            logging.getLogger(__name__).error(
                "%s tidak dapat dibaca (%r). Simpan lagi berkas yang terakhir diubah.", preview.folder, error
            )
        with self._news:
            self._news.notify_all()
        return True

    def _settle(self, preview: CoursePreview) -> None:
        seen = preview.stamps()
        for _ in range(MOST_SETTLING):
            self._is_over.wait(SETTLING_SECONDS)
            before, seen = seen, preview.stamps()
            if before == seen:
                return
