"""A course folder as an author sees it: modules in the order they are taken, then everything else; nothing visible is left out."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path, PurePosixPath

from lms.authoring.folders import files_of
from lms.authoring.types import CourseTree, TreeEntry, TreeGroup
from lms.content.compile import KINDS
from lms.content.links import MIME
from lms.content.nodes import CourseNode, FileNode
from lms.content.parse import load_course
from lms.content.source import LARGEST_FILE
from lms.content.types import ItemKind

OTHER_KINDS = {"bank": "bank", "readme": "readme", "istilah": "glossary"}
TEXTS = (".md", ".markdown", ".yml", ".yaml", ".csv", ".txt", ".vtt")
FOLDERS = ("bank", "media", "berkas", "data")
FOLDER_TITLES = {"bank": "Bank soal", "media": "Gambar dan video", "berkas": "Lampiran", "data": "Data", "": "Berkas lain"}


def tree_of(folder: Path) -> CourseTree:
    """The tree of a course folder, as `load_course` reads it; broken files are in it too."""
    course = load_course(folder).course
    entries = {path: _entry(path, stat.st_size) for path, stat in files_of(folder)}
    for node in course.all_files():
        if node.file in entries:
            entries[node.file] = _page(node, entries[node.file].size)
    groups = _pages(course, entries) + _others(entries)
    return CourseTree(course.meta.get("judul") or course.code, tuple(groups))


def _entry(path: str, size: int) -> TreeEntry:
    suffix = PurePosixPath(path).suffix.casefold()
    kind = "manifest" if path in ("course.yml", "course.yaml") else "media" if suffix in MIME and suffix != ".txt" else "file"
    return TreeEntry(path, path.rpartition("/")[2], kind, "", suffix in TEXTS and size <= LARGEST_FILE, size)


def _page(node: FileNode, size: int) -> TreeEntry:
    kind = KINDS.get(node.kind)
    is_text = size <= LARGEST_FILE
    return TreeEntry(node.file, node.title, kind or OTHER_KINDS[node.kind], node.key if kind else "", is_text, size)


def _pages(course: CourseNode, entries: dict[str, TreeEntry]) -> list[TreeGroup]:
    """Modules and the pages between them, taken out of `entries`. A module has its introduction and its own media with it."""
    modules = {module.folder: module for module in course.modules}
    firsts: dict[str, list[TreeEntry]] = {folder: [] for folder in modules}
    order: list[str | TreeEntry] = []  # a module by its folder, or a page at the top
    for node in course.files:
        folder = node.file.partition("/")[0] if "/" in node.file else ""
        if node.file not in entries:
            continue
        entry = entries.pop(node.file)
        if folder not in modules:
            order.append(entry)
            continue
        if not firsts[folder]:
            order.append(folder)
        firsts[folder].append(entry)
    for module in course.modules:  # without a page yet: where its folder would stand
        if not firsts[module.folder]:
            later = [each.folder for each in course.modules[course.modules.index(module) + 1 :]]
            order.insert(next((at for at, each in enumerate(order) if each in later), _after_modules(order)), module.folder)
    groups = []
    for is_module, run in groupby(order, key=lambda each: isinstance(each, str)):
        if is_module:
            for each in run:
                rest = [entries.pop(path) for path in list(entries) if path.startswith(f"{each}/")]
                rest.sort(key=lambda entry: entry.kind != "readme")
                parts = (*(entry for entry in rest if entry.kind == "readme"), *firsts[str(each)])
                parts += tuple(entry for entry in rest if entry.kind != "readme")
                groups.append(TreeGroup(str(each), modules[str(each)].title, parts, is_module=True))
        else:
            title = "Penutup" if any(group.is_module for group in groups) else "Pembuka"
            groups.append(TreeGroup("", title, tuple(each for each in run if isinstance(each, TreeEntry))))
    return groups


def _after_modules(order: list[str | TreeEntry]) -> int:
    return max((at + 1 for at, each in enumerate(order) if isinstance(each, str)), default=sum(
        1 for each in order if isinstance(each, TreeEntry) and each.kind == ItemKind.PRETEST
    ))  # fmt: skip


def _others(entries: dict[str, TreeEntry]) -> list[TreeGroup]:
    """course.yml and its like, the folders of banks and files, and whatever else lies there."""
    head = [entries.pop(path) for path in ("course.yml", "course.yaml", "README.md", "istilah.md") if path in entries]
    groups = [TreeGroup("", "Keterangan pelatihan", tuple(head))] if head else []

    def top(path: str) -> str:
        return path.partition("/")[0] if "/" in path else ""

    def rank(path: str) -> tuple[int, str]:
        return (FOLDERS.index(top(path)) if top(path) in FOLDERS else len(FOLDERS) + (not top(path)), path)

    for folder, paths in groupby(sorted(entries, key=rank), key=top):
        groups.append(TreeGroup(folder, FOLDER_TITLES.get(folder, folder), _taken(entries, paths)))
    return groups


def _taken(entries: dict[str, TreeEntry], paths: Iterable[str]) -> tuple[TreeEntry, ...]:
    return tuple(entries[path] for path in paths)
