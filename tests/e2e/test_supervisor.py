"""Two minutes of a superior on a phone: one invited, one given more time, one thanked; and both learners see it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from lms.people.hierarchy import team_of
from lms.people.models import Unit
from lms.people.rules import staff_date
from lms.progress import requirement_actions
from lms.progress.types import Audience
from lms.store.engine import write_tx
from tests.factories.learning import learn, publish_reading
from tests.factories.people import make_unit

pytestmark = pytest.mark.browser


@pytest.fixture
def small(agency):
    """A unit of its own: one stuck, one late, one who finished yesterday."""
    now = datetime.now(UTC)
    with agency.session() as session:
        published = publish_reading(
            session, agency.data_dir, now - timedelta(days=90), key="arsip-rapi", title="Arsip Rapi", jp=2
        )
        with write_tx(session):
            unit = make_unit(session, name="Bidang Kearsipan", time_zone="Asia/Makassar")
            people = {
                key: agency._person(session, unit, name)
                for key, name in (
                    ("head", "Hj. Nuraini"),
                    ("stuck", "Budi Mandek"),
                    ("late", "Citra Tenggat"),
                    ("done", "Ani Selesai"),
                )
            }
            session.get_one(Unit, unit.id).head_id = people["head"].person_id
            session.flush()
            learn(session, people["stuck"].person_id, published, now - timedelta(days=30), lessons=2)
            learn(session, people["done"].person_id, published, now - timedelta(days=1), lessons=5)
            requirement_actions.require_course(
                session,
                course_id=published.course_id,
                audience=Audience(person_ids=(people["late"].person_id,)),
                due_on=staff_date(now) - timedelta(days=5),
                note="",
                team=team_of(session, people["head"].person_id, staff_date(now)),
                by=people["head"].person_id,
                now=now - timedelta(days=40),
            )
    return SimpleNamespace(**people)


def test_superior_invites_extends_and_thanks_in_five_taps(visit, small):
    head = visit()
    head.sign_in(small.head)
    page = head.go("/tim")
    taps = 0

    def tap(locator) -> None:
        nonlocal taps
        locator.click()
        taps += 1

    section = page.locator("#mandek")
    invitation = section.get_by_role("link", name="Ajak Budi Mandek belajar lewat WhatsApp")
    address = urlsplit(invitation.get_attribute("href"))
    text = parse_qs(address.query)["text"][0]
    assert (address.netloc, "Arsip Rapi" in text, "Budi" in text) == ("wa.me", True, False)
    taps += 1  # the tap on that link leaves for WhatsApp
    tap(page.locator("#tenggat").get_by_text("Perpanjang"))
    with page.expect_navigation():
        tap(page.locator("#tenggat").get_by_role("button", name="+14 hari"))
    assert page.get_by_role("status").first.inner_text().startswith("Tenggatnya diperpanjang")
    tap(page.locator("#selesai").get_by_text("Beri penghargaan"))
    with page.expect_navigation():
        tap(page.locator("#selesai").get_by_role("button", name="Kirim penghargaan"))
    assert page.get_by_text("Tidak ada yang menunggu penghargaan.").is_visible()
    assert taps == 5
    assert page.evaluate("document.documentElement.scrollWidth") == 360

    thanked = visit()
    thanked.sign_in(small.done)
    assert thanked.go("/").get_by_text("Penghargaan dari Hj. Nuraini").is_visible()
    assert "Arsip Rapi" in thanked.go("/pelatihan/arsip-rapi/sertifikat").locator("blockquote").inner_text()
    late = visit()
    late.sign_in(small.late)
    shown = late.go("/").locator(".nyala").inner_text()
    assert "Diminta oleh Hj. Nuraini, sampai" in shown and "(WITA)" in shown and "lewat" not in shown


def test_story_opens_by_a_button_that_says_it_is_seen(visit, agency):
    head = visit()
    head.sign_in(agency.people["head"])
    page = head.go(f"/tim/pegawai/{agency.people['finished'].person_id}")
    assert page.get_by_text("Ia dapat melihat bahwa Anda membukanya hari ini.").is_visible()
    head.press("Buka riwayat belajar")
    assert page.get_by_role("heading", name="Sertifikat").is_visible()
