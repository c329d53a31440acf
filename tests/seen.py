"""Rule 10 of the house: every endpoint is requested and every page rendered by some test. Gathered over all workers of a run."""

from pathlib import Path

import pytest
from flask import Flask, request, template_rendered

from tests.conformance import rules

endpoints: set[str] = set()
templates: set[str] = set()
known: set[str] = set()


def watch(app: Flask) -> None:
    """Note what an application of the tests is asked for and what it renders."""
    known.update(rule.endpoint for rule in app.url_map.iter_rules())
    app.before_request(_note_endpoint)
    template_rendered.connect(_note_template, app)


def _note_endpoint() -> None:
    endpoints.add(request.endpoint or "")


def _note_template(sender: Flask, template: object, **extra: object) -> None:
    templates.add(getattr(template, "name", None) or "")


def report() -> dict[str, list[str]]:
    return {"endpoints": sorted(endpoints), "templates": sorted(templates), "known": sorted(known)}


def take(found: dict[str, list[str]]) -> None:
    """Add what a worker saw."""
    endpoints.update(found["endpoints"])
    templates.update(found["templates"])
    known.update(found["known"])


def is_whole_suite(config: pytest.Config) -> bool:
    return not config.getoption("keyword") and config.args == config.getini("testpaths")


def missing() -> list[str]:
    """What no test asked for or rendered."""
    root = Path(rules.ROOT, "templates")
    pages = {path.relative_to(root).as_posix() for path in root.rglob("*.html")}
    pages = {page for page in pages if not page.startswith("_")}
    return sorted(rules.unvisited(known, endpoints) | rules.unvisited(pages, templates))
