"""`lms check --perbaiki`: small, certain repairs, line by line, for the codes that are marked fixable."""

import re
from collections.abc import Callable
from pathlib import Path

from lms.content.nodes import LoadedCourse
from lms.content.rawfile import RawFile, read_raw
from lms.content.types import Problem

_BOX = re.compile(r"^(\s*(?:[-*+]|\d{1,9}[.)])\s*)\[([^\[\]]{0,3})\]\s*")
_NOTE_KINDS = {"tip": "TIP", "hint": "TIP", "important": "IMPORTANT", "warning": "WARNING", "attention": "WARNING", "danger": "CAUTION", "caution": "CAUTION", "error": "CAUTION"}  # fmt: skip


def _box(line: str, _: Problem) -> str:
    match = _BOX.match(line)
    if match is None:
        return line
    return f"{match[1].rstrip()} [{'x' if match[2].strip() else ' '}] {line[match.end() :]}"


def _better(line: str, problem: Problem) -> str:
    """Replace what the message quotes by what its help proposes, both in backquotes or quotes."""
    found = re.search(r"[`\"]([^`\"]+)[`\"]", problem.message)
    wanted = re.search(r"[`\"]([^`\"]+)[`\"]", problem.help)
    if not found or not wanted:
        return line
    return line.replace(found[1], wanted[1].rstrip(":"), 1)


def _comma(line: str, problem: Problem) -> str:
    match = re.search(r"`(\d+\.\d+)`", problem.message)
    return line.replace(match[1], match[1].replace(".", ","), 1) if match else line


def _quoted(line: str, _: Problem) -> str:
    match = re.match(r"^(\s*(?:-\s+)?(?:[^\s:][^:]*:\s+)?)(.*?)(\s*)$", line)
    if match is None or match[2].startswith(('"', "'")):
        return line
    value = re.sub(r"\s+# .*$", "", match[2])
    return match[1] + '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sound_id(line: str, problem: Problem) -> str:
    wanted = re.search(r"\{#([a-z0-9-]+)\}", problem.help)
    return re.sub(r"\{#[^{}]*\}(\s*)$", "{#" + wanted[1] + r"}\1", line) if wanted else line


_LINE_REPAIRS: dict[str, Callable[[str, Problem], str]] = {
    "K006": _quoted,
    "K007": _better,
    "K020": lambda line, _: re.sub(r"^(\s*#{1,6})(?=[^#\s])", r"\1 ", line),
    "K021": lambda line, _: "## " + line.strip().strip("*_").replace("**", ""),
    "K022": lambda line, _: re.sub(r"^(\s*)[•▪●◦‣·∙]\s*", r"\1- ", line),
    "K023": lambda line, _: re.sub(r"^(\s*(?:[-*+]|\d{1,9}[.)]))\[", r"\1 [", line),
    "K024": lambda line, _: re.sub(r"^(\s*(?:[-*+]|\d{1,9}[.)])\s*\[[^\[\]]{0,3}\])(?=\S)", r"\1 ", line),
    "K025": _box,
    "K026": _box,
    "K028": lambda line, _: "    " + line.lstrip(),
    "K031": _sound_id,
    "K040": _better,
    "K070": _comma,
}


def repair(loaded: LoadedCourse, problems: list[Problem]) -> int:
    """Repair what can be repaired with certainty; the number of problems taken away. Load the course again afterwards."""
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.fixable and problem.code != "K032":
            by_file.setdefault(problem.file, []).append(problem)
    return sum(
        _repair_file(Path(loaded.course.root) / file, found)
        for file, found in by_file.items()
        if (Path(loaded.course.root) / file).is_file()
    )


def keep_id(folder: Path, file: str, old_key: str) -> None:
    """Write `id: <old_key>` into the front matter of a lesson whose file was renamed (K035), and nothing else. Raises OSError."""
    raw = read_raw(folder / file)
    end = next((end for end in raw.ends if end), "\n")
    first = next((number for number, line in enumerate(raw.lines) if line.strip()), 0)
    if raw.lines and raw.lines[first].strip() == "---":
        for number in range(first + 1, len(raw.lines)):
            if raw.lines[number].strip() == "---":
                raw.lines.insert(first + 1, f"id: {old_key}")
                raw.ends.insert(first + 1, end)
                break
            if re.match(r"id\s*:", raw.lines[number]):
                raw.lines[number] = f"id: {old_key}"
                break
    else:
        raw.lines[:0] = ["---", f"id: {old_key}", "---", ""]
        raw.ends[:0] = [end] * 4
    raw.save()


def _repair_file(path: Path, problems: list[Problem]) -> int:
    raw = read_raw(path)
    before = (list(raw.lines), list(raw.ends), raw.encoding, raw.mark)
    done = 0
    for problem in sorted(problems, key=_from_the_bottom):
        index = problem.line - 1
        change = _LINE_REPAIRS.get(problem.code)
        if problem.code in ("K001", "K002", "K003"):
            done += _tidy(raw, problem.code)
        elif index >= len(raw.lines):
            continue
        elif problem.code == "K013":
            raw.lines.insert(index, "")
            raw.ends.insert(index, raw.ends[index - 1] if index else "\n")
            done += 1
        elif problem.code == "K016":
            done += _alert(raw, index)
        elif change is not None:
            changed = change(raw.lines[index], problem)
            if changed != raw.lines[index]:
                raw.lines[index] = changed
                done += 1
                if problem.code == "K028":
                    _indent_rest_of_quote(raw, index + 1)
    if (raw.lines, raw.ends, raw.encoding, raw.mark) != before:
        raw.save()
    return done


def _from_the_bottom(problem: Problem) -> tuple[int, int, str]:
    """Lower lines first, because some repairs add lines; on one line the bullet first, an added line last."""
    return -problem.line, {"K022": 0, "K013": 2, "K016": 2}.get(problem.code, 1), problem.code


def _tidy(raw: RawFile, code: str) -> int:
    if code == "K003":
        usual = max(("\r\n", "\n", "\r"), key=raw.ends.count)
        raw.ends = [usual if end else end for end in raw.ends]
        return 1
    if raw.encoding == "latin-1":
        content = "".join(line + end for line, end in zip(raw.lines, raw.ends, strict=True)).encode("latin-1")
        text = content.decode("cp1252", errors="replace")
        raw.lines = re.split(r"\r\n|\r|\n", text)[: len(raw.lines)]
    raw.encoding, raw.mark = "utf-8", b""
    return 1


def _indent_rest_of_quote(raw: RawFile, index: int) -> None:
    while index < len(raw.lines) and raw.lines[index].startswith(">"):
        raw.lines[index] = "    " + raw.lines[index]
        index += 1


def _alert(raw: RawFile, index: int) -> int:
    """`!!! note "Judul"` and its indented lines become a quote that begins with [!NOTE]."""
    match = re.match(r"^(?:!!!|\?\?\?\+?)\s*(\w+)(?:\s+\"([^\"]*)\")?\s*$", raw.lines[index])
    if match is None:
        return 0
    end = index + 1
    while end < len(raw.lines) and (raw.lines[end].startswith(("    ", "\t")) or not raw.lines[end].strip()):
        end += 1
    while end > index + 1 and not raw.lines[end - 1].strip():
        end -= 1
    title = f" {match[2]}" if match[2] else ""
    raw.lines[index] = f"> [!{_NOTE_KINDS.get(match[1].casefold(), 'NOTE')}]{title}"
    for number in range(index + 1, end):
        raw.lines[number] = ("> " + re.sub(r"^(?:    |\t)", "", raw.lines[number])).rstrip()
    return 1
