"""Where a link in a file leads: one answer for the checker and for the compiler."""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lms.content.nodes import CourseNode, FileNode
from lms.content.slugs import heading_slug, plain_text, unique

VIDEO = {".mp4": "video/mp4", ".webm": "video/webm", ".m4v": "video/mp4"}
AUDIO = {".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".m4a": "audio/mp4"}
IMAGES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif"}
DOCUMENTS = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".rtf": "application/rtf",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".zip": "application/zip",
}
MIME = VIDEO | AUDIO | IMAGES | DOCUMENTS | {".vtt": "text/vtt"}
VIDEO_HOSTS = re.compile(r"^https?://(?:www\.|m\.)?(?:youtube\.com|youtu\.be|youtube-nocookie\.com|vimeo\.com)/", re.IGNORECASE)
MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Target:
    """`kind`: external, contact, anchor, page, folder, file, missing, outside, closed (a bank), unpublished, scheme."""

    kind: str
    address: str = ""
    """The final address for external, anchor, page and folder."""
    path: str = ""
    """Relative to the course, for file and missing."""
    node: FileNode | None = None
    anchor: str = ""
    """The anchor asked for, without `#`; "" when it exists or none was asked for."""


def course_address(course: CourseNode) -> str:
    return f"/pelatihan/{course.code}"


def page_address(course: CourseNode, node: FileNode) -> str:
    """Where the compiled page of a lesson or quiz will be."""
    middle = "" if node.kind == "pelajaran" else "kuis/"
    return f"{course_address(course)}/{middle}{node.key}"


def anchors(node: FileNode) -> dict[str, str]:
    """Slug -> final anchor id; the title leads to the top of the page (""). Worked out once, however many links ask."""
    return node.once("anchors", _anchors)


def _anchors(node: FileNode) -> dict[str, str]:
    seen: dict[str, int] = {}
    found: dict[str, str] = {}
    title = title_heading(node)
    for heading in node.headings:
        if heading.line == title:
            continue
        slug = unique(heading_slug(plain_text(heading.text)), seen)
        found[slug] = f"b-{slug}"
    for heading in node.headings:
        if heading.line == title:
            found.setdefault(heading_slug(plain_text(heading.text)), "")
    for question in node.questions():
        if question.id:
            found.setdefault(question.id, "")
    return found


def title_heading(node: FileNode) -> int:
    """Line of the first-level heading that is the page's title; 0 without one."""
    return next((heading.line for heading in node.headings if heading.level == 1), 0)


def resolve(course: CourseNode, node: FileNode, href: str) -> Target:
    """Where `href`, written in `node`, leads."""
    squeezed = re.sub(r"[\x00-\x20\x7f-\x9f]", "", href)
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", squeezed)
    if scheme:
        name = scheme[1].casefold()
        if name in ("http", "https"):
            return Target("external", squeezed)
        return Target("contact" if name in ("mailto", "tel") else "scheme", squeezed, path=name)
    if squeezed.startswith(("//", "\\\\", "/\\")):
        return Target("external", squeezed)
    path, _, anchor = href.strip().partition("#")
    path = unquote(path.partition("?")[0]).replace("\\", "/")
    anchor = unquote(anchor).lower()
    if not path:
        return _anchored(node, anchor, "")
    if path.startswith("/"):
        known = re.fullmatch(r"/[\w.-][\w./?&=%#-]*|/", squeezed)
        return Target("folder", squeezed) if known else Target("missing", path=path)
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(node.file), path))
    if joined.startswith(".."):
        return _beside(course, joined)
    return _inside(course, joined, anchor)


def _anchored(node: FileNode, anchor: str, address: str) -> Target:
    if not anchor:
        return Target("page" if address else "anchor", address or "#", node=node)
    known = anchors(node)
    slug = anchor.removeprefix("b-") if anchor not in known else anchor
    if slug not in known:
        return Target("page" if address else "anchor", address or "#", node=node, anchor=anchor)
    final = f"#{known[slug]}" if known[slug] else ""
    return Target("page" if address else "anchor", (address + final) or "#", node=node)


def _inside(course: CourseNode, path: str, anchor: str) -> Target:
    if path.casefold().endswith(MARKDOWN):
        if path in course.banks or path.startswith("bank/"):
            return Target("closed", path=path)
        found = next((file for file in course.all_files() if file.file == path), None)
        if found is None:
            return Target("missing", path=path) if path not in course.known_paths else Target("unpublished", path=path)
        if found.kind in ("readme", "istilah"):
            return Target("folder", course_address(course), node=found)
        if found.meta.get("sembunyi"):
            return Target("unpublished", path=path, node=found)
        return _anchored(found, anchor, page_address(course, found))
    if path in course.known_paths:
        return Target("file", path=path)
    if path == "." or any(known.startswith(path.rstrip("/") + "/") for known in course.known_paths):
        return Target("folder", course_address(course))
    if not course.is_course and (Path(course.root) / path).exists():
        return Target("file", path=path)
    return Target("missing", path=path)


def _beside(course: CourseNode, path: str) -> Target:
    """Out of the folder: another course beside this one, or nowhere."""
    match = re.fullmatch(r"\.\./([a-z0-9-]{1,60})(?:/(?:README\.md|course\.yml)?)?", path)
    if match and (Path(course.root).parent / match[1] / "course.yml").is_file():
        return Target("folder", f"/pelatihan/{match[1]}")
    if not course.is_course and (Path(course.root) / path).exists():
        return Target("file", path=path)
    return Target("outside", path=path)
