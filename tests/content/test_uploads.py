"""What may be handed in (R25): by its bytes, never by its name."""

import io
import time
import zipfile

import pytest
from PIL import Image

from lms.content.uploads import ENDINGS, Accepted, accept
from lms.errors import Invalid
from tests.content.polyglots import MARK, MP3, PDF, PHP, film, honest, moving, picture, polyglots

HONEST, POLYGLOTS = honest(), polyglots()
SURVIVORS = {what for what in POLYGLOTS if what.split()[0] in ("GIF", "PNG", "JPEG", "WebP")} | {
    "moving GIF with a script as comment",
    "moving WebP with scripts in its camera data",
    "page behind a PDF",
    "zip behind a PDF",
    "film with a page in free room",
    "sound with a page as title",
}
"""Cleaned by encoding pictures anew, by cutting or by blanking."""


def take(name, content, endings=ENDINGS, most_bytes=20_000_000) -> Accepted:
    return accept(name, content, endings=endings, most_bytes=most_bytes)


def refusal(name, content, **options) -> str:
    with pytest.raises(Invalid) as refused:
        take(name, content, **options)
    return str(refused.value)


@pytest.mark.parametrize("name", HONEST)
def test_honest_file_is_taken_with_its_kind(name):
    taken = take(name, HONEST[name])
    assert (taken.name, taken.width > 0) == (name.replace("jpeg", "jpg"), name.startswith(("foto", "gerak")))
    assert take(taken.name, taken.content) == taken, "what was kept can be taken again"


@pytest.mark.parametrize("what", POLYGLOTS)
def test_polyglot_is_refused_or_loses_its_second_nature(what):
    name, content = POLYGLOTS[what]
    began = time.process_time()
    try:
        taken = take(name, content)
    except Invalid as refused:
        assert str(refused).startswith(f"Berkas {name} ")
        assert str(refused).endswith(", lalu unggah lagi.")
    else:
        assert (MARK in taken.content, PHP in taken.content, zipfile.is_zipfile(io.BytesIO(taken.content))) == (
            False,
            False,
            False,
        )
    assert time.process_time() - began < 20


def survives(name, content) -> bool:
    try:
        return bool(take(name, content))
    except Invalid:
        return False


def test_only_what_can_be_cleaned_survives():
    assert len(POLYGLOTS) >= 40
    assert {what for what, (name, content) in POLYGLOTS.items() if survives(name, content)} == SURVIVORS


