"""The rules of the house as functions of source text. Each returns the sentences that say what is wrong; empty = clean.

`test_house.py` applies them to the tree, `test_planted.py` proves each by planting a violation.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
LAYERS = (
    ("errors", "shared"),
    ("store.base",),
    ("store.engine", "store.audit"),
    ("content", "people"),
    ("quizzes",),
    ("progress",),
    ("recognition", "evaluation"),
    ("teams", "authoring"),
    ("messages",),
    ("store.models", "store.migrate", "store.migrations", "store"),
    ("care",),
    ("cli", "web"),
)
SIBLINGS = {
    frozenset(pair) for pair in (("content", "people"), ("recognition", "evaluation"), ("teams", "authoring"), ("cli", "web"))
}
WEB_LIBRARIES = {"flask", "flask_login", "flask_sqlalchemy", "flask_wtf", "wtforms", "werkzeug", "jinja2"}
PURE = {"types", "rules", "grading", "access", "draw", "forms", "nip", "names", "grades", "numbers", "codec"}
MODULE_LINES = 400
FUNCTION_LINES = 50
MAY_QUERY = {"lms.web.app", "lms.web.extensions"}
MAY_COMMIT = {"lms.store.engine"}


def modules() -> Iterator[tuple[str, str]]:
    """(dotted name, source) of every module of the product, migrations apart: those are frozen history."""
    for path in sorted((ROOT / "lms").rglob("*.py")):
        if "versions" in path.parts:
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, path.read_text(encoding="utf-8")


def templates() -> Iterator[tuple[str, str]]:
    """(path below templates/, source)."""
    root = ROOT / "templates"
    for path in sorted(root.rglob("*.html")):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def _imports(source: str) -> Iterator[tuple[str, int, int]]:
    """(dotted target, line, relative level) of every import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno, node.level
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, 0


def _layer(module: str) -> tuple[int, str] | None:
    rest = module.removeprefix("lms.")
    best: tuple[int, str] | None = None
    for rank, names in enumerate(LAYERS):
        for name in names:
            if (rest == name or rest.startswith(name + ".")) and (best is None or len(name) > len(best[1])):
                best = (rank, name)
    return best


def imports_upwards(name: str, source: str) -> list[str]:
    """Rule 1: arrows point down, because a rule that knows its callers cannot be reused or tested alone."""
    mine = _layer(name)
    found = []
    for target, line, level in _imports(source):
        if level or target.endswith(".*"):
            found.append(f"{name}:{line}: relative or star import of {target}")
        other = _layer(target) if target.startswith("lms.") else None
        if mine is None or other is None:
            continue
        if other[0] > mine[0]:
            found.append(f"{name}:{line}: imports upwards: {target}")
        if frozenset((mine[1], other[1])) in SIBLINGS:
            found.append(f"{name}:{line}: siblings do not know each other: {target}")
    return found


def pure_knows_database(name: str, source: str) -> list[str]:
    """Rule 2: pure modules know no database, so that rules are tested by tables without fixtures."""
    if name.rsplit(".", 1)[-1] not in PURE or name.startswith("lms.web"):
        return []
    return [
        f"{name}:{line}: a pure module imports {target}"
        for target, line, _ in _imports(source)
        if target.split(".")[0] == "sqlalchemy" or {"models", "queries", "actions", "store"} & set(target.split("."))
    ]


def domain_knows_web(name: str, source: str) -> list[str]:
    """Rule 3, by text: only lms/web imports the web libraries. (`test_house` also loads the domain without Flask.)"""
    if name.startswith("lms.web"):
        return []
    return [f"{name}:{line}: imports {target}" for target, line, _ in _imports(source) if target.split(".")[0] in WEB_LIBRARIES]


def imports_inside_functions(name: str, source: str) -> list[str]:
    """Rule 4: an import inside a function means that the code is in the wrong layer."""
    return [
        f"{name}:{inner.lineno}: import inside {node.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def too_large(name: str, source: str) -> list[str]:
    """Rule 5: sizes are budgets; when one trips, split by what it knows."""
    found = []
    lines = len(source.splitlines())
    if lines > MODULE_LINES:
        found.append(f"{name}: {lines} lines, at most {MODULE_LINES}")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES}")
    return found


def commits_below_the_edge(name: str, source: str) -> list[str]:
    """Rule 6: one commit, in write_tx; write_tx itself is opened only at the edge (web, cli) and in the store."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
            and name not in MAY_COMMIT
        ):
            found.append(f"{name}:{node.lineno}: commits")
        opens = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "write_tx"
        if opens and not name.startswith(("lms.web", "lms.cli", "lms.store")):
            found.append(f"{name}:{node.lineno}: opens write_tx below the edge")
    return found


def views_build_queries(name: str, source: str) -> list[str]:
    """Rule 6b: pages read through the capabilities' queries."""
    if not name.startswith("lms.web") or name in MAY_QUERY:
        return []
    return [
        f"{name}:{line}: a page builds its own query: {target}"
        for target, line, _ in _imports(source)
        if target.split(".")[0] == "sqlalchemy" or "models" in target.split(".")
    ]


def template_breaks_rules(path: str, source: str, environment: Environment) -> list[str]:
    """Rule 8: a template loops, tests a boolean and links; it is short, titled, and holds no style, script or raw HTML."""
    found = []
    if len(source.splitlines()) > 150:
        found.append(f"{path}: more than 150 lines")
    for bad in ("|safe", "| safe", "<style", " style=", " onclick=", " onload=", "javascript:", "autoescape false"):
        if bad in source:
            found.append(f"{path}: contains {bad!r}")
    tree = environment.parse(source)
    for node in tree.find_all(nodes.Assign):
        if isinstance(node.node, nodes.List | nodes.Dict):
            found.append(f"{path}: sets a list or dict")
    if "<script" in source and ("<script>" in source or "</script>" in source.replace("></script>", "")):
        found.append(f"{path}: inline script")
    is_page = not path.startswith("_")
    if is_page and "title" not in {block.name for block in tree.find_all(nodes.Block)}:
        found.append(f"{path}: page without a title block")
    return found


def stray_templates(pages: set[str], endpoints: set[str]) -> set[str]:
    """Rule 9: a page template is named like the endpoint that shows it."""
    return {
        page
        for page in pages
        if not page.startswith(("_", "errors/")) and page.removesuffix(".html").replace("/", ".") not in endpoints
    }


def loose_endpoints(endpoints: set[str], guarded: set[str], public: set[str]) -> set[str]:
    """Rule 7: every endpoint is public by name or sits behind the guard of a surface."""
    return {endpoint for endpoint in endpoints if endpoint not in public and endpoint.split(".")[0] not in guarded}


def vanished(saved: list[str], now: set[str]) -> set[str]:
    """Rule 11: addresses are promises; a removal needs a redirect and an edit of the saved list."""
    return set(saved) - now


def unvisited(wanted: set[str], seen: set[str]) -> set[str]:
    """Rule 10: every endpoint is requested and every page rendered by some test."""
    return wanted - seen
