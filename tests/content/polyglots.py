"""Honest files of every kind, and forty that are two things at once, lie about themselves, or swell. Made here, byte by byte."""

import io
import struct
import zipfile
import zlib

from PIL import Image, ImageCms, PngImagePlugin

MARK = b"<script>alert(1)</script>"
PHP = b"<?php system($_GET[0]); ?>"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n46\n%%EOF\n"
MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 4


def picture(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(stream, kind, **options)
    return stream.getvalue()


def moving(kind: str, frames: int = 3, size: tuple[int, int] = (60, 40)) -> bytes:
    made = [Image.new("RGB", size, (5 * number, 90, 200)) for number in range(frames)]
    stream = io.BytesIO()
    made[0].save(stream, kind, save_all=True, append_images=made[1:], duration=120, loop=0)
    return stream.getvalue()


def endless() -> bytes:
    """Few bytes, 120 frames of 2.5 megapixels: the second frame again and again."""
    made = moving("GIF", 2, (1600, 1600))
    again = made[made.rfind(b"\x21\xf9\x04") : -1]
    return made[:-1] + again * 120 + b";"


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = comment
    return stream.getvalue()


def office(kind: str = WORD, more: dict[str, bytes | str] | None = None, types: str = "", **options: object) -> bytes:
    text = types or f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    return zipped({"[Content_Types].xml": text, "word/document.xml": "<w:document/>", **(more or {})}, **options)


def open_document(kind: str, more: dict[str, bytes | str] | None = None) -> bytes:
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<x/>", **(more or {})})


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def film(*more: bytes) -> bytes:
    return (
        box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
        + b"".join(more)
        + box(b"moov", box(b"mvhd", bytes(100)))
        + box(b"mdat", bytes(500))
    )


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with(name: bytes, content: bytes) -> bytes:
    plain = picture("PNG")
    return plain[:33] + chunk(name, content) + plain[33:]


def jpeg_with(marker: int, content: bytes) -> bytes:
    plain = picture("JPEG")
    return plain[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + plain[2:]


def png_of(width: int, height: int) -> bytes:
    """Says its size, holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(5000))) + chunk(b"IEND", b"")


def lying_zip() -> bytes:
    """A Word file one part of which is 5 MB but claims 5 bytes in both of its headers."""
    made = bytearray(office(more={"word/media.bin": bytes(5_000_000)}))
    true = struct.pack("<I", 5_000_000)
    return bytes(made.replace(true, struct.pack("<I", 5)))


def honest() -> dict[str, bytes]:
    """File name -> content that must be taken."""
    return {
        "foto.png": picture("PNG"),
        "foto.jpg": picture("JPEG"),
        "foto.jpeg": picture("JPEG"),
        "foto.webp": picture("WEBP"),
        "gerak.gif": moving("GIF"),
        "surat.pdf": PDF,
        "suara.mp3": MP3,
        "video.mp4": film(),
        "teks.vtt": b"WEBVTT\n\n00:00.000 --> 00:02.000\nHalo\n",
        "data.csv": b"unit;nilai\nDinas;3,4\n",
        "catatan.txt": b"BMKG mencatat \x93hujan\x94 lebat",
        "materi.md": "# Judul\n\nDua belas asas – lengkap\n".encode(),
        "rencana.docx": office(),
        "rekap.xlsx": office(WORD.replace("wordprocessingml.document", "spreadsheetml.sheet")),
        "paparan.pptx": office(WORD.replace("wordprocessingml.document", "presentationml.presentation")),
        "a.odt": open_document("text"),
        "a.ods": open_document("spreadsheet"),
        "a.odp": open_document("presentation"),
    }


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    exif[0x9286] = PHP.decode()
    return exif.tobytes()


def polyglots() -> dict[str, tuple[str, bytes]]:
    """What it is -> (file name, content). Each must be refused, or come out without its second nature."""
    text_chunk = PngImagePlugin.PngInfo()
    text_chunk.add_text("Comment", MARK.decode(), zip=False)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK
    page = b"<!DOCTYPE html><html><body>" + MARK + b"</body></html>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    inner = zipped({"muatan.html": page})
    gif = picture("GIF")
    macro = WORD.replace("openxmlformats-officedocument.wordprocessingml.document.main", "ms-word.document.macroEnabled.main")
    return {
        "GIF and JavaScript by its width": ("a.gif", b"GIF89a/*\0\0" + gif[10:] + b"*/=1;alert(1)" + MARK),
        "GIF with a page behind": ("a.gif", gif + page),
        "GIF with a script as comment": ("a.gif", picture("GIF", comment=MARK)),
        "moving GIF with a script as comment": ("a.gif", moving("GIF")[:-1] + b"\x21\xfe" + bytes([len(MARK)]) + MARK + b"\0\x3b" + MARK),
        "PNG with a zip behind": ("a.png", picture("PNG") + inner),
        "PNG with a page behind": ("a.png", picture("PNG") + page),
        "PNG with a script as text": ("a.png", picture("PNG", pnginfo=text_chunk)),
        "PNG with PHP in a chunk of its own": ("a.png", png_with(b"phPa", PHP)),
        "PNG with a script as profile": ("a.png", png_with(b"iCCP", b"x\0\0" + zlib.compress(profile))),
        "JPEG with a PHP comment": ("a.jpg", jpeg_with(0xFE, PHP)),
        "JPEG with a page behind": ("a.jpg", picture("JPEG") + page),
        "JPEG with a zip behind": ("a.jpg", picture("JPEG") + inner),
        "JPEG with scripts in its camera data": ("a.jpg", picture("JPEG", exif=_exif())),
        "JPEG with a script in its colour profile": ("a.jpg", picture("JPEG", icc_profile=profile)),
        "JPEG with a script in application data": ("a.jpg", jpeg_with(0xED, b"Photoshop 3.0\0" + MARK)),
        "WebP with scripts in its camera data": ("a.webp", picture("WEBP", exif=_exif())),
        "WebP with a page behind": ("a.webp", picture("WEBP") + page),
        "moving WebP with scripts in its camera data": ("a.webp", moving("WEBP") + MARK),
        "page named png": ("a.png", page),
        "SVG named png": ("a.png", svg),
        "SVG": ("a.svg", svg),
        "page named txt": ("a.txt", b"\xef\xbb\xbf \n" + page),
        "SVG named md": ("a.md", b"<?xml version='1.0'?>\n" + svg),
        "program named pdf": ("a.pdf", b"MZ\x90\0" + bytes(200)),
        "page before a PDF": ("a.pdf", page + PDF),
        "page within the head of a PDF": ("a.pdf", PDF[:9] + b"%" + page + b"\n" + PDF[9:]),
        "page behind a PDF": ("a.pdf", PDF + page),
        "zip behind a PDF": ("a.pdf", PDF + inner),
        "zip behind a PDF, its comment ending as a PDF": ("a.pdf", PDF + zipped({"x.html": page}, comment=b"startxref\n1\n%%EOF")),
        "film with a page in free room": ("a.mp4", film(box(b"free", page))),
        "film with a page as its kind": ("a.mp4", box(b"ftyp", b"mp42" + page) + box(b"moov") + box(b"mdat")),
        "film with a zip behind": ("a.mp4", film() + inner),
        "sound with a page as title": ("a.mp3", b"ID3\x03\0\0\0\0" + bytes([0, len(page)]) + page + MP3),
        "Word file with macros": ("a.docx", office(more={"word/vbaProject.bin": b"x"})),
        "macro file renamed docx": ("a.docx", office(macro)),
        "Excel file with old macros": ("a.xlsx", office(WORD, {"xl/macrosheets/sheet1.xml": "<x/>"})),
        "Word file with a program": ("a.docx", office(more={"word/embeddings/pasang.exe": b"MZ"})),
        "Word file with a page behind": ("a.docx", office() + page),
        "Word file with a page as comment": ("a.docx", office(comment=page)),
        "page before a Word file": ("a.docx", page + office()),
        "OpenDocument with macros": ("a.odt", open_document("text", {"Basic/Standard/Module1.xml": "<x/>"})),
        "archive renamed docx": ("a.docx", inner),
        "archive of an archive": ("a.zip", zipped({"a.zip": inner})),
        "bomb renamed docx": ("a.docx", office(more={"word/a.xml": bytes(60_000_000)})),
        "Word file that lies about a part": ("a.docx", lying_zip()),
        "old Word file": ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "bomb of 400 megapixels": ("a.png", png_of(20_000, 20_000)),
        "picture of 41 megapixels": ("a.png", png_of(6_833, 6_001)),
        "moving picture of 300 megapixels": ("a.gif", endless()),
    }  # fmt: skip
