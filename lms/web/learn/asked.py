"""What superiors said to the learner: courses asked of them, with the day, and words of thanks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from textwrap import shorten

from flask import url_for

from lms.content import library
from lms.content.library import Published
from lms.progress import queries, requirements
from lms.progress.queries import CourseCard as MyCourse
from lms.progress.queries import Place
from lms.progress.types import Asked
from lms.recognition import thanks
from lms.recognition.thanks import Thanks
from lms.web import clock, language
from lms.web.extensions import reading
from lms.web.learn.shapes import Link, Note, course_meta

THANKS_SHOWN = timedelta(days=14)
MOST_NAMED = 3
SHOWN_WORDS = 90
"""Characters of a word of thanks on home, so that the next step stays in sight; all of it stands with the certificate."""


def sentence(asked: Asked, now: datetime) -> str:
    """Diminta oleh Siti Aminah, Kepala Dinas Arsip, sampai 5 Desember 2026 (WITA)."""
    who = ", ".join(part for part in (asked.asked_by, asked.post) if part)
    day = language.long_date(asked.due_on)
    zone = language.zone_name(asked.time_zone, now)
    if asked.due_at <= now:
        return f"Diminta oleh {who}. Tenggatnya {day} ({zone}) sudah lewat; masih bisa Anda selesaikan."
    return f"Diminta oleh {who}, sampai {day} ({zone})."


def of_course(person_id: int, course_id: int) -> str | None:
    """What the page of a course says about being asked; None when it is not, or is done."""
    now = clock.now()
    mine = requirements.first_of_each_course(requirements.of_person(reading(), person_id, now))
    return next((sentence(each, now) for each in mine if each.course_id == course_id), None)


@dataclass(frozen=True)
class AskedHome:
    """What home makes of it. `place`: where to go on in the course that is due first, or `begin`: the way to begin it; `label`: by
    whom and until when."""

    place: Place | None = None
    begin: Link | None = None
    label: str = ""
    notes: tuple[Note, ...] = ()
    """About other courses that are not begun."""
    words: dict[str, str] = field(default_factory=dict)
    """The sentence of each course, by its key."""


def for_home(person_id: int, mine: list[MyCourse]) -> AskedHome:
    """One SELECT when nothing is asked."""
    now = clock.now()
    asked = requirements.first_of_each_course(requirements.of_person(reading(), person_id, now))
    if not asked:
        return AskedHome()
    words = {each.course_key: sentence(each, now) for each in asked}
    cards = {card.course_id: card for card in mine}
    editions = library.by_ids(reading(), [each.edition_id for each in asked])
    links = {each.course_key: _begin(editions[each.edition_id]) for each in asked if each.course_id not in cards}
    place, begin, label = None, None, ""
    for each in asked:
        begin = links.pop(each.course_key, None)
        place = None if begin else queries.resume_place(reading(), person_id, [cards[each.course_id]])
        if begin or (place and not place.is_waiting):
            label = words[each.course_key]
            break
        place = None
    notes = [Note("info", f"“{link.title}”: {words[key]}", link.url, "Buka pelatihan") for key, link in links.items()]
    return AskedHome(place, begin, label, tuple(notes[:MOST_NAMED]), words)


def _begin(published: Published) -> Link:
    url = url_for("learn.courses.show", course_key=published.course_key)
    return Link(url, published.outline.title, place=" · ".join(course_meta(published.outline)), label="Mulai pelatihan")


def recent_thanks(person_id: int, mine: list[MyCourse]) -> list[Note]:
    """Words of thanks of the last two weeks, for home."""
    keys = {card.course_id: card.course_key for card in mine}
    since = clock.now() - THANKS_SHOWN
    return [
        Note(
            "sukses",
            f"Penghargaan dari {each.giver}: “{shorten(each.reason, SHOWN_WORDS, placeholder='…')}”",
            url_for("learn.courses.finished", course_key=keys[each.course_id]),
            "Baca di halaman sertifikat",
        )
        for each in thanks.of_people(reading(), [person_id])
        if each.given_at >= since and each.course_id in keys
    ]


def thanks_for(person_id: int, course_id: int) -> list[Thanks]:
    """Everything given for one course, the newest first."""
    return thanks.of_people(reading(), [person_id], course_id)
