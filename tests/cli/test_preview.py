"""`lms pratinjau` as a command: which folders, which port, which page. What it serves is proven in tests/web and tests/e2e."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from config import ROOT
from lms.cli.check import find_targets
from lms.cli.main import main
from lms.cli.preview import open_previews
from tests.content.course_files import write_course

READY = re.compile(r"Pratinjau siap di (http://127\.0\.0\.1:(\d+)\S*) \(Ctrl\+C untuk berhenti\)\.")


def started(folder, log, *words) -> tuple[str, subprocess.Popen]:
    """What the command printed until it was ready, and its process."""
    with log.open("wb") as out:
        line = [sys.executable, "-m", "lms.cli", "pratinjau", *map(str, words)]
        process = subprocess.Popen(line, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=out, stderr=out)
    until = time.monotonic() + 60
    while not READY.search(text := log.read_text()):
        assert process.poll() is None and time.monotonic() < until, text
        time.sleep(0.05)
    return text, process


def test_taken_port_is_told_and_the_next_free_one_used_and_a_file_opens_at_its_page(tmp_path):
    folder = write_course(tmp_path / "contoh")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text, process = started(tmp_path, tmp_path / "log", folder / "bank/etika.md", "--port", port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    url, used = READY.search(text).groups()
    assert (int(used) > port, text.splitlines()[0]) == (True, f"Port {port} sedang dipakai, jadi memakai {used}.")
    assert url.endswith("/pelatihan/contoh/bank/etika.md")


def test_path_without_a_course_is_refused_in_a_sentence(tmp_path, capsys):
    assert main(["pratinjau", str(tmp_path / "tidak-ada")]) == 2
    assert (
        capsys.readouterr().err
        == f"Tidak ada pelatihan di {tmp_path / 'tidak-ada'}. Periksa jalurnya, atau mulai dengan lms baru kursus.\n"
    )


def test_folder_of_courses_gives_one_preview_each_and_equal_names_get_numbers(tmp_path):
    for place in ("a/contoh", "a/lain", "b/contoh"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        write_course(tmp_path / place)
    targets = [target for place in ("a", "b", "a/contoh") for target in find_targets(str(tmp_path / place))]
    previews = open_previews(target.path for target in targets)
    assert {key: str(preview.folder.relative_to(tmp_path)) for key, preview in previews.items()} == {
        "contoh": "a/contoh",
        "lain": "a/lain",
        "contoh-2": "b/contoh",
    }


@pytest.mark.parametrize("module", ["lms.cli.check", "lms.cli.preview", "lms.authoring.watch", "lms.authoring.trial"])
def test_command_and_domain_load_without_flask_or_a_database(module):
    code = f"import sys, {module}; sys.exit(bool({{'flask', 'sqlalchemy', 'waitress'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
