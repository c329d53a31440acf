"""How many answers a second this machine keeps for good: 2 processes of 8 threads through `save_answer`, on SQLite or PostgreSQL.

Run: `python -m tests.bench.quiz_save [--seconds 8] [--url postgresql://…]`. Prints JSON alone: saves_per_second, p99_ms, errors,
lost (acknowledged answers that are not in the database afterwards).
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.people.models import Person
from lms.quizzes import actions
from lms.quizzes.models import AnswerRow, Attempt
from lms.store.engine import make_engine, sqlite_url, write_tx
from lms.store.migrate import upgrade
from tests.factories.content import publish_sample
from tests.factories.quizzes import QUIZ

PROCESSES, THREADS = 2, 8
POSITIONS = 4

Acknowledged = dict[tuple[str, int], int]
"""(attempt token, position) to the last acknowledged sequence."""


def arrange(url: str, data_dir: Path) -> list[tuple[int, str]]:
    """A published course and one open attempt a thread: (person id, attempt token)."""
    engine = make_engine(url)
    upgrade(engine)
    found = []
    now = datetime.now(UTC)
    with Session(engine, expire_on_commit=False) as session:
        published = publish_sample(session, data_dir, now)
        for number in range(PROCESSES * THREADS):
            with write_tx(session):
                person = Person(name=f"Peserta {number + 1}")
                session.add(person)
                session.flush()
                token = actions.start(session, person_id=person.id, published=published, quiz_key=QUIZ, now=now)
                found.append((person.id, token))
    engine.dispose()
    return found


def save_for(url: str, learners: Sequence[tuple[int, str]], seconds: float, results: Any) -> None:
    """One process: a thread for each learner saves as fast as it can."""
    engine = make_engine(url)
    waits: list[float] = []
    errors: list[str] = []
    acknowledged: Acknowledged = {}
    end = time.monotonic() + seconds

    def learn(person_id: int, token: str) -> None:
        sequence = 0
        with Session(engine) as session:
            while time.monotonic() < end:
                sequence += 1
                position = sequence % POSITIONS + 1
                started = time.perf_counter()
                try:
                    with write_tx(session):
                        actions.save_answer(
                            session, person_id=person_id, token=token, position=position,
                            answer={"text": f"jawaban {sequence}"}, sequence=sequence, now=datetime.now(UTC),
                        )  # fmt: skip
                except Exception as problem:
                    errors.append(f"{type(problem).__name__}: {problem}")
                    continue
                waits.append(time.perf_counter() - started)
                acknowledged[token, position] = sequence

    threads = [threading.Thread(target=learn, args=learner) for learner in learners]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    results.put((waits, errors, list(acknowledged.items())))
    engine.dispose()


def lost_answers(url: str, acknowledged: Acknowledged) -> int:
    """Acknowledged saves that the database does not hold in that or a later form."""
    engine = make_engine(url)
    with Session(engine) as session:
        wanted = select(Attempt.token, AnswerRow.position, AnswerRow.sequence).join(AnswerRow, AnswerRow.attempt_id == Attempt.id)
        stored = {
            (row.token, row.position): row.sequence for row in session.execute(wanted.order_by(Attempt.id, AnswerRow.position))
        }
    engine.dispose()
    return sum(1 for key, sequence in acknowledged.items() if stored.get(key, 0) < sequence)


def measure(url: str, data_dir: Path, seconds: float) -> dict[str, float | int]:
    learners = arrange(url, data_dir)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    shares = [learners[number::PROCESSES] for number in range(PROCESSES)]
    workers = [context.Process(target=save_for, args=(url, share, seconds, results)) for share in shares]
    [worker.start() for worker in workers]
    gathered = [results.get() for _ in workers]
    [worker.join() for worker in workers]
    waits = sorted(wait for part, _, _ in gathered for wait in part)
    acknowledged: Acknowledged = {key: sequence for _, _, part in gathered for key, sequence in part}
    return {
        "saves_per_second": round(len(waits) / seconds, 1),
        "p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 1) if waits else 0.0,
        "errors": sum(len(errors) for _, errors, _ in gathered),
        "lost": lost_answers(url, acknowledged),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.quiz_save", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="how long to save")
    parser.add_argument("--url", default="", help="an empty database; by default a SQLite file of its own")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pelita-bench-") as folder:
        print(json.dumps(measure(chosen.url or sqlite_url(Path(folder)), Path(folder), chosen.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
