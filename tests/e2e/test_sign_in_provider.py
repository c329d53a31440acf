"""Signing in through a real provider in a real browser: our own policy lets it pass, and scripts spare the last press."""

import pytest

from tests.e2e.looks import look_closely
from tests.e2e.server import ServerProcess
from tests.web.providers import CLIENT, SECRET, RealProvider

pytestmark = pytest.mark.browser


@pytest.fixture
def provider(agency, monkeypatch):
    who = agency.newcomer("Tandi Rapang")
    provider = RealProvider([{"sub": "asn-7", "nip": who.identifier, "name": who.name}])
    for name, value in {"ISSUER": provider.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}.items():
        monkeypatch.setenv(f"OIDC_{name}", value)
    yield provider, who
    provider.stop()


def test_from_the_button_to_the_page_one_wanted(provider, agency, chromium, visit):
    provider, who = provider
    served = ServerProcess(agency.data_dir)
    served.start()
    try:
        visitor = visit()
        visitor.go(f"{served.url}/masuk?lanjut=/pelatihan")
        visitor.page.get_by_label("Ini komputer bersama").check()
        assert look_closely(visitor.page, "masuk-asn-digital") == []
        visitor.page.get_by_role("button", name="Masuk dengan ASN Digital").click()
        visitor.page.wait_for_url(f"{provider.issuer}/**")
        visitor.page.get_by_role("button", name="asn-7").click()
        visitor.page.wait_for_url(f"{served.url}/pelatihan")
        visitor.go(f"{served.url}/akun/keamanan")
        assert who.name in visitor.page.content()
        assert next(cookie for cookie in visitor.context.cookies(served.url) if cookie["name"] == "lms")["expires"] == -1
        ours = [problem for problem in visitor.problems if "asked another host" not in problem and served.url in problem]
        assert ours == []  # what the provider's own pages do wrong is not ours
        visitor.problems.clear()
    finally:
        served.kill()
