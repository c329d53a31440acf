"""Rules of accounts and sessions: identifiers, codes, how long a session lives, how failures slow down. Pure; time is an argument."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from lms.errors import Invalid
from lms.people.types import CodePurpose, Role

OWN_DEVICE = timedelta(days=30)
SHORT = timedelta(hours=12)
"""Shared computers and people with a granted role; also how long a password opens staff surfaces."""
FRESH = timedelta(minutes=10)
"""How old a password may be for exports of personal data, changes of rights and of the second factor (R45)."""
SHARED_IDLE = timedelta(minutes=30)
STAFF_IDLE = timedelta(hours=8)
SECOND_FACTOR_GRACE = timedelta(days=7)
"""From the first sign-in with rights over others until their pages insist on a second factor."""
CODE_LIFE = {
    CodePurpose.ACTIVATION: timedelta(days=14),
    CodePurpose.RESET: timedelta(minutes=30),
    CodePurpose.LINK: timedelta(minutes=30),
}
CODE_LENGTH = 12
LINK_LENGTH = 26
"""130 bits: nobody types a link, and it names no account (R46)."""
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base-32: no I, L, O, U. Twelve characters carry 60 bits."""

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
ADDRESS_LIMIT = 100
FREE_FAILURES = 3
LINK_WINDOW = timedelta(hours=1)
LINK_LIMIT = 3

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,99}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_LONGER_THAN_ANY = 101
_EASTERNMOST = timezone(timedelta(hours=9), "WIT")


def hash_secret(text: str) -> str:
    """SHA-256 in hex: what is kept of session tokens and codes, which are random enough to need no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def staff_date(now: datetime) -> date:
    """The date by which rights end: that of WIT, the first of the country, so that nobody keeps a right some hours too long."""
    return now.astimezone(_EASTERNMOST).date()


# -- identifiers (R48) ----------------------------------------------------------------------------------------------------------


def normalise_identifier(text: str) -> str:
    """What an account is found by: NFKC, case-folded, without blanks and invisible signs; a NIP also without dots and apostrophes."""
    visible = text[:400]
    for _ in range(3):  # taking a blank away can join signs that fold once more
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
        visible = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign)[0] != "C")
    digits = re.sub(r"[.'’‘`-]", "", visible)
    return digits if len(digits) == 18 and digits.isascii() and digits.isdecimal() else visible[:_LONGER_THAN_ANY]


def check_identifier(text: str) -> str:
    """The normalised identifier of a new account. Raises Invalid for anything but plain letters and digits: no look-alikes."""
    identifier = normalise_identifier(text)
    if not _IDENTIFIER.fullmatch(identifier):
        raise Invalid(
            "Nama masuk harus 3–100 karakter: huruf a–z, angka, titik, garis, @. Pegawai ber-NIP masuk dengan NIP.",
            field="identifier",
        )
    return identifier


def check_email(text: str) -> str:
    """The e-mail address as typed, without blanks around it; "" for none. Raises Invalid for what cannot be one (R50)."""
    address = text.strip()
    if address and (len(address) > 200 or not _EMAIL.fullmatch(address)):
        raise Invalid("Alamat surel tidak dapat dibaca. Tulis seperti nama@instansi.go.id, atau kosongkan.", field="email")
    return address


# -- one-time codes (R46, D30) --------------------------------------------------------------------------------------------------


def format_code(code: str) -> str:
    """The code in groups of four, as printed on a slip: "7K3M-9QTX-2VHB"."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def normalise_code(text: str) -> str:
    """What the person typed as the bare code: blanks and dashes gone, O read as 0, I and L as 1."""
    letters = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text[:100]).upper())
    return letters.translate(str.maketrans("OIL", "011"))


# -- sessions (R43) -------------------------------------------------------------------------------------------------------------


def session_expiry(is_shared: bool, roles: Iterable[Role]) -> timedelta:
    """Longest life of a session: 30 days on an own device, 12 hours on a shared computer or with a granted role."""
    return SHORT if is_shared or any(roles) else OWN_DEVICE


def idle_limit(is_shared: bool, roles: Iterable[Role]) -> timedelta | None:
    """How long a session may rest: 30 minutes on a shared computer, 8 hours with a granted role, else no limit."""
    if is_shared:
        return SHARED_IDLE
    return STAFF_IDLE if any(roles) else None


def needs_fresh_password(authenticated_at: datetime, now: datetime) -> bool:
    """Whether a staff surface must ask the password again: 12 hours after it was given."""
    return now - authenticated_at >= SHORT


# -- slowing down (R41) ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failures:
    """A run of failures by account or by address."""

    count: int
    started_at: datetime
    blocked_until: datetime | None


def is_blocked(run: Failures | None, now: datetime) -> bool:
    return run is not None and run.blocked_until is not None and now < run.blocked_until


def account_delay(count: int) -> timedelta:
    """The pause after failure number `count` of a run: none for three, then 2, 4, … 64 seconds, from the tenth on 15 minutes."""
    if count >= ACCOUNT_LIMIT:
        return WINDOW
    return timedelta(seconds=2 ** (count - FREE_FAILURES)) if count > FREE_FAILURES else timedelta(0)


def after_account_failure(run: Failures | None, now: datetime) -> Failures:
    """The run with one more failure. It is forgotten after 15 minutes in which trying was allowed and nobody failed."""
    if run is None or now >= (run.blocked_until or run.started_at) + WINDOW:
        run = Failures(0, now, None)
    count = run.count + 1
    return Failures(count, run.started_at, now + account_delay(count))


def after_address_failure(run: Failures | None, now: datetime) -> Failures:
    """The run with one more failure. An office shares one address, so the hundredth failure blocks, and only to the window's end."""
    return _after_counted(run, now, ADDRESS_LIMIT, WINDOW)


def after_link_request(run: Failures | None, now: datetime) -> Failures:
    """The run with one more request for a recovery link: three an hour for one account, so that nobody's mailbox is flooded."""
    return _after_counted(run, now, LINK_LIMIT, LINK_WINDOW)


def _after_counted(run: Failures | None, now: datetime, limit: int, window: timedelta) -> Failures:
    if run is None or now >= run.started_at + window:
        run = Failures(0, now, None)
    count = run.count + 1
    return Failures(count, run.started_at, run.started_at + window if count >= limit else None)
