"""What a person may read of attempts: everything of their own answers, nothing of a key before its time."""

import dataclasses
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event

from lms.content.types import (
    MARKED_BY_MACHINE,
    Blank,
    BlankKey,
    BlankKind,
    CompletionPart,
    FeedbackPolicy,
    Item,
    ItemKind,
    NumberRange,
    QuestionKey,
    QuestionKind,
    QuestionPublic,
    ScoreTaken,
)
from lms.quizzes import actions, queries
from lms.quizzes.types import AttemptState, KeyView
from lms.store.engine import write_tx
from tests.factories.content import (
    BANK,
    INLINE,
    change_item,
    compiled_question,
    lesson_page,
    publish_course,
    quiz_rules,
    sample_course,
)
from tests.factories.quizzes import QUIZ, RIGHT, WRONG, add_person, begin, fill_in, hand_in, publish_quiz, rules_of, take

MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(session):
    return add_person(session)


def result(session, person, token, published, quiz_key=QUIZ, now=None):
    session.rollback()
    return queries.result_view(session, person, token, rules_of(published, quiz_key), now=now)


# results under each policy


def test_result_of_an_open_quiz_tells_right_or_wrong_and_the_feedback_of_the_choice_only(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    shown = result(session, person, take(session, person, published, now, right=0).token, published)
    assert (shown.state, shown.score, shown.passed, shown.shows_answers, shown.shows_key) == (
        AttemptState.GRADED,
        0,
        False,
        True,
        False,
    )
    assert [(one.feedback.is_correct, one.feedback.key, one.feedback.parts) for one in shown.questions] == [(False, None, ())] * 4
    assert [one.feedback.chosen for one in shown.questions] == [
        (("Keuntungan instansi", "Bukan. Pelayanan publik tidak mencari laba."),),
        (("Senioritas petugas", "Bukan asas."),),
        (),
        (),
    ]
    assert "Pasal 4" not in repr(shown) and "Tepat." not in repr(shown) and "Dukcapil" not in repr(shown)


def test_passed_quiz_shows_key_feedback_and_explanation(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    failed = take(session, person, published, now, right=1).token
    assert result(session, person, failed, published).shows_key is False
    take(session, person, published, now, right=3)
    shown = result(session, person, failed, published)
    assert shown.shows_key is True and shown.passed is False
    assert shown.questions[0].feedback.key == KeyView(
        options=("Kepentingan umum",),
        option_feedback=(("Kepentingan umum", "Tepat."), ("Keuntungan instansi", "Bukan. Pelayanan publik tidak mencari laba.")),
        explanation="<p>Lihat Pasal 4.</p>",
    )
    assert shown.questions[3].feedback.key.texts == ("Dukcapil", "Disdukcapil")


def test_used_up_round_shows_the_key_until_the_next_round_begins(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, tries=2)
    first = take(session, person, published, now, right=0).token
    assert result(session, person, first, published).shows_key is False
    take(session, person, published, now, right=0)
    assert result(session, person, first, published).shows_key is True
    open_token = begin(session, person, published, now + timedelta(hours=2))
    assert result(session, person, first, published).shows_key is False
    hand_in(session, person, open_token, now + timedelta(hours=2))
    assert result(session, person, first, published).shows_key is False


def test_last_try_of_a_round_shows_no_key_while_it_is_open(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, tries=2)
    first = take(session, person, published, now, right=0).token
    begin(session, person, published, now)
    assert result(session, person, first, published).shows_key is False


def test_after_pass_policy_tells_only_the_score_before_a_pass(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, tries=1, feedback=FeedbackPolicy.AFTER_PASS)
    failed = take(session, person, published, now, right=2).token
    shown = result(session, person, failed, published)
    assert (shown.score, shown.shows_answers, {one.feedback for one in shown.questions}) == (5000, False, {None})
    take(session, person, published, now + timedelta(hours=1))
    assert result(session, person, failed, published).shows_key is True


def test_pretest_tells_only_its_score_until_the_posttest_is_passed(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    token = take(session, person, published, now, right=2, quiz_key="pretest").token
    shown = result(session, person, token, published, "pretest")
    assert (shown.score, shown.passed, shown.shows_answers, shown.shows_key) == (5000, True, False, False)
    assert {one.feedback for one in shown.questions} == {None}
    take(session, person, published, now, right=0, quiz_key="posttest")
    assert result(session, person, token, published, "pretest").shows_answers is False
    take(session, person, published, now, quiz_key="posttest")
    assert result(session, person, token, published, "pretest").shows_key is True


def test_open_and_voided_attempts_have_no_result(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    token = begin(session, person, published, now)
    fill_in(session, person, token, now)
    shown = result(session, person, token, published)
    assert (shown.state, shown.score, shown.passed, shown.questions) == (AttemptState.OPEN, None, None, ())
    with write_tx(session):
        actions.void(session, token, None, "Salah", now)
    shown = result(session, person, token, published)
    assert (shown.state, shown.score, shown.passed, shown.questions) == (AttemptState.VOIDED, None, None, ())


def test_time_that_is_up_shows_to_a_reader_before_any_row_is_moved(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, time_limit_seconds=600)
    token = begin(session, person, published, now)
    fill_in(session, person, token, now, right=3)
    later = now + timedelta(hours=1)
    seen = result(session, person, token, published, now=later)
    view = queries.attempt_view(session, person, token, now=later)
    assert (view.state, view.is_due, view.closed_at) == (AttemptState.EXPIRED, True, now + timedelta(minutes=10))
    assert queries.attempt_view(session, person, token).state is AttemptState.OPEN
    standing = queries.tries(session, person, published.course_id, QUIZ, rules_of(published), later)
    hand_in(session, person, token, later)
    moved = result(session, person, token, published, now=later)
    assert (seen.is_due, moved.is_due, seen.score, seen.shows_key) == (True, False, 7500, True)
    assert dataclasses.replace(seen, is_due=False) == moved
    assert queries.tries(session, person, published.course_id, QUIZ, rules_of(published), later) == standing


def test_practice_tells_at_once_and_the_key_only_of_a_right_answer(session, person, tmp_path, now):
    over = {"tries": 0, "pass_mark": 0, "feedback": FeedbackPolicy.AT_ONCE}
    published = publish_quiz(session, tmp_path, now, kind=ItemKind.PRACTICE, **over)
    token = begin(session, person, published, now)
    rules = rules_of(published)
    assert queries.answer_feedback(session, person, token, 1, rules) is None
    fill_in(session, person, token, now, right=1)
    session.rollback()
    told = [queries.answer_feedback(session, person, token, position, rules) for position in (1, 2)]
    assert [(one.is_correct, one.key is None) for one in told] == [(True, False), (False, True)]
    assert queries.answer_feedback(session, person, token, 1, dataclasses.replace(rules, pass_mark=7000)) is None


# standing and facts


def test_tries_tell_history_best_score_and_what_is_left(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, taken=ScoreTaken.LAST)
    for right in (2, 1):
        take(session, person, published, now, right=right)
    token = begin(session, person, published, now)
    found = queries.tries(session, person, published.course_id, QUIZ, rules_of(published), now)
    assert (found.used, found.left, found.open_token, found.best_score, found.score, found.passed) == (
        3,
        0,
        token,
        5000,
        2500,
        False,
    )
    assert [(one.try_number, one.score) for one in found.history] == [(1, 5000), (2, 2500)]
    assert queries.tries(session, add_person(session), published.course_id, QUIZ, rules_of(published), now).history == ()


def test_quiz_facts_give_best_and_counting_score_for_every_quiz(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now, taken=ScoreTaken.AVERAGE)
    take(session, person, published, now, right=1, quiz_key="pretest")
    take(session, person, published, now, right=1)
    take(session, person, published, now + MINUTE, right=3)
    begin(session, person, published, now, "posttest")
    session.rollback()
    facts = queries.quiz_facts(session, person, published.course_id, outline=published.outline)
    assert {key: (one.best_score, one.score, one.passed, one.tried, one.last_closed_at) for key, one in facts.items()} == {
        QUIZ: (7500, 5000, True, 2, now + MINUTE),
        "pretest": (2500, 2500, True, 1, now),
    }
    assert queries.quiz_facts(session, person, published.course_id)[QUIZ].score == 7500


def test_module_scores_split_a_pretest_by_module(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    token = begin(session, person, published, now, "pretest")
    questions = queries.attempt_view(session, person, token).questions
    with write_tx(session):
        for one in questions:
            answer = RIGHT[one.public.kind] if one.public.module_key == "asas" else WRONG[one.public.kind]
            actions.save_answer(session, person_id=person, token=token, position=one.position, answer=answer, sequence=1, now=now)
    (opened,) = [queries.open_attempt(session, person, published.course_id, "pretest")]
    assert queries.module_scores(session, opened.id) == {}
    closed = hand_in(session, person, token, now)
    assert queries.module_scores(session, closed.attempt_id) == {"asas": 10000, "standar": 0}


def test_unanswered_questions_count_in_module_scores(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    token = begin(session, person, published, now, "pretest")
    question = queries.attempt_view(session, person, token).questions[0]
    with write_tx(session):
        actions.save_answer(
            session, person_id=person, token=token, position=1, answer=RIGHT[question.public.kind], sequence=1, now=now
        )
    closed = hand_in(session, person, token, now)
    other = {"asas": "standar", "standar": "asas"}[question.public.module_key]
    assert queries.module_scores(session, closed.attempt_id) == {question.public.module_key: 5000, other: 0}


def test_inline_answer_is_shown_again_with_the_key_once_it_was_right(session, person, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    assert queries.inline_shown(session, person, published, INLINE) == {}
    for choice in (0, 1):
        with write_tx(session):
            actions.answer_inline(
                session, person_id=person, published=published, question_id=INLINE[0], answer={"choice": choice}, now=now
            )
    with write_tx(session):
        actions.answer_inline(
            session, person_id=person, published=published, question_id=INLINE[1], answer={"choice": 2}, now=now
        )
    session.rollback()
    shown = queries.inline_shown(session, person, published, INLINE)
    assert {
        key: (one.answer, one.was_correct, one.feedback.is_correct, one.feedback.key is None) for key, one in shown.items()
    } == {
        INLINE[0]: ({"choice": 1}, True, False, False),
        INLINE[1]: ({"choice": 2}, False, False, True),
    }


@pytest.mark.parametrize("length", [1, 8])
def test_reading_an_attempt_costs_the_same_whatever_its_length(session, engine, person, tmp_path, now, length):
    published = publish_quiz(session, tmp_path, now, question_ids=BANK[:length])
    token = take(session, person, published, now).token
    result(session, person, token, published)  # fills the caches of immutable editions
    session.rollback()
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    queries.attempt_view(session, person, token)
    assert len([one for one in statements if one.startswith("SELECT")]) == 2
    statements.clear()
    queries.result_view(session, person, token, rules_of(published))
    assert len([one for one in statements if one.startswith("SELECT")]) <= 8


# twins: equal but for the key


def twin_questions(seed):
    """A question of each kind in a random guise, with two keys and everything else that reveals a key in two versions."""
    random = Random(seed)
    for kind in MARKED_BY_MACHINE:
        id_ = f"q{seed}-{kind.value.replace('_', '-')}"
        size = random.randint(3, 6)
        texts = tuple(f"{kind} {random.random():.6f}" for _ in range(size))
        options = (
            texts[:2]
            if kind is QuestionKind.TRUE_FALSE
            else texts
            if kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
            else ()
        )
        public = QuestionPublic(
            id=id_, kind=kind, points=random.choice((100, 200)), stem=("<p>?</p>",), options=options,
            pinned=(size - 1,) if random.random() < 0.3 and len(options) == size else (),
            lefts=texts[:2] if kind is QuestionKind.MATCHING else (), rights=tuple(sorted(texts)) if kind is QuestionKind.MATCHING else (),
            steps=tuple(sorted(texts)) if kind is QuestionKind.ORDERING else (),
            blanks=(Blank(BlankKind.CHOICE, texts), Blank(BlankKind.TEXT)) if kind is QuestionKind.CLOZE else (),
        )  # fmt: skip
        yield id_, public, twin_key(public, random, "A"), twin_key(public, random, "B")


def twin_key(public, random, mark):
    count = len(public.options)
    wanted = (
        random.sample(range(count), random.randint(1, count))
        if public.kind is QuestionKind.MULTIPLE
        else [random.randrange(count)]
        if count
        else []
    )
    return QuestionKey(
        correct=tuple(sorted(wanted)), feedback=tuple(f"{mark} {random.random()}" for _ in range(count)), texts=(f"{mark}",),
        numbers=(NumberRange(str(random.randint(0, 9)), "10"),), pairs=tuple(random.sample(range(len(public.rights)), len(public.lefts))),
        order=tuple(random.sample(range(len(public.steps)), len(public.steps))),
        blanks=(BlankKey(choice=random.randrange(3)), BlankKey(texts=(mark,))), explanation=f"{mark} {random.random()}",
        if_correct=mark, if_incorrect=mark, all_or_nothing=random.random() < 0.5,
    )  # fmt: skip


TWINS = 100


def publish_twin(session, tmp_path, now, key, which):
    """One course of 100 quizzes; `which` chooses the keys."""
    questions, items, pages = {}, [], {"baca": lesson_page("Materi")}
    for seed in range(TWINS):
        quiz = []
        for id_, public, *keys in twin_questions(seed):
            questions[id_] = compiled_question(public, keys[which])
            quiz.append(id_)
        rules = quiz_rules(*quiz, shuffle_questions=seed % 2 == 0)
        items.append(Item(f"kuis-{seed}", ItemKind.QUIZ, f"Kuis {seed}", 5, quiz=rules))
    items.append(Item("baca", ItemKind.LESSON, "Baca", 5))
    course = sample_course(items=tuple(items), pages=pages, key=key, completion=(CompletionPart.ALL_QUIZZES,))
    return publish_course(session, tmp_path, now, dataclasses.replace(course, questions=course.questions | questions))


def anonymous(view):
    """Without database ids and the random name of the attempt."""
    questions = tuple(dataclasses.replace(one, version_id=0) for one in view.questions)
    return dataclasses.replace(view, attempt_id=0, token="", course_id=0, edition_id=0, questions=questions)


def test_nothing_before_closing_depends_on_the_key(session, person, tmp_path, now):
    twins = [publish_twin(session, tmp_path, now, key, which) for which, key in enumerate(("kembar-a", "kembar-b"))]
    for seed in range(TWINS):
        seen = []
        for published in twins:
            tokens = iter(map(str, range(10_000)))
            token = begin(session, person, published, now, f"kuis-{seed}", random=Random(seed), token_source=tokens.__next__)
            chooser, saves = Random(seed), []
            questions = queries.attempt_view(session, person, token).questions
            with write_tx(session):
                for one in questions:
                    given = {"answer": chooser.choice((RIGHT, WRONG))[one.public.kind], "sequence": 1, "now": now}
                    saves.append(actions.save_answer(session, person_id=person, token=token, position=one.position, **given))
            standing = queries.tries(
                session, person, published.course_id, f"kuis-{seed}", rules_of(published, f"kuis-{seed}"), now
            )
            shown = result(session, person, token, published, f"kuis-{seed}", now)
            view = anonymous(queries.attempt_view(session, person, token, now=now))
            seen.append((view, anonymous(shown), saves, dataclasses.replace(standing, open_token=None)))
        assert seen[0] == seen[1]
    first = [
        hand_in(session, person, queries.open_attempt(session, person, one.course_id, "kuis-0").token, now).score for one in twins
    ]
    assert first[0] != first[1], "the twins' keys do differ"


def test_score_follows_item_weights_of_the_served_edition(session, person, tmp_path, now):
    heavy = compiled_question(
        QuestionPublic(id="berat", kind=QuestionKind.TRUE_FALSE, points=300, stem=("<p>?</p>",), options=("Benar", "Salah")),
        QuestionKey(correct=(0,)),
    )
    course = change_item(sample_course(questions={"berat": heavy}), QUIZ, quiz=quiz_rules(BANK[0], "berat"))
    published = publish_course(session, tmp_path, now, course)
    assert [take(session, person, published, now, right=right).score for right in (1, 2)] == [2500, 10000]
