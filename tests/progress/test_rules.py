"""Pure rules of progress, as tables without a database."""

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.content.assignments import HandIn
from lms.content.types import CompletionPart, Item, ItemKind, Module, Outline
from lms.progress import rules
from lms.progress.types import Facts, State
from tests.factories.content import LESSONS, people_course, sample_course

OUTLINE = sample_course(test_out_mark=8000).outline
ALL_LESSONS = frozenset(LESSONS)
QUIZZES = frozenset({"asas/kuis", "posttest"})
EVERYTHING = Facts(lessons_done=ALL_LESSONS, quizzes_passed=QUIZZES, quizzes_tried=QUIZZES)
LATER = datetime(2026, 3, 5, tzinfo=UTC)


def outline(*items: Item, **over) -> Outline:
    return dataclasses.replace(OUTLINE, items=items, minutes=sum(item.minutes for item in items), **over)


def lesson(key: str, minutes: int = 40, module: str = "asas", **over) -> Item:
    return Item(key, ItemKind.LESSON, key.title(), minutes, module, **over)


def test_status_of_a_newcomer_begins_with_the_pretest():
    status = rules.status(Facts(), OUTLINE)
    assert (status.state, status.percent, status.done_count, status.total_count) == (State.NOT_STARTED, 0, 0, 5)
    assert (status.next_key, status.minutes_left, status.is_complete, status.final_score) == ("pretest", 95, False, None)


@pytest.mark.parametrize(
    ("facts", "percent", "next_key"),
    [
        (Facts(quizzes_tried=frozenset({"pretest"})), 0, LESSONS[0]),
        (Facts(lessons_done=frozenset({LESSONS[0]})), 20, LESSONS[1]),
        (Facts(lessons_done=ALL_LESSONS), 60, "asas/kuis"),
        (Facts(lessons_done=ALL_LESSONS, quizzes_tried=QUIZZES), 60, "asas/kuis"),
        (Facts(lessons_done=ALL_LESSONS, quizzes_passed=frozenset({"asas/kuis"})), 80, "posttest"),
        (EVERYTHING, 100, ""),
    ],
)
def test_status_follows_the_facts(facts, percent, next_key):
    status = rules.status(facts, OUTLINE)
    assert (status.percent, status.next_key) == (percent, next_key)


def test_status_rounds_down_and_stays_below_100_until_complete():
    many = outline(*(lesson(f"a/{number}") for number in range(300)), completion=(CompletionPart.ALL_LESSONS,))
    almost = Facts(lessons_done=frozenset(f"a/{number}" for number in range(299)))
    assert rules.status(almost, many).percent == 99


def test_status_of_a_finished_course_stays_100_whatever_the_outline_becomes():
    grown = dataclasses.replace(OUTLINE, items=(*OUTLINE.items, lesson("asas/baru")))
    finished = dataclasses.replace(EVERYTHING, completed_at=LATER)
    status = rules.status(finished, grown)
    assert (status.state, status.percent, status.next_key, status.minutes_left) == (State.DONE, 100, "", 0)
    assert (status.is_complete, status.done_count, status.total_count) == (False, 5, 6)
    assert rules.new_since_completion(finished, grown) == ("asas/baru",)
    assert rules.new_since_completion(EVERYTHING, grown) == ()


def test_status_needs_only_what_the_completion_rule_names():
    only_lessons = dataclasses.replace(OUTLINE, completion=(CompletionPart.ALL_LESSONS,))
    assert rules.status(Facts(lessons_done=ALL_LESSONS), only_lessons).is_complete
    only_posttest = dataclasses.replace(OUTLINE, completion=(CompletionPart.POSTTEST,))
    assert rules.status(Facts(quizzes_passed=frozenset({"posttest"})), only_posttest).is_complete


def test_status_of_a_rule_that_names_nothing_present_needs_all_required_items():
    lessons = outline(lesson("a"), lesson("b"), completion=(CompletionPart.POSTTEST,))
    assert not rules.status(Facts(), lessons).is_complete
    assert rules.status(Facts(lessons_done=frozenset({"a", "b"})), lessons).is_complete


def test_status_of_a_course_without_required_items_is_never_complete():
    empty = outline(lesson("a", required=False))
    status = rules.status(Facts(lessons_done=frozenset({"a"})), empty)
    assert (status.percent, status.is_complete, status.state) == (0, False, State.IN_PROGRESS)


def test_optional_lessons_practice_and_pretest_are_never_required():
    items = (
        Item("pretest", ItemKind.PRETEST, "Tes awal", 10),
        lesson("a"),
        lesson("b", required=False),
        Item("latihan", ItemKind.PRACTICE, "Latihan", 10, "asas"),
    )
    status = rules.status(Facts(lessons_done=frozenset({"a"})), outline(*items))
    assert (status.is_complete, status.total_count) == (True, 1)


