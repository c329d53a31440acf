"""Search in the text of lessons."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from lms.content.search import search
from lms.web.extensions import reading

bp = Blueprint("search", __name__)
PAGE = 20
LAST_PAGE = 50


@dataclass(frozen=True)
class Found:
    url: str
    title: str
    course_title: str
    excerpt: Markup


@bp.get("/cari")
def index() -> str:
    query = request.args.get("q", "")[:200].strip()
    number = min(max(request.args.get("hal", 1, type=int), 1), LAST_PAGE)
    page = search(reading(), query, limit=PAGE, offset=(number - 1) * PAGE)
    found = [
        Found(
            url_for("learn.lessons.show", course_key=hit.course_key, lesson_key=hit.item_key),
            hit.item_title,
            hit.course_title,
            Markup(hit.snippet_html),
        )
        for hit in page.hits
    ]
    last = max(1, min(LAST_PAGE, -(-page.total // PAGE)))
    return render_template(
        "learn/search/index.html",
        query=query,
        count_label=f"{page.total} hasil" if query else "",
        results=found,
        pager={
            "label": f"Halaman {number} dari {last}",
            "previous_url": url_for("learn.search.index", q=query, hal=number - 1) if number > 1 else None,
            "next_url": url_for("learn.search.index", q=query, hal=number + 1) if number < last else None,
        }
        if last > 1
        else None,
        active_nav="search",
    )
