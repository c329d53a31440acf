"""A file as its author saved it, so that a repair changes one line and nothing else: encoding, mark and line ends stay."""

import re
from dataclasses import dataclass
from pathlib import Path

from lms.content.source import INVISIBLE, OLD_WINDOWS, TAB, encoding_of
from lms.shared.files import write_whole

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")


@dataclass(slots=True)
class RawFile:
    """`lines` without their ends; `ends` has one entry a line. Line numbers agree with nodes.Source."""

    path: Path
    mark: bytes
    encoding: str
    lines: list[str]
    ends: list[str]
    tail: bytes = b""
    """Half a UTF-16 character at the end of a damaged file."""

    def content(self) -> bytes:
        """The bytes to write."""
        text = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        return self.mark + text.encode(self.encoding, _kept(self.encoding)) + self.tail

    def text(self) -> str:
        """What a person edits: every line end is a newline, and bytes of an old Windows editor show the signs they stand for."""
        return "".join(_shown(line) + ("\n" if end else "") for line, end in zip(self.lines, self.ends, strict=True))

    def put_text(self, text: str) -> None:
        """Take over an edited text. Lines that did not change keep their bytes and ends, new ones get the end of a neighbour."""
        shown = [_shown(line) for line in self.lines]
        lines = re.sub(r"\r\n?", "\n", text).split("\n")
        is_ended = not lines[-1]
        if is_ended:
            lines.pop()
        if lines == shown and is_ended == (not self.ends or bool(self.ends[-1])):
            return
        least = min(len(lines), len(shown))
        same = next((at for at in range(least) if lines[at] != shown[at]), least)
        tail = next((at for at in range(least - same) if lines[-1 - at] != shown[-1 - at]), least - same)
        near = next((end for end in (*self.ends[same : same + 1], *self.ends[:same][::-1]) if end), "\n")
        ends = [near if is_ended or at < len(lines) - 1 else "" for at in range(len(lines))]
        for at in (*range(same), *range(-tail, 0)):
            lines[at] = self.lines[at]
            ends[at] = ends[at] and (self.ends[at] or ends[at])
        for at in reversed(range(len(lines) - 1)):
            if (ends[at], lines[at + 1], ends[at + 1]) == ("\r", "", "\n"):  # together they would be read as one end
                ends[at] = "\n"
        self.lines, self.ends = lines, ends

    def save(self) -> None:
        """Write in place, all or nothing."""
        write_whole(self.path.resolve(), self.content())

    def index(self, line: int, column: int) -> int:
        """Where the character at a place of nodes.Source stands in `lines[line - 1]`: tabs reach up to four, invisible marks none."""
        shown = expanded = 0
        for position, character in enumerate(self.lines[line - 1]):
            width = TAB - expanded % TAB if character == "\t" else 1
            if shown >= column - 1 and character not in INVISIBLE:
                return position
            expanded += width
            shown += 0 if character in INVISIBLE else width
        return len(self.lines[line - 1])


def read_raw(path: Path, content: bytes | None = None) -> RawFile:
    """The file, decoded so that saving it unchanged gives the same bytes. `content` are its bytes, where they were read already."""
    content = path.read_bytes() if content is None else content
    encoding, mark = encoding_of(content)
    body = content[len(mark) :]
    half = len(body) % 2 if encoding != "utf-8" else 0
    text = body[: len(body) - half].decode(encoding, _kept(encoding))
    parts = [(match[1], match[2]) for match in _LINE.finditer(text) if match[0]]
    return RawFile(path, mark, encoding, [line for line, _ in parts], [end for _, end in parts], body[len(body) - half :])


def _kept(encoding: str) -> str:
    """The error handler that gives back the same bytes: those that are no UTF-8 become lone surrogates in between."""
    return "surrogateescape" if encoding == "utf-8" else "surrogatepass"


def _shown(line: str) -> str:
    """Lone surrogates stand for bytes that are no UTF-8 (or for half characters of UTF-16, which nothing can show)."""
    try:
        return line.encode("utf-8", "surrogateescape").decode(errors=OLD_WINDOWS)
    except UnicodeEncodeError:
        return line.encode("utf-8", "replace").decode()
