"""Publishes compiled courses: one transaction makes one immutable edition, the old one serves until it commits (DESIGN.md 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.content import library, mediastore
from lms.content.editions import reasons_for_new_edition
from lms.content.identity import reused_ids
from lms.content.models import CourseAlias, CourseRow, EditionMedia, EditionRow, MediaRow, PageRow, QuestionVersion
from lms.content.plan import fingerprint, plan, sha256_of
from lms.content.search import IndexedLesson, index_edition, lessons_to_index
from lms.content.types import CompiledCourse, ItemKind, MediaFile, Outline
from lms.errors import Conflict, Invalid, NotFound
from lms.shared.codec import decode, encode
from lms.store import audit

NOTE_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing came to. `changed` is False when the course already stood exactly so; then nothing was written."""

    edition_id: int
    number: int
    revision: int
    is_correction: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """The stored form of a compiled course: everything that takes time, made before the write transaction."""

    sha256: str
    outline: dict[str, Any]
    pages: dict[str, tuple[dict[str, Any], str]]
    """Item key to (encoded page, its hash)."""
    media: list[tuple[str, str]]
    """(name, hash), sorted."""
    lessons: list[IndexedLesson]
    questions: tuple[dict[str, Any], ...] = ()
    """Rows of question versions, without course and time; none for a roll-back."""


def prepare(compiled: CompiledCourse, data_dir: Path) -> Prepared:
    """Write the media and make the stored form. Needs no database; a second call is cheap on the disk and changes nothing."""
    mediastore.store(compiled.media, data_dir)
    pages = {key: (value, sha256_of(value)) for key, value in encode(compiled.pages).items()}
    return Prepared(
        sha256=fingerprint(compiled),
        outline=encode(compiled.outline),
        pages=pages,
        media=sorted({(file.name, file.sha256) for file in compiled.media}),
        lessons=lessons_to_index(compiled.outline, compiled.pages),
        questions=tuple(
            {
                "question_id": question_id,
                "full_hash": question.full_hash,
                "meaning_hash": question.meaning_hash,
                "public": encode(question.public),
                "key": encode(question.key),
                "text": question.text,
                "source": f"{question.file}:{question.line}"[-300:],
            }
            for question_id, question in compiled.questions.items()
        ),
    )


def publish(
    session: Session,
    compiled: CompiledCourse,
    *,
    data_dir: Path,
    now: datetime,
    published_by: int | None,
    note: str = "",
    prepared: Prepared | None = None,
) -> Publication:
    """Make the compiled course the one that learners get; the same content as now changes nothing.

    Same number and the next revision when required items and pass rules are unchanged, otherwise the next number. Pass
    `prepared` to keep the write transaction short. Raises Invalid, changing nothing, when the key is the former one of a
    renamed course or when a retired question's id stands on a different question.
    """
    prepared = prepared or prepare(compiled, data_dir)
    course = _course_for(session, compiled.outline.key)
    current = _current(session, course)
    if current is not None and current.sha256 == prepared.sha256:
        return Publication(current.id, current.number, current.revision, is_correction=True, changed=False)
    reused = reused_ids(session, course.id, current.questions if current else {}, compiled)
    if reused:
        raise Invalid(" ".join(one.sentence for one in reused))
    _keep_media(session, compiled.media)
    versions = _question_versions(session, course.id, prepared.questions, now)
    return _add_edition(
        session, course, current, prepared, versions, now=now, by=published_by, note=note, action="course.publish"
    )


