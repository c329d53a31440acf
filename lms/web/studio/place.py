"""The course an address of the studio names: its folder, what is published of it, or both."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms.authoring.workspace import Workspace
from lms.content import library
from lms.content.library import Published
from lms.content.parse import read_manifest
from lms.content.slugs import key_segment
from lms.errors import NotFound
from lms.web.extensions import reading
from lms.web.studio import navigation
from lms.web.studio.desk import CourseLine, course_line, workspace


@dataclass(frozen=True)
class Place:
    """`key` stands in the address; `code` is what the course is published as."""

    key: str
    code: str
    title: str
    folder: Path | None
    published: Published | None

    @property
    def line(self) -> CourseLine:
        return course_line(self.key, self.title)

    def within(self, page: str) -> dict[str, Any]:
        return {"course": self.line, **navigation.within(self.key, page)}


def place_of(key: str) -> Place:
    """By the folder's name first, then by the code it is published as. NotFound when there is neither."""
    folder = _folder(workspace(), key)
    code, title = key, ""
    if folder is not None:
        meta = read_manifest(folder)[1]
        code = meta.get("kode") or key_segment(folder.name) or folder.name
        title = meta.get("judul") or folder.name
    try:
        published = library.current(reading(), code)
    except NotFound:
        if folder is None:
            raise
        published = None
    return Place(key, code, title or (published.outline.title if published else key), folder, published)


def published_place(key: str) -> tuple[Place, Published]:
    """The same for a page that needs an edition. NotFound."""
    place = place_of(key)
    if place.published is None:
        raise NotFound("Pelatihan ini belum pernah terbit. Terbitkan dulu dari halaman Terbitkan.")
    return place, place.published


def _folder(space: Workspace, key: str) -> Path | None:
    try:
        return space.folder(key)
    except NotFound:
        return next((course.path for course in space.courses() if course.code == key), None)
