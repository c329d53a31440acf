"""`lms pratinjau`: course folders as pages on this computer, which follow every save."""

import argparse
import importlib
import itertools
import signal
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import quote

from lms.authoring.preview import CoursePreview
from lms.authoring.watch import Watch
from lms.cli.check import Target, find_targets
from lms.errors import Refused

EXAMPLE = """Contoh:
  lms pratinjau courses/pelayanan-publik-ramah
  lms pratinjau courses
  lms pratinjau courses/pelayanan-publik-ramah/bank/sikap-melayani.md --port 8080"""
PORT = 8001
PORTS_TRIED = 50
THREADS = 16
"""Each page in view keeps one waiting for news."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", default=["."], metavar="JALUR", help="folder pelatihan, folder berisi pelatihan, atau berkas .md"
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"bila terpakai, nomor bebas berikutnya (bawaan: {PORT})")


def run(arguments: argparse.Namespace) -> int:
    targets = [target for written in arguments.paths for target in find_targets(written)]
    if not targets:
        raise Refused(
            f"Tidak ada pelatihan di {', '.join(arguments.paths)}. Periksa jalurnya, atau mulai dengan lms baru kursus."
        )
    previews = open_previews(target.path for target in targets)
    watch = Watch(previews)
    server = _listen(importlib.import_module("lms.web.preview_app").create_preview_app(watch), arguments.port)

    def end(number: int, frame: FrameType | None) -> NoReturn:
        watch.release()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    watch.start()
    place = _first_page(targets[0], previews) if len(targets) == 1 else ""
    print(f"Pratinjau siap di http://127.0.0.1:{server.effective_port}{place} (Ctrl+C untuk berhenti).", flush=True)
    try:
        server.run()
    finally:
        watch.stop()
    print("Pratinjau berhenti.")
    return 0


def open_previews(paths: Iterable[Path]) -> dict[str, CoursePreview]:
    """One preview a folder, by the name it has in addresses."""
    previews: dict[str, CoursePreview] = {}
    for path in dict.fromkeys(path.resolve() for path in paths):
        first = CoursePreview(path).key
        names = itertools.chain([first], (f"{first}-{number}" for number in itertools.count(2)))
        key = next(name for name in names if name not in previews)
        previews[key] = CoursePreview(path, may_leave_folder=True, key=key)
    return previews


def _first_page(target: Target, previews: dict[str, CoursePreview]) -> str:
    """The page of the file that was asked for; of a whole course the list of its pages."""
    (preview,) = previews.values()
    file = target.only or (target.path.name if target.path.is_file() else "")
    if not file:
        return ""
    preview.refresh(datetime.now(UTC).date())
    return quote(preview.address_of(preview.item_of(file)))


def _listen(app: Any, first: int) -> Any:
    """A server on this computer alone, on the first free port from `first` on."""
    waitress = importlib.import_module("waitress")
    for port in range(first, first + PORTS_TRIED):
        try:
            server = waitress.create_server(
                app, host="127.0.0.1", port=port, threads=THREADS, channel_request_lookahead=1, ident="Pelita"
            )
        except OSError:
            continue
        if port != first:
            print(f"Port {first} sedang dipakai, jadi memakai {port}.", flush=True)
        return server
    raise Refused(f"Tidak ada port yang bebas dari {first} sampai {first + PORTS_TRIED - 1}. Pilih yang lain dengan --port.")
