"""The editor without its script: text is shown, saved whole, and never lost, whatever stands in the way."""

import errno
import json
import os
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from lms.people.types import Role
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx
from tests.factories.people import PASSWORD, make_person, make_unit
from tests.web.studio.conftest import KEY, LESSON

ADDRESS = f"/studio/{KEY}/berkas/{LESSON}"
JSON = {"Accept": "application/json"}


def text_of(page):
    return unescape(re.search(r'<textarea id="teks"[^>]*>\n(.*?)</textarea>', page, re.S)[1])


def version_of(page):
    return re.search(r'name="version" value="([^"]*)"', page)[1]


def save(author, text, status=303, **options):
    return author.post(ADDRESS, {"text": text, "version": version_of(author.page)}, status, **options)


@pytest.fixture
def opened(author, folder):
    author.get(ADDRESS)
    return author


def test_editor_shows_the_text_of_the_file(opened, folder):
    assert text_of(opened.page) == (folder / LESSON).read_text(encoding="utf-8")


def test_editor_of_a_text_that_begins_with_a_blank_line_keeps_it(author, folder):
    (folder / LESSON).write_text("\n\n# Judul\n", encoding="utf-8")
    author.get(ADDRESS)
    assert text_of(author.page) == "\n\n# Judul\n"


def test_saved_text_is_on_disk_and_the_page_says_so(opened, folder):
    text = text_of(opened.page).replace("Bu Wati", "Bu Ratna")
    opened.follow(save(opened, text.replace("\n", "\r\n")))
    assert (folder / LESSON).read_text(encoding="utf-8") == text
    assert 'class="kabar sukses"' in opened.page


def test_windows_line_ends_of_a_file_stay(author, folder):
    (folder / LESSON).write_bytes(b"# Judul\r\n\r\nSatu.\r\n")
    author.get(ADDRESS)
    save(author, "# Judul\r\n\r\nDua.\r\n")
    assert (folder / LESSON).read_bytes() == b"# Judul\r\n\r\nDua.\r\n"


def test_script_is_answered_with_the_new_version_and_the_time(opened, folder):
    answer = save(opened, "# Baru\n", 200, headers=JSON)
    assert set(answer.json) == {"version", "saved_at"}
    assert answer.json["saved_at"] == "14.30"
    again = opened.post(ADDRESS, {"text": "# Lagi\n", "version": answer.json["version"]}, 200, headers=JSON)
    assert again.json["version"] != answer.json["version"]


def test_save_writes_one_audit_row_without_the_text(opened, session, agency):
    save(opened, "# Rahasia\n")
    session.rollback()  # look anew
    rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "studio.save")).all()
    assert [(row.actor_id, row.subject, row.detail) for row in rows] == [(agency["penulis"].id, f"{KEY}/{LESSON}", {})]


def test_same_text_saved_twice_with_the_old_version_is_no_conflict(opened, folder):
    first = version_of(opened.page)
    opened.post(ADDRESS, {"text": "# Sama\n", "version": first})
    assert opened.post(ADDRESS, {"text": "# Sama\n", "version": first}, 200, headers=JSON).json["saved_at"] == "14.30"


def test_text_changed_meanwhile_shows_both_and_writes_nothing(opened, folder, new_browser, session):
    with write_tx(session):
        make_person(
            session, unit=make_unit(session), identifier="siti", password=PASSWORD, name="Siti Rahma", roles=(Role.AUTHOR,)
        )
    siti = new_browser()
    siti.sign_in("siti", PASSWORD)
    siti.get(ADDRESS)
    save(siti, "# Judul\n\nDari Siti.\n")
    save(opened, "# Judul\n\nDari saya.\n", 409)
    assert (folder / LESSON).read_text(encoding="utf-8") == "# Judul\n\nDari Siti.\n"
    assert "Siti Rahma baru saja" in opened.page
    merged = unescape(re.search(r'<textarea id="gabungan"[^>]*>\n(.*?)</textarea>', opened.page, re.S)[1])
    assert merged == "# Judul\n\nDari saya.\nDari Siti.\n"
    opened.post(ADDRESS, {"text": merged, "version": version_of(opened.page)})
    assert (folder / LESSON).read_text(encoding="utf-8") == merged


