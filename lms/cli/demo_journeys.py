"""How the demo's people learn: who begins, stays stuck or finishes which course, and when they sat down for it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from lms.content.library import Published
from lms.content.types import Item, ItemKind, Outline
from lms.progress.rules import required_items

HISTORY_DAYS = 450
"""How far back anything may lie; the courses were published before."""
SITTING_MINUTES = 40
WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Goal:
    """How far somebody came in one course, and how many days ago they were last seen there."""

    course: int
    """Place in the list of courses."""
    share: float
    """Part of the required items done; 1 = finished, 0 = enrolled only."""
    days_ago: int
    is_stuck: bool = False
    """The last thing they did was failing a quiz."""
    tests_out: bool = False
    """Skips what the pre-test shows to be known."""


@dataclass(frozen=True, slots=True)
class Step:
    """One item done at one time: a lesson, or one try of a quiz."""

    at: datetime
    """When it was finished; it began `minutes` before."""
    item_key: str
    kind: ItemKind
    minutes: int
    quality: float
    """Part of the questions known."""
    passes: bool = True


@dataclass(frozen=True, slots=True)
class Journey:
    goal: Goal
    published: Published
    enrolled_at: datetime
    steps: tuple[Step, ...]

    @property
    def finishes(self) -> bool:
        return self.goal.share >= 1


def goals(random: Random, courses: int) -> list[Goal]:
    """What one ordinary member of staff did: one in six nothing, one in three finished something, the rest on the way."""
    order = list(range(courses))
    random.shuffle(order)
    roll = random.random()
    first, second = order[0], order[1] if courses > 1 else None
    if roll < 0.17:
        return []
    if roll < 0.25:
        return [Goal(first, 0.0, random.randint(3, 60))]
    if roll < 0.37:
        return [Goal(first, random.uniform(0.08, 0.3), random.randint(1, 12))]
    if roll < 0.52:
        return [Goal(first, random.uniform(0.35, 0.85), random.randint(1, 7))]
    if roll < 0.66:
        return [Goal(first, random.uniform(0.2, 0.7), random.randint(35, 160), is_stuck=random.random() < 0.5)]
    if roll < 0.82:
        done = Goal(first, 1.0, random.randint(15, 380), tests_out=random.random() < 0.25)
        running = (
            Goal(second, random.uniform(0.1, 0.7), random.randint(1, 25))
            if second is not None and random.random() < 0.5
            else None
        )
        return [done, running] if running else [done]
    return [
        Goal(place, 1.0, random.randint(220, 390) if number == 0 else random.randint(10, 180))
        for number, place in enumerate(order[:2])
    ]


def journey(random: Random, published: Published, goal: Goal, *, zone: str, since: date, until: datetime) -> Journey | None:
    """The steps towards a goal, at working hours and some evenings of the person's zone, the last one about `goal.days_ago` days ago.

    None when there is no room for it between `since` (the first day at work) and `until`; nothing lies at or after `until`.
    """
    tasks = _tasks(random, published.outline, goal)
    seed = random.getrandbits(32)
    today = until.astimezone(ZoneInfo(zone)).date()
    last_on = today - timedelta(days=goal.days_ago)
    needed = (_schedule(Random(seed), tasks, last_on, zone)[-1].at.date() - last_on).days if tasks else 0
    for shift in range(needed, needed + 15):  # weekends stretch differently at another beginning
        start = last_on - timedelta(days=shift)
        steps = _schedule(Random(seed), tasks, start, zone)
        if not steps or steps[-1].at < until and steps[-1].at.astimezone(ZoneInfo(zone)).date() <= last_on:
            break
    enrolled_at = steps[0].at - timedelta(minutes=steps[0].minutes + 3) if steps else _moment(start, 9 * 60 + seed % 300, zone)
    if start < since or enrolled_at >= until or (steps and steps[-1].at >= until):
        return None
    return Journey(goal, published, enrolled_at, tuple(steps))


def _tasks(random: Random, outline: Outline, goal: Goal) -> list[tuple[Item, float, bool]]:
    """(item, quality, passes) in course order, up to the goal's share of the required items."""
    required = {item.key for item in required_items(outline)}
    wanted = len(required) if goal.share >= 1 else min(len(required) - 1, int(goal.share * len(required) + 0.5))
    if goal.share <= 0:
        return []
    tasks: list[tuple[Item, float, bool]] = []
    done = 0
    ability = random.uniform(0.72, 0.97)
    awaited = {key for item in outline.items for key in item.prerequisites}
    for item in outline.items:
        if item.kind is ItemKind.SURVEY:
            continue  # filled in by `demo_marking`, so that all answers are where they belong
        if item.kind is ItemKind.PRETEST:
            tasks.append((item, 1.0 if goal.tests_out else random.uniform(0.25, 0.65), True))
            continue
        if done >= wanted:
            if not goal.is_stuck:
                break
            if item.quiz is not None and item.key in required:
                tasks += [(item, 0.4, False)] * min(2, item.quiz.tries or 2)
                break
        if item.key in required or item.key in awaited or random.random() < 0.5:
            if item.quiz is not None and item.quiz.pass_mark and random.random() > ability:
                tasks += [(item, 0.5, False)] * min(random.choice((1, 1, 2)), max(0, (item.quiz.tries or 3) - 1))
            tasks.append((item, ability, True))
            done += item.key in required
    return tasks


def _schedule(random: Random, tasks: Sequence[tuple[Item, float, bool]], start: date, zone: str) -> list[Step]:
    """Sittings of up to SITTING_MINUTES, some days apart; after a failed try at least a day and the quiz's own pause."""
    day, minute, used = _working_day(random, start), _first_minute(random), 0
    steps: list[Step] = []
    for item, quality, passes in tasks:
        spent = max(3, int(item.minutes * random.uniform(0.5, 1.15)))
        if item.quiz is not None and item.quiz.time_limit_seconds:
            spent = max(1, min(spent, item.quiz.time_limit_seconds * 8 // 600))
        again = bool(steps) and steps[-1].item_key == item.key
        pause = 1 + item.quiz.pause_seconds // 86400 if again and item.quiz else 0
        if used and (again or used + spent > SITTING_MINUTES or minute + spent > 22 * 60):
            day = _working_day(random, day + timedelta(days=max(pause, random.choice((1, 1, 2, 3, 5)))))
            minute, used = _first_minute(random), 0
        minute += spent
        used += spent
        steps.append(Step(_moment(day, minute, zone), item.key, item.kind, spent, quality, passes))
        minute += random.randint(1, 4)
    return steps


def _working_day(random: Random, day: date) -> date:
    """That day, or the Monday after a weekend; one in ten learns at weekends too."""
    if day.weekday() < WEEKEND or random.random() < 0.1:
        return day
    return day + timedelta(days=7 - day.weekday())


def _first_minute(random: Random) -> int:
    """Minute of the day a sitting begins: in the morning, after the break, or in the evening at home."""
    begin, end = random.choice(((7 * 60 + 40, 11 * 60), (13 * 60, 15 * 60), (19 * 60 + 15, 20 * 60 + 30)))
    return random.randint(begin, end)


def _moment(day: date, minute: int, zone: str) -> datetime:
    minute = min(minute, 23 * 60 + 58)
    return datetime.combine(day, time(minute // 60, minute % 60, 17), ZoneInfo(zone)).astimezone(UTC)
