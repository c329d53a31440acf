"""The child of worker.py: settings on the first line, then one JSON request a line and one JSON answer, within CPU and memory limits."""

import contextlib
import json
import signal
import sys
from typing import Any

from lms.content.render import Renderer
from lms.content.worker import Fragment

try:
    import resource
except ImportError:  # Windows has no resource limits; the parent's wall clock still holds there
    resource = None  # type: ignore[assignment]

CPU_SECONDS = 2.0
MEMORY_BYTES = 512 * 1024 * 1024


def serve() -> None:
    """The child: settings first, then one request a line until the parent goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which ends this process
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
