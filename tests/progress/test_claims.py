"""Rules of claims as tables: JP of all 25 forms, caps, what is missing, where a claim goes, what looks alike."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.progress import claims, forms
from lms.progress.claims import Asked, Award, ClaimState, Step, Verdict, Worth
from lms.progress.rule_files import _shipped

BOOK = forms.read(_shipped().text)
DAY = date(2026, 3, 2)


def asked(**over):
    return Asked(**{"title": "Seminar Arsip", "from_on": DAY, "to_on": DAY, "minutes": 360, "programme_jp": 7} | over)


@pytest.mark.parametrize(
    ("form_id", "jp"),
    [(number, 7) for number in (1, 2, 3, 5, 6, 11, 12, 16, 17, 19)]
    + [(number, 8) for number in (4, 7, 8, 9)]
    + [(10, 20), (18, 20), (20, 10), (21, 20), (14, 2), (15, 2), (22, 2), (23, 2), (24, 2), (13, 0), (25, 0)],
)
def test_jp_of_each_form(form_id, jp):
    assert claims.worth(BOOK.form(form_id), asked(), 45, []).jp == jp


@pytest.mark.parametrize("number", [0, 26, -1])
def test_a_number_that_is_no_form_is_refused(number):
    with pytest.raises(Invalid):
        BOOK.form(number)


def test_the_rule_is_said_in_words():
    assert claims.worth(BOOK.form(9), asked(), 45, []) == Worth(8, "Seminar/Konferensi/Sarasehan: 6 jam ÷ 45 menit = 8 JP")
    assert claims.worth(BOOK.form(9), asked(minutes=89), 60, []).how.endswith("1 jam 29 menit ÷ 60 menit = 1 JP")
    assert claims.worth(BOOK.form(16), asked(), 45, []).how == "E-learning: 7 JP menurut sertifikat program"
    assert claims.worth(BOOK.form(9), asked(minutes=44), 45, []).jp == 0


def test_a_third_session_of_a_month_counts_nothing_and_says_why():
    two = [Award(14, DAY, DAY, 2), Award(14, DAY + timedelta(5), DAY + timedelta(5), 2)]
    found = claims.worth(BOOK.form(14), asked(), 45, two)
    assert (found.jp, found.reason) == (0, "Bulan itu sudah 2 sesi (paling banyak 2): sesi ini dicatat dengan 0 JP diakui.")
    assert claims.worth(BOOK.form(15), asked(), 45, two).jp == 2
    assert claims.worth(BOOK.form(14), asked(from_on=date(2026, 4, 1), to_on=date(2026, 4, 1)), 45, two).jp == 2
    assert claims.worth(BOOK.form(14), asked(from_on=date(2027, 3, 1), to_on=date(2027, 3, 1)), 45, two).jp == 2
    assert claims.worth(BOOK.form(14), asked(), 45, [*two[:1], Award(14, DAY, DAY, 0)]).jp == 2


def test_a_fixed_value_counts_once_a_year():
    found = claims.worth(BOOK.form(10), asked(), 45, [Award(10, DAY, DAY, 20)])
    assert (found.jp, found.reason) == (
        0,
        "Tahun itu sudah 1 kegiatan (paling banyak 1): kegiatan ini dicatat dengan 0 JP diakui.",
    )
    assert claims.worth(BOOK.form(10), asked(), 45, [Award(10, date(2025, 12, 31), date(2025, 12, 31), 20)]).jp == 20


@pytest.mark.parametrize(
    ("days", "minutes", "before", "jp"),
    [
        (1, 90, [], 2),
        (1, 300, [], 2),
        (3, 300, [], 6),
        (3, 100, [], 2),
        (1, 90, [Award(22, DAY, DAY, 1)], 1),
        (1, 90, [Award(22, DAY, DAY, 2)], 0),
        (1, 90, [Award(23, DAY, DAY, 2)], 2),
        (2, 300, [Award(22, DAY - timedelta(1), DAY, 2)], 4),
        (2, 300, [Award(22, DAY - timedelta(1), DAY, 4)], 2),
        (1, 90, [Award(22, DAY, DAY, 9)], 0),
    ],
)
def test_a_day_of_self_study_counts_two_jp_at_most(days, minutes, before, jp):
    found = claims.worth(BOOK.form(22), asked(to_on=DAY + timedelta(days - 1), minutes=minutes), 45, before)
    assert found.jp == jp
    assert bool(found.reason) is (jp < minutes // 45)


@given(st.data())
def test_daily_cap_holds_in_every_order_of_approvals(data):
    spans = data.draw(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4), st.integers(30, 600)), min_size=1, max_size=7))
    made: list[Award] = []
    for start, length, minutes in data.draw(st.permutations(spans)):
        first, last = DAY + timedelta(start), DAY + timedelta(start + length - 1)
        jp = claims.worth(BOOK.form(22), asked(from_on=first, to_on=last, minutes=minutes), 45, made).jp
        made.append(Award(22, first, last, jp))
    for low in range(11):
        for high in range(low, 11):
            inside = [one for one in made if DAY + timedelta(low) <= one.from_on and one.to_on <= DAY + timedelta(high)]
            assert sum(one.jp for one in inside) <= 2 * (high - low + 1)


@given(st.lists(st.dates(date(2025, 11, 1), date(2026, 3, 1)), max_size=12))
def test_monthly_cap_gives_the_same_jp_in_every_order(dates):
    def total(order):
        made: list[Award] = []
        for day in order:
            made.append(Award(14, day, day, claims.worth(BOOK.form(14), asked(from_on=day, to_on=day), 45, made).jp))
        return sum(one.jp for one in made)

    months = [(day.year, day.month) for day in dates]
    assert total(dates) == total(sorted(dates)) == sum(2 * min(2, months.count(month)) for month in set(months))


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"organizer": "x" * 201}, "organizer"),
        ({"report": "x" * 2001}, "report"),
        ({"to_on": DAY - timedelta(1)}, "to_on"),
        ({"to_on": date(2026, 3, 6)}, "to_on"),
        ({"from_on": date(2025, 3, 1)}, "from_on"),
        ({"from_on": date(1999, 3, 1), "to_on": date(1999, 3, 1)}, "from_on"),
        ({"minutes": 0}, "hours"),
        ({"minutes": 100_001}, "hours"),
        ({"programme_jp": 0}, "programme_jp"),
        ({"programme_jp": 1001}, "programme_jp"),
        ({"partner_id": 5}, "partner"),
    ],
)
def test_what_cannot_be_kept_names_its_field(over, field):
    with pytest.raises(Invalid) as caught:
        claims.checked(asked(**over), person_id=5, today=date(2026, 3, 5))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("form_id", "over", "files", "told"),
    [
        (9, {}, 1, []),
        (9, {}, 0, ["Tambahkan bukti: sertifikat, surat tugas, atau foto kegiatan."]),
        (9, {"minutes": None}, 1, ["Isi lama kegiatannya."]),
        (9, {"minutes": 1441}, 1, ["Lama kegiatan melebihi jumlah harinya. Periksa tanggal dan lamanya."]),
        (16, {"programme_jp": None}, 1, ["Isi JP yang tertulis di sertifikat."]),
        (10, {"minutes": None}, 1, []),
        (22, {}, 1, ["Tuliskan proses belajar dan sumber yang dipakai."]),
        (14, {"partner_id": 3, "report": "Sepakat"}, 0, []),
        (14, {"partner_id": 3, "report": "Sepakat", "to_on": DAY + timedelta(1)}, 0,
         ["Satu sesi berlangsung pada satu hari. Ajukan sesi lain sendiri-sendiri."]),
        (15, {}, 0, ["Pilih rekan yang mengonfirmasi sesi ini.", "Tuliskan kesepakatan atau tindak lanjut sesi ini."]),
        (25, {"minutes": None}, 1, []),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_before_sending(form_id, over, files, told):
    assert claims.missing(BOOK.form(form_id), asked(**over), files) == told


@pytest.mark.parametrize(
    ("step", "verdict", "has_superior", "is_also", "state"),
    [
        (Step.PARTNER, Verdict.APPROVED, True, False, ClaimState.SUPERIOR),
        (Step.PARTNER, Verdict.APPROVED, True, True, ClaimState.OFFICE),
        (Step.PARTNER, Verdict.APPROVED, False, False, ClaimState.OFFICE),
        (Step.PARTNER, Verdict.REVISE, True, True, ClaimState.REVISE),
        (Step.SUPERIOR, Verdict.APPROVED, True, False, ClaimState.OFFICE),
        (Step.SUPERIOR, Verdict.REJECTED, True, False, ClaimState.REJECTED),
        (Step.OFFICE, Verdict.APPROVED, True, False, ClaimState.APPROVED),
        (Step.OFFICE, Verdict.REVISE, True, False, ClaimState.REVISE),
    ],
)
def test_a_decision_takes_the_claim_on(step, verdict, has_superior, is_also, state):
    assert claims.state_after(step, verdict, has_superior=has_superior, is_also_superior=is_also) is state


@pytest.mark.parametrize(
    ("title", "shift", "alike"),
    [
        ("seminar arsip", 0, True),
        ("Seminar Arsip Daerah 2026", 0, True),
        ("Seminar Arsip", 1, False),
        ("Bimtek Keuangan", 0, False),
        ("…", 0, False),
    ],
)
def test_claims_look_alike_by_days_and_words(title, shift, alike):
    other = asked(title=title, from_on=DAY + timedelta(shift), to_on=DAY + timedelta(shift))
    assert claims.look_alike(asked(), other) is claims.look_alike(other, asked()) is alike
