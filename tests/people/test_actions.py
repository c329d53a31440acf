"""Persons, rights and sessions: what ends at once, what stays."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from lms.errors import Invalid, NotFound
from lms.people import actions, queries
from lms.people.models import Account, Membership, Person, RoleGrant, SessionRow
from lms.people.rules import hash_secret
from lms.people.types import EmploymentKind, Role, SessionInfo
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, hashed, make_person, make_unit, sign_in

NIP, PPPK = "198609262015051001", "200012312024211001"
TODAY = date(2026, 3, 5)


def test_make_person_gives_account_unit_and_birth_date(session):
    with write_tx(session):
        unit = make_unit(session)
        person_id = actions.make_person(
            session,
            name="  Andi   Tenri ",
            nip="19860926 201505 1 001",
            unit_id=unit.id,
            from_on=TODAY,
            title_suffix=" S.T. ",
            grade="III/d",
        )
    person = session.get(Person, person_id)
    assert (person.name, person.nip, person.birth_date, person.title_suffix) == ("Andi Tenri", NIP, date(1986, 9, 26), "S.T.")
    info = queries.account(session, person_id)
    assert (info.identifier, info.is_activated, info.disabled_at) == (NIP, False, None)
    assert session.execute(select(Membership.unit_id, Membership.from_on, Membership.to_on)).all() == [(unit.id, TODAY, None)]


def test_people_without_nip_sign_in_by_a_word_or_not_at_all(session):
    with write_tx(session):
        partner = actions.make_person(session, name="Mitra", identifier=" Mitra.Satu ", employment_kind=EmploymentKind.OTHER)
        guest = actions.make_person(session, name="Tamu")
    assert queries.account(session, partner).identifier == "mitra.satu"
    with pytest.raises(NotFound):
        queries.account(session, guest)


@pytest.mark.parametrize(
    "values",
    [
        {"name": " "},
        {"name": "x" * 201},
        {"name": "A", "nip": "123"},
        {"name": "A", "nip": NIP, "birth_date": TODAY},
        {"name": "A", "identifier": "аdmin"},
    ],
)
def test_wrong_people_are_refused(session, values):
    with pytest.raises(Invalid), write_tx(session):
        actions.make_person(session, **values)
    assert session.scalar(select(func.count(Person.id))) == 0


def test_a_second_person_with_the_same_number_is_refused_and_the_rest_is_kept(session):
    with write_tx(session):
        actions.make_person(session, name="Satu", nip=NIP)
        for values in ({"nip": NIP}, {"identifier": NIP}):
            with pytest.raises(Invalid) as caught:
                actions.make_person(session, name="Dua", **values)
            assert "sudah dipakai" in str(caught.value)
        actions.make_person(session, name="Tiga", nip=PPPK, employment_kind=EmploymentKind.PPPK)
    assert session.scalars(select(Person.name).order_by(Person.id)).all() == ["Satu", "Tiga"]


def test_change_person_takes_own_data_only(session, now):
    with write_tx(session):
        person = make_person(session, nip=NIP)
        actions.change_person(session, person_id=person.id, now=now, name=" Andi  Tenri ", grade="IV/a", position="Analis")
    assert session.execute(select(Person.name, Person.grade, Person.position)).all() == [("Andi Tenri", "IV/a", "Analis")]
    for wrong in ({"nip": PPPK}, {"left_on": TODAY}, {"id": 5}):
        with pytest.raises(ValueError), write_tx(session):
            actions.change_person(session, person_id=person.id, now=now, **wrong)


# -- sessions (R43, R44) --------------------------------------------------------------------------------------------------------


def disable(session, person, opened, now):
    actions.disable_account(session, person_id=person.id, now=now)


def leave(session, person, opened, now):
    actions.let_leave(session, person_id=person.id, on=TODAY, now=now)


def sign_out(session, person, opened, now):
    actions.end_session(session, person_id=person.id, session_id=opened.session_id, now=now)


def end_all(session, person, opened, now):
    actions.end_all_sessions(session, person_id=person.id, now=now)


def change_password(session, person, opened, now):
    actions.change_password(session, person_id=person.id, password_hash=hashed(PASSWORD), now=now)


def grant(session, person, opened, now):
    actions.grant_role(session, person_id=person.id, role=Role.ADMIN, now=now)


def revoke(session, person, opened, now):
    actions.revoke_role(session, person_id=person.id, role=Role.AUTHOR, now=now)


@pytest.mark.parametrize("act", [disable, leave, sign_out, end_all, change_password, grant, revoke])
def test_an_old_cookie_is_dead_after_the_event(session, now, act):
    with write_tx(session):
        person, other = make_person(session, roles=(Role.AUTHOR,), unit=make_unit(session)), make_person(session)
        opened, others = sign_in(session, person, now), sign_in(session, other, now)
    assert queries.signed_in(session, hash_secret(opened.token), now).person_id == person.id
    with write_tx(session):
        act(session, person, opened, now)
    assert queries.signed_in(session, hash_secret(opened.token), now) is None
    assert queries.signed_in(session, hash_secret(others.token), now).person_id == other.id


@pytest.mark.parametrize(
    ("is_shared", "roles", "life"),
    [(False, (), timedelta(days=30)), (True, (), timedelta(hours=12)), (False, (Role.AUTHOR,), timedelta(hours=12))],
)
def test_a_session_ends_for_good_by_device_and_role(session, now, is_shared, roles, life):
    with write_tx(session):
        opened = sign_in(session, make_person(session, roles=roles), now, is_shared=is_shared)
    assert opened.expires_at == now + life
    assert queries.signed_in(session, hash_secret(opened.token), now + life - timedelta(seconds=1)).is_shared_device is is_shared
    assert queries.signed_in(session, hash_secret(opened.token), now + life) is None


def test_a_token_is_random_and_its_hash_does_not_open(session, now):
    with write_tx(session):
        person = make_person(session)
        tokens = {sign_in(session, person, now).token for _ in range(20)}
    assert (len(tokens), min(map(len, tokens))) == (20, 43)
    stored = session.scalar(select(SessionRow.token_hash).limit(1))
    assert queries.signed_in(session, hash_secret(stored), now) is None
    assert queries.signed_in(session, "", now) is None


def test_people_see_and_end_their_own_devices_only(session, now):
    with write_tx(session):
        owner, stranger = make_person(session), make_person(session)
        phone = sign_in(session, owner, now)
        office = sign_in(session, owner, now + timedelta(minutes=1), is_shared=True)
        sign_in(session, stranger, now)
    later = now + timedelta(minutes=2)
    assert queries.sessions_of(session, owner.id, later) == [
        SessionInfo(office.session_id, "Chrome di Android", True, now + timedelta(minutes=1), office.expires_at),
        SessionInfo(phone.session_id, "Chrome di Android", False, now, phone.expires_at),
    ]
    for session_id in (phone.session_id, 999):
        with pytest.raises(NotFound), write_tx(session):
            actions.end_session(session, person_id=stranger.id, session_id=session_id, now=later)
    with write_tx(session):
        for _ in range(2):
            actions.end_session(session, person_id=owner.id, session_id=office.session_id, now=later)
    assert [info.session_id for info in queries.sessions_of(session, owner.id, later)] == [phone.session_id]
    assert queries.sessions_of(session, owner.id, now + timedelta(days=30)) == []


def test_the_administrator_ends_all_sessions_and_is_named(session, now):
    with write_tx(session):
        owner, admin = make_person(session), make_person(session, roles=(Role.ADMIN,))
        for _ in range(3):
            sign_in(session, owner, now)
        assert actions.end_all_sessions(session, person_id=owner.id, now=now, by=admin.id) == 3
        assert actions.end_all_sessions(session, person_id=owner.id, now=now, by=admin.id) == 0
    rows = session.execute(select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.detail)).all()
    assert rows == [("account.end_sessions", admin.id, {"count": 3})]


def test_signing_in_and_out_at_once_leaves_no_old_session_alive(session, new_session, now):
    with write_tx(session):
        person = make_person(session)
        old = sign_in(session, person, now)

    def again():
        with new_session() as mine, write_tx(mine):
            actions.open_session(
                mine, person_id=person.id, is_shared=False, device="", now=now, replaces_token_hash=hash_secret(old.token)
            )

    def out():
        with new_session() as mine, write_tx(mine):
            actions.end_session(mine, person_id=person.id, session_id=old.session_id, now=now)

    threads = [threading.Thread(target=act) for act in (again, out) * 8]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert queries.signed_in(session, hash_secret(old.token), now) is None
    assert len(queries.sessions_of(session, person.id, now)) == 8


def test_roles_are_granted_once_and_audited(session, now):
    with write_tx(session):
        person, admin = make_person(session), make_person(session)
        for _ in range(2):
            actions.grant_role(session, person_id=person.id, role=Role.AUTHOR, now=now, by=admin.id)
    assert session.execute(select(RoleGrant.person_id, RoleGrant.role)).all() == [(person.id, "author")]
    with write_tx(session):
        for _ in range(2):
            actions.revoke_role(session, person_id=person.id, role=Role.AUTHOR, now=now, by=admin.id)
    rows = session.execute(select(AuditEntry.action, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    assert rows == [("role.grant", admin.id), ("role.revoke", admin.id)]


def test_a_role_granted_in_16_threads_is_one_row(session, new_session, now):
    with write_tx(session):
        person = make_person(session)

    def grant_it():
        with new_session() as mine, write_tx(mine):
            actions.grant_role(mine, person_id=person.id, role=Role.AUTHOR, now=now)

    threads = [threading.Thread(target=grant_it) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert session.scalar(select(func.count(RoleGrant.id))) == 1


def test_disabling_is_repeatable_and_reversible(session, now):
    with write_tx(session):
        person = make_person(session)
        for act in (actions.disable_account, actions.disable_account, actions.enable_account, actions.enable_account):
            act(session, person_id=person.id, now=now)
    assert session.scalar(select(Account.disabled_at)) is None
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == ["account.disable", "account.enable"]


def test_retiring_later_keeps_rights_until_the_day(session, now):
    with write_tx(session):
        person = make_person(session, unit=make_unit(session))
        opened = sign_in(session, person, now)
        actions.let_leave(session, person_id=person.id, on=TODAY + timedelta(days=10), now=now)
    assert queries.signed_in(session, hash_secret(opened.token), now + timedelta(days=9)) is not None
    assert queries.signed_in(session, hash_secret(opened.token), now + timedelta(days=10)) is None
    with pytest.raises(Invalid), write_tx(session):
        actions.let_leave(session, person_id=make_person(session, unit=make_unit(session)).id, on=date(2019, 1, 1), now=now)
