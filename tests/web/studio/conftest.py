"""An author signed in, and a course folder in the workspace."""

import shutil
from pathlib import Path

import pytest

from config import ROOT
from tests.factories.people import PASSWORD

KEY = "pelayanan-publik-ramah"
LESSON = "01-sikap-melayani/01-lima-menit-yang-diingat.md"


@pytest.fixture
def author(browser, agency):
    """A browser in which `penulis` is signed in."""
    browser.sign_in("penulis", PASSWORD)
    return browser


@pytest.fixture
def folder(data_dir) -> Path:
    """A copy of a shipped course in the workspace."""
    return Path(shutil.copytree(ROOT / "courses" / KEY, data_dir / "courses" / KEY))
