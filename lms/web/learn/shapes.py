"""What the templates of learners read: small dataclasses made from domain rows, so that templates hold no logic."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from flask import url_for
from markupsafe import Markup

from lms.content.library import Published
from lms.content.types import Item, ItemKind, Outline
from lms.progress.types import ItemStatus, Status
from lms.quizzes.types import AttemptState, ClosedAttempt
from lms.web import language

KIND_LABELS = {
    ItemKind.LESSON: "Materi",
    ItemKind.QUIZ: "Kuis",
    ItemKind.PRETEST: "Tes awal",
    ItemKind.POSTTEST: "Tes akhir",
    ItemKind.PRACTICE: "Latihan",
    ItemKind.ASSIGNMENT: "Tugas",
    ItemKind.SURVEY: "Evaluasi",
}


@dataclass(frozen=True)
class Link:
    url: str
    title: str
    label: str = ""
    kind_label: str = ""
    place: str | None = None
    course_title: str = ""
    meta: str = ""


@dataclass(frozen=True)
class CourseCard:
    url: str
    title: str
    meta: list[str]
    summary: str | None = None
    percent: int | None = None
    progress_label: str = ""
    status_label: str | None = None
    status_kind: str = ""
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OutlineRow:
    url: str
    title: str
    meta: str
    state: str = ""
    state_label: str | None = None


@dataclass(frozen=True)
class ModuleSection:
    title: str
    meta: str
    items: list[OutlineRow] = field(default_factory=list)


@dataclass(frozen=True)
class Note:
    kind: str
    text: str
    url: str
    action: str


def item_url(course_key: str, item: Item) -> str:
    return address(course_key, item.kind, item.key)


@lru_cache(maxsize=8192)
def address(course_key: str, kind: ItemKind, item_key: str) -> str:
    """Kept, because a lesson page names a dozen neighbours and building an address costs as much as a line of text."""
    if kind is ItemKind.LESSON:
        return url_for("learn.lessons.show", course_key=course_key, lesson_key=item_key)
    if kind is ItemKind.ASSIGNMENT:
        return url_for("learn.assignments.show", course_key=course_key, item_key=item_key)
    return url_for("learn.quizzes.start", course_key=course_key, quiz_key=item_key)


def minutes_and_size(item: Item) -> str:
    """±7 menit · 24 KB"""
    size = f" · {language.kilobytes(item.size_bytes)}" if item.size_bytes else ""
    return f"±{item.minutes} menit{size}"


def long_minutes(minutes: int) -> str:
    """±4 jam 30 menit"""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"±{rest} menit"
    return f"±{hours} jam {rest} menit" if rest else f"±{hours} jam"


def course_meta(outline: Outline) -> list[str]:
    lessons = sum(item.kind is ItemKind.LESSON for item in outline.items)
    size = sum(item.size_bytes for item in outline.items)
    return [f"{outline.jp} JP", f"{lessons} materi", long_minutes(outline.minutes), language.kilobytes(size)]


def progress_label(status: Status) -> str:
    return f"{status.done_count} dari {status.total_count} selesai"


def outline_row(course_key: str, item: Item, status: ItemStatus | None, is_here: bool) -> OutlineRow:
    state, label = "", None
    if status is not None and status.is_tested_out:
        state, label = "usai", "Dikuasai lewat tes awal"
    elif status is not None and status.is_done:
        score = f", nilai {language.score(status.score)}" if status.score is not None else ""
        state, label = "usai", f"Selesai{score}"
    elif status is not None and status.is_waiting:
        state, label = "kini", "Menunggu dinilai"
    elif status is not None and status.locked_by:
        state, label = "kunci", "Belum terbuka"
    if is_here:
        state = "kini" if state != "usai" else "usai"
        label = label if status and status.is_waiting else "Anda di sini" if state != "usai" else label
    kind = "" if item.kind is ItemKind.LESSON else f"{KIND_LABELS[item.kind]} · "
    return OutlineRow(item_url(course_key, item), item.title, kind + minutes_and_size(item), state, label)


def module_sections(published: Published, status: Status | None, here: str = "") -> list[ModuleSection]:
    """The outline in course order: items outside any module stand in sections of their own, before or after."""
    groups = _groups(published.outline)
    return [_section(published.outline, key, items, number == 0, status, here) for number, (key, items) in enumerate(groups)]


def section_of(published: Published, status: Status | None, here: str) -> ModuleSection:
    """The one section that holds the item `here`."""
    groups = enumerate(_groups(published.outline))
    number, (key, items) = next(group for group in groups if any(item.key == here for item in group[1][1]))
    return _section(published.outline, key, items, number == 0, status, here)


def _groups(outline: Outline) -> list[tuple[str, list[Item]]]:
    return [(key, list(items)) for key, items in groupby(outline.items, key=lambda item: item.module_key)]


def _section(
    outline: Outline, module_key: str, items: list[Item], is_first: bool, status: Status | None, here: str
) -> ModuleSection:
    module = outline.module(module_key)
    title = module.title if module else ("Sebelum mulai" if is_first else "Penutup")
    minutes = sum(item.minutes for item in items)
    lessons = sum(item.kind is ItemKind.LESSON for item in items)
    meta = f"{lessons} materi · {long_minutes(minutes)}" if lessons else long_minutes(minutes)
    states = status.items if status else {}
    return ModuleSection(title, meta, [outline_row(outline.key, item, states.get(item.key), item.key == here) for item in items])


OUTCOMES = {AttemptState.SUBMITTED: "menunggu dinilai", AttemptState.VOIDED: "batal"}


@dataclass(frozen=True)
class PastAttempt:
    url: str
    label: str
    score_label: str
    passed: bool


def past_attempt(closed: ClosedAttempt, time_zone: str) -> PastAttempt:
    score = f"nilai {language.score(closed.score)}" if closed.score is not None else OUTCOMES.get(closed.state, "terkirim")
    return PastAttempt(
        url_for("learn.quizzes.result", token=closed.token),
        f"Percobaan {closed.try_number}, {language.long_date(closed.closed_at, time_zone)}",
        score,
        closed.passed,
    )


def markup(html: str | None) -> Markup | None:
    """Sanitised HTML of an edition, ready for a template; the only door from stored HTML to a page."""
    return Markup(html) if html else None


def time_left(deadline: datetime | None, now: datetime) -> str | None:
    """12 menit 30 detik"""
    if deadline is None:
        return None
    seconds = max(0, int((deadline - now).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} menit {rest} detik" if minutes else f"{rest} detik"
