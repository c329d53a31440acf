"""`make bench`: every budget that applies, measured now, one after the other. `--json` prints JSON alone."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench.page_weight import BUDGETS as BUDGETS_OF_PAGES
from tests.bench.processes import ROOT

PARTS = ("lesson_page", "quiz_save", "quiz_save_http", "page_weight", "team_page", "check_speed", "preview")
Figure = dict[str, Any]


def _of_visit(name: str, what: str, got: Figure) -> Any:
    return got[name][what]


def _at_most(most: float, value: float) -> bool:
    return value <= most


BUDGETS: tuple[tuple[str, str, Callable[[Figure], Any], Callable[[Any], bool], str], ...] = (
    (
        "lesson_page",
        "lesson page CPU to a bare Flask page",
        lambda got: got["lesson_to_bare"],
        lambda value: value <= 2.0,
        "≤ 2.0 ×",
    ),
    (
        "lesson_page",
        "lesson page CPU to a conventional app",
        lambda got: got["lesson_to_conventional"],
        lambda value: value <= 0.8,
        "≤ 0.8 ×",
    ),
    (
        "lesson_page",
        "resident memory per worker, MB",
        lambda got: max(got["resident_mb_per_worker"]),
        lambda value: value <= 150,
        "≤ 150",
    ),
    (
        "quiz_save",
        "answers saved a second, 2 × 8 threads",
        lambda got: got["saves_per_second"],
        lambda value: value >= 300,
        "≥ 300",
    ),
    ("quiz_save", "slowest hundredth of saves, ms", lambda got: got["p99_ms"], lambda value: value < 500, "< 500"),
    ("quiz_save", "errors and lost answers", lambda got: got["errors"] + got["lost"], lambda value: value == 0, "0"),
    (
        "quiz_save_http",
        "answers saved a second over HTTP",
        lambda got: got["http_saves_per_second"],
        lambda value: value >= 100,
        "≥ 100",
    ),
    (
        "quiz_save_http",
        "errors and lost answers over HTTP",
        lambda got: got["http_errors"] + got["http_lost"],
        lambda value: value == 0,
        "0",
    ),
    *(
        (
            "page_weight",
            f"{name} lesson on a phone, {what}",
            partial(_of_visit, name, what),
            partial(_at_most, most),
            f"≤ {most:,}",
        )
        for name, what, most in (
            ("cold", "bytes", BUDGETS_OF_PAGES["cold_bytes"]),
            ("cold", "requests", BUDGETS_OF_PAGES["cold_requests"]),
            ("second", "bytes", BUDGETS_OF_PAGES["second_bytes"]),
            ("second", "requests", BUDGETS_OF_PAGES["second_requests"]),
        )
    ),
    ("page_weight", "unchanged lesson, status", partial(_of_visit, "unchanged", "status"), lambda value: value == 304, "304"),
    (
        "page_weight",
        "first paint on slow 3G, ms",
        lambda got: got["first_paint_ms"],
        partial(_at_most, BUDGETS_OF_PAGES["first_paint_ms"]),
        "≤ 2,600",
    ),
    (
        "check_speed",
        "check of 100 lessons and 1,000 questions, s",
        lambda got: got["check_seconds"],
        lambda value: value <= 1.5,
        "≤ 1.5",
    ),
    (
        "preview",
        "preview after saving 1 of 100 lessons, p50 ms",
        lambda got: got["p50_ms"],
        partial(_at_most, 300),
        "≤ 300",
    ),
    (
        "preview",
        "preview after saving 1 of 100 lessons, p95 ms",
        lambda got: got["p95_ms"],
        partial(_at_most, 300),
        "≤ 300",
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=PARTS, action="append")
    wanted = parser.parse_args()
    figures: dict[str, Figure] = {}
    for part in wanted.only or PARTS:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{part}"], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            figures[part] = {"failed": done.stderr.strip().splitlines()[-1:]}
            continue
        figures[part] = json.loads(done.stdout)
    rows = [
        {"what": what, "value": read(figures[part]), "budget": budget, "met": met(read(figures[part]))}
        for part, what, read, met, budget in BUDGETS
        if part in figures and "failed" not in figures[part]
    ]
    if wanted.json:
        print(json.dumps({"budgets": rows, "figures": figures}, indent=1))
        return 0
    for row in rows:
        print(f"{'ok  ' if row['met'] else 'MISS'}  {row['what']:<50} {row['value']:>8}   {row['budget']}")
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
