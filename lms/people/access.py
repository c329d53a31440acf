"""Who may enter which surface. Pure predicates over SignedIn; everything not allowed here is denied (law 8)."""

from datetime import datetime

from lms.people import rules
from lms.people.types import SignedIn


def may_enter_learn(who: SignedIn) -> bool:
    """Every signed-in person learns."""
    return True


def may_enter_team(who: SignedIn) -> bool:
    """Heads of a unit, without a grant."""
    return who.heads_unit


def may_enter_studio(who: SignedIn) -> bool:
    return who.is_author


def may_enter_admin(who: SignedIn) -> bool:
    return who.is_admin


def may_enter_operator(who: SignedIn) -> bool:
    """Hands out activation slips (D30): of units that were given to them, an administrator of all."""
    return who.operates_unit or who.is_admin


def marks_for_courses(who: SignedIn) -> bool:
    """Who is shown the door to marking at all times; heads of a unit are told on their own page when something waits for them."""
    return who.is_author or who.is_mentor


def may_enter_marking(who: SignedIn) -> bool:
    """Authors and mentors, and heads of a unit, to whom a course may give the work of their staff. Other learners mark each
    other from the page of their own assignment."""
    return marks_for_courses(who) or who.heads_unit


# -- the second factor (R45, D31) -------------------------------------------------------------------------------------------------


def has_staff_rights(who: SignedIn) -> bool:
    """Rights over others: authors, administrators, heads of a unit (acting and named ones too) and operators."""
    return bool(who.roles) or who.heads_unit or who.operates_unit


def is_half_signed_in(who: SignedIn, now: datetime) -> bool:
    """Gave the password, but not the code that this person has switched on: may enter nothing but the page that asks for it.

    A code opens a session for thirty days, so that learners' own devices are asked that often.
    """
    if not who.has_second_factor:
        return False
    return who.second_factor_at is None or now - who.second_factor_at >= rules.OWN_DEVICE


def lacks_second_factor(who: SignedIn) -> bool:
    """Rights over others, and nothing but a password."""
    return has_staff_rights(who) and not who.has_second_factor and who.second_factor_at is None


def grace_is_over(who: SignedIn, now: datetime) -> bool:
    """Whether the days in which a second factor may still be put off have passed."""
    return who.second_factor_asked_at is not None and now >= who.second_factor_asked_at + rules.SECOND_FACTOR_GRACE
