"""The course folder as it was published: a zip in DATA/sources/<sha256>.zip, named by the edition, kept as long as it."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content import mediastore, zips
from lms.content.models import EditionSource
from lms.errors import NotFound

MOST_FILES, MOST_BYTES = 5_000, 1_000_000_000
"""We packed it ourselves; these only keep a damaged archive from filling the memory."""


@dataclass(frozen=True, slots=True)
class Kept:
    sha256: str
    size: int


def keep(data_dir: Path, content: bytes) -> Kept:
    """Write the archive to disk, before the transaction that names it. Raises Refused."""
    return Kept(mediastore.keep(content, data_dir, mediastore.SOURCES), len(content))


def attach(session: Session, edition_id: int, kept: Kept) -> None:
    session.add(EditionSource(edition_id=edition_id, sha256=kept.sha256, size=kept.size))
    session.flush()


def of_edition(session: Session, edition_id: int) -> Kept | None:
    """The source of an edition; None for one published before sources were kept, or without."""
    wanted = select(EditionSource.sha256, EditionSource.size).where(EditionSource.edition_id == edition_id)
    row = session.execute(wanted).first()
    return None if row is None else Kept(row.sha256, row.size)


def hashes(session: Session) -> set[str]:
    """Of every source that an edition names, for clearing away the others."""
    return set(session.scalars(select(EditionSource.sha256).distinct()))


def read(data_dir: Path, kept: Kept) -> bytes:
    """The archive. Raises NotFound when it is not on the disk, as after restoring only the database."""
    try:
        return mediastore.path_of(data_dir, kept.sha256, mediastore.SOURCES).read_bytes()
    except OSError as problem:
        raise NotFound(
            "Berkas sumber edisi ini tidak ada di disk. Edisinya sendiri utuh dan tetap dilayani; "
            "pulihkan folder data/sources dari cadangan untuk membukanya lagi."
        ) from problem


def files(content: bytes) -> dict[str, bytes]:
    """The files of an archive by path; {} for one that cannot be read."""
    try:
        found = zips.members(content, most_files=MOST_FILES, most_bytes=MOST_BYTES, most_ratio=1_000_000)
        return {member.name: b"".join(member.chunks()) for member in found}
    except zips.UnsafeZip:
        return {}
