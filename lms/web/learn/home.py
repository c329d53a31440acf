"""Home: how many JP this year, and one button to the exact place left yesterday."""

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, url_for

from lms.care import inventory
from lms.content import library
from lms.content.types import ItemKind
from lms.messages.queries import unread_count
from lms.people import privacy
from lms.people import queries as people
from lms.progress import jp, queries
from lms.progress.competencies import Suggestion, standings
from lms.progress.queries import CourseCard as MyCourse
from lms.progress.queries import Piece, Place
from lms.progress.types import State
from lms.web import clock
from lms.web.claims import rules_today
from lms.web.extensions import reading
from lms.web.identity import user
from lms.web.learn import asked as asking
from lms.web.learn.shapes import KIND_LABELS, CourseCard, Link, Note, address, course_meta

bp = Blueprint("home", __name__)
SUGGESTIONS = 3
QUICK_MINUTES = 10
MOST_RUNNING = 6


@bp.get("/")
def index() -> str:
    who = user()
    session = reading()
    today = clock.today(who.time_zone)
    identity = people.identity(session, who.person_id, today)
    mine = queries.my_courses(session, who.person_id)
    meter = jp.jp_meter(session, who.person_id, today.year, identity.employment_kind)
    asked = asking.for_home(who.person_id, mine)
    place = asked.place or queries.resume_place(session, who.person_id, mine)
    pieces = queries.short_pieces(session, who.person_id, QUICK_MINUTES, mine)
    running = [course for course in mine if course.state is not State.DONE]
    known = standings(rules_today(), identity.position, mine)
    about = f"{identity.position} {identity.unit_name}"
    return render_template(
        "learn/home/index.html",
        greeting=f"{_time_of_day(who.time_zone)}, {identity.display_name}",
        jp=meter,
        resume=asked.begin or _resume(place),
        asked_label=asked.label,
        short=_short(pieces, place),
        running=[running_card(course, asked.words.get(course.course_key)) for course in running[:MOST_RUNNING]],
        finished=[finished_card(course) for course in mine if course.state is State.DONE][:MOST_RUNNING],
        suggestions=[_suggestion(each, meter.left) for each in queries.suggestions(session, mine, known, about, SUGGESTIONS)],
        notices=[
            *_messages(unread_count(session, who.person_id)),
            *asking.recent_thanks(who.person_id, mine),
            *asked.notes,
            *_privacy(),
            *_notices(mine),
        ],
        active_nav="home",
    )


def _time_of_day(time_zone: str) -> str:
    hour = clock.now().astimezone(ZoneInfo(time_zone)).hour
    return (
        "Selamat pagi" if 4 <= hour < 11 else "Selamat siang" if hour < 15 else "Selamat sore" if hour < 19 else "Selamat malam"
    )


def piece_url(course_key: str, item_key: str, kind: ItemKind, heading: str = "") -> str:
    return address(course_key, kind, item_key) + (f"#{heading}" if heading else "")


def _resume(place: Place | None) -> Link | None:
    if place is None:
        return None
    kind = "" if place.kind is ItemKind.LESSON else f"{KIND_LABELS[place.kind]} · "
    return Link(
        piece_url(place.course_key, place.item_key, place.kind, place.heading),
        place.item_title,
        course_title=place.course_title,
        place="Menunggu dinilai. Tidak ada yang perlu dikerjakan sekarang."
        if place.is_waiting
        else f"{kind}kira-kira {place.minutes} menit" + (" · dari tempat terakhir" if place.heading else ""),
    )


def _short(pieces: list[Piece], place: Place | None) -> Link | None:
    """The next piece that fits into ten minutes; named even when it is the same as the place to resume."""
    if not pieces:
        return None
    piece = pieces[0]
    return Link(
        piece_url(piece.course_key, piece.item_key, piece.kind),
        piece.title,
        meta=f"{KIND_LABELS[piece.kind]} · ±{piece.minutes} menit",
    )


def running_card(course: MyCourse, asked: str | None = None) -> CourseCard:
    label = f"{course.done_count} dari {course.total_count} selesai"
    return CourseCard(
        url_for("learn.courses.show", course_key=course.course_key),
        course.title,
        [f"{course.jp} JP", f"sisa ±{course.minutes_left} menit" if course.minutes_left else "menunggu dinilai"],
        percent=course.percent,
        progress_label=label,
        status_label="Edisi baru" if course.has_newer_edition else None,
        status_kind="ingat" if course.has_newer_edition else "",
        reasons=[asked] if asked else [],
    )


def finished_card(course: MyCourse) -> CourseCard:
    return CourseCard(
        url_for("learn.courses.finished", course_key=course.course_key),
        course.title,
        [f"{course.jp} JP"],
        status_label="Selesai",
        status_kind="baik",
    )


def _suggestion(suggestion: Suggestion, jp_left: int) -> CourseCard:
    outline = suggestion.published.outline
    return CourseCard(
        url_for("learn.courses.show", course_key=outline.key),
        outline.title,
        course_meta(outline),
        summary=outline.summary,
        reasons=_reasons(suggestion, jp_left),
    )


def _reasons(suggestion: Suggestion, jp_left: int) -> list[str]:
    """Why this course: the gap of the post (D15), and the JP of the year (D11)."""
    gap, jp = suggestion.standing, suggestion.published.outline.jp
    reasons = []
    if gap and gap.reached:
        reasons.append(f"Karena kesenjangan {gap.name}: level {gap.reached} → {min(suggestion.level, gap.required)}.")
    elif gap:
        reasons.append(f"Jabatan Anda memerlukan {gap.name} level {gap.required}, dan belum ada pelatihan yang tercatat.")
    if suggestion.topic:
        reasons.append(f"Dekat dengan tugas Anda: {suggestion.topic}.")
    if jp_left:
        reasons.append(f"Menutup {min(jp, jp_left)} dari {jp_left} JP yang masih kurang.")
    return reasons or ["Belum pernah Anda ikuti."]


def _privacy() -> list[Note]:
    """One line until the page about one's own data has been read."""
    if privacy.has_read(reading(), user().person_id, inventory.VERSION):
        return []
    url = url_for("public.privacy.show")
    return [Note("info", "Baca bagaimana Pelita memakai dan melindungi data Anda.", url, "Buka halaman privasi")]


def _messages(unread: int) -> list[Note]:
    return [Note("info", f"{unread} pesan belum dibaca.", url_for("own.messages.index"), "Buka pesan")] if unread else []


def _notices(mine: list[MyCourse]) -> list[Note]:
    """What changed in a course since it was passed: a word, never a duty."""
    session = reading()
    notes = []
    for course in mine:
        if course.state is not State.DONE or not course.has_newer_edition:
            continue
        changes = library.changes_between(
            session, library.edition(session, course.edition_id), library.current(session, course.course_key)
        )
        if changes.new_items:
            url = url_for("learn.courses.changes", course_key=course.course_key)
            notes.append(
                Note(
                    "info",
                    f"{len(changes.new_items)} materi baru di “{course.title}” sejak Anda lulus.",
                    url,
                    "Lihat perubahannya",
                )
            )
    return notes
