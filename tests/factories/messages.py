"""A real mail server for tests, and people with an address. Addresses that begin with "tolak", "nanti", "putus" or "lambat" are refused
for good, refused for now, cut off after the text, or answered slowly."""

import datetime as dt
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config import MailServer

USER, PASSWORD = "pelita", "rahasia: 5%/@"
SENDER = "pelita@kota.example"


def certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.crt", folder / "server.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


class Mailbox:
    """What the server took, and how often it was connected to."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.connections = 0
        self.is_down = False
        self.slowness = 0.0

    @property
    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(each.content, policy=default) for each in self.envelopes]

    @property
    def receivers(self) -> list[str]:
        return [address for each in self.envelopes for address in each.rcpt_tos]

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]):
        session.host_name = hostname
        if session.ssl is None:
            self.connections += 1
        return ["421 sedang tutup"] if self.is_down else responses

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address.startswith("tolak"):
            return "550 5.1.1 tidak ada orang itu"
        if address.startswith("nanti"):
            return "451 4.7.1 coba nanti"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.slowness:
            time.sleep(self.slowness)
        if envelope.rcpt_tos[0].startswith("putus"):
            server.transport.close()
            return "250 OK"
        self.envelopes.append(envelope)
        return "250 OK: diterima"


@contextmanager
def mail_server(folder: Path) -> Iterator[tuple[Mailbox, MailServer]]:
    """A server with STARTTLS and AUTH on a free port. The caller must trust folder/server.crt by SSL_CERT_FILE."""
    crt, key = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(crt, key)
    box = Mailbox()
    right = (USER.encode(), PASSWORD.encode())

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == right, handled=False)

    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        authenticator=check,
        auth_required=True,
        server_hostname="surel.test",
    )
    controller.port = free_port()
    controller.start()
    try:
        yield box, MailServer("127.0.0.1", controller.port, "smtp+starttls", USER, PASSWORD, SENDER, "Pelita Kota")
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
