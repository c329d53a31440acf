"""Sign-in providers for tests: a real one as a process of its own, and one in a thread that lies as it is told."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.e2e.server import free_port

CLIENT = "pelita"
SECRET = "rahasia pelita"


class RealProvider:
    """`oidc-provider-mock` as a process: a provider written by others, with its own keys, codes and clock."""

    def __init__(self, users: list[dict[str, str]]):
        self.issuer = f"http://127.0.0.1:{free_port()}"
        claims = [part for user in users for part in ("--user-claims", json.dumps(user))]
        command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(urlsplit(self.issuer).port), "-n", "true", *claims]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.issuer}/jwks", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError("the provider did not come up")

    def consent(self, address: str, subject: str | None) -> str:
        """What a person does there: sign in as `subject`, or refuse. Returns the address the browser is sent back to."""
        form = {"sub": subject} if subject else {"action": "deny"}
        opener = urllib.request.build_opener(_NoRedirect())
        try:
            opener.open(urllib.request.Request(address, data=urlencode(form).encode()), timeout=10)
        except urllib.error.HTTPError as answer:
            assert answer.code == 302, answer.read()
            return str(answer.headers["Location"])
        raise AssertionError("the provider did not send the browser back")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


class LyingProvider:
    """Gives a right answer, changed by `claims`, `header`, `token` and `document`. Checks PKCE and takes each code once."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "satu", "use": "sig"}, private=True)
        self.other_key = RSAKey.generate_key(2048, {"kid": "satu", "use": "sig"}, private=True)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.asked: list[str] = []
        self.honest()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def honest(self) -> None:
        """Forget all lies."""
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any], dict[str, Any]], str] = lambda header, claims: jwt.encode(header, claims, self.key)
        self.document: dict[str, Any] = {}
        self.respond: Callable[[str], tuple[int, dict[str, str], bytes] | None] = lambda path: None
        self.codes: dict[str, dict[str, str]] = {}

    def consent(self, address: str, **over: str) -> str:
        """The browser goes there and comes back with a code; `over` changes the answer."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"kode-{len(self.codes)}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"]} | over
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def public(self) -> dict[str, Any]:
        return self.key.as_dict(private=False)

    def signed_with_public_key(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """HS256 with the public key as the shared secret (RFC 8725, 2.1), put together by hand: libraries refuse to."""
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header | {"alg": "HS256"}, claims)]
        digest = hmac.new(self.key.as_pem(private=False), b".".join(parts), "sha256").digest()
        return b".".join([*parts, base64.urlsafe_b64encode(digest).rstrip(b"=")]).decode()

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if asked is None or asked["code_challenge"] != base64.urlsafe_b64encode(verifier).rstrip(b"=").decode():
            return 400, {}, b'{"error": "invalid_grant"}'
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "asn-1", "exp": now + 300, "iat": now, "nonce": asked["nonce"],
        }  # fmt: skip
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        raw = self.sign({"alg": "RS256", "kid": "satu"} | self.header, claims)
        return 200, {}, json.dumps({"access_token": "x", "token_type": "Bearer", "id_token": raw}).encode()

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if (forced := self.respond(path)) is not None:
            return forced
        if path == "/token":
            return self._token(form)
        if path == "/jwks":
            return 200, {}, json.dumps({"keys": [self.public()]}).encode()
        described = {"issuer": self.issuer} | {
            f"{name}": f"{self.issuer}/{path}"
            for name, path in (("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "jwks"))
        }
        return 200, {}, json.dumps(described | self.document).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(*provider.answer(self.path, {}))

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._send(*provider.answer(self.path, {name: values[0] for name, values in parse_qs(sent).items()}))

            def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                pass

        return Handler

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """alg none."""
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header | {"alg": "none"}, claims)
    )
    return ".".join((*parts, ""))
