"""The reports against a plain reference that reads the tables person by person, over random histories."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import median

import pytest
from sqlalchemy import event, select

from lms.errors import NotFound
from lms.people.hierarchy import EVERYBODY, Team, team_of
from lms.people.models import Membership, NamedSuperior, Person, Unit
from lms.people.settings import AgencySettings, agency_settings
from lms.people.types import EmploymentKind
from lms.progress import jp
from lms.progress.models import Completion, Enrolment, EnrolmentSummary, JpEntry
from lms.progress.types import State
from lms.recognition.models import Certificate
from lms.store.engine import write_tx
from lms.teams import reports
from lms.teams.report_frame import Asked, Frame, frame
from lms.teams.rules import hidden_lines
from lms.teams.rules import median as our_median
from tests.factories.history import make_history
from tests.factories.people import make_person, make_unit

TODAY = date(2026, 3, 5)
DAYS = (TODAY, date(2026, 2, 28), date(2026, 1, 15), date(2025, 12, 31))


def look(session, team=EVERYBODY, viewer_id=None, on=TODAY, **asked) -> Frame:
    return frame(session, team, Asked(on, is_past=on < TODAY, **asked), agency_settings(session), viewer_id=viewer_id)


def build(key, seen):
    return reports.report_kind(key).build(seen)


def by_title(report) -> list[dict]:
    return [dict(zip([column.title for column in report.table.columns], row, strict=True)) for row in report.table.rows]


# ------------------------------------------------------------------ the reference


def unit_on(session, person, on):
    """The unit of a person on a day; None without one; "gone" for who left or had not come."""
    if person.left_on is not None and person.left_on <= on:
        return "gone"
    stays = session.scalars(select(Membership).where(Membership.person_id == person.id)).all()
    found = [stay.unit_id for stay in stays if stay.from_on <= on and (stay.to_on is None or on < stay.to_on)]
    return found[0] if found else "gone" if stays else None


def jp_on(session, person, on):
    """(own, outside) JP of the day's year, of what was finished by its end in the zone of each row."""
    found = [0, 0]
    for entry in jp.ledger(session, person.id):
        zone_hours = {"Asia/Makassar": 8, "Asia/Jayapura": 9}[entry.time_zone]
        local = (entry.completed_at.timestamp() + zone_hours * 3600) // 86400
        ended = datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp() // 86400
        if entry.counts and entry.year == on.year and (on == TODAY or local <= ended):
            found[entry.enrolment_id is None] += entry.jp
    return tuple(found)


def line_of(units, root, unit_id):
    chain = []
    while unit_id is not None and unit_id != root:
        chain.append(unit_id)
        unit_id = units[unit_id].parent_id
    return chain[-1] if chain else None


@pytest.mark.parametrize("seed", range(4))
def test_jp_by_unit_equals_the_sum_of_its_people(session, tmp_path, now, seed):
    made = make_history(session, tmp_path, now, seed)
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    for on in DAYS:
        expected: dict = {unit.id: [] for unit in units.values() if unit.parent_id == made.root.id}
        for person in session.scalars(select(Person)):
            unit_id = unit_on(session, person, on)
            if unit_id == "gone" or person.employment_kind is EmploymentKind.OTHER:
                continue
            expected.setdefault(line_of(units, made.root.id, unit_id), []).append(jp_on(session, person, on))
        found = build("capaian-jp", look(session, on=on))
        names = {None: "Pemerintah Kota (langsung)"} | {unit.id: unit.name for unit in units.values()}
        wanted = {names[key]: figures(rows) for key, rows in expected.items()}
        assert {row[1]: row[2:] for row in found.table.rows} == wanted
        assert found.table.footer[-1] == ("Seluruhnya", "", *figures([each for rows in expected.values() for each in rows]))
        strips = {row[1]: strip for row, strip in zip(found.table.rows, found.strips, strict=True) if strip}
        assert all(sum((s.none, s.some, s.half, s.reached)) == wanted[name][0] for name, s in strips.items())
        members = by_title(build("anggota", look(session, on=on)))
        with_target = [row for row in members if row["Target JP"]]
        assert len(with_target) == found.table.footer[-1][2]
        assert sum(row["JP LMS"] for row in with_target) == found.table.footer[-1][7]


