"""One person in one course, as every learner page needs it: the edition they see, their enrolment, their status."""

from dataclasses import dataclass

from lms.content import library
from lms.content.library import Published
from lms.errors import Conflict, NotFound
from lms.progress import queries, rules
from lms.progress.queries import EnrolmentRow
from lms.progress.types import Facts, State, Status
from lms.web.extensions import reading


@dataclass(frozen=True)
class Study:
    """`published` is what the person sees: the newest revision of the number they are enrolled in, or the current edition."""

    published: Published
    newest: Published
    enrolment: EnrolmentRow | None
    status: Status

    @property
    def has_newer(self) -> bool:
        return self.enrolment is not None and self.newest.number > self.published.number

    @property
    def is_completed(self) -> bool:
        return self.enrolment is not None and self.status.state is State.DONE


def open_course(course_key: str, person_id: int) -> Study:
    """Raises NotFound for a course that does not exist, or is retired and was never begun."""
    session = reading()
    newest = library.current(session, course_key)
    enrolment = queries.enrolment(session, person_id, newest.course_id)
    if enrolment is None:
        if newest.is_retired:
            raise NotFound("Pelatihan ini sudah tidak dibuka lagi.")
        return Study(newest, newest, None, rules.status(Facts(), newest.outline))
    published = newest
    if enrolment.edition_number != newest.number:
        published = library.of_number(session, newest.course_id, enrolment.edition_number)
    return Study(published, newest, enrolment, queries.status_of(session, enrolment, published))


def require_enrolment(study: Study) -> EnrolmentRow:
    if study.enrolment is None:
        raise Conflict(
            "Anda belum ikut pelatihan ini, jadi kemajuan belum dapat dicatat. Buka halaman pelatihan lalu tekan Ikuti."
        )
    return study.enrolment
