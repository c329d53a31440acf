"""Surfaces by right: a table of everybody."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.people.access import (
    is_half_signed_in,
    lacks_second_factor,
    may_enter_admin,
    may_enter_learn,
    may_enter_marking,
    may_enter_operator,
    may_enter_studio,
    may_enter_team,
)
from lms.people.types import Role, SignedIn

NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("roles", "heads_unit", "is_mentor", "operates", "doors"),
    [
        (set(), False, False, False, (True, False, False, False, False, False)),
        (set(), True, False, False, (True, True, False, False, True, False)),
        (set(), False, True, False, (True, False, False, False, True, False)),
        (set(), False, False, True, (True, False, False, False, False, True)),
        ({Role.AUTHOR}, False, False, False, (True, False, True, False, True, False)),
        ({Role.ADMIN}, False, False, False, (True, False, False, True, False, True)),
        ({Role.ADMIN, Role.AUTHOR}, True, True, True, (True, True, True, True, True, True)),
    ],
)
def test_who_enters_which_surface(roles, heads_unit, is_mentor, operates, doors):
    who = SignedIn(1, 1, "Tenri", "Asia/Makassar", frozenset(roles), heads_unit, is_mentor, operates, False, "x", NOW)
    surfaces = (may_enter_learn, may_enter_team, may_enter_studio, may_enter_admin, may_enter_marking, may_enter_operator)
    assert tuple(may_enter(who) for may_enter in surfaces) == doors
    assert (who.is_author, who.is_admin) == (doors[2], doors[3])


@pytest.mark.parametrize(
    ("who", "lacks"),
    [
        ({}, False),
        ({"is_mentor": True}, False),
        ({"heads_unit": True}, True),
        ({"operates_unit": True}, True),
        ({"roles": frozenset({Role.AUTHOR})}, True),
        ({"roles": frozenset({Role.ADMIN})}, True),
        ({"heads_unit": True, "has_second_factor": True}, False),
        ({"heads_unit": True, "second_factor_at": NOW}, False),
    ],
)
def test_who_needs_a_second_factor(who, lacks):
    assert lacks_second_factor(_signed_in(**who)) is lacks


def test_a_code_is_owed_by_whoever_switched_it_on_and_every_thirty_days():
    given = [None, NOW - timedelta(days=30), NOW - timedelta(days=29), NOW]
    assert [is_half_signed_in(_signed_in(second_factor_at=at), NOW) for at in given] == [False] * 4
    owing = [is_half_signed_in(_signed_in(has_second_factor=True, second_factor_at=at), NOW) for at in given]
    assert owing == [True, True, False, False]


def _signed_in(**over):
    plain = {"roles": frozenset(), "heads_unit": False, "is_mentor": False, "operates_unit": False}
    same = {"name": "Tenri", "time_zone": "Asia/Makassar", "is_shared_device": False, "csrf_secret": "x", "authenticated_at": NOW}
    return SignedIn(**({"person_id": 1, "session_id": 1} | same | plain | over))
