"""Item facts of a course: which questions work, which key may be wrong, and where each stands in the files."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from lms.quizzes.analysis import FEWEST, ItemFacts
from lms.quizzes.analysis_queries import ItemRow, item_rows
from lms.web.extensions import reading
from lms.web.studio.place import Place, published_place

bp = Blueprint("statistics", __name__)
SHOWN_CHOICES = 5
LONGEST_TEXT = 120


@dataclass(frozen=True)
class Bar:
    text: str
    percent: int
    is_right: bool
    label: str


@dataclass(frozen=True)
class Question:
    id: str
    number: int
    stem: str
    source: str
    url: str
    facts: list[tuple[str, str]]
    bars: list[Bar]
    doubt: str
    remarks: tuple[str, ...]
    waiting: str


@dataclass(frozen=True)
class Quiz:
    title: str
    questions: list[Question]


@dataclass(frozen=True)
class Dot:
    """A question in the picture, in its coordinates: `x` 0 … 100 from none right to all right, `y` 0 … 100 from the top."""

    x: int
    y: int
    label: str
    is_doubtful: bool


@bp.get("/<key>/soal")
def show(key: str) -> str:
    place, published = published_place(key)
    rows = item_rows(reading(), published)
    numbered = list(enumerate(rows, start=1))
    questions = [(row, _question(place, number, row)) for number, row in numbered]
    quizzes = [
        Quiz(item.title, [question for row, question in questions if row.item_key == item.key])
        for item in published.outline.items
    ]
    return render_template(
        "studio/statistics/show.html",
        title=published.outline.title,
        quizzes=[quiz for quiz in quizzes if quiz.questions],
        doubtful=[question for _, question in questions if question.doubt],
        dots=[dot for number, row in numbered if (dot := _dot(number, row)) is not None],
        hidden=sum(not row.facts.is_shown for row in rows),
        fewest=FEWEST,
        **place.within("statistics"),
    )


def _question(place: Place, number: int, row: ItemRow) -> Question:
    facts = row.facts
    file, _, line = row.source.rpartition(":")
    return Question(
        id=row.question_id,
        number=number,
        stem=_short(row.stem),
        source=row.source,
        url=url_for("studio.files.show", key=place.key, path=file, soal=row.question_id, _anchor=f"baris-{line}")
        if place.folder
        else "",
        facts=_figures(facts),
        bars=[_bar(choice.text, choice.percent, choice.is_right) for choice in facts.choices[:SHOWN_CHOICES]],
        doubt=facts.doubt,
        remarks=facts.remarks,
        waiting="" if facts.is_shown else f"Baru {facts.answers} jawaban; angka tampil mulai {FEWEST}.",
    )


def _figures(facts: ItemFacts) -> list[tuple[str, str]]:
    if not facts.is_shown:
        return []
    found = [("Benar sejak awal", f"{facts.first_right} %"), ("Dijawab", f"{facts.answers} orang")]
    if facts.discrimination is not None:
        found.append(("Daya beda", f"{facts.discrimination / 100:.2f}".replace(".", ",")))
    if facts.seconds is not None:
        found.append(("Waktu tengah", f"{facts.seconds} detik"))
    return found


def _bar(text: str, percent: int, is_right: bool) -> Bar:
    shown = _short(text) or "tidak dijawab"
    return Bar(shown, percent, is_right, f"{percent} % {shown}{' (kunci)' if is_right else ''}")


def _dot(number: int, row: ItemRow) -> Dot | None:
    facts = row.facts
    if facts.first_right is None or facts.discrimination is None:
        return None
    height = round(100 * (100 - facts.discrimination) / 200)
    return Dot(facts.first_right, height, f"Soal {number}: {facts.first_right} % benar", bool(facts.doubt))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
