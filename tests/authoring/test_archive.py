"""Course folders as zips, and zips of strangers (R26): refused in a sentence, quickly, with nothing written anywhere."""

import io
import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from lms.authoring import archive, folders
from lms.authoring.workspace import Workspace
from lms.errors import Invalid, NotFound
from tests.authoring import hostile_zips
from tests.content.course_files import write_files

HOSTILE, HONEST = hostile_zips.hostile(), hostile_zips.honest()
FILES = set(hostile_zips.HONEST)


@pytest.fixture
def workspace(tmp_path):
    write_files(tmp_path / "courses" / "zip", {**hostile_zips.HONEST, "02-lama.md": "# Lama\n"})
    (tmp_path / "milik-orang.txt").write_text("utuh")
    return Workspace(tmp_path / "courses")


def everything(workspace):
    """Path -> content of every file beside and in the workspace; what locks leave apart."""
    return {
        path.relative_to(workspace.root.parent).as_posix(): path.read_bytes()
        for path in workspace.root.parent.rglob("*")
        if path.is_file() and path.name not in ("kunci", ".gitignore")
    }


@pytest.mark.parametrize("key", [None, "zip"])
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_zip_is_refused_in_a_sentence_and_writes_nothing(workspace, what, key):
    before = everything(workspace)
    began = time.process_time()
    with pytest.raises(Invalid) as refused:
        archive.unpack(HOSTILE[what], workspace, key)
    assert time.process_time() - began < 10  # far from what unpacking any of them would take
    assert ("Tidak ada yang berubah" in str(refused.value), str(refused.value)[-1]) == (True, ".")
    assert everything(workspace) == before
    assert [path.name for path in (workspace.root / folders.HIDDEN).glob(".unggahan-*")] == []


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_zip_takes_little_memory(workspace, what):
    tracemalloc.start()
    try:
        with pytest.raises(Invalid):
            archive.unpack(HOSTILE[what], workspace, None)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("what", HONEST)
def test_honest_zip_becomes_a_course(tmp_path, what):
    content, key, more = HONEST[what]
    workspace = Workspace(tmp_path / "baru")
    unpacked = archive.unpack(content, workspace, None)
    wanted = {"course.yml", "README.md"} if what == "no code" else FILES | more
    assert (unpacked.key, set(unpacked.files), unpacked.token) == (key, wanted, "")
    written = {path.relative_to(workspace.folder(key)).as_posix() for path in workspace.folder(key).rglob("*") if path.is_file()}
    assert (written, [course.key for course in workspace.courses()]) == (wanted, [key])
    assert not any(path.startswith(".") for path in written)


def test_litter_is_named():
    content, _, _ = HONEST["by macOS and Windows"]
    assert len([name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if archive._is_litter(name)]) == 5


def test_packing_is_stable_and_comes_back_whole(workspace, tmp_path):
    course = workspace.folder("zip")
    write_files(
        course,
        {
            ".git/config": "x",
            ".lms-sisa": "x",
            "_konsep/a.md": "# A",
            "media/foto.png": b"\x89PNG" + bytes(range(256)),
            "01-asas/é.md": "# É\r\n",
        },
    )
    (course / "pintas.md").symlink_to("/etc/passwd")
    packed = archive.pack(course)
    for path in course.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    assert archive.pack(course) == packed
    other = Workspace(tmp_path / "lain")
    archive.unpack(packed, other, None)
    visible = {path: (course / path).read_bytes() for path, _ in folders.files_of(course, with_drafts=True)}
    assert {
        path: (other.folder("zip") / path).read_bytes() for path, _ in folders.files_of(other.folder("zip"), with_drafts=True)
    } == visible
    assert archive.pack(other.folder("zip")) == packed
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert (names == sorted(names), all(name.startswith("zip/") for name in names), "zip/_konsep/a.md" in names) == (
        True,
        True,
        True,
    )


