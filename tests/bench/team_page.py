"""What the supervisor's front page and table cost for units of 50, 1,000 and 20,000 people, by query count and CPU time, beside a
lesson page in the same process. Prints JSON.

    python -m tests.bench.team_page [DATABASE_URL]

Without an address a SQLite file in a temporary folder is filled and thrown away.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, insert
from sqlalchemy.orm import Session

from config import Config
from lms.people.actions import open_session
from lms.people.models import Account, Membership, Person, Unit
from lms.people.types import EmploymentKind
from lms.progress.models import Bookmark, Completion, Enrolment, EnrolmentSummary, JpEntry, Requirement
from lms.progress.types import State
from lms.store.engine import make_engine, write_tx
from lms.store.migrate import upgrade
from lms.teams import queries
from lms.web import clock
from lms.web.app import create_app
from lms.web.extensions import db
from lms.web.identity import _cookie_value
from tests.factories.content import publish_sample

SIZES = (50, 1000, 20_000)
NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
PEOPLE_IN_A_UNIT = 25
REQUIREMENTS = 8
FIRST = ("Andi", "Siti", "Muhammad", "Nur", "Rahma", "Dewi", "Baharuddin", "Yohana", "Ketut", "Fitri", "Hasan", "Maria")
LAST = ("Tenri", "Aminah", "Saleh", "Hidayat", "Lestari", "Usman", "Wulandari", "Rumagit", "Mansur", "Sari", "Patty", "Idris")
COURSES = ("pelayanan-dasar", "anggaran-terbuka", "arsip-rapi")


class _Rows(dict[type, list[dict[str, Any]]]):
    def add(self, model: type, **values: Any) -> None:
        self.setdefault(model, []).append(values)


def fill(session: Session, folder: Path, sizes: tuple[int, ...] = SIZES) -> dict[int, int]:
    """Units of these sizes side by side, with months of learning. Returns person id of the head by size."""
    published = [publish_sample(session, folder, NOW, key=key, title=key.replace("-", " ").title()) for key in COURSES]
    draw = random.Random(7)
    rows = _Rows()
    heads: dict[int, int] = {}
    person_id = unit_id = enrolment_id = 0
    for size in sizes:
        unit_id += 1
        root = unit_id
        person_id += 1
        heads[size] = person_id
        _person(rows, draw, person_id, root, heads_unit=True)
        rows.add(Unit, id=root, parent_id=None, path=f"/{root}/", name=f"Badan {size}", head_id=None)
        for place in range(size):
            if place % PEOPLE_IN_A_UNIT == 0:
                unit_id += 1
                rows.add(Unit, id=unit_id, parent_id=root, path=f"/{root}/{unit_id}/", name=f"Bidang {unit_id}", head_id=None)
            person_id += 1
            _person(rows, draw, person_id, unit_id)
            for edition in draw.sample(published, draw.randrange(4)):
                enrolment_id += 1
                _learning(rows, draw, enrolment_id, person_id, edition)
    for number in range(REQUIREMENTS):
        rows.add(
            Requirement,
            course_id=published[number % len(published)].course_id,
            made_by=1,
            made_at=NOW - timedelta(days=30),
            is_personal=False,
            unit_id=None if number < 2 else 1 + (number * 7) % unit_id,
            position_words="" if number % 3 else "analis muda",
            due_on=NOW.date() + timedelta(days=number * 6 - 12),
        )
    with write_tx(session):
        for model in (Unit, Person, Membership, Account, Enrolment, EnrolmentSummary, Bookmark, Completion, JpEntry, Requirement):
            if model in rows:
                session.execute(insert(model), rows[model])
        for size, head_id in heads.items():
            unit = session.query(Unit).filter_by(name=f"Badan {size}").one()
            unit.head_id = head_id
        for table in ("unit", "person", "membership", "enrolment", "jp_entry"):
            if session.get_bind().dialect.name == "postgresql":
                session.connection().exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
    if session.get_bind().dialect.name == "postgresql":
        with session.get_bind().connect().execution_options(isolation_level="AUTOCOMMIT", lms_write=True) as connection:
            connection.exec_driver_sql("ANALYZE")
    return heads


def _person(rows: _Rows, draw: random.Random, person_id: int, unit_id: int, *, heads_unit: bool = False) -> None:
    kind = draw.choice((EmploymentKind.PNS, EmploymentKind.PNS, EmploymentKind.PPPK, EmploymentKind.OTHER))
    name = f"{draw.choice(FIRST)} {draw.choice(LAST)} {person_id}"
    rows.add(Person, id=person_id, name=name, employment_kind=kind, position="Analis Kebijakan Ahli Muda")
    rows.add(Membership, person_id=person_id, unit_id=unit_id, from_on=date(2020, 1, 1))
    if heads_unit:
        rows.add(Account, person_id=person_id, identifier=f"kepala{person_id}")


def _learning(rows: _Rows, draw: random.Random, enrolment_id: int, person_id: int, edition: Any) -> None:
    state = draw.choice(list(State))
    at = NOW - timedelta(days=draw.randrange(60), minutes=draw.randrange(1440))
    percent = {State.NOT_STARTED: 0, State.IN_PROGRESS: draw.randrange(1, 100), State.DONE: 100}[state]
    rows.add(
        Enrolment,
        id=enrolment_id,
        person_id=person_id,
        course_id=edition.course_id,
        edition_number=1,
        enrolled_at=at,
    )
    rows.add(
        EnrolmentSummary,
        enrolment_id=enrolment_id,
        state=state,
        percent=percent,
        done_count=0,
        total_count=5,
        minutes_left=20,
        last_activity_at=at,
    )
    if state is State.IN_PROGRESS:
        rows.add(Bookmark, person_id=person_id, course_id=edition.course_id, item_key="asas/mengapa", set_at=at)
    if state is State.DONE:
        rows.add(Completion, enrolment_id=enrolment_id, edition_id=edition.edition_id, completed_at=at)
        rows.add(
            JpEntry,
            person_id=person_id,
            enrolment_id=enrolment_id,
            edition_id=edition.edition_id,
            title=edition.outline.title,
            learning_form=16,
            jp=draw.randrange(1, 12),
            year=2026,
            completed_at=at,
            time_zone="Asia/Makassar",
            minutes=90,
            minutes_per_jp=45,
            rule_version="2026-1",
        )


def _cost(call: Callable[[], Any], statements: list[str]) -> tuple[int, float]:
    """(SELECTs, CPU milliseconds) of one call."""
    statements.clear()
    started = time.process_time()
    call()
    spent = (time.process_time() - started) * 1000
    return sum(sql.lstrip().upper().startswith(("SELECT", "WITH")) for sql in statements), round(spent, 2)


def _costs(call: Callable[[], Any], statements: list[str], rounds: int) -> dict[str, Any]:
    """The first call after the counts were forgotten, and the median of the calls that follow."""
    call()
    queries._counts.clear()
    cold_selects, cold_ms = _cost(call, statements)
    again = sorted(_cost(call, statements) for _ in range(rounds))
    return {
        "selects": again[len(again) // 2][0],
        "cpu_ms": sorted(cost for _, cost in again)[len(again) // 2],
        "first_selects": cold_selects,
        "first_cpu_ms": cold_ms,
    }


def measure(url: str, folder: Path, sizes: tuple[int, ...] = SIZES, rounds: int = 21) -> dict[str, Any]:
    """Costs by size of the report alone and of the whole page, as its head opens it."""
    engine = make_engine(url)
    upgrade(engine)
    with Session(engine, expire_on_commit=False) as session:
        heads = fill(session, folder, sizes)
        with write_tx(session):
            tokens = {
                size: open_session(session, person_id=head, is_shared=False, device="", now=NOW).token
                for size, head in heads.items()
            }
    engine.dispose()
    clock.forced = NOW
    app = create_app(
        Config(
            data_dir=folder,
            database_url=url,
            secret_key="bench",
            base_url="http://127.0.0.1:8000",
            is_testing=True,
            is_demo=False,
        )
    )
    with app.app_context():
        page_engine = db.engine
    return {str(size): _of_size(app, page_engine, heads[size], tokens[size], rounds) for size in sizes}


def _of_size(app: Any, engine: Engine, head_id: int, token: str, rounds: int) -> dict[str, Any]:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, sql: str, *rest: Any) -> None:
        statements.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    client = app.test_client()
    with app.test_request_context():
        client.set_cookie("lms", _cookie_value(token, NOW))

    def page(address: str) -> Callable[[], None]:
        def get() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.status

        return get

    def report() -> None:
        with Session(engine) as session:
            queries.team_report(session, head_id, NOW.date(), now=NOW, year=2026)

    pages = {
        "lesson": f"/pelatihan/{COURSES[0]}/asas/mengapa",
        "front": "/tim",
        "table": "/tim/anggota",
        "course": f"/tim/pelatihan/{COURSES[0]}",
        "comparison": "/tim/banding",
        "requirements": "/tim/penugasan",
    }
    found = {"report": _costs(report, statements, rounds)}
    found |= {name: _costs(page(address), statements, rounds) for name, address in pages.items()}
    found["front_by_lesson"] = round(found["front"]["cpu_ms"] / found["lesson"]["cpu_ms"], 2)
    event.remove(engine, "before_cursor_execute", note)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "media").mkdir()
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder / 'pelita.sqlite3'}"
        print(json.dumps(measure(url, folder), indent=1))


if __name__ == "__main__":
    main()
