"""The sign-in provider over the wire (D32, R47): authorization code with PKCE, state and nonce, by Authlib and its joserfc.

Addresses must be https (http inside one computer), nothing is followed elsewhere, answers are small and quick or not taken at all.
What is wrong with an answer is in `Rejected.reason`, for the audit log; the person is told one sentence.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException, Response

from config import SignInProvider, is_safe_address
from lms.errors import LmsError

TIMEOUT = (3.05, 5.0)
"""Seconds to connect, and between two pieces of an answer."""
LONGEST_SECONDS = 10.0
LARGEST = 256_000
KEEP_SECONDS = 3600.0
LEAST_SECONDS_BETWEEN_KEYS = 60.0
"""A token signed with a key not seen before fetches the keys anew, but not at every stranger's wish."""
LEEWAY_SECONDS = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a private key only: neither "none" nor HS256, whose key would be the public one (RFC 8725, 3.1)."""
_KNOWN, _HELD = {"pwd", "pin", "kba"}, {"otp", "hwk", "swk", "sc", "sms"}
_STRONG = {
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    "https://refeds.org/profile/mfa",
    "phr",
    "phrh",
}
"""`acr` values that stand for several factors everywhere; others mean what each provider likes."""


class Rejected(Exception):
    """The provider's answer cannot be trusted."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class ProviderDown(LmsError):
    """The provider does not answer, or not as a provider does."""


