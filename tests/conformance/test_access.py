"""Default deny: the guard of each endpoint, and thirteen actors against every route (R1)."""

import pytest

from lms.people import actions, queries
from lms.people.models import CourseMentor, SecondFactor, UnitOperator
from lms.people.types import Role
from lms.store.engine import write_tx
from tests.conformance import access, rules
from tests.factories.content import publish_sample
from tests.factories.people import PASSWORD, make_person, make_unit

ENDS_SESSIONS = {"own.devices.end", "own.devices.end_others"}
"""Would end the session that the rest of the walk needs; their guard is that of their siblings."""
KIND = {
    "learner": "learner",
    "other learner": "learner",
    "head": "head",
    "other head": "head",
    "author": "author",
    "admin": "admin",
    "mentor": "mentor",
    "operator": "operator",
}


def test_every_endpoint_is_public_by_name_or_behind_a_guard(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert rules.loose_endpoints(endpoints, set(access.GUARDED), access.PUBLIC) == set()
    assert access.PUBLIC - endpoints == set()


@pytest.fixture
def people(session, tmp_path, now):
    with write_tx(session):
        unit, other = make_unit(session), make_unit(session)
        make_person(session, unit=unit, identifier="learner", password=PASSWORD)
        make_person(session, unit=other, identifier="other learner".replace(" ", "-"), password=PASSWORD)
        unit.head_id = make_person(session, unit=unit, identifier="head", password=PASSWORD).id
        other.head_id = make_person(session, unit=other, identifier="other-head", password=PASSWORD).id
        make_person(session, unit=unit, identifier="author", password=PASSWORD, roles=(Role.AUTHOR,))
        make_person(session, unit=unit, identifier="admin", password=PASSWORD, roles=(Role.ADMIN,))
        gone = make_person(session, unit=unit, identifier="disabled", password=PASSWORD)
        make_person(session, unit=unit, identifier="signed-out", password=PASSWORD)
        make_person(session, unit=unit, identifier="half-signed-in", password=PASSWORD)
        make_person(session, unit=unit, identifier="half-signed-in-admin", password=PASSWORD, roles=(Role.ADMIN,))
        mentor = make_person(session, unit=unit, identifier="mentor", password=PASSWORD)
        operator = make_person(session, unit=unit, identifier="operator", password=PASSWORD)
    published = publish_sample(session, tmp_path, now)
    with write_tx(session):
        session.add(CourseMentor(course_id=published.course_id, person_id=mentor.id))
        session.add(UnitOperator(unit_id=unit.id, person_id=operator.id))
    return gone


def _urls(app):
    for rule in app.url_map.iter_rules():
        values = {name: 1 if f"<int:{name}>" in rule.rule else "x" for name in rule.arguments}
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield rule.endpoint, method, rule.build(values)[1]


@pytest.mark.parametrize("actor", access.ACTORS)
def test_actor_passes_exactly_the_guards_it_may(app, new_browser, people, session, now, actor):
    browser = new_browser()
    app.config["WTF_CSRF_ENABLED"] = False  # the guard answers before any form is read; what is asked here is who may enter
    if actor != "anonymous":
        browser.sign_in(actor.replace(" ", "-"), PASSWORD)
    if actor == "disabled":
        with write_tx(session):
            actions.disable_account(session, person_id=people.id, now=now)
    if actor.startswith("half"):
        with write_tx(session):
            who = queries.account_by_identifier(session, actor.replace(" ", "-")).person_id
            session.add(SecondFactor(person_id=who, secret="", made_at=now, confirmed_at=now))
    if actor == "signed out":
        browser.client.post("/keluar", data={})
    for endpoint, method, url in _urls(app):
        if endpoint in access.PUBLIC or endpoint in ENDS_SESSIONS:
            continue
        status = browser.client.open(url, method=method).status_code
        surface = endpoint.split(".")[0]
        if KIND.get(actor) is None:
            assert status == 303, (actor, method, url, status)
        elif KIND[actor] in access.GUARDED[surface]:
            assert status in {200, 204, 303, 400, 401, 404, 409}, (actor, method, url, status)
        else:
            assert status == 403, (actor, method, url, status)


def test_no_address_vanished(app):
    saved = (rules.ROOT / "tests" / "conformance" / "routes.txt").read_text(encoding="utf-8").split("\n")[:-1]
    now = {f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods & {"GET", "POST"}}
    assert rules.vanished(saved, now) == set()
