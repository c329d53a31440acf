"""Signing in through a provider: the whole journey with a real one, and everything a lying one may try (R47, D32)."""

import dataclasses
import html
import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from config import SignInProvider
from lms.people import actions, external
from lms.people.models import ExternalIdentity, Person, SecondFactor, SessionRow
from lms.people.types import Role
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from lms.web import clock, oidc_client
from tests.factories.people import PASSWORD, make_person, make_unit
from tests.web.providers import CLIENT, SECRET, LyingProvider, RealProvider, unsigned

NIP = "198609262015051001"
OTHER_NIP = "199001012015051002"


@pytest.fixture(scope="module")
def real():
    provider = RealProvider([{"sub": "asn-1", "nip": NIP, "name": "Rahma"}, {"sub": "asn-2", "nip": "197001011995031002"}])
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def lying_server():
    provider = LyingProvider()
    yield provider
    provider.stop()


@pytest.fixture
def lying(lying_server):
    lying_server.honest()
    lying_server.claims = {"nip": NIP}
    lying_server.asked.clear()
    return lying_server


@pytest.fixture
def people(session, app):
    """Providers keep the real time, so the web does here."""
    clock.forced = None
    oidc_client._kept.clear()
    with write_tx(session):
        unit = make_unit(session)
        return {
            "rahma": make_person(session, unit=unit, nip=NIP, name="Sitti Rahma"),
            "lain": make_person(session, unit=unit, nip=OTHER_NIP, password=PASSWORD, email="asn-1@contoh.go.id"),
        }


def use(app, provider, **over):
    values = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET} | over
    app.config["PELITA"] = dataclasses.replace(app.config["PELITA"], provider=SignInProvider(**values))


