"""Configuration from the environment, checked once at start. Refuses to start half-configured outside the demo."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lms.errors import Invalid, Refused
from lms.people.rules import check_email
from lms.shared.files import kept_key
from lms.store.engine import normalise_url, sqlite_url

ROOT = Path(__file__).resolve().parent
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


MAIL_SCHEMES = {"smtp+starttls": 587, "smtps": 465, "smtp": 25}
"""Scheme of SMTP_URL to its usual port. Plain `smtp` is for a relay on this machine only."""


@dataclass(frozen=True)
class MailServer:
    """Where e-mail goes out."""

    host: str
    port: int
    scheme: str
    """A key of MAIL_SCHEMES."""
    user: str
    password: str = field(repr=False)
    sender: str
    """The bare address of MAIL_FROM."""
    sender_name: str


@dataclass(frozen=True)
class SignInProvider:
    """An OpenID Connect provider beside Pelita's own accounts (D32). Only from the environment: no secret in code or database."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    nip_claim: str = "nip"
    label: str = "ASN Digital"


@dataclass(frozen=True)
class Config:
    """What one process needs to know. `data_dir` holds everything that must be backed up."""

    data_dir: Path
    database_url: str
    secret_key: str
    base_url: str
    """Scheme and host that links, QR codes and host checks use; "http://127.0.0.1:8000" in the demo."""
    is_demo: bool = False
    is_testing: bool = False
    trusted_hosts: tuple[str, ...] = LOOPBACK
    proxy_hops: int = 0
    """How many trusted proxies set X-Forwarded-*; 0 trusts none."""
    metrics_token: str = ""
    root: Path = field(default=ROOT)
    courses: Path | None = None
    """Folder of the course folders that the studio edits; None = `data_dir`/courses. Name a git checkout here to keep history."""
    mail: MailServer | None = None
    """None = e-mail is off; notices are shown in the page all the same."""
    provider: SignInProvider | None = None
    """None = Pelita's own accounts only."""

    @property
    def courses_dir(self) -> Path:
        return self.courses or self.data_dir / "courses"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"


def read_config(data_dir: Path | None = None, port: int = 8000, environ: dict[str, str] | None = None) -> Config:
    """The configuration of a data folder. The demo marks its folder with a file `demo.json`; anything else needs BASE_URL."""
    env = dict(os.environ) if environ is None else environ
    folder = (data_dir or Path(env.get("PELITA_DATA", ROOT / "data"))).resolve()
    is_demo = (folder / "demo.json").exists()
    base_url = env.get("BASE_URL", "").rstrip("/")
    if not base_url:
        if not is_demo:
            raise Refused(
                "BASE_URL belum diisi. Isi dengan alamat yang dibuka pegawai, misalnya BASE_URL=https://belajar.contoh.go.id, lalu jalankan lagi."
            )
        base_url = f"http://127.0.0.1:{port}"
    host = urlsplit(base_url).hostname
    if not host:
        raise Refused(f"BASE_URL tidak dapat dibaca: {base_url!r}. Tulis lengkap dengan https://.")
    return Config(
        data_dir=folder,
        database_url=normalise_url(env.get("DATABASE_URL") or sqlite_url(folder)),
        secret_key=env.get("SECRET_KEY") or kept_key(folder / "secret_key"),
        base_url=base_url,
        is_demo=is_demo,
        trusted_hosts=tuple(dict.fromkeys((host, *LOOPBACK))),
        proxy_hops=int(env.get("PROXY_HOPS", "0")),
        metrics_token=env.get("METRICS_TOKEN", ""),
        courses=Path(env["PELITA_COURSES"]).resolve() if env.get("PELITA_COURSES") else None,
        mail=read_mail(env, is_demo),
        provider=_provider(env),
    )


def _provider(env: dict[str, str]) -> SignInProvider | None:
    issuer = env.get("OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    if not is_safe_address(issuer):
        raise Refused(f"OIDC_ISSUER harus berupa alamat https:// yang lengkap, bukan {issuer!r}.")
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not env.get(name):
            raise Refused(f"{name} belum diisi. Isi dari pendaftaran Pelita di penyedia, atau kosongkan OIDC_ISSUER.")
    named = {"nip_claim": env.get("OIDC_NIP_CLAIM", ""), "label": env.get("OIDC_LABEL", "")}
    return SignInProvider(
        issuer, env["OIDC_CLIENT_ID"], env["OIDC_CLIENT_SECRET"], **{name: value for name, value in named.items() if value}
    )


def is_safe_address(address: str) -> bool:
    """Whether secrets may travel to this address: TLS, or inside one computer."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
    except ValueError:
        return False


def read_mail(env: Mapping[str, str], is_demo: bool) -> MailServer | None:
    """The mail server of SMTP_URL and MAIL_FROM, None without. Raises Refused for what cannot work, and for a demo that would write to
    anybody outside this machine."""
    if not env.get("SMTP_URL"):
        return None
    try:
        found = urlsplit(env["SMTP_URL"])
        host, port = found.hostname, found.port or MAIL_SCHEMES.get(found.scheme, 0)
        name, address = parseaddr(env.get("MAIL_FROM", ""))
        address = check_email(address)
    except (ValueError, Invalid) as problem:
        raise Refused(
            "SMTP_URL atau MAIL_FROM tidak dapat dibaca. Tanda khusus dalam sandi ditulis seperti %40 untuk @."
        ) from problem
    if not host or found.scheme not in MAIL_SCHEMES:
        raise Refused("SMTP_URL tidak dapat dibaca. Contoh: SMTP_URL=smtp+starttls://pengguna:sandi@surel.contoh.go.id:587")
    if not address or not env["MAIL_FROM"].isprintable():
        raise Refused("MAIL_FROM belum diisi. Contoh: MAIL_FROM='Pelita Kota Contoh <pelita@contoh.go.id>'")
    is_near = host in (*LOOPBACK, "::1")
    if is_demo and not is_near:
        raise Refused("Data peragaan tidak boleh mengirim surel ke luar komputer ini. Kosongkan SMTP_URL.")
    if found.scheme == "smtp" and not is_near:
        raise Refused("SMTP_URL tanpa TLS hanya untuk komputer ini sendiri. Pakai smtp+starttls:// atau smtps://.")
    return MailServer(host, port, found.scheme, unquote(found.username or ""), unquote(found.password or ""), address, name)
