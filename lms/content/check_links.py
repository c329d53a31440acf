"""Checks of every link and picture in a file, questions included: K015 and K100-K107."""

import difflib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from lms.content.answers import mask_code
from lms.content.links import AUDIO, IMAGES, MIME, VIDEO, VIDEO_HOSTS, Target, anchors, resolve
from lms.content.measure import bank_path
from lms.content.nodes import CourseNode, FileNode, GroupNode
from lms.content.problems import Reporter
from lms.content.tables import TABLE_LINK, read_table

_LINK = re.compile(
    r"(!?)\[((?:[^\[\]]|\[[^\[\]]{0,200}\])*)\]\(\s*(<[^<>]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
_REFERENCE = re.compile(r"^\s{0,3}\[([^\]^][^\]]*)\]:\s*<?(\S+?)>?(?:\s+[\"'(].*)?$")
_RAW = re.compile(r"<(a|img)\s[^<>]{0,300}?\b(href|src)\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_BLANK = re.compile(r"!?\[[^\[\]]*\]\((\s*)([^\s()<>\"'][^()<>\"']*?\s[^()<>\"']*?)\s*\)")
"""A link that is none on GitHub, because of the blank in its address."""
_BARE = re.compile(r"\bhttps?://[^\s<>()\[\]\"'`|]*[^\s<>()\[\]\"'`|.,;:!?*_~]", re.IGNORECASE)
_AUTOLINK = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,20}):[^<>\s]*>")
_DURATION = re.compile(r"\(\s*\d+(?:[.,]\d+)?\s*(?:menit|detik|minutes?|min|seconds?)\s*\)", re.IGNORECASE)
HEAVY_PICTURE = 500_000
MOST_BRACKETS = 200
"""A line with more of them is no prose; density checks deal with it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link or picture as it is written. `column` and `width` are those of `href`; `start` and `length` of the whole."""

    href: str
    line: int
    column: int
    width: int
    text: str = ""
    is_picture: bool = False
    is_raw: bool = False
    """Written as HTML or as a reference, where no text stands beside it."""
    is_alone: bool = False
    """A paragraph of its own."""
    start: int = 1
    length: int = 1


def links_of(node: FileNode) -> Iterator[Link]:
    """Every link and picture outside code, in file order, pictures inside links included."""
    for number in range(node.source.body_start, len(node.source.lines) + 1):
        line = node.source.lines[number - 1]
        if number in node.source.code or not line:
            continue
        if ("[" not in line and "<" not in line) or line.count("[") > MOST_BRACKETS or line.count("<") > MOST_BRACKETS:
            continue
        yield from _links_in(number, line, mask_code(line))


def _links_in(number: int, line: str, masked: str) -> Iterator[Link]:
    rest = masked
    for match in _LINK.finditer(masked):
        text, href = line[match.start(2) : match.end(2)], line[match.start(3) : match.end(3)].strip("<>")
        column, alone = match.start(3) + 1, match[0] == masked.strip()
        yield Link(href, number, column, max(len(href), 1), text, bool(match[1]), False, alone, match.start() + 1, len(match[0]))
        for inner in _LINK.finditer(text) if not match[1] else ():  # a picture inside a link
            if inner[1]:
                column = match.start(2) + inner.start(3) + 1
                yield Link(inner[3].strip("<>"), number, column, max(len(inner[3]), 1), inner[2], True, start=match.start() + 1)
        rest = _blanked(rest, match)
    for match in _RAW.finditer(masked):
        yield Link(match[3], number, match.start(3) + 1, len(match[3]), "", match[1].casefold() == "img", True)
        rest = _blanked(rest, match)
    if reference := _REFERENCE.match(masked):
        yield Link(reference[2], number, reference.start(2) + 1, len(reference[2]), reference[1], is_raw=True)
    elif "://" in rest:
        for match in _BARE.finditer(rest):
            yield Link(match[0], number, match.start() + 1, len(match[0]), is_raw=True)


def _blanked(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " * len(match[0]) + text[match.end() :]


def check_links(course: CourseNode, node: FileNode, reporter: Reporter) -> set[str]:
    """Report the broken ones; return the paths inside the course that the file uses."""
    used: set[str] = set()
    for link in links_of(node):
        place = (link.line, link.column, link.width)
        if not link.is_picture:
            used |= _link(course, node, link.text, link.href, place, reporter, link.is_alone)
            continue
        if not link.text.strip() and not link.is_raw:
            reporter.add("K102", link.line, link.start, link.length)
        used |= _picture(course, node, link.href, place, reporter)
    for number in range(node.source.body_start, len(node.source.lines) + 1):
        line = node.source.lines[number - 1]
        if "](" in line and number not in node.source.code:
            used |= _blanks(course, node, number, line, reporter)
        if "<" not in line or number in node.source.code or line.count("<") > MOST_BRACKETS:
            continue
        for match in _AUTOLINK.finditer(mask_code(line)):
            if match[1].casefold() not in ("http", "https", "mailto", "tel"):
                reporter.add("K015", number, match.start() + 1, len(match[0]), scheme=match[1])
    return used


def addresses(line: str) -> list[tuple[int, int]]:
    """(start, end) of every address of a link or picture in a line outside code fences, from the left."""
    if line.count("[") > MOST_BRACKETS or line.count("<") > MOST_BRACKETS:
        return []
    found = [(link.column - 1 + (line[link.column - 1] == "<"), link.href) for link in _links_in(0, line, mask_code(line))]
    return sorted({(start, start + len(href)) for start, href in found})


def _blanks(course: CourseNode, node: FileNode, number: int, line: str, reporter: Reporter) -> set[str]:
    """K123: an address with a blank, when it looks like a file."""
    used = set()
    for match in _BLANK.finditer(mask_code(line)):
        href = match[2]
        target = resolve(course, node, href)
        if target.kind == "file" or PurePosixPath(href.partition("#")[0]).suffix.casefold() in (*MIME, ".md"):
            reporter.add("K123", number, match.start(2) + 1, len(href), path=href)
            used.add(target.path)
    return used


def _picture(course: CourseNode, node: FileNode, href: str, place: tuple[int, int, int], reporter: Reporter) -> set[str]:
    target = resolve(course, node, href)
    if target.kind == "external":
        reporter.add("K107", *place, url=href)
    elif target.kind in ("scheme", "contact"):
        reporter.add("K015", *place, scheme=target.path)
    elif target.kind != "file":
        reporter.add("K100", *place, path=href, **_advice(course, node, target, href))
    else:
        suffix = PurePosixPath(target.path).suffix.casefold()
        if suffix not in IMAGES:
            reason = "berjenis SVG, yang dapat memuat skrip" if suffix == ".svg" else "bukan gambar jpg, png, webp atau gif"
            reporter.add("K106", *place, path=href, reason=reason, advice="simpan sebagai png atau webp")
        elif (size := _size(course, target.path)) > HEAVY_PICTURE:
            reporter.add("K103", *place, size=f"{size / 1_000_000:.1f}".replace(".", ","))
        return {target.path}
    return set()


def _link(
    course: CourseNode, node: FileNode, text: str, href: str, place: tuple[int, int, int], reporter: Reporter, alone: bool
) -> set[str]:
    target = resolve(course, node, href)
    if target.kind == "scheme":
        reporter.add("K015", *place, scheme=target.path)
    elif target.kind == "external":
        if target.address.casefold().startswith("http:"):
            reporter.add("K105", *place, url=href)
        if alone and VIDEO_HOSTS.match(target.address) and not _DURATION.search(text):
            reporter.add("K104", *place, path=href, lack="tanpa durasi", advice="tulis misalnya `(7 menit)` di judul tautannya")
    elif target.kind == "missing" and target.path.casefold().endswith(".md"):
        reporter.add("K101", *place, target=href, **_advice(course, node, target, href))
    elif target.kind in ("missing", "outside"):
        reporter.add("K100", *place, path=href, **_advice(course, node, target, href))
    elif target.kind == "closed":
        reporter.add("K101", *place, target=href, advice="bank soal tidak pernah menjadi halaman; hapus tautannya")
    elif target.kind == "unpublished":
        reporter.add("K101", *place, target=href, advice="halaman itu belum ikut terbit; hapus tautannya dulu")
    elif target.anchor:
        _missing_anchor(target, href, place, reporter)
    elif target.kind == "file":
        _file(course, target.path, text, href, place, reporter)
        if alone and target.path.casefold().endswith(".csv") and TABLE_LINK.match(text):
            _table(course, target.path, place, reporter)
        return _with_companions(course, target.path)
    return set()


def _missing_anchor(target: Target, href: str, place: tuple[int, int, int], reporter: Reporter) -> None:
    known = list(anchors(target.node)) if target.node is not None else []
    near = difflib.get_close_matches(target.anchor, known, 3, 0.4) or known[:5]
    reporter.add(
        "K101", *place, target=href, advice="jangkar yang ada: " + (", ".join(f"#{name}" for name in near) or "tidak ada")
    )


def _file(course: CourseNode, path: str, text: str, href: str, place: tuple[int, int, int], reporter: Reporter) -> None:
    suffix = PurePosixPath(path).suffix.casefold()
    if suffix not in MIME:
        reporter.add(
            "K106",
            *place,
            path=href,
            reason=f"berjenis {suffix or 'tidak dikenal'}, yang tidak diterima",
            advice="simpan sebagai pdf, docx atau xlsx",
        )
    elif suffix in VIDEO or suffix in AUDIO:
        lacks = []
        if (
            suffix in VIDEO
            and f"{path[: -len(suffix)]}.id.vtt" not in course.known_paths
            and f"{path[: -len(suffix)]}.en.vtt" not in course.known_paths
        ):
            lacks.append("tanpa teks (vtt)")
        if not _DURATION.search(text):
            lacks.append("tanpa durasi")
        if lacks:
            name = PurePosixPath(path).stem
            advice = (
                f"simpan teksnya sebagai {name}.id.vtt di folder yang sama, dan tulis misalnya `(4 menit)` di judul tautannya"
            )
            reporter.add("K104", *place, path=href, lack=" dan ".join(lacks), advice=advice)


def _table(course: CourseNode, path: str, place: tuple[int, int, int], reporter: Reporter) -> None:
    try:
        table = read_table((Path(course.root) / path).read_bytes())
    except OSError:
        return
    if not table.rows:
        reporter.add("K109", *place, message=f"tabel `{path}` kosong", help="isi berkasnya, baris pertama judul kolom")
    elif table.cut:
        reporter.add("K109", *place, path=path, cut=table.cut)


def _with_companions(course: CourseNode, path: str) -> set[str]:
    """A video brings its captions and transcript."""
    stem = path.rpartition(".")[0]
    return {path, *(name for name in (f"{stem}.id.vtt", f"{stem}.en.vtt", f"{stem}.md") if name in course.known_paths)}


def _size(course: CourseNode, path: str) -> int:
    try:
        return (Path(course.root) / path).stat().st_size
    except OSError:
        return 0


def _advice(course: CourseNode, node: FileNode, target: Target, href: str) -> dict[str, Any]:
    """Files the author may have meant, as they must be written from this file. Only a wrong case is sure enough to repair."""
    here = posixpath.dirname(node.file) or "."
    written, _, anchor = href.partition("#")
    same = next((path for path in sorted(course.known_paths) if path.casefold() == target.path.casefold()), "")
    if same:
        better = posixpath.relpath(same, here)
        better = quote(better) if "%" in written else better
        return {"advice": f"beda huruf besar-kecil: `{better}{'#' + anchor if anchor else ''}`", "fixable": True}
    candidates = {path: posixpath.basename(path) for path in sorted(course.known_paths)}
    near = difflib.get_close_matches(posixpath.basename(target.path), candidates.values(), 2, 0.6)
    found = [posixpath.relpath(path, here) for path, base in candidates.items() if base in near][:2]
    shown = "berkas mirip: " + ", ".join(f"`{path}`" for path in found) if found else "periksa nama dan letak berkasnya"
    return {"advice": shown, "fixable": False}


def bank_advice(course: CourseNode, group: GroupNode) -> str:
    """Bank files with a name like the one written."""
    if near := difflib.get_close_matches(bank_path(group.bank), course.banks, 2, 0.6):
        return "berkas mirip: " + ", ".join(f"`{path}`" for path in near)
    known = ", ".join(sorted(course.banks)[:3])
    return f"bank yang ada: {known}" if known else "buat berkasnya di folder bank/"
