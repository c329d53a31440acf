"""What unsaved text would give: its findings as JSON, its page for the frame beside the text. Nothing is written."""

from dataclasses import asdict
from urllib.parse import quote

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from lms.errors import NotFound
from lms.web.preview import preview_html
from lms.web.studio import findings
from lms.web.studio.desk import typed_text, workspace
from lms.web.studio.previews import previews

bp = Blueprint("drafts", __name__)


@bp.route("/<key>/berkas/<path:path>/pratinjau", methods=["GET", "POST"])
def preview(key: str, path: str) -> str:
    """The page of the file: as it is saved, or (POST) as it is on the author's screen."""
    folder = workspace().folder(key)
    if request.method == "POST":
        shown = previews.draft(folder, key, path, typed_text()).page
    else:
        with previews.of(folder, key) as course:
            item = course.item_of(path)
            shown = course.page(item) if item else None
    if shown is None:
        raise NotFound("Berkas ini tidak mempunyai halaman sendiri, jadi tidak ada yang dapat dilihat dulu.")
    view = "penulis" if request.values.get("view") == "penulis" else "peserta"
    return preview_html(shown, view=view, media_root=f"/studio/{quote(key)}/media")


@bp.post("/<key>/berkas/<path:path>/periksa")
def check(key: str, path: str) -> Response:
    """The findings of the text on the author's screen."""
    text = typed_text()
    problems = findings.told(previews.draft(workspace().folder(key), key, path, text).problems)
    url = url_for("studio.files.show", key=key, path=path)
    return jsonify(
        findings=[asdict(each) for each in findings.of_file(problems, text, url)],
        label=findings.label(problems),
        may_repair=any(problem.fixable for problem in problems),
    )
