"""Publishes compiled courses: one transaction makes one immutable edition, the old one serves until it commits (DESIGN.md 3.1)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.content import media
from lms.content.editions import reasons_for_new_edition
from lms.content.models import CourseAlias, CourseRow, EditionMedia, EditionRow, MediaRow, PageRow, QuestionVersion
from lms.content.types import CompiledCourse, MediaFile, Outline
from lms.errors import Invalid
from lms.shared.codec import decode, encode
from lms.store import audit
from lms.store.base import canonical_json


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing came to. `changed` is False when the course already stood exactly so; then nothing was written."""

    edition_id: int
    number: int
    revision: int
    is_correction: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class _Contents:
    """The stored form of an edition, made from a compiled course or copied from an older edition."""

    sha256: str
    outline: dict[str, Any]
    questions: dict[str, int]
    pages: dict[str, tuple[dict[str, Any], str]]
    """Item key to (encoded page, its hash)."""
    media: list[tuple[str, str]]
    """(name, hash), sorted."""


def publish(
    session: Session, compiled: CompiledCourse, *, data_dir: Path, now: datetime, published_by: int | None, note: str = ""
) -> Publication:
    """Make the compiled course the one that learners get; same content as now changes nothing.

    Same number and the next revision when required items and pass rules are unchanged, otherwise the next number. Call
    `media.store` before opening the transaction when there is much media; what is still missing is written here.
    Raises Invalid when the key belongs to a renamed course; nothing is changed then.
    """
    media.store(compiled.media, data_dir)
    course = _course_for(session, compiled.outline.key)
    sha256 = fingerprint(compiled)
    current = _current(session, course)
    if current is not None and current.sha256 == sha256:
        return Publication(current.id, current.number, current.revision, is_correction=True, changed=False)
    _keep_media(session, compiled.media)
    contents = _Contents(
        sha256=sha256,
        outline=encode(compiled.outline),
        questions=_question_versions(session, course.id, compiled, now),
        pages={key: (value, _sha256(value)) for key, value in encode(compiled.pages).items()},
        media=sorted({(file.name, file.sha256) for file in compiled.media}),
    )
    return _add_edition(session, course, current, contents, now=now, by=published_by, note=note, action="course.publish")


def fingerprint(compiled: CompiledCourse) -> str:
    """SHA-256 of the canonical form: outline, pages, question hashes and media hashes. Places in files do not count."""
    return _sha256(
        {
            "outline": encode(compiled.outline),
            "pages": encode(compiled.pages),
            "questions": {question_id: question.full_hash for question_id, question in compiled.questions.items()},
            "media": sorted([file.name, file.sha256] for file in compiled.media),
        }
    )


def _sha256(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _course_for(session: Session, key: str) -> CourseRow:
    """The course row, made when new and locked until the end: two publishers of one course take turns."""
    if session.execute(select(CourseAlias.key).where(CourseAlias.key == key)).first():
        raise Invalid(f'Kode "{key}" adalah nama lama pelatihan yang sudah berganti kode. Pakai kode barunya di course.yml.')
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(CourseRow).values(key=key).on_conflict_do_nothing(index_elements=["key"]))
    return _locked(session, CourseRow.key == key)


def _locked(session: Session, condition: Any) -> CourseRow:
    wanted = select(CourseRow).where(condition).with_for_update().execution_options(populate_existing=True)
    return session.execute(wanted).scalar_one()


def _current(session: Session, course: CourseRow) -> EditionRow | None:
    return None if course.current_edition_id is None else session.get(EditionRow, course.current_edition_id)


def _keep_media(session: Session, files: tuple[MediaFile, ...]) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    rows = [
        {"sha256": file.sha256, "mime": file.mime, "size": len(file.content), "width": file.width, "height": file.height}
        for file in {file.sha256: file for file in files}.values()
    ]
    if rows:
        session.execute(dialect.insert(MediaRow).on_conflict_do_nothing(index_elements=["sha256"]), rows)


def _question_versions(session: Session, course_id: int, compiled: CompiledCourse, now: datetime) -> dict[str, int]:
    """Question id to version id, adding the wordings that were never published before."""
    known = _known_versions(session, course_id)
    rows = [
        {
            "course_id": course_id,
            "question_id": question_id,
            "full_hash": question.full_hash,
            "meaning_hash": question.meaning_hash,
            "public": encode(question.public),
            "key": encode(question.key),
            "text": question.text,
            "source": f"{question.file}:{question.line}"[-300:],
            "published_at": now,
        }
        for question_id, question in compiled.questions.items()
        if (question_id, question.full_hash) not in known
    ]
    if rows:
        session.execute(insert(QuestionVersion), rows)
        known = _known_versions(session, course_id)
    return {question_id: known[question_id, question.full_hash] for question_id, question in compiled.questions.items()}


def _known_versions(session: Session, course_id: int) -> Mapping[tuple[str, str], int]:
    wanted = select(QuestionVersion.question_id, QuestionVersion.full_hash, QuestionVersion.id)
    return {
        (row.question_id, row.full_hash): row.id for row in session.execute(wanted.where(QuestionVersion.course_id == course_id))
    }


def _add_edition(
    session: Session,
    course: CourseRow,
    current: EditionRow | None,
    contents: _Contents,
    *,
    now: datetime,
    by: int | None,
    note: str,
    action: str,
) -> Publication:
    """Write the edition, make it current and record the act."""
    is_correction = current is not None and not reasons_for_new_edition(
        decode(Outline, current.outline), decode(Outline, contents.outline)
    )
    number, revision = 1, 1
    if current is not None and is_correction:
        number, revision = current.number, current.revision + 1
    elif current is not None:
        newest = session.execute(select(func.max(EditionRow.number)).where(EditionRow.course_id == course.id)).scalar_one()
        number = newest + 1
    edition = EditionRow(
        course_id=course.id,
        number=number,
        revision=revision,
        sha256=contents.sha256,
        outline=contents.outline,
        questions=contents.questions,
        published_at=now,
        published_by=by,
        note=note[:400],
    )
    session.add(edition)
    session.flush()
    if contents.pages:
        session.execute(
            insert(PageRow),
            [
                {"edition_id": edition.id, "item_key": key, "page": value, "sha256": sha256}
                for key, (value, sha256) in contents.pages.items()
            ],
        )
    if contents.media:
        session.execute(
            insert(EditionMedia), [{"edition_id": edition.id, "name": name, "sha256": sha256} for name, sha256 in contents.media]
        )
    course.current_edition_id = edition.id
    audit.record(
        session,
        at=now,
        action=action,
        actor_id=by,
        subject=course.key,
        number=number,
        revision=revision,
        sha256=contents.sha256,
        note=note[:400],
    )
    session.flush()
    return Publication(edition.id, number, revision, is_correction, changed=True)
