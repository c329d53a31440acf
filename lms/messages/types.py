"""Words and shapes of messages: what is said, on which occasion, by which way, and what becomes of it. No database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lms.people.types import EmploymentKind, UnitCategory


class MessageKind(StrEnum):
    """What kind of thing is said; the rules of when and whether go by it."""

    REMINDER = "reminder"
    """Something to do. Rare, in working hours, and only while it is true."""
    NEWS = "news"
    """Something that happened: a certificate, a word of thanks, a decision."""
    DIGEST = "digest"
    """The month of a superior's people."""
    RECOVERY = "recovery"
    """A code that somebody waits for: at once, whatever was chosen, and its text is forgotten afterwards."""
    ACCOUNT = "account"
    """About the account itself or asked for this minute: at once, whatever was chosen."""


AT_ONCE = (MessageKind.RECOVERY, MessageKind.ACCOUNT)


class Occasion(StrEnum):
    """Why something is said; kept as `reason["occasion"]`. Reminders stand in order of urgency."""

    DUE_TOMORROW = "due_tomorrow"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    QUIET = "quiet"
    TARGET = "target"
    RECOGNITION = "recognition"
    CERTIFICATE = "certificate"
    CLAIM = "claim"
    DIGEST = "digest"
    RECOVERY = "recovery"
    ADDRESS = "address"
    TRIAL = "trial"


class Channel(StrEnum):
    PAGE = "page"
    EMAIL = "email"


class MessageState(StrEnum):
    SHOWN = "shown"
    """A notice in the page."""
    WAITING = "waiting"
    SENDING = "sending"
    """With a worker; `not_before` is when that worker counts as dead."""
    SENT = "sent"
    DROPPED = "dropped"
    """No longer true when its time came."""
    FAILED = "failed"
    """Certainly not delivered, and given up."""
    UNSURE = "unsure"
    """The line or the worker broke after the text went out: perhaps delivered, so never sent again by itself."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom something may be said to: employed, with an account that is not closed."""

    person_id: int
    display_name: str
    email: str
    wants_email: bool
    employment_kind: EmploymentKind
    position: str
    time_zone: str
    category: UnitCategory
    unit_path: str
    """ "" without a unit."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing to say to one person, before it is known by which ways."""

    person_id: int
    kind: MessageKind
    about: str
    """Natural key of the occasion without the channel: the same thing is never said twice."""
    subject: str
    body: str
    link: str
    reason: dict[str, Any]

    @property
    def occasion(self) -> Occasion:
        return Occasion(self.reason["occasion"])


@dataclass(frozen=True, slots=True)
class Notice:
    """A message as its person sees it."""

    id: int
    subject: str
    body: str
    link: str
    made_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A message as the administrator sees it: why, when, what became of it. Its text stays between sender and receiver."""

    id: int
    person_id: int
    name: str
    channel: Channel
    subject: str
    reason: dict[str, Any]
    made_at: datetime
    not_before: datetime
    state: MessageState
    tries: int
    ended_at: datetime | None
    outcome: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail that may go out now."""

    id: int
    about: str
    kind: MessageKind
    address: str
    name: str
    agency: str
    subject: str
    body: str
    link: str


@dataclass(frozen=True, slots=True)
class Held:
    """Why a message must not go out now. `until` None = never: it is dropped."""

    because: str
    until: datetime | None = None
