"""What has to happen on disk when something in a course moves: which files get other names, and what changes inside files.

Identity stays: prefixes are no part of an item's key, and a page whose key would change gets it as `id:`. Nothing here writes.
"""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lms.authoring.edits import put_banks, put_order, put_setting, readdress
from lms.authoring.order import renumbered
from lms.content.links import MARKDOWN
from lms.content.nodes import CourseNode, FileNode, LoadedCourse
from lms.content.parse import ASIDE
from lms.content.rawfile import read_raw
from lms.content.slugs import path_segments, sort_name
from lms.content.source import LARGEST_FILE
from lms.errors import Invalid, NotFound

FIXED = ("pretest", "posttest")
"""These stand first and last whatever their names."""


@dataclass(slots=True)
class Plan:
    """Paths are relative to the course; `writes` holds new contents by new path; `path` is where the moved thing will be."""

    path: str
    renames: list[tuple[str, str]] = field(default_factory=list)
    writes: dict[str, bytes] = field(default_factory=dict)


def plan_move(loaded: LoadedCourse, path: str, folder: str, before: str | None) -> Plan:
    """`path` (a page, a module or any other file) goes into `folder` ("" = the top), before the sibling `before` or last.

    Raises Invalid for a place where it cannot stand and NotFound for a sibling that is not there.
    """
    course = loaded.course
    page = next((node for node in course.files if node.file == path), None)
    is_module = any(module.folder == path for module in course.modules)
    here, name = posixpath.split(path)
    if folder == path or folder.startswith(f"{path}/"):
        raise Invalid("Folder tidak dapat dipindahkan ke dalam dirinya sendiri. Tidak ada yang dipindahkan.")
    if is_module and folder:
        raise Invalid("Modul hanya dapat diletakkan di samping modul lain, tidak di dalamnya. Tidak ada yang dipindahkan.")
    if page is not None and folder.partition("/")[0] in ASIDE:
        raise Invalid("Materi dan kuis hanya dapat diletakkan di dalam modul. Tidak ada yang dipindahkan.")
    if page is not None and page.kind in FIXED and here == folder:
        raise Invalid("Tes awal selalu yang pertama dan tes akhir selalu yang terakhir, jadi letaknya tidak berubah.")
    if (page is None and not is_module) or (page is not None and (page.kind in FIXED or _is_last(page))):
        return _finished(loaded, {path: posixpath.join(folder, name)}, path)
    old = [sibling for sibling in _siblings(course, folder) if sibling != path]
    old.insert(_index(course, old, posixpath.join(folder, before) if before else None), path)
    names = [posixpath.basename(each) for each in old]
    entries = [entry.strip("/") for entry in course.meta.get("urutan") or ()]
    others = [each for each in old if each != path]
    is_listed = bool(others) and all(any(entry == each or entry.startswith(each + "/") for entry in entries) for each in others)
    if not is_listed or len(set(names)) < len(names):  # where `urutan:` names them all, it alone decides
        names = renumbered(names, old.index(path) if here != folder else -1)
    new = [posixpath.join(folder, each) for each in names]
    ranks = {each: rank for rank, each in enumerate(new)}
    return _finished(loaded, dict(zip(old, new, strict=True)), path, ranks, is_listed=is_listed)


def plan_rename(loaded: LoadedCourse, path: str, new: str) -> Plan:
    """Another name for a file that is no page: every link to it follows."""
    return _finished(loaded, {path: new}, path)


def _siblings(course: CourseNode, folder: str) -> list[str]:
    """Paths of what stands in a folder in an order of its own, as it is taken: pages, and at the top modules too."""
    first: dict[str, int] = {}
    for rank, node in enumerate(course.files):
        if node.kind in FIXED or _is_last(node):
            continue
        if posixpath.dirname(node.file) == folder:
            first[node.file] = rank
        elif not folder:
            first.setdefault(node.file.partition("/")[0], rank)
    if not folder:
        for module in course.modules:
            first.setdefault(module.folder, len(course.files))
    by_name = sorted(first, key=lambda path: sort_name(posixpath.basename(path)))
    return sorted(by_name, key=first.__getitem__) if course.meta.get("urutan") else by_name


def _is_last(node: FileNode) -> bool:
    """A survey of the whole course."""
    return node.kind == "evaluasi" and "/" not in node.file and not node.file[0].isdigit()


def _index(course: CourseNode, siblings: list[str], before: str | None) -> int:
    if before is None:
        return len(siblings)
    if before in siblings:
        return siblings.index(before)
    node = next((node for node in course.files if node.file == before), None)
    if node is None:
        raise NotFound("Tempat tujuannya tidak ada lagi. Muat ulang daftar isinya, lalu pindahkan lagi.")
    return 0 if node.kind == "pretest" else len(siblings)


def _finished(
    loaded: LoadedCourse, names: dict[str, str], path: str, ranks: dict[str, int] | None = None, *, is_listed: bool = False
) -> Plan:
    """The plan for these renames (old -> new path; folders with all that is in them)."""
    course = loaded.course
    renames = [(old, new) for old, new in names.items() if old != new]
    plan = Plan(names[path], renames)
    going = {old for old, _ in renames}
    if any((Path(course.root) / new).exists() and new not in going for _, new in renames):
        raise Invalid(
            "Di tempat tujuan sudah ada berkas bernama sama. Tidak ada yang dipindahkan; ganti dulu salah satu namanya."
        )

    def moved(place: str) -> str:
        for old, new in renames:
            if place == old or place.startswith(old + "/"):
                return new + place[len(old) :]
        return place

    nodes = {node.file: node for node in course.all_files()}
    for file in sorted(course.known_paths):
        if file.casefold().endswith(MARKDOWN) and (Path(course.root) / file).stat().st_size <= LARGEST_FILE:
            _mend(course, file, nodes.get(file), moved, plan)
    if course.meta.get("urutan") and course.manifest is not None:
        raw = read_raw(Path(course.root) / course.manifest.file)
        before = raw.content()
        put_order(raw, plan.path, ranks or {}, moved, is_listed=is_listed)
        if raw.content() != before:
            plan.writes[course.manifest.file] = raw.content()
    return plan


def _mend(course: CourseNode, file: str, node: FileNode | None, moved: Callable[[str], str], plan: Plan) -> None:
    """Links, bank names and, for a page whose key would change, `id:`."""
    raw = read_raw(Path(course.root) / file)
    before = raw.content()
    readdress(raw, node.source.code if node else frozenset(), file, moved(file), course, moved)
    if node is not None:
        put_banks(raw, node, moved)
        new_key = "/".join(segment or "tanpa-nama" for segment in path_segments(moved(file)))
        if node in course.files and "id" not in node.meta.settings and new_key != node.key:
            put_setting(raw, node.meta, "id", node.key)
    if raw.content() != before:
        plan.writes[moved(file)] = raw.content()
