"""One person in one course, as every learner page needs it: the edition they see, their enrolment, their status."""

from dataclasses import dataclass

from flask import abort, redirect, request, url_for

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
        """A newer edition that is not the same again, as after a roll-back."""
        is_newer = self.newest.number > self.published.number and self.newest.sha256 != self.published.sha256
        return self.enrolment is not None and is_newer

    @property
    def is_completed(self) -> bool:
        return self.enrolment is not None and self.status.state is State.DONE


def open_course(course_key: str, person_id: int) -> Study:
    """Raises NotFound for a course that does not exist, or is retired and was never begun. The address of a course under its
    former code leads to the same page under its new one, a form with all that was filled in."""
    session = reading()
    newest = library.current(session, course_key)
    asked = request.view_args or {}
    if asked.get("course_key", newest.course_key) != newest.course_key:
        query = request.args.to_dict(flat=True)
        address = url_for(request.endpoint or "", **{**query, **asked, "course_key": newest.course_key})
        abort(redirect(address, 301 if request.method in ("GET", "HEAD") else 308))
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
