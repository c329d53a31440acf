"""An author signed in, and a course folder in the workspace."""

import shutil
from pathlib import Path

import pytest

from config import ROOT
from tests.factories.people import PASSWORD

KEY = "pelayanan-publik-ramah"
LESSON = "01-sikap-melayani/01-lima-menit-yang-diingat.md"


def pytest_collection_modifyitems(items):
    """What these pages show lies in files: only the editor, which reads and writes the audit log, is tried on both databases."""
    here = Path(__file__).parent
    dropped = [
        item
        for item in items
        if here in item.path.parents
        and item.path.name != "test_files.py"
        and getattr(item, "callspec", None) is not None
        and item.callspec.params.get("fresh_database") == "postgres"
    ]
    items[:] = [item for item in items if item not in dropped]


@pytest.fixture
def author(browser, agency):
    """A browser in which `penulis` is signed in."""
    browser.sign_in("penulis", PASSWORD)
    return browser


@pytest.fixture
def folder(data_dir) -> Path:
    """A copy of a shipped course in the workspace."""
    return Path(shutil.copytree(ROOT / "courses" / KEY, data_dir / "courses" / KEY))
