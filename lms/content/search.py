"""Finds lessons by their words, with the same result on SQLite and PostgreSQL. Only rendered lesson text, never questions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text, tuple_
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.models import CourseRow, EditionRow, PageRow
from lms.content.types import ItemKind, Outline, Page
from lms.content.words import QueryWord, query_of, snippet, stems_of, words_of

MOST_HITS = 100


@dataclass(frozen=True, slots=True)
class Hit:
    course_key: str
    course_title: str
    item_key: str
    item_title: str
    snippet_html: str
    """Escaped text with the found words inside <mark>; safe to print as it is."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    hits: list[Hit]
    total: int
    """Lessons found in all, on every page of the result."""


@dataclass(frozen=True, slots=True)
class IndexedLesson:
    """What the index keeps of a lesson: its words, in three columns by weight."""

    item_key: str
    title: list[str]
    body: list[str]
    stems: list[str]


def search(session: Session, query_text: str, *, limit: int = 20, offset: int = 0) -> SearchPage:
    """Lessons of current editions of unretired courses that have every word, best first. Any text may be given."""
    query = query_of(query_text)
    if not query:
        return SearchPage([], 0)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    wanted = {"query": _fts_query(query) if is_sqlite else _ts_query(query)}
    source = FOUND_SQLITE if is_sqlite else FOUND_POSTGRES
    if not is_sqlite:
        session.execute(text(PREFER_INDEX))
    total = session.execute(text(f"SELECT count(*) {source}"), wanted).scalar_one()
    page = {"limit": min(max(limit, 1), MOST_HITS), "offset": max(offset, 0)}
    rank = "bm25(lesson_search, 10.0, 4.0, 1.0)" if is_sqlite else RANK_POSTGRES
    rows = session.execute(
        text(
            f"SELECT place.edition_id, place.item_key {source} ORDER BY {rank}, course.key, place.item_key LIMIT :limit OFFSET :offset"
        ),
        wanted | page,
    ).all()
    if not is_sqlite:
        session.execute(text(PREFER_NOTHING))
    return SearchPage(_hits(session, rows, query), total)


CURRENT = "course ON course.id = place.course_id AND course.current_edition_id = place.edition_id AND course.retired_at IS NULL"
FOUND_SQLITE = f"""FROM lesson_search JOIN lesson_search_place AS place ON place.id = lesson_search.rowid JOIN {CURRENT}
WHERE lesson_search MATCH :query"""
FOUND_POSTGRES = f"""FROM (SELECT * FROM lesson_search WHERE words @@ CAST(:query AS tsquery) OFFSET 0) AS place JOIN {CURRENT}"""
PREFER_INDEX = "SET LOCAL enable_seqscan = off"
"""The planner believes that reading every row is cheap, because it does not count the words that lie beside it (TOAST). This
and the `OFFSET 0` above, over which it cannot join first, leave it the word index: 400 ms became 10 at 3,000 lessons."""
PREFER_NOTHING = "SET LOCAL enable_seqscan = DEFAULT"
RANK_POSTGRES = "ts_rank('{0.1, 0.1, 0.4, 1.0}', place.words, CAST(:query AS tsquery)) DESC"


def _fts_query(query: list[QueryWord]) -> str:
    """FTS5's language. Words hold letters and digits only, so quoting them is enough."""
    return " AND ".join(
        f'({{title body}} : "{wanted.word}"{"*" if wanted.is_prefix else ""} OR stems : "{wanted.stem}")' for wanted in query
    )


def _ts_query(query: list[QueryWord]) -> str:
    """The same as a tsquery literal: title has weight A, body B, stems D."""
    return " & ".join(f"('{wanted.word}':{'*' if wanted.is_prefix else ''}AB | '{wanted.stem}':D)" for wanted in query)


