"""A real server process, started as `lms serve` starts it, that can be killed and started again on the same port and data."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from config import ROOT

PATIENCE_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class ServerProcess:
    """One web worker on a free loopback port. `kill` is a cut line: nothing is finished, nothing is said."""

    def __init__(self, data_dir: Path):
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0

    def start(self) -> None:
        environment = os.environ | {"BASE_URL": self.url, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        environment.pop("DATABASE_URL", None)
        options = ["--data", str(self.data_dir), "--port", str(self.port), "--workers", "1", "--tanpa-jobs"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lms.cli", "serve", *options],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError(f"The server did not come up:\n{self.log.read_text(errors='replace')[-4000:]}")

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def problems(self) -> str:
        """What the server logged since this was last asked, if a traceback is in it."""
        text = self.log.read_text(errors="replace")
        news, self._read = text[self._read :], len(text)
        return news if "Traceback" in news else ""
