"""The second factor: each code once, guesses slowed down, keys unreadable at rest, learners' own devices spared (R45, R41, D31)."""

import itertools
import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from lms.errors import Conflict, NotFound, TooManyTries
from lms.people import access, queries, second_factor
from lms.people.actions import change_password, end_session, open_session
from lms.people.models import Account, RecoveryCode, SecondFactor, SessionRow, SignInThrottle
from lms.people.rules import hash_secret
from lms.people.second_factor import matching_step
from lms.people.types import Role
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, hashed, make_person, make_unit
from tests.factories.people import sign_in as open_one

KEY = "a secret of the installation"
HERE = "10.0.0.1"


@pytest.fixture
def person(session):
    with write_tx(session):
        return make_person(session, identifier="peserta", password=PASSWORD, unit=make_unit(session))


def set_up(session, person, now):
    """The app, the session and the recovery codes of a person who has just switched it on."""
    with write_tx(session):
        opened = open_one(session, person, now)
        second_factor.begin(session, person_id=person.id, seal_key=KEY, now=now)
    app = pyotp.TOTP(second_factor.half_made_secret(session, person_id=person.id, seal_key=KEY))
    with write_tx(session):
        opened, codes = second_factor.confirm(session, **typed(person, opened.session_id, app.at(now), now))
    return app, opened, codes


def typed(person, session_id, code, now, address=HERE, key=KEY):
    return {
        "person_id": person.id,
        "session_id": session_id,
        "code": code,
        "address": address,
        "seal_key": key,
        "now": now,
    }


def give(session, person, code, now, **over):
    """A new sign-in, and the code in it."""
    with write_tx(session):
        opened = open_one(session, person, now)
        return second_factor.give(session, **typed(person, opened.session_id, code, now, **over))


def actions_of(session):
    return session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()


