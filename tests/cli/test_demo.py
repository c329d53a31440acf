"""The demo agency: whole, true to the rules, kept on a second call, and never half there after a kill."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lms.cli import demo
from lms.cli.demo_data import CORE_UNITS, headcounts, plan_units
from lms.content.models import EditionRow
from lms.content.types import ItemKind
from lms.errors import Refused
from lms.people.hierarchy import headed_unit_paths, members_below
from lms.people.models import Account, Membership, Person, RoleGrant, Setting, Unit
from lms.people.nip import parse_nip
from lms.people.passwords import check_new_password, verify_password
from lms.people.types import EmploymentKind, UnitCategory
from lms.progress import projection
from lms.progress import queries as progress_queries
from lms.progress.claims import ClaimState
from lms.progress.models import Bookmark, Claim, Enrolment, EnrolmentSummary, JpEntry, LessonDone
from lms.progress.types import State
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion, InlineAnswer
from lms.quizzes.types import AttemptState
from lms.recognition import queries as recognition_queries
from lms.recognition.models import Certificate
from lms.store.engine import make_engine, write_tx
from tests.factories.content import sample_course
from tests.factories.people import make_person

ROOT = Path(__file__).parents[2]
TODAY = datetime(2026, 8, 20, 4, 0, tzinfo=UTC)
STAFF = 260
"""More than a small agency, so that most of it is written in bulk."""
MAKE = """
import sys
from datetime import datetime
from pathlib import Path
from lms.cli.demo import make_demo
from tests.cli.test_demo import courses
make_demo(Path(sys.argv[1]), staff=60, now=datetime.fromisoformat(sys.argv[2]), courses=courses())
"""


def courses():
    second = sample_course(key="etika-pelayanan", title="Etika Pelayanan", jp=3, test_out_mark=8000)
    first = sample_course(jp=2)
    by_questions = {key: dataclasses.replace(one, file="bank/etika.md") for key, one in second.questions.items()}
    return [first, dataclasses.replace(second, questions=by_questions)]


@pytest.fixture(scope="module", params=("sqlite", "postgres"))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A demo of STAFF people on each database: its folder, address and state. Read only."""
    folder = tmp_path_factory.mktemp("demo") / "baru"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        if request.param == "postgres":
            patch.setenv("DATABASE_URL", request.getfixturevalue("postgres_server").create("peragaan"))
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'pelita.sqlite3'}"
        state = demo.make_demo(folder, staff=STAFF, now=TODAY, courses=courses())
        yield SimpleNamespace(folder=folder, url=url, state=state)


