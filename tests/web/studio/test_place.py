"""Every page of a course opens, wherever its folder stands between a manuscript and an edition, and whatever the folder is called."""

import re

import pytest

from lms.authoring import publishing
from lms.authoring.publishing import Order
from lms.content import library
from lms.store.engine import write_tx
from lms.web.studio.navigation import PAGES
from tests.factories.folders import KEY, edit, proposed, write_folder

STATES = {
    "named-as-code": KEY,
    "named-otherwise": "2026-etika",
    "code-changed": KEY,
    "code-changed-and-published": KEY,
    "without-folder": "",
    "manuscript": KEY,
}


def publish(session, folder, data_dir, now, former=""):
    order = Order(proposed(session, folder, former=former).compiled, data_dir, former=former)
    made = publishing.ready(order)
    with write_tx(session):
        publishing.publish(session, order, made, now=now)


@pytest.fixture(params=STATES)
def state(request, session, agency, tmp_path, data_dir, now):
    """(its name, the key its pages should stand under)."""
    folder = write_folder(data_dir / "courses")
    name = request.param
    if name != "manuscript":
        publish(session, folder, data_dir, now)
    if name == "named-otherwise":
        edit(folder, "course.yml", ("judul: Etika Layanan\n", 'judul: Etika Layanan\nkode: "etika"\n'))
        folder.rename(folder.with_name("2026-etika"))
    elif name.startswith("code-changed"):
        edit(folder, "course.yml", ("judul: Etika Layanan\n", 'judul: Etika Layanan\nkode: "etika-baru"\n'))
        if name.endswith("published"):
            publish(session, folder, data_dir, now, former=KEY)
            assert library.current(session, KEY).course_key == "etika-baru"
            session.rollback()
    elif name == "without-folder":
        folder.rename(tmp_path / "di-tempat-lain")
    return name, STATES[name] or KEY


def test_all_pages_of_a_course_open_in_every_state(author, state):
    name, key = state
    author.get(f"/studio/{KEY}")
    links = re.findall(r'href="(/studio/[^"?#]+)"', "".join(re.findall(r"<nav.*?</nav>", author.page, re.S)))
    assert links == [f"/studio/{key}{tail}" for tail, _, _ in PAGES]
    told = {}
    for link in links:
        author.get(link)
        assert f'href="/studio/{key}/mentor"' in author.page
        told[link.rpartition("/")[2]] = re.findall(r"<h2>(Belum terbit|Foldernya tidak ada di studio)</h2>", author.page)
    absent = {page for page, found in told.items() if found}
    waiting = {"riwayat", "soal", "evaluasi", "mentor"} if name in ("manuscript", "code-changed") else set()
    assert absent == ({KEY, "terbitkan"} if name == "without-folder" else waiting)
    if waiting:
        author.post(f"/studio/{key}/mentor", {"number": "mentor"}, 404, form_at=f"/studio/{key}")
        assert "Terbitkan dulu dari halaman Terbitkan." in author.page
