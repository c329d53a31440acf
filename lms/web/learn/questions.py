"""Questions as the templates draw them: field descriptions of quizzes.forms turned into plain values with safe HTML."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from lms.content.types import QuestionKind, QuizRules
from lms.quizzes.grading import is_answered
from lms.quizzes.types import Answer, AttemptQuestionView, Feedback, FieldBlank, QuestionFields, ResultQuestion
from lms.web import language


@dataclass(frozen=True)
class Choice:
    value: str
    body: Markup
    label: str
    checked: bool = False
    selected: bool = False


@dataclass(frozen=True)
class Row:
    field: str
    body: Markup
    choices: list[Choice] = dataclasses.field(default_factory=list)
    place: int | None = None


@dataclass(frozen=True)
class Part:
    """A run of text, or a gap of a cloze question."""

    text: Markup = Markup("")
    field: str = ""
    label: str = ""
    value: str = ""
    numeric: bool = False
    size: int = 14
    choices: list[Choice] = dataclasses.field(default_factory=list)


@dataclass(frozen=True)
class QuestionPart:
    """One question with its input fields; see templates/learn/quizzes/question.html for who reads what."""

    id: str
    kind: str
    stem: Markup
    field: str = ""
    value: str = ""
    unit: str = ""
    read_as: str = ""
    """How typed numbers were understood; of a cloze text one line for all its gaps."""
    longest: int = 0
    hints: list[Markup] = dataclasses.field(default_factory=list)
    options: list[Choice] = dataclasses.field(default_factory=list)
    rows: list[Row] = dataclasses.field(default_factory=list)
    parts: list[Part] = dataclasses.field(default_factory=list)
    points_label: str = ""


def question_part(fields: QuestionFields, points: int) -> QuestionPart:
    """A question ready for its template. `points` in hundredths."""
    is_cloze = fields.kind is QuestionKind.CLOZE
    return QuestionPart(
        id=fields.question_id,
        kind=fields.kind.value,
        stem=Markup("") if is_cloze else Markup("".join(fields.stem)),
        field=fields.name,
        value=fields.text,
        unit=fields.unit,
        read_as=fields.reading or _gap_readings(fields),
        longest=fields.longest,
        hints=[Markup(hint) for hint in fields.hints],
        options=[Choice(option.token, Markup(option.content), "", checked=option.is_chosen) for option in fields.options],
        rows=_rows(fields),
        parts=_parts(fields) if is_cloze else [],
        points_label=points_label(points),
    )


def _rows(fields: QuestionFields) -> list[Row]:
    pairs = [
        Row(
            pair.name,
            Markup(pair.left),
            [
                Choice(option.token, Markup(option.content), plain(option.content), selected=option.is_chosen)
                for option in pair.options
            ],
        )
        for pair in fields.pairs
    ]
    return pairs or [Row(step.name, Markup(step.content), place=step.place or None) for step in fields.steps]


def _parts(fields: QuestionFields) -> list[Part]:
    parts = []
    for number, text in enumerate(fields.stem):
        parts.append(Part(text=Markup(text)))
        if number < len(fields.blanks):
            parts.append(_gap(fields.blanks[number], number + 1))
    return parts


def _gap_readings(fields: QuestionFields) -> str:
    return "; ".join(f"({number}) {blank.reading}" for number, blank in enumerate(fields.blanks, 1) if blank.reading)


def _gap(blank: FieldBlank, number: int) -> Part:
    return Part(
        field=blank.name,
        label=f"Rumpang {number}",
        value=blank.text,
        numeric=blank.is_number,
        choices=[
            Choice(option.token, escape(option.content), option.content, selected=option.is_chosen) for option in blank.options
        ],
    )


def plain(html: str) -> str:
    """The text of an HTML fragment, for places that take no markup, such as the lines of a drop-down."""
    return Markup(html).striptags()


def points_label(points: int) -> str:
    return f"{language.score(points)} poin"


def quiz_facts(rules: QuizRules, left: int | None, score: int | None = None) -> list[tuple[str, str]]:
    """What a person should know before starting. `left` tries of the round; `score` counts so far (hundredths)."""
    facts = [("Soal", str(rules.question_count))]
    if rules.pass_mark:
        facts.append(("Nilai minimum", language.score(rules.pass_mark)))
    facts.append(("Waktu", f"{rules.time_limit_seconds // 60} menit" if rules.time_limit_seconds else "tanpa batas"))
    facts.append(("Percobaan", f"sisa {left} dari {rules.tries}" if rules.tries else "tanpa batas"))
    if score is not None:
        facts.append(("Nilai Anda", language.score(score)))
    return facts


def summary_of(view: AttemptQuestionView, length: int = 70) -> str:
    """The first words of a question."""
    text = " … ".join(plain(part) for part in view.public.stem if plain(part))
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + " …"


@dataclass(frozen=True)
class ReviewedAnswer:
    number: int
    stem: Markup
    chosen: list[Markup]
    verdict: str
    points_label: str
    feedback: list[Markup]
    key: list[Markup] | None
    explanation: Markup | None


VERDICTS = {"right": "Benar", "partial": "Sebagian benar", "wrong": "Belum tepat"}


@dataclass(frozen=True)
class ToldAnswer:
    """What is said at once about an answer: checks inside lessons, and practice."""

    verdict: str
    label: str
    feedback: list[Markup]
    explanation: Markup | None


def told_answer(feedback: Feedback | None) -> ToldAnswer | None:
    if feedback is None:
        return None
    verdict = verdict_of(feedback)
    explanation = Markup(feedback.key.explanation) if feedback.key and feedback.key.explanation else None
    return ToldAnswer(verdict, VERDICTS[verdict], feedback_lines(feedback), explanation)


def verdict_of(feedback: Feedback | None) -> str:
    if feedback is None:
        return "hidden"
    if feedback.is_correct:
        return "right"
    return "partial" if feedback.score > 0 else "wrong"


def reviewed_answer(result: ResultQuestion) -> ReviewedAnswer:
    """One question of a result page; nothing beyond what `feedback` allows."""
    view, feedback = result.view, result.feedback
    label = ""
    if feedback is not None:
        label = f"{language.score(feedback.score)} dari {points_label(feedback.points)}"
    return ReviewedAnswer(
        number=view.position,
        stem=Markup(" ____ ").join(Markup(part) for part in view.public.stem),
        chosen=answer_in_words(view, view.answer),
        verdict=verdict_of(feedback),
        points_label=label,
        feedback=feedback_lines(feedback),
        key=key_lines(feedback),
        explanation=Markup(feedback.key.explanation) if feedback and feedback.key and feedback.key.explanation else None,
    )


def feedback_lines(feedback: Feedback | None) -> list[Markup]:
    if feedback is None:
        return []
    lines = [Markup(told) for _, told in feedback.chosen]
    if feedback.reading:
        lines.append(escape(f"Terbaca: {feedback.reading}"))
    if feedback.general:
        lines.append(Markup(feedback.general))
    return lines


def key_lines(feedback: Feedback | None) -> list[Markup] | None:
    """The answer key as lines to read, or None while it is closed."""
    key = feedback.key if feedback else None
    if key is None:
        return None
    lines = [Markup(option) for option in key.options]
    lines += [escape(text) for text in key.texts]
    lines += [Markup("{} → {}").format(Markup(left), Markup(right)) for left, right in key.pairs]
    lines += [Markup("{}. {}").format(number, Markup(step)) for number, step in enumerate(key.steps, 1)]
    lines += [escape(text) for text in key.blanks]
    return lines


def answer_in_words(view: AttemptQuestionView, answer: Answer) -> list[Markup]:
    """What the person answered, as lines to read; empty when nothing was answered. Typed text is escaped, never Markdown."""
    public = view.public
    if not is_answered(public, answer):
        return []
    if "choice" in answer:
        return [Markup(public.options[answer["choice"]])]
    if "choices" in answer:
        return [Markup(public.options[one]) for one in _within(answer["choices"], len(public.options))]
    if "text" in answer:
        unit = f" {public.unit}" if public.unit else ""
        return [escape(f"{answer['text']}{unit}")]
    if "pairs" in answer:
        return [
            Markup("{} → {}").format(Markup(public.lefts[int(left)]), Markup(public.rights[right]))
            for left, right in sorted(answer["pairs"].items(), key=lambda pair: int(pair[0]))
        ]
    if "order" in answer:
        return [Markup("{}. {}").format(number, Markup(public.steps[step])) for number, step in enumerate(answer["order"], 1)]
    return [
        escape(f"({number + 1}) {_gap_text(public.blanks[number].options, answer['blanks'].get(str(number)))}")
        for number in range(len(public.blanks))
    ]


def _within(ordinals: Iterable[int], count: int) -> list[int]:
    return [one for one in ordinals if 0 <= one < count]


def _gap_text(options: tuple[str, ...], given: Any) -> str:
    if given is None:
        return "–"
    return options[given] if options and isinstance(given, int) and 0 <= given < len(options) else str(given)
