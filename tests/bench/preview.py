"""How long an author waits: one of 100 lessons is saved, and the page that a browser asks for says the new words. Prints JSON."""

import http.client
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.check_speed import write_course
from tests.bench.processes import ROOT

SAVES = 30
LESSON = Path("05-modul-5", "06-materi-45.md")
PAGE = "/pelatihan/uji-kecepatan/modul-5/materi-45"


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        root = write_course(Path(folder))
        log = Path(folder, "log")
        words = [sys.executable, "-m", "lms.cli", "pratinjau", str(root), "--port", "8321"]
        started = time.perf_counter()
        with log.open("wb") as out:
            command = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=out)
        try:
            while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())):
                time.sleep(0.01)
            port = int(found[1])
            _get(port, PAGE)
            first = time.perf_counter() - started
            waits = sorted(_wait_for_save(port, root / LESSON, number) for number in range(SAVES))
        finally:
            command.send_signal(signal.SIGINT)
            command.wait(20)
    return {
        "first_page_ms": round(first * 1000),
        "p50_ms": round(statistics.median(waits) * 1000),
        "p95_ms": round(waits[int(len(waits) * 0.95)] * 1000),
    }


def _wait_for_save(port: int, lesson: Path, number: int) -> float:
    """Seconds from the save to the last byte of the new page, asking as the page's script does."""
    known = re.search(r'data-version="([^"]+)"', _get(port, PAGE))
    assert known
    time.sleep(0.05 + number % 7 * 0.03)  # saves come at any moment between two looks
    text = lesson.read_text(encoding="utf-8").partition("\n\nSimpanan")[0]
    started = time.perf_counter()
    lesson.write_text(f"{text}\n\nSimpanan ke-{number}.\n", encoding="utf-8")
    _get(port, f"/versi?kursus=uji-kecepatan&sejak={known[1]}")
    page = _get(port, PAGE)
    waited = time.perf_counter() - started
    if f"Simpanan ke-{number}." not in page:
        raise RuntimeError("the page came without the new words")
    return waited


def _get(port: int, path: str) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", path)
    text = line.getresponse().read().decode()
    line.close()
    return text


if __name__ == "__main__":
    print(json.dumps(measure()))
