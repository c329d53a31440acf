"""The tree of a course: what is in it, made, moved, named, taken out and brought back, all by plain forms."""

import re

import pytest

from lms.authoring.workspace import Workspace
from tests.web.studio.conftest import KEY, LESSON

PAGE = f"/studio/{KEY}"
MODULE, OTHER = "01-sikap-melayani", "02-komunikasi-ramah"


@pytest.fixture
def workspace(data_dir):
    return Workspace(data_dir / "courses")


@pytest.fixture
def opened(author, folder):
    author.get(PAGE)
    return author


def titles(page):
    return re.findall(r'<span class="nama">([^<]+?)\s*(?:<|$)', page)


def keys(workspace):
    return {entry.item_key for entry in workspace.tree(KEY).entries() if entry.item_key}


def order(workspace, folder=MODULE):
    group = next(group for group in workspace.tree(KEY).groups if group.folder == folder and group.is_module)
    return [entry.title for entry in group.entries if entry.kind in ("lesson", "quiz")]


def test_tree_shows_every_file_of_the_folder_once(opened, folder, workspace):
    shown = len(titles(opened.page))
    assert shown == len(workspace.tree(KEY).entries()) == sum(path.is_file() for path in folder.rglob("*"))


def test_tree_counts_findings_beside_their_file(author, folder):
    (folder / LESSON).write_text("# Materi\n\n## Soal: Apa?\n\n- [ ] Satu\n- [ ] Dua\n", encoding="utf-8")
    author.get(PAGE)
    assert re.findall(r'<span class="lencana" data-level="galat">(\d+)<', author.page) == ["1"]
    assert f'href="/studio/{KEY}/berkas/{LESSON}?baris=3"' in author.page


@pytest.mark.parametrize(
    ("kind", "words"),
    (("lesson", "tujuan:"), ("quiz", "jenis: kuis"), ("assignment", "jenis: tugas"), ("survey", "jenis: evaluasi")),
)
def test_new_page_opens_in_the_editor_and_checks_clean(opened, folder, kind, words):
    answer = opened.post(f"{PAGE}/buat", {"kind": kind, "title": "Halaman Baru", "folder": MODULE})
    opened.follow(answer)
    assert "<h1>" in opened.page and "Halaman Baru" in opened.page
    made = next(folder.glob(f"{MODULE}/*-halaman-baru.md"))
    assert words in made.read_text(encoding="utf-8")
    assert '<li class="temuan" data-level="galat"' not in opened.page


def test_new_module_stands_in_the_tree(opened, workspace):
    opened.follow(opened.post(f"{PAGE}/buat", {"kind": "module", "title": "Modul Penutup"}))
    assert [group.title for group in workspace.tree(KEY).groups if group.is_module][-1] == "Modul Penutup"


@pytest.mark.parametrize(
    "form",
    ({"kind": "lesson", "title": " "}, {"kind": "apa", "title": "A"}, {"kind": "lesson", "title": "A", "folder": "../x"}, {}),
)
def test_page_that_cannot_be_made_changes_nothing(opened, folder, form):
    before = sorted(folder.rglob("*"))
    assert opened.client.post(f"{PAGE}/buat", data={"csrf_token": opened.token(), **form}).status_code in (400, 404)
    assert sorted(folder.rglob("*")) == before


def test_one_step_up_and_down_keeps_every_key(opened, workspace):
    before, was = keys(workspace), order(workspace)
    path = workspace.tree(KEY).groups
    second = next(group for group in path if group.folder == MODULE).entries[2]
    answer = opened.post(f"{PAGE}/pindah", {"up": second.path})
    assert order(workspace) == [was[1], was[0], *was[2:]]
    opened.follow(answer)
    moved = next(entry for entry in workspace.tree(KEY).entries() if entry.title == second.title)
    opened.post(f"{PAGE}/pindah", {"down": moved.path})
    assert order(workspace) == was
    assert keys(workspace) == before


def test_page_moves_to_another_module_by_the_form_of_its_own_page(opened, workspace):
    before, was = keys(workspace), order(workspace, OTHER)
    opened.get(f"{PAGE}/atur/{LESSON}")
    places = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)</option>', opened.page)
    assert [label for _, chosen, label in places if chosen] == ["Paling atas di Mengapa Sikap Melayani Menentukan"]
    target = next(value for value, _, label in places if label.startswith(f"Sesudah {was[0]}"))
    opened.post(f"{PAGE}/pindah", {"path": LESSON, "place": target})
    assert order(workspace, OTHER) == [was[0], "Lima Menit yang Diingat Warga", *was[1:]]
    assert keys(workspace) == before


