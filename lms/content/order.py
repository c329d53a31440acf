"""K112: bring `urutan:` of course.yml in line with the files, entry by entry, comments and layout kept."""

import re

from lms.content.metadata import quoted
from lms.content.rawfile import RawFile
from lms.content.types import Problem

_KEY = re.compile(r"^(?:urutan|order)\s*:", re.IGNORECASE)


def repair_order(raw: RawFile, problems: list[Problem]) -> int:
    """Take out what is not there and put what is missing at the end, where it stood all the same. The number of entries changed."""
    done = 0
    missing = []
    for problem in sorted(problems, key=lambda problem: (-problem.line, -problem.column)):
        name = problem.message.split("`")[1]
        if problem.message.startswith("berkas"):
            missing.append(name)
        else:
            done += take_out(raw, problem.line, problem.column, name)
    for name in sorted(missing):
        done += put_in(raw, name)
    return done


def take_out(raw: RawFile, number: int, column: int, name: str) -> bool:
    """Remove the entry `name` that stands at a place of nodes.Source; False when something else stands there."""
    index = number - 1
    line = raw.lines[index]
    start = raw.index(number, column)
    written = re.match(rf"[\"']?/?{re.escape(name)}/?[\"']?", line[start:])
    if written is None:
        return False
    end = start + written.end()
    if re.match(r"^\s*-\s*$", line[:start]):
        del raw.lines[index], raw.ends[index]
        return True
    after = re.match(r"\s*,\s*", line[end:])
    before = re.search(r",\s*$", line[:start])
    if after:
        raw.lines[index] = line[:start] + line[end + after.end() :]
    else:
        raw.lines[index] = line[: before.start() if before else start] + line[end:]
    if not raw.lines[index].strip():  # an entry that had its line to itself
        del raw.lines[index], raw.ends[index]
    return True


def put_in(raw: RawFile, name: str) -> bool:
    """Before the closing bracket, or below the last `- …`."""
    written = quoted(name) if re.search(r"[\s,:#\[\]{}&*!|>'\"%@`]", name) else name
    first = next((index for index, line in enumerate(raw.lines) if _KEY.match(line)), -1)
    if first < 0:
        return False
    if "[" in raw.lines[first].partition("#")[0]:
        for index in range(first, len(raw.lines)):
            bare = re.sub(r"\s+#.*$", "", raw.lines[index])
            closing = bare.rfind("]")
            if closing >= 0:
                head = bare[:closing].rstrip()
                if head:
                    comma = "" if head.endswith("[") else " " if head.endswith(",") else ", "
                    raw.lines[index] = head + comma + written + raw.lines[index][closing:]
                    return True
                above = raw.lines[index - 1]
                if not re.search(r"[\[,]\s*(?:#.*)?$", above):
                    raw.lines[index - 1] = re.sub(r"(\S)(\s*(?:#.*)?)$", r"\1,\2", above, count=1)
                raw.lines.insert(index, above[: len(above) - len(above.lstrip())] + written)
                raw.ends.insert(index, raw.ends[index - 1])
                return True
        return False
    last, indent = first, "  "
    for index in range(first + 1, len(raw.lines)):
        item = re.match(r"^(\s*)-\s", raw.lines[index])
        if item:
            last, indent = index, item[1]
        elif raw.lines[index].strip() and not raw.lines[index].lstrip().startswith("#"):
            break
    if not raw.ends[last]:
        raw.ends[last] = next((end for end in raw.ends if end), "\n")
    raw.lines.insert(last + 1, f"{indent}- {written}")
    raw.ends.insert(last + 1, raw.ends[last])
    return True