def test_conflict_is_told_to_the_script_by_its_status(opened, folder):
    opened.post(ADDRESS, {"text": "# A\n", "version": version_of(opened.page)})
    assert opened.post(ADDRESS, {"text": "# B\n", "version": "alt"}, 409, headers=JSON).json == {"conflict": True}


def test_hint_names_who_else_changed_the_file_lately(opened, folder, new_browser, agency, session, frozen):
    with write_tx(session):
        make_person(session, unit=make_unit(session), identifier="siti", password=PASSWORD, roles=(Role.AUTHOR,))
    save(opened, "# Judul\n")
    opened.get(ADDRESS)
    assert 'class="hadir"' not in opened.page
    siti = new_browser()
    siti.sign_in("siti", PASSWORD)
    frozen(timedelta(minutes=3))
    siti.get(ADDRESS)
    assert f'class="hadir">Diubah {agency["penulis"].name} 3 menit lalu<' in siti.page
    frozen(timedelta(minutes=13))
    siti.get(ADDRESS)
    assert 'class="hadir"' not in siti.page


def test_folder_that_vanished_while_writing_keeps_the_text(opened, folder):
    target = folder / LESSON
    drafts = target.parent
    before = target.read_text(encoding="utf-8")
    os.rename(drafts, f"{drafts}-lama")
    drafts.write_text("bukan folder", encoding="utf-8")
    save(opened, "# Ketikan\n", 404)
    assert text_of(opened.page) == "# Ketikan\n"
    assert "Ketikan Anda masih ada di halaman ini" in opened.page
    drafts.unlink()
    os.rename(f"{drafts}-lama", drafts)
    assert target.read_text(encoding="utf-8") == before


