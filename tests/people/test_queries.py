"""Who is signed in, who somebody is on a date, and who stands below whom."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, update

from lms.errors import NotFound
from lms.people import queries
from lms.people.actions import end_session
from lms.people.models import Account, Membership, Person
from lms.people.rules import hash_secret
from lms.people.settings import save_settings
from lms.people.types import Role
from lms.store.engine import write_tx
from tests.factories.people import make_person, make_unit, sign_in

TODAY = date(2026, 3, 5)


def test_signed_in_gives_person_zone_roles_and_headship(session, now):
    with write_tx(session):
        unit = make_unit(session, time_zone="Asia/Jayapura")
        person = make_person(session, unit=unit, name="Andi Tenri", roles=(Role.AUTHOR, Role.ADMIN))
        unit.head_id = person.id
        opened = sign_in(session, person, now)
    who = queries.signed_in(session, hash_secret(opened.token), now)
    assert (who.person_id, who.session_id, who.name, who.time_zone) == (
        person.id,
        opened.session_id,
        "Andi Tenri",
        "Asia/Jayapura",
    )
    assert (who.roles, who.heads_unit, who.is_shared_device) == ({Role.AUTHOR, Role.ADMIN}, True, False)
    assert (who.csrf_secret, who.authenticated_at) == (opened.csrf_secret, now)


def test_signed_in_without_unit_uses_the_agency_zone(session, now):
    with write_tx(session):
        opened = sign_in(session, make_person(session), now)
    assert queries.signed_in(session, hash_secret(opened.token), now).time_zone == "Asia/Makassar"
    with write_tx(session):
        save_settings(session, time_zone="Asia/Jakarta")
    who = queries.signed_in(session, hash_secret(opened.token), now)
    assert (who.time_zone, who.roles, who.heads_unit) == ("Asia/Jakarta", frozenset(), False)


def test_signed_in_costs_one_statement(session, engine, now):
    with write_tx(session):
        opened = sign_in(session, make_person(session, unit=make_unit(session), roles=(Role.AUTHOR,)), now)
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    queries.signed_in(session, hash_secret(opened.token), now)
    assert [text.split()[0] for text in seen if not text.startswith(("BEGIN", "PRAGMA", "SET"))] == ["SELECT"]


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=30) - timedelta(seconds=1)])
def test_signed_in_lasts_30_days(session, now, after):
    with write_tx(session):
        opened = sign_in(session, make_person(session), now)
    assert queries.signed_in(session, hash_secret(opened.token), now + after) is not None
    assert queries.signed_in(session, hash_secret(opened.token), now + timedelta(days=30)) is None


def test_signed_in_ends_with_session_account_and_employment(session, now):
    with write_tx(session):
        signed_out, disabled, retired, kept = (make_person(session) for _ in range(4))
        tokens = [sign_in(session, person, now) for person in (signed_out, disabled, retired, kept)]
        end_session(session, person_id=signed_out.id, session_id=tokens[0].session_id, now=now)
        session.execute(update(Account).where(Account.person_id == disabled.id).values(disabled_at=now))
        session.execute(update(Person).where(Person.id == retired.id).values(left_on=TODAY))
    found = [queries.signed_in(session, hash_secret(opened.token), now) for opened in tokens]
    assert [who and who.person_id for who in found] == [None, None, None, kept.id]


def test_identity_shows_the_unit_of_the_date(session):
    with write_tx(session):
        old, new = make_unit(session, name="Dinas Kesehatan"), make_unit(session, name="BKPSDM", time_zone="Asia/Jakarta")
        person = make_person(
            session,
            name="Tenri",
            title_prefix="dr.",
            title_suffix="M.Kes.",
            nip="198609262015051001",
            grade="III/d",
            position="Analis",
        )
        session.add_all(
            [
                Membership(person_id=person.id, unit_id=old.id, from_on=date(2020, 1, 1), to_on=date(2025, 7, 1)),
                Membership(person_id=person.id, unit_id=new.id, from_on=date(2025, 7, 1)),
            ]
        )
    before, after = (
        queries.identity(session, person.id, date(2025, 6, 30)),
        queries.identity(session, person.id, date(2025, 7, 1)),
    )
    assert (before.unit_name, before.unit_path, before.time_zone) == ("Dinas Kesehatan", old.path, "Asia/Makassar")
    assert (after.unit_name, after.unit_id, after.time_zone) == ("BKPSDM", new.id, "Asia/Jakarta")
    assert (after.display_name, after.plain_name, after.rank_name, after.nip) == (
        "dr. Tenri, M.Kes.",
        "Tenri",
        "Penata Tk I",
        "198609262015051001",
    )
    nowhere = queries.identity(session, person.id, date(2019, 1, 1))
    assert (nowhere.unit_id, nowhere.unit_name, nowhere.unit_path) == (None, "", "")
    with pytest.raises(NotFound):
        queries.identity(session, 999_999, TODAY)


def test_units_are_listed_as_a_tree_by_name_and_found_by_words(session):
    with write_tx(session):
        root = make_unit(session, name="Kota")
        schools, health = (
            make_unit(session, parent=root, name="dinas pendidikan"),
            make_unit(session, parent=root, name="Dinas Kesehatan"),
        )
        clinic = make_unit(session, parent=health, name="Puskesmas 100%")
    rows = queries.units(session)
    assert [(row.name, row.depth) for row in rows] == [
        ("Kota", 0),
        ("Dinas Kesehatan", 1),
        ("Puskesmas 100%", 2),
        ("dinas pendidikan", 1),
    ]
    assert [row.unit_id for row in queries.find_units(session, "DINAS")] == [health.id, schools.id]
    assert [row.unit_id for row in queries.find_units(session, "sehat dinas")] == [health.id]
    assert [row.unit_id for row in queries.find_units(session, "0%")] == [clinic.id]
    assert [row.unit_id for row in queries.find_units(session, "_")] == []
    assert len(queries.find_units(session, "", limit=2)) == 2


def test_people_are_found_by_words_or_nip_and_paged(session):
    with write_tx(session):
        unit = make_unit(session, name="BKPSDM")
        tenri = make_person(session, name="Andi Tenri", nip="198609262015051001", unit=unit, title_suffix="S.T.")
        aminah = make_person(session, name="Siti Aminah", left_on=TODAY)
    found = queries.find_people(session, "tenri andi", TODAY)
    assert [(row.person_id, row.display_name, row.unit_name) for row in found] == [(tenri.id, "Andi Tenri, S.T.", "BKPSDM")]
    assert [row.person_id for row in queries.find_people(session, "19860926 201505", TODAY)] == [tenri.id]
    assert [row.person_id for row in queries.find_people(session, "19860926 201505 1 001", TODAY)] == [tenri.id]
    first = queries.find_people(session, "", TODAY, limit=1)
    rest = queries.find_people(session, "", TODAY, after=(first[0].name, first[0].person_id))
    assert [row.person_id for row in first + rest] == [tenri.id, aminah.id]
    assert [(row.unit_id, row.unit_name, row.left_on) for row in rest] == [(None, "", TODAY)]


def test_password_words_are_what_others_know(session):
    with write_tx(session):
        person = make_person(
            session,
            name="Andi Tenri",
            nip="198609262015051001",
            unit=make_unit(session, name="BKPSDM"),
            birth_date=date(1986, 9, 26),
        )
        save_settings(session, agency_name="Kota Harapan")
    assert queries.password_words(session, person.id) == [
        "Andi Tenri",
        "198609262015051001",
        "198609262015051001",
        "BKPSDM Kota Harapan",
        "19860926",
        "26091986",
        "260986",
        "860926",
    ]
