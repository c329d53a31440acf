"""What the studio sees of course folders: frozen rows, and the conflict of two people in one file."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lms.errors import Conflict

RESERVED = frozenset({"baru", "unggah"})
"""Addresses of the studio itself: no name for a course folder."""


@dataclass(frozen=True, slots=True)
class CourseFolder:
    """A folder with a course in it. `key` is its name, `code` what it is published as (`kode:` of course.yml)."""

    key: str
    code: str
    title: str
    path: Path
    changed_at: datetime
    """When its newest file was written."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file. `kind`: lesson, quiz, pretest, posttest, practice, assignment, survey, bank, readme, glossary, manifest, media or file."""

    path: str
    title: str
    kind: str
    item_key: str
    """Of pages; "" for all else."""
    is_text: bool
    """Can be read and saved as text."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class TreeGroup:
    """Files that stand together: a module (`is_module`), pages before or after the modules, or a folder of other files.

    `folder` is "" for files at the top; several groups may have it.
    """

    folder: str
    title: str
    entries: tuple[TreeEntry, ...]
    is_module: bool = False


@dataclass(frozen=True, slots=True)
class CourseTree:
    title: str
    groups: tuple[TreeGroup, ...]

    def entries(self) -> tuple[TreeEntry, ...]:
        return tuple(entry for group in self.groups for entry in group.entries)


@dataclass(frozen=True, slots=True)
class FileText:
    """A text file as a person edits it: line ends are newlines. `version` is the SHA-256 of its bytes."""

    path: str
    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Something deleted or replaced that can come back. `path` is "" for the whole course."""

    token: str
    path: str
    reason: str
    """dihapus or diganti."""
    at: datetime


class EditConflict(Conflict):
    """The file changed since it was opened. `current` is how it is now; nothing was written."""

    def __init__(self, message: str, current: FileText):
        super().__init__(message)
        self.current = current
