"""Words and shapes of people: kinds, rights, and the person as the rest of the program sees them. No database."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class EmploymentKind(StrEnum):
    PNS = "pns"
    PPPK = "pppk"
    CPNS = "cpns"
    OTHER = "other"


class UnitCategory(StrEnum):
    OFFICE = "office"
    """Dinas, badan, sekretariat."""
    HEALTH = "health"
    EDUCATION = "education"
    TERRITORY = "territory"
    """Kecamatan, kelurahan."""
    OTHER = "other"


class Role(StrEnum):
    """Rights to surfaces. Everybody learns; heading a unit opens the team surface without a grant."""

    AUTHOR = "author"
    ADMIN = "admin"


class ActingKind(StrEnum):
    """Who stands in for a head (D27)."""

    PLT = "plt"
    """Pelaksana tugas: the post is vacant."""
    PLH = "plh"
    """Pelaksana harian: the head is away for some days; `to_on` is known."""


class SuperiorSource(StrEnum):
    """Why somebody is the superior (D27)."""

    HEAD = "head"
    PLT = "plt"
    PLH = "plh"
    NAMED = "named"
    """By hand, whatever the tree says."""


class CodePurpose(StrEnum):
    ACTIVATION = "activation"
    RESET = "reset"
    LINK = "link"
    """A reset that comes by e-mail as a link, and works as nothing else."""


class CodeState(StrEnum):
    """What became of a one-time code; NONE for a person who has none."""

    NONE = "none"
    VALID = "valid"
    USED = "used"
    EXPIRED = "expired"
    """Its time is over, or a newer code took its place."""


class PersonState(StrEnum):
    """What the administrator looks for in the list of people."""

    NO_UNIT = "no_unit"
    LEFT = "left"
    NOT_ACTIVATED = "not_activated"
    """Works here and has no account that was ever activated."""


class YearTarget(NamedTuple):
    """JP asked in one calendar year by kind of employment (D6); `cap_pppk` 0 = no cap."""

    year: int
    pns: int
    pppk: int
    cap_pppk: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person of a request, from one joined SELECT. A disabled account or an ended session gives no SignedIn at all."""

    person_id: int
    session_id: int
    name: str
    time_zone: str
    """IANA name of the person's unit, or the agency's for people without one."""
    roles: frozenset[Role]
    heads_unit: bool
    """Heads a unit today, acts as its head (Plt/Plh), or is the named superior of somebody (D27)."""
    is_mentor: bool
    """Marks what learners of at least one course hand in."""
    operates_unit: bool
    """Hands out activation slips of at least one unit (D30)."""
    is_shared_device: bool
    csrf_secret: str
    authenticated_at: datetime
    """When the password was last given (see rules.needs_fresh_password)."""
    has_second_factor: bool = False
    second_factor_at: datetime | None = None
    """When this session gave a code, or a sign-in provider vouched for one; None = not yet."""
    second_factor_asked_at: datetime | None = None
    """Since when pages of staff ask for a second factor that this person has not set up."""

    @property
    def is_author(self) -> bool:
        return Role.AUTHOR in self.roles

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just opened. The token goes into the cookie and is kept nowhere else."""

    token: str
    session_id: int
    person_id: int
    csrf_secret: str
    is_shared: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One line of "Perangkat saya" (R44)."""

    session_id: int
    device: str
    is_shared: bool
    created_at: datetime
    expires_at: datetime
    second_factor_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as documents print them, with the unit valid on a date. Without a unit: `unit_id` None, name and path ""."""

    person_id: int
    display_name: str
    plain_name: str
    nip: str | None
    employment_kind: EmploymentKind
    grade: str
    rank_name: str
    position: str
    unit_id: int | None
    unit_name: str
    unit_path: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person of a subtree on a date, for supervisors' lists. No NIP: lists do not need it (R86)."""

    person_id: int
    name: str
    display_name: str
    employment_kind: EmploymentKind
    position: str
    unit_id: int
    unit_name: str
    unit_path: str


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account as its owner and the administrator may know it."""

    person_id: int
    identifier: str
    is_activated: bool
    disabled_at: datetime | None
    password_changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Superior:
    person_id: int
    source: SuperiorSource


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in the administrator's lists."""

    person_id: int
    name: str
    display_name: str
    nip: str | None
    birth_date: date | None
    employment_kind: EmploymentKind
    position: str
    unit_id: int | None
    unit_name: str
    left_on: date | None
    is_activated: bool


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a person worked, from and to (exclusive; None = now)."""

    unit_id: int
    unit_name: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Everything the administrator's page of a person shows of them, apart from what hangs on a day."""

    person_id: int
    name: str
    title_prefix: str
    title_suffix: str
    display_name: str
    nip: str | None
    employment_kind: EmploymentKind
    grade: str
    position: str
    birth_date: date | None
    email: str
    left_on: date | None
    account: AccountInfo | None
    roles: frozenset[Role]
    stays: tuple[Stay, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the tree; `depth` counts from 0 at the root."""

    unit_id: int
    parent_id: int | None
    path: str
    name: str
    category: UnitCategory
    time_zone: str
    head_id: int | None
    code: str

    @property
    def depth(self) -> int:
        return self.path.count("/") - 2
