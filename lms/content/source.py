"""Bytes to lines: decoding, line ends, blanks, bullets, code fences, comments. Keeps real line numbers and visible columns."""

import codecs
import re

from lms.content.blocks import MARKS
from lms.content.nodes import Source
from lms.content.problems import Reporter

LARGEST_FILE = 200_000
"""Bytes of one Markdown file or course.yml."""
LONGEST_LINE = 20_000
TAB = 4
GAP_OPEN, GAP_CLOSE = "\ue0f0", "\ue0f1"
"""Private characters that mark places inside Markdown while it is rendered. Removed from authors' text, so nobody can forge one."""

_BYTE_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LINE_END = re.compile(r"\r\n|\r|\n")
INVISIBLE = frozenset("\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters without width or of direction that Word and chat programs leave behind; dropped."""
_ODD_BLANKS = str.maketrans(
    dict.fromkeys("\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
    | dict.fromkeys(INVISIBLE, "")
    | dict.fromkeys([chr(code) for code in range(32) if chr(code) not in "\t"] + ["\x7f", "\x85", "\u2028", "\u2029"], " ")
    | dict.fromkeys(GAP_OPEN + GAP_CLOSE + MARKS, "\ufffd")
)
_FENCE = re.compile(r"^\s*+((?:>\s?)*+)\s*+(?:[-*+]\s++|\d{1,9}[.)]\s++)?(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_WORD_BULLET = re.compile(r"^(\s*)[•▪●◦‣·∙](\s*)(?=\S)")
_SUPPRESS = re.compile(r"(?:<!--|#)\s*lms:\s*(?:abaikan|ignore)\s+((?:K\d{3}[\s,]*)+)", re.IGNORECASE)


def read_source(data: bytes, file: str, reporter: Reporter) -> Source:
    """Decode a Markdown or YAML file. Reports K001-K003, K010, K017-K019 and K022; never raises."""
    if len(data) > LARGEST_FILE:
        reporter.add("K018", 1, limit=LARGEST_FILE // 1000)
        data = data[:LARGEST_FILE]
    text = decode(data, reporter)
    original = tuple(_tidy_lines(text, reporter))
    breaks = frozenset(
        number for number, line in enumerate(_LINE_END.split(text), start=1) if line.endswith("  ") and line.strip()
    )
    if file.endswith((".yml", ".yaml")):
        return Source(
            file=file, lines=original, original=original, code=frozenset(), suppressed=_suppressions(original, frozenset())
        )
    code = _fenced_lines(original, reporter)
    _mixed_indents(text, code, reporter)
    suppressed = _suppressions(original, code)
    lines = _without_comments(list(original), code, reporter)
    if "\t" in text:
        raw = _LINE_END.split(text)
        for number in code:  # where a tab may be needed
            lines[number - 1] = raw[number - 1].translate(_ODD_BLANKS).rstrip()
    shifts = _close_up(lines, original)
    for number, line in enumerate(lines, start=1):
        if number not in code and (bullet := _WORD_BULLET.match(line)):
            reporter.add("K022", number, len(bullet[1]) + 1, bullet=line[len(bullet[1])])
            lines[number - 1] = bullet[1] + "-" + (bullet[2] or " ") + line[bullet.end() :]
            if not bullet[2]:
                shifts[number] = (len(bullet[1]) + 1, -1)
    return Source(file, tuple(lines), original, code, suppressed=suppressed, breaks=breaks, shifts=shifts)


def encoding_of(data: bytes) -> tuple[str, bytes]:
    """(utf-8, utf-16-le or utf-16-be, the mark at the beginning), by the mark or by where the zero bytes are."""
    for mark, name in _BYTE_MARKS:
        if data.startswith(mark):
            return name, mark
    sample = data[:400]
    if len(sample) >= 4 and sample.count(0) * 3 >= len(sample):
        return ("utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"), b""
    return "utf-8", b""


def decode(data: bytes, reporter: Reporter) -> str:
    """Text of a file saved by any Windows editor: UTF-8 with or without a mark, UTF-16 (K002); single bytes of cp1252 (K001)."""
    encoding, mark = encoding_of(data)
    body = data[len(mark) :]
    if encoding != "utf-8":
        reporter.add("K002", 1)
        return body.decode(encoding, errors="replace")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        if len(data) == LARGEST_FILE and len(body) - error.start < 4:  # our own cut went through a character
            return body[: error.start].decode()
        last = _LINE_END.split(body[: error.start].decode())
        reporter.add("K001", len(last), len(last[-1].expandtabs(TAB)) + 1, byte=f"{body[error.start]:02x}")
        return body.decode(errors=OLD_WINDOWS)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


OLD_WINDOWS = "lms-cp1252"
"""Error handler that reads what is no UTF-8 byte by byte as cp1252: a file in which both were pasted keeps its accents."""
codecs.register_error(OLD_WINDOWS, _as_cp1252)


def _tidy_lines(text: str, reporter: Reporter) -> list[str]:
    ends = {match[0] for match in _LINE_END.finditer(text)}
    if len(ends) > 1:
        reporter.add("K003", 1)
    lines = [line.expandtabs(TAB).translate(_ODD_BLANKS).rstrip() for line in _LINE_END.split(text)]
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            reporter.add(
                "K019", number, 1, message=f"baris {number} panjangnya {len(line)} karakter", help="potong menjadi beberapa baris"
            )
            lines[number - 1] = line[:LONGEST_LINE]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _mixed_indents(text: str, code: frozenset[int], reporter: Reporter) -> None:
    """K003 at the first line outside code whose indent is made of tabs where an earlier one is of blanks, or the other way round."""
    if "\t" not in text:
        return
    usual = ""
    for number, line in enumerate(_LINE_END.split(text), start=1):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if not indent.strip(" ") and len(indent) < 2 or indent == line or number in code:
            continue
        usual = usual or indent[0]
        if indent.strip(usual):
            reporter.add("K003", number, 1, len(indent.expandtabs(TAB)), message="indentasi campuran: tab dan spasi")
            return


def _fenced_lines(lines: tuple[str, ...], reporter: Reporter) -> frozenset[int]:
    """Numbers of lines in fenced code. A fence that is never closed is reported and taken to hold only its own line."""
    code: set[int] = set()
    opened: tuple[int, str, str] | None = None
    held: list[int] = []
    for number, line in enumerate(lines, start=1):
        match = _FENCE.match(line)
        if opened is None:
            if match and not (match[2][0] == "`" and "`" in match[3]):
                opened, held = (number, match[2], match[1]), [number]
            continue
        start, fence, quote = opened
        if quote and not line.lstrip().startswith(">"):  # the quote ended, and its fence with it
            opened = None
            code.update(held)
            continue
        held.append(number)
        if match and match[2][0] == fence[0] and len(match[2]) >= len(fence) and not match[3].strip():
            opened = None
            code.update(held)
    if opened is not None:
        start, fence, _ = opened
        reporter.add("K010", start, lines[start - 1].find(fence) + 1, len(fence), fence=fence, opened=start)
        code.add(start)
    return frozenset(code)


def _suppressions(lines: tuple[str, ...], code: frozenset[int]) -> dict[int, frozenset[str]]:
    """Codes by the number of the line they are silenced on: the next line that is not blank, and the comment's own (for what is
    said of the whole file, on line 1)."""
    found: dict[int, frozenset[str]] = {}
    for number, line in enumerate(lines, start=1):
        match = _SUPPRESS.search(line) if number not in code else None
        if match:
            target = next((later for later in range(number + 1, len(lines) + 1) if lines[later - 1].strip()), number + 1)
            codes = frozenset(re.findall(r"K\d{3}", match[1].upper()))
            found[number] = found.get(number, frozenset()) | codes
            found[target] = found.get(target, frozenset()) | found[number]
    return found


def _without_comments(lines: list[str], code: frozenset[int], reporter: Reporter) -> list[str]:
    """Comments blanked character by character, so that nothing inside one is read and every column stays."""
    opened: tuple[int, int] | None = None
    result = list(lines)
    for number, line in enumerate(lines, start=1):
        if number in code and opened is None:
            continue
        position = 0
        if "<!--" not in line and opened is None:
            continue
        while position <= len(line):
            if opened is None:
                start = _comment_start(line, position)
                if start < 0:
                    break
                opened, position = (number, start), start
            end = line.find("-->", position + (4 if opened == (number, position) else 0))
            stop = len(line) if end < 0 else end + 3
            result[number - 1] = result[number - 1][:position] + " " * (stop - position) + result[number - 1][stop:]
            if end < 0:
                break
            opened, position = None, stop
    if opened is not None:
        reporter.add("K017", opened[0], opened[1] + 1, 4)
        for number in range(opened[0], len(lines) + 1):  # what follows was meant to be read
            result[number - 1] = lines[number - 1].replace("<!--", "&lt;!--") if number == opened[0] else lines[number - 1]
    return [line.rstrip() for line in result]


def _close_up(lines: list[str], original: tuple[str, ...]) -> dict[int, tuple[int, int]]:
    """Text behind a comment at the beginning of a line moves to the left, or it would be taken for indented code. The shifts."""
    shifts = {}
    for number, line in enumerate(lines, start=1):
        indent = len(line) - len(line.lstrip())
        start = len(original[number - 1]) - len(original[number - 1].lstrip())
        if line and indent > start:
            lines[number - 1] = line[:start] + line[indent:]
            shifts[number] = (start, indent - start)
    return shifts


def _comment_start(line: str, position: int) -> int:
    """Where a comment opens, but not inside `code`."""
    start = line.find("<!--", position)
    while start >= 0 and line.count("`", 0, start) % 2:
        start = line.find("<!--", start + 4)
    return start
