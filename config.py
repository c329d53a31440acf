"""Configuration from the environment, checked once at start. Refuses to start half-configured outside the demo."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lms.errors import Refused
from lms.store.engine import normalise_url, sqlite_url

ROOT = Path(__file__).resolve().parent
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


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
    provider: SignInProvider | None = None
    """None = Pelita's own accounts only."""
    smtp_host: str = ""
    """Mail server; "" = nothing is sent, and pages do not offer it."""

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
        secret_key=env.get("SECRET_KEY") or _kept_secret(folder),
        base_url=base_url,
        is_demo=is_demo,
        trusted_hosts=tuple(dict.fromkeys((host, *LOOPBACK))),
        proxy_hops=int(env.get("PROXY_HOPS", "0")),
        metrics_token=env.get("METRICS_TOKEN", ""),
        courses=Path(env["PELITA_COURSES"]).resolve() if env.get("PELITA_COURSES") else None,
        provider=_provider(env),
        smtp_host=env.get("SMTP_HOST", ""),
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


def _kept_secret(folder: Path) -> str:
    """A key of this installation, made on first use with mode 0600. Never a literal in code."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
