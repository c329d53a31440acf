"""Course folders in git, with the real program: only the course is recorded, and nothing of the repository runs."""

import os
import shutil
import stat
import subprocess

import pytest

from lms.authoring import git
from lms.authoring.workspace import Workspace
from lms.errors import Conflict
from tests.content.course_files import write_files

WHO = ("Siti Rahma", "siti@contoh.go.id")


def run(root, *words, **more):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Admin", f"GIT_{role}_EMAIL": "a@b.c"}
    done = subprocess.run(["git", *words], cwd=root, env=environment, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def repository(tmp_path):
    """A checkout with two courses, one commit and a file that somebody else has staged."""
    if shutil.which("git") is None:
        pytest.fail(
            "Git is missing, and course history is part of the promise. On Debian: apt-get install -y --no-install-recommends git"
        )
    root = tmp_path / "kursus"
    write_files(root, {"a/course.yml": "judul: A\n", "a/01-x.md": "# X\n", "b/course.yml": "judul: B\n"})
    run(tmp_path, "init", "-q", "-b", "main", str(root))
    run(root, "add", "-A")
    run(root, "commit", "-q", "-m", "awal")
    write_files(root, {"b/02-lain.md": "# Lain\n", "lepas.txt": "x"})
    run(root, "add", "b/02-lain.md")
    return root


def test_state_outside_git_is_none(tmp_path, repository, monkeypatch):
    (tmp_path / "lepas").mkdir()
    assert (git.state(tmp_path / "lepas"), git.commit(tmp_path / "lepas", "x", WHO)) == (None, None)
    write_files(repository, {".gitignore": "data/\n", "data/c/course.yml": "judul: C\n"})
    assert git.state(repository / "data" / "c") is None
    assert git.state(repository / "tidak-ada") is None
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert (git.state(repository / "a"), git.commit(repository / "a", "x", WHO)) == (None, None)


def test_commit_records_the_course_and_nothing_else(repository):
    course = repository / "a"
    assert git.state(course) == git.GitState("main", False, "")
    (course / "01-x.md").unlink()
    write_files(course, {"02-baru é.md": "# Baru\r\n", ":(top)": "aneh", "-x.md": "# strip"})
    assert git.state(course) == git.GitState("main", True, "")
    made = git.commit(course, "# Judul\n\nUraian é", WHO)
    assert made == run(repository, "rev-parse", "HEAD").strip()
    assert run(repository, "show", "--format=%an <%ae>|%cn|%B", "--name-status", "-z", "--no-renames").split("|", 2)[:2] == [
        "Siti Rahma <siti@contoh.go.id>", "Siti Rahma",
    ]  # fmt: skip
    assert run(repository, "show", "--format=%B", "-s").strip() == "# Judul\n\nUraian é"
    changed = set(run(repository, "show", "--format=", "--name-only", "-z").split("\0")) - {""}
    assert changed == {"a/01-x.md", "a/02-baru é.md", "a/:(top)", "a/-x.md"}
    assert run(repository, "status", "--porcelain") == "A  b/02-lain.md\n?? lepas.txt\n"
    assert run(repository, "show", "HEAD:a/02-baru é.md") == "# Baru\n" or b"\r\n" in subprocess.check_output(
        ["git", "show", "HEAD:a/02-baru é.md"], cwd=repository
    )
    assert (git.state(course), git.commit(course, "lagi", WHO)) == (git.GitState("main", False, ""), None)


def test_first_commit_of_an_empty_repository(tmp_path, repository):
    root = tmp_path / "baru"
    write_files(root, {"a/course.yml": "judul: A\n"})
    run(tmp_path, "init", "-q", "-b", "utama", str(root))
    assert git.state(root / "a") == git.GitState("utama", True, "")
    assert git.commit(root / "a", "", ("", "")) == run(root, "rev-parse", "HEAD").strip()
    assert run(root, "log", "--format=%an <%ae>|%s") == "Pelita <pelita@localhost>|Perubahan pelatihan a\n"


def test_names_of_people_cannot_forge_headers(repository):
    write_files(repository, {"a/y.md": "# Y"})
    git.commit(repository / "a", "x", ("Siti <x@y>\nparent 0", "s>\n@x"))
    assert run(repository, "log", "-1", "--format=%an|%ae|%P").split("|")[:2] == ["Siti x@yparent 0", "s@x"]


def test_workspace_leaves_nothing_hidden_to_record(repository):
    workspace = Workspace(repository)
    workspace.delete("a", "01-x.md")
    git.commit(repository / "a", "hapus", WHO)
    assert ".terhapus" not in run(repository, "status", "--porcelain", "--untracked-files=all")


def hostile(repository, marker):
    """Everything that a repository can name to be run, each a program that leaves a mark."""
    script = repository.parent / "program"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> {marker}\ncat 2>/dev/null\nexit 0\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    for name in (
        "pre-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-commit",
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
        "fsmonitor-watchman",
    ):
        shutil.copy(script, repository / ".git" / "hooks" / name)
    other = repository / "kait"
    other.mkdir()
    for name in os.listdir(repository / ".git" / "hooks"):
        shutil.copy(repository / ".git" / "hooks" / name, other / name)
    for name in ("core.fsmonitor", "core.editor", "core.pager", "core.sshCommand", "core.askPass", "core.alternateRefsCommand", "core.gitProxy",
                 "diff.external", "gpg.program", "gpg.ssh.program", "credential.helper", "sequence.editor", "pager.status", "alias.status", "alias.add",
                 "filter.jahat.clean", "filter.jahat.process", "filter.jahat.smudge", "filter.a=b.clean", "merge.x.driver", "diff.x.command", "diff.x.textconv"):  # fmt: skip
        run(repository, "config", name, str(script))
    for name, value in (("core.hooksPath", str(other)), ("commit.gpgSign", "true"), ("gc.auto", "1"), ("filter.jahat.required", "true"),
                        ("status.showUntrackedFiles", "no"), ("core.safecrlf", "true"), ("core.autocrlf", "input"), ("commit.verbose", "true")):  # fmt: skip
        run(repository, "config", name, value)
    (repository / ".git" / "info" / "attributes").write_text("*.md filter=jahat diff=x merge=x\n*.txt filter=a=b\n")


def test_no_hook_filter_or_setting_of_the_repository_runs(repository, tmp_path, monkeypatch):
    marker = tmp_path / "terpanggil"
    hostile(repository, marker)
    write_files(repository, {"a/03-baru.md": "# Baru\r\n", "a/x.txt": "x\n", "a/01-x.md": "# Diubah\n"})
    for name, value in {"GIT_DIR": "/tidak/ada", "GIT_WORK_TREE": "/", "GIT_INDEX_FILE": "/tmp/x", "GIT_EXTERNAL_DIFF": str(tmp_path / "program"),
                        "GIT_SSH_COMMAND": str(tmp_path / "program"), "GIT_CONFIG_PARAMETERS": "'core.fsmonitor=x'", "HOME": str(tmp_path)}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    (tmp_path / ".gitconfig").write_text(f"[core]\n\thooksPath = {repository / 'kait'}\n\tfsmonitor = {tmp_path / 'program'}\n")
    assert git.state(repository / "a") == git.GitState("main", True, "")
    assert git.commit(repository / "a", "aman", WHO)
    assert git.state(repository / "a") == git.GitState("main", False, "")
    assert not marker.exists(), marker.read_text()
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS"):
        monkeypatch.delenv(name)
    assert subprocess.check_output(["git", "-c", "core.fsmonitor=false", "show", "HEAD:a/x.txt"], cwd=repository) == b"x\n"


def test_the_marks_of_the_test_above_do_appear_without_care(repository, tmp_path):
    """The trap works: git as anybody would call it runs the programs."""
    marker = tmp_path / "terpanggil"
    hostile(repository, marker)
    write_files(repository, {"a/03-baru.md": "# Baru\n"})
    subprocess.run(["git", "add", "a"], cwd=repository, capture_output=True, check=False)
    assert "fsmonitor" in marker.read_text() or "program" in marker.read_text()


def test_repository_of_another_user_can_be_recorded(repository):
    if os.geteuid() != 0:
        assert git.state(repository / "a") is not None
        return
    for path in [repository, *repository.rglob("*")]:
        os.chown(path, 12_345, 12_345)
    write_files(repository, {"a/y.md": "# Y"})
    assert git.commit(repository / "a", "x", WHO)


@pytest.mark.parametrize("what", ["merge", "rebase", "lepas", "terkunci", "rusak"])
def test_repository_that_cannot_take_it_is_told_and_left_alone(repository, what):
    course, inside = repository / "a", repository / ".git"
    write_files(course, {"y.md": "# Y"})
    if what == "merge":
        (inside / "MERGE_HEAD").write_text(run(repository, "rev-parse", "HEAD"))
    elif what == "rebase":
        (inside / "rebase-merge").mkdir()
    elif what == "lepas":
        run(repository, "checkout", "-q", "--detach")
    elif what == "terkunci":
        (inside / "index.lock").touch()
    else:
        (inside / "index").write_bytes(b"rusak")
    before = run(repository, "rev-parse", "HEAD")
    with pytest.raises(Conflict, match=r"menerbitkan tetap dapat dilakukan\.$"):
        git.commit(course, "x", WHO)
    assert (run(repository, "rev-parse", "HEAD"), (course / "y.md").read_text()) == (before, "# Y")


def test_git_that_does_not_answer_is_given_up(repository, monkeypatch, tmp_path):
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(slow))
    monkeypatch.setattr(git, "LONGEST", 0.2)
    found = git.state(repository / "a")
    assert (found.branch, found.is_dirty, found.problem[:20]) == ("", False, "Git tidak menjawab, ")
    with pytest.raises(Conflict, match="tidak menjawab"):
        git.commit(repository / "a", "x", WHO)


def test_nested_repository_is_its_own(repository):
    run(repository, "init", "-q", "-b", "dalam", "a")
    assert git.state(repository / "a") == git.GitState("dalam", True, "")
    assert git.commit(repository / "a", "x", WHO) == run(repository / "a", "rev-parse", "HEAD").strip()
