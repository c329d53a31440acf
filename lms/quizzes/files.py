"""Files handed in: rows of `upload` beside the answer that lists them. The bytes lie in DATA/uploads and are written before
the transaction that names them; `lms jobs` clears what no row names."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lms.content import library
from lms.content.types import QuestionKind, QuestionPublic
from lms.errors import Conflict, Invalid, NotFound
from lms.quizzes.attempts import attempt_row, no_attempt, work_id
from lms.quizzes.grading import files_of
from lms.quizzes.models import AnswerRow, AttemptQuestion, Upload
from lms.quizzes.types import Answer, AttemptState

MOST_FILES = 5
"""Of one answer."""
LONGEST_NAME = 200
CLOSED = "Pekerjaan ini sudah dikumpulkan, jadi berkasnya tidak dapat diubah lagi. Yang terkirim tetap tersimpan."


@dataclass(frozen=True, slots=True)
class FileRow:
    id: int
    position: int
    sha256: str
    name: str
    mime: str
    size: int


def files(session: Session, attempt_id: int) -> list[FileRow]:
    """The files of a piece of work in the order they came."""
    columns = (Upload.id, Upload.position, Upload.sha256, Upload.name, Upload.mime, Upload.size)
    rows = session.execute(select(*columns).where(Upload.attempt_id == attempt_id).order_by(Upload.id))
    return [FileRow(*row) for row in rows]


def file_of(session: Session, attempt_id: int, upload_id: int) -> FileRow:
    """One file of a piece of work that the caller may see. NotFound for a file of any other."""
    found = next((one for one in files(session, attempt_id) if one.id == upload_id), None)
    if found is None:
        raise NotFound("Berkas ini tidak ada. Kembali ke halaman tugas, lalu muat ulang.")
    return found


def own_files(session: Session, attempt_id: int) -> list[FileRow]:
    """The files behind one's own attempt: those of the group's work when a group handed in."""
    return files(session, work_id(session, attempt_id))


def own_file(session: Session, person_id: int, token: str, upload_id: int) -> FileRow:
    """A file of one's own attempt, or of the work a group handed in for it. NotFound for any other."""
    return file_of(session, work_id(session, attempt_row(session, person_id, token).id), upload_id)


def hashes(session: Session) -> set[str]:
    """Files that some row names: they must stay."""
    return set(session.scalars(select(Upload.sha256).distinct()))


def question_for_file(session: Session, *, person_id: int, token: str, position: int) -> QuestionPublic:
    """What a file may be, for a place in an open attempt of this person. Raises NotFound, Conflict when it is handed in."""
    row = attempt_row(session, person_id, token)
    if row.state != AttemptState.OPEN:
        raise Conflict(CLOSED)
    return _file_question(session, row.id, position)


def _file_question(session: Session, attempt_id: int, position: int) -> QuestionPublic:
    asked = select(AttemptQuestion.version_id).where(AttemptQuestion.attempt_id == attempt_id)
    version_id = session.scalar(asked.where(AttemptQuestion.position == position)) if 0 < position < 10_000 else None
    public = library.versions(session, [version_id])[version_id].public if version_id else None
    if public is None or public.kind is not QuestionKind.FILE:
        raise no_attempt()
    return public


def add_file(
    session: Session,
    *,
    person_id: int,
    token: str,
    position: int,
    sha256: str,
    name: str,
    mime: str,
    size: int,
    now: datetime,
) -> int:
    """Put a file, whose bytes are stored already, to the answer at `position`; the same file twice counts once. Returns its id.

    Raises NotFound, Conflict when the attempt is closed, Invalid when the answer holds MOST_FILES.
    """
    row = attempt_row(session, person_id, token, for_update=True)
    if row.state != AttemptState.OPEN:
        raise Conflict(CLOSED)
    _file_question(session, row.id, position)
    here = [one for one in files(session, row.id) if one.position == position]
    same = next((one for one in here if one.sha256 == sha256), None)
    if same is not None:
        return same.id
    if len(here) >= MOST_FILES:
        raise Invalid(
            f"Paling banyak {MOST_FILES} berkas. “{name}” belum ditambahkan; hapus satu yang tidak perlu, lalu unggah lagi.",
            field="file",
        )
    new = {
        "attempt_id": row.id,
        "position": position,
        "sha256": sha256,
        "name": name[:LONGEST_NAME],
        "mime": mime,
        "size": size,
        "uploaded_at": now,
    }
    upload_id: int = session.execute(insert(Upload).returning(Upload.id), new).scalar_one()
    _list(session, row.id, position, [*(one.id for one in here), upload_id], now)
    return upload_id


def remove_file(session: Session, *, person_id: int, token: str, upload_id: int, now: datetime) -> int:
    """Take a file away again; one that is gone already stays gone. Returns the position it belonged to, 0 when it was gone.
    Raises NotFound for a foreign attempt, Conflict for a closed one."""
    row = attempt_row(session, person_id, token, for_update=True)
    if row.state != AttemptState.OPEN:
        raise Conflict(CLOSED)
    here = files(session, row.id)
    gone = next((one for one in here if one.id == upload_id), None)
    if gone is None:
        return 0
    session.execute(delete(Upload).where(Upload.id == gone.id))
    left = [one.id for one in here if one.position == gone.position and one.id != gone.id]
    _list(session, row.id, gone.position, left, now)
    return gone.position


def _list(session: Session, attempt_id: int, position: int, ids: list[int], now: datetime) -> None:
    """Make the answer list these files: {} when none is left, like any answer taken back."""
    value: Answer = {"files": ids} if ids else {}
    row = session.get(AnswerRow, (attempt_id, position), populate_existing=True)
    if row is None:
        session.add(AnswerRow(attempt_id=attempt_id, position=position, value=value, sequence=1, saved_at=now))
    else:
        row.value, row.sequence, row.saved_at = value, row.sequence + 1, now
    session.flush()


def listed(answer: Answer, known: list[FileRow]) -> list[FileRow]:
    """The files that an answer lists."""
    ids = files_of(answer)
    return [one for one in known if one.id in ids]
