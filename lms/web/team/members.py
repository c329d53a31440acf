"""The team table, and one person's learning as their superior may see it (D28)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.people import views
from lms.people.queries import identity
from lms.people.rules import staff_date
from lms.people.types import Identity
from lms.progress.rules import jp_year
from lms.progress.types import State
from lms.teams import queries, rules
from lms.teams.queries import LearningStory
from lms.teams.types import Group, MemberCourse, Order, TeamFilter, TeamPage, TeamRow
from lms.web import agency, clock, language
from lms.web.extensions import reading, writing
from lms.web.filters import Filter, Option
from lms.web.identity import user
from lms.web.team import lines, navigation
from lms.web.team.lines import Action, CourseLine, ThankForm
from lms.web.team.today import DAYS

bp = Blueprint("members", __name__)
GROUPS = {
    "mandek": (Group.STUCK, "Mandek"),
    "tenggat": (Group.DUE, "Segera jatuh tempo"),
    "selesai": (Group.FINISHED, "Baru selesai"),
    "belum": (Group.NOT_BEGUN, "Belum mulai"),
}
ORDERS = {"jp": (Order.FEWEST_JP, "JP paling sedikit"), "tenggat": (Order.DUE, "Tenggat paling dekat")}
MOST_COURSES = 3
"""Courses named in one row; the rest are counted."""
LONGEST_NUMBER = 9


@dataclass(frozen=True)
class MemberLine:
    name: str
    url: str
    position: str
    jp_label: str
    jp_percent: int
    courses: list[CourseLine]
    more_label: str
    due_label: str
    is_late: bool
    activity_label: str
    action: Action | None
    thank: ThankForm | None


# ------------------------------------------------------------------ the list


@bp.get("/anggota")
def index() -> str:
    who = user()
    now = clock.now()
    is_number = rules.is_staff_number(request.args.get("q", ""))
    wanted = _wanted("" if is_number else request.args.get("q", "")[:100].strip())
    found = queries.team_report(
        reading(),
        who.person_id,
        staff_date(now),
        now=now,
        year=jp_year(now, who.time_zone),
        wanted=wanted,
        page=_number("hal") or 1,
        settings=agency.current(),
    )
    return render_template(
        "team/members/index.html",
        unit_name=_unit_name(found),
        has_people=found.counts.people > 0,
        filters=_filters(found, wanted),
        query=wanted.query,
        is_number=is_number,
        count_label=f"{language.number(found.total)} orang",
        members=[_line(row, found, wanted, now) for row in found.rows],
        pager=_pager(found),
        **navigation.of("members"),
    )


def _number(name: str) -> int | None:
    """A positive whole number of the address; None for anything else, which means no filter."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def _wanted(query: str) -> TeamFilter:
    return TeamFilter(
        query=query,
        unit_id=_number("unit"),
        course_id=_number("pelatihan"),
        group=GROUPS.get(request.args.get("kelompok", ""), (None, ""))[0],
        order=ORDERS.get(request.args.get("urut", ""), (Order.NAME, ""))[0],
        is_direct=request.args.get("lingkup") == "langsung",
    )


def _address(**changes: Any) -> str:
    """This page with some of its filters changed, from the first page on unless `hal` says otherwise."""
    known = {
        name: request.args[name] for name in ("q", "unit", "lingkup", "pelatihan", "kelompok", "urut") if request.args.get(name)
    }
    return url_for("team.members.index", **{name: value for name, value in (known | changes).items() if value})


def _unit_name(found: TeamPage) -> str:
    if found.unit is not None:
        return found.unit.name
    if not found.headed:
        return "Bawahan Anda"
    return found.headed[0].name if len(found.headed) == 1 else "Unit-unit Anda"


def _filters(found: TeamPage, wanted: TeamFilter) -> list[Filter]:
    units = {
        unit.unit_id: unit.name
        for unit in (*(found.headed if len(found.headed) > 1 else ()), *([found.unit] if found.unit else ()), *found.units)
    }
    courses = {course.course_id: course.title for course in found.courses}
    chosen_group = next((word for word, (group, _) in GROUPS.items() if group is wanted.group), "")
    chosen_order = next((word for word, (order, _) in ORDERS.items() if order is wanted.order), "")
    filters = [
        Filter(
            "lingkup",
            "Lingkup",
            _options("Seluruh bawahan", {"langsung": "Bawahan langsung"}, "langsung" if wanted.is_direct else ""),
        ),
        Filter("pelatihan", "Pelatihan", _options("Semua pelatihan", courses, wanted.course_id)),
        Filter("kelompok", "Keadaan", _options("Semua", {word: label for word, (_, label) in GROUPS.items()}, chosen_group)),
        Filter("urut", "Urutkan", _options("Nama", {word: label for word, (_, label) in ORDERS.items()}, chosen_order)),
    ]
    return [Filter("unit", "Unit", _options("Semua unit", units, wanted.unit_id)), *filters] if units else filters


