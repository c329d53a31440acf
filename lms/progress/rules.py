"""Pure rules of progress: how far someone is, what may be skipped, and what the learning time is worth. No database, no clock."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import ceil
from zoneinfo import ZoneInfo

from lms.content.assignments import HandIn
from lms.content.types import CompletionPart, Item, ItemKind, Outline
from lms.progress.types import EditionChange, Facts, ItemStatus, JpMeter, ModuleOffer, State, Status

GRADED = {ItemKind.QUIZ: "kuis", ItemKind.ASSIGNMENT: "tugas", ItemKind.POSTTEST: "posttest"}
"""Kinds whose scores make the final score, by their name in `bobot`."""
PART_OF_KIND = {
    ItemKind.LESSON: CompletionPart.ALL_LESSONS,
    ItemKind.QUIZ: CompletionPart.ALL_QUIZZES,
    ItemKind.ASSIGNMENT: CompletionPart.ASSIGNMENTS,
    ItemKind.POSTTEST: CompletionPart.POSTTEST,
}
NEVER_REQUIRED = (ItemKind.PRETEST, ItemKind.PRACTICE, ItemKind.SURVEY)
SKIPPABLE = (ItemKind.LESSON, ItemKind.QUIZ, ItemKind.PRACTICE)
"""What testing out of a module covers: its material and quizzes, never a test or work that a person marks."""

DAY = 24 * 60 * 60


def status(facts: Facts, outline: Outline) -> Status:
    """How far someone is. Every page, export, report and summary takes its percentages and ticks from here (DESIGN.md law 2).

    A finished course stays finished whatever the outline becomes (law 3): with `completed_at` set the percentage is 100.
    """
    done = {item.key for item in outline.items if is_done(item, facts)}
    required = required_items(outline)
    done_count = sum(item.key in done for item in required)
    is_complete = bool(required) and done_count == len(required)
    is_finished = is_complete or facts.completed_at is not None
    handed_in = done | facts.waiting
    locks = {} if is_finished else _locks(outline, done, facts.waiting)
    return Status(
        state=_state(facts, is_finished),
        percent=100 if is_finished else min(99, 100 * done_count // max(1, len(required))),
        done_count=done_count,
        total_count=len(required),
        minutes_left=0 if is_finished else sum(item.minutes for item in required if item.key not in handed_in),
        next_key="" if is_finished else _next_key(facts, outline, required, done, locks),
        items={
            item.key: ItemStatus(
                key=item.key,
                is_done=item.key in done,
                is_tested_out=is_tested_out(item, facts.modules_tested_out),
                locked_by=locks.get(item.key, ""),
                is_waiting=item.key in facts.waiting and item.key not in done,
                score=facts.best_scores.get(item.key),
            )
            for item in outline.items
        },
        is_complete=is_complete,
        final_score=final_score(facts, outline),
    )


def required_items(outline: Outline) -> tuple[Item, ...]:
    """The items that make the course complete (`lulus-bila`). A rule that names nothing the course has falls back to all
    required items, so that no course is complete before anything was learnt."""
    candidates = [item for item in outline.items if item.required and item.kind not in NEVER_REQUIRED]
    return tuple(item for item in candidates if PART_OF_KIND[item.kind] in outline.completion) or tuple(candidates)


def is_tested_out(item: Item, modules: Iterable[str]) -> bool:
    return bool(item.module_key) and item.module_key in modules and item.kind in SKIPPABLE


def is_done(item: Item, facts: Facts) -> bool:
    """Whether the facts finish this item. A lesson needs its own fact, also when all its questions are answered."""
    if is_tested_out(item, facts.modules_tested_out):
        return True
    if item.kind is ItemKind.LESSON:
        return item.key in facts.lessons_done
    if item.kind in NEVER_REQUIRED:
        return item.key in facts.quizzes_tried or item.key in facts.quizzes_passed
    return item.key in facts.quizzes_passed


def _state(facts: Facts, is_finished: bool) -> State:
    if is_finished:
        return State.DONE
    begun = facts.lessons_done or facts.quizzes_tried or facts.quizzes_passed or facts.modules_tested_out
    return State.IN_PROGRESS if begun else State.NOT_STARTED


def _locks(outline: Outline, done: set[str], waiting: frozenset[str]) -> dict[str, str]:
    """Locked item to the unfinished item that must come first: the first required one before it (`urut`), or its own
    prerequisite. Nobody is ever at a dead end: work that waits to be marked holds nothing back, and locks that would leave
    nothing to do are dropped."""
    settled = done | waiting
    known = {item.key for item in outline.items}
    locks: dict[str, str] = {}
    first_unfinished = ""
    for item in outline.items:
        if item.key not in settled:
            waits_for = next((key for key in item.prerequisites if key in known and key not in settled and key != item.key), "")
            lock = (first_unfinished if outline.in_order else "") or waits_for
            if lock:
                locks[item.key] = lock
            if item.required and item.kind not in NEVER_REQUIRED:
                first_unfinished = first_unfinished or item.key
    is_stuck = all(item.key in settled or item.key in locks for item in outline.items)
    return {} if is_stuck else locks


def _next_key(facts: Facts, outline: Outline, required: tuple[Item, ...], done: set[str], locks: Mapping[str, str]) -> str:
    """What can be done now; when only marking is awaited, the work that waits."""
    opened = [item for item in outline.items if item.key not in done and item.key not in locks]
    if _state(facts, False) is State.NOT_STARTED:
        pretest = next((item for item in opened if item.kind is ItemKind.PRETEST), None)
        if pretest:
            return pretest.key
    keys = {item.key for item in required}
    return next((item.key for item in sorted(opened, key=lambda item: (item.key in facts.waiting, item.key not in keys))), "")


def final_score(facts: Facts, outline: Outline) -> int | None:
    """Mean score by kind, weighted by `bobot` over the kinds that have a score, in hundredths of 100, rounded half up."""
    means: dict[str, tuple[int, int]] = {}
    for kind, name in GRADED.items():
        scores = [facts.best_scores[i.key] for i in outline.items if i.kind is kind and i.required and i.key in facts.best_scores]
        if scores:
            means[name] = (sum(scores), len(scores))
    if not means:
        return None
    weights = {name: outline.weights.get(name, 0) for name in means}
    if not any(weights.values()):
        weights = dict.fromkeys(means, 1)
    common = 1
    for _, count in means.values():
        common *= count
    total = sum(weights[name] * (points * common // count) for name, (points, count) in means.items())
    divisor = sum(weights.values()) * common
    return (2 * total + divisor) // (2 * divisor)


def new_since_completion(facts: Facts, outline: Outline) -> tuple[str, ...]:
    """Keys of required items that a finished learner has not done: "2 materi baru sejak Anda lulus"."""
    if facts.completed_at is None:
        return ()
    return tuple(item.key for item in required_items(outline) if not is_done(item, facts))


# ------------------------------------------------------------------ due dates of assignments (D75)


def due_at(hand_in: HandIn, enrolled_at: datetime, zone: str) -> datetime | None:
    """When work is due, None without a due date. A date, and a span in whole days, end with the day where the learner works."""
    if hand_in.due_on:
        return end_of_day(date.fromisoformat(hand_in.due_on), zone)
    if not hand_in.due_seconds:
        return None
    due = enrolled_at + timedelta(seconds=hand_in.due_seconds)
    return due if hand_in.due_seconds % DAY else end_of_day(due.astimezone(ZoneInfo(zone)).date(), zone)


@lru_cache(maxsize=1024)
def end_of_day(day: date, zone: str) -> datetime:
    """The moment (UTC) at which a day is over in a zone: until then what is due on it is in time (D75)."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def position_words(text: str) -> str:
    """Words that a position must all contain, in the form in which requirements keep them: letters and digits, small, single blanks."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def days_late(due: datetime | None, handed_in_at: datetime) -> int:
    """Days begun after the due date; 0 = in time."""
    return max(0, ceil((handed_in_at - due).total_seconds() / DAY)) if due else 0


# ------------------------------------------------------------------ testing out (D43)


def test_out_offer(outline: Outline, module_scores: Mapping[str, int], facts: Facts) -> list[ModuleOffer]:
    """What the pre-test showed, module by module in course order. A module may be skipped when the course allows it, the
    score reaches its mark, it was not skipped before, and something in it is still to be done."""
    offers = []
    for module in outline.modules:
        if module.key not in module_scores:
            continue
        inside = [item for item in outline.items if item.module_key == module.key and item.kind in SKIPPABLE]
        unfinished = [item for item in inside if not is_done(item, facts)]
        score = module_scores[module.key]
        may_skip = 0 < outline.test_out_mark <= score and bool(unfinished) and facts.completed_at is None
        offers.append(ModuleOffer(module.key, module.title, score, may_skip, sum(item.minutes for item in unfinished)))
    return offers


def compare_editions(facts: Facts, old: Outline, new: Outline) -> EditionChange:
    """What a learner gains, loses and keeps by moving from one edition to another."""
    before, after = status(facts, old), status(facts, new)
    old_keys, new_keys = ({item.key for item in outline.items} for outline in (old, new))
    return EditionChange(
        added=tuple((item.key, item.title) for item in new.items if item.key not in old_keys),
        removed=tuple((item.key, item.title) for item in old.items if item.key not in new_keys),
        percent_now=before.percent,
        percent_then=after.percent,
        minutes_then=after.minutes_left,
    )


# ------------------------------------------------------------------ JP (D1-D6)


def jp_of(outline: Outline, tested_out: Iterable[str], minutes_per_jp: int) -> tuple[int, int]:
    """(JP, minutes) that finishing is worth. Minutes are summed first and divided once (D2); skipped modules earn nothing
    (D43); never more than the course declares. Declared course minutes (`menit`) above the sum of the items are exercises
    the author counts beside them: they are shared among the items in proportion."""
    skipped = frozenset(tested_out)
    all_minutes = sum(item.minutes for item in outline.items)
    taken = sum(item.minutes for item in outline.items if not is_tested_out(item, skipped))
    minutes = taken
    if outline.minutes > all_minutes:
        minutes = outline.minutes * taken // all_minutes if all_minutes else outline.minutes
    if skipped and not any(is_done_by_learning(item, skipped) for item in outline.items):
        minutes = 0
    return min(outline.jp, minutes // max(1, minutes_per_jp)), minutes


def is_done_by_learning(item: Item, tested_out: frozenset[str]) -> bool:
    """Whether an item is material the learner went through: a lesson or quiz that was not skipped."""
    return item.kind in SKIPPABLE and not is_tested_out(item, tested_out)


def jp_year(completed_at: datetime, zone: str) -> int:
    """Calendar year of a moment where the person works (D4)."""
    return completed_at.astimezone(ZoneInfo(zone)).year


def jp_meter(year: int, earned: int, target: int, cap: int = 0, outside: int = 0) -> JpMeter:
    """The year's meter. JP above a cap are kept and shown, with a sentence that says what may be counted (D6); 0 = no cap."""
    warning = ""
    if cap and earned > cap:
        warning = (
            f"Anda sudah mencatat {earned} JP, di atas batas {cap} JP setahun untuk PPPK. Semua tetap tersimpan; "
            f"instansi mungkin hanya menghitung {cap} JP."
        )
    left = max(0, target - earned)
    return JpMeter(year=year, earned=earned, target=target, left=left, cap_warning=warning, outside=outside)
