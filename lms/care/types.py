"""Words of the inventory: classes of data, and what the inventory says about one table. No database."""

from dataclasses import dataclass
from enum import StrEnum


class DataClass(StrEnum):
    IDENTITY = "identity"
    ACCOUNT = "account"
    LEARNING = "learning"
    WORDS = "words"
    """What somebody wrote or handed in."""
    RECORD = "record"
    """Kept by the rules of archives."""
    LOG = "log"
    TECHNICAL = "technical"
    SECRET = "secret"
    ACTOR = "actor"
    """Points at another employee who acted."""
    NONE = "none"
    """Says nothing about a person."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of data as the privacy page explains it: finished words."""

    label: str
    examples: str
    purpose: str
    basis: str
    retention: str
    seen_by: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name for people, how a row finds its person, and the class of each column.

    `owners`: columns that lead to the person, straight or through the table they point at; `subject` holds "person:12".
    `is_erased`: the rows go when the person's data are erased; otherwise only their words are blanked.
    """

    label: str
    owners: tuple[str, ...]
    columns: dict[str, DataClass]
    is_erased: bool = False
