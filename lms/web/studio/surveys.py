"""What learners answered to the surveys of a course: distributions, free texts, and the same as a file."""

import csv
import io
from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from lms.quizzes import surveys
from lms.quizzes.surveys import FEWEST, Distribution, QuestionResult
from lms.web import language
from lms.web.extensions import reading
from lms.web.studio.place import published_place

bp = Blueprint("surveys", __name__)


@dataclass(frozen=True)
class Bar:
    label: Markup
    count: int
    percent: int


@dataclass(frozen=True)
class Share:
    """A part of the one line of a scale, in per cent of its width; darker means more agreement."""

    x: float
    width: float
    opacity: float
    label: str


@dataclass(frozen=True)
class Chart:
    title: Markup
    mean: str
    bars: list[Bar]
    shares: list[Share]
    """Of a scale; then the bars are only for the table behind."""


@dataclass(frozen=True)
class Question:
    stem: Markup
    count: int
    is_hidden: bool
    charts: list[Chart]
    texts: tuple[str, ...]


@bp.get("/<key>/evaluasi")
def show(key: str) -> str:
    place, published = published_place(key)
    found = surveys.results(reading(), published)
    return render_template(
        "studio/surveys/show.html",
        title=published.outline.title,
        surveys=[
            {
                "title": one.title,
                "kept": "tanpa nama" if one.is_anonymous else "dengan nama",
                "respondents": one.respondents,
                "questions": [_question(each) for each in one.questions],
            }
            for one in found
        ],
        fewest=FEWEST,
        download_url=url_for("studio.surveys.download", key=key) if found else None,
        **place.within("surveys"),
    )


def _question(result: QuestionResult) -> Question:
    charts = [_chart(one) for one in result.distributions]
    return Question(Markup(result.stem), result.count, result.is_hidden, charts, result.texts)


def _chart(one: Distribution) -> Chart:
    total = sum(count for _, count in one.choices)
    bars = [Bar(Markup(label), count, round(100 * count / total) if total else 0) for label, count in one.choices]
    mean = f"Rata-rata {language.score(one.mean)}" if one.mean is not None else ""
    return Chart(Markup(one.statement), mean, bars if total else [], _shares(bars, total) if mean else [])


def _shares(bars: list[Bar], total: int) -> list[Share]:
    found, x = [], 0.0
    for number, bar in enumerate(bars):
        width = 100 * bar.count / total
        opacity = round(0.2 + 0.8 * number / max(1, len(bars) - 1), 2)
        if bar.count:
            found.append(Share(round(x, 2), round(width, 2), opacity, f"{bar.label.striptags()}: {bar.percent} %"))
        x += width
    return found


@bp.get("/<key>/evaluasi/unduh")
def download(key: str) -> Response:
    """The same figures as a file for spreadsheets: semicolons and a mark of the encoding, as Indonesian ones expect (D74)."""
    _, published = published_place(key)
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=";")
    rows.writerow(("Evaluasi", "Pertanyaan", "Pernyataan", "Jawaban", "Jumlah"))
    for survey in surveys.results(reading(), published):
        for question in survey.questions:
            for line in _lines(question):
                rows.writerow([cell(text) for text in (survey.title, Markup(question.stem).striptags(), *line)])
    name = f"evaluasi-{published.course_key}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


def _lines(question: QuestionResult) -> list[tuple[str, str, str]]:
    """(statement, answer, how many) of one question."""
    if question.is_hidden:
        return [("", f"disembunyikan: kurang dari {FEWEST} jawaban", str(question.count))]
    lines = [
        (Markup(one.statement).striptags(), Markup(label).striptags(), str(count))
        for one in question.distributions
        for label, count in one.choices
    ]
    return lines + [("", text, "1") for text in question.texts]


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
