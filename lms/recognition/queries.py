"""Reads certificates: by code for anyone, by person for the owner."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from lms.content import library
from lms.errors import NotFound
from lms.people.nip import mask_nip
from lms.progress.models import Completion, EnrolmentSummary, JpEntry
from lms.progress.types import Difference, State
from lms.recognition.models import Certificate, CertificateCounter, CertificateRevocation
from lms.recognition.rules import certificate_number, grouped_code, parse_code
from lms.recognition.types import CertificateRow, CertificateState, IssuedRow, PublicCertificate, Snapshot
from lms.shared.codec import decode

IN_CHUNK = 500


def certificate_by_code(session: Session, code: str) -> PublicCertificate | None:
    """What the public check page shows (D53), for a code as people type it; None when no such certificate was ever issued."""
    plain = parse_code(code)
    row = session.execute(certificates_select().where(Certificate.code == plain)).first() if plain else None
    return None if row is None else _public(row)


def next_number(session: Session, pattern: str, on: date) -> str:
    """What the next certificate of a day would be numbered by a pattern, for a course and a unit made up."""
    used = session.scalar(select(CertificateCounter.last).where(CertificateCounter.year == on.year)) or 0
    return certificate_number(
        pattern, sequence=used + 1, course_key="pelayanan-publik", unit_name="Dinas Kesehatan", issued_on=on
    )


def snapshot_for(session: Session, person_id: int, code: str) -> Snapshot:
    """The printed fields of one's own certificate. Raises NotFound for a missing or foreign one, which look the same."""
    plain = parse_code(code)
    value = session.scalar(select(Certificate.snapshot).where(Certificate.code == plain, Certificate.person_id == person_id))
    if value is None:
        raise NotFound("Sertifikat ini tidak ditemukan. Buka daftar sertifikat Anda untuk memilih yang lain.")
    return decode(Snapshot, value)


def certificates_of(session: Session, person_id: int) -> list[CertificateRow]:
    """All certificates of a person, newest first, replaced and revoked ones included."""
    rows = session.execute(
        certificates_select()
        .where(Certificate.person_id == person_id)
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
    ).all()
    return [_own(row) for row in rows]


def code_for(session: Session, enrolment_id: int) -> str | None:
    """Code of the newest certificate of an enrolment, whatever its state; None when there is none."""
    return session.scalar(
        select(Certificate.code).where(Certificate.enrolment_id == enrolment_id).order_by(Certificate.issue.desc()).limit(1)
    )


def certificates_select() -> Select[*tuple[Any, ...]]:
    """Certificates with the number that replaced each and its revocation, for `state_of`."""
    newer = aliased(Certificate)
    newest = (
        select(newer.number)
        .where(newer.enrolment_id == Certificate.enrolment_id, newer.issue > Certificate.issue)
        .order_by(newer.issue.desc())
        .limit(1)
        .correlate(Certificate)
        .scalar_subquery()
    )
    return select(
        Certificate.code,
        Certificate.number,
        Certificate.issued_at,
        Certificate.snapshot,
        newest.label("replaced_by"),
        CertificateRevocation.at.label("revoked_at"),
        CertificateRevocation.reason.label("reason"),
    ).outerjoin(CertificateRevocation, CertificateRevocation.certificate_id == Certificate.id)


def state_of(row: Row[Any]) -> CertificateState:
    """Of a row of `certificates_select`."""
    if row.revoked_at is not None:
        return CertificateState.REVOKED
    return CertificateState.REPLACED if row.replaced_by else CertificateState.VALID


def _public(row: Row[Any]) -> PublicCertificate:
    snapshot = decode(Snapshot, row.snapshot)
    version = f" (versi {snapshot.course_version})" if snapshot.course_version else ""
    return PublicCertificate(
        state=state_of(row),
        number=snapshot.number,
        code=grouped_code(row.code),
        name=snapshot.name,
        masked_nip=mask_nip(snapshot.nip) if snapshot.nip else "",
        rank=snapshot.rank,
        position=snapshot.position,
        unit=snapshot.unit,
        agency=snapshot.agency,
        course_title=snapshot.course_title,
        edition=f"{snapshot.edition}{version}",
        form=snapshot.form,
        started_on=snapshot.started_on,
        completed_on=snapshot.completed_on,
        jp=snapshot.jp,
        minutes=snapshot.minutes,
        organizer=snapshot.organizer,
        place=snapshot.place,
        issued_on=snapshot.issued_on,
        signatory_name=snapshot.signatory_name,
        signatory_position=snapshot.signatory_position,
        replaced_by=row.replaced_by or "",
        revoked_on=_day(row.revoked_at, snapshot.time_zone),
        reason=row.reason or "",
    )


