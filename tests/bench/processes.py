"""Starting servers, loading them from threads, and reading the CPU time their process trees have used."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server(command: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A server in a process group of its own, ready to answer on the port; ended with its children."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(400):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"no answer on port {port}: {command}")
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def cpu_seconds(group: int) -> float:
    """User and system time of all living processes of a group."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) == group:
                total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_megabytes(group: int) -> list[float]:
    """Resident memory of each process of a group, largest first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) == group:
                found.append(int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6)
    return sorted(found, reverse=True)


def load(port: int, path: str, headers: dict[str, str], requests: int, threads: int = 4) -> int:
    """Send GETs over kept-alive connections; returns the bytes of one body. Any status but 200 is an error."""
    sizes: list[int] = []
    problems: list[str] = []

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(requests // threads):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                problems.append(f"{response.status} {response.getheader('Location')}")
                return
            sizes.append(len(body))

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if problems:
        raise RuntimeError(f"{path}: {problems[0]}")
    return sizes[-1]


def cpu_per_request(group: int, port: int, path: str, headers: dict[str, str], requests: int = 600) -> tuple[float, int]:
    """(milliseconds of CPU a request, bytes of a body), after a warm-up."""
    load(port, path, headers, 80)
    before = cpu_seconds(group)
    size = load(port, path, headers, requests)
    return (cpu_seconds(group) - before) * 1000 / requests, size
