"""Surfaces by right: a table of everybody."""

from datetime import UTC, datetime

import pytest

from lms.people.access import may_enter_admin, may_enter_learn, may_enter_studio, may_enter_team
from lms.people.types import Role, SignedIn


@pytest.mark.parametrize(
    ("roles", "heads_unit", "doors"),
    [
        (set(), False, (True, False, False, False)),
        (set(), True, (True, True, False, False)),
        ({Role.AUTHOR}, False, (True, False, True, False)),
        ({Role.ADMIN}, False, (True, False, False, True)),
        ({Role.ADMIN, Role.AUTHOR}, True, (True, True, True, True)),
    ],
)
def test_who_enters_which_surface(roles, heads_unit, doors):
    who = SignedIn(1, 1, "Tenri", "Asia/Makassar", frozenset(roles), heads_unit, False, "x", datetime(2026, 3, 5, tzinfo=UTC))
    assert (may_enter_learn(who), may_enter_team(who), may_enter_studio(who), may_enter_admin(who)) == doors
    assert (who.is_author, who.is_admin) == (doors[2], doors[3])
