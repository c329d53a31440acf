"""What the demo's superiors did: courses asked of people (soon due, overdue, by position), more time for some, and thanks."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lms.cli import demo_courses
from lms.content.library import Published
from lms.people import hierarchy
from lms.people.hierarchy import EVERYBODY
from lms.people.rules import staff_date
from lms.people.types import UnitCategory
from lms.progress import requirement_actions
from lms.progress.rules import jp_year
from lms.progress.types import Audience
from lms.recognition import thanks
from lms.teams import queries, rules
from lms.teams.types import Group

EXTENDED = 2
THANKED = 2
"""People of each kind; the others wait for the reader of the demo."""


def ask_and_thank(
    session: Session, *, supervisor_id: int, admin_id: int, learner_id: int, courses: list[Published], now: datetime, zone: str
) -> None:
    """Three requirements with extensions, and some thanks. `courses`: those ordinary staff take. Call it inside `write_tx`."""
    today = staff_date(now)
    team = hierarchy.team_of(session, supervisor_id, today)
    own_unit = int(team.paths[0].rstrip("/").rsplit("/", 1)[1])
    asked = courses[demo_courses.running(courses)]
    wishes = (
        (supervisor_id, asked, 40, 9, Audience(own_unit), "Bekal sebelum penilaian kinerja triwulan ini."),
        (supervisor_id, courses[0], 60, -6, Audience(own_unit, unit_category=UnitCategory.EDUCATION), ""),
        (admin_id, asked, 30, 24, Audience(position_words="pengelola"), "Untuk semua pengelola layanan."),
    )
    for by, published, days_ago, due_in, audience, note in wishes:
        requirement_actions.require_course(
            session,
            course_id=published.course_id,
            audience=audience,
            due_on=today + timedelta(days=due_in),
            note=note,
            team=EVERYBODY if by == admin_id else team,
            by=by,
            now=now - timedelta(days=days_ago),
        )
    page = queries.today(session, supervisor_id, today, now=now, year=jp_year(now, zone))
    for row in page.first[Group.DUE][-EXTENDED:]:
        requirement_actions.extend(
            session,
            requirement_id=row.due[0].requirement_id,
            person_id=row.person_id,
            by=supervisor_id,
            now=now,
            known=row.due[0].due_on,
            days=7,
        )
    for row in page.first[Group.FINISHED][-THANKED:]:
        _thank(session, row.person_id, supervisor_id, now)
    if superior := hierarchy.superior_of(session, learner_id, today):
        _thank(session, learner_id, superior, now)


def _thank(session: Session, person_id: int, given_by: int, now: datetime) -> None:
    """For the course finished last, when there is one."""
    finished = [each for each in queries.courses_of(session, person_id) if each.completed_at is not None]
    if finished:
        course = max(finished, key=lambda each: (each.completed_at or now, each.course_id))
        reason = rules.thanks(course.title)
        thanks.give(session, person_id=person_id, given_by=given_by, course_id=course.course_id, reason=reason, now=now)
