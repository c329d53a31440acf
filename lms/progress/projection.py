"""The one projection, `enrolment_summary`: written from the facts by the status function, rebuilt by it, and compared with it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.progress import queries, rules
from lms.progress.models import EnrolmentSummary
from lms.progress.types import Difference, EnrolmentRow, Status


def refresh_summary(session: Session, enrolment_id: int, now: datetime | None) -> Status:
    """Write the summary from the facts and raise its version. Call it after every fact, inside its transaction.

    `now` is the time of the learner's activity; None when the learner did nothing (a course was corrected).
    """
    own = queries.enrolment_by_id(session, enrolment_id)
    if own is None:
        raise NotFound("Pendaftaran ini tidak ditemukan.")
    status = derived_status(session, own)
    summary = session.scalars(
        select(EnrolmentSummary)
        .where(EnrolmentSummary.enrolment_id == enrolment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if summary is None:
        summary = EnrolmentSummary(enrolment_id=enrolment_id, last_activity_at=now or own.enrolled_at, version=0)
        session.add(summary)
    for name, value in derived_columns(status).items():
        setattr(summary, name, value)
    summary.version += 1
    if now is not None:
        summary.last_activity_at = max(summary.last_activity_at, now)
    session.flush()
    return status


def derived_status(session: Session, own: EnrolmentRow) -> Status:
    """The status from the facts as they stand in the database now, never from a cache."""
    outline = queries.published_for(session, own).outline
    return rules.status(queries.facts(session, own, outline), outline)


def derived_columns(status: Status) -> dict[str, object]:
    """The columns of a summary that are derived, by name."""
    return {
        "state": status.state,
        "percent": status.percent,
        "done_count": status.done_count,
        "total_count": status.total_count,
        "minutes_left": status.minutes_left,
        "next_key": status.next_key,
    }


def differences(session: Session, rows: Sequence[EnrolmentRow]) -> dict[int, list[Difference]]:
    """By enrolment id, where stored summaries disagree with the facts; right ones are left out. A handful of SELECTs for some
    hundred enrolments."""
    seen = {(row.course_id, row.edition_number): row for row in rows}
    outlines = {key: queries.published_for(session, row).outline for key, row in seen.items()}
    chosen = {row: outlines[row.course_id, row.edition_number] for row in rows}
    facts = queries.facts_of_many(session, chosen) if rows else {}
    wanted = select(EnrolmentSummary).where(EnrolmentSummary.enrolment_id.in_([row.id for row in rows]))
    stored = {
        summary.enrolment_id: summary for summary in session.scalars(wanted.execution_options(populate_existing=True)).all()
    }
    found = {row.id: _compared(row, stored.get(row.id), rules.status(facts[row.id], outline)) for row, outline in chosen.items()}
    return {enrolment_id: each for enrolment_id, each in found.items() if each}


def _compared(row: EnrolmentRow, stored: EnrolmentSummary | None, status: Status) -> list[Difference]:
    subject = f"enrolment:{row.id}"
    if stored is None:
        return [Difference(subject, "summary", "missing", "present")]
    return [
        Difference(subject, name, str(getattr(stored, name)), str(value))
        for name, value in derived_columns(status).items()
        if getattr(stored, name) != value
    ]


def rebuild_summaries(session: Session, *, course_id: int | None = None, after_id: int = 0, limit: int = 200) -> int:
    """Bring summaries up to date after a publication or a regrade (`course_id`), or all of them: `limit` enrolments after
    `after_id` a call, so that no write transaction is long. Only what differs is written. Returns the last id, 0 at the end."""
    rows = queries.enrolments_after(session, after_id, limit, course_id)
    for enrolment_id in differences(session, rows):
        refresh_summary(session, enrolment_id, None)
    return rows[-1].id if len(rows) == limit else 0


def verify(session: Session) -> list[Difference]:
    """Every place where a summary disagrees with the facts (R18). Reads everything; nothing is changed."""
    found: list[Difference] = []
    after_id = 0
    while rows := queries.enrolments_after(session, after_id, 500):
        for each in differences(session, rows).values():
            found.extend(each)
        session.expunge_all()
        after_id = rows[-1].id
    return found
