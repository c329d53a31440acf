"""The list of courses and the two ways to a new one."""

import io
import re
import zipfile

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from lms.authoring import archive
from lms.content import actions
from lms.store.engine import write_tx
from tests.web.studio.conftest import KEY, LESSON


def words_of(page, title):
    """The text of the row of a course."""
    row = re.search(rf"<li>(?:(?!</li>).)*{re.escape(title)}.*?</li>", page, re.S)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def test_list_shows_folders_and_published_courses_together(author, folder):
    author.get("/studio")
    assert "Naskah, belum terbit" in words_of(author.page, "Pelayanan Publik yang Ramah dan Tanggap")
    assert "Tidak ada temuan" in words_of(author.page, "Pelayanan Publik yang Ramah dan Tanggap")
    assert "Terbit · edisi 1.1" in words_of(author.page, "Pelayanan Publik Dasar")
    assert "foldernya tidak ada di sini" in words_of(author.page, "Pelayanan Publik Dasar")


def test_list_counts_what_the_checker_finds_now(author, folder):
    author.get("/studio")
    (folder / LESSON).write_text("# Materi\n\n## Soal: Apa?\n\n- [ ] Satu\n- [ ] Dua\n", encoding="utf-8")
    author.get("/studio")
    assert "1 galat" in words_of(author.page, "Pelayanan Publik yang Ramah dan Tanggap")


def test_closed_course_stands_as_published_in_the_list_and_on_its_page(author, folder, session, now):
    (folder / "course.yml").write_text("kode: pelayanan-publik-dasar\njudul: Dasar yang Ditutup\n", encoding="utf-8")
    with write_tx(session):
        actions.retire(session, "pelayanan-publik-dasar", now=now, by=None, retired=True)
    author.get("/studio")
    label = re.search(r"Berubah sejak edisi 1\.1|Terbit · edisi 1\.1", words_of(author.page, "Dasar yang Ditutup"))[0]
    author.get(f"/studio/{KEY}")
    assert label in author.page and "Naskah, belum terbit" not in author.page


def test_list_without_any_course_offers_the_first_step(author, agency, session):
    author.get("/studio")
    assert '<a class="tombol utama" href="/studio/baru">' in author.page


def test_title_is_enough_for_a_course_that_checks_clean(author, data_dir):
    answer = author.post("/studio/baru", {"title": "  Melayani   dengan Hati "}, form_at="/studio/baru")
    assert answer.headers["Location"] == "/studio/melayani-dengan-hati?pesan=dibuat"
    author.follow(answer)
    assert "<h1>Melayani dengan Hati</h1>" in author.page
    assert '<li class="temuan" data-level="galat"' not in author.page
    assert (data_dir / "courses" / "melayani-dengan-hati" / "course.yml").is_file()


@pytest.mark.parametrize("title", ("", "   ", "!!!", "Baru", "Unggah", "x" * 300))
def test_title_that_gives_no_course_comes_back_with_the_reason(author, data_dir, title):
    author.post("/studio/baru", {"title": title}, 400, form_at="/studio/baru")
    assert '<p class="galat" id="title-galat">' in author.page
    assert not any((data_dir / "courses").glob("*/course.yml")) if (data_dir / "courses").is_dir() else True


def test_title_of_a_course_that_exists_is_refused(author, folder):
    author.post("/studio/baru", {"title": "Pelayanan publik ramah"}, 400, form_at="/studio/baru")
    assert "sudah ada" in author.page


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return stream.getvalue()


def send(author, url, content, status, form_at):
    return author.post(url, {"file": (io.BytesIO(content), "kursus.zip")}, status, form_at, content_type="multipart/form-data")


def test_course_goes_home_as_a_zip_and_comes_back(author, folder, data_dir):
    download = author.client.get(f"/studio/{KEY}/unduh")
    assert (download.mimetype, download.headers["Content-Disposition"]) == ("application/zip", f"attachment; filename={KEY}.zip")
    assert download.data == archive.pack(folder)
    folder.rename(data_dir / "disimpan")
    answer = send(author, "/studio/unggah", download.data, 303, "/studio/unggah")
    assert answer.headers["Location"] == f"/studio/{KEY}?pesan=diunggah"
    assert archive.pack(folder) == download.data


def test_zip_of_a_course_that_exists_replaces_nothing(author, folder):
    before = archive.pack(folder)
    send(author, "/studio/unggah", before, 400, "/studio/unggah")
    assert "sudah ada di studio" in author.page
    assert archive.pack(folder) == before


@pytest.mark.parametrize(
    "content",
    (b"", b"bukan zip", zipped({"a.md": "# A"}), zipped({"../course.yml": "kode: a"}), zipped({"a/course.yml": "", "b.md": ""})),
)
def test_zip_that_is_no_course_is_refused_in_words(author, data_dir, content):
    send(author, "/studio/unggah", content, 400, "/studio/unggah")
    assert re.search(r'<p class="galat" id="zip-galat">[A-Z].{20,}', author.page)


def test_replacing_shows_what_changes_before_anything_does(author, folder):
    before = archive.pack(folder)
    new = zipped({"course.yml": f"kode: {KEY}\njudul: Baru\n", "README.md": "# Baru\n", "01-a/01-b.md": "# B\n"})
    send(author, f"/studio/{KEY}/ganti", new, 200, f"/studio/{KEY}")
    assert archive.pack(folder) == before
    assert re.findall(r"<summary>([^<]+)</summary>", author.page)[-3:] == [
        "Berkas yang diganti: 2", "Berkas baru: 1", f"Berkas yang tidak ada di zip: {before_count(before) - 2}",
    ]  # fmt: skip
    token = re.search(r'name="token" value="([0-9a-f]{64})"', author.page)[1]
    author.follow(author.post(f"/studio/{KEY}/ganti/ya", {"token": token}))
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["01-b.md", "README.md", "course.yml"]
    author.get(f"/studio/{KEY}/terhapus")
    back = re.search(r'name="token" value="([^"]+)"', author.page)[1]
    author.post(f"/studio/{KEY}/terhapus", {"token": back})
    assert archive.pack(folder) == before


def before_count(content):
    return len(zipfile.ZipFile(io.BytesIO(content)).namelist())


@pytest.mark.parametrize("token", ("", "../../secret_key", "0" * 64))
def test_replacing_without_a_waiting_zip_changes_nothing(author, folder, token):
    before = archive.pack(folder)
    author.post(f"/studio/{KEY}/ganti/ya", {"token": token}, 404, form_at=f"/studio/{KEY}")
    assert archive.pack(folder) == before


def test_body_beyond_the_limit_of_its_endpoint_is_refused(author, folder):
    url = f"/studio/{KEY}/berkas/{LESSON}"
    author.get(url)
    assert author.client.post(url, data={"csrf_token": author.token(), "text": "a" * 1_100_000}).status_code == 413
    content = zipped({"course.yml": "kode: besar\njudul: Besar\n", "media/acak.png": bytes(range(256)) * 6_000})
    boundary, body = encode_multipart({"csrf_token": author.token(), "file": FileStorage(io.BytesIO(content), "kursus.zip")})
    answer = author.client.post("/studio/unggah", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.headers["Location"] == "/studio/besar?pesan=diunggah"
