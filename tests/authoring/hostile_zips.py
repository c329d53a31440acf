"""Archives that mean harm or lie, made byte by byte, and honest ones as systems make them."""

import io
import stat
import struct
import warnings
import zipfile
import zlib

from tests.content.polyglots import office, zipped

MANIFEST = "kode: zip\njudul: Dari zip\n"
HONEST = {"course.yml": MANIFEST, "README.md": "# Zip\n", "01-asas/01-satu.md": "# Satu\n"}


def course(more: dict[str, bytes | str] | None = None, top: str = "zip/", **options: object) -> bytes:
    return zipped({top + name: content for name, content in {**HONEST, **(more or {})}.items()}, **options)


def entries(*pairs: tuple[str, bytes], mode: int = 0, flags: int = 0) -> bytes:
    """An archive of HONEST and of entries as they are, twice the same name or a strange mode included."""
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, content in HONEST.items():
            archive.writestr(f"zip/{name}", content)
        for name, content in pairs:
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = name
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    made = bytearray(stream.getvalue())
    if flags:
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            where = made.rfind(mark) + at
            made[where : where + 2] = struct.pack("<H", struct.unpack("<H", made[where : where + 2])[0] | flags)
    return bytes(made)


def overlapping(copies: int = 1_900, size: int = 21_000_000) -> bytes:
    """Many names for one packed stream (the bomb that needs no nesting)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(size)) + packer.flush()
    crc, name = zlib.crc32(bytes(size)), b"zip/aaaaaa"
    head = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0x21, crc, len(packed), size, len(name), 0) + name + packed
    listed = b""
    for number in range(copies):
        other = b"zip/%06d" % number
        listed += (
            struct.pack(
                "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0x21, crc, len(packed), size, len(other), 0, 0, 0, 0, 0, 0
            )
            + other
        )
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, copies, copies, len(listed), len(head), 0)
    return head + listed + end


def lying(true: int, claimed: int) -> bytes:
    """A file of `true` zeros whose headers claim another size."""
    made = course({"isi.bin": bytes(true)})
    return made.replace(struct.pack("<I", true), struct.pack("<I", claimed))


def with_zip64_end(content: bytes) -> bytes:
    """A second end record that overrules the first and tells another story."""
    at = content.rfind(b"PK\x05\x06")
    size, start = struct.unpack("<II", content[at + 12 : at + 20])
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 2**40, 2**40, size, start)
    return content[:at] + record + struct.pack("<IIQI", 0x07064B50, 0, at, 1) + content[at:]


def hostile() -> dict[str, bytes]:
    """What it is -> archive. Each must be refused with a sentence, quickly, nothing written."""
    inner = zipped({"x.md": "# X"})
    honest = course()
    return {
        "absolute": entries(("/etc/cron.d/x", b"x")),
        "climbing": entries(("zip/../../x", b"x")),
        "climbing at the top": entries(("../x.md", b"x")),
        "backslash": entries(("zip\\..\\..\\x", b"x")),
        "plain backslash": entries(("zip\\x.md", b"x")),
        "drive": entries(("C:/x", b"x")),
        "drive within": entries(("zip/C:x", b"x")),
        "stream of a file": entries(("zip/a.md:kunci", b"x")),
        "device name": entries(("zip/con.md", b"x")),
        "dot at the end": entries(("zip/a./x.md", b"x")),
        "blank at the end": entries(("zip/a.md ", b"x")),
        "control sign": entries(("zip/a\x1bb.md", b"x")),
        "end of string": entries(("zip/a.md\0.exe", b"x")),
        "network share": entries(("//server/x", b"x")),
        "only dots": entries(("././.", b"x")),
        "endless name": entries(("zip/" + "a" * 300, b"x")),
        "symbolic link": entries(("zip/pintas.md", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777),
        "link as a folder": entries(("zip/luar", b"/tmp"), ("zip/luar/x.md", b"x"), mode=stat.S_IFLNK | 0o777),
        "device": entries(("zip/null", b""), mode=stat.S_IFCHR | 0o666),
        "pipe": entries(("zip/pipa", b""), mode=stat.S_IFIFO | 0o666),
        "twice the same": entries(("zip/a.md", b"satu"), ("zip/a.md", b"dua")),
        "same but for capitals": entries(("zip/A.md", b"satu"), ("zip/a.md", b"dua")),
        "same but for capitals in a folder": entries(("zip/B/x.md", b"satu"), ("zip/b/x.md", b"dua")),
        "same in two ways of writing é": entries(("zip/\u00e9.md", b"satu"), ("zip/e\u0301.md", b"dua")),
        "same by dots": entries(("zip/./a.md", b"satu"), ("zip/a.md", b"dua")),
        "file as a folder": entries(("zip/a", b"satu"), ("zip/a/b.md", b"dua")),
        "too many files": course({f"media/{number}.txt": "x" for number in range(2_000)}),
        "list of entries of 100 MB": honest[:-10] + struct.pack("<I", 100_000_000) + honest[-6:],
        "many names for one stream": overlapping(),
        "many names for one stream, in proportion": overlapping(9, 20_000_000),
        "too large": course({f"media/{number}.bin": bytes(30_000_000) for number in range(7)}),
        "swelling": course({"media/nol.bin": bytes(60_000_000)}),
        "longer than it says": lying(60_000_000, 60),
        "shorter than it says": lying(60, 60_000_000),
        "much longer than it says": lying(190_000_000, 1_000),
        "zip within": course({"berkas/contoh.zip": inner}),
        "zip within, named otherwise": course({"berkas/contoh.txt": inner}),
        "tar within": course({"berkas/contoh.tar.gz": b"\x1f\x8b"}),
        "with a password": entries(("zip/a.md", b"x"), flags=0x1),
        "strange packing": course(method=zipfile.ZIP_LZMA),
        "second list of entries": with_zip64_end(honest),
        "torn": honest[: len(honest) // 2],
        "torn list": honest[:-30],
        "broken content": honest.replace(b"# Satu", b"# Setu") if b"# Satu" in honest else honest[:60] + b"\xff" * 20 + honest[80:],
        "no zip": b"PK\x03\x04" + bytes(500),
        "nothing": b"",
        "a page": b"<html>",
        "other name in the list": entries(("zip/a.md", b"x")).replace(b"zip/a.md", b"zip/b.md", 1),
        "no course": zipped({"catatan/README.md": "# X"}),
        "two courses": zipped({"a/course.yml": "judul: A", "b/course.yml": "judul: B"}),
        "files beside the course": zipped({"a/course.yml": "judul: A", "lain.md": "# X"}),
    }  # fmt: skip


def honest() -> dict[str, tuple[bytes, str, set[str]]]:
    """What it is -> (archive, key it gets, files besides HONEST)."""
    mac = {
        "__MACOSX/zip/._course.yml": b"\0",
        "zip/.DS_Store": b"\0",
        "zip/Thumbs.db": b"\xd0\xcf",
        "zip/.git/hooks/pre-commit": "x",
        "zip/~$a.docx": "x",
    }
    unflagged = course({"01-asas/02-\u00e9\u00fc.md": "# X"})
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        unflagged = b"".join(
            part[: at - 4] + b"\0\0" + part[at - 2 :] if number else part for number, part in enumerate(_split(unflagged, mark))
        )
    return {
        "with its folder": (course(), "zip", set()),
        "without a folder": (course(top=""), "zip", set()),
        "two folders deep": (course(top="cabang-main/zip/"), "zip", set()),
        "folder entries": (zipped({"zip/": "", "zip/01-asas/": "", **{f"zip/{name}": text for name, text in HONEST.items()}}), "zip", set()),
        "by macOS and Windows": (zipped({**{f"zip/{name}": text for name, text in HONEST.items()}, **mac}), "zip", set()),
        "names in UTF-8 that do not say so": (unflagged, "zip", {"01-asas/02-\u00e9\u00fc.md"}),
        "names of DOS": (unflagged.replace("\u00e9\u00fc".encode(), b"\x82\x81ab"), "zip", {"01-asas/02-\u00e9\u00fcab.md"}),
        "office files and drafts": (course({"berkas/a.docx": office(), "_konsep/x.md": "# X"}), "zip", {"berkas/a.docx", "_konsep/x.md"}),
        "no code": (zipped({"Pelayanan Publik (1)/course.yml": "judul: A", "Pelayanan Publik (1)/README.md": "# A"}), "pelayanan-publik-1", {"README.md"}),
        "stored": (course(method=zipfile.ZIP_STORED), "zip", set()),
        "with a comment": (course(comment=b"dari 7-Zip"), "zip", set()),
    }  # fmt: skip


def _split(content: bytes, mark: bytes) -> list[bytes]:
    first, *rest = content.split(mark)
    return [first, *(part for part in rest)] if not rest else [first + mark, *(part + mark for part in rest[:-1]), rest[-1]]
