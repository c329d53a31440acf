"""People who take the sample course's quizzes, with answers that are known to be right or wrong."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.content.library import Published
from lms.content.types import Item, ItemKind, QuestionKind, QuizRules
from lms.people.models import Person
from lms.quizzes import actions, queries
from lms.quizzes.types import Answer, ClosedAttempt
from lms.store.engine import write_tx
from tests.factories.content import BANK, change_item, publish_course, quiz_rules, sample_course

RIGHT: dict[QuestionKind, Answer] = {  # of what people mark, and of surveys, merely one answer
    QuestionKind.SINGLE: {"choice": 0},
    QuestionKind.MULTIPLE: {"choices": [0, 1]},
    QuestionKind.TRUE_FALSE: {"choice": 0},
    QuestionKind.TEXT: {"text": "  disdukcapil. "},
    QuestionKind.NUMBER: {"text": "70,8"},
    QuestionKind.MATCHING: {"pairs": {"0": 0, "1": 1}},
    QuestionKind.ORDERING: {"order": [0, 1, 2]},
    QuestionKind.CLOZE: {"blanks": {"0": "25", "1": "2009", "2": 2}},
    QuestionKind.ESSAY: {"text": "Loket dibuka lebih pagi.\nNomor antrean daring."},
    QuestionKind.FILE: {"files": [1]},
    QuestionKind.LINK: {"text": "https://contoh.go.id/a"},
    QuestionKind.OPEN: {"text": "Tidak ada."},
    QuestionKind.POLL: {"choice": 0},
    QuestionKind.SCALE: {"scale": {"0": 5, "1": 4}},
}
WRONG: dict[QuestionKind, Answer] = {
    QuestionKind.SINGLE: {"choice": 1},
    QuestionKind.MULTIPLE: {"choices": [2]},
    QuestionKind.TRUE_FALSE: {"choice": 1},
    QuestionKind.TEXT: {"text": "Kominfo"},
    QuestionKind.NUMBER: {"text": "12"},
    QuestionKind.MATCHING: {"pairs": {"0": 2, "1": 2}},
    QuestionKind.ORDERING: {"order": [2, 1, 0]},
    QuestionKind.CLOZE: {"blanks": {"0": "5", "1": "1999", "2": 0}},
    QuestionKind.ESSAY: {"text": "Tidak tahu."},
    QuestionKind.FILE: {"files": [2, 3]},
    QuestionKind.LINK: {"text": "https://contoh.go.id/b"},
    QuestionKind.OPEN: {"text": "Waktu."},
    QuestionKind.POLL: {"choice": 2},
    QuestionKind.SCALE: {"scale": {"0": 1}},
}
QUIZ = "asas/kuis"
"""Four questions: single, multiple, true/false, text; pass mark 70, three tries a round."""


def add_person(session: Session, name: str = "Siti Rahma") -> int:
    with write_tx(session):
        person = Person(name=name)
        session.add(person)
        session.flush()
        return person.id


def publish_quiz(
    session: Session,
    tmp_path: Path,
    now: datetime,
    *,
    rules: QuizRules | None = None,
    kind: ItemKind = ItemKind.QUIZ,
    **over: Any,
) -> Published:
    """The sample course, with `rules` for the quiz `asas/kuis`; further arguments replace fields of its rules."""
    rules = rules or quiz_rules(*over.pop("question_ids", BANK[:4]), **over)
    return publish_course(session, tmp_path, now, change_item(sample_course(), QUIZ, quiz=rules, kind=kind))


def rules_of(published: Published, quiz_key: str = QUIZ) -> QuizRules:
    item: Item | None = published.outline.item(quiz_key)
    assert item is not None and item.quiz is not None
    return item.quiz


def begin(session: Session, person_id: int, published: Published, now: datetime, quiz_key: str = QUIZ, **over: Any) -> str:
    with write_tx(session):
        return actions.start(session, person_id=person_id, published=published, quiz_key=quiz_key, now=now, **over)


def fill_in(session: Session, person_id: int, token: str, now: datetime, right: int | None = None) -> None:
    """Answer every question: the first `right` of them rightly (all when None), the others wrongly."""
    questions = queries.attempt_view(session, person_id, token).questions
    with write_tx(session):
        for number, question in enumerate(questions):
            answers = RIGHT if right is None or number < right else WRONG
            actions.save_answer(
                session, person_id=person_id, token=token, position=question.position,
                answer=answers[question.public.kind], sequence=question.sequence + 1, now=now,
            )  # fmt: skip


def hand_in(session: Session, person_id: int, token: str, now: datetime) -> ClosedAttempt:
    with write_tx(session):
        return actions.submit(session, person_id=person_id, token=token, now=now)


def take(
    session: Session,
    person_id: int,
    published: Published,
    now: datetime,
    *,
    right: int | None = None,
    quiz_key: str = QUIZ,
    **over: Any,
) -> ClosedAttempt:
    """Start, answer and submit at `now`."""
    token = begin(session, person_id, published, now, quiz_key, **over)
    fill_in(session, person_id, token, now, right)
    return hand_in(session, person_id, token, now)


def count(session: Session, model: Any) -> int:
    """Rows of a table, counted anew."""
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0
