"""The catalogue: topics, minutes, JP and page size, stated before anything is opened."""

from flask import Blueprint, render_template, request, url_for

from lms.content import library
from lms.content.library import Published
from lms.progress import queries
from lms.progress.competencies import levels, named
from lms.progress.queries import CourseCard as MyCourse
from lms.progress.types import State
from lms.web.claims import rules_today
from lms.web.extensions import reading
from lms.web.filters import choice
from lms.web.identity import user
from lms.web.learn.shapes import CourseCard, course_meta

bp = Blueprint("catalogue", __name__)
LENGTHS = (("1", "sampai 1 JP", 0, 1), ("3", "2–3 JP", 2, 3), ("4", "4 JP atau lebih", 4, 10_000))


@bp.get("/pelatihan")
def index() -> str:
    who = user()
    session = reading()
    offered = library.catalogue(session)
    mine = {course.course_id: course for course in queries.my_courses(session, who.person_id)}
    query = request.args.get("q", "")[:100].strip()
    topic, length, code = (request.args.get(name, "") for name in ("topik", "lama", "kompetensi"))
    shown = [
        each for each in offered if _matches(each, query, topic, length) and code in ("", *levels(each.outline.competencies))
    ]
    topics = sorted({tag for each in offered for tag in each.outline.tags}, key=str.casefold)
    book = rules_today()
    codes = sorted({(code, name) for each in offered for code, name, _ in named(book, each.outline.competencies)})
    return render_template(
        "learn/catalogue/index.html",
        query=query,
        filters=[
            choice("topik", "Topik", [("", "Semua"), *((tag, tag) for tag in topics)], topic),
            choice("kompetensi", "Kompetensi", [("", "Semua"), *codes], code),
            choice("lama", "Lama", [("", "Semua"), *((key, label) for key, label, _, _ in LENGTHS)], length),
        ],
        count_label=f"{len(shown)} pelatihan",
        courses=[_card(each, mine.get(each.course_id)) for each in shown],
        pager=None,
        active_nav="catalogue",
    )


def _matches(published: Published, query: str, topic: str, length: str) -> bool:
    outline = published.outline
    text = " ".join((outline.title, outline.summary, outline.audience, *outline.tags)).casefold()
    in_length = next((low <= outline.jp <= high for key, _, low, high in LENGTHS if key == length), True)
    return all(word in text for word in query.casefold().split()) and (not topic or topic in outline.tags) and in_length


def _card(published: Published, mine: MyCourse | None) -> CourseCard:
    outline = published.outline
    url = url_for("learn.courses.show", course_key=outline.key)
    if mine is None:
        return CourseCard(url, outline.title, course_meta(outline), summary=outline.summary)
    is_done = mine.state is State.DONE
    return CourseCard(
        url,
        outline.title,
        course_meta(outline),
        summary=outline.summary,
        percent=mine.percent,
        progress_label=f"{mine.done_count} dari {mine.total_count} selesai",
        status_label="Selesai" if is_done else None,
        status_kind="baik" if is_done else "",
    )
