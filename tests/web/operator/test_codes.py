"""Unit operators: who still needs a code, slips for their own units only, and what became of each."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from lms.people import codes
from lms.people.actions import make_person as hire
from lms.people.actions import redeem_code
from lms.people.models import OneTimeCode, Unit
from lms.people.operators import name_operator
from lms.people.types import EmploymentKind
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.conftest import NOW
from tests.factories.people import PASSWORD, hashed, make_person, make_unit

NIP = "198609262015051001"


@pytest.fixture
def place(session, now):
    """Dinas with Ani (NIP) and Bidang with Budi (a word) and Citra (no account at all), operated by Operator; Dinas Lain with Zainal."""
    with write_tx(session):
        unit = make_unit(session, name="Dinas Arsip")
        deeper = make_unit(session, name="Bidang Pindai", parent=unit)
        other = make_unit(session, name="Dinas Lain")
        operator = make_person(session, unit=unit, name="Operator", identifier="operator", password=PASSWORD)
        name_operator(session, unit_id=unit.id, person_id=operator.id, now=now)
        people = {
            "ani": make_person(session, unit=unit, name="Ani Lestari", title_suffix="S.E.", nip=NIP).id,
            "budi": make_person(session, unit=deeper, name="Budi", identifier="budi.saja").id,
            "citra": hire(session, name="Citra", unit_id=deeper.id, from_on=NOW.date(), employment_kind=EmploymentKind.OTHER),
            "zainal": make_person(session, unit=other, name="Zainal").id,
        }
    return people | {"unit": unit.id, "deeper": deeper.id, "other": other.id, "operator": operator.id}


@pytest.fixture
def operator(browser, place):
    browser.sign_in("operator", PASSWORD)
    return browser


def waiting(browser) -> list[str]:
    return re.findall(r'name="satu" value="(\d+)"', browser.page)


def slips(page: str) -> list[tuple[str, str]]:
    """(name, code) of each slip."""
    return list(zip(re.findall(r"<h2>([^<]+)</h2>", page), re.findall(r'class="kode"><b>([^<]+)</b>', page), strict=True))


def live(session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(OneTimeCode).where(OneTimeCode.expires_at > NOW))


def test_only_people_below_without_an_active_account_are_listed(operator, place):
    operator.get("/operator")
    assert re.findall(r'scope="row"><a href="/operator\?unit=(\d+)">', operator.page) == [
        str(place["deeper"]),
        str(place["unit"]),
    ]
    assert "3 pegawai belum punya akun aktif" in operator.page and "Zainal" not in operator.page
    operator.get(f"/operator?unit={place['unit']}")
    assert waiting(operator) == [str(place["ani"]), str(place["budi"])]
    assert "Citra" in operator.page and "hubungi administrator" in operator.page
    operator.get("/operator?q=zai")
    assert waiting(operator) == [] and "Tidak ada yang menunggu" in operator.page
    operator.get("/operator?q=pindai")
    assert "Bidang Pindai" in operator.page
    operator.get(f"/operator?q={NIP}")
    assert "NIP tidak dipakai di sini" in operator.page
    operator.get(f"/operator?unit={place['other']}", status=404)
    operator.get("/operator?unit=99999999", status=404)


def test_slips_of_a_unit_carry_everything_once_and_no_nip(operator, session, place, now):
    operator.get(f"/operator?unit={place['unit']}")
    page = operator.post("/operator/slip", {"unit": place["unit"], "semua": "1"}, status=200).text
    printed = slips(page)
    assert [name for name, _ in printed] == ["Ani Lestari, S.E.", "Budi"]
    assert all(re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code) for _, code in printed)
    assert "127.0.0.1:8000/aktivasi" in page and "Berlaku satu kali, sampai 19 Maret 2026 pukul 14.30 WITA" in page
    assert "NIP Anda" in page and "budi.saja" in page and NIP not in page and page.count("data:image/svg+xml") == 2
    assert " style=" not in page
    acts = select(AuditEntry.actor_id, AuditEntry.subject).where(AuditEntry.action == "account.issue_code")
    session.rollback()
    assert session.execute(acts.order_by(AuditEntry.id)).all() == [
        (place["operator"], f"person:{place['ani']}"),
        (place["operator"], f"person:{place['budi']}"),
    ]
    with write_tx(session):
        assert (
            redeem_code(session, identifier="budi.saja", code=printed[1][1].lower(), password_hash=hashed(PASSWORD), now=now)
            == (place["budi"])
        )
    operator.get(f"/operator?unit={place['unit']}")
    assert waiting(operator) == [str(place["ani"])] and "Berlaku sampai 19 Maret 2026" in operator.page
    operator.get("/operator/kode")
    assert re.findall(r'cell"><span class="(\w*)">(\w+)', operator.page) == [("baik", "Dipakai"), ("ingat", "Berlaku")]


def test_printing_again_makes_a_new_code_and_the_old_one_dies(operator, session, place):
    address = f"/operator?unit={place['unit']}"
    first = slips(operator.post("/operator/slip", {"satu": place["ani"]}, status=200, form_at=address).text)
    again = slips(operator.post("/operator/slip", {"pilih": [place["ani"], place["budi"]]}, status=200, form_at=address).text)
    assert [name for name, _ in again] == ["Ani Lestari, S.E.", "Budi"] and first[0][1] != again[0][1]
    assert live(session) == 2
    for state, expected in (("berlaku", ["ani", "budi"]), ("belum", []), ("lewat", [])):
        operator.get(f"{address}&keadaan={state}")
        assert waiting(operator) == [str(place[name]) for name in expected]
    budi = operator.post("/operator/slip", {"satu": place["budi"]}, status=200, form_at=address).text
    with write_tx(session):
        session.execute(update(OneTimeCode).where(OneTimeCode.person_id == place["ani"]).values(expires_at=NOW))
    form = {"unit": place["unit"], "semua": "1", "keadaan": "lewat"}
    assert [name for name, _ in slips(operator.post("/operator/slip", form, status=200, form_at=address).text)] == [
        "Ani Lestari, S.E."
    ]
    assert len(slips(budi)) == 1


@pytest.mark.parametrize("picked", [["zainal"], ["ani", "zainal"], ["operator", "zainal"]])
def test_slips_for_people_elsewhere_do_not_exist(operator, session, place, picked):
    form = {"pilih": [place[name] for name in picked]}
    operator.post("/operator/slip", form, status=404, form_at=f"/operator?unit={place['unit']}")
    operator.post("/operator/slip", {"unit": place["other"], "semua": "1"}, status=404, form_at=f"/operator?unit={place['unit']}")
    assert live(session) == 0


def test_nothing_chosen_makes_no_code_and_an_active_person_gets_none(operator, session, place):
    address = f"/operator?unit={place['unit']}"
    operator.follow(operator.post("/operator/slip", {"unit": place["unit"]}, form_at=address))
    assert "tidak ada kode yang dibuat" in operator.page
    assert slips(operator.post("/operator/slip", {"pilih": place["operator"]}, status=200, form_at=address).text) == []
    assert live(session) == 0


def test_slips_wait_for_the_password_and_keep_who_was_chosen(operator, session, place, frozen):
    frozen(timedelta(minutes=11))
    form = {"unit": place["unit"], "pilih": [place["ani"], place["budi"]]}
    operator.follow(operator.post("/operator/slip", form, form_at=f"/operator?unit={place['unit']}"))
    target = re.search(r'name="next" value="([^"]+)"', operator.page)[1].replace("&amp;", "&")
    operator.follow(operator.post("/akun/konfirmasi", {"password": PASSWORD, "next": target}))
    assert re.findall(r'name="pilih" value="(\d+)" checked', operator.page) == [str(place["ani"]), str(place["budi"])]
    assert live(session) == 0


def test_many_slips_come_in_short_transactions_eight_a_sheet(operator, session, place, monkeypatch):
    monkeypatch.setattr(codes, "SLIPS_AT_ONCE", 10)
    with write_tx(session):
        unit = make_unit(session, name="Sekolah", parent=session.get(Unit, place["unit"]))
        for number in range(35):
            make_person(session, unit=unit, name=f"Guru {number:02}")
    operator.get(f"/operator?unit={unit.id}")
    operator.statements.clear()
    page = operator.post("/operator/slip", {"unit": unit.id, "semua": "1"}, status=200).text
    assert [name for name, _ in slips(page)] == [f"Guru {number:02}" for number in range(35)]
    assert page.count('class="lembar"') == 5 and live(session) == 35
    inserts = [sql for sql in operator.statements.writes if "one_time_code" in sql and sql.startswith("INSERT")]
    assert len(inserts) == 4


def test_an_address_from_a_slip_opens_the_form_with_the_code(browser, place):
    browser.get("/aktivasi?kode=7K3M-9QTX-2VHB")
    assert 'value="7K3M-9QTX-2VHB"' in browser.page


def test_an_administrator_reaches_every_unit_at_a_constant_cost(browser, session, agency, place):
    browser.sign_in("pengelola", PASSWORD)
    browser.get("/operator")
    assert "Dinas Lain" in browser.page and "Bidang Pindai" in browser.page
    before = len(browser.statements.selects)
    with write_tx(session):
        for number in range(60):
            make_person(session, unit=make_unit(session, name=f"Unit {number}"), name=f"Orang {number:02}")
    browser.get("/operator")
    assert len(browser.statements.selects) == before
    browser.get("/operator?q=orang")
    assert len(waiting(browser)) == 50
    browser.get(re.search(r'rel="next" href="([^"]+)"', browser.page)[1].replace("&amp;", "&"))
    assert len(waiting(browser)) == 10


def test_no_code_yet_is_said_and_a_learner_stays_outside(browser, agency, place, new_browser):
    browser.sign_in("pengelola", PASSWORD)
    browser.get("/operator/kode")
    assert "Belum ada kode yang dibuat" in browser.page
    guest = new_browser()
    guest.sign_in("peserta", PASSWORD)
    guest.get("/operator", status=403)
