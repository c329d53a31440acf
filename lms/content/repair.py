"""`lms check --perbaiki`: small, certain repairs, line by line, for the findings that are marked fixable."""

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from lms.content.check import check_course
from lms.content.metadata import front_matter, quoted
from lms.content.nodes import LoadedCourse
from lms.content.order import repair_order
from lms.content.parse import load_course
from lms.content.problems import Reporter
from lms.content.rawfile import RawFile, read_raw
from lms.content.source import OLD_WINDOWS, TAB, read_source
from lms.content.types import Problem
from lms.shared.files import write_whole

_BOX = re.compile(r"^(\s*(?:[-*+]|\d{1,9}[.)])\s*)\[([^\[\]]{0,3})\]\s*")
_NOTE_KINDS = {
    **dict.fromkeys(("tip", "hint", "success", "testimonial"), "TIP"), "important": "IMPORTANT", "prereq": "IMPORTANT",
    **dict.fromkeys(("warning", "attention"), "WARNING"), **dict.fromkeys(("danger", "caution", "error"), "CAUTION"),
}  # fmt: skip
_MOVED_BY_OTHERS = ("K032", "K033")
"""Ids are written by stamp.py."""
_MOST_ROUNDS = 6
"""One repair may uncover the next: a bullet from Word, then the blank behind it."""


def _box(line: str) -> str:
    match = _BOX.match(line)
    return line if match is None else f"{match[1].rstrip()} [{'x' if match[2].strip() else ' '}] {line[match.end() :]}"


def _question_heading(line: str) -> str:
    """`## Soal 3: …` from a bare line or from a heading of another quiz tool."""
    match = re.match(r"^\s*(#{2,6})?#?\s*(.*)$", line)
    assert match is not None
    text = match[2].strip().strip("*_").replace("**", "")
    text = re.sub(
        r"^(?:Q\.?\s?|Pertanyaan\s+|Question\s+|No\.?\s*)?(\d+[a-z]?)\s*[.:)]\s*", r"Soal \1: ", text, flags=re.IGNORECASE
    )
    is_named = re.match(r"(?:Soal|Question)\b", text, re.IGNORECASE)
    return f"{match[1] or '##'} {text if is_named else 'Soal: ' + text}"


_LINE_REPAIRS: dict[str, Callable[[str], str]] = {
    "K020": lambda line: re.sub(r"^(\s*#{1,6})(?=[^#\s])", r"\1 ", line),
    "K021": _question_heading,
    "K022": lambda line: re.sub(r"^(\s*)[•▪●◦‣·∙]\s*", r"\1- ", line),
    "K023": lambda line: re.sub(r"^(\s*(?:[-*+]|\d{1,9}[.)]))\[", r"\1 [", line),
    "K024": lambda line: re.sub(r"^(\s*(?:[-*+]|\d{1,9}[.)])\s*\[[^\[\]]{0,3}\])(?=\S)", r"\1 ", line),
    "K025": _box,
    "K026": _box,
    "K028": lambda line: "    " + line.lstrip(),
}
"""By the whole line."""


def _better(rest: str, problem: Problem) -> str:
    """What the message quotes is replaced by what its help proposes, both in backquotes or quotes."""
    found = re.search(r"[`\"]([^`\"]+)[`\"]", problem.message)
    wanted = re.search(r"[`\"]([^`\"]+)[`\"]", problem.help)
    if not found or not wanted or not rest.startswith(found[1]):
        return rest
    return wanted[1].rstrip(":") + rest[len(found[1]) :]


def _quoted(rest: str, _: Problem) -> str:
    match = re.match(r"^(.*?)(\s+# .*|\s+#|\s*)$", rest)
    assert match is not None
    return quoted(match[1]) + match[2]


def _in_brackets(rest: str, problem: Problem) -> str:
    path = problem.message.split("`")[1]
    return f"<{path}>{rest[len(path) :]}" if rest.startswith(path) else rest


