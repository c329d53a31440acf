"""A folder (or one file) to a LoadedCourse. Reads every Markdown file once; finds, never judges more than reading needs."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from lms.content.handins import add_question
from lms.content.metadata import front_matter, read_metadata
from lms.content.nodes import CourseNode, FileNode, LoadedCourse, Metadata, ModuleNode, Source, Span
from lms.content.problems import Reporter
from lms.content.scan import TEST_KINDS, Division, read_headings
from lms.content.schemas import COURSE_KEYS, FILE_KEYS, KINDS
from lms.content.slugs import key_segment, path_segments, plain_text, sort_name
from lms.content.source import LARGEST_FILE, read_source
from lms.content.types import Problem

ASIDE = frozenset({"bank", "berkas", "media", "data", "node_modules"})
"""Folders whose Markdown is no page."""
MANIFEST = "course.yml"
_NOT_PAGES = frozenset({"license.md", "contributing.md", "changelog.md", "code_of_conduct.md", "security.md"})
LARGEST_FOLDER = 5_000
"""Files looked at below one course folder."""


@dataclass(slots=True)
class Reading:
    """What a preview keeps from one reading of a folder to the next: a file whose bytes are the same is not parsed again."""

    unsaved: dict[str, bytes] = field(default_factory=dict)
    """By path: content that stands for what is on disk, or for a file that is not there yet."""
    contents: dict[str, bytes] = field(default_factory=dict)
    """By path: what the last reading found. A file that could not be opened is missing here."""
    nodes: dict[tuple[str, bool], tuple[tuple[bytes, str, str], FileNode, tuple[Problem, ...]]] = field(default_factory=dict)
    """By path and whether it is unsaved: the newest parsed form, with the bytes, kind and language it was made from."""

    def content(self, full: Path, name: str, reporter: Reporter) -> bytes:
        found = self.unsaved.get(name)
        if found is None:
            try:
                with full.open("rb") as stream:
                    found = stream.read(LARGEST_FILE + 1)
            except OSError:
                message = f"berkas {full.name} tidak dapat dibuka"
                reporter.add("K100", 1, path=full.name, message=message, help="periksa izin berkasnya", fixable=False)
                return b""
        self.contents[name] = found
        return found

    def node(self, full: Path, name: str, kind: str, language: str, reporter: Reporter) -> FileNode:
        content = self.content(full, name, reporter)
        if name not in self.contents:
            return _parsed(content, name, kind, language, reporter)
        place, made_from = (name, name in self.unsaved), (content, kind, language)
        if place not in self.nodes or self.nodes[place][0] != made_from:
            node = _parsed(content, name, kind, language, reporter)
            self.nodes[place] = made_from, node, tuple(reporter.problems)
        _, node, reporter.problems[:] = self.nodes[place]
        return node


def load_course(path: str | os.PathLike[str], *, may_leave_folder: bool = False, reading: Reading | None = None) -> LoadedCourse:
    """The course in a folder; or, for a single `.md` file, a course of that one file. Raises OSError only for a path that is not there.

    `reading` keeps what was parsed for the next time, and may hold unsaved text.
    `may_leave_folder` lets `bank:` in course.yml name a folder elsewhere: for a person at a terminal, never for an upload, which
    could read another course's answer keys that way.
    """
    target, reading = Path(path), reading or Reading()
    reading.contents.clear()
    if target.is_file():
        reporter_problems = Reporter(target.name)
        course = CourseNode(
            root=str(target.parent.resolve()),
            code=key_segment(target.parent.resolve().name) or "kursus",
            is_course=False,
            meta=Metadata(),
        )
        course.known_paths = frozenset({target.name})
        node = reading.node(target, target.name, "bank" if target.parent.name == "bank" else "", "id", reporter_problems)
        course.files.append(node)
        return LoadedCourse(course, reporter_problems.problems)
    return _Loader(target, may_leave_folder, reading).load()


def read_manifest(
    root: Path, reporter_of: Callable[[str], Reporter] = Reporter, reading: Reading | None = None
) -> tuple[Source | None, Metadata]:
    """course.yml of a folder alone, for lists of courses; (None, nothing) without one."""
    kept = reading or Reading()
    name = next((name for name in (MANIFEST, "course.yaml") if name in kept.unsaved or (root / name).is_file()), None)
    if name is None:
        return None, Metadata()
    reporter = reporter_of(name)
    return manifest_of(kept.content(root / name, name, reporter), reporter)


def manifest_of(content: bytes, reporter: Reporter) -> tuple[Source, Metadata]:
    """What the bytes of a course.yml say."""
    source = read_source(content, reporter.file, reporter)
    lines = [Span(number, 1, line) for number, line in enumerate(source.lines, start=1) if line not in ("---", "...")]
    return source, read_metadata(lines, COURSE_KEYS, MANIFEST, reporter)


class _Loader:
    """Walks one folder. Holds the problems of all its files."""

    def __init__(self, root: Path, may_leave_folder: bool, reading: Reading):
        if not root.is_dir():
            raise FileNotFoundError(f"tidak ada: {root}")
        self.root = root.resolve()
        self.may_leave_folder = may_leave_folder
        self.reading = reading
        self.problems: list[Reporter] = []
        self.course = CourseNode(
            root=str(self.root), code=key_segment(self.root.name) or "kursus", is_course=False, meta=Metadata()
        )

    def load(self) -> LoadedCourse:
        self._read_manifest()
        paths = list(dict.fromkeys([*self._walk(), *self.reading.unsaved]))
        self.course.known_paths = frozenset(paths)
        markdown = [path for path in paths if path.casefold().endswith((".md", ".markdown"))]
        self._read_banks(markdown)
        for path in sorted(markdown, key=_order):
            self._place(path)
        self._order_by_manifest()
        self.course.files.sort(key=_stage)
        return LoadedCourse(self.course, [problem for reporter in self.problems for problem in reporter.problems])

    def _reporter(self, file: str) -> Reporter:
        reporter = Reporter(file)
        self.problems.append(reporter)
        return reporter

    def _walk(self) -> list[str]:
        """Relative paths of all files, hidden ones and links out of the folder left out."""
        found: list[str] = []
        for folder, names, files in os.walk(self.root):
            names[:] = sorted(
                name for name in names if not name.startswith((".", "_")) and not (Path(folder) / name).is_symlink()
            )
            for name in sorted(files):
                full = Path(folder) / name
                if name.startswith((".", "_")) or full.is_symlink():
                    continue
                found.append(full.relative_to(self.root).as_posix())
            if len(found) > LARGEST_FOLDER:
                message = f"folder ini berisi lebih dari {LARGEST_FOLDER} berkas"
                self._reporter(MANIFEST).add("K018", 1, message=message, help="periksa satu folder pelatihan saja")
                break
        return found

    def _read_manifest(self) -> None:
        source, meta = read_manifest(self.root, self._reporter, self.reading)
        if source is not None:
            self.course.manifest, self.course.meta, self.course.is_course = source, meta, True
            self.course.code = meta.get("kode", self.course.code)

    def _read_banks(self, markdown: list[str]) -> None:
        outside = self.course.meta.get("bank")
        for path in markdown:
            if path.split("/")[0] == "bank":
                self._bank(self.root / path, path)
        folder = (self.root / (outside or "bank")).resolve()
        if outside and folder.is_dir() and (self.may_leave_folder or folder.is_relative_to(self.root)):
            for full in sorted(folder.glob("*.md"))[:200]:
                if f"bank/{full.name}" not in self.course.banks:
                    self._bank(full, f"bank/{full.name}")

    def _bank(self, full: Path, name: str) -> None:
        self.course.banks[name] = self.reading.node(full, name, "bank", self.course.language, self._reporter(name))

    def _place(self, path: str) -> None:
        parts = PurePosixPath(path).parts
        if any(part in ASIDE for part in parts[:-1]) or (parts[-1].casefold() in _NOT_PAGES):
            return
        name = parts[-1].casefold()
        kind = "readme" if name == "readme.md" else "istilah" if path == "istilah.md" else ""
        reporter = self._reporter(path)
        node = self.reading.node(self.root / path, path, kind, self.course.language, reporter)
        module = self._module(parts[0]) if len(parts) > 1 else None
        if node.kind == "istilah":
            self.course.glossary = node
        elif node.kind == "readme":
            self._readme(node, module, parts, reporter)
        else:
            node.module_key = module.key if module else ""
            self.course.files.append(node)

    def _readme(self, node: FileNode, module: ModuleNode | None, parts: tuple[str, ...], reporter: Reporter) -> None:
        if len(parts) == 1:
            self.course.readme = node
        elif module is not None and len(parts) == 2:
            module.readme, module.title = node, node.title
        else:
            reporter.add(
                "K119",
                1,
                message=f"{node.file} tidak ditampilkan",
                help="README.md hanya untuk folder pelatihan dan folder modul",
            )

    def _module(self, folder: str) -> ModuleNode:
        for module in self.course.modules:
            if module.folder == folder:
                return module
        segment = key_segment(folder)
        module = ModuleNode(key=segment, folder=folder, title=segment.replace("-", " ").capitalize())
        self.course.modules.append(module)
        return module

    def _order_by_manifest(self) -> None:
        """`urutan:` names files or folders; what it leaves out (K112) comes after, in the usual order."""
        wanted = self.course.meta.get("urutan")
        if not wanted:
            return
        ranks = {entry.strip("/"): rank for rank, entry in enumerate(wanted)}

        def rank(path: str) -> int:
            parts = path.split("/")
            prefixes = ["/".join(parts[:size]) for size in range(len(parts), 0, -1)]
            return next((ranks[prefix] for prefix in prefixes if prefix in ranks), len(ranks))

        self.course.files.sort(key=lambda node: rank(node.file))
        self.course.modules.sort(
            key=lambda module: min(
                (rank(node.file) for node in self.course.files if node.module_key == module.key), default=len(ranks)
            )
        )


def _stage(node: FileNode) -> int:
    """The pre-test comes first, the post-test last, and a survey of the whole course (no module, no number) after that."""
    if node.kind == "evaluasi" and not node.module_key and not node.file[0].isdigit():
        return 3
    return {"pretest": 0, "posttest": 2}.get(node.kind, 1)


def _order(path: str) -> tuple[tuple[int, str, str], ...]:
    return tuple(sort_name(part) for part in path.split("/"))


def _parsed(content: bytes, name: str, kind: str, language: str, reporter: Reporter) -> FileNode:
    source = read_source(content, name, reporter)
    head, body_start = front_matter(source, reporter)
    kind = kind or _kind(head, name)
    meta = read_metadata(head, FILE_KEYS[kind], kind, reporter)
    source = replace(source, body_start=body_start)
    headings = read_headings(source, reporter)
    parts = Division(source, reporter, kind, language).divide(headings)
    first = next((plain_text(heading.text) for heading in headings if heading.level == 1), "")
    first = first or next((plain_text(heading.text) for heading in headings), "") if kind not in (*TEST_KINDS, "bank") else first
    segment = key_segment(PurePosixPath(name).stem if kind != "readme" else PurePosixPath(name).parent.name)
    title = meta.get("judul") or first or segment.replace("-", " ").capitalize() or "Tanpa judul"
    node = FileNode(file=name, kind=kind, key="", title=title, source=source, meta=meta, headings=headings, parts=parts)
    if kind == "bank":
        node.key = name
    elif kind not in ("readme", "istilah"):
        _identify(node, reporter)
    return node


def _kind(head: list[Span], name: str) -> str:
    """The `jenis` must be known before the schema: read from its own line, else from the file name (pretest.md, posttest.md)."""
    for span in head:
        key, colon, value = span.text.partition(":")
        if colon and key.strip().casefold() in ("jenis", "type"):
            return KINDS(value.partition(" #")[0].strip().strip("\"'")) or "pelajaran"
    stem = key_segment(PurePosixPath(name).stem)
    return stem if stem in ("pretest", "posttest") else "pelajaran"


def _identify(node: FileNode, reporter: Reporter) -> None:
    """Give the file its key, and an assignment its question, whose id follows from the key."""
    node.key = _key(node, reporter)
    if node.kind == "tugas":
        add_question(node, reporter)


def _key(node: FileNode, reporter: Reporter) -> str:
    """Path without number prefixes and extension, or the front matter's `id`. Names that had to be changed are told (K121)."""
    given = node.meta.get("id")
    if given:
        return str(given)
    segments = path_segments(node.file)
    if not all(segments):
        advice = "beri nama dengan huruf kecil, angka, dan tanda hubung, misalnya 01-pengantar.md"
        reporter.add("K119", 1, message=f"nama {node.file} tidak dapat menjadi alamat", help=advice)
        segments = [segment or "tanpa-nama" for segment in segments]
    return "/".join(segments)
