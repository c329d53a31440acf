"""Work that people mark, as pages of learners and of markers show it: files, rubrics, marks. And the one way a file is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, current_app, request, send_file, url_for
from markupsafe import Markup

from config import Config
from lms.content import library, mediastore
from lms.content.assignments import Criterion, Grader, RubricLevel
from lms.content.types import QuestionPublic, QuizRules
from lms.errors import NotFound
from lms.quizzes import markings
from lms.quizzes.files import MOST_FILES, FileRow
from lms.quizzes.grading import criteria_of, most_for
from lms.quizzes.markings import Given
from lms.quizzes.sheets import points_text
from lms.web import language, translation
from lms.web.extensions import reading

SHOWN_INLINE = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf")
GRADERS = {
    Grader.MENTOR: "mentor pelatihan",
    Grader.SUPERIOR: "atasan langsung",
    Grader.PEER: "sesama peserta",
}


@dataclass(frozen=True)
class FileLink:
    url: str
    name: str
    size_label: str
    remove_url: str | None = None


@dataclass(frozen=True)
class CriterionLine:
    title: Markup
    label: str
    """ "3 dari 4", or "82,5 dari 100"."""


@dataclass(frozen=True)
class MarkingCard:
    """What one person gave one answer."""

    marker: str
    when: str
    score_label: str
    comment: str
    criteria: list[CriterionLine] = field(default_factory=list)


@dataclass(frozen=True)
class RubricLine:
    title: Markup
    weight_label: str
    levels: list[tuple[str, Markup]]


def brief(edition_id: int, item_key: str) -> Markup | None:
    """What the author wrote above the questions, marked with its language where the interface speaks another; many quizzes have
    nothing there."""
    try:
        page = library.page(reading(), edition_id, item_key)
    except NotFound:
        return None
    text = Markup("".join(part.html for part in page.parts))
    if not text or translation.current() == translation.INDONESIAN:
        return text or None
    return Markup('<div lang="{}">{}</div>').format(library.edition(reading(), edition_id).outline.language, text)


def rubric(public: QuestionPublic) -> list[RubricLine]:
    """The rubric as learners read it before they write."""
    return [
        RubricLine(
            Markup(criterion.name),
            f"{language.score(criterion.weight)} %",
            [(points_text(level.points), Markup(level.text)) for level in _told(criterion)],
        )
        for criterion in public.rubric
    ]


def _told(criterion: Criterion) -> list[RubricLevel]:
    """The levels that say something; all of them where none does."""
    return [level for level in criterion.levels if level.text] or list(criterion.levels)


def marking_card(public: QuestionPublic, given: Given, marker: str, time_zone: str) -> MarkingCard:
    lines = [
        CriterionLine(Markup(criterion.name) or Markup("Nilai"), f"{points_text(points)} dari {points_text(most_for(criterion))}")
        for criterion, points in zip(criteria_of(public), given.levels, strict=False)
    ]
    score = f"{language.score(given.score)} dari {language.score(public.points)} poin"
    return MarkingCard(marker, language.date_and_time(given.marked_at, time_zone), score, given.comment, lines)


def counted_markings(given: Sequence[Given], rules: QuizRules) -> list[tuple[Given, str]]:
    """The markings of one answer that its score is made of, each with the words for who gave it; "" for staff, who have names."""
    staff = [one for one in given if not one.is_peer]
    if staff:
        return [(staff[-1], "")]
    wanted = markings.peers_wanted(rules)
    peers = [one for one in markings.newest(given) if one.is_peer][:wanted]
    return [(one, f"Rekan {number}") for number, one in enumerate(peers, 1)] if len(peers) == wanted else []


def file_hint(public: QuestionPublic) -> str:
    """pdf, docx; paling besar 10 MB; paling banyak 5 berkas"""
    kinds = ", ".join(public.file_types)
    return f"{kinds}; paling besar {language.kilobytes(public.most_bytes)}; paling banyak {MOST_FILES} berkas"


def file_links(files: Sequence[FileRow], endpoint: str, *, remove: str | None = None, **values: Any) -> list[FileLink]:
    """Links to files through the address family that this person may use."""
    return [
        FileLink(
            url_for(endpoint, upload_id=one.id, **values),
            one.name,
            language.kilobytes(one.size),
            url_for(remove, upload_id=one.id, **values) if remove else None,
        )
        for one in files
    ]


def send(file: FileRow, name: str = "") -> Response:
    """The bytes of a file handed in, to somebody who may see it. Nothing in it may run, whatever it is (R25)."""
    config: Config = current_app.config["PELITA"]
    path = mediastore.path_of(config.data_dir, file.sha256, mediastore.UPLOADS)
    if not path.is_file():
        raise NotFound("Berkas ini tidak ditemukan di penyimpanan. Beri tahu pengelola; catatan pengumpulannya tetap ada.")
    is_saved = file.mime not in SHOWN_INLINE or "unduh" in request.args
    response = send_file(path, mimetype=file.mime, download_name=name or file.name, as_attachment=is_saved, etag=file.sha256)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
