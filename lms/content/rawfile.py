"""A file as its author saved it, so that a repair changes one line and nothing else: encoding, mark and line ends stay."""

import re
from dataclasses import dataclass
from pathlib import Path

from lms.shared.files import write_whole

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(slots=True)
class RawFile:
    """`lines` without their ends; `ends` has one entry a line. Line numbers agree with nodes.Source."""

    path: Path
    mark: bytes
    encoding: str
    lines: list[str]
    ends: list[str]

    def content(self) -> bytes:
        """The bytes to write."""
        return self.mark + "".join(line + end for line, end in zip(self.lines, self.ends, strict=True)).encode(self.encoding)

    def save(self) -> None:
        """Write in place, all or nothing."""
        write_whole(self.path, self.content())


def read_raw(path: Path) -> RawFile:
    """The file, decoded so that saving it unchanged gives the same bytes."""
    content = path.read_bytes()
    mark, encoding = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", "utf-8"))
    body = content[len(mark) :]
    if not mark and len(body) >= 4 and body[:400].count(0) * 3 >= len(body[:400]):
        encoding = "utf-16-le" if body[1:400:2].count(0) > body[:400:2].count(0) else "utf-16-be"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"  # every byte has its own character and goes back as it came
        text = body.decode(encoding)
    parts = [(match[1], match[2]) for match in _LINE.finditer(text) if match[0]]
    return RawFile(path, mark, encoding, [line for line, _ in parts], [end for _, end in parts])
