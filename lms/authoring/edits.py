"""Small changes inside authors' files: a title, an `id:`, and every address of something that moved. The rest stays byte for byte."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, unquote

from lms.content.check_links import addresses
from lms.content.nodes import CourseNode, FileNode, Metadata, Setting, Span
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
        at = 1 + next((number for number, line in enumerate(raw.lines) if line.strip() == "---"), 0)
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


def put_order(raw: RawFile, setting: Setting, entries: Sequence[str]) -> None:
    """Write `urutan:` anew: the entries into the places that are there, each in the quotation marks that stood there; where their
    number changes, the list as a whole in its own style. A list written in ways beyond that stays; the check names what it lacks."""
    places = [_place(raw.lines[span.line - 1], span) for span in setting.items]
    for span, (start, end) in zip(setting.items, places, strict=True):
        if raw.lines[span.line - 1][start:end].strip("'\"") != span.text:
            return
    if len(entries) == len(places):
        for span, (start, end), entry in sorted(zip(setting.items, places, entries, strict=True), key=lambda one: -one[1][0]):
            line = raw.lines[span.line - 1]
            mark = line[start] if line[start] in "'\"" else ""
            raw.lines[span.line - 1] = line[:start] + mark + entry + mark + line[end:]
        return
    first, last = setting.items[0].line - 1, setting.items[-1].line - 1
    head, tail = raw.lines[first][: places[0][0]], raw.lines[last][places[-1][1] :]
    quoted = [entry if re.fullmatch(r"[\w./-]+", entry) else f'"{entry}"' for entry in entries]
    made = [head + entry for entry in quoted] if re.fullmatch(r"\s*-\s+", head) else [head + ", ".join(quoted) + tail]
    raw.lines[first : last + 1], raw.ends[first : last + 1] = made, [raw.ends[first]] * len(made)


def _place(line: str, span: Span) -> tuple[int, int]:
    """Where the entry stands in its line, quotation marks included."""
    start = span.column - 1
    return start, start + len(span.text) + 2 * (line[start : start + 1] in ("'", '"'))


def reordered(
    entries: Sequence[str], mine: str, ranks: Mapping[str, int], moved: Callable[[str], str], *, is_listed: bool
) -> list[str]:
    """`urutan:` after `mine` (its new path) went to stand among siblings (new path -> rank).

    Where the siblings are all listed (`is_listed`) the list decides: `mine` gets an entry, and the entries at or below a sibling
    stand in the siblings' order, in the places that such entries had. Elsewhere an entry of its own would contradict its folder's.
    """
    new = [moved(entry.strip("/")) for entry in entries]

    def rank(entry: str) -> int | None:
        parts = entry.split("/")
        return next((ranks[path] for size in range(len(parts), 0, -1) if (path := "/".join(parts[:size])) in ranks), None)

    if is_listed and not any(entry == mine or entry.startswith(mine + "/") for entry in new):
        among = [at for at, entry in enumerate(new) if rank(entry) is not None]
        new.insert(among[-1] + 1, mine)
    elif not is_listed and mine in new and any(mine.startswith(entry + "/") for entry in new):
        new.remove(mine)
    places = [at for at, entry in enumerate(new) if rank(entry) is not None]
    if is_listed:
        for at, entry in zip(places, sorted((new[at] for at in places), key=lambda entry: rank(entry) or 0), strict=True):
            new[at] = entry
    return new
