"""The rule file in the browser: checked line by line, kept as a version with its day, and what it changes."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from lms.people.settings import agency_settings, save_settings
from lms.people.types import EmploymentKind, Role, YearTarget
from lms.progress import claim_queries, jp, rule_files
from lms.progress.forms import UnreadableRules
from lms.progress.models import JpEntry
from lms.store.engine import write_tx
from tests.factories.claims import decide_claim, put_at_office
from tests.factories.people import PASSWORD, make_person, make_unit

TEXT = rule_files._shipped().text
NEXT = TEXT.replace("versi: 2026-1", "versi: 2026-2").replace("berlaku: 2018-01-01", "berlaku: 2026-03-01")
TODAY = date(2026, 3, 5)


def saved(session, text, now, by=None):
    with write_tx(session):
        return rule_files.save(session, text=text, by=by, now=now)


def test_a_version_holds_from_its_day_to_its_end(session, now):
    saved(session, NEXT.replace("# sampai: 2030-12-31", "sampai: 2026-06-30 #"), now)
    saved(session, TEXT.replace("2026-1", "2025-9").replace("2018-01-01", "2025-01-01"), now)
    known = rule_files.versions(session)
    found = {day: rule_files.book_on(known, date.fromisoformat(day)).version for day in (
        "2017-12-31", "2024-12-31", "2025-01-01", "2026-02-28", "2026-03-01", "2026-06-30", "2026-07-01")}  # fmt: skip
    assert list(found.values()) == ["2026-1", "2026-1", "2025-9", "2025-9", "2026-2", "2026-2", "2025-9"]


def test_a_version_word_is_taken_once(session, now):
    saved(session, NEXT, now)
    for text in (NEXT, TEXT):
        with pytest.raises(UnreadableRules):
            saved(session, text, now)


def test_targets_of_named_years_replace_the_settings_and_others_keep_them(session, now):
    with write_tx(session):
        save_settings(session, jp_target_pns=21, jp_cap_pppk=None)
    saved(session, NEXT + "target:\n  2026: {pns: 30, pppk: 25, batas-pppk: 26, terverifikasi: tidak}\n", now)
    settings = agency_settings(session)
    assert settings.jp_targets == (YearTarget(2026, 30, 25, 26),)
    kinds = (EmploymentKind.PNS, EmploymentKind.PPPK, EmploymentKind.OTHER)
    assert [jp.target_of(kind, settings, 2026) for kind in kinds] == [(30, 0), (25, 26), (0, 0)]
    assert [jp.target_of(kind, settings, 2027) for kind in kinds] == [(21, 0), (20, 0), (0, 0)]
    assert jp.target_of(EmploymentKind.PNS, settings) == (21, 0)
    with write_tx(session):
        person = make_person(session)
    assert jp.jp_meter(session, person.id, 2026, EmploymentKind.PNS).target == 30
    saved(session, NEXT.replace("2026-2", "2026-3"), now)
    assert agency_settings(session).jp_targets == ()


def test_the_version_of_the_last_day_goes_into_the_ledger_and_old_rows_stay(session, now):
    with write_tx(session):
        admin, person = make_person(session, roles=(Role.ADMIN,)).id, make_person(session, unit=make_unit(session)).id
        decide_claim(session, put_at_office(session, person, now, learning_form=20), admin, now)
    saved(session, NEXT.replace("    jp: 10\n", "    jp: 12\n"), now)
    with write_tx(session):
        other = make_person(session, unit=make_unit(session)).id
        for day in (date(2026, 2, 28), date(2026, 3, 1)):
            decide_claim(
                session,
                put_at_office(session, other if day.month == 3 else person, now, learning_form=20, from_on=day),
                admin,
                now,
            )
    rows = session.query(JpEntry).order_by(JpEntry.id).all()
    assert [(row.jp, row.rule_version) for row in rows] == [(10, "2026-1"), (0, "2026-1"), (12, "2026-2")]
    assert claim_queries.entries(session, 10**6) == []


@pytest.fixture
def admin(browser, session):
    with write_tx(session):
        make_person(session, name="Maria", identifier="admin", password=PASSWORD, roles=(Role.ADMIN,))
    browser.sign_in("admin", PASSWORD)
    return browser


def test_a_new_version_is_checked_shown_and_kept(admin, session, frozen):
    admin.get("/admin/aturan")
    assert admin.page.count("belum diverifikasi") == 26 and "Versi 2026-1" in admin.page
    admin.get("/admin/aturan/ubah?dari=0")
    wrong = NEXT.replace("    nama: Coaching", "    nam: Coaching")
    admin.post("/admin/aturan/ubah", {"dari": "0", "teks": wrong, "aksi": "simpan"}, status=400)
    line = 1 + wrong.splitlines().index("    nam: Coaching")
    assert f"Baris {line}</strong>: “nam” tidak dikenal" in admin.page and "nam: Coaching" in unescape(admin.page)
    admin.post("/admin/aturan/ubah", {"dari": "0", "teks": NEXT, "aksi": "periksa"}, status=200)
    assert "<ins>+versi: 2026-2</ins>" in admin.page and "<del>-versi: 2026-1</del>" in admin.page
    assert len(rule_files.versions(session)) == 1
    session.rollback()
    admin.follow(admin.post("/admin/aturan/ubah", {"dari": "0", "teks": NEXT.replace("\n", "\r\n"), "aksi": "simpan"}))
    assert "Versi aturan tersimpan" in admin.page and "Yang berubah dari versi 2026-1" in admin.page
    assert [one.text for one in rule_files.versions(session)] == [NEXT, TEXT]
    admin.get("/admin/aturan")
    assert "Versi 2026-2, berlaku mulai 1 Maret 2026" in admin.page and "disimpan Maria" in admin.page
    old = re.findall(r'href="(/admin/aturan/versi/\d+)"', admin.page)
    assert old == ["/admin/aturan/versi/1", "/admin/aturan/versi/0"]
    admin.get(old[1])
    assert "bawaan Pelita" in admin.page
    admin.get("/admin/aturan/ubah?dari=1")
    admin.post("/admin/aturan/ubah", {"dari": "1", "teks": NEXT, "aksi": "simpan"}, status=400)
    assert "Versi 2026-2 sudah ada" in admin.page
    admin.get("/admin/aturan/versi/99999999999", status=404)
    frozen(timedelta())


def test_targets_are_shown_with_their_source(admin, session, now):
    saved(session, NEXT + "target:\n  2026: {pns: 30, pppk: 25, batas-pppk: 26, sumber: SE Wali Kota, terverifikasi: ya}\n", now)
    admin.get("/admin/aturan")
    told = " ".join(re.sub(r"<[^>]+>", " ", admin.page).split())
    assert "2026 : PNS 30 JP, PPPK 25 JP, batas PPPK 26 JP terverifikasi SE Wali Kota" in told
