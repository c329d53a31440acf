"""What finishing a course brings, for thousands at once: the rows of `recognition.actions.settle`, numbered in the order of time.

tests/cli/test_demo_awards.py compares them with the rows that `settle` itself writes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from secrets import randbits
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from lms.content.library import Published
from lms.people.grades import rank_name
from lms.people.models import Membership, Person, Unit
from lms.people.names import display_name
from lms.people.settings import AgencySettings
from lms.progress import rules as progress_rules
from lms.progress.models import Completion, JpEntry
from lms.progress.types import Facts
from lms.recognition import rules
from lms.recognition.models import Certificate, CertificateCounter
from lms.recognition.types import TEMPLATE_VERSION, Snapshot
from lms.shared.codec import encode
from lms.store import audit

AT_ONCE = 500
COUNTER = text(
    "INSERT INTO certificate_counter (year, last) VALUES (:year, :last) ON CONFLICT (year) DO UPDATE SET last = excluded.last"
)


@dataclass(frozen=True, slots=True)
class Finished:
    """A course just finished, before anything was made of it."""

    at: datetime
    enrolment_id: int
    person_id: int
    enrolled_at: datetime
    published: Published
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Holder:
    """The person as the certificate prints them: (printed fields of a Snapshot, time zone)."""

    printed: dict[str, str]
    zone: str


class Awards:
    """Waiting awards by time. `pay(until)` writes those that are due; the caller's transaction holds the only writer."""

    def __init__(self, settings: AgencySettings, finished: Iterable[Finished]) -> None:
        self._settings = settings
        self._waiting = sorted(finished, key=lambda one: (one.at, one.enrolment_id))
        self._place = 0
        self._bare: dict[tuple[Any, ...], Snapshot] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def paid(self) -> int:
        return self._place

    def pay(self, session: Session, until: datetime | None = None) -> bool:
        """Write at most AT_ONCE awards with `at` up to `until` (None = all). True while more of them wait."""
        start = self._place
        while self._place < len(self._waiting) and self._place - start < AT_ONCE and self._is_due(until):
            self._place += 1
        if self._place > start:
            self._write(session, self._waiting[start : self._place])
        return self._place < len(self._waiting) and self._is_due(until)

    def _is_due(self, until: datetime | None) -> bool:
        return until is None or self._waiting[self._place].at <= until

    def _write(self, session: Session, due: Sequence[Finished]) -> None:
        holders = _holders(session, due)
        counters = {row.year: row.last for row in session.execute(select(CertificateCounter.year, CertificateCounter.last))}
        rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for one in due:
            holder = holders[one.enrolment_id]
            score = progress_rules.final_score(one.facts, one.published.outline)
            completion = {"enrolment_id": one.enrolment_id, "edition_id": one.published.edition_id, "completed_at": one.at}
            rows[Completion].append(completion | {"final_score": score})
            enrolment = f"enrolment:{one.enrolment_id}"
            audit.record(session, at=one.at, action="course.complete", actor_id=one.person_id, subject=enrolment)
            if one.published.outline.jp:
                rows[JpEntry].append(self._jp_row(one, holder))
            if one.published.outline.certificate:
                certificate = self._certificate(one, holder, score, counters)
                rows[Certificate].append(certificate)
                number = f"certificate:{certificate['number']}"
                audit.record(session, at=one.at, action="certificate.issue", subject=number)
        for table, made in rows.items():
            session.execute(insert(table), made)
        for year, last in sorted(counters.items()):
            session.execute(COUNTER, {"year": year, "last": last})

    def _jp_row(self, one: Finished, holder: _Holder) -> dict[str, Any]:
        outline = one.published.outline
        earned, minutes = progress_rules.jp_of(outline, (), self._settings.minutes_per_jp)
        return {
            "person_id": one.person_id,
            "enrolment_id": one.enrolment_id,
            "edition_id": one.published.edition_id,
            "title": outline.title[:255],
            "learning_form": outline.learning_form,
            "jp": earned,
            "year": progress_rules.jp_year(one.at, holder.zone),
            "completed_at": one.at,
            "time_zone": holder.zone,
            "minutes": minutes,
            "minutes_per_jp": self._settings.minutes_per_jp,
            "rule_version": self._settings.rule_version,
            "reason": rules.jp_note(outline.jp, earned, 0),
        }

    def _certificate(self, one: Finished, holder: _Holder, score: int | None, counters: dict[int, int]) -> dict[str, Any]:
        zone = ZoneInfo(holder.zone)
        issued_on: date = one.at.astimezone(zone).date()
        sequence = counters[issued_on.year] = counters.get(issued_on.year, 0) + 1
        code = rules.make_code(randbits(80))
        number = rules.certificate_number(
            self._settings.certificate_pattern,
            sequence=sequence,
            course_key=one.published.course_key,
            unit_name=holder.printed["unit"],
            issued_on=issued_on,
        )
        snapshot = replace(
            self._printed(one),
            **holder.printed,  # type: ignore[arg-type]
            number=number,
            code=code,
            started_on=min(one.enrolled_at, one.at).astimezone(zone).date().isoformat(),
            completed_on=issued_on.isoformat(),
            issued_on=issued_on.isoformat(),
            time_zone=holder.zone,
            predicate=rules.predicate(score),
            score=score,
        )
        return {
            "code": code,
            "enrolment_id": one.enrolment_id,
            "person_id": one.person_id,
            "issue": 1,
            "number": number,
            "year": issued_on.year,
            "sequence": sequence,
            "issued_at": one.at,
            "snapshot": encode(snapshot),
            "template_version": TEMPLATE_VERSION,
        }

    def _printed(self, one: Finished) -> Snapshot:
        """What everybody who finished the course this way has in common."""
        known = (one.published.edition_id, one.facts.lessons_done, one.facts.quizzes_passed)
        if known not in self._bare:
            outline, settings = one.published.outline, self._settings
            earned, minutes = progress_rules.jp_of(outline, (), settings.minutes_per_jp)
            self._bare[known] = Snapshot(
                **dict.fromkeys(("number", "code", "name", "nip", "rank", "position", "unit", "predicate"), ""),  # type: ignore[arg-type]
                **dict.fromkeys(("started_on", "completed_on", "time_zone", "issued_on"), ""),  # type: ignore[arg-type]
                agency=settings.agency_name,
                course_key=one.published.course_key,
                course_title=outline.title,
                course_version=outline.version,
                edition=one.published.number,
                form=rules.form_name(outline.learning_form),
                learning_form=outline.learning_form,
                jp=earned,
                minutes=minutes,
                organizer=outline.organizer or settings.agency_name,
                place=settings.agency_place,
                signatory_name=settings.signatory_name,
                signatory_nip=settings.signatory_nip,
                signatory_position=settings.signatory_position,
                subjects=rules.subjects(outline, one.facts),
                language=outline.language,
                competencies=outline.competencies,
                jp_note=rules.jp_note(outline.jp, earned, 0) if outline.jp else "",
            )
        return self._bare[known]


