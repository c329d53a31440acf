"""The shipped courses end to end: their keys earn full marks through the forms a browser posts, and random forms break nothing."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from lms.content import library
from lms.content.compile import compile_course
from lms.content.measure import page_bytes
from lms.content.parse import load_course
from lms.content.types import MARKED_BY_MACHINE, BlankKind, ItemKind, QuestionKind
from lms.errors import Invalid
from lms.quizzes import actions, forms, queries
from lms.quizzes.draw import inline_layout
from lms.quizzes.grading import grade
from lms.shared.numbers import format_number
from lms.store.engine import write_tx
from tests.factories.content import publish_course
from tests.factories.quizzes import add_person, begin, hand_in

COURSES = sorted(path.parent for path in (Path(__file__).parents[2] / "courses").glob("*/course.yml"))
HEAVIEST_PAGE, HEAVIEST_TEXT = 64_000, 14_000
"""Bytes with and without pictures; style and script take another 6 KB of a cold page's 20 (DESIGN.md section 6)."""
DAY = timedelta(days=1)
MARKED_AT_ONCE = (ItemKind.QUIZ, ItemKind.PRETEST, ItemKind.POSTTEST, ItemKind.PRACTICE)


@pytest.fixture(scope="module", params=COURSES, ids=lambda path: path.name)
def compiled(request):
    return compile_course(load_course(request.param))


def number_text(ranges, language):
    return format_number(Decimal(ranges[0].low), language)


def right_answer(public, key):
    """The canonical right answer that the key describes, as a person would give it."""
    if public.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE):
        return {"choice": key.correct[0]}
    if public.kind is QuestionKind.MULTIPLE:
        return {"choices": sorted(key.correct)}
    if public.kind is QuestionKind.TEXT:
        return {"text": key.texts[-1]}
    if public.kind is QuestionKind.NUMBER:
        return {"text": number_text(key.numbers, public.language)}
    if public.kind is QuestionKind.MATCHING:
        return {"pairs": {str(left): right for left, right in enumerate(key.pairs)}}
    if public.kind is QuestionKind.ORDERING:
        return {"order": list(key.order)}
    blanks = {}
    for number, (blank, blank_key) in enumerate(zip(public.blanks, key.blanks, strict=True)):
        typed = number_text(blank_key.numbers, public.language) if blank_key.numbers else (*blank_key.texts, "")[0]
        blanks[str(number)] = blank_key.choice if blank.kind is BlankKind.CHOICE else typed
    return {"blanks": blanks}


def posted(fields):
    form = {pair.name: [pair.chosen] for pair in fields.pairs} | {step.name: [str(step.place)] for step in fields.steps}
    form |= {blank.name: [blank.chosen if blank.options else blank.text] for blank in fields.blanks}
    if fields.name:
        form[fields.name] = [option.token for option in fields.options if option.is_chosen] or [fields.text]
    return form


def test_every_key_earns_full_points_through_its_form(compiled):
    for question in (one for one in compiled.questions.values() if one.public.kind in MARKED_BY_MACHINE):
        layout = inline_layout(question.public, 1, 1)
        answer = right_answer(question.public, question.key)
        read = forms.read_answer(question.public, layout, posted(forms.question_fields(question.public, layout, answer)))
        judged = grade(question.public, question.key, read)
        assert (question.public.id, judged.score) == (question.public.id, question.public.points)


def test_every_page_is_light(compiled):
    heavy = [(item.key, item.size_bytes) for item in compiled.outline.items if item.size_bytes > HEAVIEST_PAGE]
    without_pictures = [
        (key, size)
        for key, page in compiled.pages.items()
        if (size := page_bytes((part.html for part in page.parts), 0)) > HEAVIEST_TEXT
    ]
    assert (heavy, without_pictures) == ([], [])


@pytest.mark.parametrize("seed", [1, 2, 3] if os.environ.get("PELITA_PROVE") else [1])
def test_every_quiz_can_be_taken_with_right_and_with_random_answers(session, tmp_path, now, compiled, seed):
    published = publish_course(session, tmp_path, now, compiled)
    random = Random(seed)
    for item in (each for each in published.outline.items if each.kind in MARKED_AT_ONCE):
        person = add_person(session)
        for at, is_right in ((now, False), (now + 9 * DAY, True)):
            if at > now and not queries.tries(session, person, published.course_id, item.key, item.quiz, at).may_start:
                continue  # passed at the first go: a pre-test always is
            token = begin(session, person, published, at, item.key, random=random)
            view = queries.attempt_view(session, person, token)
            assert len(view.questions) == item.quiz.question_count
            keys = library.keys(session, [one.version_id for one in view.questions])
            with write_tx(session):
                for one in view.questions:
                    answer = right_answer(one.public, keys[one.version_id]) if is_right else random_answer(one, random)
                    place = {"token": token, "position": one.position}
                    actions.save_answer(session, person_id=person, **place, answer=answer, sequence=None, now=at)
            closed = hand_in(session, person, token, at)
            assert not is_right or (closed.score, closed.passed) == (10000, True)
            shown = queries.result_view(session, person, token, item.quiz, now=at)
            assert (shown.score, shown.passed, len(shown.questions)) == (closed.score, closed.passed, len(view.questions))


def random_answer(one, random):
    tokens = [token for token, _ in (*one.layout.options, *(each for blank in one.layout.blanks for each in blank))]
    values = [*tokens, "1", "2", "70,8", "Ombudsman", ""]
    form = {name: [random.choice(values)] for name in forms.field_names(one.public, one.layout)}
    try:
        return forms.read_answer(one.public, one.layout, form)
    except Invalid:
        return {}