def figures(rows):
    """Cells of one line from (own, outside) of each person."""
    totals = [sum(row) for row in rows]
    reached = sum(total >= 20 for total in totals)
    share = (Decimal(reached * 100) / len(rows)).quantize(Decimal("0.1"), "ROUND_HALF_UP") if rows else None
    middle = Decimal(str(median(totals))).quantize(Decimal("0.1")) if rows else None
    return (len(rows), reached, share, middle, totals.count(0), sum(row[0] for row in rows), sum(row[1] for row in rows))


@pytest.mark.parametrize("seed", (5, 6))
def test_members_have_the_jp_of_their_own_meter(session, tmp_path, now, seed):
    make_history(session, tmp_path, now, seed)
    found = by_title(build("anggota", look(session)))
    people = {person.nip: person for person in session.scalars(select(Person)) if person.nip}
    checked = 0
    for row in found:
        assert row["JP LMS"] + row["JP luar LMS"] == row["Jumlah JP"]
        if row["NIP"] is None:
            continue
        person = people[row["NIP"]]
        meter = jp.jp_meter(session, person.id, 2026, person.employment_kind)
        assert (row["Jumlah JP"], row["Target JP"] or 0) == (meter.earned, meter.target)
        mine = select(Completion).join(Enrolment, Enrolment.id == Completion.enrolment_id).where(Enrolment.person_id == person.id)
        assert row["Pelatihan selesai"] == len(session.scalars(mine).all())
        checked += 1
    assert checked > 10
    there = [person for person in session.scalars(select(Person)) if unit_on(session, person, TODAY) != "gone"]
    assert len(found) == len(there)


def test_pages_of_members_are_the_whole_list(session, tmp_path, now):
    make_history(session, tmp_path, now, 7)
    whole = build("anggota", look(session))
    parts = [build("anggota", look(session, limit=7, offset=start)) for start in range(0, whole.total, 7)]
    assert [row for part in parts for row in part.table.rows] == list(whole.table.rows)
    assert {part.total for part in parts} == {whole.total}


def test_superior_sees_the_people_below_and_those_named_but_no_nip_and_not_themselves(session, tmp_path, now):
    made = make_history(session, tmp_path, now, 8)
    with write_tx(session):
        outside = make_person(session, unit=made.units[4], name="Diserahkan", nip="198609262015052999")
        session.add(NamedSuperior(person_id=outside.id, superior_id=made.head.id, from_on=date(2026, 1, 1)))
    team = team_of(session, made.head.id, TODAY)
    below = {made.units[0].id, made.units[5].id}
    wanted = {
        person.id
        for person in session.scalars(select(Person))
        if unit_on(session, person, TODAY) in below and person.id != made.head.id
    } | {outside.id}
    for key in ("anggota", "ip-asn"):
        found = build(key, look(session, team, made.head.id))
        assert "NIP" not in [column.title for column in found.table.columns]
        assert (found.total, len(found.table.rows), found.people) == (len(wanted), len(wanted), len(wanted))
        assert "Diserahkan" in [row[0] for row in found.table.rows] and "Kepala" not in [row[0] for row in found.table.rows]
    certificates = build("sertifikat", look(session, team, made.head.id, year=2026))
    mine = session.scalars(select(Certificate).where(Certificate.person_id.in_(wanted), Certificate.year == 2026)).all()
    assert sorted(row[0] for row in certificates.table.rows) == sorted(row.number for row in mine)
    assert look(session, team, made.head.id).scope_paths == (made.units[0].path, "")
    with pytest.raises(NotFound):
        look(session, team, made.head.id, unit_id=made.units[1].id)