def _holders(session: Session, due: Sequence[Finished]) -> dict[int, _Holder]:
    """By enrolment: the person with the unit of the local day they finished, as people.queries.identity gives them. One SELECT."""
    wanted = (
        select(Person, Membership.from_on, Membership.to_on, Unit.name, Unit.time_zone)
        .join(Membership, Membership.person_id == Person.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Person.id.in_([one.person_id for one in due]))
        .order_by(Person.id, Membership.from_on)
    )
    places = defaultdict(list)
    for row in session.execute(wanted):
        places[row.Person.id].append(row)
    found = {}
    for one in due:
        for row in places[one.person_id]:
            on = one.at.astimezone(ZoneInfo(row.time_zone)).date()
            if row.from_on <= on and (row.to_on is None or on < row.to_on):
                found[one.enrolment_id] = _Holder(_printed_fields(row.Person, row.name), row.time_zone)
    return found


def _printed_fields(person: Person, unit_name: str) -> dict[str, str]:
    return {
        "name": display_name(person.title_prefix, person.name, person.title_suffix),
        "nip": person.nip or "",
        "rank": rules.rank_line(rank_name(person.grade, person.employment_kind), person.grade),
        "position": person.position,
        "unit": unit_name,
        "employment_kind": str(person.employment_kind),
    }
