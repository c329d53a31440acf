"""Writes what finishing a course brings: the completion fact and the JP row (D1-D5), and later corrections of a row."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content.library import Published
from lms.errors import Conflict, Invalid, NotFound
from lms.people.settings import AgencySettings
from lms.progress import rules
from lms.progress.models import Claim, Completion, JpEntry
from lms.progress.types import EnrolmentRow
from lms.store import audit

REASON_LENGTH = 300
TITLE_LENGTH = 255


def complete(session: Session, own: EnrolmentRow, *, published: Published, final_score: int | None, at: datetime) -> None:
    """Write the completion fact of an enrolment, whose row the caller has locked. Only `recognition.actions.settle` calls it."""
    session.add(Completion(enrolment_id=own.id, edition_id=published.edition_id, completed_at=at, final_score=final_score))
    session.flush()


def award_jp(
    session: Session,
    own: EnrolmentRow,
    *,
    published: Published,
    tested_out: frozenset[str],
    completed_at: datetime,
    zone: str,
    settings: AgencySettings,
    reason: str = "",
) -> JpEntry:
    """Write the ledger row of a completed course; at most one per enrolment (D5), the database sees to it. JP, minutes and
    rule are kept as they were, so that later settings and editions leave the row alone (D3, D4)."""
    jp, minutes = rules.jp_of(published.outline, tested_out, settings.minutes_per_jp)
    entry = JpEntry(
        person_id=own.person_id,
        enrolment_id=own.id,
        edition_id=published.edition_id,
        title=published.outline.title[:TITLE_LENGTH],
        learning_form=published.outline.learning_form,
        jp=jp,
        year=rules.jp_year(completed_at, zone),
        completed_at=completed_at,
        time_zone=zone,
        minutes=minutes,
        minutes_per_jp=settings.minutes_per_jp,
        rule_version=settings.rule_version[:20],
        reason=reason,
    )
    session.add(entry)
    session.flush()
    return entry


def award_claim(
    session: Session,
    claim: Claim,
    *,
    jp: int,
    reason: str,
    completed_at: datetime,
    zone: str,
    minutes_per_jp: int,
    rule_version: str,
) -> JpEntry:
    """Write the ledger row of an approved claim; at most one a claim, the database sees to it. What a cap leaves out is a row with
    fewer JP, or 0, that says why (D8). Only `claim_actions.decide` calls it, with the person's row locked."""
    entry = JpEntry(
        person_id=claim.person_id,
        claim_id=claim.id,
        title=claim.title[:TITLE_LENGTH],
        learning_form=claim.learning_form,
        jp=jp,
        year=rules.jp_year(completed_at, zone),
        completed_at=completed_at,
        time_zone=zone,
        minutes=claim.minutes or 0,
        minutes_per_jp=minutes_per_jp,
        rule_version=rule_version,
        reason=reason[:REASON_LENGTH],
    )
    session.add(entry)
    session.flush()
    return entry


def correct_jp(
    session: Session,
    *,
    entry_id: int,
    jp: int,
    reason: str,
    author_id: int | None,
    now: datetime,
    completed_at: datetime | None = None,
) -> int:
    """Replace a ledger row by a new one with other JP or another completion time; the old row stays. Returns the new id.

    Raises NotFound, Invalid without a reason or with impossible JP, Conflict when the row was corrected before.
    """
    entry = session.scalars(select(JpEntry).where(JpEntry.id == entry_id).with_for_update(key_share=True)).one_or_none()
    if entry is None:
        raise NotFound("Catatan JP ini tidak ditemukan.")
    why = _checked_reason(reason, jp)
    if session.scalar(select(JpEntry.id).where(JpEntry.corrects_id == entry_id).limit(1)):
        raise Conflict("Catatan JP ini sudah dikoreksi. Muat ulang halaman, lalu koreksi catatan yang terbaru.")
    at = completed_at or entry.completed_at
    kept = (
        "person_id",
        "enrolment_id",
        "claim_id",
        "edition_id",
        "title",
        "learning_form",
        "time_zone",
        "minutes",
        "minutes_per_jp",
        "rule_version",
    )
    row = JpEntry(
        **{name: getattr(entry, name) for name in kept},
        jp=jp,
        year=rules.jp_year(at, entry.time_zone),
        completed_at=at,
        corrects_id=entry.id,
        reason=why,
        author_id=author_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, at=now, action="jp.correct", actor_id=author_id, subject=f"jp:{entry.id}", jp_before=entry.jp, jp_after=jp
    )
    return row.id


def _checked_reason(reason: str, jp: int) -> str:
    why = " ".join(reason.split())
    if not why or len(why) > REASON_LENGTH:
        raise Invalid(f"Tuliskan alasan koreksi, paling banyak {REASON_LENGTH} karakter.", field="reason")
    if not 0 <= jp <= 1000:
        raise Invalid("JP berupa bilangan bulat dari 0 sampai 1000.", field="jp")
    return why
