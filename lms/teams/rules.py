"""Pure rules of the supervisor's pages: who needs a word, which one, and how figures are said. No database, no clock."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from urllib.parse import quote

from lms.people.rules import staff_date
from lms.progress.types import State
from lms.teams.types import DueCourse, Group, MemberCourse, OfferedCourse, TeamCounts, TeamRow, Word

QUIET_AFTER = timedelta(days=14)
"""So long without activity is stuck; and so long is a finish recent enough for a word of thanks."""
WORDS = 5
DIGITS_OF_A_NUMBER = 9
SMALLEST_GROUP = 5
"""Means of fewer people say too much about each (D60)."""


def quiet_since(now: datetime) -> datetime:
    """Activity before this moment is long ago."""
    return now - QUIET_AFTER


def due_until(now: datetime) -> date:
    """Last day that counts as soon."""
    return staff_date(now) + QUIET_AFTER


def groups_of(courses: Iterable[MemberCourse], now: datetime, due: Iterable[DueCourse] = ()) -> set[Group]:
    """The groups a person is in. Says for one row what teams.queries counts for the whole unit."""
    since = quiet_since(now)
    found = set()
    courses = list(courses)
    if any(course.state is State.IN_PROGRESS and course.last_activity_at < since for course in courses):
        found.add(Group.STUCK)
    if all(course.state is State.NOT_STARTED for course in courses):
        found.add(Group.NOT_BEGUN)
    if any(course.completed_at is not None and course.completed_at >= since for course in courses):
        found.add(Group.FINISHED)
    if any(each.due_on <= due_until(now) for each in due):
        found.add(Group.DUE)
    return found


def unthanked(row: TeamRow) -> TeamRow:
    """The row without the courses that the reader has thanked for."""
    return replace(row, courses=tuple(each for each in row.courses if each.course_id not in row.thanked))


def name_patterns(query: str) -> list[str]:
    """LIKE patterns (escaped by "/") of the words to look for in a name, in lower case, at most five."""
    visible = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in query[:200])
    return ["%" + re.sub("([/%_])", r"/\1", word) + "%" for word in visible.lower().split()[:WORDS]]


def is_staff_number(query: str) -> bool:
    """Whether somebody typed a NIP. It is not looked for, because it would stay in addresses and histories (R86)."""
    return sum(sign.isdigit() for sign in query) >= DIGITS_OF_A_NUMBER


def mean_jp(counts: TeamCounts) -> Decimal | None:
    """JP per person with one decimal; None for small groups, whose mean would tell about single people (D60)."""
    if counts.people < SMALLEST_GROUP:
        return None
    return (Decimal(counts.jp) / counts.people).quantize(Decimal("0.1"), ROUND_HALF_UP)


def status_words(state: State, percent: int) -> str:
    """The status as every list says it (D73)."""
    return {State.NOT_STARTED: "Belum mulai", State.IN_PROGRESS: f"Berjalan {percent} %", State.DONE: "Selesai"}[state]


# ------------------------------------------------------------------ a word for each (D61-D63)


def word_for(
    courses: Sequence[MemberCourse],
    jp_left: int,
    offered: Collection[OfferedCourse],
    now: datetime,
) -> Word | None:
    """The one thing to say to a person now: help with what got stuck, thanks for what was just finished, or an invitation to
    begin. None for somebody who is learning or has reached the target: they need no reminder."""
    groups = groups_of(courses, now)
    running = [course for course in courses if course.state is State.IN_PROGRESS]
    if Group.STUCK in groups:
        oldest = min(running, key=lambda each: (each.last_activity_at, each.course_id))
        return Word(oldest.course_key, oldest.title, is_begun=True)
    if Group.FINISHED in groups:
        *_, course = max((each.completed_at, each.course_id, each) for each in courses if each.completed_at is not None)
        return Word(course.course_key, course.title, is_thanks=True, course_id=course.course_id)
    if running or (Group.NOT_BEGUN not in groups and not jp_left):
        return None
    return _first_step(courses, offered)


def _first_step(courses: Iterable[MemberCourse], offered: Iterable[OfferedCourse]) -> Word | None:
    """A course that was entered without beginning, else the shortest on offer that is new to the person."""
    entered = next((course for course in courses if course.state is State.NOT_STARTED), None)
    if entered is not None:
        return Word(entered.course_key, entered.title)
    mine = {course.course_id for course in courses}
    fresh = [course for course in offered if course.course_id not in mine]
    shortest = min(fresh, key=lambda each: (each.jp == 0, each.minutes, each.course_key), default=None)
    return Word(shortest.course_key, shortest.title) if shortest else None


def invitation(course_title: str, jp_left: int, base_url: str, course_key: str, *, is_begun: bool = False) -> str:
    """A ready message: the benefit, no blame (D62), and nothing that says who it is about (D63), because its text travels in an
    address. `jp_left` 0 leaves the target out."""
    verb = "melanjutkan" if is_begun else "mengikuti"
    kept = " Yang sudah selesai tetap tersimpan, jadi tinggal meneruskan dari tempat terakhir." if is_begun else ""
    target = f" Sekaligus mendekatkan target tahun ini, tinggal {jp_left} JP lagi." if jp_left else ""
    return (
        f"Selamat bekerja, Bapak/Ibu.\n\nSaya mengajak Bapak/Ibu {verb} pelatihan “{course_title}”. "
        f"Materinya pendek-pendek, dapat dibuka dari ponsel di sela pekerjaan, dan dipakai langsung untuk warga yang kita layani."
        f"{kept}{target}\n\nBuka di sini: {base_url.rstrip('/')}/pelatihan/{course_key}\n\n"
        f"Bila waktunya sulit, kabari saya supaya kita atur bersama. Terima kasih."
    )


def thanks(course_title: str) -> str:
    """A ready word of recognition for somebody who finished (D61), without a name like every text in an address."""
    return (
        f"Terima kasih, Bapak/Ibu, sudah menyelesaikan pelatihan “{course_title}”. Ini berarti bagi unit kita dan bagi warga yang "
        f"kita layani. Bila berkenan, ceritakan satu hal yang sudah dicoba di tempat kerja."
    )


@lru_cache(maxsize=512)
def whatsapp_url(text: str) -> str:
    """An address that opens WhatsApp with the text ready; the sender chooses to whom, so no number is needed."""
    return f"https://wa.me/?text={quote(text, safe='')}"


# ------------------------------------------------------------------ figures of reports


def percent(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal; None of nothing."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def median(counts: Mapping[int, int]) -> Decimal | None:
    """The median of values given with how often each occurs, with one decimal; None of nothing."""
    total = sum(counts.values())
    passed, middle = 0, []
    for value in sorted(counts):
        middle += [value for place in ((total - 1) // 2, total // 2) if passed <= place < passed + counts[value]]
        passed += counts[value]
    return (Decimal(sum(middle)) / 2).quantize(Decimal("0.1")) if total else None


def hidden_lines(sizes: Sequence[int]) -> set[int]:
    """Places of the lines whose figures a superior is not shown: groups of fewer than five (D60) and, where those are fewer than five
    together and could be found by subtraction, the next larger line as well."""
    hidden = {place for place, size in enumerate(sizes) if 0 < size < SMALLEST_GROUP}
    if 0 < sum(sizes[place] for place in hidden) < SMALLEST_GROUP:
        others = [(size, place) for place, size in enumerate(sizes) if size >= SMALLEST_GROUP]
        hidden |= {min(others)[1]} if others else set()
    return hidden
