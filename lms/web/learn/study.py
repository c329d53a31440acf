"""One person in one course, as every learner page needs it: the edition they see, their enrolment, their status."""

from dataclasses import dataclass

from lms.content import library
from lms.content.library import Published
from lms.errors import Conflict, NotFound
from lms.progress import queries
from lms.progress.queries import EnrolmentRow
from lms.progress.types import Facts, Status
from lms.progress import rules
from lms.web.extensions import reading


@dataclass(frozen=True)
class Study:
    """`published` is what the person sees: the newest revision of the number they are enrolled in, or the current edition."""

    published: Published
    newest: Published
    enrolment: EnrolmentRow | None
    facts: Facts
    status: Status

    @property
    def has_newer(self) -> bool:
        return self.enrolment is not None and self.newest.number > self.published.number


def open_course(course_key: str, person_id: int) -> Study:
    """Raises NotFound for a course that does not exist, or is retired and was never begun."""
    session = reading()
    newest = library.current(session, course_key)
    enrolment = queries.enrolment(session, person_id, newest.course_id)
    published = newest
    if enrolment is None and newest.is_retired:
        raise NotFound("Pelatihan ini sudah tidak dibuka lagi.")
    if enrolment is not None and enrolment.edition_number != newest.number:
        published = library.of_number(session, newest.course_id, enrolment.edition_number)
    facts = queries.facts(session, enrolment) if enrolment else Facts()
    return Study(published, newest, enrolment, facts, rules.status(facts, published.outline))


def require_enrolment(study: Study) -> EnrolmentRow:
    if study.enrolment is None:
        raise Conflict("Anda belum ikut pelatihan ini, jadi kemajuan belum dapat dicatat. Buka halaman pelatihan lalu tekan Ikuti.")
    return study.enrolment
