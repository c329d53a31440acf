"""Fixtures of page tests; see tests/web_fixtures.py."""

from tests.web_fixtures import app, browser, data_dir, frozen, new_browser, statements

__all__ = ["app", "browser", "data_dir", "frozen", "new_browser", "statements"]
