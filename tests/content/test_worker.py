"""R22: hostile Markdown is refused or done within its limits, and the next file is served as if nothing had been."""

import json
import resource
import time

import pytest

from lms.content import child, worker
from lms.content.check import check_course
from lms.content.compile import CannotCompile, compile_course
from lms.content.parse import load_course
from lms.content.worker import Fragment, Worker
from tests.content.course_files import write_course

PATHOLOGICAL = {
    "brackets": "[" * 5000,
    "pictures": "![" * 3000,
    "footnotes": "[^1]" * 2000,
    "links": "[a](b" * 2000,
    "anchors": "<a " * 2000,
    "stars": "*" * 3000 + " a " + "*" * 3000,
    "abbreviations": "\n".join(f"*[A{n}]: x" for n in range(600)) + "\n\n" + "A1 " * 2000,
    "quotes": ">" * 5000 + " a",
    "spaced quotes": "> " * 5000 + "a",
    "nested lists": "\n".join(" " * (2 * n) + "- a" for n in range(400)),
    "list marks": "- " * 5000,
    "underscores": "_a" * 5000,
    "backticks": "".join("`" * n + "a" for n in range(1, 180)),
    "ampersands": "&" * 10_000,
    "entities": "&#" * 5000,
    "references": "[a]: <" * 3000,
    "tables": "|" * 8000 + "\n" + "|-" * 4000,
    "tildes": "~" * 9999 + " a",
    "parentheses": "[a](" + "(" * 9000,
    "tags": "<div>" * 4000,
    "comments": "<!-" * 4000 + "<!--" * 1000,
    "html end": "</" * 8000,
}
FLOODS = ["[", "*", "_", "`", "<", ">", "#", "|", "~", "!", "(", "\\", "&", "-\n", "a\n", "\n", "$", "^", "{", ":"]


def test_there_are_22_pathological_inputs():
    assert len(PATHOLOGICAL) == 22


@pytest.fixture(scope="module")
def shared():
    with Worker({"ASN": "Aparatur Sipil Negara"}, math=True) as one:
        yield one


def child_seconds(one: Worker, text: str) -> tuple[str, float]:
    """Why it failed ("" if it did not), and the wall seconds it took."""
    started = time.monotonic()
    made = one.render([Fragment(text, "page")])
    return made.failure, time.monotonic() - started


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_pathological_input_is_refused_or_done_within_the_wall_limit(shared, name):
    failure, seconds = child_seconds(shared, PATHOLOGICAL[name])
    assert failure in ("", "time", "memory", "depth")
    assert seconds < worker.WALL_SECONDS + 20
    assert shared.render([Fragment("*baik*", "inline")]).html == ("<em>baik</em>",)


@pytest.mark.parametrize("mark", FLOODS)
def test_flood_of_20_kb_is_refused_or_done(shared, mark):
    failure, seconds = child_seconds(shared, mark * (20_000 // len(mark)))
    assert failure in ("", "time", "memory", "depth")
    assert seconds < worker.WALL_SECONDS + 20


def test_cpu_limit_kills_the_child_and_says_time():
    with Worker() as one:
        assert one.render([Fragment("[" * 20_000, "page")]).failure == "time"
        assert one.child is None


def test_wall_limit_kills_the_child(monkeypatch):
    monkeypatch.setattr(worker, "WALL_SECONDS", 0.05)
    with Worker() as one:
        assert one.render([Fragment("[" * 20_000, "page")]).failure == "time"


def test_recursion_and_memory_come_back_as_reasons(monkeypatch):
    class Deep:
        notes: list[str] = []

        def render(self, fragment):
            raise {"depth": RecursionError, "memory": MemoryError, "error": KeyError}[fragment.text]

    for reason in ("depth", "memory", "error"):
        line = json.dumps({"fragments": [[reason, "page"]]}).encode()
        assert child._answer(Deep(), line) == {"failure": reason}


def test_hostile_lesson_is_k019_with_its_line_in_check_and_in_compile(tmp_path):
    root = write_course(tmp_path, {"01-asas/02-jahat.md": "# Jahat\n\nbaik\n\n" + "[" * 5000 + "\n"})
    loaded = load_course(root)
    found = [(p.file, p.line) for p in check_course(loaded) if p.code == "K019"]
    with pytest.raises(CannotCompile) as refused:
        compile_course(loaded)
    assert found == [("01-asas/02-jahat.md", 5)] == [(p.file, p.line) for p in refused.value.problems]


def test_paragraph_that_is_slow_without_a_dense_line_is_found_by_trying(tmp_path):
    root = write_course(tmp_path, {"01-asas/02-jahat.md": "# Jahat\n\n" + ("[a](b" * 100 + "\n") * 40})
    assert [p.file for p in check_course(load_course(root)) if p.code == "K019"] == ["01-asas/02-jahat.md"]


def test_child_never_uses_more_than_its_cpu(tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Worker() as one:
        one.render([Fragment("baik", "page")])
        one.render([Fragment("[" * 20_000, "page")])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used < child.CPU_SECONDS + 2.0  # starting Python and importing the renderer counts too
