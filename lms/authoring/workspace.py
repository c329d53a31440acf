"""The folder of course folders that the studio edits. Files are the author's truth: they are kept byte for byte, changed whole or not
at all, by one person at a time, and never lost."""

import contextlib
import hashlib
import logging
import posixpath
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lms.authoring import folders
from lms.authoring.edits import put_heading, put_setting
from lms.authoring.moves import Plan, plan_move, plan_rename
from lms.authoring.tree import TEXTS, tree_of
from lms.authoring.types import RESERVED, CourseFolder, CourseTree, EditConflict, FileText, Removed
from lms.content import scaffold
from lms.content.media import safe_stem
from lms.content.nodes import FileNode, Metadata
from lms.content.parse import ASIDE, load_course, read_manifest
from lms.content.rawfile import RawFile, read_raw
from lms.content.slugs import key_segment
from lms.content.source import LARGEST_FILE
from lms.content.uploads import ENDINGS, accept
from lms.errors import Busy, Invalid, NotFound
from lms.shared.files import DRAFT, write_whole

__all__ = ["EditConflict", "FileText", "Workspace"]
MOST_FILES = 2_000
MOST_BYTES = 200_000_000
LARGEST_UPLOAD = 100_000_000
LONGEST_TITLE = 200
_logger = logging.getLogger(__name__)
STALE = 3600
"""Seconds after which a draft belongs to a writer that was killed."""


