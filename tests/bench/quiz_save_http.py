"""Answers saved over HTTP: sixteen learners against `lms serve` on SQLite. Prints JSON."""

import http.client
import json
import re
import sys
import tempfile
import threading
import time
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.progress import actions as progress
from lms.quizzes.models import AnswerRow
from lms.store.engine import make_engine, sqlite_url, write_tx
from lms.store.migrate import upgrade
from tests.bench.lesson_page import signed_in_cookie
from tests.bench.processes import free_port, server
from tests.factories.content import publish_sample
from tests.factories.people import PASSWORD, make_person, make_unit
from tests.factories.quizzes import QUIZ

LEARNERS = 16
SECONDS = 6.0


def arrange(folder: Path) -> list[tuple[str, str]]:
    """(identifier, attempt token) of learners who have just started the quiz."""
    (folder / "demo.json").write_text('{"accounts": []}')
    now = datetime.now(UTC)
    engine = make_engine(sqlite_url(folder))
    upgrade(engine)
    with Session(engine, expire_on_commit=False) as session:
        published = publish_sample(session, folder, now)
        with write_tx(session):
            unit = make_unit(session)
            people = [
                make_person(session, unit=unit, identifier=f"peserta{number}", password=PASSWORD).id for number in range(LEARNERS)
            ]
        started = []
        for number, person_id in enumerate(people):
            with write_tx(session):
                progress.enrol(session, person_id=person_id, published=published, now=now)
                token = progress.start_quiz(session, person_id=person_id, published=published, quiz_key=QUIZ, now=now)
            started.append((f"peserta{number}", token))
    engine.dispose()
    return started


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = arrange(folder)
        port = free_port()
        waits: list[float] = []
        problems: list[str] = []
        highest: dict[str, int] = {}

        def run(identifier: str, token: str) -> None:
            cookie = signed_in_cookie(f"http://127.0.0.1:{port}", identifier, PASSWORD)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            path = f"/percobaan/{token}/soal/1"
            connection.request("GET", path, headers={"Cookie": cookie})
            csrf = re.search(r'name="csrf_token" value="([^"]+)"', connection.getresponse().read().decode())[1]
            ready.wait()
            headers = {"Cookie": cookie, "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
            end = time.monotonic() + SECONDS
            sequence = 0
            while time.monotonic() < end:
                sequence += 1
                body = urllib.parse.urlencode({"csrf_token": csrf, "t": f"{sequence}", "a": "x", "sequence": sequence})
                begun = time.monotonic()
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                content = response.read()
                if response.status == 200:
                    waits.append(time.monotonic() - begun)
                    highest[token] = json.loads(content)["sequence"]
                else:
                    problems.append(f"{response.status} {content[:80]!r}")

        ready = threading.Barrier(LEARNERS)
        command = [sys.executable, "-m", "lms.cli", "serve", "--data", name, "--port", str(port), "--tanpa-jobs"]
        with server(command, port):
            threads = [threading.Thread(target=run, args=pair) for pair in started]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        engine = make_engine(sqlite_url(folder))
        with Session(engine) as session:
            kept = sorted(session.scalars(select(AnswerRow.sequence).order_by(AnswerRow.attempt_id)))
            lost = sum(1 for stored, acknowledged in zip(kept, sorted(highest.values()), strict=False) if stored < acknowledged)
            lost += len(highest) - (session.scalar(select(func.count()).select_from(AnswerRow)) or 0)
        engine.dispose()
    waits.sort()
    return {
        "http_saves_per_second": round(len(waits) / SECONDS),
        "http_p99_ms": round(waits[int(len(waits) * 0.99) - 1] * 1000) if waits else None,
        "http_errors": len(problems),
        "http_lost": lost,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
