"""`lms terbit`: check a course folder, say what would change, publish it in one transaction, and judge old answers again."""

import argparse
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.cli.data import data_folder, open_database
from lms.cli.problem_text import as_texts, lines_of, prefixed
from lms.cli.publication_text import plan_lines, regrade_line, result_line
from lms.content import actions, library
from lms.content.actions import Publication
from lms.content.check import check_course
from lms.content.compile import CannotCompile, compile_course
from lms.content.likeness import SAME
from lms.content.nodes import LoadedCourse
from lms.content.parse import MANIFEST, load_course
from lms.content.plan import PublicationPlan
from lms.content.stamp import missing_ids, stamp_ids
from lms.content.types import CompiledCourse, Level, Problem
from lms.errors import Refused
from lms.progress.projection import rebuild_summaries
from lms.progress.reach import Reach, reach
from lms.quizzes.regrading import regrade, regrade_effect
from lms.quizzes.types import RegradeMode, RegradeResult
from lms.recognition.actions import settle_pending
from lms.recognition.queries import unsettled
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx

EXAMPLE = "Contoh: lms terbit courses/pelayanan-publik-ramah --rencana"
BATCH = 100
"""Attempts or summaries in one write transaction, so that learners never wait for the author."""

Say = Callable[[str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder pelatihan")
    parser.add_argument(
        "--rencana", "--plan", dest="plan_only", action="store_true", help="tampilkan rencana saja, jangan terbitkan"
    )
    parser.add_argument(
        "--nilai-ulang", "--regrade", dest="mode", choices=[mode.value for mode in RegradeMode],
        help="bila kunci berubah: tidak-turun (bawaan), penuh, atau tidak",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, help="folder data (bawaan: PELITA_DATA atau ./data)")
    parser.add_argument("--catatan", "--note", dest="note", default="", help="catatan singkat untuk riwayat edisi")
    parser.add_argument(
        "--kode-lama", "--former-key", dest="former", default="", help="kode lama pelatihan yang kini berganti kode"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 = all published (or shown), 2 = a course has errors; nothing of that course was published, the others were."""
    if arguments.former and len(_folders(arguments.paths)) > 1:
        raise Refused("--kode-lama hanya untuk satu pelatihan. Terbitkan yang berganti kode sendirian.")
    folder = data_folder(arguments.data)
    engine = open_database(folder)
    failed = False
    try:
        with Session(engine, expire_on_commit=False) as session:
            for path in _folders(arguments.paths):
                failed |= not _one(session, path, folder, arguments)
    finally:
        engine.dispose()
    return 2 if failed else 0


def _folders(paths: list[Path]) -> list[Path]:
    """Course folders; a folder of courses stands for all of them."""
    found: list[Path] = []
    for path in paths:
        inside = [] if (path / MANIFEST).exists() else sorted(manifest.parent for manifest in path.glob(f"*/{MANIFEST}"))
        found += inside or [path]
    return found


def _one(session: Session, path: Path, folder: Path, arguments: argparse.Namespace) -> bool:
    """Check, plan and publish one folder. False when it has errors."""
    loaded = _checked(path)
    loaded = None if loaded is None else _with_ids(session, loaded, path, write=not arguments.plan_only)
    compiled = None if loaded is None else _compiled(loaded)
    if compiled is None:
        print(
            f"{path}: tidak diterbitkan. Edisi yang sekarang tetap berlaku; perbaiki galat di atas, lalu terbitkan lagi.",
            flush=True,
        )
        return False
    mode = RegradeMode(arguments.mode) if arguments.mode else None
    order = Order(compiled, folder, mode, arguments.note, arguments.former)
    plan = show_plan(session, order, _say)
    if arguments.plan_only:
        print("Ini baru rencana; belum ada yang diterbitkan.")
        return not plan.obstacles
    if plan.obstacles:
        print(f"{path}: tidak diterbitkan. Edisi yang sekarang tetap berlaku.", flush=True)
        return False
    publish(session, order, now=datetime.now(UTC), say=_say if plan.changed or mode else _silent)
    return True


def _checked(path: Path) -> LoadedCourse | None:
    """The course, when it has no errors; its findings are printed either way, errors in full, warnings as a count."""
    try:
        loaded = load_course(path, may_leave_folder=True)
    except OSError as problem:
        raise Refused(
            f"Folder pelatihan {path} tidak dapat dibaca ({problem.strerror or problem}). Periksa jalurnya."
        ) from problem
    if not loaded.course.is_course:
        raise Refused(f"{path} bukan pelatihan: tidak ada course.yml di dalamnya.")
    problems = check_course(loaded)
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    _show(loaded, path, errors)
    warnings = sum(problem.level is Level.WARNING for problem in problems)
    if warnings and not errors:
        print(f"{path}: {warnings} peringatan (lihat dengan: lms check {path}).", flush=True)
    return None if errors else loaded


def _with_ids(session: Session, loaded: LoadedCourse, path: Path, *, write: bool) -> LoadedCourse | None:
    """The course with a permanent id on every question, written into the files when `write`.

    A question that lost its id is recognised by its text, at least 90 % alike, and gets the old one back, so that answers and
    scores stay with it (COURSE-FORMAT.md 2.10, 3). None when it cannot be compiled.
    """
    places = missing_ids(loaded)
    if not places:
        return loaded
    compiled = _compiled(loaded)
    if compiled is None:
        return None
    place_of = {question.public.id: (question.file, question.line) for question in compiled.questions.values()}
    lost = actions.plan(session, compiled).lost_questions
    session.rollback()
    chosen = {place_of[pair.new_id]: pair.old_id for pair in lost if pair.ratio >= SAME and place_of[pair.new_id] in places}
    for (file, line), old_id in sorted(chosen.items()):
        print(f"{path / file}:{line}: soal dikenali kembali sebagai {{#{old_id}}}.", flush=True)
    if not write:
        for node in loaded.course.all_files():
            for question in node.questions():
                question.id = chosen.get((question.file, question.line), question.id)
        print(f"{path}: {len(places)} soal akan diberi ID tetap di berkasnya saat terbit.", flush=True)
        return loaded
    fresh = load_course(path, may_leave_folder=True)
    try:
        stamps = stamp_ids(fresh, chosen)
    except OSError as problem:
        raise Refused(
            f"ID soal tidak dapat ditulis ke {path} ({problem.strerror or problem}). Tidak ada yang diterbitkan; "
            "beri izin tulis pada berkasnya lalu ulangi, sebab tanpa ID jawaban peserta tidak dapat dikaitkan."
        ) from problem
    print(f"{path}: {len(stamps)} soal diberi ID tetap di berkasnya. Simpan perubahan berkas itu.", flush=True)
    return load_course(path, may_leave_folder=True)


def _compiled(loaded: LoadedCourse) -> CompiledCourse | None:
    print(f"{loaded.course.code}: mengolah {len(loaded.course.files)} berkas ...", flush=True)
    try:
        return compile_course(loaded)
    except CannotCompile as failure:
        _show(loaded, Path(loaded.course.root), failure.problems)
        return None


def _show(loaded: LoadedCourse, path: Path, problems: list[Problem]) -> None:
    prefix = f"{path}/"
    for text in as_texts(prefixed(problems, prefix), lines_of(loaded, prefix)):
        print(text + "\n", flush=True)


def _silent(line: str) -> None:
    """For a course without changes: the plan has said so."""


def _say(line: str) -> None:
    print(line, flush=True)


@dataclasses.dataclass(frozen=True)
class Order:
    """What the author asked for, for one course."""

    compiled: CompiledCourse
    data_dir: Path
    mode: RegradeMode | None = None
    """None = the default, and only where keys changed."""
    note: str = ""
    former: str = ""
    """The key it was published under until now; "" = unchanged."""


def show_plan(session: Session, order: Order, say: Say) -> PublicationPlan:
    """Print what publishing would change. Writes nothing."""
    compiled = order.compiled
    if order.former:
        compiled = dataclasses.replace(compiled, outline=dataclasses.replace(compiled.outline, key=order.former))
    plan = actions.plan(session, compiled)
    effects, learners = [], Reach(0, 0, 0)
    if plan.before is not None:
        changed = {change.question_id: change.question for change in plan.questions if change.question is not None}
        effects = regrade_effect(session, course_id=plan.before.course_id, questions=changed)
        learners = reach(session, plan.before.course_id, plan.before.number)
    if order.former:
        plan = dataclasses.replace(plan, changed=True)
        say(f"  ~ kode berubah: {order.former} → {order.compiled.outline.key}; alamat lama tetap berlaku.")
    for line in plan_lines(
        plan, {effect.question_id: effect for effect in effects}, learners, order.mode or RegradeMode.NEVER_LOWER
    ):
        say(line)
    session.rollback()
    return plan


def publish(session: Session, order: Order, *, now: datetime, say: Say) -> Publication:
    """Publish, then regrade and refresh summaries in short transactions. What a crash leaves undone, the same command finishes."""
    key = order.compiled.outline.key
    say(f"{key}: menyiapkan {len(order.compiled.pages)} halaman dan {len(order.compiled.media)} berkas media ...")
    prepared = actions.prepare(order.compiled, order.data_dir)
    with write_tx(session):
        if order.former:
            actions.rename(session, order.former, key, now=now, by=None)
        publication = actions.publish(
            session, order.compiled, data_dir=order.data_dir, now=now, published_by=None, note=order.note, prepared=prepared
        )
    say(result_line(key, publication))
    if order.mode is not None or not _is_followed_up(session, publication):
        follow_up(session, publication, mode=order.mode or RegradeMode.NEVER_LOWER, now=now, say=say)
    return publication


def follow_up(session: Session, publication: Publication, *, mode: RegradeMode, now: datetime, say: Say) -> None:
    """Judge old answers by the edition's keys, bring summaries up to date, settle who is finished now. Safe to repeat."""
    results: list[RegradeResult] = []
    after: int | None = 0
    while after is not None:
        with write_tx(session):
            results.append(
                regrade(session, edition_id=publication.edition_id, mode=mode, now=now, by=None, after=after, limit=BATCH)
            )
        after = results[-1].last_attempt_id
    if any(result.attempts for result in results):
        say(regrade_line(results, mode))
    course_id = library.edition(session, publication.edition_id).course_id
    last = 0
    while True:
        with write_tx(session):
            last = rebuild_summaries(session, course_id=course_id, after_id=last, limit=BATCH)
        if not last:
            break
    left: list[tuple[int, datetime]] = []
    while (waiting := unsettled(session, BATCH)) and waiting != left:
        left = waiting
        with write_tx(session):
            settle_pending(session, now=now, limit=BATCH)
    session.rollback()


def _is_followed_up(session: Session, publication: Publication) -> bool:
    """Whether old answers were looked at after this publication; not so when the command was killed in between."""
    if (publication.number, publication.revision) == (1, 1):
        return True
    wanted = select(AuditEntry.id).where(
        AuditEntry.action == "attempt.regrade", AuditEntry.subject == f"edition:{publication.edition_id}"
    )
    found = session.execute(wanted.limit(1)).first() is not None
    session.rollback()
    return found
