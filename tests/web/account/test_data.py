"""Privacy page and own data."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.care import inventory
from lms.people import exports, privacy
from lms.people.models import DataExport, Membership, PersonalView, PrivacyReading, RoleGrant
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, make_person, make_unit


@pytest.fixture
def learner(browser, agency):
    browser.sign_in("peserta", PASSWORD)
    return browser


def test_privacy_page_is_open_to_all_and_says_what_the_inventory_says(browser, agency):
    browser.get("/privasi")
    for kind in inventory.KINDS.values():
        assert kind.purpose in browser.page
        assert kind.retention in browser.page
    assert "Saya sudah membaca" not in browser.page


def test_line_at_home_stays_until_the_page_was_read(learner, session, agency):
    learner.get("/")
    assert 'href="/privasi">Buka halaman privasi' in learner.page
    learner.post("/akun/privasi", form_at="/privasi")
    learner.post("/akun/privasi", form_at="/akun/data")
    learner.get("/")
    assert "Buka halaman privasi" not in learner.page
    learner.get("/privasi")
    assert "Anda sudah membaca" in learner.page
    session.rollback()
    assert session.execute(select(PrivacyReading.person_id, PrivacyReading.version)).all() == [
        (agency["peserta"].id, inventory.VERSION)
    ]


def test_own_page_shows_who_may_see_who_looked_and_which_files(learner, agency, session, now):
    with write_tx(session):
        session.add(
            PersonalView(
                person_id=agency["peserta"].id,
                viewer_id=agency["kepala"].id,
                on=now.date(),
                what="progress",
                first_at=now,
                count=2,
            )
        )
        session.add(
            PersonalView(
                person_id=agency["rekan"].id,
                viewer_id=agency["penulis"].id,
                on=now.date(),
                what="progress",
                first_at=now,
                count=2,
            )
        )
        exports.record_export(session, at=now, by=agency["pengelola"].id, kind="reports", scope_paths=("/",), people=5)
    learner.get("/akun/data")
    assert "pimpinan Dinas Perhubungan" in learner.page
    assert "kemajuan belajar · 2 kali" in learner.page
    assert "laporan ·" in learner.page
    assert "Rekan" not in learner.page


def test_exports_about_follow_membership_on_the_day(session, now):
    with write_tx(session):
        root = make_unit(session)
        old, new = make_unit(session, parent=root), make_unit(session, parent=root)
        person = make_person(session)
        moved = (now - timedelta(days=10)).date()
        session.add(Membership(person_id=person.id, unit_id=old.id, from_on=(now - timedelta(days=100)).date(), to_on=moved))
        session.add(Membership(person_id=person.id, unit_id=new.id, from_on=moved))
        for days, path, kind in (
            (50, old.path, "a"),
            (5, old.path, "not-b"),
            (5, new.path, "c"),
            (5, root.path, "d"),
            (5, "/", "e"),
            (5, "person:1000", "not-f"),
            (200, root.path, "not-g"),
        ):
            session.add(DataExport(at=now - timedelta(days=days), by=None, kind=kind, scope_path=path, people=1, detail={}))
    assert sorted(one.kind for one in privacy.exports_about(session, person.id)) == ["a", "c", "d", "e"]


def test_may_see_names_superiors_and_administrators_and_nobody_else(session, agency, now):
    found = privacy.may_see(session, agency["peserta"].id, now.date())
    names = {agency["kepala"].name: "pimpinan Dinas Perhubungan", agency["pengelola"].name: "administrator"}
    assert dict(found) == names
    assert session.scalar(select(RoleGrant.id)) is not None
