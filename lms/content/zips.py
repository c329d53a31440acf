"""Zip archives from strangers, read without trusting a word of their headers (R26). Nothing here touches a disk."""

import contextlib
import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 65_536
_END = b"PK\x05\x06"
_LONGEST_ENTRY = 700
"""Bytes of one entry in the list at the end: its name and what tools add to it."""
_ODD = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


class UnsafeZip(Exception):
    """`str(error)` says why, to follow a colon; no full stop."""


BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError)
"""What the library raises for damaged archives; RuntimeError stands for encryption and unknown ways of packing."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive. `name` is its path in NFC with forward slashes, safe to join to a folder."""

    name: str
    size: int
    _info: zipfile.ZipInfo
    _archive: zipfile.ZipFile

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, piece by piece, never more than `size`. Raises UnsafeZip when the archive lied or is broken."""
        try:
            with self._archive.open(self._info) as stream:
                while piece := stream.read(CHUNK):
                    yield piece
        except BROKEN as error:
            raise UnsafeZip(f"isi `{self.name}` rusak") from error


def members(content: bytes, *, most_files: int, most_bytes: int, most_ratio: int) -> list[Member]:
    """The files of an archive in its own order, once all of their names and sizes were found harmless. Raises UnsafeZip.

    `most_bytes` is the sum of all unpacked sizes, `most_ratio` that sum by the size of the archive. Reading cannot give more than
    the sizes say: where an entry is longer than it claims, its checksum fails.
    """
    _check_end(content, most_files)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        infos = archive.infolist()
    except BROKEN as error:
        raise UnsafeZip("arsip rusak atau bukan zip") from error
    if len(infos) > most_files:
        raise UnsafeZip(f"berisi lebih dari {most_files} berkas")
    total = sum(info.file_size for info in infos)
    if total > most_bytes:
        raise UnsafeZip(f"isinya lebih dari {most_bytes // 1_000_000} MB")
    if total > most_ratio * len(content):
        raise UnsafeZip("isinya mengembang tidak wajar")
    found: list[Member] = []
    for info in infos:
        name = _safe_name(info)
        if not info.is_dir():
            found.append(Member(name, info.file_size, info, archive))
    _check_collisions(found)
    return found


def _check_end(content: bytes, most_files: int) -> None:
    """The list of files must be there and of a reasonable length before the library reads it whole."""
    at = len(content) - 22
    if at < 0 or content[at : at + 4] != _END or content[-2:] != b"\0\0":
        at = content.rfind(_END, max(0, len(content) - 22 - 65_535))
    if at < 0 or at + 22 > len(content):
        raise UnsafeZip("arsip rusak atau bukan zip")
    if content[max(0, at - 20) :].startswith(b"PK\x06\x07"):
        raise UnsafeZip("arsip memakai bentuk ZIP64")
    if int.from_bytes(content[at + 12 : at + 16], "little") > most_files * _LONGEST_ENTRY:
        raise UnsafeZip(f"berisi lebih dari {most_files} berkas")


def _safe_name(info: zipfile.ZipInfo) -> str:
    """The path of an entry, decoded and found harmless."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:  # macOS writes UTF-8 without saying so
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    shown = f"`{''.join(character if character.isprintable() else '?' for character in name)[:80]}`"
    if name.startswith("/") or _ODD.search(name) or ".." in name.split("/"):
        raise UnsafeZip(f"nama {shown} keluar dari folder atau memuat tanda yang tidak boleh")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeZip(f"{shown} bukan berkas biasa, melainkan pintasan atau perangkat")
    if info.flag_bits & 0x41:
        raise UnsafeZip("arsip bersandi")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnsafeZip(f"{shown} dimampatkan dengan cara yang tidak dikenal")
    parts = [unicodedata.normalize("NFC", part) for part in name.split("/") if part not in ("", ".")]
    if not parts or any(
        part.endswith((" ", ".")) or _RESERVED.fullmatch(part) or len(part.encode(errors="replace")) > 200 for part in parts
    ):
        raise UnsafeZip(f"nama {shown} tidak dapat dipakai di semua komputer")
    return "/".join(parts)


def _check_collisions(found: list[Member]) -> None:
    """No two files may end as one, on disks that do not tell capitals apart either; nor a file and a folder."""
    seen: dict[str, str] = {}
    for member in found:
        folded = unicodedata.normalize("NFC", member.name.casefold())
        if folded in seen:
            raise UnsafeZip(f"`{member.name}` dan `{seen[folded]}` bernama sama (beda huruf besar-kecil pun dianggap sama)")
        seen[folded] = member.name
    for folded, name in seen.items():
        parts = folded.split("/")
        if any("/".join(parts[:size]) in seen for size in range(1, len(parts))):
            raise UnsafeZip(f"`{name}` terletak di dalam sebuah berkas")