def test_module_moves_with_all_that_is_in_it(opened, workspace):
    before, modules = keys(workspace), [group.title for group in workspace.tree(KEY).groups if group.is_module]
    opened.post(f"{PAGE}/pindah", {"down": MODULE})
    assert [group.title for group in workspace.tree(KEY).groups if group.is_module] == [modules[1], modules[0], *modules[2:]]
    assert keys(workspace) == before


def test_dragged_page_lands_before_the_one_it_was_dropped_on(opened, workspace):
    was = order(workspace)
    last = next(group for group in workspace.tree(KEY).groups if group.folder == MODULE).entries[4]
    opened.post(f"{PAGE}/pindah", {"path": last.path, "folder": MODULE, "before": LESSON})
    assert order(workspace) == [was[3], *was[:3]]


@pytest.mark.parametrize(
    "form", ({"up": "tidak-ada.md"}, {"path": "tidak/ada.md", "folder": "", "before": ""}, {"path": "../x", "place": "|"}, {})
)
def test_move_of_what_is_not_there_is_not_found(opened, folder, form):
    assert opened.client.post(f"{PAGE}/pindah", data={"csrf_token": opened.token(), **form}).status_code == 404


def test_title_changes_and_the_key_stays(opened, workspace):
    before = keys(workspace)
    opened.get(f"{PAGE}/atur/{LESSON}")
    opened.follow(opened.post(f"{PAGE}/nama", {"path": LESSON, "title": "Tujuh Menit"}))
    assert order(workspace)[0] == "Tujuh Menit"
    assert keys(workspace) == before


def test_deleted_page_comes_back_as_it_was(opened, folder):
    before = (folder / LESSON).read_bytes()
    opened.follow(opened.post(f"{PAGE}/hapus", {"path": LESSON}))
    assert not (folder / LESSON).exists()
    assert "Terhapus (1)" in opened.page
    opened.get(f"{PAGE}/terhapus")
    assert "Dihapus baru saja" in opened.page
    token = re.search(r'name="token" value="([^"]+)"', opened.page)[1]
    opened.follow(opened.post(f"{PAGE}/terhapus", {"token": token}))
    assert (folder / LESSON).read_bytes() == before


def test_module_says_how_much_goes_with_it_and_settings_stay(opened, folder):
    opened.get(f"{PAGE}/atur/{MODULE}")
    assert "Modul ini berisi 5 berkas." in opened.page
    opened.post(f"{PAGE}/hapus", {"path": "course.yml"}, 400)
    assert (folder / "course.yml").is_file()
    opened.get(f"{PAGE}/terhapus")
    assert "Belum ada yang dihapus" in opened.page


def test_course_of_two_hundred_files_is_one_page(author, folder):
    for number in range(200):
        (folder / MODULE / f"{100 + number}-materi-{number}.md").write_text(f"# Materi {number}\n", encoding="utf-8")
    author.get(PAGE)
    assert sum(title.startswith("Materi ") for title in titles(author.page)) == 200


def test_files_with_odd_names_can_be_opened(author, folder):
    for name in ("Ruang kerja #1 (lama)?.md".replace("?", ""), "été & açaí.md", "100% selesai.md"):
        (folder / MODULE / name).write_text(f"# {name}\n", encoding="utf-8")
    author.get(PAGE)
    for url in re.findall(rf'href="(/studio/{KEY}/berkas/{MODULE}/[^"]*)"', author.page):
        author.get(url.replace("&amp;", "&"))


def test_recording_in_git_needs_words(opened, folder):
    opened.post(f"{PAGE}/catat", {"message": " "}, 400)


def test_deleting_nothing_in_particular_deletes_nothing(opened, folder):
    opened.post(f"{PAGE}/hapus", {"path": ""}, 400)
    assert (folder / "course.yml").is_file()


def test_course_folder_with_an_odd_name_works_on_every_page(author, folder, data_dir):
    odd = folder.rename(folder.with_name("Pelatihan Ramah & é"))
    author.get("/studio")
    assert "/studio/Pelatihan%20Ramah%20&amp;%20%C3%A9" in author.page
    base = f"/studio/{odd.name}"
    for tail in ("", f"/berkas/{LESSON}", f"/atur/{LESSON}", "/terhapus"):
        author.get(base + tail)
    assert author.client.get(f"{base}/unduh").data[:2] == b"PK"
    picture = re.search(r'<img[^>]* src="([^"]+)"', author.client.get(f"{base}/berkas/{LESSON}/pratinjau").text)[1]
    assert author.client.get(picture.replace("&amp;", "&")).mimetype == "image/png"
