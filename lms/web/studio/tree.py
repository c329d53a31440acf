"""The files of a course as rows: what each is called, where it leads, where it may go."""

import hashlib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import url_for

from lms.authoring.types import CourseTree, TreeEntry, TreeGroup
from lms.content.links import IMAGES
from lms.content.types import Level, Problem
from lms.errors import NotFound
from lms.web import language
from lms.web.studio import findings

PAGES = ("lesson", "quiz", "practice", "assignment", "survey")
"""Kinds that stand in an order of their own and may be moved."""
_KINDS = {
    "lesson": ("Materi", "lesson"),
    "quiz": ("Kuis", "quiz"),
    "practice": ("Latihan", "quiz"),
    "pretest": ("Tes awal", "test"),
    "posttest": ("Tes akhir", "test"),
    "assignment": ("Tugas", "assignment"),
    "survey": ("Evaluasi", "survey"),
    "bank": ("Bank soal", "bank"),
    "readme": ("Halaman depan", "readme"),
    "glossary": ("Istilah", "readme"),
    "manifest": ("Pengaturan pelatihan", "settings"),
}
MAKES = (("lesson", "Materi"), ("quiz", "Kuis"), ("assignment", "Tugas"), ("survey", "Evaluasi"))
"""What can be made inside a module, with the word for it."""


@dataclass(frozen=True)
class SideEntry:
    url: str
    title: str
    icon: str
    is_here: bool
    worst: str
    count: int
    count_label: str


@dataclass(frozen=True)
class SideGroup:
    title: str
    entries: list[SideEntry]


@dataclass(frozen=True)
class Row:
    """A file or a module in the tree. `note` is a dim word after the title; `arrange_url` is "" for what must stay as it is."""

    id: str
    path: str
    url: str
    arrange_url: str
    title: str
    icon: str
    note: str
    may_move: bool
    is_first: bool
    is_last: bool
    worst: str = ""
    count: int = 0
    count_label: str = ""


