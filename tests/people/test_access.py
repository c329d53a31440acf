"""Surfaces by right: a table of everybody."""

from datetime import UTC, datetime

import pytest

from lms.people.access import (
    may_enter_admin,
    may_enter_learn,
    may_enter_marking,
    may_enter_operator,
    may_enter_studio,
    may_enter_team,
)
from lms.people.types import Role, SignedIn


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
    since = datetime(2026, 3, 5, tzinfo=UTC)
    who = SignedIn(1, 1, "Tenri", "Asia/Makassar", frozenset(roles), heads_unit, is_mentor, operates, False, "x", since)
    surfaces = (may_enter_learn, may_enter_team, may_enter_studio, may_enter_admin, may_enter_marking, may_enter_operator)
    assert tuple(may_enter(who) for may_enter in surfaces) == doors
    assert (who.is_author, who.is_admin) == (doors[2], doors[3])