def test_locks_name_the_first_unfinished_required_item_when_in_order():
    ordered = dataclasses.replace(OUTLINE, in_order=True)
    locks = {key: item.locked_by for key, item in rules.status(Facts(), ordered).items.items()}
    first = LESSONS[0]
    assert locks == {"pretest": "", first: "", LESSONS[1]: first, "asas/kuis": first, LESSONS[2]: first, "posttest": first}
    done = rules.status(Facts(lessons_done=frozenset({LESSONS[0], LESSONS[2]})), ordered)
    assert {key: item.locked_by for key, item in done.items.items() if item.locked_by} == {
        "asas/kuis": LESSONS[1],
        "posttest": LESSONS[1],
    }


def test_lock_by_an_items_own_prerequisite():
    items = outline(lesson("a"), lesson("b", prerequisites=("c", "unknown")), lesson("c"))
    status = rules.status(Facts(), items)
    assert [status.items[key].locked_by for key in "abc"] == ["", "c", ""]
    assert rules.status(Facts(lessons_done=frozenset("a")), items).next_key == "c"


def test_locks_in_a_circle_are_dropped_so_that_nobody_is_stuck():
    circle = outline(lesson("a", prerequisites=("b",)), lesson("b", prerequisites=("a",)))
    status = rules.status(Facts(), circle)
    assert ([status.items[key].locked_by for key in "ab"], status.next_key) == (["", ""], "a")


def test_nothing_is_locked_after_completion():
    ordered = dataclasses.replace(OUTLINE, in_order=True, items=(lesson("asas/baru"), *OUTLINE.items))
    status = rules.status(dataclasses.replace(EVERYTHING, completed_at=LATER), ordered)
    assert {item.locked_by for item in status.items.values()} == {""}


def test_tested_out_module_counts_as_done_but_never_the_posttest():
    status = rules.status(Facts(modules_tested_out=frozenset({"asas"})), OUTLINE)
    tested_out = {key for key, item in status.items.items() if item.is_tested_out}
    assert tested_out == {LESSONS[0], LESSONS[1], "asas/kuis"}
    assert (status.percent, status.next_key, status.state) == (60, LESSONS[2], State.IN_PROGRESS)
    inside = outline(Item("posttest", ItemKind.POSTTEST, "Tes akhir", 10, "asas"))
    assert not rules.status(Facts(modules_tested_out=frozenset({"asas"})), inside).is_complete


@pytest.mark.parametrize(
    ("weights", "scores", "expected"),
    [
        ({"kuis": 40, "posttest": 60}, {"asas/kuis": 8000, "posttest": 9000}, 8600),
        ({"kuis": 30, "tugas": 30, "posttest": 40}, {"asas/kuis": 7000, "posttest": 10000}, 8714),
        ({"kuis": 40, "posttest": 60}, {"asas/kuis": 7777}, 7777),
        ({}, {"asas/kuis": 8000, "posttest": 9001}, 8501),
        ({"kuis": 0, "posttest": 100}, {"asas/kuis": 8000}, 8000),
        ({"kuis": 40, "posttest": 60}, {}, None),
        ({"kuis": 40, "posttest": 60}, {"pretest": 3000}, None),
    ],
)
def test_final_score_is_weighted_over_the_kinds_that_have_a_score(weights, scores, expected):
    assert rules.final_score(Facts(best_scores=scores), dataclasses.replace(OUTLINE, weights=weights)) == expected


def test_final_score_takes_the_mean_of_several_quizzes():
    quizzes = [Item(f"q{number}", ItemKind.QUIZ, "Kuis", 10) for number in range(3)]
    facts = Facts(best_scores={"q0": 10000, "q1": 7000, "q2": 7001})
    assert rules.final_score(facts, outline(*quizzes)) == 8000


# JP


def test_jp_sums_minutes_first_and_divides_once():
    assert rules.jp_of(outline(lesson("a"), lesson("b"), lesson("c"), jp=6), (), 45) == (2, 120)


def test_jp_is_never_more_than_the_course_declares():
    assert rules.jp_of(outline(lesson("a", 450), jp=6), (), 45) == (6, 450)


def test_jp_leaves_out_modules_tested_out():
    two = outline(lesson("a", 90), lesson("b", 90, "standar"), jp=4)
    assert rules.jp_of(two, {"asas"}, 45) == (2, 90)


