"""When something may be said and in which words: tables, and properties over all hours of two years."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.messages import rules
from lms.messages.types import Draft, MessageKind, Occasion
from lms.people.types import UnitCategory

WITA, WIT, WIB = "Asia/Makassar", "Asia/Jayapura", "Asia/Jakarta"
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def local(text: str, zone: str = WITA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("category", "now", "wanted"),
    [
        (UnitCategory.OFFICE, "2026-03-05 14:30", "2026-03-05 14:30"),
        (UnitCategory.OFFICE, "2026-03-05 07:29", "2026-03-05 07:30"),
        (UnitCategory.OFFICE, "2026-03-05 16:00", "2026-03-06 07:30"),
        (UnitCategory.OFFICE, "2026-03-06 16:00", "2026-03-09 07:30"),
        (UnitCategory.TERRITORY, "2026-03-07 10:00", "2026-03-09 07:30"),
        (UnitCategory.HEALTH, "2026-03-08 19:59", "2026-03-08 19:59"),
        (UnitCategory.HEALTH, "2026-03-08 20:00", "2026-03-09 08:00"),
        (UnitCategory.HEALTH, "2026-03-08 02:00", "2026-03-08 08:00"),
        (UnitCategory.EDUCATION, "2026-03-07 11:59", "2026-03-07 11:59"),
        (UnitCategory.EDUCATION, "2026-03-07 12:00", "2026-03-09 07:00"),
    ],
)
def test_next_moment_is_in_the_hours_of_the_unit(category, now, wanted):
    assert rules.next_moment(local(now), WITA, category) == local(wanted)


@given(MOMENTS, st.sampled_from([WITA, WIT, WIB, "Pacific/Kiritimati", "America/New_York"]), st.sampled_from(UnitCategory))
def test_next_moment_is_never_at_night_nor_before_now_and_stays(now, zone, category):
    moment = rules.next_moment(now, zone, category)
    assert now <= moment <= now + timedelta(days=4)
    assert 6 <= moment.astimezone(ZoneInfo(zone)).hour < 21
    assert rules.next_moment(moment, zone, category) == moment


def test_same_moment_is_working_time_in_one_zone_only():
    now = local("2026-03-05 07:45", WIT)
    assert rules.next_moment(now, WIT, UnitCategory.OFFICE) == now
    assert rules.next_moment(now, WIB, UnitCategory.OFFICE) == local("2026-03-05 07:30", WIB)


def test_due_date_gives_one_occasion_on_each_day():
    words = {left: rules.due_occasion(left) for left in range(-9, 10)}
    assert [left for left, word in words.items() if word is Occasion.DUE_SOON] == [2, 3, 4, 5, 6, 7]
    assert [left for left, word in words.items() if word is Occasion.DUE_TOMORROW] == [0, 1]
    assert [left for left, word in words.items() if word is Occasion.OVERDUE] == [-7, -6, -5, -4, -3, -2, -1]


def test_target_is_spoken_of_in_the_first_week_of_october_and_december():
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    seasons = {day: rules.target_season(day) for day in days}
    assert {day for day, season in seasons.items() if season} == {
        date(2026, month, day) for month in (10, 12) for day in range(1, 8)
    }
    assert {season for season in seasons.values() if season} == {date(2026, 10, 1), date(2026, 12, 1)}


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2026-03-02 07:30", "2026-02-01"),  # the first is a Sunday
        ("2026-03-01 09:00", None),
        ("2026-03-02 12:00", None),
        ("2026-03-08 09:00", "2026-02-01"),
        ("2026-03-09 09:00", None),
        ("2026-01-01 08:00", "2025-12-01"),
        ("2026-08-01 08:00", None),
        ("2026-08-03 08:00", "2026-07-01"),
    ],
)
def test_heads_are_told_in_the_mornings_from_the_first_working_day(now, wanted):
    month = rules.digest_month(local(now), WITA)
    assert (month and month.isoformat()) == wanted


def test_eight_tries_fit_into_two_days():
    pauses = [rules.pause_after(tries) for tries in range(1, 9)]
    assert pauses[-1] is None
    assert timedelta(days=1) < sum(filter(None, pauses), timedelta()) < timedelta(days=2)


@given(st.text(), st.integers(2, 300))
def test_one_line_has_no_line_and_fits(text, length):
    line = rules.one_line(text, length)
    assert len(line) <= length
    assert len(line.splitlines()) <= 1
    assert not set(line) & {"\r", "\n", "\x00"}


def test_most_urgent_is_what_ends_first():
    def draft(occasion: Occasion) -> Draft:
        return Draft(1, MessageKind.REMINDER, occasion.value, "", "", "", {"occasion": occasion.value})

    drafts = [draft(each) for each in (Occasion.TARGET, Occasion.QUIET, Occasion.OVERDUE, Occasion.DUE_TOMORROW)]
    assert [rules.most_urgent(drafts[:count]).occasion for count in (1, 2, 3, 4)] == [draft.occasion for draft in drafts]


@pytest.mark.parametrize("occasion", list(Occasion))
def test_every_occasion_explains_itself(occasion):
    sentence = rules.why({"occasion": occasion.value, "title": "Arsip", "on": "2026-03-05", "left": 4})
    assert sentence.endswith(".")
    assert rules.why({"occasion": "lain"}) != sentence


def test_texts_neither_blame_nor_threaten():
    texts = [
        *rules.quiet("Arsip", 20),
        *(part for occasion, left in ((Occasion.DUE_SOON, 7), (Occasion.DUE_TOMORROW, 1), (Occasion.DUE_TOMORROW, 0), (Occasion.OVERDUE, -2))
          for part in rules.due(occasion, "Arsip", date(2026, 3, 12), left)),
        *rules.target(5, 2026),
        *rules.claim("rejected", "Seminar", "kurang bukti"),
        *rules.digest(date(2026, 2, 1), 3, 2, 1, (["A – Arsip"], ["B – Arsip"]), leads=True),
    ]  # fmt: skip
    assert [
        text
        for text in texts
        if {"lalai", "terlambat", "sanksi", "wajib", "gagal", "segera", "harus"} & set(text.lower().split())
    ] == []


def test_digest_names_some_and_counts_the_rest():
    body = rules.digest(date(2026, 2, 1), 3, 1, 0, (["A – Arsip"], ["B – Arsip"]), leads=True)[1]
    assert "   A – Arsip\n   dan 2 lainnya\n- 1 orang berhenti" in body
    assert "menunggu" not in body


def test_letter_says_how_to_switch_reminders_off_only_where_that_works():
    reminder = rules.letter_text("Siti", "Isi.", "https://x/y", "Kota", "https://x/pesan", MessageKind.REMINDER)
    code = rules.letter_text("Siti", "Isi.", "", "Kota", "https://x/pesan", MessageKind.RECOVERY)
    assert "https://x/pesan" in reminder
    assert "https://x/pesan" not in code
    assert "Kota" in reminder and "Kota" in code