@dataclass(frozen=True)
class Section:
    id: str
    folder: str
    title: str
    is_module: bool
    head: Row | None
    may_add: bool
    is_last_module: bool
    """Modules are added after it; in a course without any, after all else."""
    entries: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Somewhere a file can stand: `value` is `folder|before`."""

    value: str
    label: str
    selected: bool = False


def anchor(path: str) -> str:
    """The id of a row in the page."""
    return f"b-{hashlib.sha256(path.encode()).hexdigest()[:10]}"


def kind_label(entry: TreeEntry) -> str:
    return _KINDS[entry.kind][0] if entry.kind in _KINDS else "Gambar" if is_picture(entry.path) else "Berkas"


def icon_of(entry: TreeEntry) -> str:
    if entry.kind in _KINDS:
        return _KINDS[entry.kind][1]
    return "picture" if is_picture(entry.path) else "video" if entry.path.casefold().endswith((".mp4", ".webm")) else "file"


def is_picture(path: str) -> bool:
    return posixpath.splitext(path)[1].casefold() in IMAGES


def find(tree: CourseTree, path: str) -> TreeEntry:
    """The entry of a file. NotFound."""
    entry = next((entry for entry in tree.entries() if entry.path == path), None)
    if entry is None:
        raise NotFound(
            "Berkas ini tidak ada lagi di pelatihan. Mungkin sudah dipindahkan, diganti namanya, atau dihapus; lihat daftar isinya."
        )
    return entry


def entry_url(key: str, entry: TreeEntry) -> str:
    return url_for("studio.files.show" if entry.is_text else "studio.attachments.show", key=key, path=entry.path)


def title_of(entry: TreeEntry) -> str:
    """README, settings and glossary by what they are; anything else by its own title."""
    if entry.kind == "readme":
        return "Halaman depan" if entry.path == "README.md" else "Pengantar modul"
    return _KINDS[entry.kind][0] if entry.kind in ("manifest", "glossary") else entry.title


def groups_of(tree: CourseTree) -> list[TreeGroup]:
    """The groups, with what describes the whole course at the top."""
    return sorted(tree.groups, key=lambda group: all(entry.kind != "manifest" for entry in group.entries))


def side_groups(tree: CourseTree, key: str, problems: Sequence[Problem], here: str) -> list[SideGroup]:
    """The tree as links beside the editor."""
    tally = _Tally(problems)
    return [
        SideGroup(
            group.title,
            [
                SideEntry(entry_url(key, entry), title_of(entry), icon_of(entry), entry.path == here, *tally.of(entry.path))
                for entry in group.entries
            ],
        )
        for group in groups_of(tree)
    ]


def sections(tree: CourseTree, key: str, problems: Sequence[Problem]) -> list[Section]:
    """The tree as the page of a course shows it."""
    tally, modules = _Tally(problems), [group for group in tree.groups if group.is_module]
    found = []
    ordered = groups_of(tree)
    last = (modules or ordered)[-1:]
    for number, group in enumerate(ordered):
        movable = [entry for entry in group.entries if may_move(entry)]
        rows = [
            _row(key, entry, tally, movable.index(entry) if entry in movable else -1, len(movable)) for entry in group.entries
        ]
        head = _head(key, group, modules) if group.is_module else None
        found.append(
            Section(f"g-{number}", group.folder, group.title, group.is_module, head, group.is_module, group in last, rows)
        )
    return found


def may_move(entry: TreeEntry) -> bool:
    return entry.kind in PAGES


def places(tree: CourseTree, path: str) -> list[Place]:
    """Everywhere the file (or module) at `path` can go; where it stands now is selected. Empty for what has no order."""
    modules = [group for group in tree.groups if group.is_module]
    if any(group.folder == path for group in modules):
        return _module_places(modules, path)
    if not may_move(find(tree, path)):
        return []
    found: list[Place] = []
    for group in modules:
        others = [entry for entry in group.entries if may_move(entry)]
        selected = False
        label = f"Paling atas di {group.title}"
        for entry in others:
            if entry.path == path:
                selected = True
                continue
            found.append(Place(f"{group.folder}|{entry.path}", label, selected))
            selected, label = False, f"Sesudah {entry.title}, di {group.title}"
        found.append(Place(f"{group.folder}|", label, selected))
    return found


def neighbour(tree: CourseTree, path: str, step: int) -> tuple[str, str | None]:
    """(folder, file or module before which to stand) after one step up (-1) or down (1) within its own list."""
    modules = [group for group in tree.groups if group.is_module]
    folder = ""
    names = [group.folder for group in modules]
    if path not in names:
        home = next((group for group in tree.groups if any(entry.path == path for entry in group.entries)), None)
        names = [entry.path for entry in home.entries if may_move(entry)] if home else []
        folder = home.folder if home else ""
    if path not in names:
        raise NotFound("Berkas ini tidak ada lagi di tempatnya. Muat ulang daftar isinya, lalu coba lagi.")
    at = names.index(path)
    rest = [name for name in names if name != path]
    target = min(max(at + step, 0), len(rest))
    return folder, rest[target] if target < len(rest) else None


def _module_places(modules: Sequence[TreeGroup], folder: str) -> list[Place]:
    found, selected, label = [], False, "Paling atas"
    for group in modules:
        if group.folder == folder:
            selected = True
            continue
        found.append(Place(f"|{group.folder}", label, selected))
        selected, label = False, f"Sesudah {group.title}"
    return [*found, Place("|", label, selected)]


def _row(key: str, entry: TreeEntry, tally: "_Tally", at: int, count: int) -> Row:
    note = language.kilobytes(entry.size) if entry.kind in ("media", "file") else "" if entry.kind in PAGES else entry.path
    note = posixpath.basename(note) if note == entry.path else note
    fixed = entry.kind == "manifest"
    return Row(
        anchor(entry.path),
        entry.path,
        entry_url(key, entry),
        "" if fixed else url_for("studio.structure.arrange", key=key, path=entry.path),
        title_of(entry),
        icon_of(entry),
        note,
        at >= 0,
        at == 0,
        at == count - 1,
        *tally.of(entry.path),
    )


def _head(key: str, group: TreeGroup, modules: Sequence[TreeGroup]) -> Row:
    at, url = modules.index(group), url_for("studio.structure.arrange", key=key, path=group.folder)
    return Row(anchor(group.folder), group.folder, "", url, group.title, "module", "", True, at == 0, at == len(modules) - 1)


class _Tally:
    """Errors and warnings by file."""

    def __init__(self, problems: Sequence[Problem]):
        self._by_file: dict[str, list[Problem]] = {}
        for problem in problems:
            if problem.level is not Level.NOTE:
                self._by_file.setdefault(problem.file, []).append(problem)

    def of(self, path: str) -> tuple[str, int, str]:
        """(gravest level, how many, in words) of a file."""
        found = self._by_file.get(path, [])
        return findings.worst(found), len(found), findings.label(found) if found else ""