def test_disk_that_refuses_says_so_and_keeps_the_text(opened, folder, monkeypatch):
    """A read-only disk; root, who runs tests in a container, may write anywhere, so the system call itself says no."""

    def refuse(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    before = (folder / LESSON).read_bytes()
    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    save(opened, "# Ketikan\n", 503)
    assert text_of(opened.page) == "# Ketikan\n"
    assert "folder pelatihan tidak dapat ditulis" in opened.page
    assert (folder / LESSON).read_bytes() == before
    assert "salin dulu" in save(opened, "# Ketikan\n", 503, headers=JSON).json["message"].casefold()


def test_text_that_is_too_long_comes_back_with_the_reason(opened, folder):
    text = "# Panjang\n" + "kata " * 50_000
    save(opened, text, 400)
    assert text_of(opened.page) == text
    assert "Bagi menjadi dua berkas" in opened.page


def test_long_file_is_edited_in_one_piece(author, folder):
    text = "# Panjang\n" + "Satu baris yang wajar panjangnya untuk sebuah materi.\n" * 3_600
    (folder / LESSON).write_text(text, encoding="utf-8")
    author.get(ADDRESS)
    assert text_of(author.page) == text
    save(author, text.replace("wajar", "biasa"))
    assert (folder / LESSON).read_text(encoding="utf-8") == text.replace("wajar", "biasa")


@pytest.mark.parametrize(
    "path", ("tidak-ada.md", "../config.py", "..%2f..%2fconfig.py", ".git/config", "01-sikap-melayani", "%00")
)
def test_path_outside_or_missing_is_not_found(author, folder, path):
    assert author.client.get(f"/studio/{KEY}/berkas/{path}").status_code in (400, 404)


def test_folder_that_vanished_is_not_found(author, folder):
    for url in (f"/studio/{KEY}x", f"/studio/{KEY}x/berkas/{LESSON}", "/studio/.terhapus"):
        author.get(url, 404)


def test_preview_of_unsaved_text_writes_nothing(opened, folder):
    before = (folder / LESSON).read_bytes()
    answer = opened.client.post(
        f"{ADDRESS}/pratinjau", data={"csrf_token": opened.token(), "text": "# Lain\n\nBelum disimpan.\n"}
    )
    assert answer.status_code == 200
    assert "Belum disimpan." in answer.text
    assert (folder / LESSON).read_bytes() == before


def test_preview_shows_keys_to_the_author_view_only(author, folder):
    learner = author.client.get(f"{ADDRESS}/pratinjau").text
    writer = author.client.get(f"{ADDRESS}/pratinjau?view=penulis").text
    assert "kata-penulis" not in learner
    assert "kata-penulis" in writer


def test_preview_of_a_file_without_a_page_is_not_found(author, folder):
    author.get(f"/studio/{KEY}/berkas/course.yml/pratinjau", 404)
    author.get(f"/studio/{KEY}/berkas/course.yml")
    assert "<iframe" not in author.page


def test_pictures_of_the_preview_are_served(author, folder):
    html = author.client.get(f"/studio/{KEY}/berkas/{_with_picture(folder)}/pratinjau").text
    url = re.search(rf'src="(/studio/{KEY}/media/[^"]+)"', html)[1]
    picture = author.client.get(url)
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    other = re.sub(r"/media/[0-9a-f]{64}/", f"/media/{'0' * 64}/", url)
    author.get(other, 404)


def _with_picture(folder):
    return (
        next(path for path in sorted(folder.rglob("*.md")) if re.search(r"!\[[^]]*\]\([^)]*\.png", path.read_text("utf-8")))
        .relative_to(folder)
        .as_posix()
    )


def test_check_answers_findings_with_place_and_explanation(opened, folder):
    text = "# Materi\n\n## Soal: Apa?\n\n- [ ] Satu\n- [ ] Dua\n"
    answer = opened.post(f"{ADDRESS}/periksa", {"text": text}, 200)
    first = next(each for each in answer.json["findings"] if each["level"] == "galat")
    assert (first["code"], first["line"], first["quote"], first["place"]) == ("K062", 3, "## Soal: Apa?", "Baris 3")
    assert first["explanation"] and first["bad"] and first["good"]
    assert answer.json["label"].startswith("1 galat")
    assert "K032" not in json.dumps(answer.json)


def test_findings_stand_above_nothing_but_in_the_page_without_script(author, folder):
    (folder / LESSON).write_text("# Materi\n\n## Soal: Apa?\n\n- [ ] Satu\n- [ ] Dua\n", encoding="utf-8")
    author.get(ADDRESS)
    assert author.page.count('<li class="temuan" data-level="galat"') == 1
    assert "Tidak ada pilihan benar" in author.page


def test_only_the_preview_may_stand_in_a_frame_and_only_the_editor_holds_one(author, folder):
    policies = {
        url: author.client.get(url).headers["Content-Security-Policy"]
        for url in (ADDRESS, f"{ADDRESS}/pratinjau", "/studio", f"/studio/{KEY}", "/")
    }
    assert [url for url, policy in policies.items() if "frame-ancestors 'self'" in policy] == [f"{ADDRESS}/pratinjau"]
    assert [url for url, policy in policies.items() if "frame-src 'self'" in policy] == [ADDRESS]
    assert all("frame-ancestors 'none'" in policy for url, policy in policies.items() if not url.endswith("/pratinjau"))


def test_course_text_is_escaped_in_every_page(author, folder):
    evil = '"><svg onload=alert(1)>{{7*7}}'
    (folder / LESSON).write_text(f"---\njudul: '{evil}'\n---\n\n# {evil}\n\n</textarea><script>x</script>\n", encoding="utf-8")
    for url in (ADDRESS, f"/studio/{KEY}", f"/studio/{KEY}/atur/{LESSON}"):
        author.get(url)
        assert "<svg onload" not in author.page
        assert "<script>x" not in author.page
        assert "49" not in re.sub(r'value="[^"]*"|[0-9a-f]{10,}', "", author.page).split("svg onload=alert(1)&gt;")[1][:4]


def test_certain_repairs_are_made_in_the_file(author, folder):
    (folder / LESSON).write_text("# Materi\n\n## Soal: Apa?\n\n-[x] Satu\n- [ ]Dua\n", encoding="utf-8")
    author.get(ADDRESS)
    assert "data-repair hidden" not in author.page
    author.follow(author.post(f"{ADDRESS}/perbaiki"))
    assert text_of(author.page) == "# Materi\n\n## Soal: Apa?\n\n- [x] Satu\n- [ ] Dua\n"
    assert "data-repair hidden" in author.page
    author.post(f"/studio/{KEY}/berkas/tidak-ada.md/perbaiki", status=404)