@dataclass(frozen=True)
class Journey:
    """What must come back with the person: kept sealed in the browser, single use."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Proof:
    """Who the provider says this is."""

    issuer: str
    subject: str
    nip: object
    authenticated_at: datetime | None
    has_second_factor: bool


@dataclass
class _Kept:
    metadata: dict[str, Any]
    keys: KeySet
    keys_at: float
    until: float


_kept: dict[SignInProvider, _Kept] = {}


def begin(provider: SignInProvider, back_to: str, *, asks_again: bool) -> Journey:
    """Where to send the person. `asks_again`: the provider must not let an old session of its own pass. Raises ProviderDown."""
    metadata = _known(provider).metadata
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    again = {"prompt": "login", "max_age": "0"} if asks_again else {}
    with _session(provider, back_to) as line:
        address, _ = line.create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier, **again
        )
    return Journey(address, state, nonce, verifier)


def finish(
    provider: SignInProvider, journey: Journey, back_to: str, *, code: str, state: str, issuer: str, now: datetime
) -> Proof:
    """Exchange the code and check everything about the token. `issuer`: the answer's own `iss`, or "" (RFC 9207).

    Raises Rejected, and ProviderDown when the provider does not answer.
    """
    if not secrets.compare_digest(state.encode(), journey.state.encode()):
        raise Rejected("state")
    kept = _known(provider)
    if issuer and issuer != kept.metadata["issuer"]:
        raise Rejected("issuer of the answer")
    try:
        with _session(provider, back_to) as line:
            token = line.fetch_token(
                kept.metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=journey.verifier
            )
    except OAuthError as problem:
        raise Rejected(f"code: {problem.error}"[:200]) from problem
    except (RequestException, ValueError) as problem:
        raise _down() from problem
    raw = token.get("id_token")
    if not isinstance(raw, str):
        raise Rejected("no id_token")
    return _proof(provider, _claims(provider, raw, token.get("access_token"), journey.nonce, now))


def _claims(provider: SignInProvider, raw: str, access_token: object, nonce: str, now: datetime) -> dict[str, Any]:
    kept = _known(provider)
    try:
        try:
            decoded = jwt.decode(raw, kept.keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            decoded = jwt.decode(raw, _keys_anew(provider, kept), algorithms=ALGORITHMS)
        essential = {"sub": {"essential": True}, "exp": {"essential": True}, "iat": {"essential": True}}
        mine = {
            "iss": {"essential": True, "value": kept.metadata["issuer"]},
            "aud": {"essential": True, "value": provider.client_id},
        }
        params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
        claims = CodeIDToken(decoded.claims, decoded.header, essential | mine, params)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, AttributeError, KeyError) as problem:
        raise Rejected(f"token: {type(problem).__name__} {problem}"[:200]) from problem
    return dict(claims)


def _proof(provider: SignInProvider, claims: dict[str, Any]) -> Proof:
    subject, at = claims["sub"], claims.get("auth_time")
    if not 0 < len(subject) <= 255:
        raise Rejected("sub")
    try:
        authenticated_at = None if at is None or isinstance(at, bool) else datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError, TypeError) as problem:
        raise Rejected("auth_time") from problem
    amr, acr = claims.get("amr"), claims.get("acr")
    ways = {way for way in amr if isinstance(way, str)} if isinstance(amr, list) else set()
    is_strong = "mfa" in ways or bool(ways & _KNOWN and ways & _HELD) or (isinstance(acr, str) and acr in _STRONG)
    return Proof(claims["iss"], subject, claims.get(provider.nip_claim), authenticated_at, is_strong)


# -- the wire -------------------------------------------------------------------------------------------------------------------


class _Line(OAuth2Session):
    """Every request of ours: to a safe address, without following, within time and size."""

    def request(self, method: str, url: str, **options: Any) -> Response:
        if not is_safe_address(url):
            raise RequestException(f"not a safe address: {url[:200]}")
        until = time.monotonic() + LONGEST_SECONDS
        answer = super().request(method, url, **(options | {"timeout": TIMEOUT, "allow_redirects": False, "stream": True}))
        body = bytearray()
        for piece in answer.iter_content(4096):
            body += piece
            if len(body) > LARGEST or time.monotonic() > until:
                answer.close()
                raise RequestException("too large or too slow")
        answer._content = bytes(body)
        if answer.is_redirect:
            raise RequestException("answers with a redirect")
        return answer


def _session(provider: SignInProvider, back_to: str = "") -> OAuth2Session:
    kept = _kept.get(provider)
    offered = kept.metadata.get("token_endpoint_auth_methods_supported") if kept else None
    is_posted = isinstance(offered, list) and "client_secret_basic" not in offered and "client_secret_post" in offered
    return _Line(
        provider.client_id,
        provider.client_secret,
        redirect_uri=back_to,
        scope="openid profile",
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post" if is_posted else "client_secret_basic",
    )


def _known(provider: SignInProvider) -> _Kept:
    """The provider's own description and keys, kept for an hour."""
    kept = _kept.get(provider)
    if kept is None or kept.until < time.monotonic():
        metadata = _fetch(provider, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if str(metadata.get("issuer", "")).rstrip("/") != provider.issuer.rstrip("/"):
            raise _down()
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _may_lead_to(provider, metadata.get(name)):
                raise _down()
        at = time.monotonic()
        kept = _Kept(metadata, _fetch_keys(provider, metadata), at, at + KEEP_SECONDS)
        _kept[provider] = kept
    return kept


def _may_lead_to(provider: SignInProvider, address: object) -> bool:
    """A provider elsewhere cannot send us to addresses inside this computer."""
    if not isinstance(address, str) or not is_safe_address(address):
        return False
    return address.startswith("https:") or urlsplit(provider.issuer).scheme == "http"


def _keys_anew(provider: SignInProvider, kept: _Kept) -> KeySet:
    """The keys once more, when a signature does not fit: the provider may have changed them this hour."""
    if time.monotonic() - kept.keys_at >= LEAST_SECONDS_BETWEEN_KEYS:
        kept.keys_at = time.monotonic()
        kept.keys = _fetch_keys(provider, kept.metadata)
    return kept.keys


def _fetch_keys(provider: SignInProvider, metadata: dict[str, Any]) -> KeySet:
    """The public keys; kinds we do not know are left out, symmetric ones too."""
    found = _fetch(provider, metadata["jwks_uri"]).get("keys")
    wanted = (
        [each for each in found if isinstance(each, dict) and each.get("kty") in ("RSA", "EC")] if isinstance(found, list) else []
    )
    try:
        return KeySet.import_key_set({"keys": wanted})
    except (JoseError, ValueError, TypeError, KeyError) as problem:
        raise _down() from problem


def _fetch(provider: SignInProvider, address: str) -> dict[str, Any]:
    try:
        with _session(provider) as line:
            answer = line.request("GET", address, withhold_token=True, headers={"Accept": "application/json"})
            found = answer.json() if answer.status_code == 200 else None
    except (RequestException, ValueError) as problem:
        raise _down() from problem
    if not isinstance(found, dict):
        raise _down()
    return found


def _down() -> ProviderDown:
    return ProviderDown(
        "Layanan masuk di luar Pelita sedang tidak menjawab. Masuklah dengan kata sandi Pelita, atau coba lagi nanti."
    )
