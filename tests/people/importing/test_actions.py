"""Taking a staff file over and back, on real databases: what it does, twice, beside others, and undone."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, update

from lms.errors import Conflict, Invalid
from lms.people import actions as people_actions
from lms.people.importing import actions, queries, undo
from lms.people.importing.rows import read_file
from lms.people.importing.texts import problem_table, told
from lms.people.importing.types import ImportState, Options, RowKind
from lms.people.models import (
    Account,
    ActingHead,
    Membership,
    Person,
    RoleGrant,
    StaffImport,
    StaffImportChange,
    Unit,
    UnitOperator,
)
from lms.people.types import ActingKind, EmploymentKind, Role
from lms.people.units import change_unit
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import make_person, make_unit, sign_in

TODAY = date(2026, 3, 5)
HEADINGS = ["NIP", "Nama", "Unit Kerja", "Unit Induk", "Jabatan", "Golongan", "Tanggal Lahir", "ID SIASN", "Kode Unit", "Keputusan", "Email", "Kedudukan Hukum"]  # fmt: skip


def nip(number):
    return f"198609262015051{number:03d}"


def row(**cells):
    """Cells by words: nip, nama, unit, induk, jabatan, gol, lahir, id, kode, keputusan, email, hukum."""
    words = ("nip", "nama", "unit", "induk", "jabatan", "gol", "lahir", "id", "kode", "keputusan", "email", "hukum")
    assert cells.keys() <= set(words)
    return [cells.get(word, "") for word in words]


def staff_file(*rows):
    return read_file([("", [(line, list(cells), []) for line, cells in enumerate([HEADINGS, *rows], start=1)])])


def plan_of(session, file, on=TODAY, complete=False):
    plan = queries.plan_of(session, file, Options(on, complete), None)
    return {kind: count for kind, count in plan.counts.items() if count}


def take_over(session, file, now, *, on=TODAY, complete=False, typed="", by=None):
    """Returns (import id, what was done)."""
    options = Options(on, complete)
    with write_tx(session):
        import_id = actions.register(session, file_name="pegawai.csv", sha256="0" * 64, options=options, now=now, by=by)
    plan = queries.plan_of(session, file, options, by)
    with write_tx(session):
        actions.confirm(session, import_id=import_id, plan=plan, typed=typed, now=now, by=by)
    go_on(session, import_id, file, now)
    done = queries.staff_import(session, import_id).counts["done"]
    return import_id, {kind: count for kind, count in done.items() if count}


def go_on(session, import_id, file, now):
    run = actions.begin_run(session, queries.staff_import(session, import_id), file)
    more = True
    while more:
        with write_tx(session):
            more = actions.advance(session, run, now=now)
        session.expunge_all()


def take_back(session, import_id, now):
    with write_tx(session):
        undo.begin_undo(session, import_id=import_id, now=now)
    more = True
    while more:
        with write_tx(session):
            more = undo.advance_undo(session, import_id, now=now)
        session.expunge_all()


def whole_state(session):
    """Everything an import may touch."""
    tables = (Person, Membership, Account, Unit, UnitOperator, RoleGrant)
    session.rollback()
    return {table.__tablename__: [tuple(each) for each in session.execute(select(table.__table__).order_by(*table.__table__.primary_key))] for table in tables}  # fmt: skip


def person_of(session, number):
    return session.scalars(select(Person).where(Person.nip == nip(number)).execution_options(populate_existing=True)).one()


def posts(session, number):
    wanted = select(Unit.name, Membership.from_on, Membership.to_on).join(Unit, Unit.id == Membership.unit_id)
    rows = session.execute(
        wanted.where(Membership.person_id == person_of(session, number).id).order_by(Membership.from_on, Membership.id)
    )
    return [tuple(each) for each in rows]


@pytest.fixture
def office(session):
    """Pemkot > Dinas A, Dinas B; person 1 heads A and hands out its slips, 2 and 3 work there, 4 left last year."""
    with write_tx(session):
        top = make_unit(session, name="Pemkot")
        a, b = make_unit(session, name="Dinas A", parent=top), make_unit(session, name="Dinas B", parent=top)
        people = {number: make_person(session, unit=a, name=f"Orang {number}", nip=nip(number), birth_date=date(1986, 9, 26)) for number in (1, 2, 3)}  # fmt: skip
        gone = make_person(session, name="Orang 4", nip=nip(4), birth_date=date(1986, 9, 26), left_on=date(2025, 1, 1))
        session.add(Membership(person_id=gone.id, unit_id=a.id, from_on=date(2020, 1, 1), to_on=date(2025, 1, 1)))
        session.add(UnitOperator(unit_id=a.id, person_id=people[1].id))
        a.head_id = people[1].id
    return {"top": top.id, "a": a.id, "b": b.id} | {number: person.id for number, person in people.items()}


def test_everything_that_can_become_of_a_row(session, office, now):
    file = staff_file(
        row(nip=nip(1), nama="Orang 1", unit="Dinas B"),
        row(nip=nip(2), nama="Orang Dua", unit="Dinas A", jabatan="Arsiparis", gol="III-d"),
        row(nip=nip(3), nama="Orang 3", unit="dinas  a"),
        row(nip=nip(4), nama="Orang 4", unit="Dinas B"),
        row(nip=nip(5), nama="Orang 5", unit="Seksi Baru", induk="Dinas B"),
        row(nip="1,97E+17", nama="Rusak", unit="Dinas B"),
        row(nip=nip(6), nama="Orang 6", unit="Dinas A", hukum="Pensiun"),
    )
    expected = {"moved": 1, "changed": 1, "unchanged": 2, "returned": 1, "new": 1, "problem": 1, "units": 1}
    assert plan_of(session, file) == expected
    before = whole_state(session)
    assert plan_of(session, file) == expected and whole_state(session) == before
    import_id, done = take_over(session, file, now)
    assert done == expected
    assert posts(session, 1) == [("Dinas A", date(2020, 1, 1), TODAY), ("Dinas B", TODAY, None)]
    assert posts(session, 4) == [("Dinas A", date(2020, 1, 1), date(2025, 1, 1)), ("Dinas B", TODAY, None)]
    assert posts(session, 5) == [("Seksi Baru", TODAY, None)]
    second = person_of(session, 2)
    assert (second.name, second.position, second.grade) == ("Orang Dua", "Arsiparis", "III/d")
    account = session.scalars(select(Account).where(Account.person_id == person_of(session, 5).id)).one()
    assert (account.identifier, account.password_hash) == (nip(5), None)
    assert session.get(Unit, office["a"], populate_existing=True).head_id is None
    assert session.scalars(select(UnitOperator)).all() == []
    made = session.scalars(select(Unit).where(Unit.name == "Seksi Baru")).one()
    assert (made.parent_id, made.path) == (office["b"], f"/{office['top']}/{office['b']}/{made.id}/")
    take_back(session, import_id, now)
    assert whole_state(session) == before
    row_kept = queries.staff_import(session, import_id)
    assert (row_kept.state, row_kept.counts["undone"], row_kept.counts["kept"]) == (ImportState.UNDONE, 5, 0)


def test_same_file_again_changes_nothing(session, office, now):
    file = staff_file(
        row(nip=nip(1), nama="Orang Satu", unit="Dinas B", email="satu@contoh.go.id"),
        row(nama="Tanpa Nomor", unit="Dinas B", lahir="01-02-1990"),
        row(nama="Punya ID", unit="Dinas Baru", id="abc", kode="k1"),
    )
    assert take_over(session, file, now)[1] == {"moved": 1, "new": 2, "units": 1}
    before = whole_state(session)
    assert take_over(session, file, now + timedelta(days=1), on=TODAY + timedelta(days=1))[1] == {"unchanged": 3}
    assert whole_state(session) == before


def test_people_without_nip_get_a_word_to_sign_in_with(session, office, now):
    take_over(session, staff_file(row(nama="Andi Tenri, S.E.", unit="Dinas A", lahir="01-02-1990")), now)
    person = session.scalars(select(Person).where(Person.name.startswith("Andi"))).one()
    assert (person.nip, person.employment_kind) == (None, EmploymentKind.OTHER)
    assert session.get_one(Account, person.id).identifier == f"andi.tenri.s.e.{person.id}"


def problems(session, file, **options):
    plan = queries.plan_of(session, file, Options(options.get("on", TODAY), False), None)
    return {outcome.line: " ".join(told(outcome, plan).texts) for outcome in plan.outcomes if outcome.kind is RowKind.PROBLEM}


def test_nobody_is_merged_by_name_alone(session, office, now):
    take_over(session, staff_file(row(nama="Sitti Rahma", unit="Dinas A", lahir="26-09-1986")), now)
    cells = {"nip": nip(7), "nama": "SITTI  RAHMA", "unit": "Dinas A", "lahir": "26-09-1986"}
    assert list(problems(session, staff_file(row(**cells)))) == [2]
    assert "Kolom Keputusan" in problems(session, staff_file(row(**cells)))[2].replace("kolom", "Kolom")
    assert list(problems(session, staff_file(row(nama="Sitti Rahma", unit="Dinas B", lahir="26-09-1986")))) == [2]
    before = whole_state(session)
    import_id, done = take_over(session, staff_file(row(**cells, keputusan="sama")), now)
    assert done == {"changed": 1}
    assert session.get_one(Account, person_of(session, 7).id).identifier == nip(7)
    take_back(session, import_id, now)
    assert whole_state(session) == before
    assert take_over(session, staff_file(row(**cells, keputusan="baru")), now)[1] == {"new": 1}


def test_numbers_that_belong_to_others_are_problems(session, office, now):
    with write_tx(session):
        session.execute(update(Person).where(Person.id == office[2]).values(siasn_id="s2"))
        make_person(session, name="Pemakai Angka", identifier=nip(9))
    file = staff_file(
        row(nip=nip(1), nama="Orang 1", unit="Dinas A", id="s2"),
        row(nip=nip(8), nama="Orang 8", unit="Dinas A", id="s2x"),
        row(nip=nip(9), nama="Orang 9", unit="Dinas A"),
    )
    assert {line: text[:40] for line, text in problems(session, file).items()} == {
        2: "ID SIASN ini tercatat pada pegawai lain,",
        4: "NIP ini dipakai sebagai nama masuk oleh ",
    }
    changed_nip = staff_file(row(nip=nip(8), nama="Orang 2", unit="Dinas A", id="s2"))
    assert problems(session, changed_nip)[2].startswith(f"ID SIASN ini tercatat dengan NIP {nip(2)}.")


def test_who_is_not_in_a_complete_file_leaves_and_is_signed_out(session, office, now):
    with write_tx(session):
        admin_id = make_person(session, name="Pengelola", roles=(Role.ADMIN,)).id
        make_person(session, name="Rusak", nip=nip(20), unit=session.get_one(Unit, office["b"]))
        open_session = sign_in(session, session.get_one(Person, office[1]), now)
    file = staff_file(
        row(nip=nip(2), nama="Orang 2", unit="Dinas A"), row(nip=nip(3), nama="Orang 3", unit="Dinas A"), row(nip="1,97E+17", nama="Rusak", unit="Dinas B")
    )  # fmt: skip
    assert plan_of(session, file, complete=True) == {"unchanged": 2, "left": 1, "problem": 1}
    assert plan_of(session, file) == {"unchanged": 2, "problem": 1}
    before = whole_state(session)
    with pytest.raises(Invalid, match="1 dari 5 pegawai akan tercatat berhenti"):
        take_over(session, file, now, complete=True, typed="2")
    import_id, done = take_over(session, file, now, complete=True, typed="1")
    assert done == {"unchanged": 2, "left": 1, "problem": 1}
    assert person_of(session, 1).left_on == TODAY and posts(session, 1) == [("Dinas A", date(2020, 1, 1), TODAY)]
    assert person_of(session, 20).left_on is None and session.get_one(Person, admin_id).left_on is None
    assert session.get(Unit, office["a"], populate_existing=True).head_id is None
    assert open_session.session_id not in {one.id for one in _open_sessions(session)}
    take_back(session, import_id, now)
    assert whole_state(session) == before


def _open_sessions(session):
    table = people_actions.SessionRow
    return session.scalars(select(table).where(table.ended_at.is_(None)))


def test_legal_standing_lets_people_leave(session, office, now):
    file = staff_file(row(nip=nip(3), nama="Orang 3", hukum="Pensiun"))
    assert plan_of(session, file) == {"left": 1}
    import_id, _ = take_over(session, file, now, typed="1")
    assert person_of(session, 3).left_on == TODAY
    assert take_over(session, file, now)[1] == {"unchanged": 1}
    take_back(session, import_id, now)
    assert person_of(session, 3).left_on is None


def test_the_past_is_not_rewritten(session, office, now):
    file = staff_file(row(nip=nip(1), nama="Orang 1", unit="Dinas B"))
    take_over(session, file, now)
    back = staff_file(row(nip=nip(1), nama="Orang 1", unit="Dinas A"))
    assert "tercatat 05-03-2026" in problems(session, back, on=TODAY - timedelta(days=9))[2]
    assert take_over(session, back, now)[1] == {"moved": 1}  # the same day: changed in place
    assert posts(session, 1) == [("Dinas A", date(2020, 1, 1), TODAY), ("Dinas A", TODAY, None)]
    with pytest.raises(Invalid, match="hari ini atau sebelumnya"):
        take_over(session, file, now, on=TODAY + timedelta(days=1))


def test_people_known_to_leave_later_are_left_alone(session, office, now):
    with write_tx(session):
        people_actions.let_leave(session, person_id=office[2], on=TODAY + timedelta(days=30), now=now)
    assert plan_of(session, staff_file(row(nip=nip(2), nama="Orang 2", unit="Dinas A"))) == {"unchanged": 1}
    assert list(problems(session, staff_file(row(nip=nip(2), nama="Orang 2", unit="Dinas B")))) == [2]


def test_undo_keeps_and_names_what_changed_since(session, office, now):
    file = staff_file(
        row(nip=nip(1), nama="Orang Satu", unit="Dinas B", jabatan="Arsiparis"),
        row(nip=nip(5), nama="Orang 5", unit="Seksi Baru", induk="Dinas B"),
        row(nip=nip(6), nama="Orang 6", unit="Dinas B"),
        row(nip=nip(7), nama="Orang 7", unit="Dinas B"),
    )
    import_id, _ = take_over(session, file, now)
    with write_tx(session):
        people_actions.change_person(session, person_id=office[1], now=now, position="Pranata Komputer")
        people_actions.move_person(session, person_id=office[1], unit_id=office["top"], on=TODAY, now=now)
        session.add(
            ActingHead(unit_id=office["b"], person_id=person_of(session, 5).id, kind=ActingKind.PLT, from_on=TODAY, to_on=None)
        )
        people_actions.change_person(session, person_id=person_of(session, 6).id, now=now, name="Orang Enam")
        session.execute(update(Unit).where(Unit.id == office["a"]).values(head_id=office[2]))
    take_back(session, import_id, now)
    assert {(line, name) for line, name, _ in queries.kept_changes(session, import_id)} == {
        (2, "Orang Satu"),
        (3, "Orang 5"),
        (4, "Orang Enam"),
        (0, "Seksi Baru"),
    }
    why = {line: text for line, _, text in queries.kept_changes(session, import_id)}
    assert (
        why[2]
        == "Sudah diubah lagi: jabatan. Unit kerjanya sudah diubah lagi. Unit yang dulu dikepalainya sudah punya kepala lain."
    )
    first = person_of(session, 1)
    assert (first.name, first.position) == ("Orang 1", "Pranata Komputer")
    assert session.scalar(select(func.count()).select_from(Person).where(Person.nip == nip(7))) == 0
    assert queries.staff_import(session, import_id).counts["kept"] == 4


def test_people_who_use_their_account_survive_undo(session, office, now):
    import_id, _ = take_over(session, staff_file(row(nip=nip(5), nama="Orang 5", unit="Dinas A")), now)
    with write_tx(session):
        session.execute(update(Account).where(Account.identifier == nip(5)).values(password_hash="x"))
    take_back(session, import_id, now)
    assert queries.kept_changes(session, import_id) == [
        (2, "Orang 5", "Sudah memakai akunnya atau sudah disebut di catatan lain, jadi tetap ada.")
    ]


def test_unit_changes_are_undone_unless_changed_again(session, office, now):
    with write_tx(session):
        session.execute(update(Unit).where(Unit.id == office["a"]).values(code="ka"))
    file = staff_file(
        row(nip=nip(2), nama="Orang 2", unit="Dinas Alfa", kode="ka"), row(nip=nip(3), nama="Orang 3", unit="Dinas B", kode="kb")
    )
    before = whole_state(session)
    import_id, done = take_over(session, file, now)
    assert done == {"unchanged": 1, "moved": 1, "units": 2}
    assert session.get(Unit, office["a"], populate_existing=True).name == "Dinas Alfa"
    take_back(session, import_id, now)
    assert whole_state(session) == before
    import_id, _ = take_over(session, file, now)
    with write_tx(session):
        change_unit(session, unit_id=office["a"], now=now, name="Dinas Beta")
    take_back(session, import_id, now)
    assert queries.kept_changes(session, import_id) == [(0, "Dinas Beta", "Sudah diubah lagi: nama.")]


def test_two_workers_take_turns(session, new_session, office, now, monkeypatch):
    monkeypatch.setattr(actions, "CHUNK", 2)
    file = staff_file(*(row(nip=nip(number), nama=f"Orang {number}", unit="Dinas A") for number in range(10, 21)))
    options = Options(TODAY)
    with write_tx(session):
        import_id = actions.register(session, file_name="x", sha256="0" * 64, options=options, now=now)
    plan = queries.plan_of(session, file, options, None)
    with write_tx(session):
        actions.confirm(session, import_id=import_id, plan=plan, typed="", now=now)
    found = queries.staff_import(session, import_id)
    with new_session() as other:
        runs = [(session, actions.begin_run(session, found, file)), (other, actions.begin_run(other, found, file))]
        more = [True, True]
        while any(more):
            for place, (each, run) in enumerate(runs):
                with write_tx(each):
                    more[place] = actions.advance(each, run, now=now)
    assert queries.staff_import(session, import_id).counts["done"]["new"] == 11
    assert session.scalar(select(func.count()).select_from(StaffImportChange)) == 11
    with pytest.raises(Conflict), write_tx(session):
        actions.confirm(session, import_id=import_id, plan=plan, typed="", now=now)


def test_acts_are_audited(session, office, now):
    import_id, _ = take_over(session, staff_file(row(nip=nip(1), nama="Orang Satu", unit="Dinas A")), now, by=office[2])
    take_back(session, import_id, now)
    rows = session.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    assert [tuple(each) for each in rows] == [
        ("staff.import", f"import:{import_id}", office[2]),
        ("person.import", f"person:{office[1]}", office[2]),
        ("staff.import_done", f"import:{import_id}", office[2]),
        ("staff.undo", f"import:{import_id}", None),
        ("staff.undone", f"import:{import_id}", None),
    ]


def test_problem_rows_come_with_their_reasons_and_can_be_mended(session, office):
    file = staff_file(row(nip="1,97E+17", nama="Rusak", unit="Dinas A"), row(nip=nip(2), nama="Orang 2", unit="Dinas A"))
    headings, rows = problem_table(file, queries.plan_of(session, file, Options(TODAY), None))
    assert headings == [*HEADINGS, "Masalah"]
    assert [cells[:3] for cells in rows] == [["1,97E+17", "Rusak", "Dinas A"]]
    assert rows[0][-1].startswith("Baris 2: Kolom NIP: Excel merusak NIP;")


def test_number_of_statements_does_not_grow_with_the_rows(session, office, now, engine):
    counts = []
    for size, first in ((5, 100), (50, 200)):
        file = staff_file(*(row(nip=nip(first + number), nama=f"Orang {number}", unit="Dinas A") for number in range(size)))
        take_over(session, file, now)
        moved = staff_file(*(row(nip=nip(first + number), nama=f"Orang {number}", unit="Dinas B") for number in range(size)))
        seen = []
        listen(engine, seen)
        assert take_over(session, moved, now)[1]["moved"] == size
        counts.append(len([sql for sql in seen if sql.startswith("SELECT")]))
        seen.append("end")
    assert counts[0] == counts[1]


def listen(engine, seen):
    from_now = len(seen)
    event.listen(
        engine,
        "before_cursor_execute",
        lambda connection, cursor, sql, *rest: seen.append(sql) if "end" not in seen[from_now:] else None,
    )


# ------------------------------------------------------------------ any state, any file

UNITS = ("Dinas A", "DINAS  A", "Dinas B", "Seksi X", "Seksi Y")
CELLS = st.fixed_dictionaries(
    {
        "nip": st.sampled_from([*(nip(number) for number in range(1, 8)), "", "1,97E+17"]),
        "nama": st.sampled_from(["Orang 1", "Orang 2", "Sitti", ""]),
        "unit": st.sampled_from(UNITS),
        "induk": st.sampled_from(["", "Dinas A", "Dinas B", "Pemkot"]),
        "jabatan": st.sampled_from(["", "Arsiparis", "Guru"]),
        "lahir": st.sampled_from(["", "26-09-1986"]),
        "id": st.sampled_from(["", "", "s1", "s2"]),
        "kode": st.sampled_from(["", "", "k1", "k2"]),
        "keputusan": st.sampled_from(["", "", "baru", "sama"]),
        "hukum": st.sampled_from(["", "", "", "Pensiun"]),
    }
)
FILES = st.lists(CELLS, min_size=1, max_size=8)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=FILES, second=FILES, complete=st.booleans())
def test_import_then_undo_is_nothing_and_twice_is_once(session, now, first, second, complete):
    with write_tx(session):
        _empty(session)
    yesterday = TODAY - timedelta(days=1)
    take_over(session, staff_file(*(row(**cells) for cells in first)), now, on=yesterday, typed="")
    file = staff_file(*(row(**cells) for cells in second))
    before = whole_state(session)
    planned = queries.plan_of(session, file, Options(TODAY, complete), None)
    import_id, done = take_over(session, file, now, complete=complete, typed=str(planned.count(RowKind.LEFT)))
    assert done == {kind: count for kind, count in planned.counts.items() if count}
    after = whole_state(session)
    again, twice = take_over(session, file, now, complete=complete)
    assert set(twice) <= {"unchanged", "problem"}
    assert whole_state(session) == after
    take_back(session, again, now)
    take_back(session, import_id, now)
    assert whole_state(session) == before
    assert queries.kept_changes(session, import_id) == []


def _empty(session):
    for table in (StaffImportChange, StaffImport, Account, Membership, UnitOperator):
        session.execute(delete(table))
    session.execute(update(Unit).values(head_id=None, parent_id=None))
    session.execute(delete(Person))
    session.execute(delete(Unit))
