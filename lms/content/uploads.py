"""Files that people hand in or add to a course (R25): what they are is read from their bytes, never from their name.

Pictures are encoded anew; documents, sound and film keep their bytes and must be what they claim, without macros and without a
page, a script or a second archive hidden in them. Nothing here touches a disk or a database.
"""

import io
import re
import zipfile
from collections.abc import Callable, Collection, Set
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lms.content.links import MIME
from lms.content.media import MediaRefused, clean_picture, safe_stem
from lms.content.zips import BROKEN, UnsafeZip, members
from lms.errors import Invalid

PICTURES = ("png", "jpg", "jpeg", "webp", "gif")
OFFICE = {
    "docx": b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    "odt": b"application/vnd.oasis.opendocument.text",
    "ods": b"application/vnd.oasis.opendocument.spreadsheet",
    "odp": b"application/vnd.oasis.opendocument.presentation",
}
"""What the main part says it is."""
TEXTS = ("vtt", "csv", "txt", "md")
ENDINGS = frozenset((*PICTURES, *OFFICE, *TEXTS, "pdf", "mp3", "mp4"))
"""Every kind that is ever taken."""

_PAGE = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|img|\?php)|javascript:", re.IGNORECASE)
_PAGE_BEGINS = re.compile(r"\s*<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)", re.IGNORECASE)
_LOOKED_AT = 1500
"""Bytes that browsers look at when they guess what a file is."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_MACROS = re.compile(
    r"vbaproject|vbadata|macrosheets/|(?:^|/)(?:basic|scripts)/|\.(?:exe|dll|js|vbs|bat|cmd|scr|ps1|jar|hta)$", re.IGNORECASE
)
_MP3_FRAME = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xeb]")
_LARGEST_UNPACKED = 200_000_000
_LARGEST_PART = 1_000_000
_KNOWN = (
    (b"\xd0\xcf\x11\xe0", "berjenis Office lama (.doc, .xls, .ppt) atau bersandi", "Simpan sebagai docx, xlsx, pptx atau pdf tanpa sandi"),
    (b"{\\rtf", "berjenis RTF", "Simpan sebagai docx atau pdf"),
    (b"MZ", "ternyata sebuah program", "Pilih berkas lain"),
    (b"\x7fELF", "ternyata sebuah program", "Pilih berkas lain"),
    (b"#!", "ternyata sebuah program", "Pilih berkas lain"),
    (b"Rar!", "berjenis RAR", "Keluarkan berkasnya dari arsip"),
    (b"7z\xbc\xaf", "berjenis 7z", "Keluarkan berkasnya dari arsip"),
    (b"BM", "berjenis BMP", "Simpan sebagai png atau jpg"),
    (b"II*\0", "berjenis TIFF", "Simpan sebagai png, jpg atau pdf"),
    (b"MM\0*", "berjenis TIFF", "Simpan sebagai png, jpg atau pdf"),
)  # fmt: skip
"""First bytes of what people try, what it is, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be kept. `name` is `[a-z0-9-]+.ending` (captions keep `.id`), `content` what to store; `width` and `height`
    in pixels, 0 for all but pictures."""

    name: str
    mime: str
    content: bytes = field(repr=False)
    width: int = 0
    height: int = 0


_Kept = tuple[str, bytes, int, int]
"""Ending by content, bytes to keep, width and height."""


class _NotTaken(Exception):
    """(what is wrong, what to do), both without a full stop."""


def accept(name: str, content: bytes, *, endings: Collection[str], most_bytes: int) -> Accepted:
    """The file as it may be kept. Raises Invalid with a finished sentence.

    `endings` are the kinds wanted here, with or without a dot; of them only those in ENDINGS are ever taken.
    """
    shown = "".join(character for character in name if character.isprintable())[-80:] or "tanpa nama"
    given = PurePosixPath(name.replace("\\", "/"))
    wanted = {ending.casefold().lstrip(".").replace("jpeg", "jpg") for ending in endings}
    try:
        if not content:
            raise _NotTaken("kosong", "Periksa berkasnya di komputer Anda")
        if len(content) > most_bytes:
            limit = f"{most_bytes / 1_000_000:g} MB".replace(".", ",")
            raise _NotTaken(
                f"terlalu besar ({len(content) / 1_000_000:.1f} MB)".replace(".", ","), f"Kecilkan sampai paling besar {limit}"
            )
        ending, kept, width, height = _known(given.suffix.casefold().lstrip("."), content, wanted)
        if ending not in wanted:
            raise _unwanted(ending, wanted)
    except _NotTaken as reason:
        raise Invalid(f"Berkas {shown} {reason.args[0]}, jadi tidak disimpan. {reason.args[1]}, lalu unggah lagi.") from reason
    mime = MIME.get(f".{ending}", "text/markdown")
    return Accepted(_safe_name(given.stem, ending), mime, kept, width, height)


def _unwanted(what: str, wanted: Set[str]) -> _NotTaken:
    listed = ", ".join(sorted(ENDINGS & wanted))
    return _NotTaken(f"berjenis {what}", f"Di sini yang diterima: {listed}. Simpan sebagai salah satunya")


def _safe_name(stem: str, ending: str) -> str:
    language = re.search(r"\.(id|en)$", stem) if ending == "vtt" else None
    if language:
        return f"{safe_stem(stem[: language.start()])}.{language[1]}.vtt"
    return f"{safe_stem(stem)}.{ending}"


def _known(claimed: str, content: bytes, wanted: Set[str]) -> _Kept:
    """(ending, bytes to keep, width, height) by the first bytes. Texts have no such mark: there the name chooses among them."""
    for mark, what, possible, judge in _JUDGES:
        if mark.match(content):
            if not wanted & possible:
                raise _unwanted(what, wanted)
            return judge(content)
    if claimed in TEXTS:
        return claimed, _text(claimed, content), 0, 0
    if content[4:8] == b"ftyp":
        advice = "Ubah dulu menjadi jpg (di iPhone: Pengaturan > Kamera > Format > Paling Kompatibel)"
        raise _NotTaken("berjenis HEIC atau AVIF", advice)
    for start, what, advice in _KNOWN:
        if content.startswith(start):
            raise _NotTaken(what, advice)
    if _PAGE.search(content[:_LOOKED_AT]):
        raise _NotTaken("ternyata halaman web atau gambar SVG, yang dapat memuat skrip", "Simpan sebagai pdf atau png")
    raise _unwanted("yang tidak dikenal", wanted)


def _picture(content: bytes) -> _Kept:
    try:
        kept, suffix, width, height = clean_picture(content, widest=0)
    except MediaRefused as reason:
        raise _NotTaken(
            str(reason), "Simpan ulang sebagai jpg atau png, paling besar 40 juta titik (lebar kali tinggi)"
        ) from reason
    return suffix.lstrip("."), kept, width, height


def _alone(content: bytes, what: str, ending: str) -> _Kept:
    """The bytes, when they hide no page at their head and no archive at their tail."""
    if _PAGE.search(content[:_LOOKED_AT]):
        raise _NotTaken(f"memuat kode halaman web di awal {what}", "Buat ulang dari aslinya")
    try:
        with zipfile.ZipFile(io.BytesIO(content)):
            pass
    except BROKEN:
        return ending, content, 0, 0
    raise _NotTaken(f"memuat arsip tersembunyi di dalam {what}", "Buat ulang dari aslinya")


def _pdf(content: bytes) -> _Kept:
    """Cut after the last end mark: what servers and mailers append is no part of the document."""
    end = content.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in content[-200_000:]:
        raise _NotTaken("terpotong atau bukan PDF yang utuh", "Simpan ulang sebagai pdf")
    return _alone(content[: end + 5] + b"\n" if content[end + 5 :].strip() else content, "PDF", "pdf")


def _mp4(content: bytes) -> _Kept:
    """The boxes must add up to the file and hold a film; free room between them is blanked."""
    kept, position, seen = bytearray(content), 0, set()
    while position < len(content):
        size, kind, header = int.from_bytes(content[position : position + 4], "big"), content[position + 4 : position + 8], 8
        if size == 1:
            size, header = int.from_bytes(content[position + 8 : position + 16], "big"), 16
        elif size == 0:
            size = len(content) - position
        if size < header or position + size > len(content) or not re.fullmatch(rb"[A-Za-z0-9 ]{4}", kind):
            raise _NotTaken("terpotong atau bukan video mp4 yang utuh", "Simpan ulang sebagai mp4 (H.264)")
        if kind in (b"free", b"skip", b"uuid", b"wide"):
            kept[position + 4 : position + 8] = b"free"
            kept[position + header : position + size] = bytes(size - header)
        seen.add(kind)
        position += size
    if b"moov" not in seen or not seen & {b"mdat", b"moof"}:
        raise _NotTaken("tidak berisi video", "Simpan ulang sebagai mp4 (H.264)")
    return _alone(bytes(kept), "video", "mp4")


def _mp3(content: bytes) -> _Kept:
    """Sound without its tags (title, picture, comments)."""
    start = 0
    while content[start : start + 3] == b"ID3" and len(content) >= start + 10:
        size = 0
        for byte in content[start + 6 : start + 10]:
            size = size << 7 | byte & 0x7F
        start += 10 + size
    sound = content[start:-128] if content[-128:-125] == b"TAG" else content[start:]
    sound = sound.lstrip(b"\0")
    if not _MP3_FRAME.match(sound) or len(sound) < 400:
        raise _NotTaken("terpotong atau bukan suara mp3", "Simpan ulang sebagai mp3")
    return _alone(sound, "suara", "mp3")


def _office(content: bytes) -> _Kept:
    """A zip that says in its parts which document it is."""
    if content[-22:-18] != b"PK\x05\x06":
        raise _NotTaken("memuat data tersembunyi di belakang dokumennya, atau terpotong", "Buka di aplikasinya, simpan ulang")
    parts = {"[Content_Types].xml": b"", "mimetype": b""}
    try:
        found = members(content, most_files=5_000, most_bytes=_LARGEST_UNPACKED, most_ratio=300)
        for member in found:
            for piece in member.chunks():  # all of it: a part that lies about its size is a trap for whoever opens the file
                if member.name in parts and len(parts[member.name]) < _LARGEST_PART:
                    parts[member.name] += piece
    except UnsafeZip as reason:
        raise _NotTaken(f"tidak dapat dibuka dengan aman: {reason}", "Buka di aplikasinya, simpan ulang") from reason
    types, mimetype = parts["[Content_Types].xml"], parts["mimetype"].strip()
    if any(_MACROS.search(member.name) for member in found) or re.search(rb"macroenabled|vbaproject", types, re.IGNORECASE):
        raise _NotTaken("memuat makro atau program", "Simpan sebagai dokumen tanpa makro (docx, xlsx, pptx)")
    for ending, kind in OFFICE.items():
        if mimetype == kind or (b'"' + kind + b'"') in types:
            return ending, content, 0, 0
    what = "dokumen Office jenis lain, atau rusak" if types or mimetype else "arsip zip, bukan dokumen"
    raise _NotTaken(f"ternyata {what}", "Keluarkan berkasnya dari arsip, atau simpan ulang sebagai docx, xlsx, pptx atau pdf")


def _text(ending: str, content: bytes) -> bytes:
    """UTF-8; files of old Windows editors (cp1252, UTF-16) are converted."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if _CONTROL.search(text):
        raise _NotTaken("bukan teks", f"Simpan sebagai teks biasa (.{ending}, pengodean UTF-8)")
    bare = text.removeprefix("\ufeff")
    if _PAGE_BEGINS.match(bare):
        raise _NotTaken("ternyata halaman web atau gambar SVG, yang dapat memuat skrip", "Simpan sebagai pdf atau teks biasa")
    if ending == "vtt" and not re.match(r"WEBVTT(?:[ \t\r\n]|$)", bare):
        raise _NotTaken("belum berbentuk WebVTT", "Baris pertamanya harus WEBVTT; ubah dulu dari srt")
    return text.encode()


_JUDGES: tuple[tuple[re.Pattern[bytes], str, frozenset[str], Callable[[bytes], _Kept]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP", re.DOTALL), "gambar", frozenset(PICTURES), _picture),
    (re.compile(rb"%PDF-[12]\.\d"), "PDF", frozenset({"pdf"}), _pdf),
    (re.compile(rb"PK\x03\x04"), "dokumen Office atau arsip zip", frozenset(OFFICE), _office),
    (re.compile(rb"....ftyp(?!hei|hevc|mif1|avif)", re.DOTALL), "video mp4", frozenset({"mp4"}), _mp4),
    (re.compile(rb"ID3[\x02-\x04]|" + _MP3_FRAME.pattern), "suara mp3", frozenset({"mp3"}), _mp3),
)
"""First bytes, what that is, the endings it can have, and the function that looks closer."""
