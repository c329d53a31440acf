"""The rules of the house, applied to the tree."""

import subprocess
import sys

import pytest

from lms.authoring.watch import Watch
from lms.web.preview_app import create_preview_app
from tests.conformance import rules

MODULES = list(rules.modules())
BY_SOURCE = (
    rules.imports_upwards,
    rules.pure_knows_database,
    rules.domain_knows_web,
    rules.imports_inside_functions,
    rules.too_large,
    rules.commits_below_the_edge,
    rules.views_build_queries,
)


@pytest.mark.parametrize("rule", BY_SOURCE, ids=lambda rule: rule.__name__)
def test_source_keeps_the_rule(rule):
    assert [sentence for name, source in MODULES for sentence in rule(name, source)] == []


def test_domain_loads_without_flask():
    names = [
        name for name, _ in MODULES if not name.startswith(("lms.web", "lms.store.migrations")) and not name.endswith("__main__")
    ]
    code = f"import sys, importlib; [importlib.import_module(m) for m in {names!r}]; sys.exit('flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=rules.ROOT, check=False).returncode == 0


def test_templates_keep_the_rules(app):
    found = [
        sentence for path, source in rules.templates() for sentence in rules.template_breaks_rules(path, source, app.jinja_env)
    ]
    assert found == []


def test_page_templates_mirror_endpoints(app):
    apps = (app, create_preview_app(Watch({})))
    endpoints = {rule.endpoint for each in apps for rule in each.url_map.iter_rules()}
    assert rules.stray_templates({path for path, _ in rules.templates()}, endpoints) == set()