def test_replacing_keeps_the_old_course_and_its_git(workspace):
    course = workspace.folder("zip")
    write_files(course, {".git/HEAD": "ref: refs/heads/main\n", ".gitignore": "*.tmp\n"})
    unpacked = archive.unpack(hostile_zips.course({"03-baru.md": "# Baru"}), workspace, "zip")
    assert (set(unpacked.files), (course / ".git/HEAD").exists(), (course / ".gitignore").exists()) == (
        FILES | {"03-baru.md"},
        True,
        True,
    )
    assert {path for path, _ in folders.files_of(course)} == FILES | {"03-baru.md"}
    (record,) = workspace.removed("zip")
    assert (record.path, record.reason, record.token) == ("", "diganti", unpacked.token)
    assert workspace.restore("zip", unpacked.token) == ""
    assert ({path for path, _ in folders.files_of(course)}, (course / ".git/HEAD").exists()) == (FILES | {"02-lama.md"}, True)


def test_zip_of_another_course_replaces_nothing(workspace):
    other = hostile_zips.course({"course.yml": "kode: lain\njudul: Lain\n"})
    with pytest.raises(Invalid, match="pelatihan lain"):
        archive.unpack(other, workspace, "zip")
    with pytest.raises(NotFound):
        archive.unpack(other, workspace, "tidak-ada")
    with pytest.raises(Invalid, match="sudah ada di studio"):
        archive.unpack(hostile_zips.course(), workspace, None)
    assert archive.unpack(other, workspace, None).key == "lain"


@pytest.mark.parametrize("files", ({"course.yml": "kode: unggah\njudul: A\n"}, {"course.yml": "judul: Baru\n"}))
def test_zip_named_like_an_address_of_the_studio_is_refused(workspace, files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    before = everything(workspace)
    with pytest.raises(Invalid, match="dipakai sebagai alamat di studio"):
        archive.unpack(stream.getvalue(), workspace, None)
    with pytest.raises(Invalid, match="dipakai sebagai alamat di studio"):
        workspace.create_course("Unggah")
    assert everything(workspace) == before


@pytest.mark.parametrize(
    ("then", "today", "restored"),
    (
        ("kode: lama\njudul: A\n", 'kode: "kini"\njudul: B\n', 'kode: "kini"\njudul: A\n'),
        ("judul: A\n", "kode: kini\njudul: B\n", 'kode: "kini"\njudul: A\n'),
        ("kode: lama\njudul: A\n", "judul: B\n", 'kode: "zip"\njudul: A\n'),
        ("judul: A\n", "judul: B\n", "judul: A\n"),
    ),
)
def test_earlier_state_of_a_course_comes_back_under_the_code_of_today(workspace, then, today, restored):
    manifest = workspace.root / "zip" / "course.yml"
    manifest.write_text(today)
    archive.unpack(hostile_zips.course({"course.yml": then}), workspace, "zip", is_own=True)
    assert manifest.read_text() == restored


def test_problems_of_the_course_come_along(tmp_path):
    unpacked = archive.unpack(
        hostile_zips.course({"01-asas/02-rusak.md": "# X\n\n[ke mana](tidak-ada.md)\n"}), Workspace(tmp_path), None
    )
    assert [(problem.file, problem.code) for problem in unpacked.problems] == [("01-asas/02-rusak.md", "K101")]


def test_leftovers_of_killed_uploads_go_after_an_hour(workspace):
    hidden = workspace.root / folders.HIDDEN
    for name, age in ((".unggahan-lama", 7200), (".unggahan-baru", 5)):
        (hidden / name / "isi").mkdir(parents=True)
        os.utime(hidden / name, (time.time() - age,) * 2)
    archive.unpack(hostile_zips.course(), workspace, "zip")
    assert sorted(path.name for path in hidden.glob(".unggahan-*")) == [".unggahan-baru"]


@pytest.mark.long
@pytest.mark.parametrize("work", ["zip", "moves", "unggah"])
def test_kill_in_the_middle_leaves_the_old_course_or_the_new_one(tmp_path, work):
    rounds = "100" if os.environ.get("PELITA_PROVE") == "1" else "10"
    command = [sys.executable, "-m", "tests.authoring.change_until_killed", work, str(tmp_path), rounds, "7"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    turns, killed, in_the_middle = map(int, done.stdout.split())
    assert (turns >= int(rounds), killed, in_the_middle > 0) == (True, turns, True)
