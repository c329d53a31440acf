"""Rendering in a child process that can be killed: 2 s of CPU and 10 s of wall clock a file, 512 MiB of memory.

Python-Markdown takes 7 s for 5 KB of `[` and recurses without end on `*`; a publisher must get a message, not a dead server.
This is the parent's side and loads neither Markdown nor nh3; child.py is the other side.
"""

import atexit
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

WALL_SECONDS = 10.0
MOST_KEPT = 500
"""Files whose HTML a cache holds; who types for an hour leaves a thousand versions of one."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of Markdown. `mode`: page (anchors and footnotes), block (no ids), inline (block, a single paragraph unwrapped)."""

    text: str
    mode: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """`html` has one entry a fragment; `failure` is "" or why nothing came: `time`, `memory`, `depth`, `error`."""

    html: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str = ""


class Worker:
    """The parent's side. One child serves many files; it is replaced when a file was too much for it. Use as a context manager.

    `cache` keeps what was rendered by the hash of its Markdown and settings, so that a preview renders the changed file only.
    """

    def __init__(self, glossary: dict[str, str] | None = None, math: bool = False, cache: dict[str, Rendered] | None = None):
        self.settings = {"glossary": glossary or {}, "math": math}
        self.cache = {} if cache is None else cache
        self.child: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def render(self, fragments: list[Fragment]) -> Rendered:
        """All fragments of one file, within the limits of one file. Never raises for what is in them."""
        if not fragments:
            return Rendered()
        request = json.dumps({"fragments": [[fragment.text, fragment.mode] for fragment in fragments]})
        key = hashlib.sha256(f"{json.dumps(self.settings)}\n{request}".encode()).hexdigest()
        if key not in self.cache:
            rendered = self._ask(request)
            if rendered.failure:
                return rendered  # perhaps only this once: the machine may have been busy
            self.cache[key] = rendered
            if len(self.cache) > MOST_KEPT:
                del self.cache[next(iter(self.cache))]
        return self.cache[key]

    def _ask(self, request: str) -> Rendered:
        child = self._started()
        assert child.stdin is not None and child.stdout is not None
        timer = threading.Timer(WALL_SECONDS, child.kill)
        timer.start()
        try:
            child.stdin.write(request.encode("ascii") + b"\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except OSError:
            line = b""
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            self.close()
            return Rendered(failure="time")
        answer = json.loads(line)
        if answer["failure"]:
            self.close()  # a child that ran out of memory or stack is not trusted with the next file
            return Rendered(failure=answer["failure"])
        return Rendered(html=tuple(answer["html"]), notes=tuple(answer["notes"]))

    def close(self) -> None:
        atexit.unregister(self.close)
        child, self.child = self.child, None
        if child is None:
            return
        child.kill()
        for stream in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        child.wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self.child is not None and self.child.poll() is None:
            return self.child
        self.close()
        atexit.register(self.close)
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        self.child = subprocess.Popen(
            [sys.executable, "-m", "lms.content.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
        )
        assert self.child.stdin is not None
        self.child.stdin.write(json.dumps(self.settings).encode("ascii") + b"\n")
        self.child.stdin.flush()
        return self.child