class Workspace:
    """Courses below `root`, each a folder; `key` is its name. Every name is checked and links are not followed.

    Changes raise NotFound, Invalid, Conflict or Busy with finished sentences, and OSError when the disk refuses.
    """

    def __init__(self, root: Path):
        self.root = root.resolve()

    # -- reading

    def courses(self) -> list[CourseFolder]:
        """Every folder with a course.yml, by title."""
        for key in folders.unfinished(self.root):
            self._recover(key)
        found = []
        for path in sorted(self.root.iterdir()) if self.root.is_dir() else []:
            if not folders.is_visible(path.name) or path.is_symlink() or not path.is_dir():
                continue
            source, meta = read_manifest(path)
            if source is not None:
                found.append(_course_folder(path, meta))
        return sorted(found, key=lambda course: (course.title.casefold(), course.key))

    def folder(self, key: str) -> Path:
        """The folder of a course. NotFound when there is none."""
        if not folders.is_visible(key):
            raise NotFound("Pelatihan ini tidak ada di studio. Kembali ke daftar pelatihan.")
        if (self.root / folders.HIDDEN / key / folders.CHANGE).exists():
            self._recover(key)
        path = self.root / key
        if path.is_symlink() or not path.is_dir():
            raise NotFound("Pelatihan ini tidak ada di studio. Kembali ke daftar pelatihan.")
        return path

    def course(self, key: str) -> CourseFolder:
        """One of them; also a folder that has lost its course.yml. NotFound."""
        path = self.folder(key)
        return _course_folder(path, read_manifest(path)[1])

    def tree(self, key: str) -> CourseTree:
        """Everything in the course, as parsed."""
        return tree_of(self.folder(key))

    def read(self, key: str, path: str) -> FileText:
        """A text file. NotFound; Invalid when it is no text or too long to edit."""
        return self._text(path, self._existing(key, path))

    def removed(self, key: str) -> list[Removed]:
        """What was deleted or replaced and can be restored, newest first."""
        return folders.removed(self.root, key) if folders.is_visible(key) else []

    # -- changing

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[Path]:
        """Hold the course alone; gives its folder. Busy when somebody else does not let go."""
        self.folder(key)
        with folders.locked(self.root, key):
            yield self.folder(key)

    def save(self, key: str, path: str, text: str, *, version: str) -> FileText:
        """Write an edited text. `version` is the one it was read with; "" makes a file that must not exist yet.

        Encoding, mark and line ends stay; unchanged text changes no byte. Raises EditConflict when the file changed meanwhile.
        """
        with self.lock(key) as folder:
            full = folders.inside(folder, path)
            if not version and not full.exists():
                self._room(folder, 1, len(text))
                if full.suffix.casefold() not in TEXTS or not full.parent.is_dir():
                    raise Invalid(f"Berkas {path} tidak dapat dibuat di sini. Pilih nama berakhiran .md di folder yang ada.")
                raw = RawFile(full, b"", "utf-8", [], [])
            else:
                content = self._existing(key, path).read_bytes()
                if version != hashlib.sha256(content).hexdigest():
                    raise EditConflict(
                        "Berkas ini diubah orang lain sejak Anda membukanya. Tulisan Anda belum tersimpan dan tidak hilang; "
                        "bandingkan dengan yang sekarang, lalu simpan lagi.",
                        self._text(path, full),
                    )
                raw = read_raw(full, content)
            raw.put_text(text)
            made = raw.content()
            if len(made) > LARGEST_FILE:
                raise Invalid(
                    f"Berkas ini menjadi lebih dari {LARGEST_FILE // 1000} kB dan belum tersimpan. Bagi menjadi dua berkas."
                )
            if not version or made != content:
                self._write(full, made)
            return FileText(path, raw.text(), hashlib.sha256(made).hexdigest())

    def create_course(self, title: str) -> str:
        """A new course from the scaffold; its key. Invalid when the title gives no name or one that is taken."""
        self.root.mkdir(parents=True, exist_ok=True)
        title = _title(title)
        if key_segment(title) in RESERVED:
            raise Invalid("Kata itu sudah dipakai sebagai alamat di studio. Tambahkan satu kata pada judulnya.", "title")
        with folders.locked(self.root, key_segment(title) or "kursus"):
            return scaffold.make("course", self.root, title)[0].parent.name

    def create(self, key: str, kind: str, title: str, folder: str = "") -> str:
        """A new module, lesson, quiz, assignment, survey or bank in `folder`, last in its order; the path of the file to edit."""
        with self.lock(key) as course:
            if kind not in scaffold.KINDS or kind == "course":
                raise Invalid("Jenis ini tidak dikenal. Pilih salah satu dari daftar.", "kind")
            if kind in ("bank", "module"):
                folder = "bank" if kind == "bank" else ""
            place = folders.inside(course, folder) if folder else course
            if kind == "bank":
                place.mkdir(exist_ok=True)
            elif folder.partition("/")[0] in ASIDE or not place.is_dir():
                raise Invalid("Folder tujuannya tidak ada atau bukan modul. Pilih salah satu modul.", "folder")
            self._room(course, 2, 0)
            return scaffold.make(kind, place, _title(title))[0].relative_to(course).as_posix()

    def upload(self, key: str, folder: str, name: str, content: bytes) -> str:
        """Add a file, cleaned and under a safe name (R25); its path. One of the same name is replaced and can be restored."""
        taken = accept(name, content, endings=ENDINGS, most_bytes=LARGEST_UPLOAD)
        if taken.name.endswith(TEXTS) and len(taken.content) > LARGEST_FILE and not taken.name.endswith((".csv", ".vtt", ".txt")):
            raise Invalid(f"Berkas {taken.name} lebih dari {LARGEST_FILE // 1000} kB. Bagi menjadi dua, lalu unggah lagi.")
        with self.lock(key) as course:
            place = folders.inside(course, folder) if folder else course
            if place.exists() and not place.is_dir():
                raise NotFound("Folder tujuannya tidak ada. Muat ulang daftar isinya.")
            full = place / taken.name
            path = full.relative_to(course).as_posix()
            if full.is_dir() or full.is_symlink():
                raise Invalid(f"Nama {taken.name} sudah dipakai sebuah folder. Ganti nama berkasnya, lalu unggah lagi.")
            if full.exists() and full.read_bytes() == taken.content:
                return path
            self._room(course, 1, len(taken.content))
            place.mkdir(parents=True, exist_ok=True)
            if full.exists():
                old, kept, _ = folders.aside(self.root, key, path, "diganti")
                folders.change(self.root, key, [(old, kept)], {f"{key}/{path}": taken.content})
            else:
                self._write(full, taken.content)
            return path

    def move(self, key: str, path: str, *, folder: str, before: str | None) -> str:
        """Put a page, a module or another file into `folder` ("" = the top) before the sibling named `before` (a file or folder
        name), or last; its new path. Numbers change as little as possible, all at once; keys, and links among files, stay true."""
        with self.lock(key) as course:
            self._existing(key, path, or_folder=True)
            if folder and not folders.inside(course, folder).is_dir():
                raise NotFound("Folder tujuannya tidak ada lagi. Muat ulang daftar isinya, lalu pindahkan lagi.")
            before = before.rsplit("/", 1)[-1] if before else None
            plan = plan_move(load_course(course), path, folder, before)
            return self._carry_out(key, plan)

    def rename(self, key: str, path: str, title: str) -> str:
        """Another title for a page, module, bank or the course (course.yml); the address stays. Files without a title get the
        title as their name, and links follow. The path afterwards."""
        title = _title(title)
        with self.lock(key) as course:
            full = self._existing(key, path, or_folder=True)
            loaded = load_course(course)
            if full.is_dir():
                node = next((module.readme for module in loaded.course.modules if module.folder == path), None)
                if node is None:
                    self._put_title(RawFile(full / "README.md", b"", "utf-8", [], []), Metadata(), title)
                else:
                    self._retitle(course, node, title)
                return path
            node = next((node for node in loaded.course.all_files() if node.file == path), None)
            if node is not None:
                self._retitle(course, node, title)
                return path
            if loaded.course.manifest is not None and path == loaded.course.manifest.file:
                self._put_title(read_raw(full), loaded.course.meta, title, is_manifest=True)
                return path
            new = posixpath.join(posixpath.dirname(path), safe_stem(title) + full.suffix)
            return self._carry_out(key, plan_rename(loaded, path, new))

    def delete(self, key: str, path: str) -> str:
        """Take a file, a folder or ("") the whole course out of sight; the token that restores it."""
        with self.lock(key) as course:
            if path:
                full = self._existing(key, path, or_folder=True)
                if full.parent == course and full.name in ("course.yml", "course.yaml"):
                    raise Invalid("course.yml tidak dapat dihapus: tanpa berkas itu folder ini bukan pelatihan lagi.")
            return folders.put_aside(self.root, key, path, "dihapus")

    def restore(self, key: str, token: str) -> str:
        """Bring back what was deleted or replaced, to where it was; its path. What stands there now is kept aside in turn."""
        if not folders.is_visible(key) or not (self.root / folders.HIDDEN / key).is_dir():
            raise NotFound("Pelatihan ini tidak ada di studio. Kembali ke daftar pelatihan.")
        with folders.locked(self.root, key):
            record, place = folders.removed_place(self.root, key, token)
            path = self._place_now(key, record.path) if record.path else ""
            target = folders.inside(self.root / key, path) if path else self.root / key
            if record.path and not (self.root / key).is_dir():
                raise NotFound("Pelatihannya sendiri sedang terhapus. Kembalikan dulu pelatihannya.")
            came = place.relative_to(self.root).as_posix()
            renames = [(came, target.relative_to(self.root).as_posix())]
            if any(above.is_file() for above in target.parents):
                raise Invalid(
                    "Di tempat asalnya sekarang ada berkas, bukan folder. Pindahkan dulu berkas itu, lalu kembalikan lagi."
                )
            if target.exists() and not path:
                renames, _ = folders.replacing(self.root, key, came)
            elif target.exists():
                renames.append(folders.aside(self.root, key, path, "diganti")[:2])
            folders.change(self.root, key, renames)
            folders.forget(self.root, key, token)
            return path

    # -- within

    def _recover(self, key: str) -> None:
        """Finish what a killed process began. Somebody who is at work right now does it alone; what the disk refuses stays for the
        next change to try, and reading goes on."""
        try:
            with folders.locked(self.root, key, wait=2.0):
                pass
        except (Busy, OSError) as problem:
            _logger.warning("The change begun in %s is not finished yet: %s", key, problem)

    def _existing(self, key: str, path: str, or_folder: bool = False) -> Path:
        full = folders.inside(self.folder(key), path)
        if not (full.is_file() or (or_folder and full.is_dir())):
            raise NotFound(
                f"Berkas {folders.printable(path)} tidak ada lagi. Mungkin dipindahkan atau dihapus; lihat daftar isinya."
            )
        return full

    def _text(self, path: str, full: Path) -> FileText:
        if full.suffix.casefold() not in TEXTS or full.stat().st_size > LARGEST_FILE:
            raise Invalid(
                f"Berkas {folders.printable(path)} bukan teks, atau terlalu panjang untuk diubah di sini. Unduh, ubah, lalu unggah lagi."
            )
        content = full.read_bytes()
        return FileText(path, read_raw(full, content).text(), hashlib.sha256(content).hexdigest())

    def _write(self, full: Path, content: bytes) -> None:
        for draft in full.parent.glob(f"{DRAFT}*"):
            with contextlib.suppress(OSError):
                if draft.stat().st_mtime < time.time() - STALE:
                    draft.unlink()
        write_whole(full, content)

    def _room(self, course: Path, files: int, size: int) -> None:
        sizes = [stat.st_size for _, stat in folders.files_of(course)]
        if len(sizes) + files > MOST_FILES or sum(sizes) + size > MOST_BYTES:
            raise Invalid(
                f"Pelatihan ini menjadi lebih dari {MOST_FILES} berkas atau {MOST_BYTES // 1_000_000} MB. "
                "Tidak ada yang disimpan; hapus dulu berkas yang tidak dipakai."
            )

    def _retitle(self, course: Path, node: FileNode, title: str) -> None:
        raw = read_raw(course / node.file)
        if not put_heading(raw, node, title) or "judul" in node.meta.settings:
            put_setting(raw, node.meta, "judul", title)
        self._write(raw.path, raw.content())

    def _put_title(self, raw: RawFile, meta: Metadata, title: str, *, is_manifest: bool = False) -> None:
        put_setting(raw, meta, "judul", title, is_manifest=is_manifest)
        self._write(raw.path, raw.content())

    def _carry_out(self, key: str, plan: Plan) -> str:
        renames: Sequence[tuple[str, str]] = [(f"{key}/{old}", f"{key}/{new}") for old, new in plan.renames]
        writes: Mapping[str, bytes] = {f"{key}/{path}": content for path, content in plan.writes.items()}
        if renames or writes:
            folders.change(self.root, key, renames, writes)
        return plan.path

    def _place_now(self, key: str, path: str) -> str:
        """Where something deleted belongs today: its folder may have another number by now."""
        folder, _, name = path.rpartition("/")
        course = self.root / key
        if not folder or (course / folder).is_dir():
            return path
        alike = (
            each.name for each in sorted(course.glob("*")) if each.is_dir() and key_segment(each.name) == key_segment(folder)
        )
        return f"{next(alike, folder)}/{name}"


def _course_folder(path: Path, meta: Metadata) -> CourseFolder:
    newest = max((stat.st_mtime for _, stat in folders.files_of(path)), default=0.0)
    code = meta.get("kode") or key_segment(path.name) or path.name
    return CourseFolder(path.name, code, meta.get("judul") or path.name, path, datetime.fromtimestamp(newest, UTC))


def _title(title: str) -> str:
    made = " ".join("".join(character if character.isprintable() else " " for character in title).split())
    if not made:
        raise Invalid("Isi judulnya dulu.", "title")
    if len(made) > LONGEST_TITLE:
        raise Invalid(f"Judul paling panjang {LONGEST_TITLE} huruf. Ringkas dulu.", "title")
    return made
