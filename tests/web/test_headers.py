"""What every response carries, and what never gets as far as a view (R32, R34-R38, R53)."""

import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance import access
from tests.factories.people import PASSWORD

COURSE = "/pelatihan/pelayanan-publik-dasar"
PAGES = (
    "/masuk",
    "/",
    "/pelatihan",
    COURSE,
    f"{COURSE}/asas/mengapa",
    f"{COURSE}/kuis/posttest",
    "/cari?q=asas",
    "/akun/perangkat",
    "/verifikasi",
    "/tidak-ada",
)


@pytest.mark.parametrize("url", PAGES)
def test_page_carries_the_policy_without_unsafe_words(signed_in, url):
    headers = signed_in.client.get(url).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert [headers[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")] == [
        "nosniff",
        "same-origin",
        "same-origin",
    ]


def test_learner_pages_are_kept_privately_and_all_others_not_at_all(signed_in):
    kept = {
        url: signed_in.client.get(url).headers["Cache-Control"]
        for url in ("/", f"{COURSE}/asas/mengapa", "/akun/perangkat", "/masuk")
    }
    assert kept == {
        "/": "private, no-cache",
        f"{COURSE}/asas/mengapa": "private, no-cache",
        "/akun/perangkat": "no-store",
        "/masuk": "no-store",
    }


def test_shared_computer_keeps_nothing(browser, agency):
    response = browser.sign_in("peserta", PASSWORD, shared=True)
    cookie = next(value for value in response.headers.getlist("Set-Cookie") if value.startswith("lms="))
    assert "Expires" not in cookie and "Max-Age" not in cookie
    page = browser.get(f"{COURSE}/asas/mengapa")
    assert page.headers["Cache-Control"] == "no-store"


def test_cookies_are_http_only_and_lax(browser, agency):
    cookies = browser.sign_in("peserta", PASSWORD).headers.getlist("Set-Cookie")
    assert [cookie for cookie in cookies if "HttpOnly" not in cookie or "SameSite=Lax" not in cookie] == []


def test_over_tls_the_session_cookie_is_host_bound_and_secure(browser, agency):
    client = browser.client
    page = client.get("/masuk", base_url="https://127.0.0.1").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    response = client.post(
        "/masuk",
        data={"csrf_token": token, "identifier": "peserta", "password": PASSWORD},
        base_url="https://127.0.0.1",
        headers={"Referer": "https://127.0.0.1/masuk"},
    )
    cookie = next(value for value in response.headers.getlist("Set-Cookie") if "lms=" in value)
    assert cookie.startswith("__Host-lms=") and "Secure" in cookie and "Path=/" in cookie
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_search_engines_are_told_to_leave_certificates_alone(browser):
    assert browser.client.get("/verifikasi").headers["X-Robots-Tag"] == "noindex"


def test_machine_pages_set_no_cookie(browser):
    assert [browser.client.get(url).headers.getlist("Set-Cookie") for url in ("/healthz", "/readyz", "/metrics")] == [[], [], []]
    assert browser.client.get("/readyz").text == "ready\n"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "localhost@evil.example", "..", ""]
)
def test_foreign_host_is_refused(browser, host):
    assert browser.client.get("/masuk", headers={"Host": host}).status_code == 400


def test_forwarded_host_is_not_believed(browser):
    assert "evil" not in browser.client.get("/masuk", headers={"X-Forwarded-Host": "evil.example"}).text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_write_from_another_site_is_refused_and_changes_nothing(signed_in, statements, headers):
    signed_in.get(f"{COURSE}/asas/mengapa")
    statements.clear()
    response = signed_in.client.post(f"{COURSE}/asas/mengapa", data={"csrf_token": signed_in.token()}, headers=headers)
    assert (response.status_code, statements.writes) == (400, [])


def test_every_write_without_a_token_is_refused_and_changes_nothing(app, signed_in, statements):
    statements.clear()
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods:
            continue
        url = rule.build({name: 1 if f"<int:{name}>" in rule.rule else "x" for name in rule.arguments})[1]
        for options in ({"data": {}}, {"data": "{}", "content_type": "text/plain"}):
            response = signed_in.client.post(url, **options)
            assert response.status_code == 400, (rule.endpoint, response.status_code)
    assert statements.writes == []


BYPASSES = (
    "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "%2f%2fevil.example", "/%2f/evil.example",
    "/%5cevil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", " //evil.example", "//evil.example/%2f..",
    "javascript:alert(1)", "data:text/html,x", "/@evil.example", "http://127.0.0.1@evil.example/", "///evil.example", "/./\\evil.example",
    "\\\\evil.example", "/pelatihan@evil.example", "/\u2028//evil.example", "//\u3002evil.example", "/tidak-ada", "/keluar\r\nX: y",
)  # fmt: skip


@pytest.mark.parametrize("target", BYPASSES)
def test_next_address_never_leaves_the_site(browser, agency, target):
    response = browser.post("/masuk", {"identifier": "peserta", "password": PASSWORD, "next": target}, form_at="/masuk")
    assert response.headers["Location"] == "/"


def test_next_address_of_ours_is_followed(browser, agency):
    browser.get("/pelatihan?topik=dasar", status=303)
    response = browser.post(
        "/masuk", {"identifier": "peserta", "password": PASSWORD, "next": "/pelatihan?topik=dasar"}, form_at="/masuk"
    )
    assert response.headers["Location"] == "/pelatihan?topik=dasar"


JUNK = st.text(min_size=0, max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_junk_in_paths_queries_and_forms_is_never_a_server_error(app, signed_in, data):
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.endpoint not in access.PUBLIC or rule.endpoint.startswith("public")
    ]
    rule = data.draw(st.sampled_from(rules))
    words = {
        name: data.draw(st.integers(0, 2**70) if f"<int:{name}>" in rule.rule else JUNK.filter(bool)) for name in rule.arguments
    }
    url = rule.build(words)[1]
    query = data.draw(
        st.dictionaries(st.sampled_from(["q", "hal", "topik", "code", "lanjut", "pesan", "lama"]), JUNK, max_size=3)
    )
    assert signed_in.client.get(url, query_string=query).status_code < 500
    app.config["WTF_CSRF_ENABLED"] = False
    fields = data.draw(
        st.dictionaries(
            st.sampled_from(["a", "t", "m0", "b0", "sequence", "go", "module", "item", "course", "identifier", "code"]),
            JUNK,
            max_size=4,
        )
    )
    if "POST" in rule.methods and not rule.endpoint.startswith("own.devices"):
        assert signed_in.client.post(url, data=fields).status_code < 500
    app.config["WTF_CSRF_ENABLED"] = True


def test_raw_junk_bytes_are_a_400_or_404(browser, agency):
    chooser = random.Random(7)
    for _ in range(200):
        raw = "".join(f"%{chooser.randrange(256):02x}" for _ in range(chooser.randrange(1, 12)))
        for url in (f"/{raw}", f"/cari?q={raw}", f"/verifikasi/{raw}", f"/pelatihan/{raw}/{raw}"):
            assert browser.client.get(url).status_code in {200, 303, 308, 400, 404, 429}, url