def test_codes_of_rfc_6238_fit_their_step():
    """The test vectors of RFC 6238 for SHA-1, six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}
    found = {seconds: matching_step(secret, code, datetime.fromtimestamp(seconds, UTC), 0) for seconds, code in at.items()}
    assert found == {seconds: seconds // 30 for seconds in at}


@pytest.mark.parametrize(("skew", "is_taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_one_step_off_is_forgiven(session, person, now, skew, is_taken):
    app, _, _ = set_up(session, person, now)
    later = now + timedelta(minutes=10)
    assert (give(session, person, app.at(later + timedelta(seconds=skew)), later) is not None) is is_taken


@pytest.mark.parametrize("shape", ["{0}{1}", "{0} {1}", " {0}{1}\n", "wide"])
def test_a_code_may_be_typed_with_blanks_and_wide_digits(session, person, now, shape):
    app, _, _ = set_up(session, person, now)
    later = now + timedelta(minutes=1)
    code = app.at(later)
    text = "".join(chr(ord(digit) + 0xFEE0) for digit in code) if shape == "wide" else shape.format(code[:3], code[3:])
    assert give(session, person, text, later) is not None


@pytest.mark.parametrize("text", ["", "0", "abcdef", "१२३४५६", "\x00" * 6, "9" * 10_000, "12345é", "-12345"])
def test_what_is_no_code_is_refused_and_counted(session, person, now, text):
    set_up(session, person, now)
    assert give(session, person, text, now + timedelta(minutes=1)) is None
    assert session.scalar(select(SignInThrottle.failures).where(SignInThrottle.key == f"factor:{person.id}")) == 1


def test_the_key_is_sealed_at_rest_and_shown_only_until_confirmed(session, person, now):
    app, _, codes = set_up(session, person, now)
    kept = session.scalar(select(SecondFactor.secret).where(SecondFactor.person_id == person.id))
    assert app.secret not in kept and kept.startswith("gAAAA")
    assert second_factor.half_made_secret(session, person_id=person.id, seal_key=KEY) is None
    hashes = set(session.scalars(select(RecoveryCode.code_hash)).all())
    assert hashes == {hash_secret(code.replace("-", "")) for code in codes}


def test_with_another_installation_secret_recovery_codes_still_open(session, person, now):
    app, _, codes = set_up(session, person, now)
    later = now + timedelta(minutes=1)
    assert give(session, person, app.at(later), later, key="another secret") is None
    assert give(session, person, codes[0], later + timedelta(minutes=1), key="another secret") is not None


def test_setting_up_rotates_the_session_and_makes_others_half(session, person, now):
    with write_tx(session):
        other = open_one(session, person, now)
        before = open_one(session, person, now)
        second_factor.begin(session, person_id=person.id, seal_key=KEY, now=now)
    assert not access.is_half_signed_in(queries.signed_in(session, hash_secret(other.token), now), now)
    app = pyotp.TOTP(second_factor.half_made_secret(session, person_id=person.id, seal_key=KEY))
    with write_tx(session):
        assert second_factor.confirm(session, **typed(person, before.session_id, "000000", now)) is None
    with write_tx(session):
        after, codes = second_factor.confirm(session, **typed(person, before.session_id, app.at(now), now))
    assert queries.signed_in(session, hash_secret(before.token), now) is None
    whole = queries.signed_in(session, hash_secret(after.token), now)
    half = queries.signed_in(session, hash_secret(other.token), now)
    assert [access.is_half_signed_in(who, now) for who in (whole, half)] == [False, True]
    assert (after.session_id, after.csrf_secret == before.csrf_secret, len(set(codes))) == (before.session_id, False, 10)


def test_a_code_of_the_app_works_once_and_no_earlier_one_after_it(session, person, now):
    app, _, _ = set_up(session, person, now)
    assert give(session, person, app.at(now), now) is None  # taken when it was set up
    later = now + timedelta(minutes=5)
    assert give(session, person, app.at(later), later) is not None
    assert give(session, person, app.at(later), later) is None
    assert give(session, person, app.at(later - timedelta(seconds=30)), later + timedelta(seconds=4)) is None
    assert give(session, person, app.at(later + timedelta(seconds=30)), later + timedelta(seconds=40)) is not None


def test_a_recovery_code_works_once_however_it_is_typed(session, person, now):
    _, _, codes = set_up(session, person, now)
    assert give(session, person, codes[3].lower().replace("-", " "), now) is not None
    assert give(session, person, codes[3], now) is None
    assert second_factor.standing(session, person.id).codes_left == 9
    ways = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "account.second_factor")).all()
    assert ways == [{"by": "recovery"}]


def test_remade_codes_replace_the_old_ones(session, person, now):
    _, _, codes = set_up(session, person, now)
    with write_tx(session):
        new = second_factor.remake_codes(session, person_id=person.id, now=now)
    assert (give(session, person, codes[0], now), set(codes) & set(new)) == (None, set())
    assert give(session, person, new[0], now + timedelta(minutes=1)) is not None


def test_a_code_of_somebody_else_opens_nothing(session, person, now):
    app, _, codes = set_up(session, person, now)
    with write_tx(session):
        other = make_person(session, password=PASSWORD)
    set_up(session, other, now)
    later = now + timedelta(minutes=5)
    assert [give(session, other, code, later) for code in (app.at(later), codes[0])] == [None, None]
    with write_tx(session):
        nobody = make_person(session, password=PASSWORD)
    assert give(session, nobody, app.at(later), later) is None


def test_one_code_at_the_same_moment_opens_exactly_one_session(session, new_session, person, now):
    app, _, codes = set_up(session, person, now)
    for number, code in enumerate((app.at(now + timedelta(minutes=9)), codes[0])):
        at = now + timedelta(minutes=9 + number / 60)
        with write_tx(session):
            ids = [open_one(session, person, at).session_id for _ in range(8)]
        results, barrier = [], threading.Barrier(8)

        def use(session_id, code=code, at=at, results=results, barrier=barrier):
            barrier.wait()
            with new_session() as mine, write_tx(mine):
                results.append(second_factor.give(mine, **typed(person, session_id, code, at)) is not None)

        threads = [threading.Thread(target=use, args=(session_id,)) for session_id in ids]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert sorted(results) == [False] * 7 + [True]
        with write_tx(session):
            session.execute(SignInThrottle.__table__.update().values(failures=0, blocked_until=None))


def test_guesses_are_slowed_down_apart_from_passwords(session, person, now):
    app, _, _ = set_up(session, person, now)
    later = now + timedelta(hours=1)
    tries = [give(session, person, "000000", later, address=f"10.0.1.{number}") for number in range(10)]
    assert tries == [None] * 10
    assert give(session, person, app.at(later), later) is None
    keys = session.execute(select(SignInThrottle.key).where(SignInThrottle.failures > 3)).scalars().all()
    assert keys == [f"factor:{person.id}"]
    after = later + timedelta(minutes=15)
    assert give(session, person, app.at(after), after) is not None


def test_guesses_in_an_hour_stay_under_forty(session, person, now):
    app, _, _ = set_up(session, person, now)
    begun = now + timedelta(hours=1)
    for number in range(150):
        at = begun + timedelta(seconds=24 * number)
        give(session, person, "000000", at, address=f"10.0.0.{number % 50}")
    tried = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "account.second_factor_failed")).all()
    assert 10 <= sum(not detail["slowed_down"] for detail in tried) <= 40
    at = begun + timedelta(hours=1, minutes=15)
    assert give(session, person, app.at(at), at) is not None


def test_a_flooding_address_is_refused_before_the_code_is_looked_at(session, person, now):
    app, _, _ = set_up(session, person, now)
    with write_tx(session):
        for _ in range(100):
            second_factor.throttle.count_address_failure(session, f"address:{HERE}", now)
    with pytest.raises(TooManyTries):
        give(session, person, app.at(now), now)


def test_switching_off_needs_a_code_and_leaves_nothing(session, person, now):
    app, opened, _ = set_up(session, person, now)
    later = now + timedelta(minutes=1)
    with write_tx(session):
        assert second_factor.switch_off(session, **typed(person, opened.session_id, "000000", later)) is None
    with write_tx(session):
        after = second_factor.switch_off(session, **typed(person, opened.session_id, app.at(later), later))
    who = queries.signed_in(session, hash_secret(after.token), later)
    assert (who.has_second_factor, who.second_factor_at) == (False, None)
    assert session.scalar(select(func.count(RecoveryCode.id))) == 0
    assert queries.signed_in(session, hash_secret(opened.token), later) is None


def test_begin_anew_before_confirming_and_never_after(session, person, now):
    with write_tx(session):
        second_factor.begin(session, person_id=person.id, seal_key=KEY, now=now)
    first = second_factor.half_made_secret(session, person_id=person.id, seal_key=KEY)
    with write_tx(session):
        second_factor.begin(session, person_id=person.id, seal_key=KEY, now=now)
    assert second_factor.half_made_secret(session, person_id=person.id, seal_key=KEY) != first
    with write_tx(session), pytest.raises(Conflict):
        second_factor.remake_codes(session, person_id=person.id, now=now)
    set_up(session, person, now)
    with write_tx(session), pytest.raises(Conflict):
        second_factor.begin(session, person_id=person.id, seal_key=KEY, now=now)


def test_reset_for_a_lost_phone_ends_sessions_and_is_audited(session, person, now):
    _, opened, _ = set_up(session, person, now)
    with write_tx(session):
        admin = make_person(session, roles=(Role.ADMIN,))
        session.get(Account, person.id).second_factor_asked_at = now
    with write_tx(session):
        second_factor.reset(session, person_id=person.id, by=admin.id, now=now)
    assert queries.signed_in(session, hash_secret(opened.token), now) is None
    assert second_factor.standing(session, person.id) == second_factor.Standing(None, None, 0)
    assert session.scalar(select(Account.second_factor_asked_at).where(Account.person_id == person.id)) is None
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "account.second_factor_reset")).one()
    assert (entry.actor_id, entry.subject) == (admin.id, f"person:{person.id}")
    for person_id, by, kind in ((person.id, admin.id, Conflict), (admin.id, admin.id, Conflict), (999, admin.id, NotFound)):
        with pytest.raises(kind), write_tx(session):
            second_factor.reset(session, person_id=person_id, by=by, now=now)


# -- what a sign-in means for it ------------------------------------------------------------------------------------------------


def sign_in_again(session, person, now, remembered=None, is_required=True):
    with write_tx(session):
        opened = open_one(session, person, now)
        second_factor.after_sign_in(session, opened, remembered_session_id=remembered, is_required=is_required, now=now)
    return queries.signed_in(session, hash_secret(opened.token), now)


def test_days_of_grace_begin_with_the_first_sign_in_with_rights_over_others(session, person, now):
    with write_tx(session):
        head = make_person(session, password=PASSWORD)
        make_unit(session, head=head)
        author = make_person(session, password=PASSWORD, roles=(Role.AUTHOR,))
    assert sign_in_again(session, person, now).second_factor_asked_at is None
    assert sign_in_again(session, author, now, is_required=False).second_factor_asked_at is None
    for someone in (head, author):
        assert sign_in_again(session, someone, now).second_factor_asked_at == now
        who = sign_in_again(session, someone, now + timedelta(days=5))
        assert (who.second_factor_asked_at, access.lacks_second_factor(who)) == (now, True)
        week = now + timedelta(days=7)
        assert [access.grace_is_over(who, at) for at in (week - timedelta(seconds=1), week)] == [False, True]


def test_a_learners_own_device_is_asked_every_thirty_days(session, person, now):
    _, opened, _ = set_up(session, person, now)
    for days, is_half in ((1, False), (29, False), (30, True)):
        at = now + timedelta(days=days)
        assert access.is_half_signed_in(sign_in_again(session, person, at, opened.session_id), at) is is_half
    carried = sign_in_again(session, person, now + timedelta(days=29), opened.session_id)
    assert [access.is_half_signed_in(carried, now + timedelta(days=days)) for days in (29, 31)] == [False, True]


def test_a_remembered_device_counts_for_nothing_after_a_change(session, person, now):
    app, opened, _ = set_up(session, person, now)
    with write_tx(session):
        stranger = make_person(session, password=PASSWORD)
    _, theirs, _ = set_up(session, stranger, now)
    later = now + timedelta(days=1)
    for remembered in (None, theirs.session_id, 10**9):
        assert access.is_half_signed_in(sign_in_again(session, person, later, remembered), later)
    with write_tx(session):
        change_password(session, person_id=person.id, password_hash=hashed("kata sandi yang lain"), now=later)
    assert access.is_half_signed_in(sign_in_again(session, person, later, opened.session_id), later)
    assert app is not None


def test_staff_are_asked_at_every_sign_in(session, now):
    with write_tx(session):
        admin = make_person(session, password=PASSWORD, roles=(Role.ADMIN,))
    _, opened, _ = set_up(session, admin, now)
    later = now + timedelta(hours=1)
    assert access.is_half_signed_in(sign_in_again(session, admin, later, opened.session_id), later)


def test_an_ended_session_is_not_opened_by_a_code(session, person, now):
    app, opened, _ = set_up(session, person, now)
    later = now + timedelta(minutes=1)
    with write_tx(session):
        end_session(session, person_id=person.id, session_id=opened.session_id, now=later)
    with pytest.raises(Conflict), write_tx(session):
        second_factor.give(session, **typed(person, opened.session_id, app.at(later), later))
    with write_tx(session):  # the code was not used up by that
        fresh = open_session(session, person_id=person.id, is_shared=False, device="", now=later)
        assert second_factor.give(session, **typed(person, fresh.session_id, app.at(later), later)) is not None


def test_every_act_is_audited_without_the_code(session, person, now):
    app, opened, codes = set_up(session, person, now)
    later = now + timedelta(minutes=1)
    give(session, person, "000000", later)
    give(session, person, app.at(later), later)
    with write_tx(session):
        second_factor.switch_off(session, **typed(person, opened.session_id, codes[0], later))
    assert actions_of(session) == [
        "account.second_factor_on", "account.recovery_codes", "account.second_factor_failed", "account.second_factor",
        "account.second_factor_off",
    ]  # fmt: skip
    told = " ".join(str(detail) for detail in session.scalars(select(AuditEntry.detail)))
    assert not any(secret in told for secret in itertools.chain(codes, [app.secret, app.at(later)]))
    assert session.scalar(select(func.count(SessionRow.id))) == 3
