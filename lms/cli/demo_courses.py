"""Publishes the courses in courses/ for the demo: parse, check, compile, one transaction each. Publishing them again changes nothing."""

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from lms.authoring import archive, publishing
from lms.authoring.publishing import Order
from lms.content.check import check_course
from lms.content.compile import CannotCompile, compile_course
from lms.content.library import Published
from lms.content.parse import load_course
from lms.content.types import CompiledCourse, Level, Problem
from lms.errors import Refused
from lms.store.engine import write_tx

SHOWN_PROBLEMS = 20
RUNNING = "pelayanan-publik-ramah"
"""In the middle of this one stands the printed learner, as his superior asked."""
AT_ONCE = 3


def shipped(folder: Path) -> list[Path]:
    """The course folders in `folder`, by name. Raises Refused when there is none."""
    found = sorted(path.parent for path in folder.glob("*/course.yml"))
    if not found:
        raise Refused(f"Tidak ada pelatihan di {folder}. Jalankan perintah ini dari folder Pelita yang lengkap.")
    return found


def running(courses: Sequence[Published]) -> int:
    """Place of `RUNNING` among courses, the last one where it is missing."""
    keys = [published.course_key for published in courses]
    return keys.index(RUNNING) if RUNNING in keys else len(keys) - 1


def copy_sources(shipped_folder: Path, target: Path) -> None:
    """Give the studio course folders of its own, so that trying it out never touches the shipped ones. Whole or not at all."""
    if target.exists():
        return
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    shutil.copytree(shipped_folder, draft)
    draft.replace(target)


def compiled(folders: Iterable[Path], tell: Callable[[str], None]) -> Iterator[CompiledCourse]:
    """The compiled form of each folder, in their order. Raises Refused, naming every problem, for a course that fails its check."""
    with ThreadPoolExecutor(AT_ONCE) as pool:  # each course is rendered by a process of its own
        yield from pool.map(partial(_compiled, tell=tell), folders)


def _compiled(folder: Path, tell: Callable[[str], None]) -> CompiledCourse:
    tell(f"Mengolah pelatihan {folder.name} ...")
    loaded = load_course(folder)
    problems = [problem for problem in check_course(loaded) if problem.level is Level.ERROR]
    if problems:
        raise _refused(folder, problems)
    try:
        return compile_course(loaded)
    except CannotCompile as failure:
        raise _refused(folder, failure.problems) from failure


def publish(session: Session, courses: Iterable[CompiledCourse], *, data_dir: Path, now: datetime) -> None:
    """Publish each course with its folder beside it, so that the studio knows what changed since. What stands already stays as it is."""
    for course in courses:
        folder = data_dir / "courses" / course.outline.key
        source = archive.pack(folder) if folder.is_dir() else b""
        order = Order(course, data_dir, note="Edisi peragaan", source=source)
        made = publishing.ready(order)
        with write_tx(session):
            publishing.publish(session, order, made, now=now)


def _refused(folder: Path, problems: list[Problem]) -> Refused:
    lines = [f"  {problem.file}:{problem.line}: {problem.code} {problem.message}" for problem in problems[:SHOWN_PROBLEMS]]
    more = f"\n  ... dan {len(problems) - SHOWN_PROBLEMS} lagi" if len(problems) > SHOWN_PROBLEMS else ""
    return Refused(
        f"Pelatihan {folder} punya {len(problems)} galat, jadi data peragaan belum dibuat. Perbaiki, lalu jalankan lagi:\n"
        + "\n".join(lines)
        + more
    )
