"""Writes recognition: what finishing a course brings, in the finishing transaction; corrections and revocations afterwards."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.library import Published
from lms.errors import Conflict, Invalid, NotFound
from lms.people.queries import identity
from lms.people.settings import AgencySettings, agency_settings
from lms.people.types import Identity
from lms.progress import awards, jp, rules
from lms.progress import queries as progress_queries
from lms.progress.models import Completion, Enrolment
from lms.progress.projection import refresh_summary
from lms.progress.types import EnrolmentRow, Facts
from lms.recognition import queries
from lms.recognition import rules as certificate_rules
from lms.recognition.models import Certificate, CertificateRevocation
from lms.recognition.types import TEMPLATE_VERSION, Snapshot
from lms.shared.codec import decode, encode
from lms.store import audit

REASON_LENGTH = 300
NEXT_NUMBER = text(
    "INSERT INTO certificate_counter (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = certificate_counter.last + 1 RETURNING last"
)
"""One statement takes and keeps the number: the row stays locked until the transaction ends, and a rollback gives it back."""


@dataclass(frozen=True, slots=True)
class _Completion:
    """The completion fact, seen through the edition it was reached in."""

    edition_id: int
    completed_at: datetime
    final_score: int | None


@dataclass(frozen=True, slots=True)
class _Finish:
    """A completion with everything that its certificate and JP row are made from."""

    own: EnrolmentRow
    published: Published
    facts: Facts
    completed_at: datetime
    final_score: int | None
    person: Identity
    settings: AgencySettings

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.person.time_zone)


def settle(session: Session, *, enrolment_id: int, now: datetime, completed_at: datetime | None = None) -> str | None:
    """Give a finished course its completion fact, JP row, certificate and summary, all in this transaction; idempotent.

    Call it after every progress write. Returns the code of the newest certificate; None while the course is unfinished or when
    it gives no certificate. `completed_at` is the time of the deciding fact when that is not now, e.g. the deadline of an
    attempt that a job closed. The enrolment is locked first, so of sixteen callers one writes and the others read.
    """
    if session.scalar(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update(key_share=True)) is None:
        raise NotFound("Pendaftaran ini tidak ditemukan.")
    own = progress_queries.enrolment_by_id(session, enrolment_id)
    assert own is not None
    completion = _completion(session, own) or _complete(session, own, completed_at or now, now)
    if completion is None:
        return None
    published = library.edition(session, completion.edition_id)
    code = queries.code_for(session, own.id)
    owes_jp = published.outline.jp > 0 and jp.counted_entry(session, own.id) is None
    owes_certificate = published.outline.certificate and code is None
    if owes_jp or owes_certificate:
        finish = _finish(session, own, published, completion)
        if owes_jp:
            _award(session, finish)
        if owes_certificate:
            code = _issue(
                session, own, _snapshot(session, finish, now), issue=1, now=now, action="certificate.issue", actor_id=None
            )
    return code


def settle_pending(session: Session, *, now: datetime, after_id: int = 0, limit: int = 200) -> tuple[int, int]:
    """The nightly net: settle finished courses that were left without their completion, `limit` enrolments after `after_id` a call.

    Returns (how many were settled, the last id looked at or 0 at the end): one that cannot be settled is passed, never met again.
    """
    waiting = queries.unsettled(session, after_id, limit)
    for enrolment_id, at in waiting:
        settle(session, enrolment_id=enrolment_id, now=now, completed_at=at)
    ids = [enrolment_id for enrolment_id, _ in waiting]
    settled = session.scalar(select(func.count()).select_from(Completion).where(Completion.enrolment_id.in_(ids))) or 0
    return settled, ids[-1] if len(ids) == limit else 0


def _completion(session: Session, own: EnrolmentRow) -> _Completion | None:
    row = session.execute(
        select(Completion.edition_id, Completion.completed_at, Completion.final_score).where(Completion.enrolment_id == own.id)
    ).first()
    return None if row is None else _Completion(*row)


def _complete(session: Session, own: EnrolmentRow, completed_at: datetime, now: datetime) -> _Completion | None:
    """Write the completion fact when every condition holds; None when not."""
    published = progress_queries.published_for(session, own)
    status = rules.status(progress_queries.facts(session, own, published.outline), published.outline)
    if not status.is_complete:
        return None
    at = min(completed_at, now)
    awards.complete(session, own, published=published, final_score=status.final_score, at=at)
    refresh_summary(session, own.id, None)
    audit.record(session, at=now, action="course.complete", actor_id=own.person_id, subject=f"enrolment:{own.id}")
    return _Completion(published.edition_id, at, status.final_score)


def _finish(session: Session, own: EnrolmentRow, published: Published, completion: _Completion) -> _Finish:
    return _Finish(
        own=own,
        published=published,
        facts=progress_queries.facts(session, own, published.outline),
        completed_at=completion.completed_at,
        final_score=completion.final_score,
        person=_person(session, own.person_id, completion.completed_at),
        settings=agency_settings(session),
    )


def _person(session: Session, person_id: int, at: datetime) -> Identity:
    """The person on the local day of a moment; which day that is, their zone says."""
    person = identity(session, person_id, at.date())
    local = at.astimezone(ZoneInfo(person.time_zone)).date()
    return person if local == at.date() else identity(session, person_id, local)


def _award(session: Session, finish: _Finish) -> None:
    outline, skipped = finish.published.outline, finish.facts.modules_tested_out
    earned, _ = rules.jp_of(outline, skipped, finish.settings.minutes_per_jp)
    awards.award_jp(
        session,
        finish.own,
        published=finish.published,
        tested_out=skipped,
        completed_at=finish.completed_at,
        zone=finish.person.time_zone,
        settings=finish.settings,
        reason=certificate_rules.jp_note(outline.jp, earned, len(skipped)),
    )


def _snapshot(session: Session, finish: _Finish, now: datetime) -> Snapshot:
    """Everything that is printed, but for number and code."""
    outline, settings = finish.published.outline, finish.settings
    entry = jp.counted_entry(session, finish.own.id)
    earned, minutes = rules.jp_of(outline, finish.facts.modules_tested_out, settings.minutes_per_jp)
    blank = Snapshot(
        number="",
        code="",
        name="",
        nip="",
        rank="",
        position="",
        unit="",
        agency="",
        course_key=finish.published.course_key,
        course_title=outline.title,
        course_version=outline.version,
        edition=finish.published.number,
        form=certificate_rules.form_name(outline.learning_form),
        learning_form=outline.learning_form,
        started_on=min(finish.own.enrolled_at, finish.completed_at).astimezone(finish.zone).date().isoformat(),
        completed_on=finish.completed_at.astimezone(finish.zone).date().isoformat(),
        time_zone=finish.person.time_zone,
        jp=entry.jp if entry else earned,
        minutes=entry.minutes if entry else minutes,
        predicate=certificate_rules.predicate(finish.final_score),
        organizer=outline.organizer or settings.agency_name,
        place="",
        issued_on=now.astimezone(finish.zone).date().isoformat(),
        signatory_name="",
        signatory_nip="",
        signatory_position="",
        subjects=certificate_rules.subjects(outline, finish.facts),
        score=finish.final_score,
        language=outline.language,
        competencies=outline.competencies,
        jp_note=entry.reason if entry else "",
    )
    return _signed_for(blank, finish.person, settings)


def _signed_for(snapshot: Snapshot, person: Identity, settings: AgencySettings) -> Snapshot:
    """The snapshot with the person and the signatory as the registers have them now."""
    return replace(
        snapshot,
        name=person.display_name,
        nip=person.nip or "",
        rank=certificate_rules.rank_line(person.rank_name, person.grade),
        position=person.position,
        unit=person.unit_name,
        employment_kind=str(person.employment_kind),
        agency=settings.agency_name,
        place=settings.agency_place,
        signatory_name=settings.signatory_name,
        signatory_nip=settings.signatory_nip,
        signatory_position=settings.signatory_position,
    )


def _issue(
    session: Session, own: EnrolmentRow, snapshot: Snapshot, *, issue: int, now: datetime, action: str, actor_id: int | None
) -> str:
    """Take the next number of the year and store the certificate. Returns its code."""
    issued_on = date.fromisoformat(snapshot.issued_on)
    sequence: int = session.execute(NEXT_NUMBER, {"year": issued_on.year}).scalar_one()
    code = certificate_rules.make_code(secrets.randbits(80))
    number = certificate_rules.certificate_number(
        agency_settings(session).certificate_pattern,
        sequence=sequence,
        course_key=snapshot.course_key,
        unit_name=snapshot.unit,
        issued_on=issued_on,
    )
    printed = replace(snapshot, number=number, code=code, issue=issue)
    session.add(
        Certificate(
            code=code,
            enrolment_id=own.id,
            person_id=own.person_id,
            issue=issue,
            number=number,
            year=issued_on.year,
            sequence=sequence,
            issued_at=now,
            snapshot=encode(printed),
            template_version=TEMPLATE_VERSION,
        )
    )
    session.flush()
    audit.record(session, at=now, action=action, actor_id=actor_id, subject=f"certificate:{number}")
    return code


# ------------------------------------------------------------------ corrections and revocations


def issue_correction(session: Session, *, code: str, by: int | None, reason: str, now: datetime) -> str:
    """Issue the certificate anew with the person's and the signatory's data as they stand now and the JP that count; the old
    one shows "diganti" from then on. Course, dates and result stay. Returns the new code.

    Raises NotFound, Invalid without a reason, Conflict when the certificate was replaced or revoked before.
    """
    why = _reason(reason)
    old = _locked_certificate(session, code)
    if session.scalar(select(Certificate.id).where(Certificate.enrolment_id == old.enrolment_id, Certificate.issue > old.issue)):
        raise Conflict("Sertifikat ini sudah diganti. Perbaiki yang terbaru.")
    if session.get(CertificateRevocation, old.id) is not None:
        raise Conflict("Sertifikat ini sudah dicabut, jadi tidak dapat diperbaiki.")
    own = progress_queries.enrolment_by_id(session, old.enrolment_id)
    assert own is not None
    snapshot = decode(Snapshot, old.snapshot)
    entry = jp.counted_entry(session, own.id)
    renewed = _signed_for(
        replace(
            snapshot,
            issued_on=now.astimezone(ZoneInfo(snapshot.time_zone)).date().isoformat(),
            jp=entry.jp if entry else snapshot.jp,
        ),
        identity(session, own.person_id, date.fromisoformat(snapshot.completed_on)),
        agency_settings(session),
    )
    new_code = _issue(session, own, renewed, issue=old.issue + 1, now=now, action="certificate.correct", actor_id=by)
    audit.record(session, at=now, action="certificate.replace", actor_id=by, subject=f"certificate:{old.number}", reason=why)
    return new_code


def revoke(session: Session, *, code: str, by: int | None, reason: str, now: datetime) -> None:
    """Withdraw a certificate; its check page says so from then on. A second call changes nothing. The JP row is a record of its
    own: correct it with progress.awards.correct_jp where the JP fall too. Raises NotFound, Invalid without a reason."""
    why = _reason(reason)
    certificate = _locked_certificate(session, code)
    if session.get(CertificateRevocation, certificate.id) is not None:
        return
    session.add(CertificateRevocation(certificate_id=certificate.id, at=now, by=by, reason=why))
    session.flush()
    audit.record(session, at=now, action="certificate.revoke", actor_id=by, subject=f"certificate:{certificate.number}")


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason or len(reason) > REASON_LENGTH:
        raise Invalid(f"Tuliskan alasannya, paling banyak {REASON_LENGTH} karakter.", field="reason")
    return reason


def _locked_certificate(session: Session, code: str) -> Certificate:
    """The certificate, with its enrolment locked: issuing, replacing and revoking take turns."""
    plain = certificate_rules.parse_code(code)
    found = session.scalars(select(Certificate).where(Certificate.code == plain)).one_or_none() if plain else None
    if found is None:
        raise NotFound("Sertifikat dengan kode ini tidak ditemukan. Periksa lagi kodenya.")
    session.execute(select(Enrolment.id).where(Enrolment.id == found.enrolment_id).with_for_update(key_share=True))
    return found
