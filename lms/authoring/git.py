"""History of a course folder in git, where the folder of courses is a git checkout. The repository may be anybody's: none of its
hooks, filters, helpers or settings runs a program here, and only the course's own folder is recorded."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lms.errors import Conflict

LONGEST = 20.0
"""Seconds for one call."""
_SAFE = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.editor": "true",
    "core.pager": "cat",
    "core.safecrlf": "false",
    "core.sshCommand": "false",
    "commit.gpgSign": "false",
    "gpg.program": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "diff.ignoreSubmodules": "all",
    "submodule.recurse": "false",
    "rerere.enabled": "false",
    "safe.directory": "*",
}
"""What could run a program is off; that the folder belongs to another user of the system then does no harm."""
_KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
_FIXED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
"""All that git sees of the environment."""
_UNDER_WAY = {
    "MERGE_HEAD": "penggabungan (merge)",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "BISECT_LOG": "bisect",
}


@dataclass(frozen=True, slots=True)
class GitState:
    """`branch` is "" for a detached head. `problem` is "" or the sentence that says why nothing can be recorded now."""

    branch: str
    is_dirty: bool
    problem: str


def state(folder: Path) -> GitState | None:
    """How the folder stands in git; None outside a work tree, where it is ignored, or where git is not installed."""
    try:
        return _state(folder)
    except Conflict as problem:
        return GitState("", False, str(problem))


def _state(folder: Path) -> GitState | None:
    if not any((place / ".git").exists() for place in (folder, *folder.resolve().parents)):
        return None
    run = _runner(folder)
    if run is None:
        return None
    top, _, inside = _text(run("rev-parse", "--show-toplevel", "--absolute-git-dir")).partition("\n")
    if not top or not folder.resolve().is_relative_to(Path(top).resolve()) or run("check-ignore", "-q", ".").returncode == 0:
        return None
    changed = run("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--ignore-submodules=all", "--", ".")
    lines = _text(changed).split("\0")
    branch = next((line.removeprefix("# branch.head ") for line in lines if line.startswith("# branch.head ")), "(detached)")
    branch = branch.replace("(detached)", "")
    under_way = next((name for mark, name in _UNDER_WAY.items() if (Path(inside) / mark).exists()), "")
    problem = ""
    if changed.returncode:
        problem = "Git tidak dapat membaca folder ini. Minta pengelola memeriksanya; menerbitkan tetap dapat dilakukan."
    elif under_way:
        problem = f"Di git sedang ada {under_way} yang belum selesai, jadi perubahan belum dicatat. Minta pengelola menyelesaikannya; menerbitkan tetap dapat dilakukan."
    elif not branch:
        problem = "Git sedang tidak berada di sebuah cabang (detached HEAD), jadi perubahan belum dicatat. Minta pengelola memilih cabang; menerbitkan tetap dapat dilakukan."
    return GitState(branch, any(line and not line.startswith("#") for line in lines), problem)


def commit(folder: Path, message: str, author: tuple[str, str]) -> str | None:
    """Record the folder as it is, and nothing beside it; the commit's id, None when nothing changed or there is no git.

    `author` is (name, e-mail). Raises Conflict with a finished sentence when git cannot take it now; publishing can go on.
    """
    found = state(folder)
    if found is None:
        return None
    if found.problem:
        raise Conflict(found.problem)
    if not found.is_dirty:
        return None
    name, mail = (re.sub(r"[<>\x00-\x1f]", "", part).strip() for part in author)
    who: dict[str, str] = {}
    for role in ("AUTHOR", "COMMITTER"):
        who |= {f"GIT_{role}_NAME": name or "Pelita", f"GIT_{role}_EMAIL": mail or "pelita@localhost"}
    run = _runner(folder, who)
    assert run is not None
    text = message.replace("\0", "").strip() or f"Perubahan pelatihan {folder.name}"
    for step in (
        ("add", "--all", "--", "."),
        ("commit", "--only", "--quiet", "--no-verify", "--no-gpg-sign", "--cleanup=whitespace", "-m", text, "--", "."),
    ):
        done = run(*step)
        if done.returncode:
            raise Conflict(
                f"Git menolak mencatat perubahan ini ({_reason(done)}). Berkasnya sendiri tersimpan; coba lagi nanti, "
                "dan menerbitkan tetap dapat dilakukan."
            )
    return _text(run("rev-parse", "HEAD"))


def _runner(folder: Path, more: Mapping[str, str] | None = None) -> Callable[..., subprocess.CompletedProcess[bytes]] | None:
    """A function that calls git in the folder with nothing of the surroundings; None without git or folder."""
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return None
    settings = dict(_SAFE)

    def run(*words: str) -> subprocess.CompletedProcess[bytes]:
        numbered = enumerate(settings.items())  # by environment: on a command line a name with "=" would be cut in two
        said = {f"GIT_CONFIG_{part}_{number}": pair[part == "VALUE"] for number, pair in numbered for part in ("KEY", "VALUE")}
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {**_FIXED, **said, "GIT_CONFIG_COUNT": str(len(settings)), **(more or {})}
        try:
            return subprocess.run(
                [program, "--no-pager", *words],
                cwd=folder,
                env=environment,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=LONGEST,
                check=False,
            )
        except (subprocess.TimeoutExpired, OSError, ValueError) as problem:
            raise Conflict(
                "Git tidak menjawab, jadi perubahan belum dicatat. Berkasnya sendiri tersimpan; menerbitkan tetap dapat dilakukan."
            ) from problem

    filters = _text(run("config", "--name-only", "-z", "--get-regexp", r"^filter\.")).split("\0")
    settings |= {name: "false" if name.endswith(".required") else "" for name in filters if name}
    return run


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stdout.decode(errors="surrogateescape").strip("\n")


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return "".join(character for character in (lines or ["tanpa keterangan"])[-1] if character.isprintable())[:200]