def test_jp_is_zero_when_all_material_was_tested_out():
    posttest = Item("posttest", ItemKind.POSTTEST, "Tes akhir", 90)
    assert rules.jp_of(outline(lesson("a", 90), posttest, jp=4), {"asas"}, 45) == (0, 0)


def test_jp_shares_declared_minutes_among_the_items():
    declared = dataclasses.replace(outline(lesson("a", 60), lesson("b", 30, "standar"), jp=6), minutes=270)
    assert rules.jp_of(declared, (), 45) == (6, 270)
    assert rules.jp_of(declared, {"asas"}, 45) == (2, 90)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["asas", "standar", ""])), max_size=20),
    st.integers(0, 40),
    st.integers(1, 240),
)
def test_jp_never_grows_by_testing_out(parts, jp, minutes_per_jp):
    course = outline(*(lesson(f"l{number}", *part) for number, part in enumerate(parts)), jp=jp)
    full, some, none = (rules.jp_of(course, skipped, minutes_per_jp)[0] for skipped in ((), {"asas"}, {"asas", "standar"}))
    assert 0 <= none <= some <= full <= jp


@pytest.mark.parametrize(
    ("local", "zone", "year"),
    [
        (datetime(2026, 1, 1, 6, 30), "Asia/Makassar", 2026),
        (datetime(2025, 12, 31, 23, 30), "Asia/Makassar", 2025),
        (datetime(2026, 1, 1, 0, 0), "Asia/Jayapura", 2026),
        (datetime(2025, 12, 31, 23, 59, 59), "Asia/Jakarta", 2025),
    ],
)
def test_jp_year_is_that_of_the_persons_zone(local, zone, year):
    assert rules.jp_year(local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), zone) == year


@pytest.mark.parametrize(
    ("earned", "cap", "left", "warns"),
    [(12, 0, 8, False), (20, 24, 0, False), (24, 24, 0, False), (26, 24, 0, True), (26, 0, 0, False)],
)
def test_jp_meter_warns_above_the_cap_and_discards_nothing(earned, cap, left, warns):
    meter = rules.jp_meter(2026, earned, 20, cap)
    assert (meter.earned, meter.left, bool(meter.cap_warning)) == (earned, left, warns)


# Testing out


def test_test_out_offer_by_module_score():
    offers = rules.test_out_offer(OUTLINE, {"asas": 8000, "standar": 7999, "unknown": 10000}, Facts())
    assert [(offer.module_key, offer.title, offer.may_skip, offer.minutes) for offer in offers] == [
        ("asas", "Asas", True, 55),
        ("standar", "Standar", False, 25),
    ]


@pytest.mark.parametrize(
    ("mark", "facts"),
    [
        (0, Facts()),
        (8000, Facts(modules_tested_out=frozenset({"asas"}))),
        (8000, Facts(lessons_done=ALL_LESSONS, quizzes_passed=QUIZZES)),
        (8000, Facts(completed_at=LATER)),
    ],
)
def test_test_out_is_not_offered(mark, facts):
    course = dataclasses.replace(OUTLINE, test_out_mark=mark)
    assert [offer.may_skip for offer in rules.test_out_offer(course, {"asas": 10000}, facts)] == [False]


def test_compare_editions_shows_what_comes_goes_and_remains():
    newer = dataclasses.replace(OUTLINE, items=(*OUTLINE.items[:1], *OUTLINE.items[2:], lesson("asas/baru", 12)))
    change = rules.compare_editions(Facts(lessons_done=ALL_LESSONS), OUTLINE, newer)
    assert change.added == (("asas/baru", "Asas/Baru"),)
    assert change.removed == ((LESSONS[0], "Mengapa pelayanan publik"),)
    assert (change.percent_now, change.percent_then, change.minutes_then) == (60, 40, 37)


# Whatever the course and the facts are

KEYS = [f"k{number}" for number in range(8)]
ITEMS = st.builds(
    Item,
    key=st.sampled_from(KEYS),
    kind=st.sampled_from(list(ItemKind)),
    title=st.just("Judul"),
    minutes=st.integers(0, 90),
    module_key=st.sampled_from(["", "m1", "m2"]),
    required=st.booleans(),
    prerequisites=st.lists(st.sampled_from([*KEYS, "gone"]), max_size=2).map(tuple),
)
OUTLINES = st.builds(
    lambda items, in_order, parts: Outline(
        "k", "Judul", "", 4, 0, (Module("m1", "M1"), Module("m2", "M2")), tuple(items), in_order=in_order, completion=tuple(parts)
    ),
    st.lists(ITEMS, max_size=8, unique_by=lambda item: item.key),
    st.booleans(),
    st.lists(st.sampled_from(list(CompletionPart)), unique=True),
)
SETS = st.frozensets(st.sampled_from(KEYS))
FACTS = st.builds(
    Facts,
    lessons_done=SETS,
    quizzes_passed=SETS,
    quizzes_tried=SETS,
    best_scores=st.dictionaries(st.sampled_from(KEYS), st.integers(0, 10000)),
    modules_tested_out=st.frozensets(st.sampled_from(["m1", "m2", "gone"])),
    completed_at=st.sampled_from([None, LATER]),
)


