"""Plt, Plh and superiors named by hand: within their dates only, with history, and never against sense (D27)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lms.errors import Conflict, Invalid, NotFound
from lms.people import actions, hierarchy, operators, records, superiors
from lms.people.models import NamedSuperior, UnitOperator
from lms.people.types import ActingKind, Role, Superior, SuperiorSource
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, make_person, make_unit

TODAY = date(2026, 3, 5)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


@pytest.fixture
def place(session):
    with write_tx(session):
        unit, other = make_unit(session), make_unit(session)
        head, staff, guest = make_person(session, unit=unit), make_person(session, unit=unit), make_person(session, unit=other)
        unit.head_id = head.id
    return {"unit": unit.id, "other": other.id, "head": head.id, "staff": staff.id, "guest": guest.id}


def test_a_plh_leads_within_its_dates_only_and_the_head_again_afterwards(session, place, now):
    with write_tx(session):
        superiors.name_acting_head(
            session,
            unit_id=place["unit"],
            person_id=place["guest"],
            kind=ActingKind.PLH,
            from_on=day(1),
            to_on=day(4),
            now=now,
            by=place["head"],
        )
    seen = [bool(hierarchy.headed_unit_paths(session, place["guest"], day(offset))) for offset in (0, 1, 3, 4)]
    assert seen == [False, True, True, False]
    found = [hierarchy.superiors_with_source(session, [place["staff"]], day(offset)) for offset in (0, 1, 4)]
    head, plh = Superior(place["head"], SuperiorSource.HEAD), Superior(place["guest"], SuperiorSource.PLH)
    assert found == [{place["staff"]: head}, {place["staff"]: plh}, {place["staff"]: head}]
    entry = session.execute(select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.detail)).one()
    detail = {"person": place["guest"], "on": "2026-03-06", "until": "2026-03-09", "kind": "plh"}
    assert entry == ("unit.acting", place["head"], detail)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"kind": ActingKind.PLH, "to_on": None}, "to_on"),
        ({"to_on": TODAY}, "to_on"),
        ({"person_id": "head"}, "person_id"),
        ({"person_id": "nobody"}, "person_id"),
        ({"from_on": day(-3), "to_on": day(1)}, "from_on"),
    ],
)
def test_an_acting_head_that_makes_no_sense_is_refused(session, place, now, over, field):
    about = {"unit_id": place["unit"], "kind": ActingKind.PLT, "to_on": None, "now": now}
    with write_tx(session):
        superiors.name_acting_head(session, **about | {"person_id": place["staff"], "from_on": day(0), "to_on": day(30)})
    wrong = {"person_id": place["staff"], "from_on": TODAY} | over
    if isinstance(wrong["person_id"], str):
        wrong["person_id"] = place.get(wrong["person_id"], 9999)
    with pytest.raises(Invalid) as caught, write_tx(session):
        superiors.name_acting_head(session, **about | wrong)
    assert caught.value.field == field
    with pytest.raises(NotFound), write_tx(session):
        superiors.name_acting_head(session, **about | wrong | {"unit_id": 9999})


def test_a_term_ended_early_stays_in_the_history(session, place, now):
    with write_tx(session):
        term_id = superiors.name_acting_head(
            session,
            unit_id=place["unit"],
            person_id=place["guest"],
            kind=ActingKind.PLT,
            from_on=day(-10),
            to_on=None,
            now=now,
        )
        for _ in range(2):
            superiors.end_acting_head(session, unit_id=place["unit"], term_id=term_id, now=now)
    assert [(one.person_id, one.to_on) for one in superiors.acting_heads(session, place["unit"])] == [(place["guest"], TODAY)]
    with pytest.raises(NotFound), write_tx(session):
        superiors.end_acting_head(session, unit_id=place["other"], term_id=term_id, now=now)
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == ["unit.acting", "unit.acting_end"]


def test_a_named_superior_takes_the_place_of_the_one_before(session, place, now):
    about = {"person_id": place["staff"], "to_on": None, "now": now}
    with write_tx(session):
        superiors.name_superior(session, **about, superior_id=place["guest"], from_on=day(-5))
        term_id = superiors.name_superior(session, **about, superior_id=place["head"], from_on=day(2))
    rows = session.execute(
        select(NamedSuperior.superior_id, NamedSuperior.from_on, NamedSuperior.to_on).order_by(NamedSuperior.id)
    )
    assert rows.all() == [(place["guest"], day(-5), day(2)), (place["head"], day(2), None)]
    assert hierarchy.named_below(session, place["guest"], day(1)) == [place["staff"]]
    assert hierarchy.named_below(session, place["guest"], day(2)) == []
    assert hierarchy.superior_of(session, place["staff"], TODAY) == place["guest"]
    with write_tx(session):
        superiors.end_named_superior(session, person_id=place["staff"], term_id=term_id, now=now)
    assert [one.to_on for one in superiors.named_superiors(session, place["staff"])] == [day(2), day(2)]
    for wrong in ({"superior_id": place["staff"]}, {"superior_id": 9999}, {"superior_id": place["head"], "to_on": day(-9)}):
        with pytest.raises(Invalid), write_tx(session):
            superiors.name_superior(session, **about | {"from_on": TODAY} | wrong)


def test_an_operator_loses_the_unit_with_a_transfer_and_everything_on_leaving(session, place, now):
    with write_tx(session):
        for unit in ("unit", "other"):
            for _ in range(2):
                operators.name_operator(session, unit_id=place[unit], person_id=place["staff"], now=now)
        operators.name_operator(session, unit_id=place["other"], person_id=place["head"], now=now)
    with write_tx(session):
        actions.move_person(session, person_id=place["staff"], unit_id=place["other"], on=TODAY, now=now)
    wanted = select(UnitOperator.unit_id).where(UnitOperator.person_id == place["staff"])
    assert session.scalars(wanted).all() == [place["other"]]
    posts = [(post.unit_id, post.kind) for post in records.posts_of(session, place["head"], TODAY)]
    assert posts == [(place["unit"], "head"), (place["other"], "operator")]
    with write_tx(session):
        actions.let_leave(session, person_id=place["staff"], on=TODAY, now=now)
    assert session.scalars(wanted).all() == []
    for wrong, kind in (({"unit_id": 9999}, NotFound), ({"person_id": place["staff"]}, Invalid)):
        with pytest.raises(kind), write_tx(session):
            operators.name_operator(session, **{"unit_id": place["unit"], "person_id": place["head"], "now": now} | wrong)


def test_the_last_administrator_who_can_sign_in_keeps_the_role(session, now):
    with write_tx(session):
        one, two = (make_person(session, roles=(Role.ADMIN,), password=PASSWORD) for _ in range(2))
        make_person(session, roles=(Role.ADMIN,))
    with write_tx(session):
        actions.revoke_role(session, person_id=one.id, role=Role.ADMIN, now=now)
    acts = (
        lambda: actions.revoke_role(session, person_id=two.id, role=Role.ADMIN, now=now),
        lambda: actions.disable_account(session, person_id=two.id, now=now),
        lambda: actions.let_leave(session, person_id=two.id, on=TODAY, now=now),
    )
    for act in acts:
        with pytest.raises(Conflict), write_tx(session):
            act()
    with write_tx(session):
        actions.grant_role(session, person_id=one.id, role=Role.ADMIN, now=now)
        actions.revoke_role(session, person_id=two.id, role=Role.ADMIN, now=now)
