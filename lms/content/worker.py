"""Rendering in a child process that can be killed: 2 s of CPU and 10 s of wall clock a file, 512 MiB of memory.

Python-Markdown takes 7 s for 5 KB of `[` and recurses without end on `*`; a publisher must get a message, not a dead server.
Run as `python -m lms.content.worker` the module is the child: one JSON line in, one JSON line out.
"""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms.content.render import Fragment, Renderer

try:
    import resource
except ImportError:  # Windows has no resource limits; the wall clock still holds there
    resource = None  # type: ignore[assignment]

CPU_SECONDS = 2.0
WALL_SECONDS = 10.0
MEMORY_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rendered:
    """`html` has one entry a fragment; `failure` is "" or why nothing came: `time`, `memory`, `depth`, `error`."""

    html: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failure: str = ""


class Worker:
    """The parent's side. One child serves many files; it is replaced when a file was too much for it. Use as a context manager."""

    def __init__(self, glossary: dict[str, str] | None = None, math: bool = False):
        self.settings = {"glossary": glossary or {}, "math": math}
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
        child = self._started()
        assert child.stdin is not None and child.stdout is not None
        request = json.dumps({"fragments": [[fragment.text, fragment.mode] for fragment in fragments]})
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
            [sys.executable, "-m", "lms.content.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        assert self.child.stdin is not None
        self.child.stdin.write(json.dumps(self.settings).encode("ascii") + b"\n")
        self.child.stdin.flush()
        return self.child


def serve() -> None:
    """The child: settings first, then one request a line until the parent goes away."""
    _limit_memory()
    settings = json.loads(sys.stdin.buffer.readline() or b"{}")
    renderer = Renderer(settings.get("glossary"), bool(settings.get("math")))
    for line in sys.stdin.buffer:
        _start_clock(CPU_SECONDS)
        answer = _answer(renderer, line)
        _start_clock(0)
        sys.stdout.buffer.write(json.dumps(answer).encode("ascii") + b"\n")
        sys.stdout.buffer.flush()


def _answer(renderer: Renderer, line: bytes) -> dict[str, Any]:
    renderer.notes = []
    try:
        made = [renderer.render(Fragment(text, mode)) for text, mode in json.loads(line)["fragments"]]
    except RecursionError:
        return {"failure": "depth"}
    except MemoryError:
        return {"failure": "memory"}
    except Exception:  # an author's file found a bug in a library: a message for the author, whatever it was
        return {"failure": "error"}
    return {"failure": "", "html": made, "notes": renderer.notes}


def _start_clock(seconds: float) -> None:
    """SIGPROF kills the process when it has used `seconds` of CPU; 0 stops the clock."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory() -> None:
    if resource is not None:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    serve()