@pytest.fixture
def made_session(made: SimpleNamespace) -> Iterator[Session]:
    engine = make_engine(made.url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def person_of(session: Session, made: SimpleNamespace, role: str) -> int:
    identifier = next(one["identifier"] for one in made.state["accounts"] if one["role"] == role)
    return session.scalars(select(Account.person_id).where(Account.identifier == identifier)).one()


def counts(session: Session) -> dict[str, int]:
    tables = (Person, Unit, Enrolment, Attempt, Certificate, JpEntry, EditionRow)
    return {table.__tablename__: session.scalars(select(func.count()).select_from(table)).one() for table in tables}


# ------------------------------------------------------------------ accounts and people


def test_accounts_are_one_per_role_and_only_they_have_passwords(made, made_session):
    assert [one["role"] for one in made.state["accounts"]] == ["learner", "author", "supervisor", "admin"]
    assert {tuple(one) for one in made.state["accounts"]} == {("role", "identifier", "password")}
    hashed = dict(
        made_session.execute(select(Account.identifier, Account.password_hash).where(Account.password_hash.is_not(None))).all()
    )
    assert set(hashed) == {one["identifier"] for one in made.state["accounts"]}
    for one in made.state["accounts"]:
        check_new_password(one["password"])
        assert verify_password(hashed[one["identifier"]], one["password"])


def test_roles_open_exactly_their_surface(made, made_session):
    heads = set(made_session.scalars(select(Unit.head_id).where(Unit.head_id.is_not(None))))
    roles = {row.person_id: row.role for row in made_session.scalars(select(RoleGrant))}
    ids = {role: person_of(made_session, made, role) for role in ("learner", "author", "supervisor", "admin")}
    assert {role: person_id in heads for role, person_id in ids.items()} == {
        "learner": False,
        "author": False,
        "supervisor": True,
        "admin": False,
    }
    assert roles == {ids["author"]: "author", ids["admin"]: "admin"}


def test_supervisor_heads_about_half_of_the_agency(made, made_session):
    paths = headed_unit_paths(made_session, person_of(made_session, made, "supervisor"), TODAY.date())
    team = members_below(made_session, paths, TODAY.date())
    assert 0.4 * STAFF <= len(team) <= 0.55 * STAFF


def test_people_are_as_many_as_asked_for_with_one_place_each(made, made_session):
    assert counts(made_session)["person"] == STAFF
    now = made_session.scalars(select(func.count()).select_from(Membership).where(Membership.to_on.is_(None))).one()
    left = made_session.scalars(select(func.count()).select_from(Person).where(Person.left_on.is_not(None))).one()
    assert now + left == STAFF


def test_every_nip_is_valid_fits_the_birth_date_and_the_kind(made, made_session):
    kinds = Counter()
    for person in made_session.scalars(select(Person)):
        kinds[person.employment_kind] += 1
        if person.nip is None:
            assert (person.employment_kind, person.grade) == (EmploymentKind.OTHER, "")
            continue
        nip = parse_nip(person.nip, birth_date=person.birth_date)
        read_as = EmploymentKind.PNS if person.employment_kind == EmploymentKind.CPNS else person.employment_kind
        assert (nip.warnings, nip.kind) == ((), read_as)
    assert set(kinds) == set(EmploymentKind)


def test_core_units_span_two_zones_and_all_categories():
    zones = Counter(unit.zone for unit in CORE_UNITS)
    assert zones == {"Asia/Makassar": 6, "Asia/Jayapura": 2}
    assert {unit.category for unit in CORE_UNITS} == set(UnitCategory)


@pytest.mark.parametrize("staff", [12, 19, 60, 61, 333, 5000, 100_000])
def test_headcounts_add_up_and_leave_room_for_the_accounts(staff):
    units = plan_units(staff)
    counts = headcounts(units, staff)
    assert (sum(counts), counts[1] >= 3, counts[2] >= 2, counts[3] >= 2) == (staff, True, True, True)
    assert all(unit.parent is None or unit.parent < place for place, unit in enumerate(units))
    assert len({unit.name for unit in units}) == len(units)


def test_units_grow_with_the_staff():
    assert [len(plan_units(staff)) for staff in (60, 5000, 100_000)] == [8, 255, 1508]


# ------------------------------------------------------------------ history


def test_verify_finds_no_difference(made_session):
    assert projection.verify(made_session) == []
    assert recognition_queries.verify(made_session) == []


def test_history_has_every_state_and_lies_in_the_past(made_session):
    assert set(made_session.scalars(select(EnrolmentSummary.state))) == set(State)
    assert set(made_session.scalars(select(Attempt.state))) == {AttemptState.GRADED, AttemptState.OPEN}
    assert set(made_session.scalars(select(Attempt.passed))) == {True, False, None}
    for column in (
        Enrolment.enrolled_at,
        LessonDone.done_at,
        Attempt.closed_at,
        AnswerRow.saved_at,
        InlineAnswer.answered_at,
        Bookmark.set_at,
    ):
        assert made_session.scalars(select(func.max(column))).one() < TODAY, column
    first = made_session.scalars(select(func.min(Enrolment.enrolled_at))).one()
    assert made_session.scalars(select(func.max(EditionRow.published_at))).one() < first < TODAY.replace(year=2025, month=12)


def test_jp_stand_in_last_year_and_this_year(made_session):
    assert set(made_session.scalars(select(JpEntry.year))) == {2025, 2026}


def test_claims_stand_in_every_state_and_a_third_session_counts_nothing(made_session):
    states = Counter(made_session.scalars(select(Claim.state)))
    assert {state for state in ClaimState if not states[state]} == set()
    sessions = made_session.scalars(select(JpEntry.jp).where(JpEntry.learning_form == 14).order_by(JpEntry.id)).all()
    assert sessions == [2, 2, 0]
    outside = select(func.count()).select_from(JpEntry).where(JpEntry.enrolment_id.is_(None), JpEntry.claim_id.is_(None))
    assert made_session.scalar(outside) == 0


def test_certificates_are_numbered_by_date(made_session):
    for year in (2025, 2026):
        rows = made_session.execute(
            select(Certificate.sequence, Certificate.issued_at).where(Certificate.year == year).order_by(Certificate.sequence)
        ).all()
        assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
        times = [row.issued_at for row in rows]
        assert len(times) > 5 and times == sorted(times)


def test_closed_attempts_hold_all_their_questions_and_answers(made_session):
    asked = dict(
        made_session.execute(select(AttemptQuestion.attempt_id, func.count()).group_by(AttemptQuestion.attempt_id)).all()
    )
    graded = select(AnswerRow.attempt_id, func.count()).where(AnswerRow.score.is_not(None)).group_by(AnswerRow.attempt_id)
    answered = dict(made_session.execute(graded).all())
    closed = made_session.scalars(select(Attempt.id).where(Attempt.state == AttemptState.GRADED)).all()
    assert closed and all(asked[one] == answered[one] for one in closed)


def test_learner_is_in_the_middle_of_a_course_with_believable_jp(made, made_session):
    learner = person_of(made_session, made, "learner")
    meter = progress_queries.jp_meter(made_session, learner, 2026, EmploymentKind.PNS)
    assert (meter.earned, meter.target, meter.left) == (12, 20, 8)
    cards = progress_queries.my_courses(made_session, learner)
    assert [card.state for card in cards] == [State.IN_PROGRESS, State.DONE]
    assert 0 < cards[0].percent < 100
    place = progress_queries.resume_place(made_session, learner)
    assert place is not None and (place.course_key, place.kind) == (cards[0].course_key, ItemKind.LESSON)


# ------------------------------------------------------------------ again, elsewhere, killed


def test_second_call_keeps_everything(made, made_session, monkeypatch, capsys):
    before = counts(made_session)
    made_session.rollback()
    if made.url.startswith("postgres"):
        monkeypatch.setenv("DATABASE_URL", made.url)
    killed_after_the_commit = made.state | {"state": "making"}
    (made.folder / "demo.json").write_text(json.dumps(killed_after_the_commit), encoding="utf-8")
    again = demo.make_demo(made.folder, staff=60, now=TODAY, courses=[])
    assert again == made.state
    assert counts(made_session) == before
    assert f"dengan {STAFF} pegawai sudah ada" in capsys.readouterr().err


def test_folder_with_real_data_is_refused_and_left_alone(engine: Engine, session: Session, tmp_path, monkeypatch):
    with write_tx(session):
        make_person(session)
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    with pytest.raises(Refused, match="bukan data peragaan"):
        demo.make_demo(tmp_path / "lain", staff=60, now=TODAY, courses=courses())
    assert not (tmp_path / "lain" / "demo.json").exists()
    assert session.scalars(select(func.count()).select_from(Person)).one() == 1


def test_other_demo_behind_the_address_is_refused(engine: Engine, session: Session, tmp_path, monkeypatch):
    with write_tx(session):
        session.add(Setting(name=demo.MARK, value="demo-orang-lain"))
    (tmp_path / "demo.json").write_text(json.dumps({"state": "ready", "id": "ini", "staff": 60, "accounts": []}))
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    with pytest.raises(Refused, match="bukan data peragaan"):
        demo.make_demo(tmp_path, staff=60, now=TODAY, courses=courses())


def test_unreadable_mark_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(Refused, match=r"demo\.json"):
        demo.make_demo(tmp_path, staff=60, now=TODAY, courses=courses())


@pytest.mark.parametrize("staff", [0, 11, 100_001])
def test_impossible_staff_is_refused(tmp_path, staff):
    arguments = SimpleNamespace(data=tmp_path / "baru", staff=staff, json=True, today=None, port=8000)
    with pytest.raises(Refused, match="12 sampai 100000"):
        demo.run(arguments)
    assert not (tmp_path / "baru").exists()


def test_killed_run_leaves_no_half_agency_and_the_next_one_begins_again(engine: Engine, session: Session, tmp_path):
    folder, address = tmp_path / "demo", engine.url.render_as_string(hide_password=False)
    if engine.dialect.name == "sqlite":
        folder, address = tmp_path, ""  # the database of the folder itself
    environment = {**os.environ, "DATABASE_URL": address, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MAKE, str(folder), TODAY.isoformat()]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "riwayat belajar" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert json.loads((folder / "demo.json").read_text())["state"] == "making"
    assert counts(session)["person"] == 0
    session.rollback()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    state = json.loads((folder / "demo.json").read_text())
    assert (state["state"], len(state["accounts"]), counts(session)["person"]) == ("ready", 4, 60)


def test_command_prints_json_alone_with_the_shipped_courses(tmp_path):
    environment = {**os.environ, "DATABASE_URL": "", "BASE_URL": ""}
    command = [
        sys.executable,
        "-m",
        "lms.cli",
        "demo",
        "--data",
        str(tmp_path / "demo"),
        "--staff",
        "12",
        "--json",
        "--today",
        "2026-01-02",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    shown = json.loads(done.stdout)
    assert (list(shown), [one["role"] for one in shown["accounts"]], shown["url"]) == (
        ["accounts", "url"],
        ["learner", "author", "supervisor", "admin"],
        "http://127.0.0.1:8000",
    )
    again = subprocess.run(command[:-5], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert [
        one for one in shown["accounts"] if one["password"] not in again.stdout or one["identifier"] not in again.stdout
    ] == []


def test_now_is_noon_of_the_given_day_in_wita():
    assert demo._now(date(2026, 3, 5)) == datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
