"""R24, R31, R7: hostile words in every text column come out escaped everywhere, are never a template, and no form sets what it must not."""

import dataclasses
import re

import pytest
from sqlalchemy import select

from lms.people.models import Account, Membership, Person, RoleGrant, Unit
from lms.people.settings import save_settings
from lms.people.types import Role
from lms.progress.models import Completion, Enrolment, EnrolmentSummary, JpEntry
from lms.quizzes.models import Attempt
from lms.store.engine import write_tx
from tests.factories.content import publish_course, sample_course
from tests.factories.people import PASSWORD, make_person, make_unit

HOSTILE = "\"><svg onload=alert(1)>{{7*7}}'"
COURSE = "/pelatihan/pelayanan-publik-dasar"


@pytest.fixture
def hostile(session, tmp_path, now):
    """People, units, settings and a course whose plain texts all hold the payload."""
    course = sample_course(
        title=f"Judul {HOSTILE}",
        summary=HOSTILE,
        organizer=HOSTILE,
        audience=HOSTILE,
        authors=(HOSTILE,),
        tags=(HOSTILE,),
        version=HOSTILE,
    )
    modules = tuple(dataclasses.replace(module, title=f"Modul {HOSTILE}") for module in course.outline.modules)
    items = tuple(
        dataclasses.replace(item, title=f"{item.title} {HOSTILE}", objectives=(HOSTILE,)) for item in course.outline.items
    )
    publish_course(
        session,
        tmp_path,
        now,
        dataclasses.replace(course, outline=dataclasses.replace(course.outline, modules=modules, items=items)),
    )
    with write_tx(session):
        unit = make_unit(session, name=f"Unit {HOSTILE}")
        names = {"title_prefix": HOSTILE[:60], "title_suffix": HOSTILE, "position": HOSTILE}
        make_person(session, unit=unit, identifier="peserta", password=PASSWORD, name=f"Nama {HOSTILE}", **names)
        unit.head_id = make_person(session, unit=unit, identifier="kepala", password=PASSWORD, name=HOSTILE, **names).id
        make_person(session, unit=unit, identifier="semua", password=PASSWORD, name=HOSTILE, roles=(Role.AUTHOR, Role.ADMIN))
        save_settings(session, agency_name=HOSTILE, agency_place=HOSTILE, signatory_name=HOSTILE, signatory_position=HOSTILE)


def crawl(browser, start: str, most: int = 60) -> list[str]:
    """Pages reachable by links of ours from `start`."""
    waiting, seen, pages = [start], {start}, []
    while waiting and len(pages) < most:
        url = waiting.pop(0)
        response = browser.client.get(url)
        assert response.status_code < 500, url
        if response.mimetype != "text/html" or response.status_code != 200:
            continue
        pages.append(response.text)
        for found in re.findall(r'(?:href|action)="(/[^"#]*)', response.text):
            address = found.replace("&amp;", "&")
            if address not in seen and not address.startswith(("/static", "/media", "/keluar")):
                seen.add(address)
                waiting.append(address)
    return pages


@pytest.mark.parametrize(("who", "start"), [("peserta", "/"), ("kepala", "/tim"), ("semua", "/studio"), ("semua", "/admin")])
def test_hostile_words_are_only_ever_text(browser, hostile, who, start):
    browser.sign_in(who, PASSWORD)
    browser.get(COURSE)
    browser.post(f"{COURSE}/daftar")
    browser.get(f"{COURSE}/kuis/asas/kuis")
    browser.post(f"{COURSE}/kuis/asas/kuis")
    pages = crawl(browser, start)
    assert len(pages) > 3
    assert [page for page in pages if "<svg onload" in page or ">49" in page] == []
    assert any("&lt;svg onload=alert(1)&gt;{{7*7}}" in page for page in pages)


def test_search_words_and_typed_names_come_back_as_text(browser, hostile):
    browser.sign_in("peserta", PASSWORD)
    for url in ("/cari", "/pelatihan"):
        response = browser.client.get(url, query_string={"q": HOSTILE})
        assert "<svg onload" not in response.text and "&lt;svg onload" in response.text
    browser.client.post("/keluar")


def test_no_form_sets_role_score_progress_unit_or_head(signed_in, session, agency):
    """Every column name of every owned table, posted to every form a learner has, changes nothing but what the form is for."""
    models = (Person, Account, RoleGrant, Membership, Unit, Enrolment, EnrolmentSummary, Completion, JpEntry, Attempt)
    fields = {column.key: "1" for model in models for column in model.__table__.columns} | {
        "role": "admin",
        "roles": "admin",
        "is_admin": "1",
    }
    for url in (
        "/tempat",
        "/akun/kata-sandi",
        "/akun/konfirmasi",
        f"{COURSE}/daftar",
        f"{COURSE}/perubahan",
        "/jawab/pelayanan-publik-dasar/wajib-susun",
    ):
        signed_in.get("/keluar")
        assert signed_in.client.post(url, data=fields | {"csrf_token": signed_in.token()}).status_code < 500
    session.rollback()
    roles = session.scalars(select(RoleGrant.role).order_by(RoleGrant.id)).all()
    assert roles == [Role.AUTHOR, Role.ADMIN]
    assert session.scalars(select(Completion.enrolment_id)).all() == [] and session.scalars(select(JpEntry.jp)).all() == []
    assert session.scalars(select(EnrolmentSummary.percent)).all() == [0]
    assert session.scalar(select(Unit.head_id)) == agency["kepala"].id
