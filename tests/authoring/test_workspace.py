"""Course folders under the studio's hands: nothing outside them, nothing lost, no byte changed that nobody changed."""

import hashlib
import os
import random
import shutil
import threading
import time
from pathlib import Path

import pytest

from lms.authoring import folders
from lms.authoring.workspace import EditConflict, Workspace
from lms.content.check import check_course
from lms.content.parse import load_course
from lms.errors import Busy, Invalid, NotFound
from tests.content.course_files import write_files
from tests.content.polyglots import PDF, picture

ROOT = Path(__file__).parents[2]
COURSE = {
    "course.yml": 'kode: contoh\njudul: "Pelatihan contoh"\n',
    "README.md": "# Contoh\n\nLihat [dua](01-asas/02-dua.md).\n",
    "istilah.md": "# Istilah\n\n*[ASN]: Aparatur Sipil Negara\n",
    "pretest.md": "---\njenis: pretest\n---\n# Tes awal\n\n## Kelompok: Etika (ambil 1 dari bank/etika.md)\n",
    "01-asas/README.md": "# Asas\n\nMulai dari [satu](01-satu.md).\n",
    "01-asas/01-satu.md": "# Satu\n\n![Loket](media/loket.png) dan [dua](02-dua.md#bagian), [tiga](../02-standar/01-tiga.md).\n\n```\n[kode](02-dua.md)\n```\n",
    "01-asas/02-dua.md": "# Dua\n\n## Bagian\n\n[Modul](../02-standar/) dan [satu](./01-satu.md \"Satu\") dan [surat](<../berkas/surat tugas.pdf>).\n",
    "01-asas/media/loket.png": picture("PNG"),
    "02-standar/01-tiga.md": "---\nprasyarat: [asas/satu]\n---\n# Tiga\n\n### Soal: Berapa? {#berapa}\n\n- [x] [Satu](../01-asas/01-satu.md)\n- [ ] Dua\n\n> **Pembahasan:** ya.\n",
    "02-standar/02-kuis.md": "---\njenis: kuis\n---\n# Kuis\n\n## Soal 1: Apa? {#apa}\n\n- [x] A\n- [ ] B\n\n> **Pembahasan:** ya.\n",
    "posttest.md": "---\njenis: posttest\n---\n# Tes akhir\n\n## Kelompok: Etika (ambil 1 dari bank/etika.md)\n",
    "bank/etika.md": "## Soal 1: Apa itu gratifikasi? {#b-satu}\n\n- [x] Pemberian\n- [ ] Gaji\n\n> **Pembahasan:** ya.\n",
    "berkas/surat tugas.pdf": PDF,
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    write_files(tmp_path / "courses" / "contoh", COURSE)
    return Workspace(tmp_path / "courses")


def keys(workspace, key="contoh"):
    return [node.key for node in load_course(workspace.folder(key)).course.files]


def links_lead_somewhere(workspace, key="contoh"):
    codes = {problem.code for problem in check_course(load_course(workspace.folder(key)))}
    return not codes & {"K100", "K101", "K052", "K111", "K112", "K119"}


def names(workspace, folder):
    return sorted(path.name for path in (workspace.folder("contoh") / folder).iterdir())


def outside(workspace):
    """Everything beside the workspace, which no refused request may change."""
    return sorted(path.as_posix() for path in workspace.root.parent.rglob("*") if workspace.root not in path.parents)


# -- what is there


def test_courses_are_folders_with_a_manifest_by_title(workspace):
    write_files(workspace.root / "Lain Lagi", {"course.yml": "judul: A\n", "01-x.md": "# X\n"})
    write_files(workspace.root, {".git/course.yml": "judul: X", "_draf/course.yml": "judul: X", "kosong/README.md": "# X"})
    (workspace.root / "pintas").symlink_to(workspace.root / "contoh")
    assert [(course.key, course.code, course.title) for course in workspace.courses()] == [
        ("Lain Lagi", "lain-lagi", "A"),
        ("contoh", "contoh", "Pelatihan contoh"),
    ]
    newest = max(path.stat().st_mtime for path in workspace.folder("contoh").rglob("*") if path.is_file())
    assert workspace.courses()[1].changed_at.timestamp() == pytest.approx(newest, abs=1e-3)
    assert Workspace(workspace.root / "tidak-ada").courses() == []


def test_tree_shows_modules_in_order_then_everything_else_once(workspace):
    write_files(workspace.folder("contoh"), {
        "rusak.md": b"\xff\xfe\x00", "03-kosong/README.md": "# Kosong\n", "data/ikm.csv": "a;b\n", "catatan.xyz": b"\0", "LICENSE.md": "MIT",
        ".git/config": "x", "_draf.md": "# X", "_konsep/a.md": "# X", "media/sambutan.mp4": b"x",
    })  # fmt: skip
    tree = workspace.tree("contoh")
    assert (tree.title, [(group.folder, group.title, group.is_module) for group in tree.groups]) == ("Pelatihan contoh", [
        ("", "Pembuka", False), ("01-asas", "Asas", True), ("02-standar", "Standar", True), ("03-kosong", "Kosong", True),
        ("", "Penutup", False), ("", "Keterangan pelatihan", False), ("bank", "Bank soal", False), ("media", "Gambar dan video", False),
        ("berkas", "Lampiran", False), ("data", "Data", False), ("", "Berkas lain", False),
    ])  # fmt: skip
    shown = {entry.path: (str(entry.kind), entry.title, entry.item_key, entry.is_text) for entry in tree.entries()}
    assert len(shown) == len(tree.entries())
    assert shown["01-asas/02-dua.md"] == ("lesson", "Dua", "asas/dua", True)
    assert shown["02-standar/02-kuis.md"] == ("quiz", "Kuis", "standar/kuis", True)
    assert [shown[path][0] for path in ("course.yml", "README.md", "istilah.md", "bank/etika.md", "catatan.xyz", "LICENSE.md")] == [
        "manifest", "readme", "glossary", "bank", "file", "file",
    ]  # fmt: skip
    assert (shown["01-asas/media/loket.png"][0], shown["catatan.xyz"][3], "rusak.md" in shown) == ("media", False, True)
    assert not {path for path in shown if path.startswith((".", "_"))}
    assert [entry.path for entry in tree.groups[1].entries] == [
        "01-asas/README.md", "01-asas/01-satu.md", "01-asas/02-dua.md", "01-asas/media/loket.png",
    ]  # fmt: skip


# -- names


BAD = [
    "",
    ".",
    "..",
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "a\\b",
    "C:x",
    ".git/config",
    "_x/a.md",
    "a\nb",
    "a\0b",
    "x" * 300,
    "01-asas/..",
    "pintas/a.md",
    "pintas.md",
]


@pytest.mark.parametrize("path", BAD)
def test_path_that_leaves_the_course_or_hides_is_not_found(workspace, path):
    course, before = workspace.folder("contoh"), outside(workspace)
    (course / "pintas").symlink_to("/tmp")
    (course / "pintas.md").symlink_to("/etc/passwd")
    version = workspace.read("contoh", "README.md").version
    for act in (
        lambda: workspace.read("contoh", path),
        lambda: workspace.save("contoh", path, "x", version=version),
        lambda: workspace.save("contoh", path, "x", version=""),
        lambda: workspace.delete("contoh", path or ".."),
        lambda: workspace.rename("contoh", path, "X"),
        lambda: workspace.move("contoh", path, folder="01-asas", before=None),
        lambda: workspace.move("contoh", "berkas/surat tugas.pdf", folder=path or "..", before=None),
        lambda: workspace.upload("contoh", path or "..", "a.pdf", PDF),
        lambda: workspace.create("contoh", "lesson", "X", path or ".."),
    ):
        with pytest.raises(NotFound):
            act()
    assert (outside(workspace), load_course(course).course.known_paths) == (before, frozenset(COURSE))


@pytest.mark.parametrize("key", ["", "..", ".terhapus", ".git", "a/b", "tidak-ada", "_x", "contoh/..", "pintas", "a\0b"])
def test_key_that_is_no_course_is_not_found(workspace, key):
    (workspace.root / "pintas").symlink_to(workspace.root / "contoh")
    for act in (
        workspace.folder,
        workspace.tree,
        lambda name: workspace.read(name, "README.md"),
        lambda name: workspace.restore(name, "x"),
    ):
        with pytest.raises(NotFound):
            act(key)


# -- texts


@pytest.mark.parametrize(
    "content",
    [
        b"", b"satu", b"satu\n", b"satu\r\ndua\r\n", b"\xef\xbb\xbfsatu\r\ndua", "satu\r\ndua\r\n".encode("utf-16"), "satu\ndua".encode("utf-16-be"),
        b"satu\rdua\r\ntiga\nempat", b"kutip \x93begini\x94 \x81 dan \xe9\r\n", b"\xef\xbb\xbf\n\n", b"a\0b\n", "a\u2028b\x0cc\x85d\n".encode(), b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_unchanged_text_changes_no_byte(workspace, content):
    path = workspace.folder("contoh") / "istilah.md"
    path.write_bytes(content)
    os.utime(path, (1000, 1000))
    file = workspace.read("contoh", "istilah.md")
    for text in (file.text, file.text.replace("\n", "\r\n")):  # a browser sends CRLF
        assert workspace.save("contoh", "istilah.md", text, version=file.version) == file
    assert (path.read_bytes(), path.stat().st_mtime, "\r" in file.text) == (content, 1000, False)


@pytest.mark.parametrize(
    ("content", "change", "made"),
    [
        (b"\xef\xbb\xbfsatu\r\ndua\r\n", ("dua", "2"), b"\xef\xbb\xbfsatu\r\n2\r\n"),
        ("satu\r\ndua\r\n".encode("utf-16"), ("dua", "dua\ntiga"), "satu\r\ndua\r\ntiga\r\n".encode("utf-16")),
        (b"satu\ndua\r\ntiga\r\nempat\n", ("tiga", "3\n3b"), b"satu\ndua\r\n3\r\n3b\r\nempat\n"),
        (b"\x93satu\x94\r\n", ("satu", "s\u2013tu"), "“s–tu”\r\n".encode()),
        (b"\x93satu\x94\r\n\xe9", ("satu", "\u2192"), "\u201c\u2192\u201d\r\n".encode() + b"\xe9"),
        (b"satu\n", ("satu\n", ""), b""),
        (b"satu\ndua", ("satu\n", ""), b"dua"),
        (b"a\rb\n\nc\n", ("b", ""), b"a\n\n\nc\n"),
    ],
)
def test_change_touches_only_its_lines(workspace, content, change, made):
    path = workspace.folder("contoh") / "istilah.md"
    path.write_bytes(content)
    path.chmod(0o640)
    file = workspace.read("contoh", "istilah.md")
    saved = workspace.save("contoh", "istilah.md", file.text.replace(*change), version=file.version)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (made, 0o640)
    assert (saved.text, saved.version) == (file.text.replace(*change), hashlib.sha256(made).hexdigest())


def test_saving_over_a_newer_version_gives_it_back_and_writes_nothing(workspace):
    file = workspace.read("contoh", "README.md")
    mine = workspace.save("contoh", "README.md", "# Satu\n", version=file.version)
    with pytest.raises(EditConflict) as refused:
        workspace.save("contoh", "README.md", "# Dua\n", version=file.version)
    assert (refused.value.current, workspace.read("contoh", "README.md")) == (mine, mine)


def test_new_text_file_is_made_only_where_nothing_is(workspace):
    made = workspace.save("contoh", "01-asas/ejaan.txt", "satu\n", version="")
    assert workspace.read("contoh", "01-asas/ejaan.txt") == made
    with pytest.raises(EditConflict):
        workspace.save("contoh", "01-asas/ejaan.txt", "dua\n", version="")
    for path in ("01-asas/skrip.html", "tidak/ada.md"):
        with pytest.raises(Invalid):
            workspace.save("contoh", path, "x", version="")


def test_limits_are_told(workspace, monkeypatch):
    file = workspace.read("contoh", "README.md")
    with pytest.raises(Invalid, match="200 kB"):
        workspace.save("contoh", "README.md", "x" * 200_001, version=file.version)
    with pytest.raises(Invalid, match="bukan teks"):
        workspace.read("contoh", "berkas/surat tugas.pdf")
    monkeypatch.setattr("lms.authoring.workspace.MOST_FILES", len(COURSE))
    with pytest.raises(Invalid, match="lebih dari 13 berkas"):
        workspace.upload("contoh", "berkas", "baru.pdf", PDF)
    with pytest.raises(Invalid, match="berkas"):
        workspace.create("contoh", "lesson", "Baru", "01-asas")
    assert len(list(folders.files_of(workspace.folder("contoh")))) == len(COURSE)


def test_full_disk_leaves_the_old_text(workspace, monkeypatch):
    file = workspace.read("contoh", "README.md")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        workspace.save("contoh", "README.md", "baru", version=file.version)
    monkeypatch.undo()
    assert workspace.read("contoh", "README.md") == file
    assert names(workspace, "") == [
        "01-asas",
        "02-standar",
        "README.md",
        "bank",
        "berkas",
        "course.yml",
        "istilah.md",
        "posttest.md",
        "pretest.md",
    ]


def test_drafts_of_killed_writers_go_after_an_hour(workspace):
    course = workspace.folder("contoh")
    for name, age in ((".lms-lama", 7200), (".lms-baru", 5)):
        (course / name).write_text("x")
        os.utime(course / name, (time.time() - age,) * 2)
    workspace.save("contoh", "README.md", "# Baru\n", version=workspace.read("contoh", "README.md").version)
    assert [name for name in names(workspace, "") if name.startswith(".")] == [".lms-baru"]


# -- new things


def test_new_course_and_all_kinds_check_clean_with_ids(workspace):
    key = workspace.create_course('Pelayanan: "Prima" C:\\x')
    assert key == "pelayanan-prima-c-x"
    made = [workspace.create(key, "module", "Standar #2")]
    made += [workspace.create(key, kind, "Sama", "02-standar-2") for kind in ("lesson", "quiz", "assignment", "survey")]
    made += [workspace.create(key, "bank", "Etika"), workspace.create(key, "lesson", "Penutup")]
    assert made == [
        "02-standar-2/README.md", "02-standar-2/02-sama.md", "02-standar-2/03-sama-2.md", "02-standar-2/04-sama-3.md", "02-standar-2/05-sama-4.md",
        "bank/etika.md", "03-penutup.md",
    ]  # fmt: skip
    loaded = load_course(workspace.folder(key))
    assert check_course(loaded) == []
    assert all(question.id for node in loaded.course.all_files() for question in node.questions())
    with pytest.raises(Invalid, match="sudah ada"):
        workspace.create_course("Pelayanan: Prima C:/x")


def test_creating_touches_no_other_file(workspace):
    write_files(workspace.folder("contoh"), {"01-asas/03-tanpa-id.md": "# X\n\n### Soal: Apa?\n\n- [x] A\n- [ ] B\n"})
    before = {path: (workspace.folder("contoh") / path).read_bytes() for path, _ in folders.files_of(workspace.folder("contoh"))}
    path = workspace.create("contoh", "quiz", "Kuis", "01-asas")
    after = {path: (workspace.folder("contoh") / path).read_bytes() for path, _ in folders.files_of(workspace.folder("contoh"))}
    after.pop(path)
    assert after == before


@pytest.mark.parametrize(
    ("kind", "title", "folder"),
    [("lesson", " ", "01-asas"), ("lesson", "!!!", "01-asas"), ("lesson", "x" * 300, "01-asas"), ("course", "X", ""), ("foo", "X", ""), ("lesson", "X", "bank"), ("quiz", "X", "media"), ("quiz", "X", "tidak-ada")],
)  # fmt: skip
def test_creating_refuses_in_a_sentence(workspace, kind, title, folder):
    with pytest.raises(Invalid, match=r"\.$"):
        workspace.create("contoh", kind, title, folder)


def test_upload_is_cleaned_and_replaces_what_can_come_back(workspace):
    first, second = picture("PNG"), picture("PNG", (10, 10))
    assert workspace.upload("contoh", "media", "Foto Loket.PNG", first) == "media/foto-loket.png"
    kept = (workspace.folder("contoh") / "media/foto-loket.png").read_bytes()
    assert workspace.upload("contoh", "media", "foto-loket.png", first) == "media/foto-loket.png"
    assert workspace.removed("contoh") == []
    workspace.upload("contoh", "media", "foto-loket.png", second)
    (record,) = workspace.removed("contoh")
    assert (record.path, record.reason) == ("media/foto-loket.png", "diganti")
    assert workspace.restore("contoh", record.token) == "media/foto-loket.png"
    assert (workspace.folder("contoh") / "media/foto-loket.png").read_bytes() == kept
    assert [each.path for each in workspace.removed("contoh")] == ["media/foto-loket.png"], "the second picture, in its turn"
    with pytest.raises(Invalid, match="halaman web"):
        workspace.upload("contoh", "media", "a.png", b"<html>")


# -- moves


def test_reordering_renames_as_little_as_possible_and_links_follow(workspace):
    before = keys(workspace)
    assert workspace.move("contoh", "01-asas/02-dua.md", folder="01-asas", before="01-satu.md") == "01-asas/02-dua.md"
    assert names(workspace, "01-asas") == ["02-dua.md", "03-satu.md", "README.md", "media"]
    assert keys(workspace) == [before[0], "asas/dua", "asas/satu", *before[3:]]
    assert links_lead_somewhere(workspace)
    text = (workspace.folder("contoh") / "01-asas/02-dua.md").read_text()
    assert '[satu](03-satu.md "Satu")' in text
    assert "[kode](02-dua.md)" in (workspace.folder("contoh") / "01-asas/03-satu.md").read_text()
    assert "(../01-asas/03-satu.md)" in (workspace.folder("contoh") / "02-standar/01-tiga.md").read_text()


def test_moving_to_another_module_keeps_the_key_and_mends_both_sides(workspace):
    before = set(keys(workspace))
    assert workspace.move("contoh", "01-asas/01-satu.md", folder="02-standar", before="01-tiga.md") == "02-standar/01-satu.md"
    assert names(workspace, "02-standar") == ["01-satu.md", "02-tiga.md", "03-kuis.md"]
    assert (set(keys(workspace)), links_lead_somewhere(workspace)) == (before, True)
    assert (workspace.folder("contoh") / "02-standar/01-satu.md").read_text() == (
        '---\nid: "asas/satu"\n---\n\n# Satu\n\n![Loket](../01-asas/media/loket.png) dan [dua](../01-asas/02-dua.md#bagian), [tiga](02-tiga.md).\n\n'
        "```\n[kode](02-dua.md)\n```\n"
    )
    assert "prasyarat: [asas/satu]" in (workspace.folder("contoh") / "02-standar/02-tiga.md").read_text()
    workspace.move("contoh", "02-standar/03-kuis.md", folder="01-asas", before=None)
    text = (workspace.folder("contoh") / "01-asas/03-kuis.md").read_text()
    assert (text.startswith('---\nid: "standar/kuis"\njenis: kuis\n---\n'), "{#apa}" in text, set(keys(workspace))) == (
        True,
        True,
        before,
    )


def test_moving_a_module_moves_all_in_it(workspace):
    assert workspace.move("contoh", "01-asas", folder="", before=None) == "03-asas"
    assert keys(workspace) == ["pretest", "standar/tiga", "standar/kuis", "asas/satu", "asas/dua", "posttest"]
    assert links_lead_somewhere(workspace)
    assert "(03-asas/02-dua.md)" in (workspace.folder("contoh") / "README.md").read_text()


def test_moving_any_other_file_mends_its_links(workspace):
    assert (
        workspace.move("contoh", "berkas/surat tugas.pdf", folder="01-asas/media", before=None) == "01-asas/media/surat tugas.pdf"
    )
    assert "(<media/surat tugas.pdf>)" in (workspace.folder("contoh") / "01-asas/02-dua.md").read_text()
    assert links_lead_somewhere(workspace)
    assert workspace.rename("contoh", "01-asas/media/loket.png", "Loket Baru") == "01-asas/media/loket-baru.png"
    assert links_lead_somewhere(workspace)
    (workspace.folder("contoh") / "bank/soal").mkdir()
    assert workspace.move("contoh", "bank/etika.md", folder="bank/soal", before=None) == "bank/soal/etika.md"
    assert "bank/soal/etika.md" in (workspace.folder("contoh") / "pretest.md").read_text()


@pytest.mark.parametrize(
    "order",
    [
        "urutan: [pretest.md, '01-asas/01-satu.md', \"01-asas/02-dua.md\", 02-standar, posttest.md]\n",
        "urutan:\n  - pretest.md\n  - 01-asas/01-satu.md\n  - 01-asas/02-dua.md # dua\n  - 02-standar\n  - posttest.md\n",
    ],
)
def test_listed_order_is_edited_instead_of_numbers(workspace, order):
    (workspace.folder("contoh") / "course.yml").write_text(COURSE["course.yml"] + order)
    assert workspace.move("contoh", "01-asas/02-dua.md", folder="01-asas", before="01-satu.md") == "01-asas/02-dua.md"
    assert keys(workspace)[1:3] == ["asas/dua", "asas/satu"]
    assert names(workspace, "01-asas") == ["01-satu.md", "02-dua.md", "README.md", "media"]
    assert workspace.move("contoh", "02-standar", folder="", before="01-asas") == "02-standar"
    assert keys(workspace)[1:5] == ["standar/tiga", "standar/kuis", "asas/dua", "asas/satu"]
    assert workspace.move("contoh", "02-standar/02-kuis.md", folder="02-standar", before="01-tiga.md") == "02-standar/02-kuis.md"
    assert keys(workspace)[1:3] == ["standar/kuis", "standar/tiga"]
    moved = workspace.move("contoh", "01-asas/01-satu.md", folder="02-standar", before=None)
    assert (keys(workspace)[1:5], moved.startswith("02-standar/")) == (
        ["standar/kuis", "standar/tiga", "asas/satu", "asas/dua"],
        True,
    )
    assert links_lead_somewhere(workspace)


def test_two_files_of_one_name_do_not_collide(workspace):
    write_files(workspace.folder("contoh"), {"02-standar/01-satu.md": "---\nid: lain\n---\n# Lain\n"})
    before = set(keys(workspace))
    moved = workspace.move("contoh", "01-asas/01-satu.md", folder="02-standar", before="01-satu.md")
    assert (set(keys(workspace)), (workspace.folder("contoh") / moved).read_text().count("# Satu")) == (before, 1)


@pytest.mark.parametrize("order", ["", "urutan: [{}]\n", "urutan:\n  - {}\n"], ids=["numbers", "list", "lines"])
def test_random_moves_stand_where_asked_and_lose_no_key_link_or_id(tmp_path, order):
    workspace, dice = Workspace(tmp_path), random.Random(order)
    shutil.copytree(ROOT / "courses/pelayanan-publik-ramah", tmp_path / "contoh")
    files = [node.file for node in load_course(tmp_path / "contoh").course.files]
    with (tmp_path / "contoh/course.yml").open("a") as manifest:
        manifest.write(order.format((", " if "[" in order else "\n  - ").join(files)))

    def facts():
        loaded = load_course(tmp_path / "contoh")
        ids = sorted(question.id for node in loaded.course.all_files() for question in node.questions())
        return sorted(node.key for node in loaded.course.files), ids, [problem.code for problem in check_course(loaded)]

    def pages():
        modules = [group for group in workspace.tree("contoh").groups if group.is_module]
        return {group.folder: [entry.path for entry in group.entries if entry.item_key] for group in modules}

    before = facts()
    for _ in range(8):
        found = pages()
        folder = dice.choice(["", *found])
        path = dice.choice(list(found) if not folder else [page for inside in found.values() for page in inside])
        rest = [each for each in (found[folder] if folder else found) if each != path]
        beside = dice.choice([*rest, None])
        made = workspace.move("contoh", path, folder=folder, before=beside)
        now = pages()
        order_now = list(now) if not folder else next(inside for inside in now.values() if made in inside)
        assert order_now.index(made) == (rest.index(beside) if beside else len(rest))
        assert facts() == before


@pytest.mark.parametrize(
    ("path", "folder", "before", "kind"),
    [
        ("01-asas", "02-standar", None, Invalid), ("01-asas/01-satu.md", "bank", None, Invalid), ("pretest.md", "", "posttest.md", Invalid),
        ("berkas", "berkas", None, Invalid),
        ("01-asas/01-satu.md", "tidak-ada", None, NotFound), ("01-asas/01-satu.md", "01-asas", "99-x.md", NotFound), ("tidak.md", "", None, NotFound),
    ],
)  # fmt: skip
def test_move_to_an_impossible_place_changes_nothing(workspace, path, folder, before, kind):
    state = {name: (workspace.folder("contoh") / name).read_bytes() for name in COURSE}
    with pytest.raises(kind, match=r"\.$"):
        workspace.move("contoh", path, folder=folder, before=before)
    assert {name: (workspace.folder("contoh") / name).read_bytes() for name in COURSE} == state


def test_renumbered_files_keep_their_bytes(workspace):
    content = b"\xef\xbb\xbf---\r\njudul: Empat\r\n---\r\n\r\n# Empat  \r\nTab\there \x93cp1252\x94\r"
    write_files(workspace.folder("contoh"), {"01-asas/04-empat.md": content})
    workspace.move("contoh", "01-asas/04-empat.md", folder="01-asas", before="01-satu.md")
    moved = next(path for path in (workspace.folder("contoh") / "01-asas").glob("*-empat.md"))
    assert moved.read_bytes() == content


def test_order_written_beyond_our_reading_stays(workspace):
    order = 'urutan:\n  - "01-asas/01-sa\\x74u.md"\n  - >-\n    01-asas/02-dua.md\n'
    (workspace.folder("contoh") / "course.yml").write_text(COURSE["course.yml"] + order)
    workspace.move("contoh", "02-standar/01-tiga.md", folder="01-asas", before="01-satu.md")
    assert (workspace.folder("contoh") / "course.yml").read_text() == COURSE["course.yml"] + order


# -- titles


def test_rename_changes_the_title_and_not_the_address(workspace):
    course = workspace.folder("contoh")
    assert workspace.rename("contoh", "01-asas/01-satu.md", ' Satu: "baru"\n') == "01-asas/01-satu.md"
    assert (course / "01-asas/01-satu.md").read_text().startswith('# Satu: "baru"\n')
    workspace.rename("contoh", "02-standar/02-kuis.md", "Kuis baru")
    assert (course / "02-standar/02-kuis.md").read_text().startswith("---\njenis: kuis\n---\n# Kuis baru\n")
    workspace.rename("contoh", "02-standar", 'Standar: \\ "x"')
    workspace.rename("contoh", "01-asas", "Asas baru")
    workspace.rename("contoh", "course.yml", "Pelatihan # dua")
    (course / "01-asas/03-tanpa.md").write_text(
        "---\njudul: >-\n  Lama sekali\n  dan panjang\nwajib: ya\n---\nIsi tanpa judul.\n"
    )
    workspace.rename("contoh", "01-asas/03-tanpa.md", "Ada")
    assert (course / "01-asas/03-tanpa.md").read_text() == '---\njudul: "Ada"\nwajib: ya\n---\nIsi tanpa judul.\n'
    (course / "01-asas/04-kosong.md").write_text("Isi saja.\n")
    workspace.rename("contoh", "01-asas/04-kosong.md", "Judul")
    tree = workspace.tree("contoh")
    assert (tree.title, [group.title for group in tree.groups if group.is_module]) == (
        "Pelatihan # dua",
        ["Asas baru", 'Standar: \\ "x"'],
    )
    assert [entry.title for entry in tree.groups[1].entries if entry.item_key] == ['Satu: "baru"', "Dua", "Ada", "Judul"]
    assert keys(workspace)[:5] == ["pretest", "asas/satu", "asas/dua", "asas/tanpa", "asas/kosong"]


def test_bytes_of_an_old_windows_editor_stay_where_nobody_wrote(workspace):
    path = workspace.folder("contoh") / "01-asas/01-satu.md"
    path.write_bytes(b"# Satu \x93x\x94\r\n\r\n\xe9\r\n")
    workspace.rename("contoh", "01-asas/01-satu.md", "Dua → é")
    assert path.read_bytes() == "# Dua → é\r\n\r\n".encode() + b"\xe9\r\n"
    path.write_bytes(b"\x93x\x94\r\n")
    workspace.rename("contoh", "01-asas/01-satu.md", "Satu")
    assert path.read_bytes() == b'---\r\njudul: "Satu"\r\n---\r\n\r\n\x93x\x94\r\n'


def test_front_matter_of_hugo_takes_an_id_in_its_own_form(workspace):
    path = workspace.folder("contoh") / "01-asas/03-hugo.md"
    path.write_text('+++\ntitle = "Hugo: satu"\n+++\n\nIsi.\n')
    before = set(keys(workspace))
    moved = workspace.folder("contoh") / workspace.move("contoh", "01-asas/03-hugo.md", folder="02-standar", before=None)
    assert (moved.read_text(), set(keys(workspace))) == ('+++\nid = "asas/hugo"\ntitle = "Hugo: satu"\n+++\n\nIsi.\n', before)
    workspace.rename("contoh", "02-standar/03-hugo.md", "Baru")
    assert moved.read_text().splitlines()[2] == 'title = "Baru"'


# -- deleted and back


def test_deleted_things_come_back_where_they_belong(workspace):
    course = workspace.folder("contoh")
    page = workspace.delete("contoh", "01-asas/01-satu.md")
    module = workspace.delete("contoh", "02-standar")
    assert keys(workspace) == ["pretest", "asas/dua", "posttest"]
    assert [(each.path, each.reason, each.token) for each in workspace.removed("contoh")] == [
        ("02-standar", "dihapus", module), ("01-asas/01-satu.md", "dihapus", page),
    ]  # fmt: skip
    (course / "01-asas").rename(course / "07-asas")
    write_files(course, {"07-asas/01-satu.md": "# Pengganti\n"})
    assert (workspace.restore("contoh", page), workspace.restore("contoh", module)) == ("07-asas/01-satu.md", "02-standar")
    assert (course / "07-asas/01-satu.md").read_text() == COURSE["01-asas/01-satu.md"]
    (left,) = workspace.removed("contoh")
    assert (left.path, left.reason) == ("07-asas/01-satu.md", "diganti")
    with pytest.raises(NotFound):
        workspace.restore("contoh", page)
    with pytest.raises(Invalid, match=r"course\.yml"):
        workspace.delete("contoh", "course.yml")


def test_restoring_below_a_file_is_refused(workspace):
    token = workspace.delete("contoh", "berkas/surat tugas.pdf")
    course = workspace.folder("contoh")
    (course / "berkas").rmdir()
    (course / "berkas").write_text("x")
    with pytest.raises(Invalid, match="bukan folder"):
        workspace.restore("contoh", token)
    (course / "berkas").unlink()
    assert workspace.restore("contoh", token) == "berkas/surat tugas.pdf"


def test_whole_course_can_go_and_come_back(workspace):
    token = workspace.delete("contoh", "")
    assert (workspace.courses(), (workspace.root / "contoh").exists()) == ([], False)
    assert [each.token for each in workspace.removed("contoh")] == [token]
    assert workspace.restore("contoh", token) == ""
    assert {path for path, _ in folders.files_of(workspace.folder("contoh"))} == set(COURSE)


def test_hidden_folder_is_ignored_by_git(workspace):
    workspace.delete("contoh", "README.md")
    assert (workspace.root / ".terhapus/.gitignore").read_text() == "*\n"


# -- one at a time


def test_second_writer_waits_then_is_told(workspace, monkeypatch):
    monkeypatch.setattr(folders, "WAIT", 0.1)
    with (
        workspace.lock("contoh"),
        pytest.raises(Busy, match="sedang diubah orang lain"),
        folders.locked(workspace.root, "contoh", wait=0.05),
    ):
        pass
    assert workspace.create("contoh", "lesson", "Sesudah", "01-asas") == "01-asas/03-sesudah.md"


@pytest.mark.parametrize("has_locks", [True, False])
def test_many_savers_lose_nothing(workspace, monkeypatch, caplog, has_locks):
    if not has_locks:
        monkeypatch.setattr(folders, "fcntl", None)
        folders._say_once.cache_clear()
    (workspace.folder("contoh") / "istilah.md").write_text("")

    def add(number):
        for _ in range(200):
            file = workspace.read("contoh", "istilah.md")
            try:
                workspace.save("contoh", "istilah.md", f"{file.text}{number}\n", version=file.version)
                return
            except EditConflict:
                continue

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(int, workspace.read("contoh", "istilah.md").text.split())) == list(range(12))
    assert caplog.text.count("no file locks") == (not has_locks)


def test_change_that_the_disk_refuses_waits_and_reading_goes_on(workspace, monkeypatch, caplog):
    real = os.rename

    def refuse(old, new):
        if os.fspath(new).endswith("02-x.md"):
            raise OSError(13, "Permission denied")
        real(old, new)

    with monkeypatch.context() as patch:
        patch.setattr("os.rename", refuse)
        with pytest.raises(OSError, match="Permission"), workspace.lock("contoh"):
            folders.change(workspace.root, "contoh", [("contoh/README.md", "contoh/02-x.md")])
        assert (workspace.tree("contoh").title, "not finished" in caplog.text) == ("Pelatihan contoh", True)
    assert "02-x.md" in names(workspace, "")


def test_change_that_was_begun_is_finished_by_whoever_looks_next(workspace, monkeypatch):
    """The circle a -> b -> a needs a name aside; the process dies after each of its steps in turn."""
    course = workspace.folder("contoh")
    for deaths in range(1, 12):
        shutil.rmtree(course)
        write_files(course, {"course.yml": "judul: X\n", "a.md": "a", "b.md": "b", "c.md": "c"})
        left = deaths

        def mortal(path, *more, real=os.rename):
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
            return real(path, *more)

        with monkeypatch.context() as patch:
            patch.setattr("os.rename", mortal)
            patch.setattr("os.replace", lambda *words: mortal(*words))
            try:
                with workspace.lock("contoh"):
                    folders.change(
                        workspace.root,
                        "contoh",
                        [("contoh/a.md", "contoh/b.md"), ("contoh/b.md", "contoh/a.md"), ("contoh/c.md", "contoh/d/c.md")],
                        {"contoh/d/c.md": b"C"},
                    )
            except KeyboardInterrupt:
                pass
        assert len(workspace.courses()) == 1
        state = {path: (course / path).read_text() for path, _ in folders.files_of(course)}
        old = {"course.yml": "judul: X\n", "a.md": "a", "b.md": "b", "c.md": "c"}
        assert state in (old, {"course.yml": "judul: X\n", "a.md": "b", "b.md": "a", "d/c.md": "C"}), deaths
        assert folders.unfinished(workspace.root) == []
