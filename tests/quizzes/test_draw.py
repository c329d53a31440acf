"""Drawing and laying out: unseen first, pinned last, tokens that tell nothing."""

from dataclasses import replace
from random import Random

import pytest

from lms.content.types import MARKED_BY_MACHINE, Draw, QuestionKind
from lms.quizzes.draw import draw, inline_layout, lay_out, new_token
from tests.factories.content import BANK, quiz_rules, sample_question

PUBLICS = {id_: sample_question(id_, kind).public for id_, kind in zip(BANK, MARKED_BY_MACHINE, strict=True)}
POOL = tuple(f"s{number}" for number in range(10))
POOL_PUBLICS = {id_: sample_question(id_).public for id_ in POOL}


def ids(drawn):
    return [question_id for question_id, _ in drawn]


def test_fixed_questions_keep_the_authors_order():
    assert ids(draw(quiz_rules(*BANK), PUBLICS, Random(1))) == list(BANK)


def test_shuffled_questions_come_in_many_orders_but_are_always_the_same():
    rules = quiz_rules(*BANK, shuffle_questions=True)
    orders = [tuple(ids(draw(rules, PUBLICS, Random(seed)))) for seed in range(20)]
    assert len(set(orders)) > 10
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(BANK))}


def test_draw_is_decided_by_its_random_source_alone():
    rules = quiz_rules(draws=(Draw(POOL, 4),), shuffle_questions=True)
    first, second = (draw(rules, POOL_PUBLICS, Random(7), token_source=iter(map(str, range(99))).__next__) for _ in range(2))
    assert first == second


def test_pool_gives_unseen_questions_first():
    rules = quiz_rules(draws=(Draw(POOL, 4),))
    for seed in range(20):
        assert set(ids(draw(rules, POOL_PUBLICS, Random(seed), seen=POOL[:6]))) == set(POOL[6:])
        drawn = ids(draw(rules, POOL_PUBLICS, Random(seed), seen=POOL[:8]))
        assert set(POOL[8:]) < set(drawn) and len(set(drawn)) == 4


def test_every_question_of_a_pool_comes_up():
    rules = quiz_rules(draws=(Draw(POOL, 3),))
    assert {id_ for seed in range(40) for id_ in ids(draw(rules, POOL_PUBLICS, Random(seed)))} == set(POOL)


def test_overlapping_draws_never_ask_a_question_twice_and_none_comes_up_short():
    rules = quiz_rules(draws=(Draw(("s0", "s1", "s2"), 2), Draw(("s1",), 1), Draw(("s0", "s1", "s2", "s3"), 1)))
    for seed in range(20):
        drawn = ids(draw(rules, POOL_PUBLICS, Random(seed)))
        assert sorted(drawn) == ["s0", "s1", "s2", "s3"]


def test_pool_smaller_than_asked_gives_what_it_has_and_unknown_ids_are_passed_over():
    rules = quiz_rules(draws=(Draw(("s0", "hilang", "s1"), 5),))
    assert ids(draw(rules, POOL_PUBLICS, Random(1))) == ["s0", "s1"]


def orders_of(public, shuffle_options=True):
    layouts = [lay_out(public, shuffle_options, Random(seed)) for seed in range(30)]
    return {tuple(ordinal for _, ordinal in layout.options) for layout in layouts}


@pytest.mark.parametrize("kind", [QuestionKind.SINGLE, QuestionKind.MULTIPLE])
def test_options_are_shuffled_when_quiz_or_question_says_so(kind):
    public = PUBLICS[BANK[list(MARKED_BY_MACHINE).index(kind)]]
    assert len(orders_of(public)) == 6
    assert orders_of(public, False) == {(0, 1, 2)}
    assert orders_of(replace(public, shuffle=False)) == {(0, 1, 2)}
    assert len(orders_of(replace(public, shuffle=True), False)) == 6


def test_pinned_options_stay_last_in_the_authors_order():
    public = replace(PUBLICS["tunggal"], options=("a", "b", "c", "d", "e"), pinned=(1, 3))
    assert {order[3:] for order in orders_of(public)} == {(1, 3)}
    assert {tuple(sorted(order[:3])) for order in orders_of(public)} == {(0, 2, 4)}


def test_true_false_is_never_shuffled_and_right_sides_keep_their_order():
    assert orders_of(replace(PUBLICS["benar-salah"], shuffle=True)) == {(0, 1)}
    assert orders_of(PUBLICS["jodoh"]) == {(0, 1, 2)}


def test_steps_are_always_shuffled():
    layouts = [lay_out(replace(PUBLICS["urutan"], shuffle=False), False, Random(seed)) for seed in range(30)]
    assert len({tuple(step for _, step in layout.steps) for layout in layouts}) == 6


def test_drop_downs_of_a_cloze_are_laid_out_and_typed_gaps_are_not():
    layouts = [lay_out(PUBLICS["rumpang"], True, Random(seed)) for seed in range(30)]
    assert {layout.blanks[:2] for layout in layouts} == {((), ())}
    assert len({tuple(ordinal for _, ordinal in layout.blanks[2]) for layout in layouts}) == 6


def test_tokens_are_unguessable_and_differ_within_a_question():
    tokens = [token for seed in range(50) for token, _ in lay_out(PUBLICS["tunggal"], True, Random(1)).options]
    assert len(set(tokens)) == 150
    assert {len(new_token()) for _ in range(20)} == {11}  # 64 bits in base 64
    repeating = iter(["x", "x", "x", "y", "y", "z"])
    assert [token for token, _ in lay_out(PUBLICS["tunggal"], False, Random(1), repeating.__next__).options] == ["x", "y", "z"]


def test_inline_layout_is_the_same_each_time_for_one_person_and_differs_between_people():
    assert inline_layout(PUBLICS["tunggal"], 5, 9) == inline_layout(PUBLICS["tunggal"], 5, 9)
    layouts = [inline_layout(PUBLICS["tunggal"], person, 9) for person in range(30)]
    assert len({tuple(ordinal for _, ordinal in layout.options) for layout in layouts}) == 6
    assert len({token for layout in layouts for token, _ in layout.options}) == 90