def set_out(browser, form_at="/masuk", **fields):
    """Press the button of the sign-in page; returns the address at the provider."""
    browser.post("/masuk/luar", fields, status=200, form_at=form_at)
    return html.unescape(re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', browser.page)[1])


def come_back(browser, address, status=303):
    """The browser is sent to an address of ours and brings the answer in."""
    parts = urlsplit(address)
    browser.get(f"{parts.path}?{parts.query}")
    sent = {name: html.unescape(value) for name, value in re.findall(r'name="(code|state|iss)" value="([^"]*)"', browser.page)}
    return browser.post("/masuk/luar/kembali", sent, status=status)


def journey(browser, provider, status=303, subject="asn-1", **over):
    address = set_out(browser)
    back = provider.consent(address, subject) if isinstance(provider, RealProvider) else provider.consent(address, **over)
    return come_back(browser, back, status)


def audited(session):
    return session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()


# -- the whole journey ----------------------------------------------------------------------------------------------------------


def test_first_time_by_nip_then_by_subject_alone(app, new_browser, people, real, session):
    use(app, real)
    for browser in (new_browser(), new_browser()):
        assert journey(browser, real).headers["Location"] == "/"
        browser.get("/")
        assert "Sitti Rahma" in browser.page
        with write_tx(session):
            session.get(Person, people["rahma"].id).nip = None
    linked = session.execute(select(ExternalIdentity.issuer, ExternalIdentity.subject, ExternalIdentity.person_id)).all()
    assert linked == [(real.issuer, "asn-1", people["rahma"].id)]
    assert audited(session) == ["account.link", "account.sign_in", "account.sign_in"]
    assert session.scalar(select(func.count(Person.id))) == 2


def test_the_address_carries_code_pkce_state_and_nonce(app, browser, people, real):
    use(app, real)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(set_out(browser)).query).items()}
    again = {name: values[0] for name, values in parse_qs(urlsplit(set_out(browser)).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "openid profile")
    assert (asked["redirect_uri"], asked["client_id"]) == ("http://127.0.0.1:8000/masuk/luar/kembali", CLIENT)
    assert all(asked[name] != again[name] and len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    cookie = browser.client.get_cookie("luar")
    assert cookie.http_only and asked["state"] not in cookie.value and asked["nonce"] not in cookie.value


def test_where_one_wanted_to_go_and_the_shared_computer_are_kept(app, browser, people, real, session):
    use(app, real)
    address = set_out(browser, next="/pelatihan?q=a", shared="1")
    assert come_back(browser, real.consent(address, "asn-1")).headers["Location"] == "/pelatihan?q=a"
    assert session.scalars(select(SessionRow.is_shared)).all() == [True]
    assert browser.client.get_cookie("lms").expires is None
    assert browser.client.get_cookie("luar") is None
    browser.get("/keluar")
    assert "sesi di sana mungkin masih terbuka" in browser.page


def test_who_refuses_there_reads_so_here(app, browser, people, real):
    use(app, real)
    parts = urlsplit(real.consent(set_out(browser), None))
    browser.follow(browser.get(f"{parts.path}?{parts.query}", status=303))
    assert "tidak dilanjutkan" in browser.page


def test_a_nip_nobody_here_has_makes_nobody(app, browser, people, real, session):
    use(app, real)
    assert "tidak berhasil" in journey(browser, real, status=401, subject="asn-2").text
    assert session.scalar(select(func.count(Person.id))) == 2
    assert audited(session) == ["account.external_refused"]


def test_an_e_mail_address_links_nobody(app, browser, people, real, session):
    """oidc-provider-mock gives unknown users an `email` equal to their subject, and here somebody has that address."""
    use(app, real)
    journey(browser, real, status=401, subject="asn-1@contoh.go.id")
    assert session.scalar(select(func.count(ExternalIdentity.id))) == 0


def test_without_a_provider_there_is_no_door(browser, people):
    browser.get("/masuk")
    assert "Masuk dengan ASN" not in browser.page
    browser.post("/masuk/luar", status=404)
    browser.get("/masuk/luar/kembali?code=x&state=y", status=404)


def test_a_provider_that_is_down_leaves_local_sign_in(app, browser, people, session):
    gone = LyingProvider()
    gone.stop()
    use(app, gone, label="Kunci Daerah")
    browser.get("/masuk")
    assert "Masuk dengan Kunci Daerah" in browser.page
    started = time.monotonic()
    assert "sedang tidak menjawab" in browser.post("/masuk/luar", {"next": "/pelatihan"}, status=503).text
    assert time.monotonic() - started < 8
    answer = browser.post("/masuk", {"identifier": OTHER_NIP, "password": PASSWORD, "next": "/pelatihan"})
    assert answer.headers["Location"] == "/pelatihan"


# -- what a lying provider may try ----------------------------------------------------------------------------------------------

NOW = int(datetime.now(UTC).timestamp())
TAMPERED = {
    "nonce of another journey": {"nonce": "lain"},
    "no nonce": {"nonce": None},
    "issuer of somebody else": {"iss": "https://lain.contoh.go.id"},
    "no issuer": {"iss": None},
    "audience of somebody else": {"aud": "aplikasi-lain"},
    "one audience too many without azp": {"aud": [CLIENT, "aplikasi-lain"]},
    "azp of somebody else": {"aud": [CLIENT, "aplikasi-lain"], "azp": "aplikasi-lain"},
    "expired": {"exp": NOW - 3600},
    "no expiry": {"exp": None},
    "expiry that never comes": {"exp": float("nan")},
    "issued in the future": {"iat": NOW + 3600},
    "no time of issue": {"iat": None},
    "not valid yet": {"nbf": NOW + 3600},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "subject that is a number": {"sub": 7},
    "subject without end": {"sub": "x" * 300},
    "hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "auth_time out of this world": {"auth_time": 10**30},
    "amr that is no list": {"amr": "mfa"},
    "nip with blanks": {"nip": "19860926 201505 1 001"},
    "nip with an apostrophe": {"nip": "'198609262015051001"},
    "nip as a number": {"nip": 198609262015051001},
    "nip in a list": {"nip": [NIP]},
    "nip in wide digits": {"nip": "１９８６０９２６２０１５０５１００１"},
    "nip of old, nine digits": {"nip": "131234567"},
    "no nip": {"nip": None},
}


def refused(browser, lying, session, **over):
    page = journey(browser, lying, status=401, **over).text
    assert "Masuk lewat akun luar tidak berhasil, dan tidak ada yang berubah." in page
    assert session.scalar(select(func.count(SessionRow.id))) == 0
    assert audited(session) == ["account.external_refused"]
    return session.scalars(select(AuditEntry.detail)).one()["reason"]


@pytest.mark.parametrize("lie", TAMPERED)
def test_token_with_a_wrong_claim_is_refused(app, browser, people, lying, session, lie):
    use(app, lying)
    lying.claims |= TAMPERED[lie]
    reason = refused(browser, lying, session)
    assert reason and NIP not in reason


def test_token_that_is_not_signed_as_it_must_be_is_refused(app, new_browser, people, lying, session):
    use(app, lying)
    lies = {
        "none": unsigned,
        "public key as secret": lying.signed_with_public_key,
        "key of somebody else": lambda header, claims: oidc_client.jwt.encode(header, claims, lying.other_key),
        "cut off": lambda header, claims: oidc_client.jwt.encode(header, claims, lying.key)[:-4],
        "no token at all": lambda header, claims: "",
        "no text": lambda header, claims: ["x"],
        "claims of a list": lambda header, claims: ".".join(["e30", "W10", ""]),
    }
    for sign in lies.values():
        lying.sign = sign
        assert "tidak berhasil" in journey(new_browser(), lying, status=401).text
    reasons = [detail["reason"] for detail in session.scalars(select(AuditEntry.detail))]
    assert (len(reasons), all(reason.startswith(("token:", "no id_token")) for reason in reasons)) == (len(lies), True)
    lying.honest()
    lying.claims = {"nip": NIP}
    assert journey(new_browser(), lying).headers["Location"] == "/"


@pytest.mark.parametrize("over", [{"state": "lain"}, {"state": ""}, {"iss": "https://lain.contoh.go.id"}, {"code": "tebakan"}])
def test_answer_that_does_not_belong_to_the_journey_is_refused(app, browser, people, lying, session, over):
    use(app, lying)
    refused(browser, lying, session, **over)


def test_answer_brought_into_another_browser_is_refused(app, new_browser, people, lying, session):
    use(app, lying)
    theirs, mine = new_browser(), new_browser()
    stolen = lying.consent(set_out(theirs))
    come_back(mine, stolen, status=401)
    set_out(mine)
    come_back(mine, stolen, status=401)
    reasons = [detail["reason"] for detail in session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id))]
    assert reasons == ["no journey of this browser", "state"]


