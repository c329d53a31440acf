"""A course folder as one zip, and back. What comes in is a stranger's (R26): nothing is believed, and the old course stays until the
new one is whole."""

import io
import secrets
import shutil
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lms.authoring import folders
from lms.authoring.edits import put_code
from lms.authoring.types import RESERVED
from lms.authoring.workspace import MOST_BYTES, MOST_FILES, STALE, Workspace
from lms.content.check import check_course
from lms.content.parse import MANIFEST, load_course, read_manifest
from lms.content.slugs import key_segment
from lms.content.types import Problem
from lms.content.uploads import OFFICE
from lms.content.zips import Member, UnsafeZip, members
from lms.errors import Invalid

MOST_RATIO = 100
_MANIFESTS = (MANIFEST, "course.yaml")
_PACKED = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp3", ".mp4", ".pdf", *(f".{ending}" for ending in OFFICE))
"""Already small: packing them again costs time and saves nothing."""
_ARCHIVES = (".zip", ".jar", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".cab", ".iso")
_MAY_BE_ZIPS = tuple(f".{ending}" for ending in OFFICE) + (".epub",)
_DRAFT = ".unggahan-"
_LITTER = ("__macosx", "thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`files` are paths in the course; `skipped` what systems had left in the archive. `token` brings back the course that stood
    there before ("" for a new one). `problems` are those of `check_course`."""

    key: str
    files: tuple[str, ...]
    skipped: tuple[str, ...]
    problems: tuple[Problem, ...]
    token: str


def pack(folder: Path) -> bytes:
    """The course folder as a zip, under its own name as the only folder at the top; the same files give the same bytes. Hidden files
    stay out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, _ in sorted(folders.files_of(folder, with_drafts=True)):
            entry = zipfile.ZipInfo(f"{folder.name}/{path}")  # always of 1 January 1980
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.compress_type = zipfile.ZIP_STORED if path.casefold().endswith(_PACKED) else zipfile.ZIP_DEFLATED
            archive.writestr(entry, (folder / path).read_bytes())
    return stream.getvalue()


def listed(content: bytes) -> tuple[str, ...]:
    """The paths of the course in a zip, to be shown before it replaces another. Raises Invalid as `unpack` does."""
    try:
        found = members(content, most_files=MOST_FILES, most_bytes=MOST_BYTES, most_ratio=MOST_RATIO)
    except UnsafeZip as reason:
        raise _not_opened(reason) from reason
    names = [member.name for member in found if not _is_litter(member.name)]
    top = _course_place(names)
    return tuple(name.removeprefix(top) for name in names)


def unpack(content: bytes, workspace: Workspace, key: str | None, *, is_own: bool = False) -> Unpacked:
    """Put the course of a zip into the workspace: as a new one (`key` None), or in place of the course `key`, which can be restored.

    `is_own` says that it is an earlier state of that very course: it may have had another code then, and gets today's.
    Raises Invalid with a finished sentence, the workspace unchanged. When the process is killed the course is the old or the new one.
    """
    root = workspace.root
    try:
        found = members(content, most_files=MOST_FILES, most_bytes=MOST_BYTES, most_ratio=MOST_RATIO)
        kept = [member for member in found if not _is_litter(member.name)]
        top = _course_place([member.name for member in kept])
        _sweep(root)
        draft = folders.hidden(root, f"{_DRAFT}{secrets.token_hex(8)}")
        try:
            course = _extracted(kept, top, draft / "isi")
            if key is not None and is_own:
                _give_code_of(workspace, key, course)
            target = _key(workspace, key, course, PurePosixPath(top).name)
            problems = tuple(check_course(load_course(course)))
            with folders.locked(root, target):
                token = _swap(root, target, course, is_new=key is None)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except UnsafeZip as reason:
        raise _not_opened(reason) from reason
    files = tuple(member.name.removeprefix(top) for member in kept)
    return Unpacked(target, files, tuple(member.name for member in found if member not in kept), problems, token)


def _not_opened(reason: UnsafeZip) -> Invalid:
    return Invalid(f"Zip ini tidak dibuka: {reason}. Tidak ada yang berubah; buat ulang zip dari folder pelatihannya.")


def _is_litter(name: str) -> bool:
    """What macOS, Windows and editors leave behind, and anything hidden: a `.git` of a stranger could run programs here."""
    parts = name.casefold().split("/")
    return any(part.startswith((".", "~$")) or part in _LITTER for part in parts)


def _course_place(names: Sequence[str]) -> str:
    """The folder in the archive that holds the course, with a slash at its end; "" when the archive is the folder itself."""
    places = [name.rpartition("/")[0] for name in names if name.rpartition("/")[2] in _MANIFESTS]
    top = f"{min(places, key=len)}/".lstrip("/") if places else ""
    if not places:
        raise Invalid(
            f"Zip ini tidak memuat {MANIFEST}, jadi bukan folder pelatihan. Tidak ada yang berubah; zip folder pelatihannya."
        )
    if not all(name.startswith(top) for name in names):
        raise Invalid(
            "Zip ini memuat lebih dari satu pelatihan, atau berkas di luar folder pelatihannya. "
            "Tidak ada yang berubah; zip satu folder pelatihan saja."
        )
    return top


def _extracted(kept: Sequence[Member], top: str, course: Path) -> Path:
    """Write the files; the folder. Each is counted while it is read, so that nothing larger than allowed reaches the disk."""
    for member in kept:
        if member.name.casefold().endswith(_ARCHIVES):
            raise UnsafeZip(f"di dalamnya ada arsip lagi (`{member.name}`)")
        target = course / member.name.removeprefix(top)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            for piece in member.chunks():
                if out.tell() == 0 and piece.startswith(b"PK\x03\x04") and not member.name.casefold().endswith(_MAY_BE_ZIPS):
                    raise UnsafeZip(f"di dalamnya ada arsip lagi (`{member.name}`)")
                out.write(piece)
    return course


def _give_code_of(workspace: Workspace, key: str, course: Path) -> None:
    """Before the folder takes its place, so that it never stands there under a code that another course may have by now."""
    code = workspace.course(key).code
    if (read_manifest(course)[1].get("kode") or key_segment(key) or key) != code:
        put_code(course, code)


def _key(workspace: Workspace, key: str | None, course: Path, top: str) -> str:
    """The key under which the course will lie. Another course is never taken for it by mistake."""
    said = read_manifest(course)[1].get("kode", "")
    if key is not None:
        code = read_manifest(workspace.folder(key))[1].get("kode", "")
        if said and code and said != code:
            raise Invalid(
                f"Zip ini berisi pelatihan lain (kode {said}), bukan {code}. Tidak ada yang berubah; unggah dari daftar pelatihan."
            )
        return key
    made = said or key_segment(top) or key_segment(read_manifest(course)[1].get("judul", "")) or "pelatihan"
    if made in RESERVED:
        raise Invalid(
            f"Kode {made} sudah dipakai sebagai alamat di studio. Tidak ada yang berubah; tulis kode lain di {MANIFEST}, lalu unggah lagi."
        )
    if (workspace.root / made).exists() or any(made == course.code for course in workspace.courses()):
        raise Invalid(
            f"Pelatihan {made} sudah ada di studio. Tidak ada yang berubah; untuk menggantinya, unggah zip dari halaman pelatihan itu."
        )
    return made


def _swap(root: Path, key: str, course: Path, *, is_new: bool) -> str:
    """Put the folder in the place of the course, which is kept aside; its token."""
    new = course.relative_to(root).as_posix()
    renames, token = [(new, key)], ""
    if (root / key).exists():
        if is_new:  # somebody was quicker
            raise Invalid(
                f"Pelatihan {key} baru saja dibuat orang lain. Tidak ada yang berubah; unggah dari halaman pelatihan itu."
            )
        renames, token = folders.replacing(root, key, new)
    folders.change(root, key, renames)
    return token


def _sweep(root: Path) -> None:
    """Remove what killed uploads left."""
    for draft in (root / folders.HIDDEN).glob(f"{_DRAFT}*"):
        if draft.stat().st_mtime < time.time() - STALE:
            shutil.rmtree(draft, ignore_errors=True)
