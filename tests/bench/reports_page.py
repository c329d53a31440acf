"""What the mayor's page and a whole export cost for agencies of 60, 1,000 and 20,000 people: SELECTs, CPU time and memory. Prints JSON.

    python -m tests.bench.reports_page [DATABASE_URL]

Each size has an agency of its own, in a SQLite file that is thrown away; with an address only the largest is measured, there.
"""

import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from lms.people.hierarchy import EVERYBODY
from lms.people.settings import AgencySettings
from lms.shared.spreadsheet import write_xlsx
from lms.store.engine import make_engine
from lms.store.migrate import upgrade
from lms.teams.report_frame import Asked, frame
from lms.teams.reports import report_kind
from tests.bench.team_page import NOW, fill

SIZES = (60, 1000, 20_000)
ROUNDS = 5


def measure(url: str, folder: Path, size: int) -> dict[str, Any]:
    engine = make_engine(url)
    upgrade(engine)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, sql, *rest: statements.append(sql))
    with Session(engine, expire_on_commit=False) as session:
        fill(session, folder, (size,))
        session.rollback()
        found = {
            key: _cost(lambda key=key: _build(session, key, 50), statements)
            for key in ("capaian-jp", "penyelesaian", "anggota", "ip-asn")
        }
        tracemalloc.start()
        started = time.perf_counter()
        table = _build(session, "anggota", None).table
        session.rollback()
        read = time.perf_counter() - started
        write_xlsx(table, folder / "anggota.xlsx", NOW)
        found["export"] = {
            "rows": len(table.rows),
            "read_seconds": round(read, 2),
            "seconds": round(time.perf_counter() - started, 2),
            "peak_mb": round(tracemalloc.get_traced_memory()[1] / 1e6, 1),
        }
        tracemalloc.stop()
    engine.dispose()
    return found


def _build(session: Session, key: str, limit: int | None) -> Any:
    asked = Asked(NOW.date(), limit=limit)
    return report_kind(key).build(frame(session, EVERYBODY, asked, AgencySettings(), viewer_id=None))


def _cost(call: Callable[[], Any], statements: list[str]) -> dict[str, Any]:
    call()
    times = []
    for _ in range(ROUNDS):
        statements.clear()
        started = time.process_time()
        call()
        times.append((time.process_time() - started) * 1000)
    selects = sum(sql.lstrip().upper().startswith(("SELECT", "WITH")) for sql in statements)
    return {"selects": selects, "cpu_ms": round(sorted(times)[ROUNDS // 2], 1)}


def main() -> None:
    found = {}
    for size in SIZES if len(sys.argv) == 1 else SIZES[-1:]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "media").mkdir()
            url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder / 'pelita.sqlite3'}"
            found[str(size)] = measure(url, folder, size)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