def _options(everything: str, labels: dict[Any, str], chosen: Any) -> list[Option]:
    first = Option("", everything, not chosen)
    return [first, *(Option(str(value), label, value == chosen) for value, label in labels.items())]


def _line(row: TeamRow, found: TeamPage, wanted: TeamFilter, now: datetime) -> MemberLine:
    zone = user().time_zone
    offered = [course for course in found.courses if wanted.course_id in (None, course.course_id)]
    shown = [lines.course_line(course) for course in row.courses[:MOST_COURSES]]
    if not shown:
        shown = [CourseLine("", rules.status_words(State.NOT_STARTED, 0), "", 0)]
    more = len(row.courses) - MOST_COURSES
    seen = row.last_activity_at
    first = lines.extend_form(row.person_id, row.display_name, row.due[0], now) if row.due else None
    return MemberLine(
        name=row.display_name,
        url=url_for("team.members.show", person_id=row.person_id),
        position=" · ".join(part for part in (row.position, row.unit_name) if part),
        jp_label=f"{row.jp} dari {row.target} JP" if row.target else f"{row.jp} JP",
        jp_percent=min(100, 100 * row.jp // row.target) if row.target else 100 * (row.jp > 0),
        courses=shown,
        more_label=f"dan {more} pelatihan lain" if more > 0 else "",
        due_label=f"{first.course_title}: {first.due_label}" if first else "",
        is_late=first is not None and first.is_late,
        activity_label=language.long_date(seen, zone) if seen else "Belum ada",
        action=lines.invitation(row.display_name, row.courses, row.jp_left, offered, now),
        thank=lines.thank_form(row.person_id, row.display_name, row.courses, row.thanked, now),
    )


def _pager(found: TeamPage) -> dict[str, Any] | None:
    if found.page_count == 1:
        return None
    return {
        "label": f"Halaman {language.number(found.page)} dari {language.number(found.page_count)}",
        "previous_url": _address(hal=found.page - 1) if found.page > 1 else None,
        "next_url": _address(hal=found.page + 1) if found.page < found.page_count else None,
    }


# ------------------------------------------------------------------ one person


@bp.get("/pegawai/<int:person_id>")
def show(person_id: int) -> str:
    """The story, when its opening was noted today; else what opening it means, and the button (R91)."""
    who = user()
    now = clock.now()
    member = min(person_id, 2**31 - 1)
    on = staff_date(now)
    queries.require_member(reading(), who.person_id, member, on)
    if not views.viewed_today(reading(), who.person_id, member, "progress", now):
        person = identity(reading(), member, on)
        return render_template(
            "team/members/open_story.html", person=_named(person), person_id=member, **navigation.of("members")
        )
    story = queries.learning_story(reading(), who.person_id, member, on, now=now, settings=agency.current())
    return render_template(
        "team/members/show.html",
        person=_named(story),
        person_id=member,
        jp=story.meter,
        due=[lines.extend_form(member, story.display_name, each, now) for each in story.due],
        days=DAYS,
        courses=[lines.course_line(course, _dates(course, story)) for course in story.courses],
        entries=[
            {"title": entry.title, "jp": entry.jp, "date": language.long_date(entry.completed_at, entry.time_zone)}
            for entry in story.entries
        ],
        certificates=[
            {
                "title": row.course_title,
                "number": row.number,
                "date": language.long_date(row.issued_at, story.time_zone),
                "state_label": f"Sudah {row.state.label}" if row.state.value != "valid" else None,
            }
            for row in story.certificates
        ],
        action=lines.invitation(story.display_name, story.courses, story.meter.left, story.offered, now),
        thank=lines.thank_form(member, story.display_name, story.courses, story.thanked, now),
        **navigation.of("members"),
    )


@bp.post("/pegawai/<int:person_id>")
def open_story(person_id: int) -> Response:
    """Note that the story is opened, which the person can see, and show it."""
    who = user()
    now = clock.now()
    member = min(person_id, 2**31 - 1)
    queries.require_member(reading(), who.person_id, member, staff_date(now))
    with writing() as session:
        views.record_view(session, viewer_id=who.person_id, person_id=member, what="progress", now=now)
    return redirect(url_for(".show", person_id=member), 303)


def _named(person: LearningStory | Identity) -> dict[str, str]:
    return {
        "name": person.display_name,
        "position": " · ".join(part for part in (person.position, person.unit_name) if part),
    }


def _dates(course: MemberCourse, story: LearningStory) -> str:
    if course.completed_at is not None:
        return f"Selesai {language.long_date(course.completed_at, story.time_zone)}"
    if course.state is State.NOT_STARTED:
        return f"Terdaftar sejak {language.long_date(course.last_activity_at, story.time_zone)}"
    return f"Kegiatan terakhir {language.long_date(course.last_activity_at, story.time_zone)}"