@given(OUTLINES, FACTS)
def test_status_holds_its_promises_for_any_course(course, facts):
    status = rules.status(facts, course)
    finished = status.is_complete or facts.completed_at is not None
    assert 0 <= status.percent <= 100
    assert (status.percent == 100) == finished == (status.state is State.DONE)
    assert set(status.items) == {item.key for item in course.items}
    unfinished = [key for key, item in status.items.items() if not item.is_done]
    if finished or not unfinished:
        assert status.next_key == ""
    else:
        assert status.next_key in unfinished
        assert status.items[status.next_key].locked_by == ""
    if status.final_score is not None:
        assert 0 <= status.final_score <= 10000


@given(OUTLINES, FACTS, st.sampled_from(KEYS))
def test_another_fact_never_lowers_the_percentage(course, facts, key):
    more = dataclasses.replace(facts, lessons_done=facts.lessons_done | {key}, quizzes_passed=facts.quizzes_passed | {key})
    assert rules.status(more, course).percent >= rules.status(facts, course).percent


# ------------------------------------------------------------------ work that people mark


def marked_outline(in_order=True):
    course = people_course(in_order=in_order)
    lesson, task, survey = course.outline.items
    return dataclasses.replace(course.outline, items=(task, lesson, survey))


def test_waiting_work_holds_nothing_back_and_costs_no_more_time():
    outline = marked_outline()
    before, waits = rules.status(Facts(), outline), rules.status(Facts(waiting=frozenset({"rencana-aksi"})), outline)
    assert (before.items[LESSONS[0]].locked_by, waits.items[LESSONS[0]].locked_by) == ("rencana-aksi", "")
    assert (before.minutes_left, waits.minutes_left) == (80, 20)
    assert (waits.next_key, waits.items["rencana-aksi"].is_waiting, waits.items["rencana-aksi"].is_done) == (
        LESSONS[0],
        True,
        False,
    )


def test_when_only_marking_is_awaited_the_waiting_work_is_next():
    facts = Facts(lessons_done=frozenset(LESSONS[:1]), quizzes_tried=frozenset({"evaluasi"}), waiting=frozenset({"rencana-aksi"}))
    status = rules.status(facts, marked_outline())
    assert (status.next_key, status.minutes_left, status.percent, status.is_complete) == ("rencana-aksi", 0, 50, False)


def test_survey_is_never_required_and_weights_name_assignments():
    facts = Facts(
        lessons_done=frozenset(LESSONS[:1]), quizzes_passed=frozenset({"rencana-aksi"}), best_scores={"rencana-aksi": 8000}
    )
    outline = dataclasses.replace(marked_outline(), weights={"kuis": 40, "tugas": 60})
    status = rules.status(facts, outline)
    assert (status.is_complete, status.final_score) == (True, 8000)


ENROLLED = datetime(2026, 3, 5, 20, 0, tzinfo=UTC)  # 6 March, 04.00 WITA


@pytest.mark.parametrize(
    ("hand_in", "zone", "due"),
    [
        (HandIn(), "Asia/Makassar", None),
        (HandIn(due_seconds=14 * 86400), "Asia/Makassar", datetime(2026, 3, 20, 16, 0, tzinfo=UTC)),
        (HandIn(due_seconds=14 * 86400), "Asia/Jayapura", datetime(2026, 3, 20, 15, 0, tzinfo=UTC)),
        (HandIn(due_seconds=6 * 3600), "Asia/Makassar", datetime(2026, 3, 6, 2, 0, tzinfo=UTC)),
        (HandIn(due_on="2026-12-31"), "Asia/Jakarta", datetime(2026, 12, 31, 17, 0, tzinfo=UTC)),
    ],
)
def test_due_dates_end_with_the_day_where_the_learner_works(hand_in, zone, due):
    assert rules.due_at(hand_in, ENROLLED, zone) == due


@pytest.mark.parametrize(("late", "days"), [(-1, 0), (0, 0), (1, 1), (86400, 1), (86401, 2)])
def test_lateness_counts_days_begun(late, days):
    assert rules.days_late(ENROLLED, ENROLLED + timedelta(seconds=late)) == days
    assert rules.days_late(None, ENROLLED) == 0