@pytest.mark.parametrize("name", [name for name in HONEST if not name.endswith(("csv", "txt", "md", "vtt", "mp3"))])
def test_truncated_file_is_refused(name):
    content = HONEST[name]
    assert "tidak disimpan" in refusal(name, content[: len(content) // 2])


def test_content_decides_and_the_name_is_mended():
    assert take("Foto KTP (1).PNG", picture("JPEG")).name == "foto-ktp-1.jpg"
    assert take(r"C:\Surat\..\Laporan.pdf.exe", PDF).name == "laporan-pdf.pdf"
    assert take("!!!.pdf", PDF).name == "berkas.pdf"
    assert (take("Sambutan.id.VTT", b"WEBVTT\n").name, take("03-kuis.md", b"# Kuis").name) == ("sambutan.id.vtt", "03-kuis.md")
    assert take("a.pdf", HONEST["rencana.docx"]).name == "a.docx"


def test_sentence_names_what_is_wrong_and_what_to_do():
    assert (
        refusal("a.pdf", b"") == "Berkas a.pdf kosong, jadi tidak disimpan. Periksa berkasnya di komputer Anda, lalu unggah lagi."
    )
    assert "terlalu besar (2,0 MB)" in refusal("a.txt", b"x" * 2_000_000, most_bytes=1_500_000)
    assert "paling besar 1,5 MB" in refusal("a.txt", b"x" * 2_000_000, most_bytes=1_500_000)
    assert refusal("a.png", picture("PNG"), endings={"pdf", ".DOCX", "zip", "exe"}) == (
        "Berkas a.png berjenis gambar, jadi tidak disimpan. Di sini yang diterima: docx, pdf. Simpan sebagai salah satunya, lalu unggah lagi."
    )  # fmt: skip
    assert "iPhone" in refusal("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + bytes(100))
    assert "Office lama" in refusal("a.doc", b"\xd0\xcf\x11\xe0" + bytes(100))
    assert "WEBVTT" in refusal("a.vtt", b"1\n00:00:01,000 --> 00:00:02,000\nHalo\n")
    assert "\n" not in refusal("a\nb\x00.exe", b"MZ" + bytes(100))


def test_jpeg_and_jpg_are_one_kind():
    assert (
        take("a.jpg", picture("JPEG"), endings=["jpeg"]).name == take("a.jpeg", picture("JPEG"), endings=["jpg"]).name == "a.jpg"
    )


def test_texts_become_utf8_without_control_characters():
    assert take("a.txt", "Ikhtisar – “baru”".encode("cp1252")).content.decode() == "Ikhtisar – “baru”"
    assert take("a.csv", "satu;dua\r\n".encode("utf-16")).content == b"satu;dua\r\n"
    assert take("a.csv", b"\xef\xbb\xbfa;b\r\n").content == b"\xef\xbb\xbfa;b\r\n"
    assert "bukan teks" in refusal("a.csv", b"a;b\0c")


def test_picture_keeps_its_size_its_way_up_and_its_movement():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert (
        take("a.jpg", picture("JPEG", (2400, 100), exif=exif.tobytes())).width,
        take("a.png", picture("PNG", (2400, 9))).width,
    ) == (100, 2400)
    for kind in ("GIF", "WEBP", "PNG"):
        with Image.open(io.BytesIO(take("a.gif", moving(kind)).content)) as made:
            assert (made.n_frames, made.info.get("loop")) == (3, 0), kind


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("disposal", [0, 1, 2])
def test_moving_gif_shows_the_same_frames_at_the_same_times(mode, disposal):
    frames = [Image.new(mode, (60, 40), (0, 0, 0, 0)[: len(mode)]) for _ in range(5)]
    for number, frame in enumerate(frames):
        frame.paste((50 * number, 90, 200, 255)[: len(mode)], (number * 9, 5, number * 9 + 20, 30))
    stream = io.BytesIO()
    times = [100, 200, 300, 50, 100]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=3, disposal=disposal)
    taken = take("a.gif", stream.getvalue())
    with Image.open(stream) as old, Image.open(io.BytesIO(taken.content)) as new:
        assert (new.n_frames, new.info["loop"]) == (old.n_frames, 3)
        for number in range(old.n_frames):
            old.seek(number)
            new.seek(number)
            shown = [[pixel for pixel in picture.convert("RGBA").get_flattened_data() if pixel[3]] for picture in (old, new)]
            assert (shown[0] == shown[1], new.info["duration"]) == (True, old.info["duration"])


def test_long_recording_with_one_palette_stays_small():
    frames = [Image.new("P", (640, 400)) for _ in range(120)]
    for number, frame in enumerate(frames):
        frame.putpalette([0, 0, 0, 255, 255, 255])
        frame.paste(1, (number * 5, 100, number * 5 + 8, 110))
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert len(take("a.gif", stream.getvalue()).content) < 2 * len(stream.getvalue())


def test_telephone_picture_with_a_second_one_behind_is_taken():
    stream = io.BytesIO()
    one, two = (Image.new("RGB", (40, 30), colour) for colour in ("teal", "gold"))
    one.save(stream, "MPO", save_all=True, append_images=[two])
    assert take("a.jpg", stream.getvalue()).name == "a.jpg"


def test_what_follows_a_pdf_is_cut_and_what_precedes_sound_is_dropped():
    assert take("a.pdf", PDF + b"<html>galat peladen</html>").content == PDF
    assert take("a.mp3", b"ID3\x03\0\0\0\0\0\x10" + bytes(16) + MP3 + b"TAG" + bytes(125)).content == MP3
    assert take("a.mp4", film()).content == film()
