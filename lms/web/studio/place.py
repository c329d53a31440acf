"""The course an address of the studio names: its folder, what is published of it, or both."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import render_template, url_for

from lms.authoring.types import CourseFolder
from lms.authoring.workspace import Workspace
from lms.content import library
from lms.content.library import Published
from lms.errors import NotFound
from lms.web.extensions import reading
from lms.web.studio import navigation
from lms.web.studio.desk import CourseLine, course_line, workspace


@dataclass(frozen=True)
class Place:
    """`key` stands in the address, and is the name of the folder where there is one; `code` is what the course is published as."""

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


class Unpublished(NotFound):
    """A manuscript has no edition yet, and none under the code it was just given."""

    def __init__(self, place: Place):
        super().__init__(f"Naskah ini belum pernah terbit dengan kode {place.code}. Terbitkan dulu dari halaman Terbitkan.")
        self.place = place


def place_of(key: str) -> Place:
    """By the folder's name first, then by the code it is published as. NotFound when there is neither."""
    folder = _folder(workspace(), key)
    if folder is None:
        published = library.current(reading(), key)
        return Place(published.course_key, published.course_key, published.outline.title, None, published)
    return Place(folder.key, folder.code, folder.title, folder.path, published_as(folder.code))


def published_as(code: str) -> Published | None:
    """What is published under the code of a folder, retired or not."""
    try:
        return library.current(reading(), code)
    except NotFound:
        return None


def published_place(key: str) -> tuple[Place, Published]:
    """The same for a page that needs an edition. NotFound, and Unpublished for a manuscript."""
    place = place_of(key)
    if place.published is None:
        raise Unpublished(place)
    return place, place.published


def without_folder(place: Place, page: str) -> str:
    """The page in the place of one that works on files."""
    return render_template(
        "errors/absent.html",
        heading="Foldernya tidak ada di studio",
        text="Pelatihan ini diterbitkan dari tempat lain. Unggah zip foldernya untuk menyuntingnya di sini, "
        "atau terbitkan edisi lama dari riwayatnya.",
        url=url_for("studio.archives.new"),
        label="Unggah zip",
        **place.within(page),
    )


def _folder(space: Workspace, key: str) -> CourseFolder | None:
    try:
        return space.course(key)
    except NotFound:
        return next((course for course in space.courses() if course.code == key), None)