def _sound_id(rest: str, problem: Problem) -> str:
    wanted = re.search(r"\{#([a-z0-9-]+)\}", problem.help)
    return re.sub(r"^[^{}]*\}", wanted[1] + "}", rest) if wanted else rest


_PLACE_REPAIRS: dict[str, Callable[[str, Problem], str]] = {
    "K006": _quoted,
    "K007": _better,
    "K031": _sound_id,
    "K040": _better,
    "K070": lambda rest, problem: rest.replace(".", ",", 1) if rest.startswith(problem.message.split("`")[1]) else rest,
    "K100": _better,
    "K101": _better,
    "K123": _in_brackets,
}
"""By the rest of the line from the place of the finding."""


def repair(loaded: LoadedCourse, problems: list[Problem]) -> int:
    """Repair what can be repaired with certainty; the number of problems taken away. Load the course again afterwards."""
    root = Path(loaded.course.root)
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.fixable and problem.code not in _MOVED_BY_OTHERS:
            by_file.setdefault(problem.file, []).append(problem)
    done = 0
    for file, found in by_file.items():
        if (root / file).is_file():
            done += sum(_lighter_picture(root, file, problem) for problem in found if problem.code == "K103")
            done += _repair_file(root / file, found)
    return done


def repair_folder(path: Path, only: str = "", *, may_leave_folder: bool = False) -> int:
    """Load, check and repair a course (its file `only`) until nothing certain is left; how many findings went. Raises OSError."""
    total = 0
    for _ in range(_MOST_ROUNDS):
        loaded = load_course(path, may_leave_folder=may_leave_folder)
        done = repair(loaded, [problem for problem in check_course(loaded) if only in ("", problem.file)])
        total += done
        if not done:
            break
    return total


def keep_id(folder: Path, file: str, old_key: str) -> None:
    """Write `id: <old_key>` into the front matter of a lesson whose file was renamed (K035), and nothing else. Raises OSError."""
    raw = read_raw(folder / file)
    source = read_source(raw.content(), file, Reporter(file))
    head, body_start = front_matter(source, Reporter(file))
    end = next((end for end in raw.ends if end), "\n")
    former = next((span.line for span in head if re.match(r"id\s*:", span.text)), 0)
    if former:
        raw.lines[former - 1] = f"id: {old_key}"
    elif body_start > 1:
        first = next(number for number, line in enumerate(source.lines) if line == "---") + 1
        raw.lines.insert(first, f"id: {old_key}")
        raw.ends.insert(first, end)
    else:
        raw.lines[:0] = ["---", f"id: {old_key}", "---", ""]
        raw.ends[:0] = [end] * 4
    raw.save()


def _repair_file(path: Path, problems: list[Problem]) -> int:
    raw = read_raw(path)
    before = raw.content()
    done = sum(_tidy(raw, problem) for problem in problems if problem.code in ("K001", "K002", "K003"))
    done += repair_order(raw, [problem for problem in problems if problem.code == "K112"])
    for problem in sorted(problems, key=_from_the_bottom):
        index = problem.line - 1
        if index >= len(raw.lines):
            continue
        was = raw.lines[index]
        if problem.code == "K013":
            raw.lines.insert(index, "")
            raw.ends.insert(index, raw.ends[index - 1] if index else "\n")
            done += 1
        elif problem.code == "K016":
            done += _mkdocs_alert(raw, index) or _fenced_alert(raw, index)
        elif problem.code in _PLACE_REPAIRS:
            start = raw.index(problem.line, problem.column)
            raw.lines[index] = was[:start] + _PLACE_REPAIRS[problem.code](was[start:], problem)
            done += raw.lines[index] != was
        elif problem.code in _LINE_REPAIRS:
            raw.lines[index] = _LINE_REPAIRS[problem.code](was)
            done += raw.lines[index] != was
            if problem.code == "K028":
                _indent_rest_of_quote(raw, index + 1)
    if raw.content() != before:
        raw.save()
    return done


