"""Small changes inside authors' files: a title, an `id:`, and every address of something that moved. The rest stays byte for byte."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, unquote

from lms.content.check_links import addresses
from lms.content.nodes import CourseNode, FileNode, Metadata, Setting
from lms.content.rawfile import RawFile

_ADDRESS = re.compile(r"([^#?]*)([#?].*)?", re.DOTALL)


def put_setting(raw: RawFile, meta: Metadata, key: str, value: str, *, is_manifest: bool = False) -> None:
    """Write `key: "value"` where that key stands in course.yml or the front matter, else at its top."""
    end = next((end for end in raw.ends if end), "\n")
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    setting = meta.settings.get(key)
    if setting is not None and (match := re.match(r"\s*[^:]+:", raw.lines[setting.line - 1])):
        raw.lines[setting.line - 1] = f"{match[0]} {quoted}"
        while setting.line < len(raw.lines) and re.match(r"[ \t]+\S", raw.lines[setting.line]):  # the rest of a folded value
            del raw.lines[setting.line], raw.ends[setting.line]
        return
    added, at = [f"{key}: {quoted}"], 0
    if meta.settings and not is_manifest:
        at = 1 + next(number for number, line in enumerate(raw.lines) if line.strip() == "---")
    elif not is_manifest:
        added = ["---", *added, "---", ""]
    raw.lines[at:at] = added
    raw.ends[at:at] = [end] * len(added)


def put_heading(raw: RawFile, node: FileNode, title: str) -> bool:
    """Change the first-level heading that shows the title now; False when there is none."""
    heading = next((heading for heading in node.headings if heading.level == 1), None)
    if heading is None:
        return False
    line = raw.lines[heading.line - 1]
    marks = "" if heading.setext else re.match(r"\s*#+\s*", line)[0]  # type: ignore[index]
    kept = re.search(r"\s*\{#[^{}]*\}\s*$", line)
    raw.lines[heading.line - 1] = f"{marks}{title}{kept[0] if kept else ''}"
    return True


def readdress(raw: RawFile, code: frozenset[int], old: str, new: str, course: CourseNode, moved: Callable[[str], str]) -> None:
    """Mend the links in a file that was at `old` and will be at `new`. `moved` gives the new path of any path in the course;
    `code` are the numbers of lines in code blocks, where nothing is a link."""
    for index, line in enumerate(raw.lines):
        if index + 1 in code or ("[" not in line and "<" not in line):
            continue
        for start, end in reversed(addresses(line)):
            href = _readdressed(line[start:end], posixpath.dirname(old), posixpath.dirname(new), course, moved)
            line = line[:start] + href + line[end:]
        raw.lines[index] = line


def _readdressed(href: str, here: str, there: str, course: CourseNode, moved: Callable[[str], str]) -> str:
    match = _ADDRESS.fullmatch(href)
    if match is None or not match[1] or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[/\\]", href):
        return href
    plain = unquote(match[1]).replace("\\", "/")
    target = posixpath.normpath(posixpath.join(here, plain))
    is_outside = target.startswith("..")
    if (
        not is_outside
        and target not in course.known_paths
        and not any(path.startswith(target + "/") for path in course.known_paths)
    ):
        return href  # leads nowhere already
    final = target if is_outside else moved(target)
    if final == target and here == there:
        return href
    made = posixpath.relpath(final, there or ".") + ("/" if plain.endswith("/") else "")
    if made == posixpath.normpath(plain) + ("/" if plain.endswith("/") else ""):
        return href
    return (quote(made, safe="/!$&'*+,;=:@~") if plain != match[1] or " " in made else made) + (match[2] or "")


def put_banks(raw: RawFile, node: FileNode, moved: Callable[[str], str]) -> None:
    """Mend `(ambil 3 dari bank/x.md)`."""
    for group in node.groups():
        if group.bank and moved(group.bank) != group.bank:
            raw.lines[group.line - 1] = raw.lines[group.line - 1].replace(group.bank, moved(group.bank), 1)


def put_order(raw: RawFile, setting: Setting, entries: Sequence[str]) -> None:
    """Write other entries into the places of a list (`urutan:`), each in the quotation marks that stood there."""
    for span, entry in sorted(zip(setting.items, entries, strict=True), key=lambda pair: (-pair[0].line, -pair[0].column)):
        line, at = raw.lines[span.line - 1], span.column - 1
        mark = line[at : at + 1] if line[at : at + 1] in ("'", '"') else ""
        size = len(mark) * 2 + len(span.text)
        if line[at + len(mark) : at + size - len(mark)] == span.text:
            raw.lines[span.line - 1] = line[:at] + mark + entry + mark + line[at + size :]


def reordered(entries: Sequence[str], siblings: Mapping[str, int], moved: Callable[[str], str]) -> list[str]:
    """`urutan:` after a move: entries at or below one of the siblings (new path -> rank) stand in their order, in the places that
    such entries had; all have their new paths."""
    new = [moved(entry.strip("/")) for entry in entries]

    def rank(entry: str) -> int | None:
        parts = entry.split("/")
        return next((siblings[path] for size in range(len(parts), 0, -1) if (path := "/".join(parts[:size])) in siblings), None)

    places = [number for number, entry in enumerate(new) if rank(entry) is not None]
    ordered = sorted((new[number] for number in places), key=lambda entry: rank(entry) or 0)
    for number, entry in zip(places, ordered, strict=True):
        new[number] = entry
    return new