def roll_back(
    session: Session, course_key: str, to_edition_id: int, *, now: datetime, by: int | None, note: str = ""
) -> Publication:
    """Publish an older edition of the course again, as a correction or a new edition by the same rule. NotFound, Conflict."""
    course = _locked(session, CourseRow.id == library.current(session, course_key).course_id)
    old = session.get(EditionRow, to_edition_id)
    if old is None or old.course_id != course.id:
        raise NotFound("Edisi itu bukan milik pelatihan ini. Lihat daftar edisinya lalu pilih lagi.")
    current = _current(session, course)
    if current is not None and current.sha256 == old.sha256:
        return Publication(current.id, current.number, current.revision, is_correction=True, changed=False)
    pages = session.execute(select(PageRow.item_key, PageRow.page, PageRow.sha256).where(PageRow.edition_id == old.id)).all()
    names = select(EditionMedia.name, EditionMedia.sha256).where(EditionMedia.edition_id == old.id)
    prepared = Prepared(
        sha256=old.sha256,
        outline=old.outline,
        pages={row.item_key: (row.page, row.sha256) for row in pages},
        media=[(row.name, row.sha256) for row in session.execute(names.order_by(EditionMedia.name, EditionMedia.sha256))],
        lessons=_lessons_of(session, old),
    )
    note = note or f"Kembali ke edisi {old.number} revisi {old.revision}"
    return _add_edition(
        session, course, current, prepared, dict(old.questions), now=now, by=by, note=note, action="course.roll_back"
    )


def rename(session: Session, old_key: str, new_key: str, *, now: datetime, by: int | None) -> None:
    """Give a course a new key; the old one keeps leading to it, so no address, bookmark or certificate breaks.

    NotFound for an unknown old key, Conflict when the new key already names another course.
    """
    course = _locked(session, CourseRow.id == library.current(session, old_key).course_id)
    if course.key == new_key:
        return
    check_free(session, old_key, new_key)
    former = course.key
    alias = session.get(CourseAlias, new_key)
    if alias is not None:
        session.delete(alias)
    session.add(CourseAlias(key=former, course_id=course.id))
    course.key = new_key
    audit.record(session, at=now, action="course.rename", actor_id=by, subject=new_key, former=former)
    session.flush()


def check_free(session: Session, course_key: str, new_key: str) -> None:
    """Raises Conflict when another course has, or had, this key; its own former keys may come back. NotFound."""
    own = library.current(session, course_key).course_id
    owner = session.execute(select(CourseAlias.course_id).where(CourseAlias.key == new_key)).scalar()
    taken = session.execute(select(CourseRow.id).where(CourseRow.key == new_key)).scalar()
    if taken not in (None, own) or owner not in (None, own):
        raise Conflict(f'Kode "{new_key}" sudah dipakai pelatihan lain. Tidak ada yang berubah; pilih kode yang lain.')


def retire(session: Session, course_key: str, *, now: datetime, by: int | None, retired: bool = True) -> None:
    """Take a course out of the catalogue and the search, or bring it back. Those inside may finish. NotFound."""
    course = _locked(session, CourseRow.id == library.current(session, course_key).course_id)
    if (course.retired_at is not None) == retired:
        return
    course.retired_at = now if retired else None
    audit.record(session, at=now, action="course.retire" if retired else "course.restore", actor_id=by, subject=course.key)
    session.flush()


def keep_picture(session: Session, *, sha256: str, mime: str, size: int, width: int, height: int) -> None:
    """Name a picture that belongs to no course, whose bytes are stored already, so that it stays among the media."""
    row = {"sha256": sha256, "mime": mime, "size": size, "width": width, "height": height}
    session.execute(_dialect(session).insert(MediaRow).on_conflict_do_nothing(index_elements=["sha256"]), [row])


def _course_for(session: Session, key: str) -> CourseRow:
    """The course row, made when new and locked until the end: two publishers of one course take turns."""
    session.execute(_dialect(session).insert(CourseRow).values(key=key).on_conflict_do_nothing(index_elements=["key"]))
    course = _locked(session, CourseRow.key == key)
    if session.execute(select(CourseAlias.key).where(CourseAlias.key == key)).first():
        raise Invalid(f'Kode "{key}" adalah nama lama pelatihan yang sudah berganti kode. Pakai kode barunya di course.yml.')
    return course


def _dialect(session: Session) -> Any:
    """The module with this database's INSERT … ON CONFLICT."""
    return postgresql if session.get_bind().dialect.name == "postgresql" else sqlite


def _locked(session: Session, condition: Any) -> CourseRow:
    wanted = select(CourseRow).where(condition).with_for_update().execution_options(populate_existing=True)
    return session.execute(wanted).scalar_one()


