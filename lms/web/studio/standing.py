"""Where a course stands between its folder and its learners: a manuscript, published as it is, or changed since."""

from dataclasses import dataclass

from flask import url_for

from lms.authoring import sources
from lms.authoring.types import CourseFolder
from lms.content import library
from lms.content.library import Published
from lms.progress import queries
from lms.web import clock, language
from lms.web.extensions import reading
from lms.web.studio.desk import ago, workspace
from lms.web.studio.place import published_as
from lms.web.studio.previews import known


@dataclass(frozen=True)
class Standing:
    """A row of the studio's list. `lamp`: "" published as it stands, `berubah` changed since, `naskah` never published."""

    key: str
    title: str
    url: str
    lamp: str
    label: str
    detail: str
    learners: str


def all_courses() -> list[tuple[CourseFolder | None, Standing]]:
    """Folders of the workspace and published courses together, by title; a folder and its published course are one row."""
    session = reading()
    published = {each.course_key: each for each in library.catalogue(session)}
    counts = queries.course_counts(session)
    rows: list[tuple[CourseFolder | None, Standing]] = []
    for folder in workspace().courses():
        rows.append((folder, _standing(folder, published.pop(folder.code, None) or published_as(folder.code), counts)))
    rows += [(None, _standing(None, each, counts)) for each in published.values()]
    return sorted(rows, key=lambda row: (row[1].title.casefold(), row[1].key))


def standing_of(key: str) -> Standing:
    """Of one course folder. NotFound."""
    folder = workspace().course(key)
    return _standing(folder, published_as(folder.code), queries.course_counts(reading()))


def _standing(folder: CourseFolder | None, published: Published | None, counts: dict[int, tuple[int, int]]) -> Standing:
    learners = ""
    if published is not None:
        enrolled, finished = counts.get(published.course_id, (0, 0))
        learners = f"{language.number(enrolled)} peserta, {language.number(finished)} sudah selesai"
    if folder is None:
        assert published is not None
        where = f"{published.course_key} · ditulis di tempat lain, foldernya tidak ada di sini"
        url = url_for("studio.history.index", key=published.course_key)
        return Standing(published.course_key, published.outline.title, url, "", _edition(published), where, learners)
    lamp, label = "naskah", "Naskah, belum terbit"
    if published is not None:
        lamp, label = "", _edition(published)
        if _has_changed(folder, published):
            lamp, label = "berubah", f"Berubah sejak edisi {published.number}.{published.revision}"
    detail = f"{folder.key} · diubah {ago(folder.changed_at, clock.now())}"
    return Standing(folder.key, folder.title, url_for("studio.structure.show", key=folder.key), lamp, label, detail, learners)


def _edition(published: Published) -> str:
    return f"Terbit · edisi {published.number}.{published.revision}"


def _has_changed(folder: CourseFolder, published: Published) -> bool:
    """Whether the folder is no longer what was published. Editions without a kept source are judged by the clock."""
    if folder.changed_at <= published.published_at:
        return False
    kept = sources.of_edition(reading(), published.edition_id)
    return kept is None or known.digest(folder.path) != kept.sha256
