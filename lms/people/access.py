"""Who may enter which surface. Pure predicates over SignedIn; everything not allowed here is denied (law 8)."""

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
