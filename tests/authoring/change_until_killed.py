"""Helper of test_archive: a child changes one course again and again and is killed with SIGKILL; after each kill the course must be
exactly as before or as after the change it was at, compared with a second workspace in which the same changes were made in peace.
Called with the kind of work (`zip`, `moves` or `unggah`), a folder, the least number of rounds and a seed; goes on beyond them, up to
`PATIENCE` times as many, until a kill has found something unfinished (a fast machine is seldom caught in the middle). Prints the number
of rounds, of children killed, and of those of which something unfinished was found."""

import os
import random
import signal
import sys
import time
from pathlib import Path

from lms.authoring import archive, folders
from lms.authoring.workspace import Workspace
from tests.authoring import hostile_zips
from tests.content.course_files import write_files

KEY = "zip"
PATIENCE = 40


def version(number):
    """An archive in which every file tells the same number."""
    return hostile_zips.course({f"media/{name}.txt": f"{number} {name}\n" * 400 for name in range(40)})


def begin(root):
    files = dict(hostile_zips.HONEST)
    for module in ("01-asas", "02-standar", "03-ukur"):
        for number in range(1, 6):
            links = f"[lain](../01-asas/0{number % 5 + 1}-{module[3:]}-{number % 5 + 1}.md)" if module == "01-asas" else ""
            files[f"{module}/0{number}-{module[3:]}-{number}.md"] = f"# {module} {number}\n\n{links}\n"
    del files["01-asas/01-satu.md"]
    write_files(root / KEY, files)
    return Workspace(root)


def act(workspace, work, number):
    """The same change for the same number and the same state."""
    if work == "zip":
        archive.unpack(version(number), workspace, KEY)
        return
    dice = random.Random(number)
    if work == "unggah":
        workspace.upload(KEY, "media", "sambutan.txt", f"{number} kalimat\n".encode() * 2000)
        return
    modules = [group for group in workspace.tree(KEY).groups if group.is_module]
    if dice.random() < 0.3:
        names = [module.folder for module in modules]
        path = dice.choice(names)
        workspace.move(KEY, path, folder="", before=dice.choice([name for name in names if name != path] + [None]))
        return
    pages = [entry.path for module in modules for entry in module.entries if entry.item_key]
    path = dice.choice(pages)
    folder = dice.choice([module.folder for module in modules])
    inside = [page for page in pages if page.startswith(folder + "/") and page != path]
    workspace.move(KEY, path, folder=folder, before=dice.choice([*inside, None]))


def change_on(workspace, work, number, report):
    while True:
        number += 1
        act(workspace, work, number)
        os.write(report, b".")


def state(workspace):
    return archive.pack(workspace.folder(KEY))


def main(work, folder, rounds, seed):
    dice = random.Random(seed)
    real, calm = begin(folder / "sungguh"), begin(folder / "tenang")
    number, turn, killed, unfinished = 0, 0, 0, 0
    act(real, work, 0)
    began = time.monotonic()
    act(calm, work, 0)
    window = 2 * (time.monotonic() - began)
    while turn < rounds or (not unfinished and turn < PATIENCE * rounds):
        turn += 1
        reported, report = os.pipe()
        child = os.fork()
        if child == 0:
            change_on(real, work, number, report)
        if turn % 2:
            os.read(reported, 1)  # the first change went through
            number += 1
            act(calm, work, number)
        time.sleep(dice.uniform(0, window))
        os.kill(child, signal.SIGKILL)
        killed += os.waitpid(child, 0)[1] == signal.SIGKILL
        os.close(report)
        while os.read(reported, 1):
            number += 1
            act(calm, work, number)
        os.close(reported)
        unfinished += bool(list((folder / "sungguh").glob(f"{folders.HIDDEN}/{KEY}/perubahan*")))
        unfinished += bool(list((folder / "sungguh").glob(f"{folders.HIDDEN}/.unggahan-*/isi")))
        if state(real) != state(calm):
            number += 1
            act(calm, work, number)
            assert state(real) == state(calm), number
        assert folders.unfinished(real.root) == []
    print(turn, killed, unfinished)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
