"""Filling in question forms rightly or wrongly, as a person on the page would, from the stored key and layout."""

from sqlalchemy.orm import Session

from lms.content import library
from lms.content.types import BlankKind, QuestionKey, QuestionKind, QuestionPublic
from lms.quizzes import queries
from lms.quizzes.draw import inline_layout
from lms.quizzes.types import AttemptQuestionView, Layout

Fields = dict[str, str | list[str]]


def right_form(public: QuestionPublic, layout: Layout, key: QuestionKey) -> Fields:
    """The fields a person sends who knows the answer."""
    token = {ordinal: token for token, ordinal in layout.options}
    if public.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.MULTIPLE):
        return {"a": [token[one] for one in key.correct]}
    if public.kind is QuestionKind.TEXT:
        return {"t": key.texts[0]}
    if public.kind is QuestionKind.NUMBER:
        return {"t": key.numbers[0].low.replace(".", ",")}
    if public.kind is QuestionKind.MATCHING:
        return {f"m{left}": token[right] for left, right in enumerate(key.pairs)}
    if public.kind is QuestionKind.ORDERING:
        places = {step: place for place, step in enumerate(key.order, 1)}
        return {f"o{step_token}": str(places[step]) for step_token, step in layout.steps}
    fields: Fields = {}
    for number, (blank, blank_key) in enumerate(zip(public.blanks, key.blanks, strict=True)):
        if blank.kind is BlankKind.CHOICE:
            fields[f"b{number}"] = next(each for each, ordinal in layout.blanks[number] if ordinal == blank_key.choice)
        elif blank_key.texts:
            fields[f"b{number}"] = blank_key.texts[0]
        else:
            fields[f"b{number}"] = blank_key.numbers[0].low.replace(".", ",")
    return fields


def wrong_form(public: QuestionPublic, layout: Layout, key: QuestionKey) -> Fields:
    """The fields of somebody who is wrong everywhere it counts; an empty form where no wrong answer can be given."""
    if public.kind in (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.MULTIPLE):
        return {"a": [token for token, ordinal in layout.options if ordinal not in key.correct][:1]}
    if public.kind in (QuestionKind.TEXT, QuestionKind.NUMBER):
        return {"t": "987654,5"}
    return {}


def attempt_forms(session: Session, person_id: int, token: str, right: bool = True) -> list[tuple[AttemptQuestionView, Fields]]:
    """(question, fields) for every question of an attempt."""
    view = queries.attempt_view(session, person_id, token)
    keys = library.keys(session, [each.version_id for each in view.questions])
    fill = right_form if right else wrong_form
    return [(each, fill(each.public, each.layout, keys[each.version_id])) for each in view.questions]


def inline_form(session: Session, person_id: int, edition_id: int, question_id: str, right: bool = True) -> Fields:
    """The fields for a check inside a lesson, as this person sees it."""
    version = library.questions(session, edition_id, [question_id])[question_id]
    layout = inline_layout(version.public, person_id, version.version_id)
    fill = right_form if right else wrong_form
    return fill(version.public, layout, library.keys(session, [version.version_id])[version.version_id])
