"""A file as its author saved it, so that a repair changes one line and nothing else: encoding, mark and line ends stay."""

import re
from dataclasses import dataclass
from pathlib import Path

from lms.shared.files import write_whole

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_FROM_WINDOWS = {ord(shown): code for code, shown in _WINDOWS.items()}
"""What a person sees for the bytes in which cp1252 differs from latin-1, and back."""
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
        """The bytes to write. A file of an old Windows editor becomes UTF-8 when it has to hold what that encoding cannot."""
        text = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError:
            return self.mark + text.translate(_WINDOWS).encode(errors="replace")

    def text(self) -> str:
        """What a person edits: every line end is a newline, and a file of an old Windows editor shows its quotation marks."""
        text = "".join(line + ("\n" if end else "") for line, end in zip(self.lines, self.ends, strict=True))
        return text.translate(_WINDOWS) if self.encoding == "latin-1" else text

    def put_text(self, text: str) -> None:
        """Take over an edited text. Lines that did not change keep their ends, new ones get that of a neighbour; unchanged text changes no
        byte."""
        text = re.sub(r"\r\n?", "\n", text)
        if text == self.text():
            return
        if self.encoding == "latin-1":
            text = text.translate(_FROM_WINDOWS)
        lines = text.split("\n")
        same = next(
            (n for n, (a, b) in enumerate(zip(lines, self.lines, strict=False)) if a != b), min(len(lines), len(self.lines))
        )
        near = next((end for end in (*self.ends[same : same + 1], *self.ends[:same][::-1]) if end), "\n")
        ends = [near] * (len(lines) - 1) + [""]
        if not lines[-1]:
            del lines[-1], ends[-1]
        most = min(len(lines), len(self.lines)) - same
        tail = next((n for n in range(most) if lines[-1 - n] != self.lines[-1 - n]), most)
        for number in (*range(same), *range(-tail, 0)):
            if ends[number] and self.ends[number]:
                ends[number] = self.ends[number]
        self.lines, self.ends = lines, ends

    def save(self) -> None:
        """Write in place, all or nothing."""
        write_whole(self.path, self.content())


def read_raw(path: Path, content: bytes | None = None) -> RawFile:
    """The file, decoded so that saving it unchanged gives the same bytes. `content` are its bytes, where they were read already."""
    content = path.read_bytes() if content is None else content
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
