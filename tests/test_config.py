"""The sign-in provider from the environment: off by default, refused half-configured, its secret never printed."""

import pytest

from config import SignInProvider, is_safe_address, read_config
from lms.errors import Refused

BASE = {"BASE_URL": "https://belajar.contoh.go.id", "SECRET_KEY": "x"}
PROVIDER = {"OIDC_ISSUER": "https://sso.contoh.go.id/realms/asn", "OIDC_CLIENT_ID": "pelita", "OIDC_CLIENT_SECRET": "rahasia"}


def test_no_provider_unless_the_environment_names_one(tmp_path):
    assert read_config(tmp_path, environ=BASE).provider is None
    assert read_config(tmp_path, environ=BASE | {"OIDC_CLIENT_ID": "pelita"}).provider is None


def test_provider_with_defaults_and_with_words_of_its_own(tmp_path):
    found = read_config(tmp_path, environ=BASE | PROVIDER)
    assert found.provider == SignInProvider("https://sso.contoh.go.id/realms/asn", "pelita", "rahasia", "nip", "ASN Digital")
    assert "rahasia" not in repr(found)
    own = read_config(
        tmp_path, environ=BASE | PROVIDER | {"OIDC_NIP_CLAIM": "employee_id", "OIDC_LABEL": "Kunci Daerah"}
    ).provider
    assert (own.nip_claim, own.label) == ("employee_id", "Kunci Daerah")


@pytest.mark.parametrize(
    "wrong",
    [
        {"OIDC_ISSUER": "http://sso.contoh.go.id"},
        {"OIDC_ISSUER": "sso.contoh.go.id"},
        {"OIDC_ISSUER": "https://"},
        {"OIDC_ISSUER": "http://[::1"},
        {"OIDC_CLIENT_ID": ""},
        {"OIDC_CLIENT_SECRET": ""},
    ],
)
def test_half_a_provider_is_refused_with_a_sentence(tmp_path, wrong):
    with pytest.raises(Refused, match="OIDC_"):
        read_config(tmp_path, environ=BASE | PROVIDER | wrong)


def test_secrets_travel_over_tls_or_inside_one_computer():
    addresses = (
        "https://a.go.id/x",
        "http://127.0.0.1:9000",
        "http://localhost/",
        "http://a.go.id",
        "ftp://127.0.0.1",
        "",
        "//a",
    )
    assert [is_safe_address(address) for address in addresses] == [True, True, True, False, False, False, False]