def _day(at: datetime | None, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).date().isoformat() if at else ""


def _own(row: Row[Any]) -> CertificateRow:
    snapshot = decode(Snapshot, row.snapshot)
    return CertificateRow(
        code=row.code,
        number=row.number,
        course_key=snapshot.course_key,
        course_title=snapshot.course_title,
        jp=snapshot.jp,
        issued_at=row.issued_at,
        completed_on=snapshot.completed_on,
        state=state_of(row),
    )


# ------------------------------------------------------------------ lists for the office and for superiors


def issued(
    session: Session, *, year: int, people: Select[int] | None = None, limit: int | None = None, offset: int = 0
) -> list[IssuedRow]:
    """Certificates with a number of that year, the newest number first; `people` = of those only (a SELECT of person ids)."""
    wanted = certificates_select().add_columns(Certificate.person_id).where(Certificate.year == year)
    wanted = wanted.order_by(Certificate.sequence.desc()).limit(limit).offset(offset)
    if people is not None:
        wanted = wanted.where(Certificate.person_id.in_(people))
    rows = session.execute(wanted.execution_options(yield_per=IN_CHUNK))  # 20,000 snapshots at once would fill the memory
    return [_issued(row) for row in rows]


def issued_count(session: Session, *, year: int, people: Select[int] | None = None) -> int:
    wanted = select(func.count()).select_from(Certificate).where(Certificate.year == year)
    return session.scalar(wanted if people is None else wanted.where(Certificate.person_id.in_(people))) or 0


def years_issued(session: Session) -> list[int]:
    """Years in which certificates were numbered, the newest first."""
    return list(session.scalars(select(CertificateCounter.year).order_by(CertificateCounter.year.desc())))


def _issued(row: Row[Any]) -> IssuedRow:
    printed = row.snapshot
    return IssuedRow(
        person_id=row.person_id,
        number=row.number,
        nip=printed["nip"],
        name=printed["name"],
        unit=printed["unit"],
        course_title=printed["course_title"],
        jp=printed["jp"],
        completed_on=date.fromisoformat(printed["completed_on"]),
        issued_on=date.fromisoformat(printed["issued_on"]),
        state=state_of(row),
    )


# ------------------------------------------------------------------ what is owed, what is wrong


def unsettled(session: Session, after_id: int = 0, limit: int = 200) -> list[tuple[int, datetime]]:
    """(enrolment id, time of the last activity) of finished courses without a completion fact: work for the nightly net."""
    rows = session.execute(
        select(EnrolmentSummary.enrolment_id, EnrolmentSummary.last_activity_at)
        .outerjoin(Completion, Completion.enrolment_id == EnrolmentSummary.enrolment_id)
        .where(EnrolmentSummary.state == State.DONE, Completion.enrolment_id.is_(None), EnrolmentSummary.enrolment_id > after_id)
        .order_by(EnrolmentSummary.enrolment_id)
        .limit(limit)
    )
    return [(row.enrolment_id, row.last_activity_at) for row in rows]


def verify(session: Session) -> list[Difference]:
    """Where completions lack what they earn, and where certificate numbers have gaps. Reads everything; nothing is changed."""
    rows = session.execute(
        select(Completion.enrolment_id, Completion.edition_id, JpEntry.id.label("jp_id"), Certificate.id.label("certificate_id"))
        .outerjoin(JpEntry, (JpEntry.enrolment_id == Completion.enrolment_id) & JpEntry.corrects_id.is_(None))
        .outerjoin(Certificate, (Certificate.enrolment_id == Completion.enrolment_id) & (Certificate.issue == 1))
        .order_by(Completion.enrolment_id)
    ).all()
    editions = library.by_ids(session, (row.edition_id for row in rows))
    found = []
    for row in rows:
        outline = editions[row.edition_id].outline
        if outline.jp and row.jp_id is None:
            found.append(Difference(f"enrolment:{row.enrolment_id}", "jp", "missing", "present"))
        if outline.certificate and row.certificate_id is None:
            found.append(Difference(f"enrolment:{row.enrolment_id}", "certificate", "missing", "present"))
    return found + _gaps(session)


def _gaps(session: Session) -> list[Difference]:
    counters: Sequence[Row[int, int]] = session.execute(
        select(CertificateCounter.year, CertificateCounter.last).order_by(CertificateCounter.year)
    ).all()
    issued = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(Certificate.year, func.count(), func.max(Certificate.sequence)).group_by(Certificate.year)
        )
    }
    found = []
    for year, last in counters:
        count, highest = issued.get(year, (0, 0))
        if not count == highest == last:
            found.append(Difference(f"certificates:{year}", "sequence", f"{count} issued, highest {highest}", f"{last} counted"))
    return found
