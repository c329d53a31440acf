"""What answers say about questions: hidden below twenty, exact against a plain recomputation, and a planted wrong key is found."""

from datetime import timedelta
from random import Random
from statistics import correlation, median

import pytest
from sqlalchemy import select

from lms.content.types import QuestionKind
from lms.quizzes import actions, queries
from lms.quizzes.analysis import Choice, Group, ItemFacts, item_facts
from lms.quizzes.analysis_queries import item_rows
from lms.quizzes.models import AnswerRow, Attempt, AttemptQuestion
from lms.store.engine import write_tx
from tests.factories.content import BANK, publish_sample
from tests.factories.quizzes import QUIZ, RIGHT, WRONG, add_person, begin, hand_in, publish_quiz

SINGLE = QuestionKind.SINGLE


def save(session, person_id, token, position, answer, at):
    with write_tx(session):
        actions.save_answer(session, person_id=person_id, token=token, position=position, answer=answer, sequence=1, now=at)


def group(answer, count, score=0, rest=5000, stratum=0):
    return Group(answer, count, score, 100, rest * count, rest * rest * count, stratum)


def test_figures_are_hidden_below_twenty_answers():
    assert item_facts(SINGLE, [group("A", 19, 100)], [10.0]) == ItemFacts(19)
    assert item_facts(SINGLE, [group("A", 20, 100)]).first_right == 100


def test_shares_are_rounded_half_up_and_the_most_frequent_stands_first():
    facts = item_facts(SINGLE, [group("B", 5), group("A", 33, 100), group("", 2)], [30.0, 50.0, 4000.0, -1.0])
    assert facts.choices == (Choice("A", 33, 83, True), Choice("B", 5, 13, False), Choice("", 2, 5, False))
    assert (facts.first_right, facts.seconds, facts.common_wrong) == (83, 40, facts.choices[1])


@pytest.mark.parametrize(
    ("kind", "groups", "doubt"),
    [
        (
            SINGLE,
            [group("Kunci", 12, 100, 4000), group("Lain", 12, 0, 8000)],
            "Yang memilih “Lain” justru lebih pandai di soal lain daripada yang menjawab sesuai kunci.",
        ),
        (SINGLE, [group("Kunci", 12, 100, 8000), group("Lain", 12, 0, 4000)], ""),
        (
            QuestionKind.MATCHING,
            [group("benar semua", 12, 100, 4000), group("belum benar", 12, 0, 8000)],
            "Peserta yang nilainya tinggi justru lebih sering salah di soal ini.",
        ),
        (
            QuestionKind.TEXT,
            [group("disdukcapil", 15, 100), group("dinas dukcapil", 5)],
            "25 % menjawab “dinas dukcapil” dan dinilai salah. Bila jawaban itu benar, tambahkan ke kunci.",
        ),
        (QuestionKind.TEXT, [group("disdukcapil", 26, 100), group("dinas dukcapil", 5)], ""),
    ],
)
def test_a_key_is_doubted_only_for_a_reason(kind, groups, doubt):
    assert item_facts(kind, groups).doubt == doubt


@pytest.mark.parametrize(
    ("right", "rests", "remarks"),
    [
        (96, (5000, 4900), ("Hampir semua langsung benar: soal ini tidak lagi menguji.",)),
        (20, (9000, 3000), ("Hampir semua salah: materinya belum terbahas, atau pertanyaannya membingungkan.",)),
        (
            50,
            (5000, 5000),
            ("Benar atau salahnya hampir tidak berkaitan dengan nilai peserta; periksa apakah pertanyaannya jelas.",),
        ),
        (50, (9000, 3000), ()),
    ],
)
def test_remarks_say_what_is_worth_a_look(right, rests, remarks):
    spread = [Group("A", 1, 100, 100, rest, rest**2) for rest in (rests[0] - 100, rests[0] + 100)]
    spread += [Group("A", right - 2, 100, 100, rests[0] * (right - 2), rests[0] ** 2 * (right - 2))]
    assert item_facts(SINGLE, [*spread, group("B", 100 - right, 0, rests[1])]).remarks == remarks


def _recomputed(session, question_id):
    """First-try share and correlation with the rest, by reading every row in Python."""
    wanted = (
        select(Attempt.id, Attempt.person_id, Attempt.score, AnswerRow.score.label("earned"))
        .join(AttemptQuestion, AttemptQuestion.attempt_id == Attempt.id)
        .outerjoin(AnswerRow, (AnswerRow.attempt_id == Attempt.id) & (AnswerRow.position == AttemptQuestion.position))
        .where(AttemptQuestion.question_id == question_id, Attempt.quiz_key == QUIZ)
        .order_by(Attempt.id)
    )
    first = {}
    for row in session.execute(wanted):
        first.setdefault(row.person_id, row)
    own = [row.earned or 0 for row in first.values()]
    rest = [row.score - 10000 * (row.earned or 0) / 400 for row in first.values()]
    return len(own), int(100 * sum(each == 100 for each in own) / len(own) + 0.5), round(100 * correlation(own, rest))


def test_the_grouped_statement_agrees_with_reading_every_attempt(session, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    random = Random(7)
    for number in range(40):
        person_id = add_person(session, f"Orang {number}")
        for attempt in range(random.choice((1, 2))):
            at, skill = now + timedelta(hours=attempt), random.random()
            token = begin(session, person_id, published, at)
            for question in queries.attempt_view(session, person_id, token).questions:
                answers = RIGHT if random.random() < skill else WRONG
                if random.random() < 0.95:
                    save(session, person_id, token, question.position, answers[question.public.kind], at)
            if hand_in(session, person_id, token, at).passed:
                break
    rows = {row.question_id: row for row in item_rows(session, published) if row.item_key == QUIZ}
    assert sorted(rows) == sorted(BANK[:4])
    for question_id, row in rows.items():
        facts = row.facts
        assert (facts.answers, facts.first_right, facts.discrimination) == _recomputed(session, question_id)
        assert sum(choice.count for choice in facts.choices) == facts.answers


def test_checks_inside_lessons_count_each_persons_first_answer(session, tmp_path, now):
    published = publish_sample(session, tmp_path, now)
    item = next(item for item in published.outline.items if item.question_ids)
    question_id = item.question_ids[0]
    for number in range(20):
        person_id = add_person(session, f"Orang {number}")
        for answer in (WRONG[SINGLE] if number < 5 else RIGHT[SINGLE], RIGHT[SINGLE]):
            with write_tx(session):
                actions.answer_inline(
                    session, person_id=person_id, published=published, question_id=question_id, answer=answer, now=now
                )
    row = next(row for row in item_rows(session, published) if row.question_id == question_id)
    assert (row.item_key, row.facts.answers, row.facts.first_right, row.facts.discrimination) == (item.key, 20, 75, None)


def test_time_is_the_median_between_saved_answers(session, tmp_path, now):
    published = publish_quiz(session, tmp_path, now)
    waits = []
    for number in range(20):
        person_id = add_person(session, f"Orang {number}")
        token, wait = begin(session, person_id, published, now), 10 + number
        waits.append(wait)
        save(session, person_id, token, 1, RIGHT[SINGLE], now + timedelta(seconds=wait))
        hand_in(session, person_id, token, now + timedelta(minutes=5))
    facts = next(row.facts for row in item_rows(session, published) if (row.item_key, row.question_id) == (QUIZ, BANK[0]))
    assert facts.seconds == round(median(waits))
