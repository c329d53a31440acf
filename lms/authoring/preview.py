"""A course folder as pages that follow its files: what `lms pratinjau` and the studio's frame show. No database, no Flask.

Only changed files are parsed, and a page is rendered when it is asked for. A file with errors stands as its last good text, so that
addresses, links and the page in view hold while an author is in the middle of a sentence; one that never was good is shown without
its faulty questions. Nothing here raises for what is in the files.
"""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from lms.content.check import check_course
from lms.content.compile import KINDS, Cache, CannotCompile, Compiler, compile_course, ensure_ids
from lms.content.links import course_address, page_address
from lms.content.measure import bank_path
from lms.content.nodes import CourseNode, FileNode, GroupNode, LoadedCourse, Metadata, Part, QuestionNode
from lms.content.parse import MANIFEST, Reading, load_course
from lms.content.problems import Reporter
from lms.content.slugs import key_segment
from lms.content.types import CompiledQuestion, Item, Level, MediaFile, Outline, Page, Problem
from lms.errors import NotFound

SHOWN_ANYWAY = frozenset({"K015", "K100", "K101", "K106"})
"""Errors of links and pictures: the text around them can be shown anew."""
Stamps = tuple[tuple[str, int, int], ...]
"""Path, time and size of every file, as one comparable value."""


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """One file as its learners will see it, and what its author wants to know about it."""

    item: Item
    page: Page
    questions: dict[str, CompiledQuestion]
    """By id; of a quiz all that it may draw, those of banks included."""
    problems: list[Problem]
    """Of its file, with what only rendering finds."""
    file: str
    is_stale: bool = False
    """The file has errors, and this is its last text without any."""
    is_hidden: bool = False
    """`sembunyi: ya`: not published."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What unsaved text would give: the problems of its file, and its page; None for a file without one, such as course.yml."""

    problems: list[Problem]
    page: PreviewPage | None


class CoursePreview:
    """The folder (or single file) of one course, kept between refreshes. Threads take turns. Call `refresh` first, `close` last.

    `key` is the course's part of every address; the folder's name unless given, because `kode:` changes while its author types.
    """

    def __init__(self, folder: Path, *, may_leave_folder: bool = False, key: str = ""):
        self.folder = Path(folder).resolve()
        self.key = key or key_segment(self.folder.stem if self.folder.is_file() else self.folder.name) or "kursus"
        self.may_leave_folder = may_leave_folder
        self.version = 0
        """Grows whenever `refresh` found a change."""
        self.problems: list[Problem] = []
        """Of all files, as `lms check` tells them."""
        self.course = CourseNode(str(self.folder), self.key, False, Metadata())
        """As it is shown: files with errors as they last were without."""
        self._lock = threading.RLock()
        self._cache = Cache()
        self._reading = Reading()
        self._seen: Stamps | None = None
        self._contents: dict[str, bytes] = {}
        self._has_unread = False
        self._good: dict[str, bytes] = {}
        self._stale: dict[str, bytes] = {}
        self._drafted: dict[str, bytes] = {}
        self._shown: dict[str, PreviewPage] = {}
        self._outline: tuple[int, Outline | None] = (0, None)

    def close(self) -> None:
        """Ends the child process."""
        with self._lock:
            self._cache.close()

    def refresh(self, today: date | None = None) -> bool:
        """Whether anything on disk has changed; then it was read and checked again. `today` as for `check_course`."""
        with self._lock:
            if not self.is_behind():
                return False
            before, self._seen = self._seen, self.stamps()
            try:
                loaded = self._load({})
            except OSError:  # the folder itself is gone; what was read stays in view
                self.problems = [_missing(self.folder.name)]
                changed = True
            else:
                contents = dict(self._reading.contents)
                changed = self._seen != before or contents != self._contents
                if changed:
                    self.problems = check_course(loaded, today)
                    self._take(loaded.course, contents)
            self.version += changed
            return changed

    def is_behind(self) -> bool:
        """Whether there is something for `refresh` to read."""
        return self._has_unread or self.stamps() != self._seen

    def _take(self, course: CourseNode, contents: dict[str, bytes]) -> None:
        """Make `course` the one that is shown, its faulty files as they last were without errors."""
        faulty = {problem.file for problem in self.problems if _hides(problem)}
        read = {source.file for source in course.sources()}
        good = {name: self._good[name] for name in read | {MANIFEST} if name in self._good}
        self._good = good | {name: content for name, content in contents.items() if name not in faulty}
        self._stale = {name: content for name, content in self._good.items() if content != contents.get(name)}
        self._drafted = {name: text for name, text in self._drafted.items() if contents.get(name) == self._contents.get(name)}
        self._has_unread = not read <= contents.keys()  # locked by an editor, perhaps: the next refresh looks again
        self._contents = contents
        shown = self._load(self._stale).course if self._stale else course
        self.course = _sound(shown, (problem for problem in self.problems if problem.file not in self._stale))

    def _load(self, unsaved: Mapping[str, bytes]) -> LoadedCourse:
        self._reading.unsaved = dict(unsaved)
        loaded = load_course(self.folder, may_leave_folder=self.may_leave_folder, reading=self._reading)
        loaded.course.code = self.key
        return loaded

    def stamps(self) -> Stamps:
        """What `refresh` compares: a glance at every file, cheap enough to repeat a few times a second."""
        outside = self.course.meta.get("bank") if self.may_leave_folder else None
        folders = [self.folder, self.folder / outside] if outside else [self.folder]
        return tuple(stamp for folder in folders for stamp in sorted(_stamps(folder)))

    @property
    def outline(self) -> Outline | None:
        """The course as publishing would make it; the last one that could be made. Renders every page that is not yet."""
        with self._lock:
            if self._outline[0] != self.version:
                outline = self._outline[1]
                with contextlib.suppress(CannotCompile):
                    outline = compile_course(LoadedCourse(self.course, []), self._cache).outline
                self._outline = self.version, outline
            return self._outline[1]

    def item_of(self, path: str) -> str:
        """The key under which `page` gives the file at `path`; "" when it has no page."""
        node = _file(self.course, path)
        return key_of(node) if node is not None else ""

    def page(self, item_key: str) -> PreviewPage:
        """A lesson or quiz by its key; a README, bank or glossary by its path. Raises NotFound."""
        with self._lock:
            node = next((node for node in self.course.all_files() if key_of(node) == item_key), None)
            if node is None:
                raise NotFound(f"Halaman {item_key} tidak ada di pelatihan ini. Berkasnya mungkin dihapus atau berganti nama.")
            return self._page(self.course, node, self.problems, node.file in self._stale)

    def address_of(self, item_key: str) -> str:
        """Where `lms pratinjau` shows a page: as on the site, because pages link to each other so. Of nothing known, the course."""
        node = next((node for node in self.course.all_files() if key_of(node) == item_key), None)
        if node is None:
            return course_address(self.course)
        return (
            page_address(self.course, node) if node.key and node.kind != "bank" else f"{course_address(self.course)}/{node.file}"
        )

    def draft(self, path: str, text: str) -> Draft:
        """The file at `path` as if `text` were saved. With errors it is shown as the last draft without, else as it is saved."""
        with self._lock:
            content = text.encode("utf-8", "replace")
            loaded = self._load({**self._stale, path: content})
            problems = [problem for problem in check_course(loaded) if problem.file == path]
            shown, course = content, _sound(loaded.course, problems)
            if not any(map(_hides, problems)):
                self._drafted[path] = content
            elif good := self._drafted.get(path) or self._good.get(path):
                shown, course = good, self._load({**self._stale, path: good}).course
            node = _file(course, path)
            if node is None:
                return Draft(problems, None)
            page = self._page(course, node, problems, shown != content)
            return Draft(page.problems, page)

    def media(self, sha256: str) -> MediaFile | None:
        """A picture or attachment of a page that was shown."""
        with self._lock:
            return next((media for media in self._cache.media.values() if media.sha256 == sha256), None)

    def _page(self, course: CourseNode, node: FileNode, problems: Iterable[Problem], is_stale: bool) -> PreviewPage:
        compiler = Compiler(course, self._cache)
        ensure_ids(course)
        for bank in dict.fromkeys(bank_path(group.bank) for group in node.groups() if group.bank):
            if bank in course.banks:
                compiler.file(course.banks[bank])
        kind = "latihan" if node.kind == "bank" else node.kind if node.kind in KINDS else "pelajaran"
        item = replace(compiler.item(replace(node, kind=kind)), key=key_of(node))
        own = [problem for problem in (*problems, *compiler.problems) if problem.file == node.file]
        page = PreviewPage(
            item=item,
            page=compiler.pages.get(node.key, Page(())),
            questions=compiler.questions,
            problems=sorted(dict.fromkeys(own)),
            file=node.file,
            is_stale=is_stale,
            is_hidden=bool(node.meta.get("sembunyi")),
        )
        if any(map(_hides, compiler.problems)) and item.key in self._shown:  # the child had to be killed
            return replace(self._shown[item.key], problems=page.problems, is_stale=True)
        self._shown[item.key] = page
        return page


