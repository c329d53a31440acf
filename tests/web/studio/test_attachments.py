"""Pictures and attachments: brought in from the tree and from the editor, shown, replaced, served so that nothing in them can act."""

import io
import re

import pytest
from PIL import Image

from lms.content.uploads import ENDINGS
from tests.web.studio.conftest import KEY, LESSON

JSON = {"Accept": "application/json"}
UPLOAD = f"/studio/{KEY}/unggah"
MODULE = "01-sikap-melayani"


def picture(kind="PNG", colour="teal"):
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(stream, kind)
    return stream.getvalue()


def send(author, url, name, content, status, **form):
    options = {"headers": form.pop("headers")} if "headers" in form else {}
    data = {"file": (io.BytesIO(content), name), **form}
    return author.post(url, data, status, form_at=f"/studio/{KEY}", content_type="multipart/form-data", **options)


def test_picture_from_the_editor_is_answered_with_what_to_write(author, folder):
    form = {"folder": MODULE, "from": LESSON, "headers": JSON}
    answer = send(author, UPLOAD, "Foto Loket.PNG", picture(), 200, **form)
    assert answer.json == {"reference": "media/foto-loket.png", "name": "foto-loket.png", "is_picture": True}
    assert (folder / MODULE / "media" / "foto-loket.png").is_file()


def test_document_goes_to_the_attachments(author, folder):
    form = {"folder": MODULE, "from": LESSON, "headers": JSON}
    pdf = next((folder / "berkas").glob("*.pdf")).read_bytes()
    assert send(author, UPLOAD, "Panduan Baru.pdf", pdf, 200, **form).json["reference"] == "../berkas/panduan-baru.pdf"


def test_second_picture_of_the_same_name_gets_its_own(author, folder):
    form = {"folder": MODULE, "from": LESSON, "headers": JSON}
    names = [
        send(author, UPLOAD, "image.png", picture(colour=colour), 200, **form).json["name"] for colour in ("red", "blue", "red")
    ]
    assert names == ["image.png", "image-2.png", "image-3.png"]


@pytest.mark.parametrize(
    ("name", "content"), (("x.svg", b"<svg/>"), ("x.png", b"bukan gambar"), ("x.html", b"<html>"), ("", b""))
)
def test_file_that_is_not_taken_is_refused_in_words(author, folder, name, content):
    before = sorted(folder.rglob("*"))
    answer = send(author, UPLOAD, name, content, 400, folder=MODULE, headers=JSON)
    assert len(answer.json["message"]) > 15
    assert sorted(folder.rglob("*")) == before


def test_several_files_from_the_tree_are_taken_and_the_bad_one_is_named(author, folder):
    good, bad = (io.BytesIO(picture()), "satu.png"), (io.BytesIO(b"<svg/>"), "dua.svg")
    author.post(
        UPLOAD, {"file": [good, bad], "folder": "media"}, 400, form_at=f"/studio/{KEY}", content_type="multipart/form-data"
    )
    assert (folder / "media" / "satu.png").is_file()
    assert "dua.svg" in author.page and "1 berkas lain sudah diunggah" in author.page


def test_page_of_a_picture_shows_it_and_where_it_is_used(author, folder):
    used = next(path for path in sorted(folder.rglob("*.md")) if "](../media/" in path.read_text(encoding="utf-8"))
    name = re.search(r"\]\(\.\./(media/[^) ]+\.png)", used.read_text(encoding="utf-8"))[1]
    author.get(f"/studio/{KEY}/lampiran/{name}")
    assert f"/studio/{KEY}/berkas/{used.relative_to(folder).as_posix()}?baris=" in author.page
    with author.client.get(re.search(r'<img src="([^"]+)"', author.page)[1]) as raw:
        assert raw.data == (folder / name).read_bytes()
    assert raw.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_text_address_of_a_picture_leads_to_its_page(author, folder):
    name = next((folder / "media").glob("*.png")).name
    assert author.get(f"/studio/{KEY}/berkas/media/{name}", 303).headers["Location"] == f"/studio/{KEY}/lampiran/media/{name}"


def test_replaced_picture_keeps_its_name_and_the_old_one_comes_back(author, folder):
    target = next((folder / "media").glob("*.png"))
    before, url = target.read_bytes(), f"/studio/{KEY}/lampiran/media/{target.name}"
    author.follow(send(author, url, "apa saja.png", picture(colour="orange"), 303))
    assert target.read_bytes() != before
    author.get(f"/studio/{KEY}/terhapus")
    author.post(f"/studio/{KEY}/terhapus", {"token": re.search(r'name="token" value="([^"]+)"', author.page)[1]})
    assert target.read_bytes() == before


def test_replacement_that_is_not_taken_leaves_the_picture(author, folder):
    target = next((folder / "media").glob("*.png"))
    before = target.read_bytes()
    send(author, f"/studio/{KEY}/lampiran/media/{target.name}", "x.png", b"bukan gambar", 400)
    assert target.read_bytes() == before


def test_raw_file_with_a_page_in_it_is_offered_to_be_kept(author, folder):
    (folder / "berkas" / "jahat.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    with author.client.get(f"/studio/{KEY}/mentah/berkas/jahat.html") as answer:
        assert answer.data == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"


def test_every_kind_that_is_taken_is_offered_in_the_field(author, folder):
    pdf = next((folder / "berkas").glob("*.pdf")).name
    author.get(f"/studio/{KEY}/lampiran/berkas/{pdf}")
    assert set(re.search(r'accept="([^"]+)"', author.page)[1].split(",")) == {f".{ending}" for ending in ENDINGS}
