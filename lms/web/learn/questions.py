"""Questions as the templates draw them: field descriptions of quizzes.forms turned into plain values with safe HTML."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from lms.content.types import MARKED_BY_PERSON, WITHOUT_KEY, QuestionKind, QuestionPublic, QuizRules
from lms.quizzes.forms import scale_labels
from lms.quizzes.grading import is_answered, is_web_address, scale_of
from lms.quizzes.types import Answer, AttemptQuestionView, Feedback, FieldBlank, QuestionFields, ResultQuestion
from lms.web import language
from lms.web.work import FileLink, MarkingCard


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
    note: str = ""
    """What the ends of a scale mean, "" when every number says it."""


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
    words: int = 0
    word_hint: str = ""
    """How many words an essay asks for, "" without limits."""
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
        words=fields.words,
        word_hint=word_hint(*fields.word_limits),
        hints=[Markup(hint) for hint in fields.hints],
        options=[Choice(option.token, Markup(option.content), "", checked=option.is_chosen) for option in fields.options],
        rows=_rows(fields),
        parts=_parts(fields) if is_cloze else [],
        points_label="" if fields.kind in WITHOUT_KEY else points_label(points),
    )


def word_hint(fewest: int, most: int) -> str:
    """100–300 kata"""
    if fewest and most:
        return f"{fewest}–{most} kata"
    return f"paling sedikit {fewest} kata" if fewest else f"paling banyak {most} kata" if most else ""


def _statements(fields: QuestionFields) -> list[Row]:
    """A row of numbers for each statement. Numbers that all have a label stand with it; otherwise the ends are told once."""
    rows = []
    for pair in fields.pairs:
        labels = [(option.token, option.content) for option in pair.options]
        is_told = all(label for _, label in labels)
        choices = [
            Choice(option.token, escape(option.token), option.content if is_told else "", checked=option.is_chosen)
            for option in pair.options
        ]
        ends = "" if is_told else " · ".join(f"{number} = {label}" for number, label in labels if label)
        rows.append(Row(pair.name, Markup(pair.left or "".join(fields.stem)), choices, note=ends))
    return rows


def _rows(fields: QuestionFields) -> list[Row]:
    if fields.kind is QuestionKind.SCALE:
        return _statements(fields)
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
    files: list[FileLink] = dataclasses.field(default_factory=list)
    cards: list[MarkingCard] = dataclasses.field(default_factory=list)
    """What people gave, once its score is out."""


VERDICTS = {"right": "Benar", "partial": "Sebagian benar", "wrong": "Belum tepat"}
WRITTEN = Markup('<span class="tulisan">{}</span>')
"""A learner's own words: escaped, with their line breaks, never Markdown."""


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


def reviewed_answer(
    result: ResultQuestion, *, is_waiting: bool = False, files: Iterable[FileLink] = (), cards: Iterable[MarkingCard] = ()
) -> ReviewedAnswer:
    """One question of a result page; nothing beyond what `feedback` allows. `is_waiting`: people have still to mark something."""
    view, feedback = result.view, result.feedback
    label, verdict = "", verdict_of(feedback)
    if view.public.kind in WITHOUT_KEY:
        verdict = "hidden"
    elif view.public.kind in MARKED_BY_PERSON and feedback is not None:
        verdict = "pending" if is_waiting and feedback.is_answered else "marked"
    if feedback is not None and verdict != "pending":
        label = f"{language.score(feedback.score)} dari {points_label(feedback.points)}"
    return ReviewedAnswer(
        number=view.position,
        stem=Markup(" ____ ").join(Markup(part) for part in view.public.stem),
        chosen=answer_in_words(view.public, view.answer),
        verdict=verdict,
        points_label=label,
        feedback=feedback_lines(feedback),
        key=key_lines(feedback),
        explanation=Markup(feedback.key.explanation) if feedback and feedback.key and feedback.key.explanation else None,
        files=list(files),
        cards=list(cards),
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


def answer_in_words(public: QuestionPublic, answer: Answer) -> list[Markup]:
    """What the person answered, as lines to read; empty when nothing was answered, and for files, which are told as links. Typed
    text is escaped, never Markdown."""
    if not is_answered(public, answer) or public.kind is QuestionKind.FILE:
        return []
    if public.kind in (QuestionKind.ESSAY, QuestionKind.OPEN):
        return [WRITTEN.format(answer["text"])]
    if public.kind is QuestionKind.LINK:
        return [link_in_words(answer["text"])]
    if public.kind is QuestionKind.SCALE:
        return _scale_in_words(public, answer)
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


def link_in_words(typed: str) -> Markup:
    """An address that opens elsewhere, or the text as it was typed when it is none."""
    if not is_web_address(typed):
        return escape(typed)
    return Markup('<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>').format(typed.strip())


def _scale_in_words(public: QuestionPublic, answer: Answer) -> list[Markup]:
    labels = scale_labels(public.scale) if public.scale else {}
    lines = []
    for place, number in scale_of(public, answer).items():
        said = f"{number} – {labels[number]}" if labels.get(number) else str(number)
        statement = Markup(public.statements[place]).striptags() if public.statements else ""
        lines.append(escape(f"{statement}: {said}" if statement else said))
    return lines


def _within(ordinals: Iterable[int], count: int) -> list[int]:
    return [one for one in ordinals if 0 <= one < count]


def _gap_text(options: tuple[str, ...], given: Any) -> str:
    if given is None:
        return "–"
    return options[given] if options and isinstance(given, int) and 0 <= given < len(options) else str(given)
