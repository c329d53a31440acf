"""Small changes inside authors' files: a title, an `id:`, and every address of something that moved. The rest stays byte for byte."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from lms.content.check_links import addresses
from lms.content.nodes import CourseNode, FileNode, Metadata, Span
from lms.content.order import put_in, take_out
from lms.content.parse import MANIFEST, manifest_of, read_manifest
from lms.content.problems import Reporter
from lms.content.rawfile import RawFile, read_raw

_ADDRESS = re.compile(r"([^#?]*)([#?].*)?", re.DOTALL)


def put_setting(raw: RawFile, meta: Metadata, key: str, value: str, *, is_manifest: bool = False) -> None:
    """Write `key: "value"` where that key stands in course.yml or the front matter, else at its top."""
    end = next((end for end in raw.ends if end), "\n")
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    setting = meta.settings.get(key)
    if setting is not None and (match := re.match(r"\s*[\w-]+\s*[:=]", raw.lines[setting.line - 1])):
        raw.lines[setting.line - 1] = f"{match[0]} {quoted}"
        while setting.line < len(raw.lines) and re.match(r"[ \t]+\S", raw.lines[setting.line]):  # the rest of a folded value
            del raw.lines[setting.line], raw.ends[setting.line]
        return
    added, at = [f"{key}: {quoted}"], 0
    fence = next((line.strip() for line in raw.lines if line.strip()), "")
    if meta.settings and not is_manifest:
        at = 1 + next((number for number, line in enumerate(raw.lines) if line.strip() == fence), 0)
        added = [f"{key} = {quoted}"] if fence == "+++" else added  # the front matter of Hugo
    elif not is_manifest:
        added = ["---", *added, "---", ""]
    raw.lines[at:at] = added
    raw.ends[at:at] = [end] * len(added)


def put_code(folder: Path, code: str) -> None:
    """Write `kode:` into the course.yml of a folder."""
    source, meta = read_manifest(folder)
    raw = read_raw(folder / (source.file if source else MANIFEST))
    put_setting(raw, meta, "kode", code, is_manifest=True)
    raw.save()


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
            line = line[:start] + (unquote(href) if line[start - 1] == "<" else href) + line[end:]
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


def put_order(raw: RawFile, mine: str, ranks: Mapping[str, int], moved: Callable[[str], str], *, is_listed: bool) -> None:
    """Bring `urutan:` in course.yml up to date after `mine` (its new path) went to stand among siblings (new path -> rank).

    Where the siblings are all listed (`is_listed`) the list decides: `mine` gets an entry, and the entries at or below a sibling
    stand in the siblings' order, in the places that such entries had. Elsewhere an entry of its own would contradict its folder's.
    A list written in ways beyond our reading stays; the check names what it lacks.
    """
    spans = _entries(raw)
    if not _fill(raw, spans, [moved(span.text.strip("/")) for span in spans]):
        return
    spans = _entries(raw)
    texts = [span.text for span in spans]
    if is_listed and not any(text == mine or text.startswith(mine + "/") for text in texts):
        put_in(raw, mine)
    elif not is_listed and mine in texts and any(mine.startswith(text + "/") for text in texts):
        place = spans[texts.index(mine)]
        take_out(raw, place.line, place.column, mine)
    if not is_listed:
        return

    def rank(text: str) -> int:
        parts = text.split("/")
        return next((ranks[path] for size in range(len(parts), 0, -1) if (path := "/".join(parts[:size])) in ranks), -1)

    among = [span for span in _entries(raw) if rank(span.text) >= 0]
    _fill(raw, among, sorted((span.text for span in among), key=rank))


def _entries(raw: RawFile) -> tuple[Span, ...]:
    setting = manifest_of(raw.content(), Reporter(MANIFEST))[1].settings.get("urutan")
    return setting.items if setting else ()


def _fill(raw: RawFile, spans: Sequence[Span], texts: Sequence[str]) -> bool:
    """Write texts into the places of others, in the quotation marks that stand there; False, nothing done, when one is not plain."""
    places = [raw.index(span.line, span.column) for span in spans]
    marks = [mark if (mark := raw.lines[span.line - 1][at]) in "'\"" else "" for span, at in zip(spans, places, strict=True)]
    old = [mark + span.text + mark for span, mark in zip(spans, marks, strict=True)]
    if any(not raw.lines[span.line - 1].startswith(text, at) for span, at, text in zip(spans, places, old, strict=True)):
        return False
    for number in sorted(range(len(spans)), key=lambda number: -places[number]):
        line, at = raw.lines[spans[number].line - 1], places[number]
        made = marks[number] + texts[number] + marks[number]
        raw.lines[spans[number].line - 1] = line[:at] + made + line[at + len(old[number]) :]
    return True
