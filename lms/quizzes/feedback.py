"""Puts into words what may be told about one answer, no more than `Reveal` allows. Pure; the only place that reads keys to show them."""

from decimal import Decimal, InvalidOperation

from lms.content.types import BlankKey, BlankKind, NumberRange, QuestionKey, QuestionKind, QuestionPublic
from lms.quizzes.grading import is_answered, ordinals
from lms.quizzes.types import Answer, Feedback, Grade, KeyView
from lms.shared.numbers import format_number

PICK_KINDS = (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.MULTIPLE)


def feedback_of(
    public: QuestionPublic, key: QuestionKey, answer: Answer, grade: Grade, *, shows_parts: bool, shows_key: bool
) -> Feedback:
    """Right or wrong and the feedback of what was chosen; with `shows_parts` each pair, step and gap; with `shows_key` the key."""
    answered = is_answered(public, answer)
    general = key.if_correct if grade.is_correct else key.if_incorrect
    return Feedback(
        is_answered=answered,
        is_correct=grade.is_correct,
        score=grade.score,
        points=grade.points,
        chosen=_chosen_feedback(public, key, answer),
        general=general if answered else "",
        parts=grade.parts if shows_parts or shows_key else (),
        reading=grade.reading,
        key=key_view(public, key) if shows_key else None,
    )


def _chosen_feedback(public: QuestionPublic, key: QuestionKey, answer: Answer) -> tuple[tuple[str, str], ...]:
    if public.kind not in PICK_KINDS or not isinstance(answer, dict):
        return ()
    given = answer.get("choices") if public.kind is QuestionKind.MULTIPLE else [answer.get("choice")]
    chosen = ordinals(given, min(len(public.options), len(key.feedback)))
    return tuple((public.options[each], key.feedback[each]) for each in chosen if key.feedback[each])


def key_view(public: QuestionPublic, key: QuestionKey) -> KeyView:
    """The right answer in words. A key that does not fit the question is shown as far as it fits."""
    rights, steps = dict(enumerate(public.rights)), dict(enumerate(public.steps))
    return KeyView(
        options=tuple(public.options[each] for each in ordinals(key.correct, len(public.options))),
        texts=(*key.texts, *(_range_text(one, public.language) for one in key.numbers)),
        pairs=tuple((left, rights.get(right, "")) for left, right in zip(public.lefts, key.pairs, strict=False)),
        steps=tuple(steps[each] for each in key.order if each in steps),
        blanks=tuple(
            _blank_text(blank.kind, blank.options, blank_key, public.language)
            for blank, blank_key in zip(public.blanks, key.blanks, strict=False)
        ),
        option_feedback=tuple((option, told) for option, told in zip(public.options, key.feedback, strict=False) if told),
        explanation=key.explanation,
    )


def _blank_text(kind: BlankKind, options: tuple[str, ...], key: BlankKey, language: str) -> str:
    if kind is BlankKind.CHOICE:
        return options[key.choice] if 0 <= key.choice < len(options) else ""
    separator = " or " if language == "en" else " atau "
    return separator.join((*key.texts, *(_range_text(one, language) for one in key.numbers)))


def _range_text(accepted: NumberRange, language: str) -> str:
    low, high = _number_text(accepted.low, language), _number_text(accepted.high, language)
    return low if low == high else f"{low} {'to' if language == 'en' else 'sampai'} {high}"


def _number_text(text: str, language: str) -> str:
    try:
        return format_number(Decimal(text), language)
    except (InvalidOperation, ValueError):
        return text
