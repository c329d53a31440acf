"""Words and shapes of people: kinds, rights, and the person as the rest of the program sees them. No database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


class CodePurpose(StrEnum):
    ACTIVATION = "activation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person of a request, from one joined SELECT. Units are those the person heads (ids), rights are role words."""

    person_id: int
    session_id: int
    name: str
    time_zone: str
    roles: frozenset[Role]
    heads_unit: bool
    is_shared_device: bool
    csrf_secret: str
    authenticated_at: datetime
    account_disabled: bool = False

    @property
    def is_author(self) -> bool:
        return Role.AUTHOR in self.roles

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles
