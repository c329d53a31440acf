"""All problems of a loaded course, sorted, never stopping at the first. Loads neither Markdown nor nh3 nor a database.

Only a file that looks dangerous to render is rendered here (in the killable child); all others at publish time.
"""

from dataclasses import replace
from datetime import date

from lms.content.check_links import check_links
from lms.content.check_questions import check_questions
from lms.content.check_rules import check_rules
from lms.content.check_text import check_text, density
from lms.content.nodes import FileNode, LoadedCourse
from lms.content.problems import Reporter
from lms.content.spelling import check_spelling
from lms.content.types import Problem
from lms.content.worker import Fragment, Worker

SUSPICIOUS = 300
"""So many equal marks in one paragraph make a trial rendering worth its time."""
REFUSED = 1_000
"""So many equal marks in one line are no prose."""


def check_course(loaded: LoadedCourse, today: date | None = None) -> list[Problem]:
    """Every problem, sorted by file and line. `today` switches on the review date (K116)."""
    course = loaded.course
    problems = list(loaded.problems)
    used: set[str] = set()
    for node in course.all_files():
        reporter = Reporter(node.file)
        check_text(node, reporter)
        used |= check_links(course, node, reporter)
        problems += reporter.problems
    problems += check_questions(course)
    problems += check_rules(course, used, today)
    problems += check_spelling(course)
    problems += _check_effort(list(course.all_files()))
    return visible(loaded, problems)


def visible(loaded: LoadedCourse, problems: list[Problem]) -> list[Problem]:
    """Sorted, each place and code once, without those that a comment above silences; columns as in the file."""
    sources = {source.file: source for source in loaded.course.sources()}
    shown: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        source = sources.get(problem.file)
        if source is not None and problem.code in source.suppressed.get(problem.line, ()):
            continue
        after, off = source.shifts.get(problem.line, (0, 0)) if source is not None else (0, 0)
        if off and problem.column > after:
            problem = replace(problem, column=problem.column + off)
        shown[problem.file, problem.line, problem.column, problem.code, problem.message] = problem
    return sorted(shown.values())


def _check_effort(nodes: list[FileNode]) -> list[Problem]:
    """K019: a line beyond reason at once, a suspicious file by trying."""
    problems: list[Problem] = []
    with Worker() as worker:
        for node in nodes:
            count, line, mark = density(node.source, by_line=True)
            reporter = Reporter(node.file)
            if count > REFUSED:
                reporter.add("K019", line, 1, 1, row=line, count=count, mark=mark)
            elif density(node.source, by_line=False)[0] > SUSPICIOUS:
                text = "\n".join(node.source.lines[node.source.body_start - 1 :])
                if worker.render([Fragment(text, "page")]).failure:
                    reporter.add("K019", line, 1, 1, row=line, count=count, mark=mark)
            problems += reporter.problems
    return problems