def _current(session: Session, course: CourseRow) -> EditionRow | None:
    return None if course.current_edition_id is None else session.get(EditionRow, course.current_edition_id)


def _keep_media(session: Session, files: tuple[MediaFile, ...]) -> None:
    rows = [
        {"sha256": file.sha256, "mime": file.mime, "size": len(file.content), "width": file.width, "height": file.height}
        for file in sorted({file.sha256: file for file in files}.values(), key=lambda file: file.sha256)
    ]
    if rows:
        session.execute(_dialect(session).insert(MediaRow).on_conflict_do_nothing(index_elements=["sha256"]), rows)


def _question_versions(session: Session, course_id: int, questions: Sequence[dict[str, Any]], now: datetime) -> dict[str, int]:
    """Question id to version id, adding the wordings that were never published before."""
    known = _known_versions(session, course_id)
    shared = {"course_id": course_id, "published_at": now}
    rows = [row | shared for row in questions if (row["question_id"], row["full_hash"]) not in known]
    if rows:
        session.execute(insert(QuestionVersion), rows)
        known = _known_versions(session, course_id)
    return {row["question_id"]: known[row["question_id"], row["full_hash"]] for row in questions}


def _known_versions(session: Session, course_id: int) -> dict[tuple[str, str], int]:
    wanted = select(QuestionVersion.question_id, QuestionVersion.full_hash, QuestionVersion.id)
    return {
        (row.question_id, row.full_hash): row.id for row in session.execute(wanted.where(QuestionVersion.course_id == course_id))
    }


def _lessons_of(session: Session, edition: EditionRow) -> list[IndexedLesson]:
    outline = decode(Outline, edition.outline)
    lessons = [item for item in outline.items if item.kind is ItemKind.LESSON]
    return lessons_to_index(outline, {item.key: library.page(session, edition.id, item.key) for item in lessons})


def _place_of(session: Session, course: CourseRow, current: EditionRow | None, outline: dict[str, Any]) -> tuple[int, int, bool]:
    """(number, revision, whether it is a correction) of the edition to be added."""
    if current is None:
        return 1, 1, False
    if not reasons_for_new_edition(decode(Outline, current.outline), decode(Outline, outline)):
        return current.number, current.revision + 1, True
    newest = session.execute(select(func.max(EditionRow.number)).where(EditionRow.course_id == course.id)).scalar_one()
    return newest + 1, 1, False


def _add_edition(
    session: Session,
    course: CourseRow,
    current: EditionRow | None,
    prepared: Prepared,
    versions: dict[str, int],
    *,
    now: datetime,
    by: int | None,
    note: str,
    action: str,
) -> Publication:
    """Write the edition, make it current and findable, and record the act."""
    number, revision, is_correction = _place_of(session, course, current, prepared.outline)
    edition = EditionRow(course_id=course.id, number=number, revision=revision, sha256=prepared.sha256, outline=prepared.outline)
    edition.questions, edition.note = versions, note[:NOTE_LENGTH]
    edition.published_at, edition.published_by = now, by
    session.add(edition)
    session.flush()
    _insert(
        session,
        PageRow,
        [{"item_key": key, "page": page, "sha256": sha} for key, (page, sha) in prepared.pages.items()],
        edition.id,
    )
    _insert(session, EditionMedia, [{"name": name, "sha256": sha256} for name, sha256 in prepared.media], edition.id)
    course.current_edition_id = edition.id
    index_edition(session, course.id, edition.id, prepared.lessons)
    detail = {"number": number, "revision": revision, "sha256": prepared.sha256, "note": edition.note}
    audit.record(session, at=now, action=action, actor_id=by, subject=course.key, **detail)
    session.flush()
    return Publication(edition.id, number, revision, is_correction, changed=True)


def _insert(session: Session, table: Any, rows: Sequence[dict[str, Any]], edition_id: int) -> None:
    if rows:
        session.execute(insert(table), [{"edition_id": edition_id, **row} for row in rows])


__all__ = ["Prepared", "Publication", "fingerprint", "plan", "prepare", "publish", "rename", "retire", "roll_back"]
