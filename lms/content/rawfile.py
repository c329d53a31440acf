"""A file as its author saved it, so that a repair changes one line and nothing else: encoding, mark and line ends stay."""

import re
from dataclasses import dataclass
from pathlib import Path

from lms.content.source import INVISIBLE, TAB, encoding_of
from lms.shared.files import write_whole

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_WINDOWS = {0xDC00 + code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0x100)}
"""What a person sees for the bytes of an old Windows editor."""
_FROM_WINDOWS = {ord(shown): code for code, shown in _WINDOWS.items()}


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
    is_windows: bool = False
    """No UTF-8 but the encoding of an old Windows editor; it stays so as long as it can hold the text."""

    def content(self) -> bytes:
        """The bytes to write."""
        text = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        if self.is_windows:
            kept = text.translate(_FROM_WINDOWS)
            text = kept if _is_bytes(kept) else text.translate(_WINDOWS)
        return self.mark + text.encode(self.encoding, _kept(self.encoding)) + self.tail

    def text(self) -> str:
        """What a person edits: every line end is a newline, and a file of an old Windows editor shows its quotation marks."""
        text = "".join(line + ("\n" if end else "") for line, end in zip(self.lines, self.ends, strict=True))
        return text.translate(_WINDOWS)

    def put_text(self, text: str) -> None:
        """Take over an edited text. Lines that did not change keep their ends, new ones get that of a neighbour; unchanged text changes no
        byte. A file of an old Windows editor becomes UTF-8 when it has to hold what that encoding cannot."""
        text = re.sub(r"\r\n?", "\n", text)
        if text == self.text():
            return
        if self.is_windows:
            text = text.translate(_FROM_WINDOWS)
        else:
            self.lines = [line.translate(_WINDOWS) for line in self.lines]
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
    is_windows = encoding == "utf-8" and not text.isascii() and _is_bytes(text)
    lines, ends = [line for line, _ in parts], [end for _, end in parts]
    return RawFile(path, mark, encoding, lines, ends, body[len(body) - half :], is_windows)


def _is_bytes(text: str) -> bool:
    """Whether every character beyond ASCII stands for a byte that is no UTF-8."""
    return all(character < "\x80" or "\udc80" <= character <= "\udcff" for character in text)


def _kept(encoding: str) -> str:
    """The error handler that gives back the same bytes: those that are no UTF-8 become lone surrogates in between."""
    return "surrogateescape" if encoding == "utf-8" else "surrogatepass"
