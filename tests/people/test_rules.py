"""Identifiers, codes, life of sessions, and how failures slow down."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.people.rules import (
    CODE_ALPHABET,
    Failures,
    account_delay,
    after_account_failure,
    after_address_failure,
    check_identifier,
    format_code,
    idle_limit,
    is_blocked,
    needs_fresh_password,
    normalise_code,
    normalise_identifier,
    session_expiry,
    staff_date,
)
from lms.people.types import Role

NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "198609262015051001",
        " 198609262015051001 ",
        "19860926 201505 1 001",
        "'198609262015051001",
        "19860926.201505.1.001",
        "１９８６０９２６２０１５０５１００１",
    ]
    + ["198609262015051001\u200b", "\ufeff198609262015051001\r\n", "19860926\u00a0201505\u20091\u3000001"],
)
def test_one_nip_in_every_typing_is_one_identifier(text):
    assert normalise_identifier(text) == "198609262015051001"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [("Penulis", "penulis"), (" ADMIN ", "admin"), ("ａｄｍｉｎ", "admin"), ("ad min", "admin"), ("ﬁtri", "fitri")],
)
def test_chosen_words_are_folded(text, identifier):
    assert check_identifier(text) == identifier


@pytest.mark.parametrize("text", ["аdmin", "admın", "ad", "", "a" * 101, ".admin", "admin\x00!", "<b>admin</b>", "αdmin"])
def test_look_alikes_and_junk_cannot_become_identifiers(text):
    with pytest.raises(Invalid) as caught:
        check_identifier(text)
    assert caught.value.field == "identifier"


@given(st.text(max_size=60))
@example("A¯")
@example("\ufdfa" * 60)
def test_normalising_twice_changes_nothing(text):
    once = normalise_identifier(text)
    assert normalise_identifier(once) == once


def test_codes_are_read_as_people_type_them():
    assert format_code("7K3M9QTX2VHB") == "7K3M-9QTX-2VHB"
    assert normalise_code(" 7k3m 9qtx–2vhb ") == "7K3M9QTX2VHB"
    assert normalise_code("oO1l-iI") == "001111"
    assert (len(CODE_ALPHABET), set(CODE_ALPHABET) & set("ILOU")) == (32, set())


def test_sessions_live_by_device_and_role():
    assert session_expiry(False, ()) == timedelta(days=30)
    assert (
        session_expiry(True, ())
        == session_expiry(False, {Role.ADMIN})
        == session_expiry(True, {Role.AUTHOR})
        == timedelta(hours=12)
    )
    assert idle_limit(False, ()) is None
    assert idle_limit(True, ()) == idle_limit(True, {Role.ADMIN}) == timedelta(minutes=30)
    assert idle_limit(False, {Role.AUTHOR}) == timedelta(hours=8)


def test_password_is_fresh_for_twelve_hours():
    assert not needs_fresh_password(NOW, NOW + timedelta(hours=12) - timedelta(seconds=1))
    assert needs_fresh_password(NOW, NOW + timedelta(hours=12))


def test_rights_end_by_the_easternmost_date():
    assert staff_date(datetime(2025, 12, 31, 14, 59, tzinfo=UTC)) == date(2025, 12, 31)
    assert staff_date(datetime(2025, 12, 31, 15, 0, tzinfo=UTC)) == date(2026, 1, 1)


def test_account_delay_grows_to_a_quarter_of_an_hour():
    assert [account_delay(count).total_seconds() for count in range(1, 13)] == [0, 0, 0, 2, 4, 8, 16, 32, 64, 900, 900, 900]


def test_account_run_is_forgotten_after_a_quiet_quarter_of_an_hour():
    run = Failures(10, NOW, NOW + timedelta(minutes=15))
    assert is_blocked(run, NOW + timedelta(minutes=15) - timedelta(seconds=1))
    assert not is_blocked(run, NOW + timedelta(minutes=15))
    assert after_account_failure(run, NOW + timedelta(minutes=30) - timedelta(seconds=1)).count == 11
    assert after_account_failure(run, NOW + timedelta(minutes=30)).count == 1


def test_address_is_blocked_at_the_hundredth_failure_to_the_end_of_its_window():
    run = None
    for second in range(100):
        assert not is_blocked(run, NOW + timedelta(seconds=second))
        run = after_address_failure(run, NOW + timedelta(seconds=second))
    assert run == Failures(100, NOW, NOW + timedelta(minutes=15))
    assert after_address_failure(run, NOW + timedelta(minutes=15)).count == 1


@given(st.lists(st.integers(0, 1200), min_size=1, max_size=300))
def test_no_rhythm_of_guesses_gets_more_than_40_an_hour(gaps):
    run, at, tried = None, NOW, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        if not is_blocked(run, at):
            tried.append(at)
            run = after_account_failure(run, at)
    assert max(sum(start <= other < start + timedelta(hours=1) for other in tried) for start in tried) <= 40
