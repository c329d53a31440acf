"""What the supervisor's pages say of one person: courses, what is due, and the one word for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, url_for

from config import Config
from lms.progress.types import State
from lms.teams import rules
from lms.teams.types import DueCourse, MemberCourse, OfferedCourse
from lms.web import language

STATUS_KINDS = {State.NOT_STARTED: "", State.IN_PROGRESS: "ingat", State.DONE: "baik"}


@dataclass(frozen=True)
class CourseLine:
    title: str
    status_label: str
    status_kind: str
    percent: int
    dates: str = ""


@dataclass(frozen=True)
class Action:
    """A word by WhatsApp: `url`, opened by a link."""

    url: str
    label: str
    spoken: str


@dataclass(frozen=True)
class ThankForm:
    id: int
    """Of the person: one such form each on a page."""
    url: str
    course_id: int
    course_title: str
    suggestion: str
    name: str


@dataclass(frozen=True)
class ExtendForm:
    id: str
    url: str
    requirement_id: int
    course_title: str
    known: str
    """The day that holds now, as the form sends it back."""
    due_label: str
    is_late: bool
    name: str


def course_line(course: MemberCourse, dates: str = "") -> CourseLine:
    words = rules.status_words(course.state, course.percent)
    return CourseLine(course.title, words, STATUS_KINDS[course.state], course.percent, dates)


def invitation(
    name: str,
    courses: Sequence[MemberCourse],
    jp_left: int,
    offered: Collection[OfferedCourse],
    now: datetime,
) -> Action | None:
    """The ready WhatsApp message for one person. Its address names the course and nobody (D63)."""
    word = rules.word_for(courses, jp_left, offered, now)
    if word is None or word.is_thanks:
        return None
    config: Config = current_app.config["PELITA"]
    text = rules.invitation(word.course_title, jp_left, config.base_url, word.course_key, is_begun=word.is_begun)
    return Action(rules.whatsapp_url(text), "Ajak belajar", f"Ajak {name} belajar lewat WhatsApp")


def thank_form(
    person_id: int, name: str, courses: Sequence[MemberCourse], thanked: Collection[int | None], now: datetime
) -> ThankForm | None:
    """Thanks for what was finished last, while it is fresh and was not thanked for."""
    fresh = [each for each in courses if each.completed_at is not None and each.course_id not in thanked]
    word = rules.word_for(fresh, 0, (), now)
    if word is None or not word.is_thanks:
        return None
    url = url_for("team.today.thank", person_id=person_id)
    return ThankForm(person_id, url, word.course_id, word.course_title, rules.thanks(word.course_title), name)


def extend_form(person_id: int, name: str, due: DueCourse, now: datetime) -> ExtendForm:
    is_late = due.due_at <= now
    day = language.long_date(due.due_on)
    return ExtendForm(
        id=f"{person_id}-{due.requirement_id}",
        url=url_for("team.today.extend", person_id=person_id),
        requirement_id=due.requirement_id,
        course_title=due.title,
        known=due.due_on.isoformat(),
        due_label=f"Tenggatnya lewat, {day}" if is_late else f"Sampai {day}",
        is_late=is_late,
        name=name,
    )
