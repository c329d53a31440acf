"""What the demo's people answer: right and wrong answers of every kind of question, mixed until an attempt passes or fails. Pure."""

from collections.abc import Sequence
from random import Random

from lms.content.types import Blank, BlankKey, BlankKind, QuestionKey, QuestionKind, QuestionPublic
from lms.quizzes.grading import mark
from lms.quizzes.types import Answer

UNKNOWN = "belum tahu"
ESSAY = (
    "Antrean di loket kami paling panjang antara pukul 08.00 dan 10.00, rata-rata 42 orang.\n\n"
    "Rencana saya: nomor antrean dapat diambil dari rumah, satu petugas memeriksa berkas sejak pintu masuk, dan loket dibuka pukul "
    "07.30 pada hari Senin. Hasilnya dihitung setiap Jumat selama sebulan, lalu dibahas bersama atasan."
)
OPEN = ("Waktu untuk belajar di jam kerja.", "Contoh dari unit lain akan membantu.", "Tidak ada hambatan berarti.")
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
        case QuestionKind.ESSAY:
            return {"text": ESSAY}
        case QuestionKind.LINK:
            return {"text": "https://contoh.go.id/rencana-aksi"}
        case QuestionKind.OPEN:
            return {"text": OPEN[0]}
        case QuestionKind.POLL:
            return {"choice": 0}
        case QuestionKind.SCALE if public.scale is not None:
            return {"scale": {str(place): public.scale.high - place % 2 for place in range(max(1, len(public.statements)))}}
        case _:  # files are handed in by themselves
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
        case QuestionKind.ESSAY | QuestionKind.LINK:
            return right_answer(public, key)
        case QuestionKind.OPEN:
            return {"text": OPEN[-1]}
        case QuestionKind.POLL:
            return {"choice": len(public.options) - 1}
        case QuestionKind.SCALE if public.scale is not None:
            return {"scale": {str(place): public.scale.low + 1 for place in range(max(1, len(public.statements)))}}
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