def key_of(node: FileNode) -> str:
    """What a page is asked for by: the permanent key of an item, the path of any other file."""
    return node.key or node.file


def _file(course: CourseNode, path: str) -> FileNode | None:
    return next((node for node in course.all_files() if node.file == path), None)


def _hides(problem: Problem) -> bool:
    return problem.level is Level.ERROR and problem.code not in SHOWN_ANYWAY


def _missing(name: str) -> Problem:
    reporter = Reporter(name)
    reporter.add(
        "K100", 1, path=name, message=f"{name} tidak ada lagi", help="kembalikan ke tempatnya, atau mulai pratinjau di letak baru"
    )
    return reporter.problems[0]


def _sound(course: CourseNode, problems: Iterable[Problem]) -> CourseNode:
    """`course` without the questions that have errors of their own. Its files may be shared, so they are copied, not changed."""
    lines: dict[str, set[int]] = {}
    for problem in filter(_hides, problems):
        lines.setdefault(problem.file, set()).add(problem.line)
    course.files = [_without_faults(node, lines.get(node.file, set())) for node in course.files]
    course.banks = {name: _without_faults(node, lines.get(name, set())) for name, node in course.banks.items()}
    return course


def _without_faults(node: FileNode, lines: set[int]) -> FileNode:
    starts = sorted({question.line for question in node.questions()} | {heading.line for heading in node.headings})

    def is_sound(question: QuestionNode) -> bool:
        end = next((start for start in starts if start > question.line), len(node.source.lines) + 1)
        return lines.isdisjoint(range(question.line, end))

    def kept(part: Part) -> Part | None:
        if isinstance(part, GroupNode):
            return replace(part, questions=[question for question in part.questions if is_sound(question)])
        return part if not isinstance(part, QuestionNode) or is_sound(part) else None

    return replace(node, parts=[part for part in map(kept, node.parts) if part is not None]) if lines else node


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Of a file, or of everything in a folder that `load_course` would look at. What vanishes meanwhile is left out."""
    if folder.is_file():
        found = folder.stat()
        yield str(folder), found.st_mtime_ns, found.st_size
        return
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                if entry.is_dir():
                    if not entry.name.startswith("_"):
                        waiting.append(entry.path)
                    continue
                with contextlib.suppress(OSError):
                    found = entry.stat()
                    yield entry.path, found.st_mtime_ns, found.st_size