@pytest.mark.parametrize("seed", (9, 10))
def test_completion_counts_every_enrolment_once(session, tmp_path, now, seed):
    made = make_history(session, tmp_path, now, seed)
    here = {person.id for person in session.scalars(select(Person)) if unit_on(session, person, TODAY) != "gone"}
    rows = session.execute(
        select(Enrolment, EnrolmentSummary.state, Completion.completed_at)
        .join(EnrolmentSummary, EnrolmentSummary.enrolment_id == Enrolment.id)
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id.in_(here))
    ).all()
    report = build("penyelesaian", look(session))
    for row, course_id in zip(report.table.rows, report.links, strict=True):
        mine = [each for each in rows if each[0].course_id == course_id]
        days = [int((at - enrolment.enrolled_at).total_seconds() // 86400) for enrolment, _, at in mine if at]
        assert row[1:4] == (len(mine), sum(state is not State.NOT_STARTED for _, state, _ in mine), len(days))
        assert row[5] == (Decimal(str(median(days))).quantize(Decimal("0.1")) if days else None)
    course_id = report.links[0]
    by_unit = build("penyelesaian", look(session, course_id=course_id))
    assert by_unit.table.footer[0][1:] == report.table.rows[0][1:]
    assert sum(row[1] for row in by_unit.table.rows) == report.table.rows[0][1]
    with pytest.raises(NotFound):
        build("penyelesaian", look(session, course_id=made.courses[-1] + 99))


def test_evidence_for_ip_asn_goes_by_form_and_says_what_it_is_not(session, now):
    rows = (
        (3, 15, "Teknis"),
        (16, 5, "E-learning"),
        (1, 30, "Kepemimpinan"),
        (9, 4, "Seminar"),
        (10, 8, "Magang"),
        (5, 9, "Manajerial"),
    )
    with write_tx(session):
        unit = make_unit(session)
        person = make_person(session, unit=unit, name="Ani")
        make_person(session, unit=unit, name="Budi")
        for form, amount, title in rows:
            session.add(JpEntry(
                person_id=person.id, title=title, learning_form=form, jp=amount, year=2026, completed_at=now,
                time_zone="Asia/Makassar", minutes=0, minutes_per_jp=45, rule_version="1",
            ))  # fmt: skip
    report = build("ip-asn", look(session))
    unit_name = unit.name
    assert report.table.rows == [
        ("Ani", None, unit_name, 20, "Ada", "Teknis (15 JP); E-learning (5 JP)", "Ada", "Seminar (4 JP)"),
        ("Budi", None, unit_name, 0, "Belum", "", "Belum", ""),
    ]
    assert report.headline == "1 dari 2 pegawai punya 20 JP teknis"
    assert "bukan skor resmi" in report.table.title and "bukan skor IP-ASN resmi" in report.table.notes[1]


def test_small_groups_are_hidden_from_superiors_and_not_from_the_office(session):
    with write_tx(session):
        top = make_unit(session, name="Atas")
        for name, size in (("Kecil", 3), ("Sedang", 6), ("Besar", 9)):
            unit = make_unit(session, name=name, parent=top)
            for _ in range(size):
                make_person(session, unit=unit)
        head = make_person(session, name="Kepala", identifier="kepala")
        top.head_id = head.id
    office = {row[1]: row[3] for row in build("capaian-jp", look(session)).table.rows}
    assert office["Kecil"] == 0
    seen = {row[1]: row[2:4] for row in build("capaian-jp", look(session, Team((top.path,)), head.id)).table.rows}
    assert seen == {"Kecil": (3, None), "Sedang": (6, None), "Besar": (9, 0)}


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [((), set()), ((9, 8), set()), ((3, 8, 9), {0, 1}), ((3, 2, 8), {0, 1}), ((3,), {0}), ((0, 8), set()), ((4, 0, 7), {0, 2})],
)
def test_hidden_lines_cannot_be_found_by_subtraction(sizes, hidden):
    assert hidden_lines(sizes) == hidden


@pytest.mark.parametrize("values", [(), (3,), (1, 2), (5, 1, 1, 9), (0, 0, 7)])
def test_median_of_counts_is_the_median_of_the_values(values):
    assert our_median(Counter(values)) == (Decimal(str(median(values))).quantize(Decimal("0.1")) if values else None)


def test_every_report_needs_as_many_selects_for_thirty_people_as_for_three(session, engine, tmp_path, now):
    made = make_history(session, tmp_path, now, 11, people=10)
    sent = []
    event.listen(engine, "before_cursor_execute", lambda connection, cursor, sql, *rest: sent.append(sql))

    def counts():
        found = {}
        for kind in reports.REPORTS:
            kind.build(look(session))
            sent.clear()
            kind.build(look(session))
            found[kind.key] = sum(sql.startswith(("SELECT", "WITH")) for sql in sent)
        return found

    few = counts()
    with write_tx(session):
        for _ in range(40):
            make_person(session, unit=made.units[3])
    assert counts() == few
    assert few["capaian-jp"] == 3  # settings, units, one grouped statement


def test_targets_are_the_agencys(session):
    with write_tx(session):
        make_person(session, unit=make_unit(session), employment_kind=EmploymentKind.PPPK)
    settings = replace(AgencySettings(), jp_target_pppk=0)
    seen = frame(session, EVERYBODY, Asked(TODAY), settings, viewer_id=None)
    assert build("capaian-jp", seen).table.footer[-1][2] == 0
    assert by_title(build("anggota", seen))[0]["Target JP"] is None
