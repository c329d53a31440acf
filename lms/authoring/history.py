"""The editions of a course, what each changed, and the files each was made from. Reads only."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.authoring import follow_up, sources
from lms.authoring.follow_up import Standing
from lms.authoring.sources import Kept
from lms.content import actions, library
from lms.content.library import Published
from lms.content.models import EditionMedia, EditionRow, EditionSource, PageRow, QuestionVersion
from lms.content.plan import PublicationPlan
from lms.content.rawfile import read_raw
from lms.content.types import CompiledCourse, CompiledQuestion, MediaFile, Page, QuestionKey, QuestionPublic
from lms.errors import NotFound
from lms.people.models import Person
from lms.progress.models import Completion, Enrolment
from lms.shared.codec import decode

TEXTS = (".md", ".yml", ".yaml", ".txt", ".csv", ".vtt")
AROUND = 2
"""Equal lines shown before and after a difference."""
MOST_FILES, MOST_LINES = 60, 400
"""What one page shows; the zip has everything."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One publication. `inside` counts learners who have not finished and see exactly this one."""

    published: Published
    by: str
    """Name of the author; "" when the command line published it."""
    note: str
    is_current: bool
    inside: int
    source: Kept | None
    work: Standing | None


@dataclass(frozen=True, slots=True)
class FileDifference:
    """What happened to one file between two editions. `lines` are (sign, text): "+", "-", " ", or "…" where lines are left out;
    empty for a file that is no text."""

    path: str
    change: str
    """"baru", "dihapus" or "berubah"."""
    lines: tuple[tuple[str, str], ...]
    left_out: int = 0
    """Lines beyond what is shown."""


def editions(session: Session, course_id: int) -> list[Edition]:
    """All publications of a course, newest first. A constant number of SELECTs, and one for each with work attached."""
    found = library.editions(session, course_id)
    wanted = (
        select(EditionRow.id, EditionRow.note, Person.name, EditionSource.sha256, EditionSource.size)
        .outerjoin(Person, Person.id == EditionRow.published_by)
        .outerjoin(EditionSource, EditionSource.edition_id == EditionRow.id)
        .where(EditionRow.course_id == course_id)
        .order_by(EditionRow.id)
    )
    rows = {row.id: row for row in session.execute(wanted)}
    running = (
        select(Enrolment.edition_number, func.count())
        .outerjoin(Completion, Completion.enrolment_id == Enrolment.id)
        .where(Enrolment.course_id == course_id, Completion.enrolment_id.is_(None))
        .group_by(Enrolment.edition_number)
    )
    inside = {row[0]: row[1] for row in session.execute(running)}
    listed: list[Edition] = []
    for published in found:
        row = rows[published.edition_id]
        listed.append(
            Edition(
                published,
                row.name or "",
                row.note,
                is_current=not listed,
                inside=inside.pop(published.number, 0),  # the newest revision of a number comes first: they see that one
                source=Kept(row.sha256, row.size) if row.sha256 else None,
                work=follow_up.standing(session, published.edition_id),
            )
        )
    return listed


def edition_of(session: Session, course_id: int, edition_id: int) -> tuple[Published, Published | None]:
    """An edition of the course and the one before it. NotFound for a foreign one."""
    found = library.editions(session, course_id)
    for number, published in enumerate(found):
        if published.edition_id == edition_id:
            return published, found[number + 1] if number + 1 < len(found) else None
    raise NotFound("Edisi itu bukan milik pelatihan ini. Lihat daftar edisinya lalu pilih lagi.")


def changes(session: Session, before: Published, after: Published) -> PublicationPlan:
    """What the later publication changed: items, questions, details, and why it was a correction or a new edition."""
    return actions.plan(session, stored(session, after), before)


def stored(session: Session, published: Published) -> CompiledCourse:
    """An edition as it was compiled, but for the bytes of its media. For comparing; reads all of it."""
    ids = library.version_ids(session, published.edition_id)
    rows = session.execute(
        select(QuestionVersion).where(QuestionVersion.id.in_(ids.values())).order_by(QuestionVersion.id)
    ).scalars()
    compiled = {}
    for row in rows:
        file, _, line = row.source.rpartition(":")
        question = CompiledQuestion(
            decode(QuestionPublic, row.public),
            decode(QuestionKey, row.key),
            row.full_hash,
            row.meaning_hash,
            row.text,
            file,
            int(line),
        )
        compiled[row.question_id] = question
    pages = select(PageRow.item_key, PageRow.page).where(PageRow.edition_id == published.edition_id).order_by(PageRow.item_key)
    names = select(EditionMedia.name, EditionMedia.sha256).where(EditionMedia.edition_id == published.edition_id)
    return CompiledCourse(
        published.outline,
        {key: decode(Page, page) for key, page in session.execute(pages)},
        compiled,
        tuple(MediaFile(sha256, name, "", b"") for name, sha256 in session.execute(names.order_by(EditionMedia.name))),
    )


def file_differences(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[FileDifference]:
    """Every file that differs between two sources, texts line by line, in order of their paths; at most MOST_FILES."""
    found = []
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if before != after:
            change = "baru" if before is None else "dihapus" if after is None else "berubah"
            lines = _lines(path, before or b"", after or b"") if path.casefold().endswith(TEXTS) else []
            found.append(FileDifference(path, change, tuple(lines[:MOST_LINES]), max(0, len(lines) - MOST_LINES)))
    return found[:MOST_FILES]


def _lines(path: str, old: bytes, new: bytes) -> list[tuple[str, str]]:
    before, after = (read_raw(Path(path), content).text().split("\n") if content else [] for content in (old, new))
    lines: list[tuple[str, str]] = []
    for line in list(difflib.unified_diff(before, after, n=AROUND, lineterm=""))[2:]:
        lines.append(("…", "") if line.startswith("@@") else (line[0], line[1:]))
    return lines[1:] if lines and lines[0][0] == "…" else lines


def source_files(session: Session, data_dir: Path, edition_id: int) -> dict[str, bytes]:
    """The files an edition was made from, by their path in the course; {} where none were kept or the disk has lost them."""
    kept = sources.of_edition(session, edition_id)
    if kept is None:
        return {}
    try:
        found = sources.files(sources.read(data_dir, kept))
    except NotFound:
        return {}
    return {name.partition("/")[2]: content for name, content in found.items()}
