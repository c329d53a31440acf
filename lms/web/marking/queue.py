"""What waits to be marked: the oldest first, one course or all."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for

from lms.content.assignments import Grader
from lms.people import queries as people
from lms.people.rules import staff_date
from lms.progress import queries as progress
from lms.progress.rules import days_late, due_at
from lms.quizzes import queue
from lms.quizzes.queue import WorkRow
from lms.web import clock, language
from lms.web.extensions import reading
from lms.web.filters import choice
from lms.web.identity import user
from lms.web.learn.assignments import late_label

bp = Blueprint("queue", __name__)
SURFACE = "Penilaian"


@dataclass(frozen=True)
class Line:
    url: str
    name: str
    item: str
    course: str
    when: str
    late: str
    note: str


@bp.get("")
def index() -> str:
    who = user()
    chosen = request.args.get("pelatihan", "")[:250]
    found = queue.waiting(
        reading(), marker_id=who.person_id, is_author=who.signed_in.is_author, now=clock.now(), course_key=chosen
    )
    late = lateness((*found.own, *found.others))
    options = [("", "Semua pelatihan"), *((key, f"{title} ({number})") for key, title, number in found.courses)]
    return render_template(
        "marking/queue/index.html",
        own=[_line(row, late, chosen) for row in found.own],
        own_count=found.own_count,
        others=[_line(row, late, chosen) for row in found.others],
        others_count=found.others_count,
        filters=[choice("pelatihan", "Pelatihan", options, chosen)] if len(found.courses) > 1 or chosen else [],
        done=[
            (url_for("marking.works.show", token=token), name, language.date_and_time(at, who.time_zone))
            for token, name, at in queue.marked_by(reading(), who.person_id)
        ],
        surface_name=SURFACE,
        surface_nav=[],
        active_nav="queue",
    )


def _line(row: WorkRow, late: dict[str, int], chosen: str) -> Line:
    hand_in = row.rules.hand_in
    note = f"bersama {row.members} anggota" if row.members else ""
    if hand_in and hand_in.grader is Grader.PEER:
        note = f"sejawat {row.peers_done} dari {hand_in.peers}"
    elif hand_in and hand_in.grader is Grader.SUPERIOR:
        note = "atasan langsung"
    return Line(
        url_for("marking.works.show", token=row.token, pelatihan=chosen or None),
        row.name,
        row.item_title,
        row.course_title,
        language.date_and_time(row.handed_in_at, user().time_zone),
        late_label(late[row.token]),
        note,
    )


def lateness(rows: tuple[WorkRow, ...]) -> dict[str, int]:
    """Days late by token, each in the zone of who handed in. Two SELECTs for a whole list."""
    ids = {row.person_id for row in rows}
    enrolled = progress.enrolled_at_of(reading(), ids, {row.course_id for row in rows})
    zones = people.time_zones_of(reading(), ids, staff_date(clock.now()))
    return {row.token: _days(row, enrolled, zones) for row in rows}


def _days(row: WorkRow, enrolled: dict[tuple[int, int], datetime], zones: dict[int, str]) -> int:
    since = enrolled.get((row.person_id, row.course_id))
    if row.rules.hand_in is None or since is None:
        return 0
    return days_late(due_at(row.rules.hand_in, since, zones[row.person_id]), row.handed_in_at)
