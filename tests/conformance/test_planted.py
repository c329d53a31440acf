"""Each rule is proven by planting a violation: a guard that cannot fail guards nothing."""

import pytest
from jinja2 import Environment

from tests.conformance import rules

PLANTED = (
    (rules.imports_upwards, "lms.quizzes.rules", "from lms.progress.rules import status\n"),
    (rules.imports_upwards, "lms.people.queries", "from lms.content.library import current\n"),
    (rules.imports_upwards, "lms.people.queries", "from . import names\n"),
    (rules.pure_knows_database, "lms.progress.rules", "from sqlalchemy import select\n"),
    (rules.pure_knows_database, "lms.quizzes.grading", "from lms.quizzes.models import Attempt\n"),
    (rules.domain_knows_web, "lms.progress.actions", "from flask import g\n"),
    (rules.imports_inside_functions, "lms.people.names", "def f():\n    import json\n"),
    (rules.too_large, "lms.people.names", "x = 1\n" * 401),
    (rules.too_large, "lms.people.names", "def f():\n" + "    x = 1\n" * 51),
    (rules.commits_below_the_edge, "lms.progress.actions", "def f(session):\n    session.commit()\n"),
    (rules.commits_below_the_edge, "lms.web.learn.lessons", "def f(session):\n    session.commit()\n"),
    (rules.commits_below_the_edge, "lms.progress.actions", "def f(session):\n    with write_tx(session):\n        pass\n"),
    (rules.views_build_queries, "lms.web.learn.home", "from sqlalchemy import select\n"),
    (rules.views_build_queries, "lms.web.learn.home", "from lms.people.models import Person\n"),
)


@pytest.mark.parametrize(("rule", "name", "source"), PLANTED, ids=lambda part: getattr(part, "__name__", None))
def test_planted_violation_is_found(rule, name, source):
    assert len(rule(name, source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "{% block title %}x{% endblock %}{{ text|safe }}",
        '{% block title %}x{% endblock %}<p style="color:red">',
        "{% block title %}x{% endblock %}<script>alert(1)</script>",
        "{% block title %}x{% endblock %}{% set rows = [1, 2] %}",
        "<p>no title</p>",
        "{% block title %}x{% endblock %}" + "\n" * 151,
    ],
)
def test_planted_template_violation_is_found(source):
    assert len(rules.template_breaks_rules("learn/home/planted.html", source, Environment(autoescape=True))) == 1


def test_planted_stray_template_unguarded_route_vanished_route_and_unvisited_page_are_found():
    assert rules.stray_templates({"learn/home/lost.html"}, {"learn.home.index"}) == {"learn/home/lost.html"}
    assert rules.loose_endpoints({"backdoor.open", "learn.home.index"}, {"learn"}, set()) == {"backdoor.open"}
    assert rules.vanished(["GET /pelatihan"], set()) == {"GET /pelatihan"}
    assert rules.unvisited({"learn.home.index"}, set()) == {"learn.home.index"}
