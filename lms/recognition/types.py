"""Shapes of certificates: the snapshot that is stored, and what the public may see of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

TEMPLATE_VERSION = 1
"""Goes up whenever the printed form changes; stored beside each snapshot."""


class CertificateState(StrEnum):
    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The word people see."""
        return {"valid": "valid", "replaced": "diganti", "revoked": "dicabut"}[self.value]


class SubjectResult(StrEnum):
    FINISHED = "finished"
    PASSED = "passed"
    TESTED_OUT = "tested_out"
    """Recognised through the pre-test: experience counted, no learning time earned."""

    @property
    def label(self) -> str:
        return {"finished": "Selesai", "passed": "Lulus", "tested_out": "Diakui melalui tes awal"}[self.value]


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of the back page."""

    title: str
    minutes: int
    result: SubjectResult
    module: str = ""
    """Title of the module it belongs to, "" outside modules."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every printed field as it was on the day of issue (D50). Days are ISO dates in the person's zone; nothing here is looked
    up again, so later transfers, renamed courses and new settings leave an issued certificate alone."""

    number: str
    code: str
    """16 Crockford characters without hyphens."""
    name: str
    """With titles."""
    nip: str
    """18 digits, or "" for someone without one."""
    rank: str
    """"Penata Tk. I, III/d"; for PPPK the grade alone."""
    position: str
    unit: str
    agency: str
    course_key: str
    course_title: str
    course_version: str
    edition: int
    form: str
    learning_form: int
    """SIASN id of the form."""
    started_on: str
    completed_on: str
    time_zone: str
    jp: int
    minutes: int
    predicate: str
    """"" when nothing was graded."""
    organizer: str
    place: str
    issued_on: str
    signatory_name: str
    signatory_nip: str
    signatory_position: str
    subjects: tuple[Subject, ...] = ()
    score: int | None = None
    """Hundredths of 100; for the owner, never on the public page nor in the PDF."""
    language: str = "id"
    issue: int = 1
    employment_kind: str = ""
    competencies: tuple[str, ...] = ()
    jp_note: str = ""
    """Why the JP differ from the course's, e.g. because modules were skipped."""


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """What anyone who holds the code may see (D53): the printed fields without the score, and the NIP masked."""

    state: CertificateState
    number: str
    code: str
    """Four groups of four."""
    name: str
    masked_nip: str
    rank: str
    position: str
    unit: str
    agency: str
    course_title: str
    edition: str
    form: str
    started_on: str
    completed_on: str
    jp: int
    minutes: int
    organizer: str
    place: str
    issued_on: str
    signatory_name: str
    signatory_position: str
    replaced_by: str = ""
    """Number of the newer issue."""
    revoked_on: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate in its owner's list."""

    code: str
    number: str
    course_key: str
    course_title: str
    jp: int
    issued_at: datetime
    completed_on: str
    state: CertificateState


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """One certificate in the office's list, as it was printed."""

    person_id: int
    number: str
    nip: str
    name: str
    unit: str
    course_title: str
    jp: int
    completed_on: date
    issued_on: date
    state: CertificateState