def _hits(session: Session, rows: Sequence[Row[Any]], query: list[QueryWord]) -> list[Hit]:
    if not rows:
        return []
    courses = library.by_ids(session, {row.edition_id for row in rows})
    wanted = select(PageRow.edition_id, PageRow.item_key, PageRow.page)
    wanted = wanted.where(tuple_(PageRow.edition_id, PageRow.item_key).in_([(row.edition_id, row.item_key) for row in rows]))
    texts = {(page.edition_id, page.item_key): page.page.get("text", "") for page in session.execute(wanted)}
    found = []
    for row in rows:
        published = courses[row.edition_id]
        item = published.outline.item(row.item_key)
        found.append(
            Hit(
                course_key=published.course_key,
                course_title=published.outline.title,
                item_key=row.item_key,
                item_title=item.title if item else row.item_key,
                snippet_html=snippet(texts.get((row.edition_id, row.item_key), ""), query),
            )
        )
    return found


def lessons_to_index(outline: Outline, pages: dict[str, Page]) -> list[IndexedLesson]:
    """Words of every lesson. Takes about a millisecond a lesson: do it before the write transaction."""
    found = []
    for item in outline.items:
        if item.kind is ItemKind.LESSON:
            title, body = words_of(item.title), words_of(pages[item.key].text if item.key in pages else "")
            found.append(IndexedLesson(item.key, title, body, stems_of([*title, *body])))
    return found


def index_edition(session: Session, course_id: int, edition_id: int, lessons: Iterable[IndexedLesson]) -> None:
    """Make this edition's lessons the ones that are found. Part of the transaction that publishes it."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        session.execute(
            text("DELETE FROM lesson_search WHERE rowid IN (SELECT id FROM lesson_search_place WHERE course_id = :course_id)"),
            {"course_id": course_id},
        )
    place = "lesson_search_place" if is_sqlite else "lesson_search"
    session.execute(text(f"DELETE FROM {place} WHERE course_id = :course_id"), {"course_id": course_id})
    for lesson in lessons:
        values = {"course_id": course_id, "edition_id": edition_id, "item_key": lesson.item_key}
        if is_sqlite:
            row_id = session.execute(text(ADD_PLACE), values).scalar_one()
            columns = {"title": " ".join(lesson.title), "body": " ".join(lesson.body), "stems": " ".join(lesson.stems)}
            session.execute(text(ADD_SQLITE), {"id": row_id, **columns})
        else:
            session.execute(text(ADD_POSTGRES), {**values, "words": _ts_vector(lesson)})


ADD_PLACE = (
    "INSERT INTO lesson_search_place (course_id, edition_id, item_key) VALUES (:course_id, :edition_id, :item_key) RETURNING id"
)
ADD_SQLITE = "INSERT INTO lesson_search (rowid, title, body, stems) VALUES (:id, :title, :body, :stems)"
ADD_POSTGRES = """INSERT INTO lesson_search (course_id, edition_id, item_key, words)
VALUES (:course_id, :edition_id, :item_key, CAST(:words AS tsvector))"""


def _ts_vector(lesson: IndexedLesson) -> str:
    """A tsvector literal: no parser or dictionary of PostgreSQL sees the words, so they stay as they are."""
    weights: dict[str, list[str]] = {}
    for column, label in ((lesson.title, "1A"), (lesson.body, "2B"), (lesson.stems, "3")):
        for word in dict.fromkeys(column):
            weights.setdefault(word, []).append(label)
    return " ".join(f"'{word}':{','.join(labels)}" for word, labels in weights.items())


def rebuild(session: Session) -> int:
    """Index every current edition anew, e.g. after a move to another database; returns the number of lessons."""
    count = 0
    current = select(EditionRow.course_id, EditionRow.id).where(EditionRow.id.in_(select(CourseRow.current_edition_id)))
    for course_id, edition_id in session.execute(current.order_by(EditionRow.id)).all():
        outline = library.edition(session, edition_id).outline
        pages = {item.key: library.page(session, edition_id, item.key) for item in outline.items if item.kind is ItemKind.LESSON}
        lessons = lessons_to_index(outline, pages)
        index_edition(session, course_id, edition_id, lessons)
        count += len(lessons)
    return count
