"""The audit log as a page, and the table of acts that must leave a row (R93)."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.people import actions, journal, units
from lms.people.models import DataExport
from lms.people.settings import save_settings
from lms.people.types import CodePurpose, Role
from lms.store import audit
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from lms.web import denied
from lms.web.admin.audit_words import GROUPS, SENTENCES, sentence
from tests.factories.people import PASSWORD


@pytest.fixture
def admin(browser, agency):
    browser.sign_in("pengelola", PASSWORD)
    return browser


def test_rows_are_sentences_filtered_by_group_person_and_day(admin, agency, new_browser, session, now):
    new_browser().sign_in("peserta", PASSWORD)
    with write_tx(session):
        actions.grant_role(session, person_id=agency["rekan"].id, role=Role.AUTHOR, now=now, by=agency["pengelola"].id)
    admin.get("/admin/jejak")
    assert "memberi hak penulis kepada Orang Rekan." in admin.page
    assert "Orang Peserta masuk dari" in admin.page
    admin.get("/admin/jejak?kelompok=orang")
    assert "memberi hak penulis" in admin.page
    assert "masuk dari" not in admin.page
    admin.get("/admin/jejak?q=Orang+Rekan")
    assert f"orang={agency['rekan'].id}" in admin.page
    admin.get(f"/admin/jejak?orang={agency['rekan'].id}")
    assert "memberi hak penulis" in admin.page
    assert "Orang Peserta" not in admin.page
    admin.get("/admin/jejak?sampai=2026-03-04")
    assert "Tidak ada catatan" in admin.page
    admin.get("/admin/jejak?dari=2026-03-05&sampai=2026-03-05")
    assert "Orang Peserta masuk dari" in admin.page


@pytest.mark.parametrize(
    "query",
    [
        "dari=besok&sampai=9999-99-99",
        "orang=x&sebelum=-1",
        "kelompok=apa",
        "q=198609262015051001",
        "q=%25%27",
        "dari=0001-01-01&sampai=9999-12-31",
    ],
)
def test_unreadable_filters_are_none(admin, query):
    admin.get(f"/admin/jejak?{query}")
    assert "198609262015051001" not in admin.page


def test_pages_go_back_by_id_without_gap_or_repetition(admin, session, now):
    with write_tx(session):
        for number in range(120):
            audit.record(session, at=now, action="course.publish", subject=f"edisi-{number:03}")
    found, url = [], "/admin/jejak?kelompok=pelatihan"
    while url:
        admin.get(url)
        found += [f"edisi-{part[:3]}" for part in admin.page.split("menerbitkan pelatihan edisi-")[1:]]
        url = admin.page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert [one for one in found if one.startswith("edisi-")] == [f"edisi-{number:03}" for number in reversed(range(120))]


def test_page_costs_the_same_for_one_row_and_many(admin, session, agency, now, statements):
    admin.get("/admin/jejak?kelompok=pelatihan")
    few = len(statements.selects)
    with write_tx(session):
        for person in agency.values():
            audit.record(session, at=now, action="course.publish", actor_id=person.id, subject=f"person:{person.id}")
    admin.get("/admin/jejak?kelompok=pelatihan")
    assert len(statements.selects) <= few + 1


def test_file_holds_the_filtered_rows_and_is_noted(admin, session, agency, frozen):
    with write_tx(session):
        audit.record(session, at=frozen(), action="course.publish", actor_id=agency["penulis"].id, subject="=1+1")
    response = admin.post("/admin/jejak/unduh", {"kelompok": "pelatihan"}, status=200, form_at="/admin/jejak?kelompok=pelatihan")
    rows = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[3:5] for row in rows[1:]] == [["course.publish", "'=1+1"], ["course.publish", "pelayanan-publik-dasar"]]
    session.rollback()
    assert session.execute(select(DataExport.kind, DataExport.by, DataExport.scope_path)).all() == [
        ("audit", agency["pengelola"].id, "/")
    ]
    frozen(timedelta(minutes=11))
    asked = admin.post("/admin/jejak/unduh", {}, form_at="/admin/jejak")
    assert asked.headers["Location"].startswith("/akun/konfirmasi")


def test_refused_page_is_noted_beside_the_database(browser, admin, new_browser, agency, data_dir):
    learner = new_browser()
    learner.sign_in("peserta", PASSWORD)
    learner.get("/admin/jejak?q=rahasia", status=403)
    with (data_dir / denied.LOG).open("a") as log:
        log.write("rusak\n\nx 1 GET /\n2026-99-99T00:00:00Z 1 GET /a\n")
    assert [(one.person_id, one.path) for one in denied.newest(data_dir, 9)] == [(agency["peserta"].id, "/admin/jejak")]
    admin.get("/admin/jejak?kelompok=ditolak")
    assert "Orang Peserta ditolak membuka /admin/jejak." in admin.page
    assert "rahasia" not in (data_dir / denied.LOG).read_text()


def test_log_of_refusals_does_not_grow_for_ever(data_dir, now, monkeypatch):
    monkeypatch.setattr(denied, "LARGEST", 100)
    for _ in range(12):
        denied.note(data_dir, now, 1, "GET", "/admin /x\n")
    assert (data_dir / denied.LOG).stat().st_size <= 160
    assert denied.newest(data_dir, 1)[0].path == "/admin?/x?"


ACTS = {
    "account.sign_in": lambda s, a, n: None,
    "role.grant": lambda s, a, n: actions.grant_role(s, person_id=a["rekan"].id, role=Role.AUTHOR, now=n, by=a["pengelola"].id),
    "role.revoke": lambda s, a, n: actions.revoke_role(
        s, person_id=a["penulis"].id, role=Role.AUTHOR, now=n, by=a["pengelola"].id
    ),
    "account.issue_code": lambda s, a, n: actions.issue_code(
        s, person_id=a["rekan"].id, purpose=CodePurpose.RESET, now=n, by=a["pengelola"].id
    ),
    "account.disable": lambda s, a, n: actions.disable_account(s, person_id=a["rekan"].id, now=n, by=a["pengelola"].id),
    "settings.save": lambda s, a, n: save_settings(s, now=n, by=a["pengelola"].id, agency_place="Damar"),
    "person.change": lambda s, a, n: actions.change_person(
        s, person_id=a["rekan"].id, now=n, by=a["pengelola"].id, position="Analis"
    ),
    "unit.head": lambda s, a, n: units.set_head(s, unit_id=1, person_id=a["rekan"].id, now=n, by=a["pengelola"].id),
}


@pytest.mark.parametrize("act", ACTS)
def test_act_leaves_its_row_and_a_sentence(admin, agency, session, now, act):
    with write_tx(session):
        ACTS[act](session, agency, now)
    rows = [row for row in journal.entries(session, journal.JournalFilter((act,))) if row.action == act]
    assert len(rows) == 1
    assert sentence(rows[0]) != f"{rows[0].who}: {act}, {rows[0].about}."
    assert "–" not in sentence(rows[0])


def test_failed_sign_in_leaves_its_row(browser, agency, session):
    browser.get("/masuk")
    browser.post("/masuk", {"identifier": "peserta", "password": "salah"}, status=401)
    session.rollback()
    subject = f"person:{agency['peserta'].id}"
    wanted = (
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.action == "account.sign_in_failed", AuditEntry.subject == subject)
    )
    assert session.scalar(wanted) == 1


def test_every_known_act_belongs_to_a_group():
    beginnings = tuple(one for _, prefixes in GROUPS.values() for one in prefixes)
    assert [action for action in SENTENCES if not action.startswith(beginnings)] == []


def test_unknown_act_is_told_by_its_name(now):
    row = journal.JournalRow(1, now, "Ani", "comet.watch", "langit", {"x": 1})
    assert sentence(row) == "Ani: comet.watch, langit."
