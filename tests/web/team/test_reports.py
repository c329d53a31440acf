"""Reports of a superior: the people below and nobody else, on the page as in the file."""

import re

import pytest
from sqlalchemy import select

from lms.people.actions import let_leave
from lms.people.models import DataExport, Membership, NamedSuperior, Person
from lms.store.engine import write_tx
from lms.teams.reports import REPORTS
from tests.conftest import NOW
from tests.factories.history import make_history
from tests.factories.people import PASSWORD, make_person
from tests.web.reports import as_screen, body, in_csv, in_xlsx, on_screen


@pytest.fixture
def history(session, tmp_path, now):
    return make_history(session, tmp_path, now, 4)


@pytest.fixture
def head(browser, history):
    browser.sign_in("kepala", PASSWORD)
    return browser


def below(session, history):
    ids = (history.units[0].id, history.units[5].id)
    wanted = select(Person.name).join(Membership, Membership.person_id == Person.id)
    wanted = wanted.where(Membership.unit_id.in_(ids), Membership.to_on.is_(None), Person.id != history.head.id)
    return sorted(session.scalars(wanted))


@pytest.mark.parametrize("key", [kind.key for kind in REPORTS])
def test_page_and_file_hold_the_same_rows(head, history, key):
    url = f"/tim/laporan/{key}"
    head.get(url)
    shown = on_screen(head.page) if "<table" in head.page else []
    titles, rows = in_xlsx(body(head.post(url, {"bentuk": "xlsx"}, status=200)))
    told = [as_screen(titles, row) for row in rows]
    skip = 1 if titles[0] == "Kategori" else 0  # the name of a sum stands in another column of the page
    figures = [[cell.replace("–", "") for cell in row[skip + 1 :]] for row in shown]
    assert figures == [[cell.replace("–", "") for cell in row[skip + 1 :]] for row in told]
    assert "NIP" not in titles


def test_members_are_those_below_in_page_and_file(head, history, session):
    wanted = below(session, history)
    head.get("/tim/laporan/anggota")
    _, rows = in_csv(body(head.post("/tim/laporan/anggota", {"bentuk": "csv"}, status=200)), ";")
    assert [row[0].lstrip("'") for row in rows] == sorted(name.lstrip("'") for name in wanted) or sorted(
        row[0].lstrip("'") for row in rows
    ) == sorted(name.lstrip("'") for name in wanted)
    assert len(on_screen(head.page)) == len(wanted) > 1


def test_another_head_sees_and_takes_only_their_own(new_browser, head, history, session):
    other = new_browser()
    other.sign_in("tetangga", PASSWORD)
    other.get("/tim/laporan/anggota")
    mine = {row[0] for row in on_screen(other.page)}
    assert mine & set(below(session, history)) == set()
    other.get(f"/tim/laporan/anggota?unit={history.units[0].id}", 404)
    other.post("/tim/laporan/anggota", {"bentuk": "csv", "unit": history.units[0].id}, status=404, form_at="/tim/laporan/anggota")
    assert session.scalars(select(DataExport)).all() == []


def test_learner_gets_neither_page_nor_file(browser, history, session):
    with write_tx(session):
        make_person(session, unit=history.units[0], identifier="peserta", password=PASSWORD)
    browser.sign_in("peserta", PASSWORD)
    browser.get("/")
    for url in ("/tim/laporan", "/tim/laporan/anggota"):
        browser.get(url, 403)
    browser.post("/tim/laporan/anggota", {"bentuk": "csv"}, status=403, form_at="/akun/kata-sandi")
    assert session.scalars(select(DataExport)).all() == []


def test_named_superior_without_a_unit_has_reports_about_those_people(browser, history, session):
    with write_tx(session):
        boss = make_person(session, unit=history.root, name="Koordinator", identifier="koordinator", password=PASSWORD)
        person = make_person(session, unit=history.units[2], name="Diserahkan")
        session.add(NamedSuperior(person_id=person.id, superior_id=boss.id, from_on=NOW.date()))
    browser.sign_in("koordinator", PASSWORD)
    browser.get("/tim/laporan")
    browser.get("/tim/laporan/capaian-jp")
    browser.get("/tim/laporan/anggota")
    assert [row[0] for row in on_screen(browser.page)] == ["Diserahkan"]
    body(browser.post("/tim/laporan/anggota", {"bentuk": "xlsx"}, status=200))
    row = session.execute(select(DataExport.scope_path, DataExport.people, DataExport.detail)).one()
    assert (row.scope_path, row.people, row.detail["named"]) == ("", 1, [person.id])
    with write_tx(session):
        let_leave(session, person_id=person.id, on=NOW.date(), now=NOW)
    browser.get("/tim/laporan", 403)


def test_index_has_a_headline_for_each(head):
    head.get("/tim/laporan")
    assert len(re.findall(r'<a href="/tim/laporan/[a-z-]+">', head.page)) == len(REPORTS)
    assert "SIASN" not in head.page
