"""A file as its author saved it, so that a repair changes one line and nothing else: encoding, mark and line ends stay."""

import re
from dataclasses import dataclass
from pathlib import Path

from lms.content.source import INVISIBLE, TAB, encoding_of
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


def read_raw(path: Path) -> RawFile:
    """The file, decoded so that saving it unchanged gives the same bytes."""
    content = path.read_bytes()
    encoding, mark = encoding_of(content)
    body = content[len(mark) :]
    half = len(body) % 2 if encoding != "utf-8" else 0
    text = body[: len(body) - half].decode(encoding, _kept(encoding))
    parts = [(match[1], match[2]) for match in _LINE.finditer(text) if match[0]]
    return RawFile(path, mark, encoding, [line for line, _ in parts], [end for _, end in parts], body[len(body) - half :])


def _kept(encoding: str) -> str:
    """The error handler that gives back the same bytes: those that are no UTF-8 become lone surrogates in between."""
    return "surrogateescape" if encoding == "utf-8" else "surrogatepass"
