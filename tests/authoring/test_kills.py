"""Kill -9 at any moment of publishing leaves the old edition whole or the new one complete."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.long
def test_kill_in_the_middle_leaves_a_whole_course(database_url, tmp_path):
    rounds = "100" if os.environ.get("PELITA_PROVE") == "1" else "20"
    command = [sys.executable, "-m", "tests.authoring.publish_until_killed", database_url, str(tmp_path), rounds, "7"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    published, killed = map(int, done.stdout.split())
    assert (published >= 2 + int(rounds) // 2, killed) == (True, int(rounds))
