"""CPU of a lesson page as `lms serve` starts it, against two baselines under gunicorn gthread 2 × 8, in one run."""

import http.cookiejar
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from tests.bench.processes import ROOT, cpu_per_request, free_port, resident_megabytes, server

REQUESTS = 600
PYTHON = sys.executable


def signed_in_cookie(base: str, identifier: str, password: str) -> str:
    """The Cookie header of a signed-in browser that has the style sheet already."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/masuk").read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    data = urllib.parse.urlencode({"csrf_token": token, "identifier": identifier, "password": password}).encode()
    opener.open(f"{base}/masuk", data)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def make_demo(folder: Path) -> dict[str, str]:
    """The learner's account of a fresh demo agency."""
    made = subprocess.run(
        [PYTHON, "-m", "lms.cli", "demo", "--data", str(folder), "--json"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return next(account for account in json.loads(made.stdout)["accounts"] if account["role"] == "learner")


def a_lesson(base: str, cookie: str) -> str:
    """The path of the first lesson in the catalogue's first course."""

    def get(path: str) -> str:
        return urllib.request.urlopen(urllib.request.Request(base + path, headers={"Cookie": cookie})).read().decode()

    course = re.search(r'href="(/pelatihan/[a-z0-9-]+)"', get("/pelatihan"))[1]
    return next(
        path
        for path in re.findall(rf'href="({course}/[^"]+)"', get(course))
        if "/kuis/" not in path and "/sertifikat" not in path
    )


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "demo"
        learner = make_demo(data)
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        with server(
            [PYTHON, "-m", "lms.cli", "serve", "--data", str(data), "--port", str(port), "--tanpa-jobs"], port
        ) as process:
            cookie = signed_in_cookie(base, learner["identifier"], learner["password"])
            path = a_lesson(base, cookie)
            ours, size = cpu_per_request(process.pid, port, path, {"Cookie": cookie, "Accept-Encoding": "identity"}, REQUESTS)
            gzipped, wire = cpu_per_request(process.pid, port, path, {"Cookie": cookie, "Accept-Encoding": "gzip"}, REQUESTS)
            memory = resident_megabytes(process.pid)[:2]
        bare = _baseline("bare", size, folder)
        conventional = _baseline("conventional", size, folder)
    return {
        "lesson_cpu_ms": round(ours, 3),
        "lesson_gzip_cpu_ms": round(gzipped, 3),
        "lesson_bytes": size,
        "lesson_gzip_bytes": wire,
        "bare_cpu_ms": round(bare, 3),
        "conventional_cpu_ms": round(conventional, 3),
        "lesson_to_bare": round(ours / bare, 2),
        "lesson_to_conventional": round(ours / conventional, 2),
        "resident_mb_per_worker": [round(each) for each in memory],
    }


def _baseline(name: str, size: int, folder: str) -> float:
    environment = {"BENCH_BYTES": str(size), "BENCH_DATABASE": f"{folder}/{name}.sqlite3"}
    if name == "conventional":
        subprocess.run(
            [PYTHON, "-m", "tests.bench.baselines.conventional"], cwd=ROOT, check=True, env={**os.environ, **environment}
        )
    port = free_port()
    command = [
        PYTHON,
        "-m",
        "gunicorn",
        "-k",
        "gthread",
        "-w",
        "2",
        "--threads",
        "8",
        "-b",
        f"127.0.0.1:{port}",
        f"tests.bench.baselines.{name}:app",
    ]
    with server(command, port, environment) as process:
        cookie = ""
        if name == "conventional":
            answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/masuk")
            cookie = answer.headers["Set-Cookie"].split(";")[0]
        return cpu_per_request(process.pid, port, "/", {"Cookie": cookie}, REQUESTS)[0]


if __name__ == "__main__":
    print(json.dumps(measure()))
