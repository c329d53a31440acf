"""What the demo's people answer: right and wrong answers of every kind of question, mixed until an attempt passes or fails. Pure."""

from collections.abc import Sequence
from random import Random

from lms.content.types import Blank, BlankKey, BlankKind, QuestionKey, QuestionKind, QuestionPublic
from lms.quizzes.grading import mark
from lms.quizzes.types import Answer

UNKNOWN = "belum tahu"
SLIPS = 8


def answers_for(
    random: Random, questions: Sequence[tuple[QuestionPublic, QuestionKey]], *, quality: float, pass_mark: int, passes: bool
) -> list[Answer]:
    """Answers of somebody who knows `quality` (0 to 1) of it, turned right or wrong one by one until the attempt comes out as wanted.

    Without a pass mark (pre-tests) nothing is turned. What cannot come out as wanted stays as near as it gets.
    """
    is_right = [random.random() < quality for _ in questions]
    answers = [
        right_answer(*one) if right else wrong_answer(*one, random.randrange(SLIPS))
        for one, right in zip(questions, is_right, strict=True)
    ]
    turning = list(range(len(questions)))
    random.shuffle(turning)
    for place in turning:
        graded = [(public, key, answer) for (public, key), answer in zip(questions, answers, strict=True)]
        if pass_mark == 0 or mark(graded, pass_mark).passed == passes:
            break
        if is_right[place] != passes:
            answers[place] = (
                right_answer(*questions[place]) if passes else wrong_answer(*questions[place], random.randrange(SLIPS))
            )
    return answers


def right_answer(public: QuestionPublic, key: QuestionKey) -> Answer:
    """An answer with full points."""
    match public.kind:
        case QuestionKind.SINGLE | QuestionKind.TRUE_FALSE:
            return {"choice": key.correct[0]}
        case QuestionKind.MULTIPLE:
            return {"choices": sorted(key.correct)}
        case QuestionKind.TEXT:
            return {"text": key.texts[0]}
        case QuestionKind.NUMBER:
            return {"text": _written(key.numbers[0].low, public.language)}
        case QuestionKind.MATCHING:
            return {"pairs": {str(left): right for left, right in enumerate(key.pairs)}}
        case QuestionKind.ORDERING:
            return {"order": list(key.order)}
        case QuestionKind.CLOZE:
            return {"blanks": {str(n): _filled(public, key.blanks[n]) for n in range(len(public.blanks))}}
        case _:  # what a person marks, and surveys, have no key
            return {}


def wrong_answer(public: QuestionPublic, key: QuestionKey, slip: int = 0) -> Answer:
    """A plausible answer without full points; numbers go wrong in SLIPS ways, so that no wrong one looks agreed upon."""
    match public.kind:
        case QuestionKind.SINGLE | QuestionKind.TRUE_FALSE:
            return {"choice": next((n for n in range(len(public.options)) if n not in key.correct), 0)}
        case QuestionKind.MULTIPLE:
            others = [n for n in range(len(public.options)) if n not in key.correct]
            return {"choices": sorted([key.correct[0], *others[:1]] if others else list(key.correct[:1]))}
        case QuestionKind.TEXT | QuestionKind.NUMBER:
            return {"text": UNKNOWN if public.kind is QuestionKind.TEXT else str(7 + 13 * slip)}
        case QuestionKind.MATCHING:
            return {"pairs": {str(left): (right + 1) % len(public.rights) for left, right in enumerate(key.pairs)}}
        case QuestionKind.ORDERING:
            return {"order": list(reversed(key.order))}
        case QuestionKind.CLOZE:
            return {"blanks": {str(n): _misfilled(blank, key.blanks[n]) for n, blank in enumerate(public.blanks)}}
        case _:
            return {}


def _filled(public: QuestionPublic, key: BlankKey) -> str | int:
    if key.choice >= 0:
        return key.choice
    return key.texts[0] if key.texts else _written(key.numbers[0].low, public.language)


def _misfilled(blank: Blank, key: BlankKey) -> str | int:
    if blank.kind is BlankKind.CHOICE:
        return (key.choice + 1) % max(2, len(blank.options))
    return UNKNOWN if blank.kind is BlankKind.TEXT else "7"


def _written(number: str, language: str) -> str:
    """A number as people type it: "70,3" in Indonesian."""
    return number if language == "en" else number.replace(".", ",")