def test_a_code_works_once_and_so_does_the_journey(app, new_browser, people, lying, session):
    use(app, lying)
    browser = new_browser()
    address = set_out(browser)
    cookie = browser.client.get_cookie("luar").value
    back = lying.consent(address)
    come_back(browser, back)
    browser.post("/keluar", form_at="/keluar")
    come_back(browser, back, status=401)
    browser.client.set_cookie("luar", cookie)
    come_back(browser, back, status=401)
    reasons = [detail.get("reason") for detail in session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id))]
    assert reasons[-2:] == ["no journey of this browser", "code: invalid_grant"]


def test_a_journey_ends_after_a_quarter_of_an_hour(app, browser, people, lying, session, monkeypatch):
    use(app, lying)
    back = lying.consent(set_out(browser))
    later = time.time() + 901
    monkeypatch.setattr("cryptography.fernet.time.time", lambda: later)
    come_back(browser, back, status=401)


@pytest.mark.parametrize("state", ["disabled", "left"])
def test_nip_of_somebody_who_may_not_sign_in_is_refused(app, browser, people, lying, session, state):
    use(app, lying)
    now = datetime.now(UTC)
    with write_tx(session):
        if state == "left":
            actions.let_leave(session, person_id=people["rahma"].id, on=now.date(), now=now)
        else:
            actions.disable_account(session, person_id=people["rahma"].id, now=now)
    assert "tidak berhasil" in journey(browser, lying, status=401).text
    assert audited(session)[-1] == "account.external_refused"


def test_who_is_linked_and_then_leaves_is_refused(app, new_browser, people, lying, session):
    use(app, lying)
    journey(new_browser(), lying)
    with write_tx(session):
        actions.disable_account(session, person_id=people["rahma"].id, now=datetime.now(UTC))
    journey(new_browser(), lying, status=401)


def test_a_second_account_there_is_not_linked_until_an_administrator_lets_go(app, new_browser, people, lying, session):
    use(app, lying)
    journey(new_browser(), lying)
    lying.claims["sub"] = "asn-99"
    assert "sudah terhubung dengan akun lain" in journey(new_browser(), lying, status=401).text
    with write_tx(session):
        make_person(session, identifier="pengelola", password=PASSWORD, roles=(Role.ADMIN,))
    admin = new_browser()
    admin.sign_in("pengelola", PASSWORD)
    path = f"/admin/pegawai/{people['rahma'].id}/akun-luar"
    admin.follow(admin.post(path, form_at="/admin/orang"))
    assert "Hubungan dengan akun luar dilepas" in admin.page
    admin.post(path, status=409, form_at="/admin/orang")
    assert journey(new_browser(), lying).headers["Location"] == "/"
    assert not external.is_linked(session, people["lain"].id)


def test_second_factor_is_trusted_only_when_the_provider_says_so(app, new_browser, people, lying, session):
    use(app, lying)
    with write_tx(session):
        at = datetime.now(UTC)
        session.add(SecondFactor(person_id=people["rahma"].id, secret="", made_at=at, confirmed_at=at))
    strong = [{"amr": ["mfa"]}, {"amr": ["pwd", "otp"]}, {"acr": "https://refeds.org/profile/mfa"}]
    weak = [{}, {"amr": ["pwd"]}, {"amr": ["otp"]}, {"amr": [["mfa"]]}, {"acr": "1"}, {"acr": ["phr"]}, {"acr": None, "amr": []}]
    places = []
    for said in strong + weak:
        lying.claims = {"nip": NIP} | said
        places.append(journey(new_browser(), lying).headers["Location"])
    assert places == ["/"] * 3 + ["/masuk/kode"] * 7


