"""Carries an answer from the wording it was given to over to another wording of the same question. Pure."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from lms.content.types import BlankKind, QuestionKind, QuestionPublic
from lms.quizzes.grading import TYPED_KINDS, blanks_of, ordinal, ordinals, pairs_of, scale_of
from lms.quizzes.types import Answer

REWORDED = 0.6
"""Share of equal characters from which a changed text is the same option reworded (COURSE-FORMAT.md 2.10)."""
LONGEST_COMPARED = 400
PICKS = (QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.MULTIPLE, QuestionKind.POLL)


def translate(answer: Answer, old: QuestionPublic, new: QuestionPublic) -> Answer | None:
    """The same answer in the ordinals of `new`; None when the kinds cannot be compared.

    Options, pairs, steps and drop-downs are recognised by their text, reworded ones by likeness. What no longer exists drops
    out of the answer and so counts as wrong. Single and multiple choice turn into one another when a key gains a second option.
    """
    if not isinstance(answer, dict):
        return {}
    if old.kind in PICKS and new.kind in PICKS:
        return _translate_choice(answer, old, new)
    if old.kind in TYPED_KINDS and new.kind in TYPED_KINDS:
        return answer
    if old.kind is not new.kind:
        return None
    if old.kind is QuestionKind.FILE:
        return answer
    if old.kind is QuestionKind.SCALE:
        return _translate_scale(answer, old, new)
    if old.kind is QuestionKind.MATCHING:
        lefts, rights = places(old.lefts, new.lefts), places(old.rights, new.rights)
        pairs = {
            str(lefts[left]): rights[right] for left, right in pairs_of(old, answer).items() if left in lefts and right in rights
        }
        return {"pairs": pairs} if pairs else {}
    if old.kind is QuestionKind.ORDERING:
        steps = places(old.steps, new.steps)
        order = [steps[step] for step in ordinals(answer.get("order"), len(old.steps)) if step in steps]
        return {"order": order} if order else {}
    return _translate_blanks(answer, old, new)


def _translate_choice(answer: Answer, old: QuestionPublic, new: QuestionPublic) -> Answer:
    options = places(old.options, new.options)
    if old.kind is QuestionKind.MULTIPLE:
        given = ordinals(answer.get("choices"), len(old.options))
    else:
        chosen = ordinal(answer.get("choice"), len(old.options))
        given = [] if chosen is None else [chosen]
    kept = sorted(options[one] for one in given if one in options)
    if new.kind is QuestionKind.MULTIPLE:
        return {"choices": kept} if kept else {}
    return {"choice": kept[0]} if len(kept) == 1 and len(given) == 1 else {}


def _translate_scale(answer: Answer, old: QuestionPublic, new: QuestionPublic) -> Answer | None:
    """Numbers keep their statements; on another scale they would mean something else."""
    if old.scale is None or new.scale is None or (old.scale.low, old.scale.high) != (new.scale.low, new.scale.high):
        return None
    statements = places(old.statements or old.stem, new.statements or new.stem)
    kept = {str(statements[place]): given for place, given in scale_of(old, answer).items() if place in statements}
    return {"scale": kept} if kept else {}


def _translate_blanks(answer: Answer, old: QuestionPublic, new: QuestionPublic) -> Answer:
    found: dict[str, str | int] = {}
    for number, given in blanks_of(old, answer).items():
        if number >= len(new.blanks):
            continue
        before, after = old.blanks[number], new.blanks[number]
        if isinstance(given, str) and after.kind is not BlankKind.CHOICE:
            found[str(number)] = given
        elif isinstance(given, int) and after.kind is BlankKind.CHOICE:
            options = places(before.options, after.options)
            if given in options:
                found[str(number)] = options[given]
    return {"blanks": found} if found else {}


def places(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Where each old part stands among the new ones: equal texts first, then the most alike of what is left over on both sides."""
    by_text = {text: ordinal for ordinal, text in enumerate(new)}
    found = {ordinal: by_text[text] for ordinal, text in enumerate(old) if text in by_text}
    left_old = [ordinal for ordinal in range(len(old)) if ordinal not in found]
    left_new = [ordinal for ordinal in range(len(new)) if ordinal not in set(found.values())]
    alike = sorted((-_likeness(old[one], new[other]), one, other) for one in left_old for other in left_new)
    for likeness, one, other in alike:
        if -likeness >= REWORDED and one not in found and other not in found.values():
            found[one] = other
    return found


def _likeness(first: str, second: str) -> float:
    return SequenceMatcher(None, first[:LONGEST_COMPARED], second[:LONGEST_COMPARED], autojunk=False).ratio()
