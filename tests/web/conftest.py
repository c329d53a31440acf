"""Fixtures of page tests; see tests/web_fixtures.py."""

import pytest

from lms.people.types import Role
from lms.store.engine import write_tx
from tests.factories.content import publish_sample
from tests.factories.people import PASSWORD, make_person, make_unit
from tests.web_fixtures import app, browser, data_dir, frozen, new_browser, statements

__all__ = ["app", "browser", "data_dir", "frozen", "new_browser", "statements"]


@pytest.fixture
def agency(session, tmp_path, now):
    """A unit with a head and two learners, an author, an administrator, and the sample course. Sign in with the word and PASSWORD."""
    with write_tx(session):
        unit = make_unit(session, name="Dinas Perhubungan")
        people = {
            word: make_person(session, unit=unit, identifier=word, password=PASSWORD, name=f"Orang {word.title()}")
            for word in ("peserta", "rekan", "kepala")
        }
        unit.head_id = people["kepala"].id
        people["penulis"] = make_person(session, unit=unit, identifier="penulis", password=PASSWORD, roles=(Role.AUTHOR,))
        people["pengelola"] = make_person(session, unit=unit, identifier="pengelola", password=PASSWORD, roles=(Role.ADMIN,))
    publish_sample(session, tmp_path, now)
    return people


@pytest.fixture
def signed_in(browser, agency):
    """A browser in which the learner `peserta` is signed in and enrolled in the sample course."""
    browser.sign_in("peserta", PASSWORD)
    browser.get("/pelatihan/pelayanan-publik-dasar")
    browser.post("/pelatihan/pelayanan-publik-dasar/daftar")
    return browser