def test_the_time_of_the_password_there_counts_here(app, browser, people, lying, session):
    use(app, lying)
    earlier = int((datetime.now(UTC) - timedelta(hours=5)).timestamp())
    lying.claims["auth_time"] = earlier
    journey(browser, lying)
    assert session.scalars(select(SessionRow.authenticated_at)).one().timestamp() == earlier
    lying.claims["auth_time"] = int(time.time())
    address = set_out(browser, form_at="/akun/konfirmasi?lanjut=/akun/dua-langkah", next="/akun/dua-langkah")
    assert {"prompt": ["login"], "max_age": ["0"]}.items() <= parse_qs(urlsplit(address).query).items()
    assert come_back(browser, lying.consent(address)).headers["Location"] == "/akun/dua-langkah"
    assert browser.post("/akun/dua-langkah", form_at="/akun/dua-langkah").headers["Location"] == "/akun/dua-langkah/pasang"
    browser.get("/akun/keamanan")
    assert "Terhubung: Anda bisa masuk lewat ASN Digital." in browser.page


# -- the wire -------------------------------------------------------------------------------------------------------------------


def test_description_and_keys_are_fetched_once_and_keys_again_after_a_change(app, new_browser, people, lying, monkeypatch):
    use(app, lying)
    for _ in range(3):
        journey(new_browser(), lying)
    assert [lying.asked.count(path) for path in ("/.well-known/openid-configuration", "/jwks", "/token")] == [1, 1, 3]
    lying.key, lying.other_key = lying.other_key, lying.key
    try:
        journey(new_browser(), lying, status=401)
        assert lying.asked.count("/jwks") == 1  # not more than once a minute
        monkeypatch.setattr(oidc_client, "LEAST_SECONDS_BETWEEN_KEYS", 0.0)
        assert journey(new_browser(), lying).headers["Location"] == "/"
    finally:
        lying.key, lying.other_key = lying.other_key, lying.key


ELSEWHERE = "http://127.0.0.1:1/lain"
BROKEN = {
    "not json": lambda path: (200, {}, b"<html>"),
    "a list": lambda path: (200, {}, b"[]"),
    "an error": lambda path: (500, {}, b"{}"),
    "a redirect": lambda path: (302, {"Location": ELSEWHERE}, b""),
    "without end": lambda path: (200, {}, b" " * 300_000 + b"{}"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_what_is_not_an_answer_of_a_provider_is_a_plain_sentence(app, browser, people, lying, session, kind, path):
    use(app, lying)
    lying.respond = lambda asked: BROKEN[kind](asked) if asked == path else None
    if path == "/token":
        assert journey(browser, lying, status=503).status_code == 503
    else:
        browser.post("/masuk/luar", status=503, form_at="/masuk")
    assert "sedang tidak menjawab" in browser.page


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://lain.contoh.go.id"},
        {"issuer": None},
        {"token_endpoint": "http://contoh.go.id/token"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"jwks_uri": ["x"]},
    ],
)
def test_a_description_that_leads_astray_is_not_followed(app, browser, people, lying, document):
    use(app, lying)
    lying.document = document
    browser.post("/masuk/luar", status=503, form_at="/masuk")


def test_a_provider_elsewhere_cannot_send_us_inside_this_computer():
    elsewhere = SignInProvider("https://sso.contoh.go.id", CLIENT, SECRET)
    inside = SignInProvider("http://127.0.0.1:9000", CLIENT, SECRET)
    addresses = ("https://lain.contoh.go.id/jwks", "http://127.0.0.1:6379/", "http://contoh.go.id/")
    assert [oidc_client._may_lead_to(elsewhere, address) for address in addresses] == [True, False, False]
    assert [oidc_client._may_lead_to(inside, address) for address in addresses] == [True, True, False]


def test_a_slash_at_the_end_of_the_issuer_does_not_matter(app, browser, people, lying):
    use(app, lying, issuer=f"{lying.issuer}/")
    assert journey(browser, lying).headers["Location"] == "/"


def test_another_claim_may_hold_the_nip(app, browser, people, lying):
    use(app, lying, nip_claim="preferred_username")
    lying.claims = {"preferred_username": NIP}
    assert journey(browser, lying).headers["Location"] == "/"