def _from_the_bottom(problem: Problem) -> tuple[int, int, int, str]:
    """Lower lines first, because some repairs add lines; on one line what has a place first, from the right, an added line last."""
    order = 0 if problem.code in _PLACE_REPAIRS else {"K022": 1, "K013": 3, "K016": 3}.get(problem.code, 2)
    return -problem.line, order, -problem.column, problem.code


def _tidy(raw: RawFile, problem: Problem) -> bool:
    if problem.code == "K001":
        raw.lines = [line.encode("utf-8", "surrogateescape").decode(errors=OLD_WINDOWS) for line in raw.lines]
    elif problem.code == "K002":
        raw.lines = [line.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for line in raw.lines]
        raw.encoding, raw.mark, raw.tail = "utf-8", b"", b""
    elif "indentasi" in problem.message:
        code = read_source(raw.content(), "", Reporter("")).code
        for number, line in enumerate(raw.lines, start=1):
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            if number not in code and "\t" in indent:
                raw.lines[number - 1] = indent.expandtabs(TAB) + line[len(indent) :]
    else:
        usual = max(("\r\n", "\n", "\r"), key=raw.ends.count)
        raw.ends = [usual if end else end for end in raw.ends]
    return True


def _indent_rest_of_quote(raw: RawFile, index: int) -> None:
    while index < len(raw.lines) and raw.lines[index].startswith(">"):
        raw.lines[index] = "    " + raw.lines[index]
        index += 1


def _mkdocs_alert(raw: RawFile, index: int) -> bool:
    """`!!! note "Judul"` and its indented lines become a quote that begins with [!NOTE]."""
    match = re.match(r"^(?:!!!|\?\?\?\+?)\s*(\w+)(?:\s+[\w-]+)*(?:\s+\"([^\"]*)\")?\s*$", raw.lines[index])
    if match is None:
        return False
    end = index + 1
    while end < len(raw.lines) and (raw.lines[end].startswith(("    ", "\t")) or not raw.lines[end].strip()):
        end += 1
    while end > index + 1 and not raw.lines[end - 1].strip():
        end -= 1
    _quote_alert(raw, index, end, match[1], match[2] or "")
    return True


def _fenced_alert(raw: RawFile, index: int) -> bool:
    """`:::note Judul` … `:::` of Docusaurus, `::: callout` of Carpentries; repairs go from the bottom, so inner ones are gone."""
    match = re.match(r"^:{3,}\s*\{?\.?(\w+)\}?(?:\[([^\]]*)\]|\s+(.*?))?[\s:]*$", raw.lines[index])
    end = next((number for number in range(index + 1, len(raw.lines)) if re.match(r"^:{3,}\s*$", raw.lines[number])), 0)
    if match is None or not end:
        return False
    del raw.lines[end], raw.ends[end]
    _quote_alert(raw, index, end, match[1], match[2] or match[3] or "")
    return True


def _quote_alert(raw: RawFile, index: int, end: int, kind: str, title: str) -> None:
    raw.lines[index] = f"> [!{_NOTE_KINDS.get(kind.casefold(), 'NOTE')}] {title}".rstrip()
    for number in range(index + 1, end):
        raw.lines[number] = ("> " + re.sub(r"^(?:    |\t)", "", raw.lines[number])).rstrip()


def _lighter_picture(root: Path, file: str, problem: Problem) -> bool:
    """K103: the picture of this link, under its own name, when Pillow can make it lighter."""
    raw = read_raw(root / file)
    start, end = (raw.index(problem.line, column) for column in (problem.column, problem.column + problem.width))
    picture = (root / file).parent / unquote(raw.lines[problem.line - 1][start:end]).replace("\\", "/")
    if not picture.resolve().is_relative_to(root.resolve()) or not picture.is_file():
        return False
    content = picture.read_bytes()
    made: bytes = importlib.import_module("lms.content.shrink").lighter(content)  # loads Pillow, which only this repair needs
    if len(made) >= len(content):
        return False
    write_whole(picture.resolve(), made)
    return True
