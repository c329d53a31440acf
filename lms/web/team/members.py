"""The supervisor's page: how the people below are learning, and one ready word for each who could use it (D28, D63)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for

from config import Config
from lms.people.rules import staff_date
from lms.progress.claim_queries import waiting_below
from lms.progress.rules import jp_year
from lms.progress.types import State
from lms.quizzes.queue import waiting_for_superior
from lms.teams import queries, rules
from lms.teams.queries import LearningStory
from lms.teams.types import Group, MemberCourse, OfferedCourse, Order, TeamFilter, TeamPage, TeamRow
from lms.web import agency, clock, language
from lms.web.extensions import reading
from lms.web.filters import Filter, Option
from lms.web.identity import user
from lms.web.team import navigation

bp = Blueprint("members", __name__)
GROUP_WORDS = {"mandek": Group.STUCK, "belum": Group.NOT_BEGUN, "selesai": Group.FINISHED}
GROUPS = (
    ("mandek", "Mandek", "Sudah mulai, tetapi 14 hari tanpa kegiatan.", "Lihat dan ajak"),
    ("belum", "Belum mulai", "Satu ajakan yang ramah sering cukup untuk mulai.", "Lihat dan ajak"),
    ("selesai", "Baru selesai", "Menyelesaikan pelatihan dalam 14 hari terakhir.", "Lihat dan ucapkan terima kasih"),
)
STATUS_KINDS = {State.NOT_STARTED: "", State.IN_PROGRESS: "ingat", State.DONE: "baik"}
MOST_COURSES = 3
"""Courses named in one row; the rest are counted."""
LONGEST_NUMBER = 9


@dataclass(frozen=True)
class GroupCard:
    label: str
    count: int
    text: str
    url: str
    action: str
    is_open: bool


@dataclass(frozen=True)
class CourseLine:
    title: str
    status_label: str
    status_kind: str
    percent: int
    dates: str = ""


@dataclass(frozen=True)
class Action:
    url: str
    label: str
    spoken: str


@dataclass(frozen=True)
class MemberLine:
    name: str
    url: str
    position: str
    jp_label: str
    jp_percent: int
    courses: list[CourseLine]
    more_label: str
    activity_label: str
    action: Action | None


# ------------------------------------------------------------------ the list


@bp.get("")
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
        to_mark=waiting_for_superior(reading(), who.person_id, now),
        claims_waiting=len(waiting_below(reading(), who.person_id, staff_date(now))),
        groups=_groups(found, wanted),
        summary=_summary(found, jp_year(now, who.time_zone)),
        counted_label=f"Ringkasan dihitung pukul {language.clock_time(found.counted_at, who.time_zone)}."
        if found.counted_at < now
        else "",
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
        group=GROUP_WORDS.get(request.args.get("kelompok", "")),
        order=Order.FEWEST_JP if request.args.get("urut") == "jp" else Order.NAME,
    )


def _address(**changes: Any) -> str:
    """This page with some of its filters changed, from the first page on unless `hal` says otherwise."""
    known = {name: request.args[name] for name in ("q", "unit", "pelatihan", "kelompok", "urut") if request.args.get(name)}
    return url_for("team.members.index", **{name: value for name, value in (known | changes).items() if value})


def _unit_name(found: TeamPage) -> str:
    if found.unit is not None:
        return found.unit.name
    return found.headed[0].name if len(found.headed) == 1 else "Unit-unit Anda"


def _groups(found: TeamPage, wanted: TeamFilter) -> list[GroupCard]:
    return [
        GroupCard(
            label,
            found.counts.groups[GROUP_WORDS[word]],
            text,
            _address(kelompok=word, q=None, _anchor="anggota"),
            action,
            wanted.group is GROUP_WORDS[word],
        )
        for word, label, text, action in GROUPS
    ]


def _summary(found: TeamPage, year: int) -> list[tuple[str, str]]:
    counts, mean = found.counts, rules.mean_jp(found.counts)
    facts = [("Pegawai", f"{language.number(counts.people)} orang")]
    if counts.with_target:
        reached = f"{language.number(counts.reached)} dari {language.number(counts.with_target)} orang"
        facts.append((f"Mencapai target JP {year}", reached))
    if mean is not None:
        facts.append((f"Rata-rata capaian {year}", f"{language.number(mean)} JP"))
    return facts


def _filters(found: TeamPage, wanted: TeamFilter) -> list[Filter]:
    units = {
        unit.unit_id: unit.name
        for unit in (*(found.headed if len(found.headed) > 1 else ()), *([found.unit] if found.unit else ()), *found.units)
    }
    courses = {course.course_id: course.title for course in found.courses}
    words = {word: label for word, label, _, _ in GROUPS}
    chosen_group = next((word for word, group in GROUP_WORDS.items() if group is wanted.group), "")
    filters = [
        Filter("pelatihan", "Pelatihan", _options("Semua pelatihan", courses, wanted.course_id)),
        Filter("kelompok", "Keadaan", _options("Semua", words, chosen_group)),
        Filter("urut", "Urutkan", _options("Nama", {"jp": "JP paling sedikit"}, "jp" if wanted.order is Order.FEWEST_JP else "")),
    ]
    return [Filter("unit", "Unit", _options("Semua unit", units, wanted.unit_id)), *filters] if units else filters


def _options(everything: str, labels: dict[Any, str], chosen: Any) -> list[Option]:
    first = Option("", everything, not chosen)
    return [first, *(Option(str(value), label, value == chosen) for value, label in labels.items())]


def _line(row: TeamRow, found: TeamPage, wanted: TeamFilter, now: datetime) -> MemberLine:
    zone = user().time_zone
    offered = [course for course in found.courses if wanted.course_id in (None, course.course_id)]
    shown = [_course_line(course) for course in row.courses[:MOST_COURSES]]
    if not shown:
        shown = [CourseLine("", rules.status_words(State.NOT_STARTED, 0), "", 0)]
    more = len(row.courses) - MOST_COURSES
    seen = row.last_activity_at
    return MemberLine(
        name=row.display_name,
        url=url_for("team.members.show", person_id=row.person_id),
        position=" · ".join(part for part in (row.position, row.unit_name) if part),
        jp_label=f"{row.jp} dari {row.target} JP" if row.target else f"{row.jp} JP",
        jp_percent=min(100, 100 * row.jp // row.target) if row.target else 100 * (row.jp > 0),
        courses=shown,
        more_label=f"dan {more} pelatihan lain" if more > 0 else "",
        activity_label=language.long_date(seen, zone) if seen else "Belum ada",
        action=_action(row.courses, row.jp_left, offered, row.display_name, now),
    )


def _course_line(course: MemberCourse, dates: str = "") -> CourseLine:
    words = rules.status_words(course.state, course.percent)
    return CourseLine(course.title, words, STATUS_KINDS[course.state], course.percent, dates)


def _action(
    courses: tuple[MemberCourse, ...], jp_left: int, offered: list[OfferedCourse], name: str, now: datetime
) -> Action | None:
    """The ready WhatsApp message for one person. Its address names the course and nobody (D63)."""
    word = rules.word_for(courses, jp_left, offered, now)
    if word is None:
        return None
    if word.is_thanks:
        url = rules.whatsapp_url(rules.thanks(word.course_title))
        return Action(url, "Ucapkan terima kasih", f"Ucapkan terima kasih kepada {name} lewat WhatsApp")
    config: Config = current_app.config["PELITA"]
    text = rules.invitation(word.course_title, jp_left, config.base_url, word.course_key, is_begun=word.is_begun)
    return Action(rules.whatsapp_url(text), "Ajak lewat WhatsApp", f"Ajak {name} lewat WhatsApp")


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
    who = user()
    now = clock.now()
    story = queries.learning_story(
        reading(), who.person_id, min(person_id, 2**31 - 1), staff_date(now), now=now, settings=agency.current()
    )
    return render_template(
        "team/members/show.html",
        person={"name": story.display_name, "position": " · ".join(part for part in (story.position, story.unit_name) if part)},
        jp=story.meter,
        courses=[_course_line(course, _dates(course, story)) for course in story.courses],
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
        action=_action(story.courses, story.meter.left, list(story.offered), story.display_name, now),
        **navigation.of("members"),
    )


def _dates(course: MemberCourse, story: LearningStory) -> str:
    if course.completed_at is not None:
        return f"Selesai {language.long_date(course.completed_at, story.time_zone)}"
    if course.state is State.NOT_STARTED:
        return f"Terdaftar sejak {language.long_date(course.last_activity_at, story.time_zone)}"
    return f"Kegiatan terakhir {language.long_date(course.last_activity_at, story.time_zone)}"
